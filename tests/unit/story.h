#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/record.h"
#include "core/supervisor.h"
#include "core/verdict.h"

/* A whole run told as observations, and what must be said of it. */
#define STORY_MAX 12

struct told {
    enum hb_observation_kind kind;
    enum hb_source source;
    const char *name;
    enum hb_case_status status;
    uint64_t count;
    bool failed;
    struct hb_exit exit;
};

struct row {
    const char *what;
    bool windows;
    struct told story[STORY_MAX];
    enum hb_verdict verdict;
    enum hb_cause cause;
    uint32_t status;
    bool by_signal;
};

#define STARTED                                                                \
    {                                                                          \
        .kind = HB_OBS_STARTED                                                 \
    }
#define ATTACHED                                                               \
    {                                                                          \
        .kind = HB_OBS_ATTACHED, .source = HB_SOURCE_RECORDER                  \
    }
#define REFUSED                                                                \
    {                                                                          \
        .kind = HB_OBS_REFUSED, .source = HB_SOURCE_RECORDER                   \
    }
#define GOODBYE                                                                \
    {                                                                          \
        .kind = HB_OBS_COMPLETE, .source = HB_SOURCE_RECORDER                  \
    }
#define PLAN(n)                                                                \
    {                                                                          \
        .kind = HB_OBS_PLAN, .source = HB_SOURCE_CMOCKA, .count = (n)          \
    }
#define BEGIN(case_name)                                                       \
    {                                                                          \
        .kind = HB_OBS_CASE_BEGIN, .source = HB_SOURCE_CMOCKA,                 \
        .name = (case_name)                                                    \
    }
#define END(case_name, how)                                                    \
    {                                                                          \
        .kind = HB_OBS_CASE_END, .source = HB_SOURCE_CMOCKA,                   \
        .name = (case_name), .status = (how)                                   \
    }
#define COMPLETE(said_no)                                                      \
    {                                                                          \
        .kind = HB_OBS_COMPLETE, .source = HB_SOURCE_CMOCKA,                   \
        .failed = (said_no)                                                    \
    }
#define EXIT_CODE(number)                                                      \
    {                                                                          \
        .kind = HB_OBS_EXIT, .exit = {                                         \
            .kind = HB_EXIT_CODE,                                              \
            .value = (number)                                                  \
        }                                                                      \
    }
#define EXIT_SIGNAL(number)                                                    \
    {                                                                          \
        .kind = HB_OBS_EXIT, .exit = {                                         \
            .kind = HB_EXIT_SIGNAL,                                            \
            .value = (number)                                                  \
        }                                                                      \
    }

static struct hb_run_header header;

static void make_header(const struct row *row)
{
    memset(&header, 0, sizeof(header));
    header.name = "sample";
    header.host.windows = row->windows;
    header.policy = (struct hb_policy){
        .hang_after_auto = true,
        .timeout_ms = HB_NO_LIMIT,
        .exit_within_ms = 10000,
        .deadline_ms = HB_NO_LIMIT,
        .grace_ms = 5000,
        .progress = HB_PROGRESS_AUTO,
        .has_skip_code = true,
        .skip_code = 77,
    };
}

static void tell_story(const struct row *row, struct hb_supervisor *sup,
                       struct hb_result *result)
{
    for (size_t i = 0; i < STORY_MAX; i++) {
        const struct told *told = &row->story[i];
        struct hb_observation seen = {
            .kind = told->kind,
            .source = told->source,
            .at_ms = i * 10,
            .pid = 100,
            .name = told->name,
            .text = told->name,
            .status = told->status,
            .count = told->count,
            .failed = told->failed,
            .exit = told->exit,
            .duration_ms = HB_NO_DURATION,
        };

        if (told->kind == HB_OBS_NONE) {
            break;
        }
        (void)hb_supervisor_step(sup, &seen);
        hb_record_add(result, &seen);
    }
}

static void run_row(const struct row *row, struct hb_result *result)
{
    struct hb_supervisor sup;

    hb_supervisor_init(&sup, &header.policy);
    hb_record_init(result, &header);
    tell_story(row, &sup, result);
    hb_record_finish(result, &sup);
    hb_judge(result);
}
