#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "fakes/fake_state.h"
#include "os/file.h"

struct hb_appender {
    size_t file;
};

struct hb_log {
    size_t file;
};

static size_t file_at(const char *path)
{
    for (size_t i = 0; i < fake.file_count; i++) {
        if (strcmp(fake.files[i].path, path) == 0) {
            return i;
        }
    }
    if (fake.file_count == FILES_MAX) {
        abort();
    }
    (void)hb_text_copy(fake.files[fake.file_count].path,
                       sizeof(fake.files[0].path), path);
    return fake.file_count++;
}

static const struct fake_file *find(const char *ending)
{
    for (size_t i = 0; i < fake.file_count; i++) {
        size_t length = strlen(fake.files[i].path);

        if (length >= strlen(ending) &&
            strcmp(fake.files[i].path + length - strlen(ending), ending) == 0) {
            return &fake.files[i];
        }
    }
    return NULL;
}

const char *fake_os_file(const char *ending)
{
    const struct fake_file *file = find(ending);

    return file == NULL ? NULL : file->bytes.bytes;
}

bool fake_os_was_removed(const char *ending)
{
    const struct fake_file *file = find(ending);

    return file != NULL && file->removed;
}

bool hb_file_replace(const char *path, const void *bytes, size_t size,
                     struct hb_error *err)
{
    struct hb_buffer *file;

    if (fake_fails(err, HB_ERR_WRITE)) {
        return false;
    }
    file = &fake.files[file_at(path)].bytes;
    hb_buffer_free(file);
    hb_buffer_add(file, bytes, size);
    return true;
}

bool hb_file_overwrite(const char *path, const void *bytes, size_t size,
                       struct hb_error *err)
{
    return hb_file_replace(path, bytes, size, err);
}

bool hb_file_check(const char *path, struct hb_error *err)
{
    (void)path;
    return !fake_fails(err, HB_ERR_WRITE);
}

bool hb_file_same(const char *one, const char *other)
{
    return strcmp(one, other) == 0;
}

bool hb_folder_make(const char *path, struct hb_error *err)
{
    (void)path;
    return !fake_fails(err, HB_ERR_WRITE);
}

bool hb_file_read(const char *path, size_t cap, char **out_bytes,
                  size_t *out_size, struct hb_error *err)
{
    (void)cap;
    (void)out_bytes;
    (void)out_size;
    return hb_fail(err, HB_ERR_READ, 2, "cannot read '%s'", path);
}

bool hb_file_exists(const char *path)
{
    return fake.helper.exists && strcmp(path, "/fake/helper") == 0;
}

void hb_file_remove(const char *path)
{
    for (size_t i = 0; i < fake.file_count; i++) {
        if (strcmp(fake.files[i].path, path) == 0) {
            fake.files[i].removed = true;
        }
    }
}

void hb_folder_remove(const char *path)
{
    (void)path;
}

bool hb_path_current(char *target, size_t size, struct hb_error *err)
{
    (void)err;
    return hb_text_copy(target, size, "/here");
}

bool hb_path_absolute(const char *path, char *target, size_t size,
                      struct hb_error *err)
{
    (void)err;
    return hb_text_format(target, size, "/here/%s", path);
}

bool hb_appender_open(const char *path, struct hb_appender **out_appender,
                      struct hb_error *err)
{
    static struct hb_appender appender;

    if (fake_fails(err, HB_ERR_WRITE)) {
        return false;
    }
    appender.file = file_at(path);
    fake.open++;
    *out_appender = &appender;
    return true;
}

/* How much of it finds room. A call that is told to fail stands for a disk
 * that stays full. */
static size_t append_room(size_t size, struct hb_error *err)
{
    if (fake_fails(err, HB_ERR_WRITE)) {
        fake.full_for = INT_MAX;
    }
    if (fake.full_for == 0) {
        return size;
    }

    size_t rest = fake.full_begun ? 0 : size / 2;

    fake.full_for--;
    fake.full_begun = true;
    (void)hb_fail(err, HB_ERR_WRITE, 28, "call %d was told to fail",
                  fake.calls);
    return rest;
}

bool hb_appender_write(struct hb_appender *appender, const void *bytes,
                       size_t size, size_t *out_written, struct hb_error *err)
{
    size_t part = append_room(size, err);

    if (out_written != NULL) {
        *out_written = part;
    }
    hb_buffer_add(&fake.files[appender->file].bytes, bytes, part);
    if (part < size) {
        return false;
    }
    if (fake.slow_text != NULL && strstr(fake.files[appender->file].bytes.bytes,
                                         fake.slow_text) != NULL) {
        fake.slow_text = NULL;
        fake.now_ms += fake.slow_ms;
    }
    return true;
}

void hb_appender_reserve(struct hb_appender *appender, size_t size)
{
    (void)appender;
    (void)size;
}

void hb_appender_close(struct hb_appender *appender)
{
    fake.open -= appender != NULL;
}

bool hb_file_append(const char *path, const void *bytes, size_t size,
                    struct hb_error *err)
{
    (void)path;
    (void)bytes;
    (void)size;
    return !fake_fails(err, HB_ERR_WRITE);
}

bool hb_log_open(const char *path, uint64_t cap, struct hb_log **out_log,
                 struct hb_error *err)
{
    static struct hb_log logs[HB_STREAM_COUNT];
    struct hb_log *log =
        &logs[strstr(path, "stderr") != NULL ? HB_STDERR : HB_STDOUT];

    (void)cap;
    if (fake_fails(err, HB_ERR_WRITE)) {
        return false;
    }
    log->file = file_at(path);
    fake.open++;
    *out_log = log;
    return true;
}

bool hb_log_write(struct hb_log *log, const void *bytes, size_t size,
                  struct hb_error *err)
{
    if (fake_fails(err, HB_ERR_WRITE)) {
        return false;
    }
    hb_buffer_add(&fake.files[log->file].bytes, bytes, size);
    fake.now_ms += fake.log_ms;
    return true;
}

bool hb_log_close(struct hb_log *log, struct hb_error *err)
{
    if (log == NULL) {
        return true;
    }
    fake.open--;
    return !fake_fails(err, HB_ERR_WRITE);
}
