#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "system.h"
#include "told.h"

/* A target of a test, as stack_target.c describes it. */
struct stack_desk {
    struct system_child child;
    uint32_t pid;
    char pid_text[16];
};

/* Starts `program` with words up to a NULL; returns when it said "ready". */
void stack_desk_start(struct stack_desk *desk, const char *program,
                      const char *const *words);
#define STACK_DESK_START(desk, program, ...)                                   \
    stack_desk_start(desk, program, (const char *const[]){ __VA_ARGS__, NULL })

/* Returns when `count` of its threads sleep; fails after 10 s. */
void stack_desk_await_sleepers(const struct stack_desk *desk, size_t count);

/* Returns when the threads of "abba" wait for each other, and main for one. */
void stack_desk_await_deadlock(const struct stack_desk *desk);

/* Returns when its main thread has ended. */
void stack_desk_await_zombie(const struct stack_desk *desk);

/* Fails unless it runs, untraced. */
void stack_desk_is_free(const struct stack_desk *desk);

/* Who traces it, or 0. */
uint32_t stack_desk_tracer(const struct stack_desk *desk);

/* Ends its input, and with it the program; returns how. */
uint32_t stack_desk_end(struct stack_desk *desk);

/* Kills what is still there. */
void stack_desk_kill(struct stack_desk *desk);
