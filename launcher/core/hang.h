#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/facts.h"
#include "core/verdict_names.h"

/*
 * What kind of hang two looks at the threads show. Nothing was touched to
 * take them; a thread that fixtures name as their heartbeat does not count.
 */

/* The name that the fixture's heartbeat thread gives itself. */
#define HB_BEAT_THREAD_NAME "hbtest-beat"

/* A sample, boiled down: all that the classification needs. */
struct hb_hang_picture {
    bool taken;
    uint32_t threads; /* without heartbeat threads and dead ones */
    uint32_t running;
    uint32_t lock;
    uint32_t io;
    uint32_t child;
    uint32_t sleep;
    uint32_t uninterruptible;
    uint32_t stopped;
    uint32_t traced;
    uint32_t dumping;
    uint32_t other;
    uint64_t cpu_us; /* of all these threads together */
    bool dialog;
};

void hb_hang_look(struct hb_hang_picture *out_picture,
                  const struct hb_thread_sample *threads, size_t count,
                  const struct hb_dialog *dialog);

enum hb_hang_class {
    HB_HANG_CLASS_UNKNOWN = 0,
    HB_HANG_CLASS_DEADLOCK,
    HB_HANG_CLASS_LIVELOCK,
    HB_HANG_CLASS_BLOCKED_IO,
    HB_HANG_CLASS_STOPPED,
    HB_HANG_CLASS_DIALOG,
    HB_HANG_CLASS_STARVED, /* ready, and not given a processor: no hang */
    HB_HANG_CLASS_TRACED,  /* held by a debugger: no hang */
    HB_HANG_CLASS_DUMPING, /* a crash that the system reports: no hang */
};

/* `between_ms` is the time between the two looks. */
enum hb_hang_class hb_hang_classify(const struct hb_hang_picture *first,
                                    const struct hb_hang_picture *second,
                                    uint64_t between_ms);

/* The cause that a report gives this class. */
enum hb_cause hb_hang_cause(enum hb_hang_class class_);
