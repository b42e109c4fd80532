/*
 * hbtest-launch: runs one test program under supervision and writes its
 * report. This file reads the command line, prints, and ends; the work is in
 * run/.
 */
#include <string.h>

#include "base/text.h"
#include "core/exit_status.h"
#include "core/options.h"
#include "os/console.h"
#include "os/host.h"
#include "os/reason.h"
#include "run/doctor.h"
#include "run/host_env.h"
#include "run/replay.h"
#include "run/run.h"
#include "run/settings.h"

#define STATUS_LAUNCHER_ERROR 125
#define STATUS_NOT_EXECUTABLE 126
#define STATUS_NOT_FOUND 127

/* The status of an error that has no run to record it: an ordinary one, or
 * under CTest an abnormal end, which does not come back. */
static int end_without_run(void)
{
    struct hb_host host;
    struct hb_run_header header = { 0 };
    static struct hb_result result;

    result.header = &header;

    hb_host_read(&host);
    header.host.windows = host.windows;
    header.policy.under_ctest = hb_host_env_is_ctest();
    result.verdict = HB_VERDICT_LAUNCHER_ERROR;
    result.cause = HB_CAUSE_BAD_USAGE;
    hb_exit_status_choose(&result);
    if (header.policy.under_ctest) {
        if (result.exit_by_signal) {
            hb_console_die(result.exit_status);
        }
        hb_console_exit(result.exit_status);
    }
    return STATUS_LAUNCHER_ERROR;
}

static int print_prefixed(const char *prefix, const struct hb_error *err)
{
    struct hb_buffer words = { 0 };
    char why[HB_REASON_SIZE];

    hb_reason_say(err, why, sizeof(why));
    hb_buffer_format(&words, "hbtest-launch: %s%s\n", prefix, why);
    hb_console_error(words.bytes, words.size);
    hb_buffer_free(&words);
    if (err->code == HB_ERR_NOT_FOUND) {
        return STATUS_NOT_FOUND;
    }
    return err->code == HB_ERR_NOT_EXECUTABLE ? STATUS_NOT_EXECUTABLE
                                              : end_without_run();
}

static int print_error(const struct hb_error *err)
{
    return print_prefixed("", err);
}

static void write_help(struct hb_buffer *text)
{
    hb_buffer_text(text, "usage: hbtest-launch [OPTIONS] [--] PROGRAM "
                         "[ARG...]\n\n"
                         "Runs PROGRAM under supervision and leaves "
                         "result.json, junit.xml and\ntimeline.jsonl. Every "
                         "option can also be given as an environment "
                         "variable\n(--hang-after: HBTEST_HANG_AFTER) or in a "
                         "--config file.\n\n");
    for (size_t i = 0; i < hb_options_count; i++) {
        const struct hb_option *option = &hb_options_table[i];
        char name[64];

        (void)hb_text_format(name, sizeof(name), "--%s%s%s", option->name,
                             option->value != NULL ? " " : "",
                             option->value != NULL ? option->value : "");
        hb_buffer_format(text, "  %-24s %s\n", name, option->help);
    }
    hb_buffer_text(text, "\nExit status: the test's own; 120 ended too early, "
                         "123 left processes,\n124 hang or timeout, 125 "
                         "launcher error, 126 not executable, 127 not "
                         "found.\n");
}

/* Who asked for it must not take a piece of it for the whole. */
static int print_buffer(struct hb_buffer *text, int status)
{
    struct hb_error err = { 0 };

    if (!hb_console_print(text->bytes, text->size, &err)) {
        status = print_error(&err);
    }
    hb_buffer_free(text);
    return status;
}

static int judge_again(const struct hb_settings *settings)
{
    struct hb_outcome outcome = { 0 };
    struct hb_buffer json = { 0 };
    struct hb_error err = { 0 };

    if (!hb_replay(settings, &outcome, &json, &err)) {
        hb_buffer_free(&json);
        hb_buffer_free(&outcome.words);
        return print_error(&err);
    }
    hb_console_error(outcome.words.bytes, outcome.words.size);
    hb_buffer_free(&outcome.words);
    return print_buffer(&json, 0);
}

/* Does not come back: an end as the test's own cannot be returned. */
static int supervise(const struct hb_settings *settings)
{
    struct hb_outcome outcome = { 0 };
    struct hb_error err = { 0 };
    bool ok;

    if (!hb_guard_start(&err)) {
        return print_error(&err);
    }
    ok = settings->listing ? hb_run_listing(settings, &outcome, &err)
                           : hb_run(settings, &outcome, &err);
    if (outcome.words.size > 0) {
        hb_console_error(outcome.words.bytes, outcome.words.size);
    }
    hb_buffer_free(&outcome.words);
    if (!ok) { /* once it was started there is a verdict, and nothing fails */
        return print_prefixed(
            err.code == HB_ERR_WRITE ? "the test was not started: " : "", &err);
    }
    if (outcome.by_signal) {
        hb_console_die(outcome.status);
    }
    hb_console_exit(outcome.status);
}

static int run(const struct hb_settings *settings)
{
    struct hb_buffer text = { 0 };

    if (settings->options.help) {
        write_help(&text);
        return print_buffer(&text, 0);
    }
    if (settings->options.version) {
        hb_buffer_text(&text, "hbtest-launch " HBTEST_VERSION "\n");
        return print_buffer(&text, 0);
    }
    if (settings->options.doctor) {
        bool works = hb_doctor(settings, &text);

        return print_buffer(&text, works ? 0 : STATUS_LAUNCHER_ERROR);
    }
    if (settings->options.replay != NULL) {
        return judge_again(settings);
    }
    return supervise(settings);
}

int main(int argc, char **argv)
{
    static struct hb_settings settings;
    struct hb_error err = { 0 };
    int count = 0;
    char **arguments = NULL;
    int status;

    if (argc == 2 && strcmp(argv[1], HB_DOCTOR_PATIENT) == 0) {
        return 0;
    }
    if (!hb_host_arguments(argc, argv, &count, &arguments, &err) ||
        !hb_settings_read(&settings, count, arguments, &err)) {
        status = print_error(&err);
    } else {
        status = run(&settings);
    }
    hb_settings_free(&settings);
    return status;
}
