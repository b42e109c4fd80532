#pragma once

/* The second half of core/dialect.h: the three readers. */
#include "core/dialect.h"

/* cmocka, standard output: marks on stdout, errors and summary on stderr (or
 * on stdout). The two streams reach us in any order, so failures that wait
 * for their text and texts that wait for their failure are both kept. */
#define HB_CMOCKA_WAITING 8u
#define HB_CMOCKA_EARLY 4u
struct hb_cmocka_case {
    char suite[HB_DIALECT_NAME_SIZE];
    char name[HB_DIALECT_NAME_SIZE];
    uint64_t at_ms;
};
struct hb_cmocka {
    struct hb_flight flight;
    char group[HB_DIALECT_NAME_SIZE];
    uint64_t planned; /* in this group */
    bool failed;      /* in any group */
    bool complete;
    uint64_t count;                 /* cases run, in all groups */
    bool has_detail;                /* the case in flight */
    struct hb_cmocka_case presumed; /* failed, since it had no end mark */
    struct hb_cmocka_case waiting[HB_CMOCKA_WAITING];
    size_t waiting_count;
    struct hb_detail detail;
    struct hb_detail early[HB_CMOCKA_EARLY];
    size_t early_count;
    char remark[HB_DETAIL_TEXT_SIZE]; /* the last line that explains */
};

/* `known`: the program is one of cmocka's; before, only texts are kept. */
void hb_cmocka_line(struct hb_cmocka *cmocka, const struct hb_voice *voice,
                    enum hb_stream stream, struct hb_span line, bool known);
void hb_cmocka_end(struct hb_cmocka *cmocka, const struct hb_voice *voice);

/* GoogleTest: all on stdout. */
#define HB_GTEST_BRIEF 32u
struct hb_gtest_brief {
    char full[HB_DIALECT_NAME_SIZE];
    uint64_t duration_ms;
};
struct hb_gtest {
    struct hb_flight flight;
    bool footer; /* after "ran." */
    bool complete;
    bool failed;
    uint64_t planned; /* in this iteration */
    uint64_t count;   /* run, in all iterations */
    struct hb_detail detail;
    bool maybe; /* "ran." without a beginning: --gtest_brief=1 */
    uint64_t maybe_count;
    struct hb_gtest_brief brief[HB_GTEST_BRIEF];
    size_t brief_count;
};

void hb_gtest_line(struct hb_gtest *gtest, const struct hb_voice *voice,
                   struct hb_span line);
/* A line of a program that is not known. True: it is gtest with
 * --gtest_brief=1, had failures, and has just completed. */
bool hb_gtest_guess(struct hb_gtest *gtest, const struct hb_voice *voice,
                    struct hb_span line);
void hb_gtest_end(struct hb_gtest *gtest, const struct hb_voice *voice);

/* TAP 12 to 14, on stdout. */
#define HB_TAP_HELD_MAX 262144u
#define HB_TAP_NUMBERS 65536u
struct hb_tap_numbers {                 /* of the points under one plan */
    uint64_t bits[HB_TAP_NUMBERS / 64]; /* which of 1, 2, ... came */
    uint64_t row;                       /* 1 to this came, all of them */
    uint64_t beyond;                    /* points with a higher number */
    uint64_t points;
};
enum hb_tap_yaml { HB_YAML_NONE = 0, HB_YAML_KEYS, HB_YAML_MESSAGE };
struct hb_tap {
    bool known;
    bool impossible; /* points out of order: it is something else */
    bool version;
    bool planned;
    uint64_t plan;
    struct hb_tap_numbers numbers;
    uint64_t number; /* of the last point */
    uint64_t count;  /* points under all plans */
    bool failed;
    bool complete;
    struct hb_buffer held;           /* points before we are sure, one a line */
    char name[HB_DIALECT_NAME_SIZE]; /* of the last point */
    struct hb_detail detail;
    enum hb_tap_yaml yaml;
};

/* A line of a program that is not known, or is known to speak TAP. */
void hb_tap_line(struct hb_tap *tap, const struct hb_voice *voice,
                 struct hb_span line);
/* Something speaks for TAP: the next lines are worth a look. */
bool hb_tap_is_likely(const struct hb_tap *tap);
void hb_tap_end(struct hb_tap *tap, const struct hb_voice *voice);
void hb_tap_free(struct hb_tap *tap);
