#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "postmortem/request.h"
#include "system.h"

/*
 * A program that is looked at, and what was told of it, as lines. Failures
 * abort the test with a message.
 */
struct desk {
    struct system_child child;
    char *told; /* all lines */
};

/* Starts the program, with an argument (or NULL), and waits until it says
 * "ready". */
void desk_start(struct desk *desk, const char *program, const char *word);

/* Looks at it; what is told is added to `told`. */
void desk_look(struct desk *desk, const struct hb_request *request);

/* True if the program still answers. Asked once. */
bool desk_answers(struct desk *desk);

/* The `nth` line of what was told that has all three texts (NULL: any), or
 * NULL. Valid until the next call. */
const char *desk_line(const struct desk *desk, size_t nth, const char *one,
                      const char *two, const char *three);
/* The same, and the test fails if there is none. */
const char *desk_need(const struct desk *desk, const char *one, const char *two,
                      const char *three);

/* The number behind `"name":` in a line; the test fails if it has none. */
uint64_t desk_number(const char *line, const char *name);

/* Ends the program and frees. */
void desk_end(struct desk *desk);
