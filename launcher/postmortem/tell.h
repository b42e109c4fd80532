#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "core/observation.h"
#include "postmortem/facts.h"

/*
 * How the helper tells what it found: one JSON object a line, flushed at
 * once, so that a helper that is killed has said all that it knew. The
 * launcher takes every line that is whole.
 *
 *     {"kind":"module","index":0,"base":"0x..","size":N,"path":..,"id":..}
 *     {"kind":"thread","pid":N,"tid":N,"sample":0,"name":..,"state":..,
 *      "moved":true,"crashed":true,"cut_short":..,"frames":[
 *        {"address":"0x..","module":0,"offset":"0x..","symbol":..,
 *         "symbol_offset":N,"file":..,"line":N,"inlined":true}]}
 *     {"kind":"lock","pid":N,"tid":N,"lock":"mutex","address":"0x..",
 *      "owner":N}
 *     {"kind":"exception","pid":N,"tid":N,"code":N,"reason":N,
 *      "address":"0x..","stack":"0x..","parameter":N}
 *     {"kind":"unwritten","pid":N,"stream":"stdout|stderr","bytes":N,
 *      "text":..}
 *     {"kind":"evidence","pid":N,"what":"stacks|dump|locks",
 *      "status":"captured|skipped|failed","path":..,"bytes":N,
 *      "duration_ms":N,"pause_us":N,"reason":..}
 *     {"kind":"done"}
 *
 * Numbers over 2^53, all addresses and all offsets in modules are texts in
 * hex. Fields that are not known are absent; `frames` is always there. Lines
 * of several threads do not mix; hb_tell_module() is for one thread.
 */
struct hb_teller; /* where lines go, and the count of modules told */

/* `out` is borrowed. NULL when out of memory. */
struct hb_teller *hb_teller_new(FILE *out);
void hb_teller_free(struct hb_teller *teller);

/* Returns the index by which frames name the module. */
uint32_t hb_tell_module(struct hb_teller *teller,
                        const struct hb_module *module);
void hb_tell_thread(struct hb_teller *teller,
                    const struct hb_found_thread *thread);
void hb_tell_lock(struct hb_teller *teller, const struct hb_found_lock *lock);
void hb_tell_exception(struct hb_teller *teller,
                       const struct hb_found_exception *exception);

/* What waits in a buffer of the C library to be written. */
struct hb_found_unwritten {
    uint32_t pid; /* 0: not known */
    enum hb_stream stream;
    uint64_t bytes;
    const char *text; /* of them, the last that a text has room for */
};
/* What was printed is a text, which has no NUL; what becomes of it is shown
 * like other bytes that are no letters. There is room for one byte more. */
void hb_unwritten_make_text(char *bytes, size_t size);

void hb_tell_unwritten(struct hb_teller *teller,
                       const struct hb_found_unwritten *found);

struct hb_found_evidence {
    uint32_t pid;
    const char *what;
    enum hb_evidence_status status;
    const char *path; /* NULL: none */
    uint64_t bytes;
    uint64_t duration_ms;
    uint64_t pause_us;  /* how long the target stood still for it; 0: unknown */
    const char *reason; /* NULL if captured */
};
void hb_tell_evidence(struct hb_teller *teller,
                      const struct hb_found_evidence *evidence);

/* The last line. Nothing may be told after it. */
void hb_tell_done(struct hb_teller *teller);
