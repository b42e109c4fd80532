#include "core/dialect_tap.h"

/* Caseless, for directives. */
static bool takes_word(struct hb_span *span, const char *word)
{
    size_t i = 0;

    for (; word[i] != '\0'; i++) {
        if (i == span->size || (span->bytes[i] | 0x20) != word[i]) {
            return false;
        }
    }
    *span = hb_span_after(*span, i);
    return true;
}

/* What follows the number: '#' begins a directive if it is not escaped and a
 * blank stands before it. */
static size_t directive_at(struct hb_span text)
{
    for (size_t at = text.size; at > 0; at--) {
        if (text.bytes[at - 1] == '#' &&
            (at == 1 || text.bytes[at - 2] == ' ')) {
            return at - 1;
        }
    }
    return text.size;
}

/* "# time=5.25ms", as some producers add to every point. */
static bool read_time(struct hb_span text, uint64_t *out_ms)
{
    uint64_t ms = 0;
    uint64_t fraction = 0;

    if (!hb_take(&text, "time=") || !hb_take_number(&text, &ms)) {
        return false;
    }
    if (hb_take(&text, ".") && !hb_take_number(&text, &fraction)) {
        return false;
    }
    *out_ms = ms;
    return hb_span_is(text, "ms");
}

static void read_directive(struct hb_span text, struct hb_tap_point *point)
{
    struct hb_span directive;
    size_t at = directive_at(text);

    point->name = text;
    if (at == text.size) {
        return;
    }
    directive = hb_span_trim(hb_span_after(text, at + 1));
    if (takes_word(&directive, "skip")) {
        point->skip = true;
        (void)takes_word(&directive, "ped");
        (void)hb_take(&directive, ":");
    } else if (takes_word(&directive, "todo")) {
        point->todo = true;
    } else if (!read_time(directive, &point->duration_ms)) {
        return;
    }
    point->reason = hb_span_trim(directive);
    point->name = hb_span_trim((struct hb_span){ text.bytes, at });
}

bool hb_tap_point_read(struct hb_span line, struct hb_tap_point *out_point)
{
    struct hb_tap_point point = { .duration_ms = HB_NO_DURATION };
    struct hb_span rest = line;

    point.ok = !hb_take(&rest, "not ");
    if (!hb_take(&rest, "ok") || (rest.size > 0 && rest.bytes[0] != ' ')) {
        return false;
    }
    rest = hb_span_trim(rest);
    point.numbered = hb_take_number(&rest, &point.number);
    if (point.numbered && rest.size > 0 && rest.bytes[0] != ' ') {
        return false; /* "ok 3rd" is not the third */
    }
    rest = hb_span_trim(rest);
    if (hb_take(&rest, "-")) {
        rest = hb_span_trim(rest);
    }
    read_directive(rest, &point);
    *out_point = point;
    return true;
}

/* "1..5", and "1..0 # SKIP why". */
bool hb_tap_plan_read(struct hb_span line, uint64_t *out_count, bool *out_skip)
{
    struct hb_span rest = line;

    if (!hb_take(&rest, "1..") || !hb_take_number(&rest, out_count)) {
        return false;
    }
    rest = hb_span_trim(rest);
    *out_skip = false;
    if (rest.size > 0 && hb_take(&rest, "#")) {
        rest = hb_span_trim(rest);
        *out_skip = *out_count == 0 && takes_word(&rest, "skip");
        return *out_skip || takes_word(&rest, "todo");
    }
    return rest.size == 0;
}

/* "TAP version 13" */
bool hb_tap_version_read(struct hb_span line)
{
    uint64_t version = 0;

    return hb_take(&line, "TAP version ") && hb_take_number(&line, &version) &&
           version >= 12 && version <= 14 && hb_span_trim(line).size == 0;
}
