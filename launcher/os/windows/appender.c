#include "os/file.h"

#include <stdlib.h>
#include <windows.h>

#include "os/windows/bytes.h"
#include "os/windows/private.h"
#include "os/windows/widen.h"

struct hb_appender {
    HANDLE file;
};

/* The right to append, without the one to write elsewhere, makes each write go
 * to the end as it is then. */
#define TO_THE_END FILE_APPEND_DATA
/* Room is had by who may write everywhere. Where nobody else writes, the end is
 * where the last write ended. */
#define ALONE FILE_WRITE_DATA

static HANDLE open_to_append(const char *path, DWORD right, DWORD how,
                             DWORD share, struct hb_error *err)
{
    wchar_t *wide = NULL;

    if (!hb_widen_path(path, &wide, err)) {
        return INVALID_HANDLE_VALUE;
    }
    HANDLE file =
        CreateFileW(wide, right | SYNCHRONIZE | FILE_READ_ATTRIBUTES, share,
                    hb_private_attributes(), how, FILE_ATTRIBUTE_NORMAL, NULL);
    if (file == INVALID_HANDLE_VALUE) {
        (void)hb_fail(err, HB_ERR_WRITE, (long)GetLastError(),
                      "cannot open '%s' for writing", path);
    }
    free(wide);
    return file;
}

/* CREATE_ALWAYS truncates, for which the right to append is not enough. */
static bool create_empty(const char *path, struct hb_error *err)
{
    return hb_file_replace(path, "", 0, err);
}

bool hb_appender_open(const char *path, struct hb_appender **out_appender,
                      struct hb_error *err)
{
    struct hb_appender *appender = malloc(sizeof(*appender));

    if (appender == NULL) {
        return hb_fail_memory(err);
    }
    if (!create_empty(path, err)) {
        free(appender);
        return false;
    }
    appender->file = open_to_append(path, ALONE, OPEN_EXISTING,
                                    FILE_SHARE_READ | FILE_SHARE_DELETE, err);
    if (appender->file == INVALID_HANDLE_VALUE) {
        free(appender);
        return false;
    }
    *out_appender = appender;
    return true;
}

bool hb_appender_write(struct hb_appender *appender, const void *bytes,
                       size_t size, size_t *out_written, struct hb_error *err)
{
    size_t written = 0;
    bool ok = hb_write_counted(appender->file, bytes, size, &written) ||
              hb_fail(err, HB_ERR_WRITE, (long)GetLastError(),
                      "cannot append %zu bytes", size);

    if (out_written != NULL) {
        *out_written = written;
    }
    return ok;
}

/* The system gives back what is beyond the end when the handle is closed. */
void hb_appender_reserve(struct hb_appender *appender, size_t size)
{
    FILE_ALLOCATION_INFO wish = { 0 };
    LARGE_INTEGER old;

    if (GetFileSizeEx(appender->file, &old)) {
        wish.AllocationSize.QuadPart = old.QuadPart + (LONGLONG)size;
        (void)SetFileInformationByHandle(appender->file, FileAllocationInfo,
                                         &wish, sizeof(wish));
    }
}

void hb_appender_close(struct hb_appender *appender)
{
    if (appender != NULL) {
        (void)CloseHandle(appender->file);
        free(appender);
    }
}

bool hb_file_append(const char *path, const void *bytes, size_t size,
                    struct hb_error *err)
{
    HANDLE file = open_to_append(
        path, TO_THE_END, OPEN_ALWAYS,
        FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, err);

    if (file == INVALID_HANDLE_VALUE) {
        return false;
    }
    bool ok = hb_write_all(file, bytes, size) ||
              hb_fail(err, HB_ERR_WRITE, (long)GetLastError(),
                      "cannot append to '%s'", path);
    (void)CloseHandle(file);
    return ok;
}
