#include "core/blame.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "core/leaving.h"
#include "core/signature_frames.h"

/* Longer chains than this are cut. */
#define CHAIN_MAX 8u

/* What this thread waits for, as an index; `lock_count` if nothing. */
static size_t wait_of(const struct hb_finds *finds, uint32_t pid, uint32_t tid)
{
    size_t i = 0;

    while (i < finds->lock_count &&
           (finds->locks[i].pid != pid || finds->locks[i].tid != tid)) {
        i++;
    }
    return i;
}

static size_t next_wait(const struct hb_finds *finds, size_t i)
{
    const struct hb_found_lock *lock = &finds->locks[i];

    return lock->owner == 0 ? finds->lock_count
                            : wait_of(finds, lock->pid, lock->owner);
}

/* The first wait that leads back to itself, or `lock_count`. Each is walked
 * over once: `met` says in which walk. */
static size_t find_circle(const struct hb_finds *finds)
{
    uint16_t met[HB_LOCKS_MAX] = { 0 };

    for (size_t i = 0; i < finds->lock_count; i++) {
        size_t at = i;

        while (at < finds->lock_count && met[at] == 0) {
            met[at] = (uint16_t)(i + 1);
            at = next_wait(finds, at);
        }
        if (at < finds->lock_count && met[at] == i + 1) {
            return at;
        }
    }
    return finds->lock_count;
}

bool hb_blame_has_circle(const struct hb_result *result)
{
    return find_circle(&result->finds) < result->finds.lock_count;
}

static const struct hb_stack *main_stack(const struct hb_result *result)
{
    const struct hb_finds *finds = &result->finds;
    const struct hb_stack *main =
        hb_stack_find(finds, result->pid, result->pid);

    for (size_t i = 0; main == NULL && i < finds->stack_count; i++) {
        if (finds->stacks[i].pid == result->pid) {
            main = &finds->stacks[i];
        }
    }
    return main == NULL && finds->stack_count > 0 ? &finds->stacks[0] : main;
}

static size_t add_circle(const struct hb_finds *finds, size_t first,
                         const struct hb_stack **stacks, size_t room)
{
    size_t count = 0;
    size_t at = first;

    while (first < finds->lock_count && count < room) {
        const struct hb_stack *stack =
            hb_stack_find(finds, finds->locks[at].pid, finds->locks[at].tid);

        if (stack != NULL) {
            stacks[count++] = stack;
        }
        at = next_wait(finds, at);
        if (at == first || at >= finds->lock_count) {
            break;
        }
    }
    return count;
}

size_t hb_blame(const struct hb_result *result, const struct hb_stack **stacks,
                size_t room)
{
    const struct hb_finds *finds = &result->finds;
    size_t count = 0;

    for (size_t i = 0; i < finds->stack_count && count < room; i++) {
        if (finds->stacks[i].crashed) {
            stacks[count++] = &finds->stacks[i];
        }
    }
    if (count == 0 && room > 0 && result->fired == HB_LIMIT_NONE &&
        hb_leaving_stack(result) != NULL) {
        stacks[count++] = hb_leaving_stack(result);
    }
    if (count == 0) {
        count = add_circle(finds, find_circle(finds), stacks, room);
    }
    if (count == 0 && room > 0) {
        stacks[0] = main_stack(result);
        count = stacks[0] != NULL;
    }
    return count;
}

/* Who called main() is the system's, also where it has no name. */
static bool is_below_main(const struct hb_stack_frame *frame)
{
    static const char start[] = "__libc_start";

    return frame->symbol != NULL &&
           strncmp(frame->symbol, start, sizeof(start) - 1) == 0;
}

const struct hb_stack_frame *hb_blame_frame(const struct hb_result *result,
                                            const struct hb_stack *stack)
{
    const struct hb_stack_frame *nowhere = NULL; /* a call of a wrong address */

    for (size_t i = 0; stack != NULL && i < stack->frame_count; i++) {
        const struct hb_stack_frame *frame = &stack->frames[i];

        if (is_below_main(frame)) {
            break;
        }
        if (hb_stack_module(&result->finds, frame) == NULL) {
            nowhere = nowhere != NULL ? nowhere : frame;
        } else if (!hb_signature_skips(result, frame)) {
            return frame;
        }
    }
    return nowhere;
}

void hb_blame_place(const struct hb_result *result,
                    const struct hb_stack_frame *frame,
                    char target[HB_PLACE_SIZE])
{
    bool windows = result->header->host.windows;
    const struct hb_module *module = hb_stack_module(&result->finds, frame);

    if (frame->symbol != NULL && frame->file != NULL) {
        (void)hb_text_format(target, HB_PLACE_SIZE, "%s (%s:%u)", frame->symbol,
                             hb_text_base_name(frame->file, windows),
                             (unsigned)frame->line);
    } else if (module != NULL) {
        const char *name = hb_text_base_name(module->path, windows);

        (void)hb_text_format(target, HB_PLACE_SIZE, "%s%s%s+0x%" PRIx64 "%s",
                             frame->symbol != NULL ? frame->symbol : "",
                             frame->symbol != NULL ? " (" : "", name,
                             frame->offset, frame->symbol != NULL ? ")" : "");
    } else {
        (void)hb_text_format(target, HB_PLACE_SIZE, "0x%" PRIx64,
                             frame->address);
    }
}

/* Where the words begin: in a circle, or with the main thread. */
static size_t first_wait(const struct hb_result *result)
{
    const struct hb_finds *finds = &result->finds;
    size_t at = find_circle(finds);

    if (at == finds->lock_count) {
        at = wait_of(finds, result->pid, result->pid);
    }
    return at;
}

static void add_link(const struct hb_found_lock *lock, bool again, char *target,
                     size_t size)
{
    size_t used = strlen(target);
    bool join = strcmp(lock->kind, "join") == 0;

    (void)hb_text_format(target + used, size - used, "%s thread %u",
                         join    ? " waits for the end of"
                         : again ? " waits for one held by"
                                 : " waits for a lock held by",
                         (unsigned)lock->owner);
}

bool hb_blame_locks(const struct hb_result *result, char *target, size_t size)
{
    const struct hb_finds *finds = &result->finds;
    size_t first = first_wait(result);
    size_t at = first;
    bool again = false;

    if (at >= finds->lock_count || finds->locks[at].owner == 0) {
        return false;
    }
    (void)hb_text_format(target, size, "thread %u",
                         (unsigned)finds->locks[at].tid);
    for (unsigned links = 0; links < CHAIN_MAX; links++) {
        const struct hb_found_lock *lock = &finds->locks[at];
        size_t used = strlen(target);

        if (links > 0) {
            (void)hb_text_format(target + used, size - used, ", which");
        }
        add_link(lock, again, target, size);
        again = again || strcmp(lock->kind, "join") != 0;
        at = next_wait(finds, at);
        if (at == first || at >= finds->lock_count ||
            finds->locks[at].owner == 0) {
            break;
        }
    }
    return true;
}
