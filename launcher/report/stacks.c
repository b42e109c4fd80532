#include "report/stacks.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/blame.h"
#include "core/leaving.h"
#include "report/words.h"

static const char *module_name(const struct hb_result *result,
                               const struct hb_module *module)
{
    return hb_text_base_name(module->path, result->header->host.windows);
}

/* Control characters would break the lines. */
static void add_text(struct hb_buffer *out, const char *text)
{
    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;

        if (byte < 0x20 || byte == 0x7f) {
            hb_buffer_text(out, "?");
        } else {
            hb_buffer_add(out, text, 1);
        }
    }
}

static void add_place(const struct hb_stack_frame *frame, struct hb_buffer *out)
{
    if (frame->file == NULL) {
        return;
    }
    hb_buffer_text(out, " at ");
    add_text(out, frame->file);
    if (frame->line != 0) {
        hb_buffer_format(out, ":%u", (unsigned)frame->line);
    }
}

void hb_stacks_frame(const struct hb_result *result,
                     const struct hb_stack_frame *frame, struct hb_buffer *out)
{
    const struct hb_module *module = hb_stack_module(&result->finds, frame);

    if (frame->symbol != NULL) {
        add_text(out, frame->symbol);
    } else {
        hb_buffer_text(out, "?");
    }
    if (frame->symbol != NULL && frame->symbol_offset != 0) {
        hb_buffer_format(out, "+0x%" PRIx64, frame->symbol_offset);
    }
    add_place(frame, out);
    if (module != NULL) {
        hb_buffer_text(out, " (");
        add_text(out, module_name(result, module));
        hb_buffer_format(out, "+0x%" PRIx64 ")", frame->offset);
    } else {
        hb_buffer_format(out, " (0x%" PRIx64 ")", frame->address);
    }
    if (frame->is_inlined) {
        hb_buffer_text(out, " [inlined]");
    }
}

static bool same_place(const struct hb_stack *a, const struct hb_stack *b)
{
    if (a->pid != b->pid || a->crashed != b->crashed ||
        a->frame_count != b->frame_count || a->frame_count == 0 ||
        strcmp(a->cut_short, b->cut_short) != 0) {
        return false;
    }
    for (size_t i = 0; i < a->frame_count; i++) {
        if (a->frames[i].address != b->frames[i].address) {
            return false;
        }
    }
    return true;
}

static void add_title(const struct hb_stack *stack, struct hb_buffer *out)
{
    hb_buffer_format(out, "%u", (unsigned)stack->tid);
    if (stack->name[0] != '\0') {
        hb_buffer_text(out, " \"");
        add_text(out, stack->name);
        hb_buffer_text(out, "\"");
    }
}

/* Marks and names all that stand where thread `first` stands. */
static void add_titles(const struct hb_finds *finds, size_t first, bool *told,
                       struct hb_buffer *out)
{
    const struct hb_stack *stack = &finds->stacks[first];
    size_t count = 0;

    for (size_t i = first; i < finds->stack_count; i++) {
        if (!told[i] && (i == first || same_place(stack, &finds->stacks[i]))) {
            told[i] = true;
            hb_buffer_text(out, count == 0 ? "thread " : ", ");
            add_title(&finds->stacks[i], out);
            count++;
        }
    }
    if (count > 1) {
        hb_buffer_format(out, " (%zu threads in the same place)", count);
    }
}

static void add_stack(const struct hb_result *result, size_t first, bool *told,
                      struct hb_buffer *out)
{
    const struct hb_stack *stack = &result->finds.stacks[first];

    hb_buffer_text(out, "\n");
    add_titles(&result->finds, first, told, out);
    hb_buffer_format(out, " of process %u", (unsigned)stack->pid);
    if (stack->state[0] != '\0') {
        hb_buffer_text(out, ", ");
        add_text(out, stack->state);
    }
    hb_buffer_format(out, "%s%s%s\n",
                     stack->moved ? ", moved between two looks" : "",
                     stack->crashed ? ", CRASHED" : "",
                     stack == hb_leaving_stack(result) ? ", LEAVES" : "");
    for (size_t i = 0; i < stack->frame_count; i++) {
        hb_buffer_format(out, "  #%-2zu 0x%016" PRIx64 " ", i,
                         stack->frames[i].address);
        hb_stacks_frame(result, &stack->frames[i], out);
        hb_buffer_text(out, "\n");
    }
    if (stack->cut_short[0] != '\0') {
        hb_buffer_text(out, "  the rest is not known: ");
        add_text(out, stack->cut_short);
        hb_buffer_text(out, "\n");
    }
}

static void add_locks(const struct hb_result *result, struct hb_buffer *out)
{
    char text[HB_TEXT_SIZE];

    if (hb_blame_locks(result, text, sizeof(text))) {
        hb_buffer_format(out, "\n%s\n", text);
    }
    for (size_t i = 0; i < result->finds.lock_count; i++) {
        const struct hb_found_lock *lock = &result->finds.locks[i];

        hb_buffer_format(out, "thread %u waits: ", (unsigned)lock->tid);
        add_text(out, lock->kind);
        hb_buffer_format(out, " at 0x%" PRIx64, lock->address);
        if (lock->owner != 0) {
            hb_buffer_format(out, ", thread %u", (unsigned)lock->owner);
        }
        hb_buffer_text(out, "\n");
    }
}

/* A quote of many lines ends before its last line end. */
void hb_stacks_unwritten(const struct hb_unwritten *item, struct hb_buffer *out)
{
    size_t size = strlen(item->text);

    while (size > 0 &&
           (item->text[size - 1] == '\n' || item->text[size - 1] == '\r')) {
        size--;
    }
    hb_buffer_format(out, "%" PRIu64 " byte%s of %s: \"", item->bytes,
                     item->bytes == 1 ? "" : "s",
                     hb_word(&hb_words_stream, item->stream));
    hb_buffer_add(out, item->text, size);
    hb_buffer_text(out, "\"");
}

static void add_modules(const struct hb_result *result, struct hb_buffer *out)
{
    hb_buffer_text(out, "\nmodules\n");
    for (size_t i = 0; i < result->finds.module_count; i++) {
        const struct hb_module *module = &result->finds.modules[i];

        hb_buffer_format(out, "  0x%016" PRIx64 " %8" PRIu64 " KiB  ",
                         module->base, module->size / 1024);
        add_text(out, module->path);
        if (module->id[0] != '\0') {
            hb_buffer_text(out, "  ");
            add_text(out, module->id);
        }
        hb_buffer_text(out, "\n");
    }
}

void hb_stacks_write(const struct hb_result *result, struct hb_buffer *out)
{
    size_t count = result->finds.stack_count;
    bool *told = calloc(count + 1, sizeof(*told));

    if (told == NULL) {
        out->failed = true;
        return;
    }
    hb_buffer_text(out, "The stacks of all threads of ");
    add_text(out, result->header->name);
    hb_buffer_text(out, ", innermost frame first\n");
    add_locks(result, out);
    for (size_t i = 0; i < count; i++) {
        if (!told[i]) {
            add_stack(result, i, told, out);
        }
    }
    add_modules(result, out);
    free(told);
}
