#include <string.h>

#include "core/dialect_tap.h"

/*
 * What stands below a point that failed: "# comments", or
 *
 *     ---
 *     message: "what was wrong"
 *     file: c.c
 *     line: 9
 *     ...
 *
 * Other keys are for machines that know them.
 */

static struct hb_span unquote(struct hb_span text)
{
    text = hb_span_trim(text);
    if (text.size >= 2 && text.bytes[0] == text.bytes[text.size - 1] &&
        (text.bytes[0] == '"' || text.bytes[0] == '\'')) {
        text = hb_span_after(text, 1);
        text.size--;
    }
    return text;
}

static void read_key(struct hb_tap *tap, struct hb_span line)
{
    struct hb_detail *detail = &tap->detail;
    struct hb_span value = hb_span_trim(line);
    uint64_t number = 0;

    if (hb_take(&value, "message:")) {
        value = unquote(value);
        if (hb_span_is(value, "|") || hb_span_is(value, "|-") ||
            hb_span_is(value, ">") || hb_span_is(value, ">-")) {
            tap->yaml = HB_YAML_MESSAGE;
        } else {
            (void)hb_detail_add(detail, value);
        }
    } else if (hb_take(&value, "file:")) {
        value = unquote(value);
        (void)hb_text_copy_bytes(detail->file, sizeof(detail->file),
                                 value.bytes, value.size);
    } else if (hb_take(&value, "line:")) {
        value = unquote(value);
        if (hb_take_number(&value, &number) && number <= UINT32_MAX) {
            detail->line = (uint32_t)number;
        }
    }
}

/* Lines of a text block stand deeper than their key. */
static void read_yaml(struct hb_tap *tap, struct hb_span line)
{
    struct hb_location location;

    if (tap->yaml == HB_YAML_MESSAGE) {
        if (hb_span_starts(line, "    ")) {
            line = hb_span_trim(line);
            if (tap->detail.file[0] == '\0' &&
                hb_location_read(line, &location)) {
                hb_detail_place(&tap->detail, &location);
            }
            (void)hb_detail_add(&tap->detail, line);
            return;
        }
        tap->yaml = HB_YAML_KEYS;
    }
    read_key(tap, line);
}

static void read_comment(struct hb_tap *tap, struct hb_span text)
{
    struct hb_location location;

    text = hb_span_trim(text);
    if (tap->detail.file[0] == '\0' && hb_location_read(text, &location) &&
        hb_span_starts(location.rest, "error: ")) {
        hb_detail_place(&tap->detail, &location);
    }
    (void)hb_detail_add(&tap->detail, text);
}

/* Comments that belong to the point to come, or to cmocka's group. */
static bool is_heading(struct hb_span text)
{
    return hb_span_starts(text, " Subtest") || hb_span_starts(text, " ok - ") ||
           hb_span_starts(text, " not ok - ");
}

bool hb_tap_detail_line(struct hb_tap *tap, struct hb_span line)
{
    struct hb_span text = line;

    if (tap->yaml != HB_YAML_NONE) {
        if (hb_span_is(hb_span_trim(line), "...")) {
            tap->yaml = HB_YAML_NONE;
        } else if (!hb_span_starts(line, " ") && line.size > 0) {
            tap->yaml = HB_YAML_NONE; /* never closed: no part of it */
            return false;
        } else {
            read_yaml(tap, line);
        }
        return true;
    }
    if (hb_span_is(line, "  ---")) {
        tap->yaml = HB_YAML_KEYS;
        return true;
    }
    if (hb_take(&text, "#") && !is_heading(text)) {
        read_comment(tap, text);
        return true;
    }
    return false;
}
