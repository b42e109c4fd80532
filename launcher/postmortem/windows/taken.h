#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <windows.h>

#include "base/error.h"
#include "base/facts.h"
#include "postmortem/memory.h"
#include "postmortem/windows/opened.h"

/*
 * Threads, each held still only for as long as its registers and its stack
 * take to be copied; the walk comes later, when it runs again. One thread at
 * a time, so that a kill of this program in the middle leaves at most one
 * thread suspended; at its own limit it leaves none.
 */
struct hb_taken {
    struct hb_thread_sample seen; /* before the stop */
    bool has_context;
    CONTEXT context;
    uint64_t stack;       /* address of the first byte of the copy */
    unsigned char *bytes; /* of the stack, from its pointer on; owned */
    size_t size;
    uint64_t stack_end; /* where the whole stack ends; 0: not known */
    char why[96];       /* it has no context */
};

struct hb_taken_list {
    struct hb_taken *items;
    size_t count;
    uint64_t pause_us; /* of all threads, one after the other */
};

/* The caller must hb_taken_free(). */
bool hb_taken_all(const struct hb_opened *opened, struct hb_taken_list *out,
                  struct hb_error *err);
void hb_taken_free(struct hb_taken_list *list);

/* Lets the thread go on that is held at this moment, if one is: for the thread
 * that ends this program at its limit. */
void hb_taken_let_go(void);

/* As struct hb_memory has it, of the copied stack alone. */
size_t hb_taken_read(const struct hb_taken *taken, uint64_t address,
                     void *bytes, size_t size);
