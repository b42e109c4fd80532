#include "fakes/fake_os.h"

#include <string.h>

#include "fakes/fake_state.h"
#include "os/clock.h"
#include "os/console.h"
#include "os/host.h"
#include "os/reason.h"

struct fake fake;

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

void fake_os_stall(uint64_t at_ms, uint64_t for_ms)
{
    fake.stall_at_ms = at_ms;
    fake.stall_ms = for_ms;
}

void fake_os_suspend(uint64_t at_ms, uint64_t for_ms)
{
    fake.suspend_at_ms = at_ms;
    fake.suspend_ms = for_ms;
}

void fake_os_slow_write(const char *text, uint64_t for_ms)
{
    fake.slow_text = text;
    fake.slow_ms = for_ms;
}

void fake_os_slow_log(uint64_t for_ms)
{
    fake.log_ms = for_ms;
}

void fake_os_child_until(uint64_t until_ms)
{
    fake.child_until_ms = until_ms;
}

void fake_os_blocked(uint64_t from_ms, uint64_t until_ms)
{
    fake.blocked_from_ms = from_ms;
    fake.blocked_until_ms = until_ms;
}

uint64_t fake_os_now_ms(void)
{
    return fake.now_ms;
}

void fake_os_children(size_t count)
{
    fake.child_count = count;
}

void fake_os_fail_call(int nth)
{
    fake.fail_at = nth;
}

void fake_os_disk_full_for(int writes)
{
    fake.full_for = writes;
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

uint32_t fake_os_signal(void)
{
    return fake.signal;
}

int fake_os_kills(void)
{
    return fake.kills;
}

bool fake_fails(struct hb_error *err, enum hb_error_code code)
{
    fake.calls++;
    if (fake.calls != fake.fail_at) {
        return false;
    }
    fake.failed = true;
    (void)hb_fail(err, code, 5, "call %d was told to fail", fake.calls);
    return true;
}

void fake_os_environment(const char *const *variables, size_t count)
{
    fake.variables = variables;
    fake.variable_count = count;
}

const char *fake_os_variable_set(void)
{
    return fake.variable_set;
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
    return fake.now_ms >= fake.suspend_at_ms ? fake.suspend_ms : 0;
}

void hb_host_read(struct hb_host *out_host)
{
    *out_host = (struct hb_host){ .os = "Fake", .cpus = 2 };
}

uint32_t hb_host_pid(void)
{
    return 7;
}

bool hb_host_folder(char *target, size_t size, struct hb_error *err)
{
    return fake_fails(err, HB_ERR_INTERNAL)
               ? false
               : hb_text_copy(target, size, "/fake/bin");
}

uint64_t hb_host_random(void)
{
    return 42;
}

const char *hb_environment_get(const char *name)
{
    return fake.helper.exists && strcmp(name, "HBTEST_POSTMORTEM") == 0
               ? "/fake/helper"
               : NULL;
}

bool hb_environment_set(const char *name, const char *value,
                        struct hb_error *err)
{
    (void)hb_text_format(fake.variable_set, sizeof(fake.variable_set), "%s=%s",
                         name, value);
    return !fake_fails(err, HB_ERR_INTERNAL);
}

bool hb_environment_each(hb_environment_take *take, void *context,
                         struct hb_error *err)
{
    bool ok = !fake_fails(err, HB_ERR_INTERNAL);

    for (size_t i = 0; ok && i < fake.variable_count; i++) {
        ok = take(context, fake.variables[i], err);
    }
    return ok;
}

size_t hb_host_abilities(struct hb_ability *abilities, size_t room)
{
    (void)abilities;
    (void)room;
    return 0;
}

void hb_reason_read(long os_code, char *target, size_t size)
{
    (void)os_code;
    (void)hb_text_copy(target, size, "as the test wanted");
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
