#include "core/completion.h"

#include <stdlib.h>
#include <string.h>

#include "core/dialect.h"
#include "core/dialect_pairs.h"

/*
 * Two jobs: to make whole lines of chunks, and to hand each to who may read
 * it. Most output of most tests is of no interest at all and is skipped before
 * lines are made of it (core/dialect_pairs.h).
 */

/* Of a line that is longer than HB_LINE_SIZE head and tail are kept, with a
 * newline as the seam, so that no word grows across it. */
#define TAIL_SIZE 1024u
#define HEAD_SIZE (HB_LINE_SIZE - TAIL_SIZE)

/* A program that speaks TAP says so early. */
#define TAP_WINDOW 65536u

enum speaker {
    SPEAKER_UNKNOWN = 0,
    SPEAKER_CMOCKA,
    SPEAKER_GTEST,
    SPEAKER_TAP,
    SPEAKER_CTEST, /* the output is that of many programs: not to be read */
};

struct line {
    char bytes[HB_LINE_SIZE];
    size_t size;
    bool cut;
    const char *interest; /* at its start: see interest() */
};

struct hb_completion {
    struct hb_voice voice;
    enum speaker speaker;
    uint64_t read[HB_STREAM_COUNT]; /* bytes that were not skipped */
    bool stderr_begun;              /* its first line is over */
    struct line lines[HB_STREAM_COUNT];
    bool ended[HB_STREAM_COUNT];
    char scratch[HB_LINE_SIZE];
    struct hb_cmocka cmocka;
    struct hb_gtest gtest;
    struct hb_tap tap;
};

/* Colours: "ESC [ ... letter" is dropped. */
static struct hb_span without_colours(struct hb_completion *completion,
                                      struct hb_span line)
{
    size_t size = 0;

    for (size_t i = 0; i < line.size; i++) {
        if (line.bytes[i] != '\033' || i + 1 == line.size ||
            line.bytes[i + 1] != '[') {
            completion->scratch[size++] = line.bytes[i];
            continue;
        }
        i += 2;
        while (i < line.size &&
               (line.bytes[i] < 0x40 || line.bytes[i] > 0x7e)) {
            i++;
        }
    }
    return (struct hb_span){ completion->scratch, size };
}

/* What the dynamic loader says when it cannot start a program. */
static bool is_loader_failure(struct hb_span line)
{
    static const char *const signs[] = {
        ": error while loading shared libraries: ",
        ": symbol lookup error: ",
    };
    size_t version = hb_span_find(line, ": version `");

    for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
        if (hb_span_find(line, signs[i]) < line.size) {
            return true;
        }
    }
    return hb_span_find(hb_span_after(line, version),
                        "' not found (required by ") < line.size - version;
}

static void read_first_stderr(struct hb_completion *completion,
                              struct hb_span line)
{
    char text[HB_DETAIL_TEXT_SIZE];

    if (!is_loader_failure(line)) {
        return;
    }
    (void)hb_text_copy_bytes(text, sizeof(text), line.bytes, line.size);
    hb_say(&completion->voice, (struct hb_observation){ .kind = HB_OBS_BAD_TEXT,
                                                        .stream = HB_STDERR,
                                                        .text = text });
}

/* Nobody has the program yet. A [==========] header at the start of a line
 * gives it to cmocka or gtest. */
static void guess(struct hb_completion *completion, struct hb_span line)
{
    const struct hb_voice *voice = &completion->voice;
    struct hb_mark mark;
    struct hb_total total;

    if (hb_mark_find(line, 0, &mark) && mark.at == 0 &&
        mark.kind == HB_MARK_TOTAL && hb_total_read(mark.rest, &total) &&
        total.begins) {
        if (total.source == HB_SOURCE_CMOCKA) {
            completion->speaker = SPEAKER_CMOCKA;
            hb_cmocka_line(&completion->cmocka, voice, HB_STDOUT, line, true);
        } else {
            completion->speaker = SPEAKER_GTEST;
            hb_gtest_line(&completion->gtest, voice, line);
        }
    } else if (hb_gtest_guess(&completion->gtest, voice, line)) {
        completion->speaker = SPEAKER_GTEST;
    } else if (hb_span_starts(line, "Test project ")) {
        completion->speaker = SPEAKER_CTEST;
    } else {
        hb_tap_line(&completion->tap, voice, line);
        completion->speaker =
            completion->tap.known ? SPEAKER_TAP : SPEAKER_UNKNOWN;
    }
}

static void read_stdout(struct hb_completion *completion, struct hb_span line)
{
    const struct hb_voice *voice = &completion->voice;

    switch (completion->speaker) {
    case SPEAKER_UNKNOWN:
        guess(completion, line);
        break;
    case SPEAKER_CMOCKA:
        hb_cmocka_line(&completion->cmocka, voice, HB_STDOUT, line, true);
        break;
    case SPEAKER_GTEST:
        hb_gtest_line(&completion->gtest, voice, line);
        break;
    case SPEAKER_TAP:
        hb_tap_line(&completion->tap, voice, line);
        break;
    case SPEAKER_CTEST:
        break;
    }
}

static void read_stderr(struct hb_completion *completion, struct hb_span line)
{
    bool known = completion->speaker == SPEAKER_CMOCKA;

    if (!completion->stderr_begun) {
        completion->stderr_begun = true;
        read_first_stderr(completion, line);
    }
    if (known || completion->speaker == SPEAKER_UNKNOWN) {
        hb_cmocka_line(&completion->cmocka, &completion->voice, HB_STDERR, line,
                       known);
    }
}

static void read_line(struct hb_completion *completion, enum hb_stream stream,
                      struct hb_span line)
{
    if (line.size > 0 && line.bytes[line.size - 1] == '\r') {
        line.size--;
    }
    if (memchr(line.bytes, '\033', line.size) != NULL) {
        line = without_colours(completion, line);
    }
    if (stream == HB_STDOUT) {
        read_stdout(completion, line);
    } else {
        read_stderr(completion, line);
    }
}

/* Lines from chunks */

static void append(struct line *line, struct hb_span part)
{
    size_t room = sizeof(line->bytes) - line->size;
    size_t taken = part.size < room ? part.size : room;

    memcpy(line->bytes + line->size, part.bytes, taken);
    line->size += taken;
    part = hb_span_after(part, taken);
    if (part.size == 0) {
        return;
    }
    line->cut = true;
    if (part.size >= TAIL_SIZE) {
        memcpy(line->bytes + HEAD_SIZE, part.bytes + part.size - TAIL_SIZE,
               TAIL_SIZE);
        return;
    }
    memmove(line->bytes + HEAD_SIZE, line->bytes + HEAD_SIZE + part.size,
            TAIL_SIZE - part.size);
    memcpy(line->bytes + HB_LINE_SIZE - part.size, part.bytes, part.size);
}

/* A line that came in parts. Whether it is read must not depend on where it
 * was cut. */
static void flush(struct hb_completion *completion, enum hb_stream stream)
{
    struct line *line = &completion->lines[stream];
    struct hb_span whole = { line->bytes, line->size };

    if (line->cut) {
        line->bytes[HEAD_SIZE] = '\n';
    }
    line->size = 0;
    line->cut = false;
    if (line->interest == NULL || hb_pairs_in(whole, line->interest)) {
        read_line(completion, stream, whole);
    }
}

/* The pairs of bytes of which every line that matters now has one; NULL: any
 * line may matter; empty: none does. */
static const char *interest(const struct hb_completion *completion,
                            enum hb_stream stream)
{
    bool is_open = stream == HB_STDOUT || !completion->stderr_begun;

    switch (completion->speaker) {
    case SPEAKER_UNKNOWN:
        if (stream == HB_STDERR) {
            return completion->stderr_begun ? "[ ERCo" : NULL;
        }
        return completion->read[HB_STDOUT] < TAP_WINDOW ||
                       hb_tap_is_likely(&completion->tap)
                   ? NULL
                   : "[=[ ";
    case SPEAKER_CMOCKA:
        return stream == HB_STDERR || completion->cmocka.detail.open ? NULL
                                                                     : "[=[ ";
    case SPEAKER_GTEST: /* ": Failure", ": Skipped", "): error:", "unknown" */
        if (stream == HB_STDERR) {
            return is_open ? NULL : "";
        }
        return completion->gtest.detail.open ? NULL : "[=[ FaSk):kn";
    case SPEAKER_TAP:
        return is_open ? NULL : "";
    case SPEAKER_CTEST:
        return is_open && stream == HB_STDERR ? NULL : "";
    }
    return NULL;
}

void hb_completion_feed(struct hb_completion *completion, enum hb_stream stream,
                        const char *bytes, size_t size, uint64_t at_ms)
{
    struct line *line = &completion->lines[stream];
    struct hb_outlook outlook = { 0 };
    const char *at = bytes;
    const char *end = bytes + size;

    completion->voice.at_ms = at_ms;
    while (at < end) {
        const char *newline;
        struct hb_span part;

        if (line->size == 0) {
            line->interest = interest(completion, stream);
            at += hb_pairs_skip(&outlook, line->interest, at, end);
        }
        newline = memchr(at, '\n', (size_t)(end - at));
        part.bytes = at;
        part.size = (size_t)((newline != NULL ? newline : end) - at);
        at += part.size + (newline != NULL);
        completion->read[stream] += part.size + (newline != NULL);
        if (newline != NULL && line->size == 0 && part.size <= HB_LINE_SIZE) {
            read_line(completion, stream, part);
        } else {
            append(line, part);
            if (newline != NULL) {
                flush(completion, stream);
            }
        }
    }
}

void hb_completion_end(struct hb_completion *completion, enum hb_stream stream,
                       uint64_t at_ms)
{
    completion->voice.at_ms = at_ms;
    if (completion->lines[stream].size > 0) {
        flush(completion, stream);
    }
    completion->ended[stream] = true;
    if (completion->ended[HB_STDOUT] && completion->ended[HB_STDERR]) {
        hb_cmocka_end(&completion->cmocka, &completion->voice);
    }
    if (stream == HB_STDOUT) {
        hb_gtest_end(&completion->gtest, &completion->voice);
        hb_tap_end(&completion->tap, &completion->voice);
    }
}

struct hb_completion *hb_completion_new(hb_observe *observe, void *context)
{
    struct hb_completion *completion = calloc(1, sizeof(*completion));

    if (completion != NULL) {
        completion->voice.observe = observe;
        completion->voice.context = context;
    }
    return completion;
}

void hb_completion_free(struct hb_completion *completion)
{
    if (completion != NULL) {
        hb_tap_free(&completion->tap);
        free(completion);
    }
}
