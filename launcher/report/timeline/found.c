#include "report/timeline/found.h"

#include <stdlib.h>

#include "report/timeline/put.h"

void hb_found_put_module(struct hb_emit *emit, const struct hb_module *module)
{
    hb_emit_hex(emit, "base", module->base);
    hb_put_some(emit, "size", module->size);
    hb_put_some_text(emit, "path", module->path);
    hb_put_some_text(emit, "id", module->id);
    hb_put_some_text(emit, "debug", module->debug);
}

static void put_frame(struct hb_emit *emit, const struct hb_frame *frame)
{
    hb_emit_object(emit, NULL);
    hb_emit_hex(emit, "address", frame->address);
    if (frame->module != HB_NO_MODULE) {
        hb_put_number(emit, "module", frame->module);
        hb_emit_hex(emit, "offset", frame->offset);
    }
    hb_put_some_text(emit, "symbol", frame->symbol);
    hb_put_some(emit, "symbol_offset", frame->symbol_offset);
    hb_put_some_text(emit, "file", frame->file);
    hb_put_some(emit, "line", frame->line);
    if (frame->is_inlined) {
        hb_emit_bool(emit, "inlined", true);
    }
    hb_emit_end_object(emit);
}

void hb_found_put_thread(struct hb_emit *emit,
                         const struct hb_found_thread *thread)
{
    hb_put_some(emit, "pid", thread->pid);
    hb_put_some(emit, "tid", thread->tid);
    hb_put_some(emit, "sample", thread->sample);
    hb_put_some_text(emit, "name", thread->name);
    hb_put_some_text(emit, "state", thread->state);
    if (thread->moved) {
        hb_emit_bool(emit, "moved", true);
    }
    if (thread->crashed) {
        hb_emit_bool(emit, "crashed", true);
    }
    hb_put_some_text(emit, "cut_short", thread->cut_short);
    hb_emit_array(emit, "frames");
    for (size_t i = 0; i < thread->frame_count; i++) {
        put_frame(emit, &thread->frames[i]);
    }
    hb_emit_end_array(emit);
}

void hb_found_put_lock(struct hb_emit *emit, const struct hb_found_lock *lock)
{
    hb_put_some(emit, "pid", lock->pid);
    hb_put_some(emit, "tid", lock->tid);
    hb_put_some_text(emit, "lock", lock->kind);
    hb_emit_hex(emit, "address", lock->address);
    hb_put_some(emit, "owner", lock->owner);
}

void hb_found_put_exception(struct hb_emit *emit,
                            const struct hb_found_exception *exception)
{
    hb_put_some(emit, "pid", exception->pid);
    hb_put_some(emit, "tid", exception->tid);
    hb_put_some(emit, "code", exception->code);
    hb_put_some(emit, "reason", exception->reason);
    hb_emit_hex(emit, "address", exception->address);
    if (exception->stack != 0) {
        hb_emit_hex(emit, "stack", exception->stack);
    }
    if (exception->pointers != 0) {
        hb_emit_hex(emit, "pointers", exception->pointers);
    }
    if (exception->has_parameter) {
        hb_put_number(emit, "parameter", exception->parameter);
    }
}

void hb_found_put_leaving(struct hb_emit *emit,
                          const struct hb_leaving *leaving)
{
    hb_put_some(emit, "pid", leaving->pid);
    hb_put_some(emit, "tid", leaving->tid);
    hb_put_some_text(emit, "call", leaving->call);
    hb_put_word(emit, "kind", &hb_words_leaving, leaving->kind);
    hb_put_some(emit, "value", leaving->value);
    if (leaving->from != 0) {
        hb_emit_hex(emit, "from", leaving->from);
    }
}

void hb_found_read_module(struct hb_fields *fields, struct hb_module *out)
{
    out->base = hb_field_number(fields, "base", UINT64_MAX);
    out->size = hb_field_number(fields, "size", UINT64_MAX);
    hb_field_copy(fields, "path", out->path, sizeof(out->path));
    hb_field_copy(fields, "id", out->id, sizeof(out->id));
    hb_field_copy(fields, "debug", out->debug, sizeof(out->debug));
}

static void read_frame(struct hb_fields *fields, cJSON *item,
                       struct hb_frame *out)
{
    struct hb_fields inner = { .tree = item };

    out->address = hb_field_number(&inner, "address", UINT64_MAX);
    out->module = HB_NO_MODULE;
    if (hb_field_exists(&inner, "module")) {
        out->module = hb_field_u32(&inner, "module");
        out->offset = hb_field_number(&inner, "offset", UINT64_MAX);
    }
    hb_field_copy(&inner, "symbol", out->symbol, sizeof(out->symbol));
    out->symbol_offset = hb_field_number(&inner, "symbol_offset", UINT64_MAX);
    hb_field_copy(&inner, "file", out->file, sizeof(out->file));
    out->line = hb_field_u32(&inner, "line");
    out->is_inlined = hb_field_bool(&inner, "inlined");
    hb_field_leave(fields, &inner);
}

bool hb_found_read_thread(struct hb_fields *fields, struct hb_found_thread *out,
                          struct hb_frame **out_frames)
{
    size_t count = 0;
    cJSON *item = hb_field_array(fields, "frames", &count);
    struct hb_frame *frames = NULL;

    count = count < HB_FRAMES_MAX ? count : HB_FRAMES_MAX;
    out->pid = hb_field_u32(fields, "pid");
    out->tid = hb_field_u32(fields, "tid");
    out->sample = hb_field_u32(fields, "sample");
    hb_field_copy(fields, "name", out->name, sizeof(out->name));
    hb_field_copy(fields, "state", out->state, sizeof(out->state));
    out->moved = hb_field_bool(fields, "moved");
    out->crashed = hb_field_bool(fields, "crashed");
    hb_field_copy(fields, "cut_short", out->cut_short, sizeof(out->cut_short));
    if (count > 0) {
        frames = calloc(count, sizeof(*frames));
        if (frames == NULL) {
            return false;
        }
    }
    for (size_t i = 0; i < count; i++, item = item->next) {
        read_frame(fields, item, &frames[i]);
    }
    out->frames = frames;
    out->frame_count = count;
    *out_frames = frames;
    return true;
}

void hb_found_read_lock(struct hb_fields *fields, struct hb_found_lock *out)
{
    out->pid = hb_field_u32(fields, "pid");
    out->tid = hb_field_u32(fields, "tid");
    hb_field_copy(fields, "lock", out->kind, sizeof(out->kind));
    out->address = hb_field_number(fields, "address", UINT64_MAX);
    out->owner = hb_field_u32(fields, "owner");
}

void hb_found_read_exception(struct hb_fields *fields,
                             struct hb_found_exception *out)
{
    out->pid = hb_field_u32(fields, "pid");
    out->tid = hb_field_u32(fields, "tid");
    out->code = hb_field_u32(fields, "code");
    out->reason = hb_field_u32(fields, "reason");
    out->address = hb_field_number(fields, "address", UINT64_MAX);
    out->stack = hb_field_number(fields, "stack", UINT64_MAX);
    out->pointers = hb_field_number(fields, "pointers", UINT64_MAX);
    out->has_parameter = hb_field_exists(fields, "parameter");
    if (out->has_parameter) {
        out->parameter = hb_field_number(fields, "parameter", UINT64_MAX);
    }
}

void hb_found_read_leaving(struct hb_fields *fields, struct hb_leaving *out)
{
    out->pid = hb_field_u32(fields, "pid");
    out->tid = hb_field_u32(fields, "tid");
    hb_field_copy(fields, "call", out->call, sizeof(out->call));
    out->kind = hb_field_word(fields, "kind", &hb_words_leaving);
    out->value = hb_field_u32(fields, "value");
    out->from = hb_field_number(fields, "from", UINT64_MAX);
}
