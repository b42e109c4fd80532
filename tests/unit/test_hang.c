/* What two looks at the threads of a silent test show. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/hang.h"

#define BETWEEN_MS 25u
#define THREADS_MAX 3

struct seen {
    enum hb_thread_state state;
    enum hb_wait_kind wait;
    uint64_t used_us; /* between the looks */
    const char *name;
};

struct row {
    const char *what;
    struct seen threads[THREADS_MAX];
    enum hb_hang_class class_;
};

static const struct row rows[] = {
    { "two threads that wait for locks",
      { { HB_THREAD_WAITING, HB_WAIT_LOCK, 0, NULL },
        { HB_THREAD_WAITING, HB_WAIT_LOCK, 0, NULL } },
      HB_HANG_CLASS_DEADLOCK },
    { "a deadlock with a heartbeat thread that sleeps",
      { { HB_THREAD_WAITING, HB_WAIT_LOCK, 0, NULL },
        { HB_THREAD_WAITING, HB_WAIT_SLEEP, 50, HB_BEAT_THREAD_NAME } },
      HB_HANG_CLASS_DEADLOCK },
    { "a lock and a thread that sleeps",
      { { HB_THREAD_WAITING, HB_WAIT_LOCK, 0, NULL },
        { HB_THREAD_WAITING, HB_WAIT_SLEEP, 0, NULL } },
      HB_HANG_CLASS_UNKNOWN },
    { "a thread that spins alone",
      { { HB_THREAD_RUNNING, HB_WAIT_NONE, 24000, NULL } },
      HB_HANG_CLASS_LIVELOCK },
    { "a thread that spins on a busy machine",
      { { HB_THREAD_RUNNING, HB_WAIT_NONE, 4000, NULL } },
      HB_HANG_CLASS_LIVELOCK },
    { "a thread that is ready and gets no processor",
      { { HB_THREAD_RUNNING, HB_WAIT_NONE, 0, NULL } },
      HB_HANG_CLASS_STARVED },
    { "a join of a thread that reads",
      { { HB_THREAD_WAITING, HB_WAIT_LOCK, 0, NULL },
        { HB_THREAD_WAITING, HB_WAIT_IO, 0, NULL } },
      HB_HANG_CLASS_BLOCKED_IO },
    { "a thread that the kernel holds",
      { { HB_THREAD_UNINTERRUPTIBLE, HB_WAIT_NONE, 0, NULL } },
      HB_HANG_CLASS_BLOCKED_IO },
    { "a stopped program",
      { { HB_THREAD_STOPPED, HB_WAIT_NONE, 0, NULL } },
      HB_HANG_CLASS_STOPPED },
    { "a program under a debugger",
      { { HB_THREAD_TRACED, HB_WAIT_NONE, 0, NULL } },
      HB_HANG_CLASS_TRACED },
    { "a crash that the system reports",
      { { HB_THREAD_DUMPING, HB_WAIT_NONE, 0, NULL },
        { HB_THREAD_UNINTERRUPTIBLE, HB_WAIT_NONE, 0, NULL } },
      HB_HANG_CLASS_DUMPING },
    { "a program that sleeps",
      { { HB_THREAD_WAITING, HB_WAIT_SLEEP, 0, NULL } },
      HB_HANG_CLASS_UNKNOWN },
    { "no thread at all", { { 0 } }, HB_HANG_CLASS_UNKNOWN },
};

/* The threads of a row, before or after the time between the looks. */
static struct hb_hang_picture look_at(const struct row *row, bool after,
                                      const struct hb_dialog *dialog)
{
    struct hb_thread_sample samples[THREADS_MAX] = { { 0 } };
    struct hb_hang_picture picture;
    size_t count = 0;

    for (size_t i = 0; i < THREADS_MAX; i++) {
        const struct seen *seen = &row->threads[i];

        if (seen->state == HB_THREAD_UNKNOWN) {
            break;
        }
        samples[i].state = seen->state;
        samples[i].wait = seen->wait;
        samples[i].cpu_us = 1000 + (after ? seen->used_us : 0);
        if (seen->name != NULL) {
            memcpy(samples[i].name, seen->name, strlen(seen->name));
        }
        count++;
    }
    hb_hang_look(&picture, samples, count, dialog);
    return picture;
}

static void each_picture_has_its_class(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct hb_hang_picture first = look_at(&rows[i], false, NULL);
        struct hb_hang_picture second = look_at(&rows[i], true, NULL);
        enum hb_hang_class class_ =
            hb_hang_classify(&first, &second, BETWEEN_MS);

        if (class_ != rows[i].class_) {
            fail_msg("%s: class %d", rows[i].what, (int)class_);
        }
    }
}

static void a_message_box_explains_everything(void **state)
{
    const struct hb_dialog dialog = { .shown = true };
    struct hb_hang_picture first = look_at(&rows[0], false, &dialog);
    struct hb_hang_picture second = look_at(&rows[0], true, &dialog);

    (void)state;
    assert_int_equal(hb_hang_classify(&first, &second, BETWEEN_MS),
                     HB_HANG_CLASS_DIALOG);
}

static void a_thread_that_began_to_run_is_not_called_spinning(void **state)
{
    struct hb_hang_picture first = look_at(&rows[10], false, NULL);
    struct hb_hang_picture second = look_at(&rows[3], true, NULL);

    (void)state;
    assert_int_equal(hb_hang_classify(&first, &second, BETWEEN_MS),
                     HB_HANG_CLASS_UNKNOWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_picture_has_its_class),
        cmocka_unit_test(a_message_box_explains_everything),
        cmocka_unit_test(a_thread_that_began_to_run_is_not_called_spinning),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
