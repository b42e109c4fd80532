#pragma once

#include "base/text.h"
#include "fakes/fake_os.h"

/* What the helper does, and what becomes of it. */
struct fake_helper {
    bool exists;
    bool clings;
    bool running;
    const struct fake_event *events;
    size_t event_count;
    size_t next;
    uint64_t began_ms;
    bool killed; /* and its end is still to be told */
    int ends;
    char words[2048];
};

/* What the parts of the fake share. */
#define FILES_MAX 16
#define PID 100u

struct fake_file {
    char path[512];
    struct hb_buffer bytes;
    bool removed;
};

struct fake {
    uint64_t now_ms;
    uint64_t stall_at_ms;
    uint64_t stall_ms; /* 0: none is to come */
    uint64_t suspend_at_ms;
    uint64_t suspend_ms;
    const char *slow_text; /* NULL: no write is slow any more */
    uint64_t slow_ms;
    uint64_t log_ms;
    uint64_t child_until_ms;
    uint64_t blocked_from_ms;
    uint64_t blocked_until_ms; /* 0: never */
    size_t child_count;        /* 0: one */
    const struct fake_event *events;
    size_t event_count;
    size_t next;
    bool heeds_stop;
    bool ended;
    struct hb_event ending; /* waits to be told */
    bool has_ending;
    struct hb_thread_sample thread;
    int calls;
    int fail_at;
    bool failed;
    int full_for; /* this many writes to appenders fail */
    bool full_begun;
    int open;
    uint32_t signal; /* the last that was passed on to the test */
    int stops;
    int kills;
    const char *hold_warning;
    int lets_leave;
    uint64_t let_leave_ms;
    struct fake_helper helper;
    struct hb_core_trace cores;
    const char *const *variables;
    size_t variable_count;
    char variable_set[256]; /* the last */
    struct fake_file files[FILES_MAX];
    size_t file_count;
};

extern struct fake fake;

/* Counts a call that can fail; true if this is the one that does. */
bool fake_fails(struct hb_error *err, enum hb_error_code code);
