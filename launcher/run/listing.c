#include "core/status.h"
#include "os/clock.h"
#include "os/process.h"
#include "run/run.h"

#define STATUS_HANG 124u

/* The sooner of the two limits; a listing call reports no progress, so the
 * limit on silence is one on the whole call. */
static uint64_t limit_ms(const struct hb_policy *policy)
{
    uint64_t silence_ms = policy->hang_after_auto ? HB_HANG_AFTER_LENIENT_MS
                                                  : policy->hang_after_ms;

    return silence_ms < policy->timeout_ms ? silence_ms : policy->timeout_ms;
}

static uint64_t end_of(uint64_t now_ms, uint64_t limit)
{
    return limit >= HB_NO_LIMIT - now_ms ? HB_NO_LIMIT : now_ms + limit;
}

static void take_exit(struct hb_exit exit, struct hb_outcome *outcome)
{
    outcome->by_signal = exit.kind == HB_EXIT_SIGNAL;
    outcome->status = exit.value;
}

bool hb_run_listing(const struct hb_settings *settings,
                    struct hb_outcome *outcome, struct hb_error *err)
{
    const struct hb_options *options = &settings->options;
    struct hb_process_spec spec = {
        .command = options->command,
        .count = options->command_count,
        .plain = true,
    };
    struct hb_process *process = NULL;
    struct hb_event event = { 0 };
    uint64_t until_ms = end_of(hb_clock_ms(), limit_ms(&options->policy));
    uint32_t pid = 0;
    bool ok = false;

    if (!hb_process_prepare(&spec, &process, err) ||
        !hb_process_start(process, &pid, err)) {
        goto out;
    }
    while (event.kind != HB_EVENT_EXIT) {
        if (!hb_process_next(process, until_ms, &event, err)) {
            goto out;
        }
        if (event.kind == HB_EVENT_NONE && hb_clock_ms() >= until_ms) {
            outcome->status = STATUS_HANG;
            hb_buffer_text(&outcome->words,
                           "hbtest-launch: the listing call did not end "
                           "within its limit and was killed\n");
            ok = hb_process_kill(process, err);
            goto out;
        }
        if (event.kind == HB_EVENT_SIGNAL) {
            (void)hb_process_signal(process, event.signal);
        }
        if (event.kind == HB_EVENT_STOP_REQUEST) {
            outcome->by_signal = true;
            outcome->status = event.signal;
            ok = hb_process_kill(process, err);
            goto out;
        }
    }
    take_exit(event.exit, outcome);
    ok = true;

out:
    hb_process_free(process);
    return ok;
}
