#pragma once

#include <stdbool.h>

#include "base/text.h"
#include "core/result.h"
#include "os/file.h"
#include "run/settings.h"
#include "run/veil.h"

/*
 * The folder of one run: DIR/<name>/<run-id>/. From the first moment it holds
 * a valid and pessimistic result.json and junit.xml; the verdict replaces
 * them atomically.
 */
#define HB_PATH_SIZE 4096

/* What was printed, boiled down for the JUnit report: the first and the last
 * bytes of each stream. */
#define HB_EXCERPT_HEAD 16384u
#define HB_EXCERPT_TAIL 49152u
struct hb_excerpt {
    struct hb_buffer head;
    char *tail; /* ring of HB_EXCERPT_TAIL bytes, or NULL */
    uint64_t total;
};

struct hb_artifacts {
    const struct hb_settings *settings; /* borrowed */
    char folder[HB_PATH_SIZE];          /* absolute */
    char base[HB_PATH_SIZE];            /* --artifacts, absolute */
    const struct hb_veil *veil;         /* borrowed; NULL: nothing is blanked */
    struct hb_appender *timeline;
    struct hb_log *logs[HB_STREAM_COUNT];
    bool log_failed[HB_STREAM_COUNT];
    struct hb_excerpt excerpts[HB_STREAM_COUNT];
    bool only_copy; /* a log holds what could not be passed on */
};

/* `name` as a name that both systems and artifact uploads take: 1 to 100 bytes
 * of UTF-8, no dot at either end, nothing that Windows keeps for devices.
 * `size` bytes of `target`, at least 2. */
void hb_artifacts_safe_name(const char *name, char *target, size_t size);

/* Makes the folder; writes the run id into `header`. The caller owns
 * `*artifacts` and must pass it to hb_artifacts_close(), also after a
 * failure. */
bool hb_artifacts_open(struct hb_artifacts *artifacts,
                       const struct hb_settings *settings,
                       struct hb_run_header *header, struct hb_error *err);

/* The path of a file in the run's folder. `target` has HB_PATH_SIZE bytes. */
void hb_artifacts_path(const struct hb_artifacts *artifacts, const char *file,
                       char *target);

/* Keeps what the test printed. Failures (a full disk) are told once, through
 * `err`; the excerpts are kept all the same. */
bool hb_artifacts_output(struct hb_artifacts *artifacts, enum hb_stream stream,
                         const char *bytes, size_t size, struct hb_error *err);

/* Writes result.json, junit.xml and their copies from this result. All are
 * tried; false with the first failure. */
bool hb_artifacts_write(struct hb_artifacts *artifacts,
                        const struct hb_result *result, struct hb_error *err);

/* After a failure of that: writes the same files again, with a result that
 * tells of it. Where there is no room, without cases, output and the like, if
 * need be over the bytes of the first record. */
void hb_artifacts_salvage(struct hb_artifacts *artifacts,
                          const struct hb_result *result);

/* Takes back the folder of a run that could not begin. Call it after
 * hb_artifacts_close(). */
void hb_artifacts_withdraw(const struct hb_artifacts *artifacts);

/* No more output will come. */
bool hb_artifacts_close_logs(struct hb_artifacts *artifacts,
                             struct hb_error *err);

/* Removes the logs of a run whose logs are not kept; of one whose logs are
 * kept both are there, if need be empty. */
bool hb_artifacts_keep(struct hb_artifacts *artifacts,
                       const struct hb_result *result, struct hb_error *err);

void hb_artifacts_close(struct hb_artifacts *artifacts);
