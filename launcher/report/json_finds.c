#include "report/json_parts.h"

#include "core/leaving.h"
#include "report/words.h"

static void write_frame(struct hb_emit *emit, const struct hb_result *result,
                        const struct hb_stack_frame *frame)
{
    const struct hb_module *module = hb_stack_module(&result->finds, frame);

    hb_emit_object(emit, NULL);
    hb_emit_hex(emit, "address", frame->address);
    if (module != NULL) {
        hb_emit_text(
            emit, "module",
            hb_text_base_name(module->path, result->header->host.windows));
        hb_emit_number(emit, "offset", frame->offset);
    }
    hb_emit_known_text(emit, "symbol", frame->symbol);
    if (frame->symbol_offset != 0) {
        hb_emit_number(emit, "symbol_offset", frame->symbol_offset);
    }
    hb_emit_known_text(emit, "file", frame->file);
    if (frame->line != 0) {
        hb_emit_number(emit, "line", frame->line);
    }
    if (frame->is_inlined) {
        hb_emit_bool(emit, "inlined", true);
    }
    hb_emit_end_object(emit);
}

static void write_stack(struct hb_emit *emit, const struct hb_result *result,
                        const struct hb_stack *stack)
{
    if (stack->crashed) {
        hb_emit_bool(emit, "crashed", true);
    }
    if (stack->moved) {
        hb_emit_bool(emit, "moved", true);
    }
    hb_emit_known_text(emit, "cut_short", stack->cut_short);
    hb_emit_array(emit, "frames");
    for (size_t i = 0; i < stack->frame_count; i++) {
        write_frame(emit, result, &stack->frames[i]);
    }
    hb_emit_end_array(emit);
}

static void write_sampled(struct hb_emit *emit, const struct hb_result *result,
                          const struct hb_thread_sample *item)
{
    const struct hb_stack *stack =
        hb_stack_find(&result->finds, item->pid, item->tid);

    hb_emit_object(emit, NULL);
    hb_emit_number(emit, "pid", item->pid);
    hb_emit_number(emit, "tid", item->tid);
    hb_emit_known_text(emit, "name",
                       item->name[0] == '\0' && stack != NULL ? stack->name
                                                              : item->name);
    hb_emit_known_text(emit, "state", hb_word(&hb_words_thread, item->state));
    hb_emit_known_text(emit, "wait", hb_word(&hb_words_wait, item->wait));
    hb_emit_known_text(emit, "wait_name", item->wait_name);
    hb_emit_number(emit, "cpu_us", item->cpu_us);
    if (stack != NULL) {
        write_stack(emit, result, stack);
    }
    hb_emit_end_object(emit);
}

static bool was_sampled(const struct hb_result *result,
                        const struct hb_stack *stack)
{
    for (size_t i = 0; i < result->thread_count; i++) {
        if (result->threads[i].pid == stack->pid &&
            result->threads[i].tid == stack->tid) {
            return true;
        }
    }
    return false;
}

/* A thread that came after the samples, or one of a dump. */
static void write_found(struct hb_emit *emit, const struct hb_result *result,
                        const struct hb_stack *stack)
{
    unsigned state = 0;

    hb_emit_object(emit, NULL);
    hb_emit_number(emit, "pid", stack->pid);
    hb_emit_number(emit, "tid", stack->tid);
    hb_emit_known_text(emit, "name", stack->name);
    if (hb_word_find(&hb_words_thread, stack->state, &state)) {
        hb_emit_text(emit, "state", stack->state);
    }
    write_stack(emit, result, stack);
    hb_emit_end_object(emit);
}

void hb_json_threads(struct hb_emit *emit, const struct hb_result *result)
{
    hb_emit_array(emit, "threads");
    for (size_t i = 0; i < result->thread_count; i++) {
        write_sampled(emit, result, &result->threads[i]);
    }
    for (size_t i = 0; i < result->finds.stack_count; i++) {
        if (!was_sampled(result, &result->finds.stacks[i])) {
            write_found(emit, result, &result->finds.stacks[i]);
        }
    }
    hb_emit_end_array(emit);
}

static void write_locks(struct hb_emit *emit, const struct hb_finds *finds)
{
    if (finds->lock_count == 0) {
        return;
    }
    hb_emit_array(emit, "locks");
    for (size_t i = 0; i < finds->lock_count; i++) {
        const struct hb_found_lock *lock = &finds->locks[i];

        hb_emit_object(emit, NULL);
        hb_emit_number(emit, "pid", lock->pid);
        hb_emit_number(emit, "tid", lock->tid);
        hb_emit_known_text(emit, "lock", lock->kind);
        hb_emit_hex(emit, "address", lock->address);
        if (lock->owner != 0) {
            hb_emit_number(emit, "owner", lock->owner);
        }
        hb_emit_end_object(emit);
    }
    hb_emit_end_array(emit);
}

static void write_unwritten(struct hb_emit *emit, const struct hb_finds *finds)
{
    if (finds->unwritten_count == 0) {
        return;
    }
    hb_emit_array(emit, "unwritten");
    for (size_t i = 0; i < finds->unwritten_count; i++) {
        const struct hb_unwritten *item = &finds->unwritten[i];

        hb_emit_object(emit, NULL);
        if (item->pid != 0) {
            hb_emit_number(emit, "pid", item->pid);
        }
        hb_emit_text(emit, "stream", hb_word(&hb_words_stream, item->stream));
        hb_emit_number(emit, "bytes", item->bytes);
        hb_emit_text(emit, "text", item->text);
        hb_emit_end_object(emit);
    }
    hb_emit_end_array(emit);
}

void hb_json_finds(struct hb_emit *emit, const struct hb_result *result)
{
    const struct hb_finds *finds = &result->finds;

    write_locks(emit, finds);
    write_unwritten(emit, finds);
    if (finds->module_count == 0) {
        return;
    }
    hb_emit_array(emit, "modules");
    for (size_t i = 0; i < finds->module_count; i++) {
        const struct hb_module *module = &finds->modules[i];

        hb_emit_object(emit, NULL);
        hb_emit_hex(emit, "base", module->base);
        hb_emit_number(emit, "size", module->size);
        hb_emit_text(emit, "path", module->path);
        hb_emit_known_text(emit, "id", module->id);
        hb_emit_known_text(emit, "debug", module->debug);
        hb_emit_end_object(emit);
    }
    hb_emit_end_array(emit);
}

static void write_caller(struct hb_emit *emit, const struct hb_result *result,
                         const struct hb_stack_frame *frame)
{
    const struct hb_module *module = hb_stack_module(&result->finds, frame);

    hb_emit_object(emit, "caller");
    if (module != NULL) {
        hb_emit_text(
            emit, "module",
            hb_text_base_name(module->path, result->header->host.windows));
        hb_emit_number(emit, "offset", frame->offset);
    }
    hb_emit_known_text(emit, "symbol", frame->symbol);
    hb_emit_known_text(emit, "file", frame->file);
    if (frame->line != 0) {
        hb_emit_number(emit, "line", frame->line);
    }
    hb_emit_end_object(emit);
}

void hb_json_leaving(struct hb_emit *emit, const struct hb_result *result)
{
    const struct hb_leaving *leaving = &result->leaving;
    const struct hb_stack_frame *caller = hb_leaving_caller(result);

    if (!result->left_by_itself) {
        return;
    }
    hb_emit_object(emit, "leaving");
    hb_emit_number(emit, "pid", leaving->pid);
    hb_emit_number(emit, "tid", leaving->tid);
    hb_emit_text(emit, "call", leaving->call);
    if (leaving->kind != HB_LEAVING_UNKNOWN) {
        hb_emit_text(emit, "kind", hb_word(&hb_words_leaving, leaving->kind));
        hb_emit_number(emit, "value", leaving->value);
    }
    if (caller != NULL) {
        write_caller(emit, result, caller);
    }
    hb_emit_end_object(emit);
}
