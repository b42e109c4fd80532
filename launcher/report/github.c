#include "report/github.h"

#include <string.h>

#include "core/record_cases.h"
#include "report/story.h"

/* The runner cuts messages at 4096 characters. */
#define MESSAGE_MAX 4000u

/* A step's summary is dropped whole beyond 1 MiB; it holds many runs. */
#define CELL_MAX 1500u

static bool is_good(const struct hb_result *result)
{
    return result->verdict == HB_VERDICT_PASS ||
           result->verdict == HB_VERDICT_SKIP;
}

/* Where a replacement must stand for the byte, or NULL. */
static const char *command_escape(char letter, bool property)
{
    switch (letter) {
    case '%':
        return "%25";
    case '\r':
        return "%0D";
    case '\n':
        return "%0A";
    case ':':
        return property ? "%3A" : NULL;
    case ',':
        return property ? "%2C" : NULL;
    default:
        return NULL;
    }
}

/* Control characters and what is no UTF-8 become '?'. */
static size_t add_character(struct hb_buffer *out, const char *text,
                            size_t left)
{
    size_t length = hb_utf8_length(text, left);
    unsigned char byte = (unsigned char)*text;

    if (length == 0 || (byte < 0x20 && byte != '\t') || byte == 0x7f) {
        hb_buffer_add(out, "?", 1);
        return 1;
    }
    hb_buffer_add(out, text, length);
    return length;
}

static void add_command_text(struct hb_buffer *out, const char *text,
                             bool property)
{
    size_t left = strlen(text);

    while (left > 0) {
        const char *instead = command_escape(*text, property);
        size_t length = 1;

        if (instead != NULL) {
            hb_buffer_text(out, instead);
        } else {
            length = add_character(out, text, left);
        }
        text += length;
        left -= length;
    }
}

/* The case that the finding is about, if it says where it stands. */
static const struct hb_case *find_place(const struct hb_result *result)
{
    const struct hb_case *at = hb_cases_in_flight(result);

    for (size_t i = 0; at == NULL && i < result->case_count; i++) {
        if (result->cases[i].status == HB_CASE_FAILED) {
            at = &result->cases[i];
        }
    }
    return at != NULL && at->file != NULL ? at : NULL;
}

static void add_place(const struct hb_result *result, struct hb_buffer *out)
{
    const struct hb_case *at = find_place(result);

    if (at == NULL) {
        return;
    }
    hb_buffer_text(out, "file=");
    add_command_text(out, at->file, true);
    if (at->line != 0) {
        hb_buffer_format(out, ",line=%u", (unsigned)at->line);
    }
    hb_buffer_text(out, ",");
}

static void add_title(const struct hb_result *result, struct hb_buffer *out)
{
    hb_buffer_text(out, "title=");
    hb_buffer_text(out, hb_verdict_name(result->verdict));
    if (result->cause != HB_CAUSE_NONE) {
        hb_buffer_format(out, " (%s)", hb_cause_name(result->cause));
    }
    hb_buffer_text(out, " in ");
    add_command_text(out, result->header->name, true);
}

static void add_message_line(void *context, const char *label, const char *text)
{
    struct hb_buffer *message = context;

    hb_buffer_format(message, "\n%s: %s", label, text);
}

/* The folder comes before the story, which may be cut. */
void hb_github_annotation(const struct hb_result *result, const char *folder,
                          struct hb_buffer *out)
{
    struct hb_buffer message = { 0 };
    char cut[MESSAGE_MAX];

    if (is_good(result)) {
        return;
    }
    hb_buffer_text(&message, result->summary);
    if (folder != NULL) {
        add_message_line(&message, "record", folder);
    }
    hb_story_tell(result, add_message_line, &message);
    (void)hb_text_copy(cut, sizeof(cut), message.bytes);
    hb_buffer_free(&message);

    /* Somebody wanted an interrupted run to end: no error of the test. */
    hb_buffer_text(out, result->verdict == HB_VERDICT_INTERRUPTED ? "::warning "
                                                                  : "::error ");
    add_place(result, out);
    add_title(result, out);
    hb_buffer_text(out, "::");
    add_command_text(out, cut, false);
    hb_buffer_text(out, "\n");
}

static bool is_punctuation(char letter)
{
    return letter > 0x20 && letter < 0x7f &&
           strchr("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", letter) != NULL;
}

/* Markdown lets any ASCII punctuation stand for itself behind a backslash:
 * no markup, no HTML, no link, no mention can come out of a test's name. */
static void add_markdown(struct hb_buffer *out, const char *text)
{
    char cut[CELL_MAX];
    const char *at = cut;

    (void)hb_text_copy(cut, sizeof(cut), text);
    for (size_t left = strlen(cut); left > 0;) {
        size_t length = 1;

        if (*at == '\n' || *at == '\r' || *at == '\t') {
            hb_buffer_add(out, " ", 1);
        } else {
            if (is_punctuation(*at)) {
                hb_buffer_add(out, "\\", 1);
            }
            length = add_character(out, at, left);
        }
        at += length;
        left -= length;
    }
}

static void add_row(void *context, const char *label, const char *text)
{
    struct hb_buffer *out = context;

    hb_buffer_format(out, "| %s | ", label);
    add_markdown(out, text);
    hb_buffer_text(out, " |\n");
}

void hb_github_summary(const struct hb_result *result, const char *folder,
                       struct hb_buffer *out)
{
    if (is_good(result)) {
        return;
    }
    hb_buffer_text(out, "### ");
    add_markdown(out, result->header->name);
    hb_buffer_format(out, ": %s", hb_verdict_name(result->verdict));
    if (result->cause != HB_CAUSE_NONE) {
        hb_buffer_format(out, " (%s)", hb_cause_name(result->cause));
    }
    hb_buffer_text(out, "\n\n");
    add_markdown(out, result->summary);
    hb_buffer_text(out, "\n\n| | |\n|---|---|\n");
    hb_story_tell(result, add_row, out);
    if (folder != NULL) {
        add_row(out, "record", folder);
    }
    hb_buffer_text(out, "\n");
}
