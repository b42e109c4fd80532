#pragma once

#include "core/dialect.h"

/* Private to dialect_tap*.c: the lines of TAP. */
struct hb_tap_point {
    bool ok;
    bool numbered;
    uint64_t number;
    struct hb_span name; /* the description, may be empty */
    bool skip;
    bool todo;
    struct hb_span reason;
    uint64_t duration_ms;
};
bool hb_tap_point_read(struct hb_span line, struct hb_tap_point *out_point);
bool hb_tap_plan_read(struct hb_span line, uint64_t *out_count, bool *out_skip);
bool hb_tap_version_read(struct hb_span line);

/* A point with this number (1 or more) came; whether all of a plan came; says
 * as expected cases those that did not, if points came twice or out of order.
 */
void hb_tap_number_take(struct hb_tap_numbers *numbers, uint64_t number);
bool hb_tap_numbers_are_all(const struct hb_tap_numbers *numbers,
                            uint64_t plan);
void hb_tap_numbers_missing(const struct hb_tap_numbers *numbers, uint64_t plan,
                            const struct hb_voice *voice);

/* "# text" and YAML below a point. False: the line is no part of it. */
bool hb_tap_detail_line(struct hb_tap *tap, struct hb_span line);
