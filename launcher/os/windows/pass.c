#include "os/windows/pass.h"

#include "os/windows/bytes.h"

/* How long a cancelled write may take to notice. */
#define CANCEL_MS 1000

void hb_pass_init(struct hb_pass *pass, DWORD stream, HANDLE port,
                  ULONG_PTR key)
{
    HANDLE file = GetStdHandle(stream);

    if (file == INVALID_HANDLE_VALUE) {
        file = NULL;
    }
    *pass = (struct hb_pass){ .file = file, .port = port, .key = key };
    pass->direct = file == NULL || GetFileType(file) == FILE_TYPE_DISK;
}

/* Whoever started us may have made the pipe for overlapped writing, and such
 * a handle wants an OVERLAPPED; others ignore it. */
static bool write_piece(struct hb_pass *pass, const char *bytes, DWORD size,
                        DWORD *out_written)
{
    OVERLAPPED place = { .hEvent = pass->moved };

    if (WriteFile(pass->file, bytes, size, out_written, &place)) {
        return true;
    }
    return GetLastError() == ERROR_IO_PENDING &&
           GetOverlappedResult(pass->file, &place, out_written, TRUE);
}

static bool write_patiently(struct hb_pass *pass)
{
    const char *bytes = pass->bytes;
    size_t size = pass->size;

    if (GetFileType(pass->file) != FILE_TYPE_PIPE) {
        return hb_write_all(pass->file, bytes, size);
    }
    while (size > 0) {
        DWORD written = 0;

        if (!write_piece(pass, bytes, (DWORD)size, &written)) {
            return false;
        }
        bytes += written;
        size -= written;
    }
    return true;
}

static DWORD WINAPI write_loop(void *context)
{
    struct hb_pass *pass = context;

    for (;;) {
        (void)WaitForSingleObject(pass->wanted, INFINITE);
        if (pass->stop) {
            return 0;
        }
        pass->why = write_patiently(pass) ? ERROR_SUCCESS : GetLastError();
        (void)SetEvent(pass->idle);
        (void)PostQueuedCompletionStatus(pass->port, 0, pass->key, NULL);
    }
}

static bool start_thread(struct hb_pass *pass)
{
    if (pass->thread != NULL) {
        return true;
    }
    pass->wanted = CreateEventW(NULL, FALSE, FALSE, NULL);
    pass->idle = CreateEventW(NULL, TRUE, TRUE, NULL);
    pass->moved = CreateEventW(NULL, TRUE, FALSE, NULL);
    if (pass->wanted == NULL || pass->idle == NULL || pass->moved == NULL) {
        return false;
    }
    pass->thread = CreateThread(NULL, 64 * 1024, write_loop, pass,
                                STACK_SIZE_PARAM_IS_A_RESERVATION, NULL);
    return pass->thread != NULL;
}

/* Only a pipe knows of a reader that left. */
static void take_failure(struct hb_pass *pass, DWORD why)
{
    if (why == ERROR_BROKEN_PIPE || why == ERROR_NO_DATA ||
        why == ERROR_PIPE_NOT_CONNECTED) {
        pass->gone = true;
    } else {
        pass->error = why;
    }
}

bool hb_pass_write(struct hb_pass *pass, const char *bytes, size_t size)
{
    if (pass->gone || pass->error != ERROR_SUCCESS || pass->file == NULL ||
        size == 0) {
        return true;
    }
    if (pass->direct || !start_thread(pass)) {
        if (!hb_write_all(pass->file, bytes, size)) {
            take_failure(pass, GetLastError());
        }
        return true;
    }
    pass->bytes = bytes;
    pass->size = size;
    (void)ResetEvent(pass->idle);
    (void)SetEvent(pass->wanted);
    return false;
}

void hb_pass_done(struct hb_pass *pass)
{
    take_failure(pass, pass->why);
}

void hb_pass_finish(struct hb_pass *pass, const char *bytes, size_t size,
                    DWORD patience_ms)
{
    if (pass->thread != NULL) {
        if (WaitForSingleObject(pass->idle, patience_ms) != WAIT_OBJECT_0) {
            return;
        }
        hb_pass_done(pass);
    }
    if (!hb_pass_write(pass, bytes, size)) {
        (void)WaitForSingleObject(pass->idle, patience_ms);
    }
}

static bool stop_thread(struct hb_pass *pass)
{
    if (pass->thread == NULL) {
        return true;
    }
    pass->stop = true;
    (void)SetEvent(pass->wanted);
    if (WaitForSingleObject(pass->idle, 0) != WAIT_OBJECT_0) {
        (void)CancelSynchronousIo(pass->thread);
        (void)CancelIoEx(pass->file, NULL);
    }
    return WaitForSingleObject(pass->thread, CANCEL_MS) == WAIT_OBJECT_0;
}

static void close_handle(HANDLE *handle)
{
    if (*handle != NULL) {
        (void)CloseHandle(*handle);
        *handle = NULL;
    }
}

bool hb_pass_close(struct hb_pass *pass)
{
    if (!stop_thread(pass)) {
        return false;
    }
    close_handle(&pass->thread);
    close_handle(&pass->wanted);
    close_handle(&pass->idle);
    close_handle(&pass->moved);
    pass->file = NULL;
    return true;
}
