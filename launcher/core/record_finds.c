#include "core/record_finds.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "core/status.h"

const struct hb_module *hb_stack_module(const struct hb_finds *finds,
                                        const struct hb_stack_frame *frame)
{
    return frame->module < finds->module_count ? &finds->modules[frame->module]
                                               : NULL;
}

static size_t find_stack(const struct hb_finds *finds, uint32_t pid,
                         uint32_t tid)
{
    size_t i = 0;

    while (i < finds->stack_count &&
           (finds->stacks[i].pid != pid || finds->stacks[i].tid != tid)) {
        i++;
    }
    return i;
}

const struct hb_stack *hb_stack_find(const struct hb_finds *finds, uint32_t pid,
                                     uint32_t tid)
{
    size_t i = find_stack(finds, pid, tid);

    return i < finds->stack_count ? &finds->stacks[i] : NULL;
}

/* They are told in the order of their numbers; one that does not fit there
 * would give frames the wrong name. */
static void keep_module(struct hb_result *result,
                        const struct hb_observation *seen)
{
    struct hb_finds *finds = &result->finds;
    size_t room = finds->module_room;

    if (seen->count != finds->module_count ||
        finds->module_count == HB_MODULES_MAX) {
        finds->beyond_cap++;
        return;
    }
    if (finds->module_count == room) {
        room = room == 0 ? 16 : room * 2;
        struct hb_module *more =
            realloc(finds->modules, room * sizeof(*finds->modules));

        if (more == NULL) {
            result->out_of_memory = true;
            return;
        }
        finds->modules = more;
        finds->module_room = room;
    }
    finds->modules[finds->module_count++] = *seen->module;
}

static size_t text_size(const char *text)
{
    return text[0] == '\0' ? 0 : strlen(text) + 1;
}

static const char *place_text(char **at, const char *text)
{
    const char *placed = *at;
    size_t size = text_size(text);

    if (size == 0) {
        return NULL;
    }
    memcpy(*at, text, size);
    *at += size;
    return placed;
}

/* NULL if out of memory. */
static struct hb_stack_frame *copy_frames(const struct hb_frame *frames,
                                          size_t count)
{
    size_t size = (count + 1) * sizeof(struct hb_stack_frame);
    struct hb_stack_frame *copy;
    char *at;

    for (size_t i = 0; i < count; i++) {
        size += text_size(frames[i].symbol) + text_size(frames[i].file);
    }
    copy = malloc(size);
    if (copy == NULL) {
        return NULL;
    }
    at = (char *)(copy + count);
    for (size_t i = 0; i < count; i++) {
        copy[i] = (struct hb_stack_frame){
            .address = frames[i].address,
            .offset = frames[i].offset,
            .symbol_offset = frames[i].symbol_offset,
            .symbol = place_text(&at, frames[i].symbol),
            .file = place_text(&at, frames[i].file),
            .line = frames[i].line,
            .module = frames[i].module,
            .is_inlined = frames[i].is_inlined,
        };
    }
    return copy;
}

/* The place of this thread, or a new one; NULL if there is none. */
static struct hb_stack *stack_for(struct hb_result *result,
                                  const struct hb_found_thread *found)
{
    struct hb_finds *finds = &result->finds;
    size_t i = find_stack(finds, found->pid, found->tid);

    if (finds->stacks == NULL) {
        finds->stacks = calloc(HB_STACKS_MAX, sizeof(*finds->stacks));
        if (finds->stacks == NULL) {
            result->out_of_memory = true;
            return NULL;
        }
    }
    if (i == HB_STACKS_MAX) {
        finds->beyond_cap++;
        return NULL;
    }
    finds->stack_count += i == finds->stack_count;
    return &finds->stacks[i];
}

static void keep_stack(struct hb_result *result,
                       const struct hb_found_thread *found)
{
    struct hb_stack *stack = stack_for(result, found);
    size_t count =
        found->frame_count < HB_FRAMES_MAX ? found->frame_count : HB_FRAMES_MAX;
    struct hb_stack_frame *frames;

    if (stack == NULL) {
        return;
    }
    frames = copy_frames(found->frames, count);
    if (frames == NULL) {
        result->out_of_memory = true;
        count = 0;
    }
    free(stack->frames);
    *stack = (struct hb_stack){
        .pid = found->pid,
        .tid = found->tid,
        .crashed = found->crashed,
        .moved = found->moved,
        .frames = frames,
        .frame_count = count,
    };
    (void)hb_text_copy(stack->name, sizeof(stack->name), found->name);
    (void)hb_text_copy(stack->state, sizeof(stack->state), found->state);
    (void)hb_text_copy(stack->cut_short, sizeof(stack->cut_short),
                       found->cut_short);
}

static void keep_lock(struct hb_result *result,
                      const struct hb_found_lock *lock)
{
    struct hb_finds *finds = &result->finds;

    if (finds->locks == NULL) {
        finds->locks = calloc(HB_LOCKS_MAX, sizeof(*finds->locks));
        if (finds->locks == NULL) {
            result->out_of_memory = true;
            return;
        }
    }
    if (finds->lock_count == HB_LOCKS_MAX) {
        finds->beyond_cap++;
        return;
    }
    finds->locks[finds->lock_count++] = *lock;
}

static void keep_unwritten(struct hb_result *result,
                           const struct hb_observation *seen)
{
    struct hb_finds *finds = &result->finds;
    char *text;
    size_t size;

    if (seen->text == NULL || seen->count == 0) {
        return;
    }
    if (finds->unwritten_count == HB_UNWRITTEN_MAX) {
        finds->beyond_cap++;
        return;
    }
    size = strlen(seen->text) + 1;
    text = malloc(size);
    if (text == NULL) {
        result->out_of_memory = true;
        return;
    }
    memcpy(text, seen->text, size);
    finds->unwritten[finds->unwritten_count++] = (struct hb_unwritten){
        .pid = seen->pid,
        .stream = seen->stream,
        .bytes = seen->count,
        .text = text,
    };
}

/* The first stands, but for that of a child when the test program itself
 * comes to die. */
static bool is_better(const struct hb_result *result,
                      const struct hb_found_exception *exception)
{
    return exception->pid == result->pid &&
           result->finds.exception.pid != result->pid;
}

/* Whoever told first what it died of: this may come later, of a dump. */
static void keep_subcode(struct hb_result *result,
                         const struct hb_found_exception *exception)
{
    struct hb_finds *finds = &result->finds;

    if (!finds->has_subcode && exception->pid == result->pid &&
        exception->code == HB_STATUS_FAST_FAIL && exception->has_parameter &&
        exception->parameter <= UINT32_MAX) {
        finds->has_subcode = true;
        finds->subcode = (uint32_t)exception->parameter;
    }
}

static void keep_exception(struct hb_result *result,
                           const struct hb_found_exception *exception)
{
    struct hb_finds *finds = &result->finds;

    keep_subcode(result, exception);
    if (!finds->has_exception || is_better(result, exception)) {
        finds->has_exception = true;
        finds->exception = *exception;
    }
}

void hb_finds_add(struct hb_result *result, const struct hb_observation *seen)
{
    if (seen->kind == HB_OBS_MODULE && seen->module != NULL) {
        keep_module(result, seen);
    } else if (seen->kind == HB_OBS_THREAD && seen->found != NULL) {
        keep_stack(result, seen->found);
    } else if (seen->kind == HB_OBS_LOCK && seen->lock != NULL) {
        keep_lock(result, seen->lock);
    } else if (seen->kind == HB_OBS_UNWRITTEN) {
        keep_unwritten(result, seen);
    } else if (seen->exception != NULL) {
        keep_exception(result, seen->exception);
    }
}

void hb_finds_free(struct hb_finds *finds)
{
    for (size_t i = 0; i < finds->stack_count; i++) {
        free(finds->stacks[i].frames);
    }
    for (size_t i = 0; i < finds->unwritten_count; i++) {
        free(finds->unwritten[i].text);
    }
    free(finds->modules);
    free(finds->stacks);
    free(finds->locks);
    *finds = (struct hb_finds){ 0 };
}
