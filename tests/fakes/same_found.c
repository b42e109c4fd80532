#include "fakes/observations.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void assert_same_frame(const struct hb_frame *a,
                              const struct hb_frame *b)
{
    assert_true(a->address == b->address);
    assert_int_equal(a->module, b->module);
    assert_true(a->offset == b->offset);
    assert_string_equal(a->symbol, b->symbol);
    assert_true(a->symbol_offset == b->symbol_offset);
    assert_string_equal(a->file, b->file);
    assert_int_equal(a->line, b->line);
    assert_int_equal(a->is_inlined, b->is_inlined);
}

static void assert_same_stack(const struct hb_found_thread *a,
                              const struct hb_found_thread *b)
{
    assert_int_equal(a->pid, b->pid);
    assert_int_equal(a->tid, b->tid);
    assert_int_equal(a->sample, b->sample);
    assert_string_equal(a->name, b->name);
    assert_string_equal(a->state, b->state);
    assert_int_equal(a->crashed, b->crashed);
    assert_int_equal(a->moved, b->moved);
    assert_string_equal(a->cut_short, b->cut_short);
    assert_int_equal(a->frame_count, b->frame_count);
    for (size_t i = 0; i < a->frame_count; i++) {
        assert_same_frame(&a->frames[i], &b->frames[i]);
    }
}

void assert_same_found(const struct hb_observation *a,
                       const struct hb_observation *b)
{
    assert_int_equal(a->module == NULL, b->module == NULL);
    assert_int_equal(a->found == NULL, b->found == NULL);
    assert_int_equal(a->lock == NULL, b->lock == NULL);
    assert_int_equal(a->exception == NULL, b->exception == NULL);
    assert_int_equal(a->leaving == NULL, b->leaving == NULL);
    if (a->module != NULL) {
        assert_true(a->module->base == b->module->base);
        assert_true(a->module->size == b->module->size);
        assert_string_equal(a->module->path, b->module->path);
        assert_string_equal(a->module->id, b->module->id);
        assert_string_equal(a->module->debug, b->module->debug);
    }
    if (a->found != NULL) {
        assert_same_stack(a->found, b->found);
    }
    if (a->lock != NULL) {
        assert_int_equal(a->lock->pid, b->lock->pid);
        assert_int_equal(a->lock->tid, b->lock->tid);
        assert_string_equal(a->lock->kind, b->lock->kind);
        assert_true(a->lock->address == b->lock->address);
        assert_int_equal(a->lock->owner, b->lock->owner);
    }
    if (a->exception != NULL) {
        assert_int_equal(a->exception->pid, b->exception->pid);
        assert_int_equal(a->exception->tid, b->exception->tid);
        assert_int_equal(a->exception->code, b->exception->code);
        assert_int_equal(a->exception->reason, b->exception->reason);
        assert_true(a->exception->address == b->exception->address);
        assert_true(a->exception->stack == b->exception->stack);
        assert_true(a->exception->pointers == b->exception->pointers);
        assert_int_equal(a->exception->has_parameter,
                         b->exception->has_parameter);
        assert_true(a->exception->parameter == b->exception->parameter);
    }
    if (a->leaving != NULL) {
        assert_int_equal(a->leaving->pid, b->leaving->pid);
        assert_int_equal(a->leaving->tid, b->leaving->tid);
        assert_string_equal(a->leaving->call, b->leaving->call);
        assert_int_equal(a->leaving->kind, b->leaving->kind);
        assert_int_equal(a->leaving->value, b->leaving->value);
        assert_true(a->leaving->from == b->leaving->from);
    }
}
