#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <cjson/cJSON.h>

/*
 * What hbtest-postmortem told a test: the real program is run, and its lines
 * are kept. All functions fail the test where something is not as it must be;
 * what they return is borrowed until the next run.
 */
#define TOLD_LINES_MAX 4096

struct told {
    cJSON *lines[TOLD_LINES_MAX];
    size_t count;
    uint32_t status; /* of the program, as system_wait() has it */
    char errors[1024];
};

extern struct told told;

/* Runs it with these words, up to a NULL, and reads all that it tells. */
void told_run(const char *const *words);
#define TOLD_RUN(...) told_run((const char *const[]){ __VA_ARGS__, NULL })
void told_free(void);

/* A member as text ("" if there is none) or as number (0). */
const char *told_text(const cJSON *object, const char *key);
double told_number(const cJSON *object, const char *key);

/* The first line of a kind whose `key` is `number`, or NULL. */
const cJSON *told_find(const char *kind, const char *key, uint32_t number);
const cJSON *told_thread(uint32_t tid, uint32_t sample);
const cJSON *told_thread_named(const char *name, uint32_t sample);
const cJSON *told_evidence(const char *what, uint32_t pid);
size_t told_count(const char *kind);

/* Fails unless the evidence has this status and a reason with this part. */
void told_is(const char *what, uint32_t pid, const char *status,
             const char *reason);

/* The place of a function in a thread's frames; fails if it is not there. */
int told_place(const cJSON *thread, const char *symbol);
bool told_has(const cJSON *thread, const char *symbol);
const cJSON *told_frame(const cJSON *thread, int place);
int told_frame_count(const cJSON *thread);

/* The module of a frame, or NULL. */
const cJSON *told_module(const cJSON *frame);
