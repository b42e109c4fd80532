#include "fakes/observations.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"

/* xorshift64 */
static uint64_t next(uint64_t *random)
{
    *random ^= *random << 13;
    *random ^= *random >> 7;
    *random ^= *random << 17;
    return *random;
}

static bool chance(uint64_t *random)
{
    return next(random) % 2 == 0;
}

static unsigned below(uint64_t *random, unsigned count)
{
    return (unsigned)(next(random) % count);
}

static uint64_t number(uint64_t *random)
{
    static const uint64_t edges[] = {
        0,
        1,
        UINT32_MAX,
        (UINT64_C(1) << 53) - 1,
        UINT64_C(1) << 53,
        (UINT64_C(1) << 53) + 1,
        UINT64_MAX - 1,
    };

    return chance(random) ? edges[below(random, 7)]
                          : next(random) >> below(random, 64);
}

static uint32_t small_number(uint64_t *random)
{
    return (uint32_t)number(random);
}

/* Up to `size` - 1 bytes: letters, all of Unicode's lengths, and bytes that
 * are no UTF-8 at all. */
static void fill(uint64_t *random, char *text, size_t size)
{
    static const char *const pieces[] = {
        "a",
        " ",
        "\"",
        "\\",
        "\n",
        "\x01",
        "\xc3\xbc",
        "\xe2\x82\xac",
        "\xf0\x9f\x92\xa5",
        "\x7f",
        "\xff",
        "\xc3",
        "\xed\xa0\x80",
    };
    unsigned kinds = chance(random) ? 10 : 13;
    size_t length = 0;

    for (unsigned left = below(random, 12); left > 0; left--) {
        const char *piece = pieces[below(random, kinds)];
        size_t more = strlen(piece);

        if (length + more < size) {
            memcpy(text + length, piece, more);
            length += more;
        }
    }
    text[length] = '\0';
}

static const char *maybe_text(uint64_t *random, char *text, size_t size)
{
    if (chance(random)) {
        return NULL;
    }
    fill(random, text, size);
    return text;
}

static void make_case(struct random_observation *made, uint64_t *random)
{
    struct hb_observation *seen = &made->seen;

    seen->suite = maybe_text(random, made->texts[0], sizeof(made->texts[0]));
    seen->name = maybe_text(random, made->texts[1], sizeof(made->texts[1]));
    seen->text = maybe_text(random, made->texts[2], sizeof(made->texts[2]));
    seen->file = maybe_text(random, made->texts[3], sizeof(made->texts[3]));
    seen->line = small_number(random);
    seen->status = (enum hb_case_status)below(random, HB_CASE_STATUS_COUNT);
    seen->duration_ms = chance(random) ? HB_NO_DURATION : number(random);
}

static void make_numbers(struct random_observation *made, uint64_t *random)
{
    struct hb_observation *seen = &made->seen;

    if (chance(random)) {
        seen->exit.kind = (enum hb_exit_kind)(1 + below(random, 3));
        seen->exit.value = small_number(random);
        seen->exit.core_dumped = chance(random);
    }
    if (chance(random)) {
        seen->resources = (struct hb_resources){
            .known = true,
            .user_ms = number(random),
            .system_ms = number(random),
            .max_rss_kib = number(random),
        };
    }
    if (chance(random)) {
        seen->stats = (struct hb_stats){
            .rss_kib = number(random),
            .cpu_ms = number(random),
            .threads = small_number(random),
            .handles = small_number(random),
        };
    }
    seen->lane_cpu_us = number(random);
}

static void make_threads(struct random_observation *made, uint64_t *random)
{
    for (size_t i = 0; i < 3; i++) {
        struct hb_thread_sample *thread = &made->threads[i];

        thread->pid = small_number(random);
        thread->tid = small_number(random);
        thread->state = (enum hb_thread_state)below(random, HB_THREAD_DEAD + 1);
        thread->wait = (enum hb_wait_kind)below(random, HB_WAIT_OTHER + 1);
        thread->cpu_us = number(random);
        fill(random, thread->name, sizeof(thread->name));
        fill(random, thread->wait_name, sizeof(thread->wait_name));
    }
    made->seen.threads = made->threads;
    made->seen.thread_count = 1 + below(random, 3);
}

static void make_parts(struct random_observation *made, uint64_t *random)
{
    if (chance(random)) {
        made->process.pid = small_number(random);
        made->process.ppid = small_number(random);
        fill(random, made->process.image, sizeof(made->process.image));
        made->seen.process = &made->process;
    }
    if (chance(random)) {
        made->dialog.shown = chance(random);
        made->dialog.pid = small_number(random);
        fill(random, made->dialog.title, sizeof(made->dialog.title));
        fill(random, made->dialog.text, sizeof(made->dialog.text));
        made->seen.dialog = &made->dialog;
    }
    if (chance(random)) {
        made->evidence.status =
            (enum hb_evidence_status)below(random, HB_EVIDENCE_STATUS_COUNT);
        fill(random, made->evidence.kind, sizeof(made->evidence.kind));
        fill(random, made->evidence.path, sizeof(made->evidence.path));
        made->evidence.bytes = number(random);
        made->evidence.duration_ms = number(random);
        fill(random, made->evidence.reason, sizeof(made->evidence.reason));
        made->seen.evidence = &made->evidence;
    }
}

void random_observation_make(struct random_observation *made,
                             enum hb_observation_kind kind, uint64_t *random)
{
    memset(made, 0, sizeof(*made));

    struct hb_observation *seen = &made->seen;

    seen->kind = kind;
    seen->source = (enum hb_source)below(random, HB_SOURCE_COUNT);
    seen->at_ms = number(random);
    seen->pid = small_number(random);
    seen->count = number(random);
    seen->failed = chance(random);
    seen->stream = (enum hb_stream)below(random, HB_STREAM_COUNT);
    seen->cause_hint = (enum hb_cause)below(random, HB_CAUSE_COUNT);
    make_case(made, random);
    make_numbers(made, random);
    make_parts(made, random);
    if (chance(random)) {
        make_threads(made, random);
    }
}

static void assert_same_text(const char *a, const char *b)
{
    assert_int_equal(a == NULL, b == NULL);
    if (a != NULL) {
        assert_string_equal(a, b);
    }
}

static void assert_same_facts(const struct hb_observation *a,
                              const struct hb_observation *b)
{
    assert_int_equal(a->exit.kind, b->exit.kind);
    assert_int_equal(a->exit.value, b->exit.value);
    assert_int_equal(a->exit.core_dumped, b->exit.core_dumped);
    assert_int_equal(a->resources.known, b->resources.known);
    assert_true(a->resources.user_ms == b->resources.user_ms);
    assert_true(a->resources.system_ms == b->resources.system_ms);
    assert_true(a->resources.max_rss_kib == b->resources.max_rss_kib);
    assert_true(a->stats.rss_kib == b->stats.rss_kib);
    assert_true(a->stats.cpu_ms == b->stats.cpu_ms);
    assert_int_equal(a->stats.threads, b->stats.threads);
    assert_int_equal(a->stats.handles, b->stats.handles);
    assert_true(a->lane_cpu_us == b->lane_cpu_us);
}

static void assert_same_case(const struct hb_observation *a,
                             const struct hb_observation *b)
{
    assert_same_text(a->suite, b->suite);
    assert_same_text(a->name, b->name);
    assert_same_text(a->text, b->text);
    assert_same_text(a->file, b->file);
    assert_int_equal(a->line, b->line);
    assert_int_equal(a->status, b->status);
    assert_true(a->duration_ms == b->duration_ms);
}

static void assert_same_threads(const struct hb_observation *a,
                                const struct hb_observation *b)
{
    assert_int_equal(a->thread_count, b->thread_count);
    for (size_t i = 0; i < a->thread_count; i++) {
        assert_int_equal(a->threads[i].pid, b->threads[i].pid);
        assert_int_equal(a->threads[i].tid, b->threads[i].tid);
        assert_int_equal(a->threads[i].state, b->threads[i].state);
        assert_int_equal(a->threads[i].wait, b->threads[i].wait);
        assert_true(a->threads[i].cpu_us == b->threads[i].cpu_us);
        assert_string_equal(a->threads[i].name, b->threads[i].name);
        assert_string_equal(a->threads[i].wait_name, b->threads[i].wait_name);
    }
}

static void assert_same_parts(const struct hb_observation *a,
                              const struct hb_observation *b)
{
    assert_int_equal(a->process == NULL, b->process == NULL);
    assert_int_equal(a->dialog == NULL, b->dialog == NULL);
    assert_int_equal(a->evidence == NULL, b->evidence == NULL);
    if (a->process != NULL) {
        assert_int_equal(a->process->pid, b->process->pid);
        assert_int_equal(a->process->ppid, b->process->ppid);
        assert_string_equal(a->process->image, b->process->image);
    }
    if (a->dialog != NULL) {
        assert_int_equal(a->dialog->shown, b->dialog->shown);
        assert_int_equal(a->dialog->pid, b->dialog->pid);
        assert_string_equal(a->dialog->title, b->dialog->title);
        assert_string_equal(a->dialog->text, b->dialog->text);
    }
    if (a->evidence != NULL) {
        assert_string_equal(a->evidence->kind, b->evidence->kind);
        assert_int_equal(a->evidence->status, b->evidence->status);
        assert_string_equal(a->evidence->path, b->evidence->path);
        assert_true(a->evidence->bytes == b->evidence->bytes);
        assert_true(a->evidence->duration_ms == b->evidence->duration_ms);
        assert_string_equal(a->evidence->reason, b->evidence->reason);
    }
}

void assert_same_observation(const struct hb_observation *a,
                             const struct hb_observation *b)
{
    assert_int_equal(a->kind, b->kind);
    assert_int_equal(a->source, b->source);
    assert_true(a->at_ms == b->at_ms);
    assert_int_equal(a->pid, b->pid);
    assert_true(a->count == b->count);
    assert_int_equal(a->failed, b->failed);
    assert_int_equal(a->stream, b->stream);
    assert_int_equal(a->cause_hint, b->cause_hint);
    assert_same_case(a, b);
    assert_same_facts(a, b);
    assert_same_parts(a, b);
    assert_same_threads(a, b);
}
