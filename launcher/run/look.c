#include "run/look.h"

#include "core/status.h"
#include "os/clock.h"
#include "os/helper.h"
#include "os/machine.h"
#include "run/look_command.h"
#include "run/look_parts.h"
#include "run/watch.h"

/* What the helper may take, by what is wanted. */
#define LIMIT_MS 20000u
#define LIMIT_FULL_MS 60000u
/* It ends itself at its limit; if not, so much later we do. */
#define LATE_MS 1000u
/* Less time is not worth a start. */
#define LEAST_MS 200u
/* Less room than this is too little for any dump. */
#define LEAST_BYTES ((uint64_t)16 * 1024u)
#define SMALL_DUMP ((uint64_t)16 << 20)
#define SMALL_DUMP_MORE ((uint64_t)2 << 20)
/* What the timeline may grow by until the end, whatever a dump leaves. */
#define RECORD_BYTES ((size_t)256 * 1024u)
/* Reports and the end of the tree want this much before a deadline. */
#define BEFORE_DEADLINE_MS 1500u

#define STATUS_SIZE 128u

/* The beginning */

uint32_t hb_look_wait_ms(const struct hb_options *options)
{
    bool wanted = options->stacks != HB_WHEN_NEVER ||
                  (options->dump != HB_DUMP_NONE && options->dump_budget > 0);
    uint32_t limit_ms =
        options->dump == HB_DUMP_FULL ? LIMIT_FULL_MS : LIMIT_MS;

    return wanted ? limit_ms + 2 * LATE_MS : 0;
}

/* What is left for the look when the CI job is about to be killed. */
static uint64_t before_deadline(const struct hb_watch *watch, uint64_t limit_ms)
{
    const struct hb_policy *policy = &watch->header.policy;
    uint64_t now_ms = hb_watch_now_ms(watch);
    uint64_t left_ms;
    uint64_t kept_ms = policy->grace_ms + BEFORE_DEADLINE_MS + LATE_MS;

    if (policy->deadline_ms == HB_NO_LIMIT) {
        return limit_ms;
    }
    left_ms = policy->deadline_ms > now_ms ? policy->deadline_ms - now_ms : 0;
    left_ms = left_ms > kept_ms + LEAST_MS ? left_ms - kept_ms : left_ms / 4;
    return left_ms < limit_ms ? left_ms : limit_ms;
}

/* A --timeout under CTest lies as near to CTest's own limit as the CMake
 * package put it, which left room for the grace and for as much again. */
static uint64_t before_ctest(const struct hb_watch *watch, uint64_t limit_ms)
{
    const struct hb_policy *policy = &watch->header.policy;
    bool hurry = policy->under_ctest &&
                 watch->funnel.supervisor.fired == HB_LIMIT_TIMEOUT;

    return hurry && policy->grace_ms < limit_ms ? policy->grace_ms : limit_ms;
}

/* How much later than at its limit the helper is ended. */
static uint64_t late_ms(const struct hb_look *look)
{
    return look->limit_ms / 2 < LATE_MS ? look->limit_ms / 2 : LATE_MS;
}

void hb_look_limit(struct hb_watch *watch, bool patient)
{
    watch->look.limit_ms = before_ctest(
        watch, before_deadline(watch, patient ? LIMIT_FULL_MS : LIMIT_MS));
}

static void choose(struct hb_watch *watch)
{
    const struct hb_options *options = &watch->settings->options;
    bool hurry = watch->funnel.supervisor.fired == HB_LIMIT_DEADLINE;

    watch->look.wants_stacks = options->stacks != HB_WHEN_NEVER;
    watch->look.wants_dump =
        options->dump != HB_DUMP_NONE && options->dump_budget > 0 && !hurry;
    hb_look_limit(watch, options->dump == HB_DUMP_FULL);
}

/* What dumps of the whole tree may take: a small one has 16 MiB at most, and
 * mostly far less; a full one what is resident. */
static uint64_t wanted_bytes(const struct hb_watch *watch)
{
    const struct hb_look *look = &watch->look;
    uint64_t bytes = SMALL_DUMP + (look->pid_count - 1) * SMALL_DUMP_MORE;

    if (watch->settings->options.dump == HB_DUMP_FULL) {
        bytes += hb_machine_rss_kib(look->pids, look->pid_count) * 1024;
    }
    return bytes;
}

/* A dump for which there is no room is not begun. */
static void ask_for_room(struct hb_watch *watch)
{
    struct hb_look *look = &watch->look;
    const char *why = look->grant.why;

    if (!look->wants_dump || look->pid_count == 0) {
        return;
    }
    hb_grant_ask(&watch->artifacts, wanted_bytes(watch),
                 look->of_dead || watch->settings->options.dump == HB_DUMP_FULL,
                 &look->grant);
    hb_look_tell_grant(watch);
    if (look->grant.bytes < LEAST_BYTES) {
        hb_grant_end(&look->grant);
        hb_look_tell_skipped(watch, why);
        look->wants_dump = false;
    }
}

static bool begin(struct hb_watch *watch, struct hb_error *err)
{
    static struct hb_look_command command;

    hb_appender_reserve(watch->artifacts.timeline, RECORD_BYTES);
    hb_look_choose_processes(watch);
    ask_for_room(watch);
    return hb_look_command_make(&command, watch, err) &&
           hb_helper_start(watch->process, command.words, command.count, err);
}

void hb_look_begin(struct hb_watch *watch)
{
    struct hb_look *look = &watch->look;
    struct hb_error err = { 0 };
    char why[HB_REASON_SIZE];

    look->line.cap = HB_TOLD_LINE_MAX;
    if (look->limit_ms < LEAST_MS) {
        hb_look_tell_missing(watch, "no time was left before the deadline");
        hb_watch_tell(watch, HB_OBS_EVIDENCE_DONE);
        return;
    }
    if (!begin(watch, &err)) {
        hb_grant_end(&look->grant);
        hb_reason_say(&err, why, sizeof(why));
        hb_look_tell_missing(watch, why);
        hb_watch_tell(watch, HB_OBS_EVIDENCE_DONE);
        return;
    }
    look->running = true;
    look->was_used = true;
    look->until_ms = hb_clock_ms() + look->limit_ms + late_ms(look);
}

void hb_look_start(struct hb_watch *watch)
{
    struct hb_look *look = &watch->look;

    if (!look->was_used) { /* else it saw the program crash */
        choose(watch);
    }
    if (look->was_used || (!look->wants_stacks && !look->wants_dump)) {
        hb_watch_tell(watch, HB_OBS_EVIDENCE_DONE);
        return;
    }
    hb_look_begin(watch);
}

/* The end */

static void say_trouble(struct hb_look *look, const struct hb_exit *how,
                        bool windows)
{
    const char *nonsense = look->nonsense > 0 ? " and told nonsense" : "";
    char ended[STATUS_SIZE];

    if (look->trouble[0] != '\0') {
        return;
    }
    if (how->kind == HB_EXIT_CODE) {
        hb_exit_describe(hb_exit_read(*how, windows), ended, sizeof(ended));
        (void)hb_text_format(look->trouble, sizeof(look->trouble),
                             "hbtest-postmortem ended with %s%s before it "
                             "had told all",
                             ended, nonsense);
    } else if (how->kind == HB_EXIT_SIGNAL) {
        (void)hb_text_format(look->trouble, sizeof(look->trouble),
                             "hbtest-postmortem died of signal %u%s before it "
                             "had told all",
                             (unsigned)how->value, nonsense);
    } else {
        (void)hb_text_format(look->trouble, sizeof(look->trouble),
                             "hbtest-postmortem is gone%s", nonsense);
    }
}

static void end(struct hb_watch *watch, const struct hb_exit *how)
{
    struct hb_look *look = &watch->look;

    if (!look->running) {
        return;
    }
    look->running = false;
    hb_grant_end(&look->grant);
    if (!look->done) {
        say_trouble(look, how, watch->header.host.windows);
        hb_look_remove_parts(watch);
        hb_watch_tell_text(watch, HB_OBS_WARNING, look->trouble);
    } else if (look->nonsense > 0) {
        hb_watch_tell_text(watch, HB_OBS_WARNING,
                           "hbtest-postmortem told lines that could not be "
                           "understood");
    }
    hb_look_tell_stacks(watch);
    hb_look_tell_missing(watch, look->trouble[0] != '\0'
                                    ? look->trouble
                                    : "hbtest-postmortem did not tell of it");
    hb_watch_tell(watch, HB_OBS_EVIDENCE_DONE);
}

void hb_look_event(struct hb_watch *watch, const struct hb_event *event)
{
    if (!watch->look.running) {
        return;
    }
    if (event->kind == HB_EVENT_HELPER_OUTPUT) {
        hb_look_take(watch, event->bytes, event->size);
    } else {
        end(watch, &event->exit);
    }
}

void hb_look_stop(struct hb_watch *watch, const char *why)
{
    struct hb_look *look = &watch->look;

    if (!look->running || look->ended) {
        return;
    }
    look->ended = true;
    look->until_ms = hb_clock_ms() + LATE_MS;
    if (!look->done) {
        (void)hb_text_copy(look->trouble, sizeof(look->trouble), why);
    }
    hb_helper_end(watch->process);
}

uint64_t hb_look_wake_ms(const struct hb_watch *watch)
{
    return watch->look.running ? watch->look.until_ms : HB_NO_LIMIT;
}

/* First it is killed; if that does not help it is left to itself. */
void hb_look_check(struct hb_watch *watch)
{
    struct hb_look *look = &watch->look;
    const struct hb_exit unknown = { .kind = HB_EXIT_NONE };
    char text[96];

    if (!look->running || hb_clock_ms() < look->until_ms) {
        return;
    }
    if (look->ended) {
        end(watch, &unknown);
        return;
    }
    (void)hb_text_format(text, sizeof(text),
                         "hbtest-postmortem did not end within %llu ms",
                         (unsigned long long)look->limit_ms);
    hb_look_stop(watch, text);
}

bool hb_look_finish(struct hb_watch *watch, struct hb_error *err)
{
    while (watch->look.running) {
        enum hb_event_kind kind;

        if (!hb_watch_once(watch, hb_look_wake_ms(watch), &kind, err)) {
            return false;
        }
        if (kind == HB_EVENT_STOP_REQUEST) {
            hb_look_stop(watch, "the launcher was asked to stop");
        }
        hb_look_check(watch);
    }
    return true;
}

void hb_look_free(struct hb_look *look)
{
    hb_grant_end(&look->grant);
    hb_timeline_store_free(&look->store);
    hb_buffer_free(&look->line);
}
