#include <string.h>

#include "core/leaving.h"
#include "core/verdict_names.h"
#include "os/file.h"
#include "os/reason.h"
#include "run/budget.h"
#include "run/doctor.h"
#include "run/doctor_parts.h"
#include "run/look_command.h"
#include "run/run.h"

#define HANG_AFTER_MS 400u
#define GRACE_MS 500u
#define TIMEOUT_MS 30000u

struct trial {
    const struct hb_doctor_place *place;
    const char *name;
    const char *way;         /* of the patient */
    enum hb_verdict verdict; /* that it should have */
    bool leaves;             /* who called is of interest */
    bool windows;            /* there is such an end there only */
    bool shown;
    bool interrupted;
    struct hb_buffer *out;
};

static void say(const struct trial *trial, bool available, const char *what,
                const char *detail)
{
    char name[48];

    (void)hb_text_format(name, sizeof(name), "%s_%s", trial->name, what);
    hb_doctor_say(trial->out, available, name, detail);
}

/* The first that was captured, or else the last that says why not. */
static const struct hb_evidence *find(const struct hb_result *result,
                                      const char *kind)
{
    const struct hb_evidence *found = NULL;

    for (size_t i = 0; i < result->evidence_count; i++) {
        const struct hb_evidence *at = &result->evidence[i];

        if (strcmp(at->kind, kind) == 0 &&
            (found == NULL || found->status != HB_EVIDENCE_CAPTURED)) {
            found = at;
        }
    }
    return found;
}

static void say_stacks(const struct trial *trial,
                       const struct hb_result *result,
                       const struct hb_evidence *evidence)
{
    const struct hb_finds *finds = &result->finds;
    bool crashed = false;
    char text[96];

    for (size_t i = 0; i < finds->stack_count; i++) {
        crashed = crashed || finds->stacks[i].crashed;
    }
    (void)hb_text_format(text, sizeof(text), "of %zu thread%s%s",
                         finds->stack_count, finds->stack_count == 1 ? "" : "s",
                         crashed ? ", and which one crashed" : "");
    say(trial, true, evidence->kind, text);
}

static void say_piece(const struct trial *trial, const struct hb_result *result,
                      const char *kind)
{
    const struct hb_evidence *evidence = find(result, kind);
    char text[320];

    if (evidence == NULL) {
        say(trial, false, kind, "nothing is told of it");
    } else if (evidence->status != HB_EVIDENCE_CAPTURED) {
        say(trial, false, kind, evidence->reason);
    } else if (strcmp(kind, "stacks") == 0) {
        say_stacks(trial, result, evidence);
    } else {
        (void)hb_text_format(text, sizeof(text), "%s, %llu KiB", evidence->path,
                             (unsigned long long)(evidence->bytes + 1023) /
                                 1024);
        say(trial, true, kind, text);
    }
}

static void say_caller(const struct trial *trial,
                       const struct hb_result *result)
{
    char text[320];

    hb_leaving_explain(result, text, sizeof(text));
    say(trial, hb_leaving_caller(result) != NULL, "caller",
        text[0] != '\0' ? text : "not known");
}

/* Files that a run may leave, whatever became of it. */
static void remove_files(const struct trial *trial,
                         const struct hb_result *result)
{
    static const char *const names[] = {
        "result.json", "junit.xml",  "timeline.jsonl", "stdout.log",
        "stderr.log",  "stacks.txt", "premature-exit",
    };
    char folder[HB_PATH_SIZE];
    char path[HB_PATH_SIZE];

    (void)hb_text_format(folder, sizeof(folder), "%s/%s", trial->place->path,
                         result->header->run_id);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (hb_text_format(path, sizeof(path), "%s/%s", folder, names[i])) {
            hb_file_remove(path);
        }
    }
    for (size_t i = 0; i < result->evidence_count; i++) {
        const char *name = result->evidence[i].path;

        if (name[0] != '\0' &&
            hb_text_format(path, sizeof(path), "%s/%s", folder, name)) {
            hb_file_remove(path);
        }
    }
    hb_doctor_tidy(trial->place, folder);
}

static void show(const struct hb_result *result, void *context)
{
    struct trial *trial = context;
    char judged[96];

    trial->shown = true;
    trial->interrupted = result->interrupted_by[0] != '\0';
    (void)hb_text_format(judged, sizeof(judged), "%s%s%s",
                         hb_verdict_name(result->verdict),
                         result->cause != HB_CAUSE_NONE ? "/" : "",
                         hb_cause_name(result->cause));
    hb_doctor_say(trial->out, result->verdict == trial->verdict, trial->name,
                  judged);
    if (trial->leaves) {
        say_caller(trial, result);
    } else {
        say_piece(trial, result, "stacks");
        say_piece(trial, result, "dump");
    }
    remove_files(trial, result);
}

/* As the user's own runs would go, but quick and quiet. */
static void prescribe(struct hb_settings *settings)
{
    struct hb_policy *policy = &settings->options.policy;

    settings->options.quiet = true;
    settings->options.verbose = false;
    settings->junit_copy[0] = settings->junit_copy[1] = NULL;
    settings->github = settings->dashboard = false;
    settings->premature_file = NULL;
    settings->attempt = 1;
    (void)hb_text_copy(settings->name, sizeof(settings->name), "doctor");
    policy->hang_after_auto = false;
    policy->hang_after_ms = HANG_AFTER_MS;
    policy->grace_ms = GRACE_MS;
    policy->timeout_ms = TIMEOUT_MS;
    policy->deadline_ms = HB_NO_LIMIT;
    policy->under_ctest = false;
}

static void attempt(const struct hb_settings *settings, struct trial *trial)
{
    static char program[HB_PATH_SIZE];
    static struct hb_settings own;
    const char *command[] = { program, HB_DOCTOR_PATIENT, trial->way };
    struct hb_outcome outcome = { 0 };
    struct hb_error err = { 0 };
    char why[HB_REASON_SIZE];

    own = *settings;
    prescribe(&own);
    own.options.command = command;
    own.options.command_count = 3;
    if (!hb_look_program(program, sizeof(program), &err) ||
        !hb_run_shown(&own, &outcome, show, trial, &err) || !trial->shown) {
        hb_reason_say(&err, why, sizeof(why));
        hb_doctor_say(trial->out, false, trial->name, why);
    }
    own.options.command = NULL; /* of this call */
    hb_buffer_free(&outcome.words);
}

/* The lock of the budget lies beside the folders of the tests. */
static bool name_lock(const struct hb_doctor_place *place, char *path,
                      size_t size)
{
    size_t length = strlen(place->path) -
                    strlen(hb_text_base_name(place->path, place->windows));

    return hb_text_copy_bytes(path, size, place->path, length) &&
           hb_text_copy(path + length, size - length, HB_BUDGET_LOCK);
}

void hb_doctor_try(const struct hb_settings *settings,
                   const struct hb_doctor_place *place, struct hb_buffer *out)
{
    struct trial trials[] = {
        { .name = "crash", .way = "crash", .verdict = HB_VERDICT_CRASH },
        { .name = "bare_crash",
          .way = "bare-crash",
          .verdict = HB_VERDICT_CRASH },
        { .name = "fast_fail",
          .way = "fast-fail",
          .verdict = HB_VERDICT_SILENT_DEATH,
          .windows = true },
        { .name = "hang", .way = "hang", .verdict = HB_VERDICT_HANG },
        { .name = "exit",
          .way = "exit",
          .verdict = HB_VERDICT_SILENT_DEATH,
          .leaves = true },
    };
    char lock[HB_PATH_SIZE];
    bool is_ours =
        name_lock(place, lock, sizeof(lock)) && !hb_file_exists(lock);
    bool goes_on = true;

    for (size_t i = 0; i < sizeof(trials) / sizeof(trials[0]) && goes_on; i++) {
        trials[i].place = place;
        trials[i].out = out;
        if (place->windows || !trials[i].windows) {
            attempt(settings, &trials[i]);
        }
        goes_on = !trials[i].interrupted;
    }
    if (is_ours) {
        hb_file_remove(lock);
        hb_doctor_tidy(place, place->path);
    }
}
