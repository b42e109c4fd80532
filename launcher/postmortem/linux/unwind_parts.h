#pragma once

#include <elfutils/libdwfl.h>

#include "postmortem/facts.h"
#include "postmortem/linux/maps.h"
#include "postmortem/linux/unwind.h"

/* The inside of an unwinder, for the files that share it. */

#define HB_REGISTER_COUNT 17 /* x86-64 in DWARF's order; the last is rip */
#define HB_REGISTER_RSP 7
#define HB_REGISTER_RIP 16

struct hb_registers {
    uint64_t values[HB_REGISTER_COUNT];
};

/* One thread: first its copy, then what the walk made of it. */
struct hb_walk {
    uint32_t tid;
    char name[HB_THREAD_NAME_SIZE];
    char state; /* letter of /proc/.../stat, or NUL */
    bool crashed;
    uint64_t cpu_us;
    bool has_registers;
    struct hb_registers registers;
    const unsigned char *stack; /* copied from rsp on */
    size_t stack_size;
    uint64_t *addresses; /* of the instructions, innermost first */
    size_t count;
    char cut_short[96];
};

struct hb_walks {
    struct hb_walk *items;
    size_t count;
};

void hb_walks_free(struct hb_walks *walks);

/* What a module of libdw has of ours; it finds it as its user data. */
struct hb_module_note {
    struct hb_unwinder *unwinder;
    bool is_told;
    uint32_t index; /* as told */
};

struct hb_words; /* what is known of addresses, see words.h */

struct hb_unwinder {
    uint32_t pid;
    pid_t tid;        /* a thread of it whose maps can be read */
    uint32_t crashed; /* the thread that is in a crash handler; 0: none */
    Dwfl *dwfl;
    struct hb_maps maps;
    struct hb_module_note *notes;
    size_t note_count;
    struct hb_words *words;

    unsigned char *pool; /* where stacks are copied to */
    size_t pool_size;
    struct hb_walks walks;
    struct hb_walks before;        /* of the first sample */
    const struct hb_walk *current; /* the thread that libdw walks */
    struct hb_registers start;     /* where its walk begins */

    int file; /* the core, or -1 */
    Elf *core;
    struct hb_found_exception exception;
    bool has_exception;

    struct hb_frame frames[HB_FRAMES_MAX];
};

/* An empty one, with libdw begun; NULL when out of memory. */
struct hb_unwinder *hb_unwinder_new(uint32_t pid);

/* Gives each module of libdw its note. */
bool hb_unwinder_note_modules(struct hb_unwinder *unwinder,
                              struct hb_error *err);

/* Lets libdw read copies; then walks one copied thread into its addresses. */
bool hb_unwinder_attach(struct hb_unwinder *unwinder, struct hb_error *err);
void hb_unwinder_walk(struct hb_unwinder *unwinder, struct hb_walk *walk);

/* Takes frames from libdw, one a call of hb_frames_take(). */
struct hb_frames {
    struct hb_unwinder *unwinder;
    uint64_t addresses[HB_FRAMES_MAX];
    size_t count;
    size_t fault; /* index of the one that the first signal came upon; 0: no
                     signal did */
    bool is_lost; /* the last one lies in no module */
    struct hb_registers last; /* of the last one, as far as they are known */
};
int hb_frames_take(Dwfl_Frame *frame, void *frames);

/* Ends a walk with what dwfl_thread_getframes() returned: keeps the addresses,
 * and says why there are no more. */
void hb_frames_end(const struct hb_frames *frames, int result,
                   struct hb_walk *walk);
