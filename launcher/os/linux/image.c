#include "os/linux/image.h"

#include <elf.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

#if defined(__x86_64__)
#define OWN_MACHINE EM_X86_64
#elif defined(__aarch64__)
#define OWN_MACHINE EM_AARCH64
#else
#define OWN_MACHINE EM_NONE
#endif

/* The kernel's BINPRM_BUF_SIZE, without the byte that ends a name. */
#define SCRIPT_NAME_MOST 255u

static const struct {
    uint16_t machine;
    const char *name;
} machines[] = {
    { EM_386, "x86, 32 bits" }, { EM_X86_64, "x86_64" },
    { EM_ARM, "arm, 32 bits" }, { EM_AARCH64, "aarch64" },
    { EM_RISCV, "riscv" },      { EM_PPC64, "ppc64" },
    { EM_S390, "s390" },        { EM_MIPS, "mips" },
};

void hb_image_read(const char *path, struct hb_image *out_image)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    ssize_t got = -1;

    memset(out_image, 0, sizeof(*out_image));
    if (fd >= 0) {
        got = read(fd, out_image->bytes, sizeof(out_image->bytes) - 1);
        (void)close(fd);
    }
    out_image->size = got > 0 ? (size_t)got : 0;
}

bool hb_image_begins_as_elf(const struct hb_image *image)
{
    return image->size >= SELFMAG && memcmp(image->bytes, ELFMAG, SELFMAG) == 0;
}

bool hb_image_is_elf(const struct hb_image *image)
{
    return image->size >= sizeof(Elf32_Ehdr) && hb_image_begins_as_elf(image);
}

/* `e_machine` stands at the same place in both classes, in the file's own
 * byte order. */
static uint16_t elf_machine(const struct hb_image *image)
{
    const unsigned char *at = (const unsigned char *)image->bytes + 18;
    bool big = image->bytes[EI_DATA] == ELFDATA2MSB;

    return (uint16_t)(big ? at[0] * 256 + at[1] : at[0] + at[1] * 256);
}

const char *hb_image_foreign_machine(const struct hb_image *image)
{
    uint16_t machine = elf_machine(image);

    if (machine == OWN_MACHINE) {
        return NULL;
    }
    for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++) {
        if (machines[i].machine == machine) {
            return machines[i].name;
        }
    }
    return "another kind";
}

bool hb_image_is_script(const struct hb_image *image)
{
    return memcmp(image->bytes, "#!", 2) == 0;
}

bool hb_image_is_text(const struct hb_image *image)
{
    return memchr(image->bytes, '\0', image->size) == NULL;
}

/* The name behind "#!" as the kernel reads it: up to a blank, a tab or the
 * line's end, which is a newline and nothing else. */
static const char *script_name(const struct hb_image *image, size_t *out_size)
{
    const char *name = image->bytes + 2 + strspn(image->bytes + 2, " \t");

    *out_size = strcspn(name, " \t\n");
    return name;
}

bool hb_image_has_windows_line(const struct hb_image *image)
{
    size_t size = 0;
    const char *name = script_name(image, &size);

    return hb_image_is_script(image) && size > 0 && name[size - 1] == '\r';
}

bool hb_image_is_cut(const struct hb_image *image)
{
    size_t size = 0;
    const char *name = script_name(image, &size);

    return (size_t)(name - image->bytes) + size > SCRIPT_NAME_MOST;
}

static void script_interpreter(const struct hb_image *image, char *target,
                               size_t size)
{
    size_t length = 0;
    const char *name = script_name(image, &length);

    length -= length > 0 && name[length - 1] == '\r';
    (void)hb_text_copy_bytes(target, size, name, length);
}

/* PT_INTERP of a 64-bit file; the tables lie in its first pages. */
static void elf_interpreter(const struct hb_image *image, char *target,
                            size_t size)
{
    Elf64_Ehdr file;

    if (image->size < sizeof(file) || image->bytes[EI_CLASS] != ELFCLASS64) {
        return;
    }
    memcpy(&file, image->bytes, sizeof(file));
    for (size_t i = 0; i < file.e_phnum; i++) {
        Elf64_Phdr part;
        uint64_t at = file.e_phoff + i * sizeof(part);

        if (at > image->size || image->size - at < sizeof(part)) {
            return;
        }
        memcpy(&part, image->bytes + at, sizeof(part));
        if (part.p_type == PT_INTERP && part.p_offset < image->size) {
            size_t left = image->size - (size_t)part.p_offset;

            (void)hb_text_copy_bytes(
                target, size, image->bytes + part.p_offset,
                part.p_filesz < left ? (size_t)part.p_filesz : left);
            return;
        }
    }
}

void hb_image_interpreter(const struct hb_image *image, char *target,
                          size_t size)
{
    target[0] = '\0';
    if (hb_image_is_script(image)) {
        script_interpreter(image, target, size);
    } else if (hb_image_is_elf(image)) {
        elf_interpreter(image, target, size);
    }
}
