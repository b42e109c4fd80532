#include "postmortem/linux/symbol_files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <elfutils/libdwelf.h>

#include "base/text.h"
#include "postmortem/linux/unwind_parts.h"

#define DEBUG_FOLDER "/usr/lib/debug"

/* Header, program headers and as a rule the build id; no linker patches
 * them. */
#define HEAD_SIZE 1024u

/* Says nothing about what is in the file. A fifo is not waited for. */
static int open_regular(const char *path)
{
    struct stat facts;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

    if (fd >= 0 && (fstat(fd, &facts) != 0 || !S_ISREG(facts.st_mode))) {
        (void)close(fd);
        fd = -1;
    }
    return fd;
}

/* True if the file's head is what the process has there. Device and inode
 * would not do: overlay file systems show others in the maps. What cannot be
 * compared is taken. */
static bool is_mapped(int fd, const struct hb_unwinder *unwinder, uint64_t base)
{
    unsigned char file[HEAD_SIZE];
    unsigned char memory[HEAD_SIZE];
    ssize_t size = pread(fd, file, sizeof(file), 0);

    if (size < (ssize_t)sizeof(Elf64_Ehdr) ||
        memcmp(file, ELFMAG, SELFMAG) != 0) {
        return false;
    }
    size_t got = hb_memory_read(unwinder->tid, base, memory, (size_t)size);
    return got < (size_t)size || memcmp(file, memory, got) == 0;
}

/* The ways to a file: by its name here, by its name where the process sees
 * it, and by what the kernel keeps of it when its name is gone. */
enum way { BY_NAME, BY_ROOT, BY_MAPPING, BY_PROGRAM, WAY_COUNT };

static bool write_path(enum way way, const struct hb_unwinder *unwinder,
                       const char *name, uint64_t base, char path[PATH_MAX])
{
    const struct hb_mapping *mapping = hb_maps_find(&unwinder->maps, base);
    int pid = (int)unwinder->tid;

    switch (way) {
    case BY_NAME:
        return hb_text_copy(path, PATH_MAX, name);
    case BY_ROOT:
        return hb_text_format(path, PATH_MAX, "/proc/%d/root%s", pid, name);
    case BY_MAPPING:
        return mapping != NULL &&
               hb_text_format(path, PATH_MAX, "/proc/%d/map_files/%llx-%llx",
                              pid, (unsigned long long)mapping->start,
                              (unsigned long long)mapping->end);
    case BY_PROGRAM:
        return hb_text_format(path, PATH_MAX, "/proc/%d/exe", pid);
    case WAY_COUNT:
        break;
    }
    return false;
}

static int open_mapped(const struct hb_unwinder *unwinder, const char *name,
                       uint64_t base)
{
    char path[PATH_MAX];

    for (enum way way = BY_NAME; way < WAY_COUNT; way++) {
        int fd = write_path(way, unwinder, name, base, path)
                     ? open_regular(path)
                     : -1;

        if (fd >= 0 && is_mapped(fd, unwinder, base)) {
            return fd;
        }
        if (fd >= 0) {
            (void)close(fd);
        }
    }
    return -1;
}

int hb_find_elf(Dwfl_Module *module, void **user_data, const char *name,
                Dwarf_Addr base, char **out_path, Elf **out_elf)
{
    const struct hb_module_note *note = *user_data;
    bool is_of_core = note == NULL || note->unwinder->file >= 0;
    int fd;

    if (name[0] != '/') { /* the vDSO, which is read from memory */
        return is_of_core ? -1
                          : dwfl_linux_proc_find_elf(module, user_data, name,
                                                     base, out_path, out_elf);
    }
    /* Of a core, libdw compares the build ids. */
    fd = is_of_core ? open_regular(name)
                    : open_mapped(note->unwinder, name, base);
    if (fd >= 0) {
        *out_path = strdup(name);
    }
    return fd;
}

void hb_build_id(Dwfl_Module *module, char *target, size_t size)
{
    const unsigned char *bits = NULL;
    GElf_Addr address = 0;
    int count = dwfl_module_build_id(module, &bits, &address);

    target[0] = '\0';
    for (int i = 0; i < count && (size_t)i * 2 + 2 < size; i++) {
        (void)snprintf(target + (size_t)i * 2, 3, "%02x", bits[i]);
    }
}

/* The checksum of .gnu_debuglink: the CRC of zip, over the whole file. */
static bool has_checksum(int fd, GElf_Word wanted)
{
    static const uint32_t steps[16] = {
        0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
        0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
        0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
    };
    unsigned char part[16384];
    uint32_t sum = UINT32_MAX;
    ssize_t got = 0;

    for (off_t at = 0; (got = pread(fd, part, sizeof(part), at)) > 0;
         at += got) {
        for (ssize_t i = 0; i < got; i++) {
            sum ^= part[i];
            sum = (sum >> 4) ^ steps[sum & 15u];
            sum = (sum >> 4) ^ steps[sum & 15u];
        }
    }
    return got == 0 && ~sum == wanted;
}

static bool has_build_id(int fd, const unsigned char *wanted, size_t size)
{
    Elf *elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
    const void *bits = NULL;
    ssize_t count = elf != NULL ? dwelf_elf_gnu_build_id(elf, &bits) : -1;
    bool fits =
        count > 0 && (size_t)count == size && memcmp(bits, wanted, size) == 0;

    (void)elf_end(elf);
    return fits;
}

struct wanted {
    const unsigned char *id;
    size_t id_size; /* 0: there is none, the checksum counts */
    GElf_Word checksum;
};

static int open_wanted(const char *path, const struct wanted *wanted)
{
    int fd = open_regular(path);

    if (fd < 0) {
        return -1;
    }
    if (wanted->id_size > 0 ? has_build_id(fd, wanted->id, wanted->id_size)
                            : has_checksum(fd, wanted->checksum)) {
        return fd;
    }
    (void)close(fd);
    return -1;
}

static int open_by_id(Dwfl_Module *module, const struct wanted *wanted,
                      char path[PATH_MAX])
{
    char id[80];

    hb_build_id(module, id, sizeof(id));
    if (wanted->id_size < 2 ||
        !hb_text_format(path, PATH_MAX, DEBUG_FOLDER "/.build-id/%.2s/%s.debug",
                        id, id + 2)) {
        return -1;
    }
    return open_wanted(path, wanted);
}

static int open_by_link(const char *file, const char *link,
                        const struct wanted *wanted, char path[PATH_MAX])
{
    static const struct {
        const char *before;
        const char *after;
    } places[] = { { "", "" }, { "", "/.debug" }, { DEBUG_FOLDER, "" } };
    const char *slash = strrchr(file, '/');
    int size = slash == NULL ? 0 : (int)(slash - file);

    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        int fd = -1;

        if (hb_text_format(path, PATH_MAX, "%s%.*s%s/%s", places[i].before,
                           size, file, places[i].after, link)) {
            fd = open_wanted(path, wanted);
        }
        if (fd >= 0) {
            return fd;
        }
    }
    return -1;
}

/* The list of parameters is libdw's. */
/* NOLINTNEXTLINE(readability-function-size) */
int hb_find_debug(Dwfl_Module *module, void **user_data, const char *name,
                  Dwarf_Addr base, const char *path, const char *link,
                  GElf_Word checksum, char **out_path)
{
    char found[PATH_MAX];
    struct wanted wanted = { .checksum = checksum };
    GElf_Addr address = 0;
    int count = dwfl_module_build_id(module, &wanted.id, &address);
    int fd = -1;

    (void)user_data;
    (void)name;
    (void)base;
    wanted.id_size = count > 0 ? (size_t)count : 0;
    if (link != NULL && link[0] == '/') { /* what several debug files share */
        fd =
            hb_text_copy(found, sizeof(found), link) ? open_regular(found) : -1;
    } else {
        fd = open_by_id(module, &wanted, found);
        if (fd < 0 && link != NULL && path != NULL) {
            fd = open_by_link(path, link, &wanted, found);
        }
    }
    if (fd >= 0) {
        *out_path = strdup(found);
    }
    return fd;
}
