#pragma once

/* What the tests of the loop share: settings, one run, and a script in which
 * all goes well. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fakes/fake_os.h"
#include "run/run.h"

static const char *const command[] = { "pretend" };

#define EXIT_AT(when, number)                                                  \
    {                                                                          \
        .at_ms = (when), .event = {                                            \
            .kind = HB_EVENT_EXIT,                                             \
            .exit = { .kind = HB_EXIT_CODE, .value = (number) }                \
        }                                                                      \
    }
#define SAYS_AT(when, words)                                                   \
    {                                                                          \
        .at_ms = (when), .event = {                                            \
            .kind = HB_EVENT_OUTPUT,                                           \
            .stream = HB_STDOUT,                                               \
            .bytes = (words),                                                  \
            .size = sizeof(words) - 1                                          \
        }                                                                      \
    }
#define CLOSED_AT(when, which)                                                 \
    {                                                                          \
        .at_ms = (when), .event = {                                            \
            .kind = HB_EVENT_OUTPUT_CLOSED,                                    \
            .stream = (which)                                                  \
        }                                                                      \
    }

static inline void settle_settings(struct hb_settings *settings)
{
    memset(settings, 0, sizeof(*settings));
    hb_options_default(&settings->options);
    settings->options.command = command;
    settings->options.command_count = 1;
    settings->attempt = 1;
    (void)hb_text_copy(settings->name, sizeof(settings->name), "pretend");
    (void)hb_text_copy(settings->artifacts, sizeof(settings->artifacts), "out");
}

static inline void run(const struct hb_settings *settings,
                       struct hb_outcome *outcome)
{
    struct hb_error err = { 0 };

    memset(outcome, 0, sizeof(*outcome));
    assert_true(hb_run(settings, outcome, &err));
    hb_buffer_free(&outcome->words);
    assert_int_equal(fake_os_open(), 0);
}

static const struct fake_event well[] = {
    SAYS_AT(5, "hello\n"),
    CLOSED_AT(9, HB_STDOUT),
    CLOSED_AT(9, HB_STDERR),
    EXIT_AT(10, 0),
};
