#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The plain facts that os/ reports and core/ judges. They stand here because
 * neither of the two may know the other. No field holds an opinion.
 *
 * Times are milliseconds of the one monotonic clock of os/clock.h, counted
 * from the start of the run unless a name says otherwise.
 */

/* How a process ended. The number spaces never mix: exit code 137 and death
 * by signal 9 are different facts and stay different in every report. */
enum hb_exit_kind {
    HB_EXIT_NONE = 0, /* no status can be had */
    HB_EXIT_CODE,     /* `value` is an exit code */
    HB_EXIT_SIGNAL,   /* `value` is a signal number */
    HB_EXIT_NTSTATUS, /* `value` is an NTSTATUS; core/status.h decides this */
};

struct hb_exit {
    enum hb_exit_kind kind;
    uint32_t value;
    bool core_dumped;
};

/* What a process uses, as the fixture's heartbeat thread says. */
struct hb_stats {
    uint64_t rss_kib;
    uint64_t cpu_ms;
    uint32_t threads;
    uint32_t handles; /* descriptors on Linux */
};

/* What the whole run used, from the system's accounting. */
struct hb_resources {
    bool known;
    uint64_t user_ms;
    uint64_t system_ms;
    uint64_t max_rss_kib;
    uint64_t program_ms;   /* CPU time of the program alone, and its hard */
    uint64_t cpu_limit_ms; /* limit: both only of one that SIGKILL ended */
};

enum hb_thread_state {
    HB_THREAD_UNKNOWN = 0,
    HB_THREAD_RUNNING, /* on a processor or ready for one */
    HB_THREAD_WAITING,
    HB_THREAD_UNINTERRUPTIBLE, /* Linux D */
    HB_THREAD_STOPPED,         /* job control stop, or suspended */
    HB_THREAD_TRACED,          /* stopped by a debugger */
    HB_THREAD_DEAD,
    HB_THREAD_DUMPING, /* it crashed, and the system works on its report */
};

/* What a waiting thread waits for, as far as it shows from outside. */
enum hb_wait_kind {
    HB_WAIT_NONE = 0,
    HB_WAIT_LOCK,  /* futex, critical section, thread join */
    HB_WAIT_IO,    /* read, write, poll, select, socket, pipe, file lock */
    HB_WAIT_CHILD, /* another process */
    HB_WAIT_SLEEP, /* a time */
    HB_WAIT_OTHER,
};

#define HB_THREAD_NAME_SIZE 32
#define HB_WAIT_NAME_SIZE 48

/* One thread, looked at from outside without touching it. */
struct hb_thread_sample {
    uint32_t pid;
    uint32_t tid;
    enum hb_thread_state state;
    enum hb_wait_kind wait;
    uint64_t cpu_us; /* used so far */
    char name[HB_THREAD_NAME_SIZE];
    char wait_name[HB_WAIT_NAME_SIZE]; /* the system's own word, for people */
};

/* A message box that waits for a click. */
#define HB_DIALOG_TEXT_SIZE 512
struct hb_dialog {
    bool shown;
    uint32_t pid;
    char title[128];
    char text[HB_DIALOG_TEXT_SIZE];
};

/* A process of the tree. */
#define HB_IMAGE_SIZE 64
struct hb_tree_process {
    uint32_t pid;
    uint32_t ppid;
    char image[HB_IMAGE_SIZE]; /* base name, cut */
};

enum hb_stream { HB_STDOUT = 0, HB_STDERR = 1, HB_STREAM_COUNT = 2 };
