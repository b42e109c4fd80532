/*
 * Walks a thread by the copy of its stack. What lies outside of the copy is
 * read from the process, which runs again by now: of a thread that waits it is
 * as it was, of one that runs it would be a guess and is not read. One that
 * crashed is as good as waiting, also on its way there: its handler has a stack
 * of its own, and the other stands still.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "postmortem/linux/unwind_parts.h"

static bool read_copied(const struct hb_walk *walk, uint64_t address,
                        uint64_t *out_word)
{
    uint64_t from = walk->registers.values[HB_REGISTER_RSP];

    if (address < from || walk->stack_size < sizeof(*out_word) ||
        address - from > walk->stack_size - sizeof(*out_word)) {
        return false;
    }
    memcpy(out_word, walk->stack + (address - from), sizeof(*out_word));
    return true;
}

static bool read_word(struct hb_unwinder *unwinder, uint64_t address,
                      uint64_t *out_word)
{
    const struct hb_walk *walk = unwinder->current;

    if (read_copied(walk, address, out_word)) {
        return true;
    }
    return (walk->state != 'R' || walk->crashed) &&
           hb_memory_read(unwinder->tid, address, out_word,
                          sizeof(*out_word)) == sizeof(*out_word);
}

static bool read_memory(Dwfl *dwfl, Dwarf_Addr address, Dwarf_Word *out_word,
                        void *argument)
{
    uint64_t word = 0;

    (void)dwfl;
    if (!read_word(argument, address, &word)) {
        return false;
    }
    *out_word = word;
    return true;
}

static pid_t next_thread(Dwfl *dwfl, void *argument, void **thread_argument)
{
    struct hb_unwinder *unwinder = argument;
    bool is_first = *thread_argument == NULL;

    (void)dwfl;
    *thread_argument = unwinder;
    return is_first && unwinder->current != NULL ? (pid_t)unwinder->current->tid
                                                 : 0;
}

static bool get_thread(Dwfl *dwfl, pid_t tid, void *argument,
                       void **thread_argument)
{
    const struct hb_unwinder *unwinder = argument;

    (void)dwfl;
    *thread_argument = argument;
    return unwinder->current != NULL && unwinder->current->tid == (uint32_t)tid;
}

static bool set_registers(Dwfl_Thread *thread, void *thread_argument)
{
    const struct hb_unwinder *unwinder = thread_argument;

    return dwfl_thread_state_registers(thread, 0, HB_REGISTER_COUNT,
                                       unwinder->start.values);
}

static const Dwfl_Thread_Callbacks thread_callbacks = {
    .next_thread = next_thread,
    .get_thread = get_thread,
    .memory_read = read_memory,
    .set_initial_registers = set_registers,
};

bool hb_unwinder_attach(struct hb_unwinder *unwinder, struct hb_error *err)
{
    if (!dwfl_attach_state(unwinder->dwfl, NULL, (pid_t)unwinder->pid,
                           &thread_callbacks, unwinder)) {
        return hb_fail(err, HB_ERR_READ, 0,
                       "cannot walk the stacks of process %u: %s",
                       unwinder->pid, dwfl_errmsg(-1));
    }
    return true;
}

static void note_last(struct hb_frames *frames, Dwfl_Frame *frame, uint64_t pc)
{
    for (unsigned i = 0; i < HB_REGISTER_RIP; i++) {
        Dwarf_Word value = 0;

        if (dwfl_frame_reg(frame, i, &value) != 0) {
            value = 0;
        }
        frames->last.values[i] = value;
    }
    frames->last.values[HB_REGISTER_RIP] = pc;
}

int hb_frames_take(Dwfl_Frame *frame, void *argument)
{
    struct hb_frames *frames = argument;
    Dwarf_Addr pc = 0;
    bool is_exact = false; /* else a return address: the call is before it */

    if (!dwfl_frame_pc(frame, &pc, &is_exact)) {
        return DWARF_CB_ABORT;
    }
    if (frames->count == HB_FRAMES_MAX) {
        return DWARF_CB_ABORT + 1;
    }
    /* Both the trampoline and what it interrupted are exact. */
    if (is_exact && frames->count > 0 &&
        (frames->fault == 0 || frames->fault + 1 == frames->count)) {
        frames->fault = frames->count;
    }
    frames->addresses[frames->count++] = is_exact || pc == 0 ? pc : pc - 1;
    frames->is_lost = dwfl_addrmodule(frames->unwinder->dwfl, pc) == NULL;
    note_last(frames, frame, pc);
    return DWARF_CB_OK;
}

/* What the kernel saved when a signal came: `struct ucontext` stands at rsp
 * when its trampoline runs, and there its registers, in this order. */
#define SAVED_REGISTERS 40u
static const unsigned char saved_order[HB_REGISTER_COUNT] = {
    8, 9, 10, 11, 12, 13, 14, 15, 5, 4, 6, 3, 1, 0, 2, 7, HB_REGISTER_RIP,
};

/* A walk ends at the trampoline if what the signal came upon was no code: for
 * libdw, address 0 is the end. False if it ended elsewhere. */
static bool find_interrupted(struct hb_unwinder *unwinder,
                             struct hb_frames *frames)
{
    static const unsigned char trampoline[] = { 0x48, 0xc7, 0xc0, 0x0f, 0x00,
                                                0x00, 0x00, 0x0f, 0x05 };
    unsigned char code[sizeof(trampoline)];
    const uint64_t *values = frames->last.values;
    uint64_t saved[HB_REGISTER_COUNT];

    if (frames->count == 0 || frames->count == HB_FRAMES_MAX ||
        hb_memory_read(unwinder->tid, values[HB_REGISTER_RIP], code,
                       sizeof(code)) != sizeof(code) ||
        memcmp(code, trampoline, sizeof(code)) != 0 ||
        hb_memory_read(unwinder->tid, values[HB_REGISTER_RSP] + SAVED_REGISTERS,
                       saved, sizeof(saved)) != sizeof(saved)) {
        return false;
    }
    for (size_t i = 0; i < HB_REGISTER_COUNT; i++) {
        frames->last.values[saved_order[i]] = saved[i];
    }
    if (frames->fault == 0 || frames->fault + 1 == frames->count) {
        frames->fault = frames->count;
    }
    frames->addresses[frames->count++] = saved[HB_REGISTER_COUNT - 1];
    frames->is_lost = true;
    return true;
}

/* In no module there is a call of a wild pointer, as a rule, and then its
 * caller is the next word of the stack: the walk can go on from there. False
 * if that is no place of code either. */
static bool find_caller(struct hb_unwinder *unwinder, struct hb_frames *frames)
{
    uint64_t *values = frames->last.values;
    uint64_t caller = 0;

    if (!frames->is_lost ||
        !read_word(unwinder, values[HB_REGISTER_RSP], &caller)) {
        return false;
    }
    const struct hb_mapping *mapping = hb_maps_find(&unwinder->maps, caller);
    if (mapping == NULL || !mapping->executable ||
        dwfl_addrmodule(unwinder->dwfl, caller) == NULL) {
        return false;
    }
    values[HB_REGISTER_RSP] += sizeof(caller);
    values[HB_REGISTER_RIP] = caller;
    unwinder->start = frames->last;
    return true;
}

static int take_frames(struct hb_unwinder *unwinder, struct hb_frames *frames)
{
    return dwfl_getthread_frames(unwinder->dwfl, (pid_t)unwinder->current->tid,
                                 hb_frames_take, frames);
}

static const char *why_not_stopped(char state)
{
    switch (state) {
    case 'D':
        return "it waits in the kernel, uninterruptibly, and did not stop";
    case 'Z':
    case 'X':
        return "it has ended";
    default:
        return "its registers cannot be read: it ended, or runs in 32 bits";
    }
}

/* What the handler does is no part of the crash. */
static void drop_handler(struct hb_frames *frames)
{
    frames->count -= frames->fault;
    memmove(frames->addresses, frames->addresses + frames->fault,
            frames->count * sizeof(frames->addresses[0]));
}

void hb_unwinder_walk(struct hb_unwinder *unwinder, struct hb_walk *walk)
{
    struct hb_frames frames = { .unwinder = unwinder };

    if (!walk->has_registers) {
        (void)hb_text_copy(walk->cut_short, sizeof(walk->cut_short),
                           why_not_stopped(walk->state));
        return;
    }
    unwinder->current = walk;
    unwinder->start = walk->registers;
    int result = take_frames(unwinder, &frames);
    bool is_interrupted = find_interrupted(unwinder, &frames);
    size_t first = frames.count;
    size_t fault = frames.fault;

    if ((result == -1 || is_interrupted) && find_caller(unwinder, &frames)) {
        result = take_frames(unwinder, &frames);
        if (frames.count > first) {
            frames.addresses[first]--; /* it is a return address */
        }
        frames.fault = fault; /* the first of a walk is always exact */
    }
    if (walk->crashed) {
        drop_handler(&frames);
    }
    hb_frames_end(&frames, result, walk);
    unwinder->current = NULL;
}

static void say_end(const struct hb_frames *frames, int result,
                    struct hb_walk *walk)
{
    const char *why = dwfl_errmsg(-1);
    size_t size = sizeof(walk->cut_short);

    if (result == 0) {
        return;
    }
    if (frames->count == HB_FRAMES_MAX) {
        (void)hb_text_format(walk->cut_short, size, "more than %u frames",
                             HB_FRAMES_MAX);
    } else if (frames->is_lost) {
        (void)hb_text_format(
            walk->cut_short, size, "no code is known at 0x%llx",
            (unsigned long long)frames->addresses[frames->count - 1]);
    } else {
        (void)hb_text_format(walk->cut_short, size, "libdw: %s", why);
    }
}

void hb_frames_end(const struct hb_frames *frames, int result,
                   struct hb_walk *walk)
{
    size_t size = frames->count * sizeof(walk->addresses[0]);

    say_end(frames, result, walk);
    walk->addresses = malloc(size + 1);
    if (walk->addresses == NULL) {
        (void)hb_text_copy(walk->cut_short, sizeof(walk->cut_short),
                           "out of memory");
        return;
    }
    memcpy(walk->addresses, frames->addresses, size);
    walk->count = frames->count;
}
