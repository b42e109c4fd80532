#include "report/console.h"

#include <string.h>

#include "report/story.h"

/* A line of the story is cut here; the reports have all of it. */
#define SHOWN_MAX 600u

/* Of those that are no ASCII: C1 controls, and marks that turn the direction of
 * writing or end a line. */
static bool hides(const char *letter)
{
    static const struct {
        const char *first;
        const char *last;
    } ranges[] = {
        { "\xc2\x80", "\xc2\x9f" },         { "\xd8\x9c", "\xd8\x9c" },
        { "\xe2\x80\x8b", "\xe2\x80\x8f" }, { "\xe2\x80\xa8", "\xe2\x80\xae" },
        { "\xe2\x81\xa0", "\xe2\x81\xaf" }, { "\xef\xbb\xbf", "\xef\xbb\xbf" },
    };

    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
        size_t size = strlen(ranges[i].first);

        if (strncmp(letter, ranges[i].first, size) >= 0 &&
            strncmp(letter, ranges[i].last, size) <= 0) {
            return true;
        }
    }
    return false;
}

/* Names and notes are whatever the test made of them: a terminal shall see
 * letters, never an escape sequence, and a line shall stay one. */
static void add_letters(struct hb_buffer *out, const char *text)
{
    size_t written = 0;
    size_t width = 1;

    for (; *text != '\0' && written < SHOWN_MAX; text += width, written++) {
        unsigned char byte = (unsigned char)*text;

        width = hb_utf8_length(text, strlen(text));
        if (width > 1 && !hides(text)) {
            hb_buffer_add(out, text, width);
            continue;
        }
        width = 1;
        if (byte >= 0x20 && byte < 0x7f) {
            hb_buffer_add(out, text, 1);
        } else if (byte == '\n' || byte == '\r' || byte == '\t') {
            hb_buffer_add(out, " ", 1);
        } else {
            hb_buffer_format(out, "\\x%02X", (unsigned)byte);
        }
    }
    if (*text != '\0') {
        hb_buffer_text(out, "...");
    }
}

static const char *color_of(enum hb_verdict verdict)
{
    switch (verdict) {
    case HB_VERDICT_PASS:
        return "\x1b[32m";
    case HB_VERDICT_SKIP:
    case HB_VERDICT_INTERRUPTED:
        return "\x1b[33m";
    default:
        return "\x1b[1;31m";
    }
}

/* "silent-death" is shouted as "SILENT DEATH". */
static void add_shout(struct hb_buffer *out, const char *word)
{
    static const char capitals[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

    for (; *word != '\0'; word++) {
        bool small = *word >= 'a' && *word <= 'z';

        hb_buffer_add(out, small ? &capitals[*word - 'a'] : " ", 1);
    }
}

static void add_headline(const struct hb_result *result, bool color,
                         struct hb_buffer *out)
{
    hb_buffer_text(out, "hbtest: ");
    if (color) {
        hb_buffer_text(out, color_of(result->verdict));
    }
    add_shout(out, hb_verdict_name(result->verdict));
    if (color) {
        hb_buffer_text(out, "\x1b[0m");
    }
    hb_buffer_text(out, " ");
    add_letters(out, result->header->name);
    if (result->cause != HB_CAUSE_NONE) {
        hb_buffer_format(out, ": %s", hb_cause_name(result->cause));
    }
    if (result->summary[0] != '\0') {
        hb_buffer_text(out, ": ");
        add_letters(out, result->summary);
    }
    hb_buffer_text(out, "\n");
}

static void add_line(void *context, const char *label, const char *text)
{
    struct hb_buffer *out = context;

    hb_buffer_format(out, "  %s: ", label);
    add_letters(out, text);
    hb_buffer_text(out, "\n");
}

static bool is_good(const struct hb_result *result)
{
    return result->verdict == HB_VERDICT_PASS ||
           result->verdict == HB_VERDICT_SKIP;
}

static void add_warnings(const struct hb_result *result, struct hb_buffer *out)
{
    for (size_t i = 0; i < result->warning_count; i++) {
        add_line(out, "warning", result->warnings[i]);
    }
}

void hb_console_verdict(const struct hb_result *result, bool color,
                        const char *folder, struct hb_buffer *out)
{
    add_headline(result, color, out);
    if (is_good(result)) {
        add_warnings(result, out);
        return;
    }
    hb_story_tell(result, add_line, out);
    if (folder != NULL) {
        add_line(out, "record", folder);
    }
}

/* CTest finds its tags with patterns that take no '<' inside. */
static void add_tag_text(struct hb_buffer *out, const char *text)
{
    for (; *text != '\0'; text++) {
        char letter = *text;

        if (letter == '<' || letter == '>') {
            letter = letter == '<' ? '(' : ')';
        }

        char one[2] = { letter, '\0' };

        add_letters(out, one);
    }
}

static bool can_be_tagged(const char *path)
{
    return strpbrk(path, "<>\n\r") == NULL;
}

/* CTest wants the path as it is, or it attaches nothing. */
static void add_file_tag(struct hb_buffer *out, const char *folder,
                         const char *path)
{
    if (can_be_tagged(folder) && can_be_tagged(path)) {
        hb_buffer_text(out, "<CTestMeasurementFile type=\"file\" name=\"");
        add_tag_text(out, path);
        hb_buffer_format(out, "\">%s/%s</CTestMeasurementFile>\n", folder,
                         path);
    }
}

void hb_console_ctest_tags(const struct hb_result *result, const char *folder,
                           struct hb_buffer *out)
{
    if (is_good(result)) {
        return;
    }
    hb_buffer_format(out, "<CTestDetails>%s", hb_verdict_name(result->verdict));
    if (result->cause != HB_CAUSE_NONE) {
        hb_buffer_format(out, " (%s)", hb_cause_name(result->cause));
    }
    hb_buffer_text(out, ": ");
    add_tag_text(out, result->summary);
    hb_buffer_format(out, "</CTestDetails>\n<CTestLabel>%s</CTestLabel>\n",
                     hb_verdict_name(result->verdict));
    add_file_tag(out, folder, "result.json");
    add_file_tag(out, folder, "timeline.jsonl");
    for (size_t i = 0; i < result->evidence_count; i++) {
        const struct hb_evidence *item = &result->evidence[i];

        if (item->status == HB_EVIDENCE_CAPTURED && item->path[0] != '\0') {
            add_file_tag(out, folder, item->path);
        }
    }
}
