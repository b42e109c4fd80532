#include <stdint.h>
#include <string.h>

#include "os/windows/spawn.h"

/* Missing in some SDKs. */
#ifndef ERROR_ELEVATION_REQUIRED
#define ERROR_ELEVATION_REQUIRED 740L
#endif
#ifndef ERROR_VIRUS_INFECTED
#define ERROR_VIRUS_INFECTED 225L
#endif

/* What a file says of itself. */
enum image_kind {
    IMAGE_UNREADABLE,
    IMAGE_FOLDER,
    IMAGE_EMPTY,
    IMAGE_NO_PROGRAM,
    IMAGE_DOS,
    IMAGE_LIBRARY,
    IMAGE_PROGRAM,
};

struct image {
    enum image_kind kind;
    uint16_t machine;
};

static const struct {
    uint16_t machine;
    const char *name;
} machines[] = {
    { 0x014c, "32-bit x86" }, { 0x8664, "x86-64" },       { 0xaa64, "ARM64" },
    { 0x01c4, "32-bit ARM" }, { 0x01c0, "ARM" },          { 0x0200, "Itanium" },
    { 0x5064, "RISC-V 64" },  { 0x6264, "LoongArch 64" },
};

static const char *machine_name(uint16_t machine)
{
    for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++) {
        if (machines[i].machine == machine) {
            return machines[i].name;
        }
    }
    return "an unknown machine";
}

static uint32_t little(const unsigned char *bytes, size_t size)
{
    uint32_t value = 0;

    for (size_t i = size; i > 0; i--) {
        value = value << 8 | bytes[i - 1];
    }
    return value;
}

/* The DOS header says at 0x3c where "PE\0\0" stands; behind it the machine,
 * and 18 bytes further on what kind of image it is. */
static struct image read_headers(const unsigned char *bytes, size_t size)
{
    struct image image = { .kind = IMAGE_NO_PROGRAM };

    if (size == 0) {
        image.kind = IMAGE_EMPTY;
        return image;
    }
    if (size < 0x40 || memcmp(bytes, "MZ", 2) != 0) {
        return image;
    }
    size_t at = little(bytes + 0x3c, 4);
    if (at > size || size - at < 24 || memcmp(bytes + at, "PE\0\0", 4) != 0) {
        image.kind = IMAGE_DOS;
        return image;
    }
    bool library = (little(bytes + at + 22, 2) & IMAGE_FILE_DLL) != 0;
    image.kind = library ? IMAGE_LIBRARY : IMAGE_PROGRAM;
    image.machine = (uint16_t)little(bytes + at + 4, 2);
    return image;
}

static struct image read_image(const wchar_t *file)
{
    unsigned char bytes[4096];
    struct image image = { .kind = IMAGE_UNREADABLE };
    DWORD attributes = GetFileAttributesW(file);
    DWORD size = 0;

    if (attributes != INVALID_FILE_ATTRIBUTES &&
        (attributes & FILE_ATTRIBUTE_DIRECTORY) != 0) {
        image.kind = IMAGE_FOLDER;
        return image;
    }
    HANDLE handle =
        CreateFileW(file, GENERIC_READ,
                    FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                    NULL, OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, NULL);
    if (handle == INVALID_HANDLE_VALUE) {
        return image;
    }
    if (ReadFile(handle, bytes, sizeof(bytes), &size, NULL)) {
        image = read_headers(bytes, size);
    }
    (void)CloseHandle(handle);
    return image;
}

static bool not_executable(const struct hb_spawn *spawn, const char *why,
                           struct hb_error *err)
{
    return hb_fail(err, HB_ERR_NOT_EXECUTABLE, (long)spawn->error,
                   "cannot execute '%s': %s", spawn->name, why);
}

/* What is wrong with the file, if it is the file. */
static const char *image_trouble(enum image_kind kind)
{
    switch (kind) {
    case IMAGE_FOLDER:
        return "it is a folder";
    case IMAGE_EMPTY:
        return "the file is empty";
    case IMAGE_NO_PROGRAM:
        return "it is not a Windows program";
    case IMAGE_DOS:
        return "it is a program for DOS or 16-bit Windows, or cut short";
    case IMAGE_LIBRARY:
        return "it is a library, not a program";
    case IMAGE_PROGRAM:
    case IMAGE_UNREADABLE:
        break;
    }
    return NULL;
}

static bool diagnose_format(const struct hb_spawn *spawn, struct hb_error *err)
{
    struct image image = read_image(spawn->file);
    const char *trouble = image_trouble(image.kind);

    if (hb_program_is_batch(spawn->file)) {
        return not_executable(
            spawn, "it is a batch file; run it by 'cmd.exe /d /c'", err);
    }
    if (trouble != NULL) {
        return not_executable(spawn, trouble, err);
    }
    if (image.kind == IMAGE_PROGRAM) {
        return hb_fail(err, HB_ERR_NOT_EXECUTABLE, (long)spawn->error,
                       "cannot execute '%s': it is built for %s (0x%04x), "
                       "which this system does not run",
                       spawn->name, machine_name(image.machine), image.machine);
    }
    return not_executable(spawn, "its format is not accepted", err);
}

static bool diagnose_access(const struct hb_spawn *spawn, struct hb_error *err)
{
    if (spawn->file == NULL) {
        return not_executable(spawn, "no permission for a folder above it",
                              err);
    }
    const char *trouble = image_trouble(read_image(spawn->file).kind);

    return not_executable(
        spawn, trouble != NULL ? trouble : "the system denies the right", err);
}

/* Some errors say that another file is missing: what would run this one. */
static bool is_not_found(const struct hb_spawn *spawn)
{
    switch (spawn->error) {
    case ERROR_FILE_NOT_FOUND:
    case ERROR_PATH_NOT_FOUND:
    case ERROR_INVALID_NAME:
    case ERROR_BAD_PATHNAME:
        return spawn->file == NULL ||
               GetFileAttributesW(spawn->file) == INVALID_FILE_ATTRIBUTES;
    default:
        return false;
    }
}

static bool is_folder(const struct hb_spawn *spawn)
{
    return spawn->file != NULL && read_image(spawn->file).kind == IMAGE_FOLDER;
}

bool hb_spawn_diagnose(const struct hb_spawn *spawn, struct hb_error *err)
{
    if (is_not_found(spawn)) {
        return hb_fail(err, HB_ERR_NOT_FOUND, (long)spawn->error,
                       "cannot find the program '%s'", spawn->name);
    }
    if (is_folder(spawn)) { /* which error that gives differs */
        return not_executable(spawn, image_trouble(IMAGE_FOLDER), err);
    }
    switch (spawn->error) {
    case ERROR_FILENAME_EXCED_RANGE:
        return hb_fail(err, HB_ERR_NOT_FOUND, (long)spawn->error,
                       "cannot find the program '%.150s': the path is too long",
                       spawn->name);
    case ERROR_CANT_RESOLVE_FILENAME:
        return not_executable(spawn, "links lead in a circle", err);
    case ERROR_FILE_NOT_FOUND:
    case ERROR_PATH_NOT_FOUND:
    case ERROR_BAD_EXE_FORMAT:
    case ERROR_EXE_MACHINE_TYPE_MISMATCH:
    case ERROR_INVALID_EXE_SIGNATURE:
    case ERROR_EXE_MARKED_INVALID:
        return diagnose_format(spawn, err);
    case ERROR_ACCESS_DENIED:
        return diagnose_access(spawn, err);
    case ERROR_ELEVATION_REQUIRED:
        return not_executable(spawn, "it wants to run as administrator", err);
    case ERROR_SHARING_VIOLATION:
    case ERROR_LOCK_VIOLATION:
        return not_executable(spawn, "another process has it open for writing",
                              err);
    case ERROR_VIRUS_INFECTED:
        return not_executable(spawn, "the virus scanner blocks it", err);
    case ERROR_ACCESS_DISABLED_BY_POLICY:
        return not_executable(spawn, "a policy of this system blocks it", err);
    default:
        return hb_fail(err, HB_ERR_START, (long)spawn->error, "cannot %s '%s'",
                       spawn->attempt, spawn->name);
    }
}
