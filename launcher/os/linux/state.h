#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "os/linux/cores.h"
#include "os/linux/helper.h"
#include "os/linux/hold.h"
#include "os/linux/output.h"
#include "os/linux/tree.h"
#include "os/process.h"

/* What has been found out and not been told yet. */
#define HB_NEWS_ROOM 128
struct hb_news {
    uint32_t kind; /* enum hb_event_kind: CHILD or CHILD_EXIT */
    struct hb_exit exit;
    struct hb_tree_process process;
};

/* Processes that were told of, so that each is told once. */
#define HB_SEEN_ROOM 512
struct hb_seen {
    uint32_t pid;
    uint64_t start_ticks;
};

/* What the last poll() found and nobody has looked at yet. */
enum {
    HB_READY_SIGNAL = 1,
    HB_READY_STDOUT = 2, /* << enum hb_stream */
    HB_READY_STDERR = 4,
    HB_READY_NOTIFY = 8,
    HB_READY_CHILD = 16,
    HB_READY_HELPER = 32,
    HB_READY_HOLD = 64,
};

/* What is used up, added together. */
struct hb_used {
    uint64_t user_us;
    uint64_t system_us;
    uint64_t max_rss_kib;
};

#define HB_NOTIFY_SIZE 4096

struct hb_process {
    struct hb_process_spec spec; /* `command` is borrowed */
    pid_t pid;                   /* of the test program; 0 before it starts */
    bool own_group;
    bool ended;    /* the test program was reaped */
    bool told;     /* and its EXIT was told */
    bool released; /* what is left may live on */
    struct hb_exit exit;

    int signals; /* signalfd */
    int notify;  /* datagram socket; -1 */
    int memory;  /* descriptor of the recorder; -1 */
    void *recorder;
    struct hb_output outputs[HB_STREAM_COUNT];
    unsigned ready;      /* HB_READY_* */
    unsigned last_words; /* datagrams told since a child ended */

    struct hb_helper helper;
    struct hb_cores cores;
    struct hb_hold *hold; /* NULL: nobody is held */
    const char *hold_warning;

    struct hb_used used; /* by those that were reaped */
    uint64_t program_ms; /* see struct hb_resources */
    uint64_t cpu_limit_ms;
    uint64_t cpu_us; /* of all; the most that was ever seen */
    struct hb_news news[HB_NEWS_ROOM];
    size_t news_from;
    size_t news_count;
    struct hb_seen seen[HB_SEEN_ROOM];
    size_t seen_count;

    /* The last request to stop: a guard's copy of one is dropped. */
    struct {
        uint32_t signal;
        uint32_t sender;
        bool copy;
        uint64_t at_ms;
    } request;

    char **environment; /* for the test program; NULL: our own */
    char recorder_variable[128];
    char notify_variable[128];
    char datagram[HB_NOTIFY_SIZE];
};

/* events.c: what will be told. */

/* Remembers that processes were seen; news of those that are new. */
void hb_events_saw(struct hb_process *process, const struct hb_stat *stat);

/* Remembers how the child ended that was reaped: of the test program in
 * `process->exit`, of others as news. */
void hb_events_reaped(const struct hb_reaped *reaped, void *process);

/* Tells the oldest news; false if there is none. */
bool hb_events_take(struct hb_process *process, struct hb_event *out_event);

/* One child that has ended, if there is one: reaped, and remembered. */
bool hb_events_reap(struct hb_process *process);

/* One signal to us, if there is one. `*out_event` is a stop request, or NONE
 * (a child has ended: HB_READY_CHILD is set). */
bool hb_events_signal(struct hb_process *process, struct hb_event *out_event);

/* notify.c: the sd_notify socket. */
bool hb_notify_open(struct hb_process *process);
bool hb_notify_receive(struct hb_process *process, struct hb_event *out_event);
