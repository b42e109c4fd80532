#pragma once

#include "base/text.h"
#include "core/completion.h"

/*
 * Private to completion.c and dialect_*.c: what the readers of cmocka, gtest
 * and TAP share. They are handed whole lines, without line end and colours,
 * and speak through a voice.
 *
 * The first dialect that is sure of itself has the program for good. Being
 * sure is strict on purpose: a dialect seen where there is none turns a pass
 * into a death before completion, while one that is missed costs only detail.
 */

#define HB_DIALECT_NAME_SIZE 512u

/* Some bytes of a line: borrowed, may hold NUL, are not ended by one. */
struct hb_span {
    const char *bytes;
    size_t size;
};

bool hb_span_is(struct hb_span span, const char *text);
bool hb_span_starts(struct hb_span span, const char *text);
bool hb_span_ends(struct hb_span span, const char *text);

/* `count` bytes off the front. */
struct hb_span hb_span_after(struct hb_span span, size_t count);
struct hb_span hb_span_trim(struct hb_span span);

/* Where `text` begins in the span, or its size: nowhere. */
size_t hb_span_find(struct hb_span span, const char *text);

/* Takes `text`, or a decimal number, off the front; false: it is not there. */
bool hb_take(struct hb_span *span, const char *text);
bool hb_take_number(struct hb_span *span, uint64_t *out_number);

/* "/path/f.cc:5: rest", "f.cc(5): rest": the last that fits. */
struct hb_location {
    struct hb_span file;
    uint32_t line;
    struct hb_span rest;
};
bool hb_location_read(struct hb_span span, struct hb_location *out_location);

/* The twelve characters in brackets that cmocka and gtest begin a line with. */
enum hb_mark_kind {
    HB_MARK_TOTAL, /* [==========] */
    HB_MARK_SUITE, /* [----------] */
    HB_MARK_RUN,
    HB_MARK_OK,
    HB_MARK_FAILED,
    HB_MARK_SKIPPED,
    HB_MARK_PASSED,
    HB_MARK_ERROR,
    HB_MARK_LINE,
    HB_MARK_COUNT
};

struct hb_mark {
    enum hb_mark_kind kind;
    size_t at; /* offset in the line; 0 is where marks belong */
    struct hb_span rest;
};

/* The first mark at `from` or later. */
bool hb_mark_find(struct hb_span line, size_t from, struct hb_mark *out_mark);

/* What stands after [==========]. */
struct hb_total {
    enum hb_source source; /* CMOCKA or GTEST */
    bool begins;           /* or ends */
    uint64_t count;
    struct hb_span group; /* cmocka's, may be empty */
};
bool hb_total_read(struct hb_span rest, struct hb_total *out_total);

/* Says observations. */
struct hb_voice {
    hb_observe *observe;
    void *context;
    uint64_t at_ms;
};
void hb_say(const struct hb_voice *voice, struct hb_observation seen);

/* The text of a failure, gathered line by line up to a cap. */
#define HB_DETAIL_TEXT_SIZE 1024u
#define HB_DETAIL_LINES 32u
struct hb_detail {
    bool open;
    char text[HB_DETAIL_TEXT_SIZE];
    size_t size;
    unsigned lines;
    char file[256];
    uint32_t line;
};
void hb_detail_begin(struct hb_detail *detail);
void hb_detail_place(struct hb_detail *detail,
                     const struct hb_location *location);
/* False: it is full, and the line may be cut. */
bool hb_detail_add(struct hb_detail *detail, struct hb_span line);
/* Says it for the case and closes it; says nothing if it is empty. */
void hb_detail_say(struct hb_detail *detail, const struct hb_voice *voice,
                   enum hb_source source, const char *suite, const char *name);

/*
 * The case that runs. A test may run another test program and let its output
 * through: what stands between a [==========] header inside a case and the
 * matching end, or the case's own end mark, is that program's and is not read.
 */
struct hb_flight {
    bool active;
    char full[HB_DIALECT_NAME_SIZE]; /* as its marks have it */
    unsigned depth;                  /* of programs inside */
    unsigned twins;                  /* cases of the same name inside */
    bool footer;                     /* of a program inside that has ended */
    enum hb_mark_kind listed;        /* cases of which kind it lists */
};
void hb_flight_begin(struct hb_flight *flight, struct hb_span name);
bool hb_flight_is(const struct hb_flight *flight, struct hb_span name);
/* True: the line belongs to a program inside; look no further. */
bool hb_flight_is_foreign(struct hb_flight *flight, struct hb_span line);

#include "core/dialect_readers.h"
