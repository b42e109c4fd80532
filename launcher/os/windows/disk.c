#include "os/disk.h"

#include <stdlib.h>
#include <windows.h>

#include "os/windows/private.h"
#include "os/windows/widen.h"

/* The largest part that one call is given. */
#define PART_SIZE (64u * 1024u * 1024u)

bool hb_disk_create(const char *path, struct hb_disk *out_disk,
                    struct hb_error *err)
{
    wchar_t *wide = NULL;

    if (!hb_widen_path(path, &wide, err)) {
        return false;
    }
    /* Others may read and even delete it while it is written. */
    HANDLE file = CreateFileW(
        wide, GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_DELETE,
        hb_private_attributes(), CREATE_ALWAYS, FILE_ATTRIBUTE_NORMAL, NULL);
    DWORD why = GetLastError();

    free(wide);
    if (file == INVALID_HANDLE_VALUE) {
        return hb_fail(err, HB_ERR_WRITE, (long)why, "cannot create '%s'",
                       path);
    }
    out_disk->file = (intptr_t)file;
    return true;
}

bool hb_disk_open(const char *path, struct hb_disk *out_disk,
                  struct hb_error *err)
{
    wchar_t *wide = NULL;

    if (!hb_widen_path(path, &wide, err)) {
        return false;
    }
    HANDLE file =
        CreateFileW(wide, GENERIC_READ,
                    FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                    NULL, OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, NULL);
    DWORD why = GetLastError();

    free(wide);
    if (file == INVALID_HANDLE_VALUE) {
        return hb_fail(err, HB_ERR_READ, (long)why, "cannot open '%s'", path);
    }
    if (GetFileType(file) != FILE_TYPE_DISK) {
        (void)CloseHandle(file);
        return hb_fail(err, HB_ERR_READ, 0,
                       "cannot read '%s': it is a device or a pipe", path);
    }
    out_disk->file = (intptr_t)file;
    return true;
}

static OVERLAPPED place(uint64_t offset)
{
    return (OVERLAPPED){ .Offset = (DWORD)(offset & 0xFFFFFFFFu),
                         .OffsetHigh = (DWORD)(offset >> 32) };
}

static DWORD part_of(size_t size)
{
    return size < PART_SIZE ? (DWORD)size : PART_SIZE;
}

bool hb_disk_next(struct hb_disk disk, const char *path, void *bytes,
                  size_t *size, struct hb_error *err)
{
    DWORD got = 0;

    if (!ReadFile((HANDLE)disk.file, bytes, part_of(*size), &got, NULL)) {
        return hb_fail(err, HB_ERR_READ, (long)GetLastError(),
                       "cannot read '%s'", path);
    }
    *size = got;
    return true;
}

bool hb_disk_write(struct hb_disk disk, uint64_t offset, const void *bytes,
                   size_t size, struct hb_error *err)
{
    const char *from = bytes;

    while (size > 0) {
        OVERLAPPED at = place(offset);
        DWORD done = 0;

        if (!WriteFile((HANDLE)disk.file, from, part_of(size), &done, &at)) {
            return hb_fail(err, HB_ERR_WRITE, (long)GetLastError(),
                           "cannot write the log");
        }
        from += done;
        size -= done;
        offset += done;
    }
    return true;
}

bool hb_disk_read(struct hb_disk disk, uint64_t offset, void *bytes,
                  size_t size, struct hb_error *err)
{
    char *to = bytes;

    while (size > 0) {
        OVERLAPPED at = place(offset);
        DWORD done = 0;
        BOOL ok = ReadFile((HANDLE)disk.file, to, part_of(size), &done, &at);

        if (!ok || done == 0) {
            return hb_fail(err, HB_ERR_READ, ok ? 0 : (long)GetLastError(),
                           "cannot read the log back");
        }
        to += done;
        size -= done;
        offset += done;
    }
    return true;
}

void hb_disk_close(struct hb_disk *disk)
{
    if (disk->file != -1) {
        (void)CloseHandle((HANDLE)disk->file);
    }
    *disk = HB_DISK_NONE;
}
