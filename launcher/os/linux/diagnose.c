/*
 * Why a program could not be started. The kernel has one word for many
 * things: "no such file" also means that the interpreter is missing, and
 * "exec format error" that the program is for another machine.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "os/linux/spawn.h"

#if defined(__x86_64__)
#define OWN_MACHINE EM_X86_64
#elif defined(__aarch64__)
#define OWN_MACHINE EM_AARCH64
#else
#define OWN_MACHINE EM_NONE
#endif

static const struct {
    uint16_t machine;
    const char *name;
} machines[] = {
    { EM_386, "x86, 32 bits" }, { EM_X86_64, "x86_64" },
    { EM_ARM, "arm, 32 bits" }, { EM_AARCH64, "aarch64" },
    { EM_RISCV, "riscv" },      { EM_PPC64, "ppc64" },
    { EM_S390, "s390" },        { EM_MIPS, "mips" },
};

/* The start of a file, as far as the kernel looks at it and a bit more. */
struct head {
    size_t size;
    char bytes[4096];
};

static void read_head(const char *path, struct head *head)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    ssize_t got = -1;

    memset(head, 0, sizeof(*head));
    if (fd >= 0) {
        got = read(fd, head->bytes, sizeof(head->bytes) - 1);
        (void)close(fd);
    }
    head->size = got > 0 ? (size_t)got : 0;
}

static bool is_elf(const struct head *head)
{
    return head->size >= sizeof(Elf32_Ehdr) &&
           memcmp(head->bytes, ELFMAG, SELFMAG) == 0;
}

/* `e_machine` stands at the same place in both classes, in the file's own
 * byte order. */
static uint16_t elf_machine(const struct head *head)
{
    const unsigned char *at = (const unsigned char *)head->bytes + 18;
    bool big = head->bytes[EI_DATA] == ELFDATA2MSB;

    return (uint16_t)(big ? at[0] * 256 + at[1] : at[0] + at[1] * 256);
}

static const char *machine_name(uint16_t machine)
{
    for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++) {
        if (machines[i].machine == machine) {
            return machines[i].name;
        }
    }
    return "another kind";
}

static void find_script_interpreter(const struct head *head, char *target,
                                    size_t size)
{
    const char *from = head->bytes + 2 + strspn(head->bytes + 2, " \t");

    (void)hb_text_copy_bytes(target, size, from, strcspn(from, " \t\r\n"));
}

/* PT_INTERP of a 64-bit file; the tables lie in its first pages. */
static void find_elf_interpreter(const struct head *head, char *target,
                                 size_t size)
{
    Elf64_Ehdr file;

    if (head->size < sizeof(file) || head->bytes[EI_CLASS] != ELFCLASS64) {
        return;
    }
    memcpy(&file, head->bytes, sizeof(file));
    for (size_t i = 0; i < file.e_phnum; i++) {
        Elf64_Phdr part;
        uint64_t at = file.e_phoff + i * sizeof(part);

        if (at > head->size || head->size - at < sizeof(part)) {
            return;
        }
        memcpy(&part, head->bytes + at, sizeof(part));
        if (part.p_type == PT_INTERP && part.p_offset < head->size) {
            size_t left = head->size - (size_t)part.p_offset;

            (void)hb_text_copy_bytes(
                target, size, head->bytes + part.p_offset,
                part.p_filesz < left ? (size_t)part.p_filesz : left);
            return;
        }
    }
}

static bool fail_without_interpreter(const char *path, struct hb_error *err)
{
    struct head head;
    char interpreter[256] = "";
    bool script = false;

    read_head(path, &head);
    script = memcmp(head.bytes, "#!", 2) == 0;
    if (script) {
        find_script_interpreter(&head, interpreter, sizeof(interpreter));
    } else if (is_elf(&head)) {
        find_elf_interpreter(&head, interpreter, sizeof(interpreter));
    }
    if (interpreter[0] == '\0') {
        return hb_fail(err, HB_ERR_NOT_EXECUTABLE, ENOENT,
                       "cannot execute '%.150s': its interpreter is missing",
                       path);
    }
    return hb_fail(err, HB_ERR_NOT_EXECUTABLE, ENOENT,
                   "cannot execute '%.150s': its %s '%.120s' is missing", path,
                   script ? "interpreter" : "loader", interpreter);
}

static bool fail_of_format(const char *path, struct hb_error *err)
{
    struct head head;
    char why[96] = "it is not a program that this system knows";

    read_head(path, &head);
    if (is_elf(&head) && elf_machine(&head) != OWN_MACHINE) {
        (void)snprintf(why, sizeof(why),
                       "wrong architecture: it is built for %s",
                       machine_name(elf_machine(&head)));
    } else if (is_elf(&head)) {
        (void)snprintf(why, sizeof(why), "it is damaged, or not a program");
    } else if (memcmp(head.bytes, "MZ", 2) == 0) {
        (void)snprintf(why, sizeof(why),
                       "wrong architecture: it is a Windows program");
    } else if (head.size == 0) {
        (void)snprintf(why, sizeof(why), "it is empty");
    } else if (memchr(head.bytes, '\0', head.size) == NULL) {
        (void)snprintf(why, sizeof(why),
                       "a script without an interpreter line (#!)");
    }
    return hb_fail(err, HB_ERR_NOT_EXECUTABLE, ENOEXEC,
                   "cannot execute '%.200s': %s", path, why);
}

static bool fail_of_access(const char *path, struct hb_error *err)
{
    struct stat about;
    const char *why = "permission denied";

    if (stat(path, &about) < 0) {
        why = "permission denied for a folder above it";
    } else if (S_ISDIR(about.st_mode)) {
        why = "it is a folder";
    } else if (!S_ISREG(about.st_mode)) {
        why = "it is not a file";
    } else if ((about.st_mode & 0111) == 0 || access(path, X_OK) < 0) {
        why = "no permission to execute it";
    } else {
        why = "no permission; is its interpreter executable, its file system "
              "mounted with noexec?";
    }
    return hb_fail(err, HB_ERR_NOT_EXECUTABLE, EACCES,
                   "cannot execute '%.200s': %s", path, why);
}

/* The first file of that name in PATH that could be meant, for "no such file"
 * of a file that exists. */
static bool find_existing(const struct hb_spawn *spawn, char *target,
                          size_t size)
{
    const char *name = spawn->command[0];
    const char *from = spawn->search != NULL ? spawn->search : HB_SPAWN_SEARCH;

    if (strchr(name, '/') != NULL) {
        return hb_text_copy(target, size, name) && access(target, F_OK) == 0;
    }
    while (name[0] != '\0') {
        size_t length = strcspn(from, ":");

        if (hb_text_format(target, size, "%.*s%s%s", (int)length, from,
                           length > 0 ? "/" : "", name) &&
            access(target, X_OK) == 0) {
            return true;
        }
        if (from[length] == '\0') {
            break;
        }
        from += length + 1;
    }
    return false;
}

static bool fail_of_absence(const struct hb_spawn *spawn, struct hb_error *err)
{
    const char *name = spawn->command[0];
    char path[PATH_MAX];

    if (find_existing(spawn, path, sizeof(path))) {
        return fail_without_interpreter(path, err);
    }
    if (name[0] != '\0' && strchr(name, '/') == NULL) {
        return hb_fail(err, HB_ERR_NOT_FOUND, ENOENT,
                       "cannot find '%.200s' in PATH", name);
    }
    return hb_fail(err, HB_ERR_NOT_FOUND, spawn->error, "cannot find '%.300s'",
                   name);
}

bool hb_spawn_diagnose(const struct hb_spawn *spawn, struct hb_error *err)
{
    switch (spawn->error) {
    case ENOENT:
    case ENOTDIR:
        return fail_of_absence(spawn, err);
    case ENOEXEC:
        return fail_of_format(spawn->attempted, err);
    case EACCES:
        return fail_of_access(spawn->attempted, err);
    case ELIBBAD:
    case EINVAL:
        return hb_fail(err, HB_ERR_NOT_EXECUTABLE, spawn->error,
                       "cannot execute '%.200s': its loader is damaged",
                       spawn->attempted);
    default:
        return hb_fail(err, HB_ERR_START, spawn->error, "cannot start '%.300s'",
                       spawn->command[0]);
    }
}
