#include "os/reader.h"

#include <stdlib.h>
#include <windows.h>

#include "os/windows/widen.h"

struct hb_reader {
    HANDLE file;
    uint64_t size;
};

/* Shared with everybody: a dump may still be looked at by its writer. */
static HANDLE open_plain(const char *path, uint64_t *out_size,
                         struct hb_error *err)
{
    wchar_t *wide = NULL;
    LARGE_INTEGER size = { 0 };

    if (!hb_widen_path(path, &wide, err)) {
        return INVALID_HANDLE_VALUE;
    }
    HANDLE file = CreateFileW(
        wide, GENERIC_READ,
        FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
        OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL | FILE_FLAG_RANDOM_ACCESS, NULL);
    DWORD why = GetLastError();

    free(wide);
    if (file != INVALID_HANDLE_VALUE &&
        (GetFileType(file) != FILE_TYPE_DISK || !GetFileSizeEx(file, &size))) {
        (void)CloseHandle(file);
        hb_fail(err, HB_ERR_READ, 0, "'%s' is no plain file", path);
        return INVALID_HANDLE_VALUE;
    }
    if (file == INVALID_HANDLE_VALUE) {
        hb_fail(err, HB_ERR_READ, (long)why, "cannot open '%s'", path);
    }
    *out_size = (uint64_t)size.QuadPart;
    return file;
}

bool hb_reader_open(const char *path, struct hb_reader **out_reader,
                    struct hb_error *err)
{
    struct hb_reader *reader = malloc(sizeof(*reader));

    if (reader == NULL) {
        return hb_fail_memory(err);
    }
    reader->file = open_plain(path, &reader->size, err);
    if (reader->file == INVALID_HANDLE_VALUE) {
        free(reader);
        return false;
    }
    *out_reader = reader;
    return true;
}

uint64_t hb_reader_size(const struct hb_reader *reader)
{
    return reader->size;
}

bool hb_reader_read(struct hb_reader *reader, uint64_t at, void *bytes,
                    size_t size)
{
    char *to = bytes;

    while (size > 0) {
        OVERLAPPED place = { .Offset = (DWORD)at,
                             .OffsetHigh = (DWORD)(at >> 32) };
        DWORD part = size < 0x4000000u ? (DWORD)size : 0x4000000u;
        DWORD got = 0;

        if (!ReadFile(reader->file, to, part, &got, &place) || got == 0) {
            return false;
        }
        to += got;
        at += got;
        size -= got;
    }
    return true;
}

void hb_reader_close(struct hb_reader *reader)
{
    if (reader != NULL) {
        (void)CloseHandle(reader->file);
        free(reader);
    }
}
