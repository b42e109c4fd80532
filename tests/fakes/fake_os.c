#include "fakes/fake_os.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "hbtest/protocol.h"
#include "os/clock.h"
#include "os/console.h"
#include "os/file.h"
#include "os/host.h"

#define FILES_MAX 16
#define PID 100u

struct fake_file {
    char path[512];
    struct hb_buffer bytes;
};

static struct {
    uint64_t now_ms;
    const struct fake_event *events;
    size_t event_count;
    size_t next;
    bool heeds_stop;
    bool ended;
    struct hb_event ending; /* waits to be told */
    bool has_ending;
    struct hb_thread_sample thread;
    int calls;
    int fail_at;
    bool failed;
    int open;
    int stops;
    int kills;
    struct fake_file files[FILES_MAX];
    size_t file_count;
} fake;

struct hb_process {
    void *recorder;
};

struct hb_appender {
    size_t file;
};

struct hb_log {
    size_t file;
};

/* Control */

void fake_os_reset(void)
{
    for (size_t i = 0; i < fake.file_count; i++) {
        hb_buffer_free(&fake.files[i].bytes);
    }
    memset(&fake, 0, sizeof(fake));
}

void fake_os_script(const struct fake_event *events, size_t count)
{
    fake.events = events;
    fake.event_count = count;
}

void fake_os_heeds_stop(bool heeds)
{
    fake.heeds_stop = heeds;
}

void fake_os_thread(struct hb_thread_sample thread)
{
    fake.thread = thread;
}

void fake_os_fail_call(int nth)
{
    fake.fail_at = nth;
}

bool fake_os_has_failed(void)
{
    return fake.failed;
}

int fake_os_open(void)
{
    return fake.open;
}

int fake_os_stops(void)
{
    return fake.stops;
}

int fake_os_kills(void)
{
    return fake.kills;
}

/* Counts a call that can fail; true if this is the one that does. */
static bool fails(struct hb_error *err, enum hb_error_code code)
{
    fake.calls++;
    if (fake.calls != fake.fail_at) {
        return false;
    }
    fake.failed = true;
    (void)hb_fail(err, code, 5, "call %d was told to fail", fake.calls);
    return true;
}

/* Files */

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

const char *fake_os_file(const char *ending)
{
    for (size_t i = 0; i < fake.file_count; i++) {
        size_t length = strlen(fake.files[i].path);

        if (length >= strlen(ending) &&
            strcmp(fake.files[i].path + length - strlen(ending), ending) == 0) {
            return fake.files[i].bytes.bytes;
        }
    }
    return NULL;
}

bool hb_file_replace(const char *path, const void *bytes, size_t size,
                     struct hb_error *err)
{
    struct hb_buffer *file;

    if (fails(err, HB_ERR_WRITE)) {
        return false;
    }
    file = &fake.files[file_at(path)].bytes;
    hb_buffer_free(file);
    hb_buffer_add(file, bytes, size);
    return true;
}

bool hb_folder_make(const char *path, struct hb_error *err)
{
    (void)path;
    return !fails(err, HB_ERR_WRITE);
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
    (void)path;
    return false;
}

void hb_file_remove(const char *path)
{
    (void)path;
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

    if (fails(err, HB_ERR_WRITE)) {
        return false;
    }
    appender.file = file_at(path);
    fake.open++;
    *out_appender = &appender;
    return true;
}

bool hb_appender_write(struct hb_appender *appender, const void *bytes,
                       size_t size, struct hb_error *err)
{
    if (fails(err, HB_ERR_WRITE)) {
        return false;
    }
    hb_buffer_add(&fake.files[appender->file].bytes, bytes, size);
    return true;
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
    return !fails(err, HB_ERR_WRITE);
}

bool hb_log_open(const char *path, uint64_t cap, struct hb_log **out_log,
                 struct hb_error *err)
{
    static struct hb_log logs[HB_STREAM_COUNT];
    struct hb_log *log =
        &logs[strstr(path, "stderr") != NULL ? HB_STDERR : HB_STDOUT];

    (void)cap;
    if (fails(err, HB_ERR_WRITE)) {
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
    if (fails(err, HB_ERR_WRITE)) {
        return false;
    }
    hb_buffer_add(&fake.files[log->file].bytes, bytes, size);
    return true;
}

bool hb_log_close(struct hb_log *log, struct hb_error *err)
{
    if (log == NULL) {
        return true;
    }
    fake.open--;
    return !fails(err, HB_ERR_WRITE);
}

/* The machine */

uint64_t hb_clock_ms(void)
{
    return fake.now_ms;
}

uint64_t hb_clock_ns(void)
{
    return fake.now_ms * 1000000u;
}

int64_t hb_clock_unix_ms(void)
{
    return 1767225600000 + (int64_t)fake.now_ms;
}

uint64_t hb_clock_suspended_ms(void)
{
    return 0;
}

void hb_host_read(struct hb_host *out_host)
{
    *out_host = (struct hb_host){ .os = "Fake", .cpus = 2 };
}

uint32_t hb_host_pid(void)
{
    return 7;
}

uint64_t hb_host_random(void)
{
    return 42;
}

const char *hb_environment_get(const char *name)
{
    (void)name;
    return NULL;
}

bool hb_environment_set(const char *name, const char *value,
                        struct hb_error *err)
{
    (void)name;
    (void)value;
    return !fails(err, HB_ERR_INTERNAL);
}

size_t hb_host_abilities(struct hb_ability *abilities, size_t room)
{
    (void)abilities;
    (void)room;
    return 0;
}

void hb_console_error(const char *bytes, size_t size)
{
    (void)bytes;
    (void)size;
}

bool hb_console_has_color(void)
{
    return false;
}

/* The process */

bool hb_process_prepare(const struct hb_process_spec *spec,
                        struct hb_process **out_process, struct hb_error *err)
{
    static struct hb_process process;

    (void)spec;
    if (fails(err, HB_ERR_INTERNAL)) {
        return false;
    }
    process.recorder = calloc(1, HBTEST_RECORDER_SIZE);
    fake.open++;
    *out_process = &process;
    return true;
}

void *hb_process_recorder(struct hb_process *process, size_t *out_size)
{
    *out_size = HBTEST_RECORDER_SIZE;
    return process->recorder;
}

bool hb_process_start(struct hb_process *process, uint32_t *out_pid,
                      struct hb_error *err)
{
    (void)process;
    if (fails(err, HB_ERR_START)) {
        return false;
    }
    *out_pid = PID;
    return true;
}

static void tell(struct hb_event *out_event, const struct hb_event *event)
{
    *out_event = *event;
    if (event->kind == HB_EVENT_EXIT) {
        out_event->pid = PID;
        fake.ended = true;
    }
}

bool hb_process_next(struct hb_process *process, uint64_t until_ms,
                     struct hb_event *out_event, struct hb_error *err)
{
    (void)process;
    if (fails(err, HB_ERR_INTERNAL)) {
        return false;
    }
    if (fake.has_ending) {
        fake.has_ending = false;
        tell(out_event, &fake.ending);
        return true;
    }
    if (fake.next < fake.event_count &&
        fake.events[fake.next].at_ms <= until_ms) {
        const struct fake_event *next = &fake.events[fake.next++];

        if (next->at_ms > fake.now_ms) {
            fake.now_ms = next->at_ms;
        }
        tell(out_event, &next->event);
        return true;
    }
    if (until_ms > fake.now_ms) {
        fake.now_ms = until_ms;
    }
    *out_event = (struct hb_event){ .kind = HB_EVENT_NONE };
    return true;
}

bool hb_process_cpu_us(struct hb_process *process, uint64_t *out_us)
{
    (void)process;
    *out_us = 0;
    return true;
}

size_t hb_process_sample(struct hb_process *process,
                         struct hb_thread_sample *samples, size_t room,
                         struct hb_dialog *out_dialog)
{
    (void)process;
    memset(out_dialog, 0, sizeof(*out_dialog));
    if (room == 0) {
        return 0;
    }
    samples[0] = fake.thread;
    return 1;
}

size_t hb_process_tree(struct hb_process *process,
                       struct hb_tree_process *processes, size_t room)
{
    (void)process;
    (void)processes;
    (void)room;
    return 0;
}

static void end_by(uint32_t signal)
{
    if (!fake.ended && !fake.has_ending) {
        fake.has_ending = true;
        fake.ending = (struct hb_event){
            .kind = HB_EVENT_EXIT,
            .exit = { .kind = HB_EXIT_SIGNAL, .value = signal },
        };
    }
}

bool hb_process_stop(struct hb_process *process, struct hb_error *err)
{
    (void)process;
    if (fails(err, HB_ERR_INTERNAL)) {
        return false;
    }
    fake.stops++;
    if (fake.heeds_stop) {
        end_by(15);
    }
    return true;
}

bool hb_process_kill(struct hb_process *process, struct hb_error *err)
{
    (void)process;
    if (fails(err, HB_ERR_INTERNAL)) {
        return false;
    }
    fake.kills++;
    end_by(9);
    return true;
}

void hb_process_release(struct hb_process *process)
{
    (void)process;
}

void hb_process_drop_output(struct hb_process *process)
{
    (void)process;
}

void hb_process_free(struct hb_process *process)
{
    if (process != NULL) {
        free(process->recorder);
        process->recorder = NULL;
        fake.open--;
    }
}
