#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/facts.h"

/*
 * What is found in a process or a dump, in plain facts; addresses are those of
 * the process. Texts are UTF-8, cut at their size, empty if not known. They
 * stand here because hbtest-postmortem finds them and core/ keeps them.
 */
#define HB_SYMBOL_SIZE 256
#define HB_FOUND_PATH_SIZE 512
#define HB_FRAMES_MAX                                                          \
    128u /* of one thread; what lies beyond is told as                         \
            `cut_short` */
#define HB_NO_MODULE UINT32_MAX

struct hb_module {
    uint64_t base; /* where its first byte lies */
    uint64_t size;
    char path[HB_FOUND_PATH_SIZE];
    char id[80]; /* Linux: build id in hex; Windows: as a symbol server names
                    it: GUID and age of the PDB; of a file without one, its
                    time stamp and size */
    char debug[HB_FOUND_PATH_SIZE]; /* file that its symbols came from; empty:
                                       none */
};

struct hb_frame {
    uint64_t address; /* of the instruction: in callers, that of the call */
    uint32_t module;  /* index of a module told before, or HB_NO_MODULE */
    uint64_t offset;  /* of `address` in the module, as its file counts */
    char symbol[HB_SYMBOL_SIZE];
    uint64_t symbol_offset;
    char file[HB_FOUND_PATH_SIZE];
    uint32_t line;
    bool is_inlined; /* a call that the compiler dissolved in the next frame */
};

struct hb_found_thread {
    uint32_t pid;
    uint32_t tid;
    uint32_t sample; /* 0, or 1 for the second look */
    char name[HB_THREAD_NAME_SIZE];
    char state[16]; /* the system's word: "sleeping", "running", "waiting" */
    bool crashed;   /* the one that the dump blames */
    bool moved;     /* of sample 1: its stack or its CPU time changed */
    const struct hb_frame *frames; /* innermost first; borrowed */
    size_t frame_count;
    char cut_short[96]; /* why the walk ended before the thread's first
                           frame; empty: it did not */
};

/* A thread that waits for something that somebody holds. */
struct hb_found_lock {
    uint32_t pid;
    uint32_t tid;
    char kind[24]; /* "mutex", "join", "futex", "critical section" */
    uint64_t address;
    uint32_t owner; /* thread id; 0: not known */
};

/* Why the process died, as a dump, or its own fixture, tells it. */
struct hb_found_exception {
    uint32_t pid;
    uint32_t tid;
    uint32_t code;   /* NTSTATUS; on Linux the signal */
    uint32_t reason; /* Linux: the signal's code (si_code); 0: not known */
    uint64_t address;
    uint64_t stack;    /* stack pointer at that moment; 0: not known */
    uint64_t pointers; /* Windows: where the process has its
                          EXCEPTION_POINTERS; 0: not known */
    bool has_parameter;
    uint64_t parameter; /* the first: of a fast fail, its subcode */
};

/* Of what was printed and not written the end is kept. */
#define HB_UNWRITTEN_SIZE 4097u

/* The program is about to end itself. */
struct hb_leaving {
    uint32_t pid;
    uint32_t tid;
    char call[24]; /* "exit", "_exit", "kill", "ExitProcess", ... */
    enum {
        HB_LEAVING_UNKNOWN = 0, /* what it gives is not known */
        HB_LEAVING_CODE,
        HB_LEAVING_SIGNAL
    } kind;
    uint32_t value; /* its status, or the signal */
    uint64_t from;  /* address to which the call returns; 0: not known */
};
