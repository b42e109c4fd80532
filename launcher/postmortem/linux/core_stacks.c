#include <string.h>

#include "postmortem/linux/core_parts.h"

/* Pages of stack for all threads together, and for one of them. */
#define STACKS_MOST 3072u
#define STACK_MOST 256u
#define STACK_LEAST 4u

/* Pages that words of the stacks point to, likewise. */
#define TARGETS_MOST 512u
#define TARGETS_OF_ONE 32u
#define TARGETS_LEAST 2u

/* Words at the top of each stack that are looked at. */
#define WORDS_MOST 2048u
#define WORDS_OF_MANY 512u
#define MANY_THREADS 32u

#define RED_ZONE 128u
#define GUARD_MOST ((uint64_t)1 << 20)
#define OTHER_STACKS_MOST 4u

struct stacks {
    struct hb_core_pick *pick;
    uint64_t stack_size; /* of one thread */
    uint32_t targets;    /* of one thread */
    size_t words;
    const struct hb_mapping *last; /* found by the last look */
    struct hb_core_pages pages;
};

static uint64_t share(uint64_t all, uint64_t least, uint64_t most, size_t count)
{
    uint64_t one = all / (count > 0 ? count : 1);

    return one < least ? least : one > most ? most : one;
}

static const struct hb_mapping *find(struct stacks *stacks, uint64_t address)
{
    const struct hb_mapping *last = stacks->last;

    if (last == NULL || address < last->start || address >= last->end) {
        last = hb_maps_find(&stacks->pick->source->maps, address);
        if (last != NULL) {
            stacks->last = last;
        }
    }
    return last;
}

/* The stack that `pointer` is of: the one that holds it, or, where a stack has
 * run into its guard, the one above. */
static const struct hb_mapping *find_stack(struct stacks *stacks,
                                           uint64_t pointer)
{
    const struct hb_maps *maps = &stacks->pick->source->maps;
    const struct hb_mapping *found = hb_maps_find(maps, pointer);

    if (found != NULL && found->writable) {
        return found;
    }
    for (size_t i = 0; i < maps->count; i++) {
        const struct hb_mapping *above = &maps->items[i];

        if (above->start > pointer && above->start - pointer <= GUARD_MOST &&
            above->writable) {
            return above;
        }
    }
    return NULL;
}

/* Returns the first address that was picked, 0 if there is none. */
static uint64_t pick_stack(struct stacks *stacks,
                           const struct hb_mapping *stack, uint64_t pointer)
{
    uint64_t from = pointer - (pointer < RED_ZONE ? pointer : RED_ZONE);

    if (from < stack->start) {
        from = stack->start;
    }
    uint64_t size = stack->end - from;
    if (size > stacks->stack_size) {
        size = stacks->stack_size;
    }
    hb_core_pick_range(stacks->pick, from, size);
    return from;
}

/* Memory that nobody has touched holds nothing, and who reads it may wait for
 * ever: for the process itself, if that is to fill it (userfaultfd). */
static void pick_target(struct stacks *stacks, const struct hb_mapping *mapping,
                        uint64_t address)
{
    if (mapping != NULL &&
        (mapping->inode != 0 || hb_core_pages_has(&stacks->pages, address))) {
        hb_core_pick_range(stacks->pick, address, 1);
    }
}

/* Code and constants of a file are in the file. */
static bool is_worth_it(const struct hb_mapping *mapping)
{
    return mapping != NULL && mapping->readable &&
           (mapping->writable || mapping->inode == 0);
}

/*
 * A handler on an alternate stack has the registers of what it interrupted on
 * it: a stack pointer, and the instruction pointer behind it. So had any
 * function that keeps a frame pointer, but on the same stack.
 */
static bool is_other_stack(struct stacks *stacks,
                           const struct hb_mapping *stack, uint64_t word,
                           uint64_t next)
{
    const struct hb_mapping *other = find_stack(stacks, word);
    const struct hb_mapping *code =
        hb_maps_find(&stacks->pick->source->maps, next);

    return other != NULL && other != stack && other->inode == 0 &&
           code != NULL && code->executable;
}

static void pick_targets(struct stacks *stacks, const struct hb_mapping *stack,
                         uint64_t from)
{
    static uint64_t words[WORDS_MOST];
    uint64_t size = stack->end - from;
    uint32_t others = 0;
    size_t before = stacks->pick->count;

    from += (8 - from % 8) % 8;
    if (size > stacks->words * sizeof(words[0])) {
        size = stacks->words * sizeof(words[0]);
    }
    size_t count =
        hb_memory_read(stacks->pick->source->tid, from, words, (size_t)size) /
        sizeof(words[0]);
    for (size_t i = 0; i < count; i++) {
        if (words[i] < HB_CORE_PAGE || words[i] >> 47 != 0) {
            continue;
        }
        if (i + 1 < count && others < OTHER_STACKS_MOST &&
            words[i + 1] >> 47 == 0 && words[i + 1] >= HB_CORE_PAGE &&
            is_other_stack(stacks, stack, words[i], words[i + 1])) {
            (void)pick_stack(stacks, find_stack(stacks, words[i]), words[i]);
            before = stacks->pick->count;
            others++;
        } else if (stacks->pick->count - before < stacks->targets &&
                   is_worth_it(find(stacks, words[i]))) {
            pick_target(stacks, find(stacks, words[i]), words[i]);
        }
    }
}

static void pick_registers(struct stacks *stacks,
                           const struct hb_target_thread *thread)
{
    const struct user_regs_struct *all = &thread->registers;
    const uint64_t values[] = {
        all->rip, all->rax,     all->rbx,         all->rcx,     all->rdx,
        all->rsi, all->rdi,     all->rbp,         all->r8,      all->r9,
        all->r10, all->r11,     all->r12,         all->r13,     all->r14,
        all->r15, all->fs_base, all->fs_base - 1, all->gs_base,
    };

    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        pick_target(stacks, find(stacks, values[i]), values[i]);
    }
}

static void pick_thread(struct stacks *stacks, size_t i)
{
    const struct hb_target_thread *thread =
        hb_target_thread(stacks->pick->source->target, i);

    if (!thread->has_registers) {
        return;
    }
    pick_registers(stacks, thread);
    const struct hb_mapping *stack = find_stack(stacks, thread->registers.rsp);
    if (stack != NULL) {
        uint64_t from = pick_stack(stacks, stack, thread->registers.rsp);

        pick_targets(stacks, stack, from);
    }
}

void hb_core_pick_stacks(struct hb_core_pick *pick)
{
    size_t count = hb_target_count(pick->source->target);
    struct stacks stacks = { .pick = pick };

    stacks.stack_size =
        share(STACKS_MOST, STACK_LEAST, STACK_MOST, count) * HB_CORE_PAGE;
    stacks.targets =
        (uint32_t)share(TARGETS_MOST, TARGETS_LEAST, TARGETS_OF_ONE, count);
    stacks.words = count > MANY_THREADS ? WORDS_OF_MANY : WORDS_MOST;
    hb_core_pages_open(&stacks.pages, pick->source->tid);
    pick_thread(&stacks, pick->source->first);
    for (size_t i = 0; i < count; i++) {
        if (i != pick->source->first) {
            pick_thread(&stacks, i);
        }
    }
    hb_core_pages_close(&stacks.pages);
}
