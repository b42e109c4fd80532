#include "fakes/observations.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "fakes/random.h"

static const char *maybe_text(uint64_t *random, char *text, size_t size)
{
    if (random_chance(random)) {
        return NULL;
    }
    random_fill(random, text, size);
    return text;
}

static void make_case(struct random_observation *made, uint64_t *random)
{
    struct hb_observation *seen = &made->seen;

    seen->suite = maybe_text(random, made->texts[0], sizeof(made->texts[0]));
    seen->name = maybe_text(random, made->texts[1], sizeof(made->texts[1]));
    seen->text = maybe_text(random, made->texts[2], sizeof(made->texts[2]));
    seen->file = maybe_text(random, made->texts[3], sizeof(made->texts[3]));
    seen->line = random_small(random);
    seen->status =
        (enum hb_case_status)random_below(random, HB_CASE_STATUS_COUNT);
    seen->duration_ms =
        random_chance(random) ? HB_NO_DURATION : random_number(random);
}

static void make_numbers(struct random_observation *made, uint64_t *random)
{
    struct hb_observation *seen = &made->seen;

    if (random_chance(random)) {
        seen->exit.kind = (enum hb_exit_kind)(1 + random_below(random, 3));
        seen->exit.value = random_small(random);
        seen->exit.core_dumped = random_chance(random);
    }
    if (random_chance(random)) {
        seen->resources = (struct hb_resources){
            .known = true,
            .user_ms = random_number(random),
            .system_ms = random_number(random),
            .max_rss_kib = random_number(random),
            .program_ms = random_number(random),
            .cpu_limit_ms = random_number(random),
        };
    }
    if (random_chance(random)) {
        seen->stats = (struct hb_stats){
            .rss_kib = random_number(random),
            .cpu_ms = random_number(random),
            .threads = random_small(random),
            .handles = random_small(random),
        };
    }
    seen->lane_cpu_us = random_number(random);
}

static void make_threads(struct random_observation *made, uint64_t *random)
{
    for (size_t i = 0; i < 3; i++) {
        struct hb_thread_sample *thread = &made->threads[i];

        thread->pid = random_small(random);
        thread->tid = random_small(random);
        thread->state =
            (enum hb_thread_state)random_below(random, HB_THREAD_DUMPING + 1);
        thread->wait =
            (enum hb_wait_kind)random_below(random, HB_WAIT_OTHER + 1);
        thread->cpu_us = random_number(random);
        random_fill(random, thread->name, sizeof(thread->name));
        random_fill(random, thread->wait_name, sizeof(thread->wait_name));
    }
    made->seen.threads = made->threads;
    made->seen.thread_count = 1 + random_below(random, 3);
}

static void make_parts(struct random_observation *made, uint64_t *random)
{
    if (random_chance(random)) {
        made->process.pid = random_small(random);
        made->process.ppid = random_small(random);
        random_fill(random, made->process.image, sizeof(made->process.image));
        made->seen.process = &made->process;
    }
    if (random_chance(random)) {
        made->dialog.shown = random_chance(random);
        made->dialog.pid = random_small(random);
        random_fill(random, made->dialog.title, sizeof(made->dialog.title));
        random_fill(random, made->dialog.text, sizeof(made->dialog.text));
        made->seen.dialog = &made->dialog;
    }
    if (random_chance(random)) {
        made->evidence.status = (enum hb_evidence_status)random_below(
            random, HB_EVIDENCE_STATUS_COUNT);
        random_fill(random, made->evidence.kind, sizeof(made->evidence.kind));
        random_fill(random, made->evidence.path, sizeof(made->evidence.path));
        made->evidence.pid = random_small(random);
        made->evidence.bytes = random_number(random);
        made->evidence.duration_ms = random_number(random);
        made->evidence.pause_us = random_number(random);
        random_fill(random, made->evidence.reason,
                    sizeof(made->evidence.reason));
        made->seen.evidence = &made->evidence;
    }
}

static void make_frame(struct hb_frame *frame, uint64_t *random)
{
    frame->address = random_number(random);
    frame->module = HB_NO_MODULE;
    if (random_chance(random)) {
        frame->module = random_below(random, 4);
        frame->offset = random_number(random);
    }
    random_fill(random, frame->symbol, sizeof(frame->symbol));
    frame->symbol_offset = random_number(random);
    random_fill(random, frame->file, sizeof(frame->file));
    frame->line = random_small(random);
    frame->is_inlined = random_chance(random);
}

static void make_stack(struct random_observation *made, uint64_t *random)
{
    struct hb_found_thread *found = &made->found;

    found->pid = random_small(random);
    found->tid = random_small(random);
    found->sample = random_below(random, 2);
    random_fill(random, found->name, sizeof(found->name));
    random_fill(random, found->state, sizeof(found->state));
    found->crashed = random_chance(random);
    found->moved = random_chance(random);
    random_fill(random, found->cut_short, sizeof(found->cut_short));
    for (size_t i = 0; i < 3; i++) {
        make_frame(&made->frames[i], random);
    }
    found->frames = made->frames;
    found->frame_count = random_below(random, 4);
    made->seen.found = found;
}

static void make_found(struct random_observation *made, uint64_t *random)
{
    if (random_chance(random)) {
        made->module.base = random_number(random);
        made->module.size = random_number(random);
        random_fill(random, made->module.path, sizeof(made->module.path));
        random_fill(random, made->module.id, sizeof(made->module.id));
        random_fill(random, made->module.debug, sizeof(made->module.debug));
        made->seen.module = &made->module;
    }
    if (random_chance(random)) {
        made->lock.pid = random_small(random);
        made->lock.tid = random_small(random);
        random_fill(random, made->lock.kind, sizeof(made->lock.kind));
        made->lock.address = random_number(random);
        made->lock.owner = random_small(random);
        made->seen.lock = &made->lock;
    }
    if (random_chance(random)) {
        made->exception.pid = random_small(random);
        made->exception.tid = random_small(random);
        made->exception.code = random_small(random);
        made->exception.reason = random_small(random);
        made->exception.address = random_number(random);
        made->exception.stack = random_number(random);
        made->exception.pointers = random_number(random);
        made->exception.has_parameter = random_chance(random);
        if (made->exception.has_parameter) {
            made->exception.parameter = random_number(random);
        }
        made->seen.exception = &made->exception;
    }
    if (random_chance(random)) {
        made->leaving.pid = random_small(random);
        made->leaving.tid = random_small(random);
        random_fill(random, made->leaving.call, sizeof(made->leaving.call));
        made->leaving.kind = random_small(random) % 3;
        made->leaving.value = random_small(random);
        made->leaving.from = random_number(random);
        made->seen.leaving = &made->leaving;
    }
    if (random_chance(random)) {
        make_stack(made, random);
    }
    if (random_chance(random)) {
        random_machine_make(&made->machine, random);
        made->seen.machine = &made->machine;
    }
}

void random_observation_make(struct random_observation *made,
                             enum hb_observation_kind kind, uint64_t *random)
{
    memset(made, 0, sizeof(*made));

    struct hb_observation *seen = &made->seen;

    seen->kind = kind;
    seen->source = (enum hb_source)random_below(random, HB_SOURCE_COUNT);
    seen->at_ms = random_number(random);
    seen->pid = random_small(random);
    seen->count = random_number(random);
    seen->failed = random_chance(random);
    seen->stream = (enum hb_stream)random_below(random, HB_STREAM_COUNT);
    seen->cause_hint = (enum hb_cause)random_below(random, HB_CAUSE_COUNT);
    make_case(made, random);
    make_numbers(made, random);
    make_parts(made, random);
    make_found(made, random);
    if (random_chance(random)) {
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
    assert_true(a->resources.program_ms == b->resources.program_ms);
    assert_true(a->resources.cpu_limit_ms == b->resources.cpu_limit_ms);
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
        assert_int_equal(a->evidence->pid, b->evidence->pid);
        assert_true(a->evidence->bytes == b->evidence->bytes);
        assert_true(a->evidence->duration_ms == b->evidence->duration_ms);
        assert_true(a->evidence->pause_us == b->evidence->pause_us);
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
    assert_same_found(a, b);
    assert_int_equal(a->machine == NULL, b->machine == NULL);
    if (a->machine != NULL) {
        assert_same_machine(a->machine, b->machine);
    }
}
