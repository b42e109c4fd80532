#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "os/process.h"

/*
 * A run as the tests see it: all that hb_process_next() told so far. Every
 * wait has a limit; beyond it the test fails.
 */
#define COLLECT_KEPT 65536
#define COLLECT_ROOM 64

/* A list of words as the functions below take it. */
#define WORDS(...) ((const char *const[]){ __VA_ARGS__, NULL })

struct collect {
    struct hb_process *process;
    uint32_t pid;
    char output[HB_STREAM_COUNT][COLLECT_KEPT + 1]; /* the first bytes */
    size_t kept[HB_STREAM_COUNT];
    uint64_t total[HB_STREAM_COUNT];
    bool closed[HB_STREAM_COUNT];
    bool gone[HB_STREAM_COUNT];
    bool ended;
    bool output_after_end;
    struct hb_exit exit;
    struct hb_resources resources;
    struct hb_tree_process children[COLLECT_ROOM];
    size_t child_count;
    struct {
        uint32_t pid;
        struct hb_exit exit;
    } ends[COLLECT_ROOM];
    size_t end_count;
    char notify[256]; /* the last datagram */
    uint32_t notify_pid;
    char helper_output[COLLECT_KEPT + 1]; /* the first bytes */
    size_t helper_kept;
    uint64_t helper_total;
    bool helper_ended;
    struct hb_exit helper_exit;
};

/* Starts the helper program with `words` (NULL at the end), with recorder and
 * notify socket. */
void collect_start(struct collect *run, const char *const *words);
/* The same for any command, and any specification but the command. */
void collect_start_command(struct collect *run, const char *const *command,
                           struct hb_process_spec spec);

/* Takes events until one of `kind` was taken. */
void collect_until(struct collect *run, enum hb_event_kind kind);
/* Starts the helper program beside the test, with `words`. */
void collect_start_helper(struct collect *run, const char *const *words);
/* Until the helper's stdout has a line `text`. */
void collect_until_helper_line(struct collect *run, const char *text);

/* Until stdout has a line `text`. */
void collect_until_line(struct collect *run, const char *text);
/* Until the program has ended and its output is closed. */
void collect_all(struct collect *run);
/* Takes what there is without waiting. */
void collect_now(struct collect *run);

void collect_free(struct collect *run);

/* The three steps in one: start, collect_all. */
void collect_run(struct collect *run, const char *const *words);

/* Where the helper programs are. */
const char *collect_child_path(void);
const char *collect_loop_path(void);
