#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "os/clock.h"
#include "os/linux/hold_parts.h"

#define STACK_BYTES ((size_t)64 * 1024)
/* The kernel's structures may grow up to this. */
#define NOTICE_BYTES 256u
/* For the thread's end; one that does not come is left to itself. */
#define JOIN_WITHIN_S 2

/* Of kernel 6.6; others refuse it. Caller and thread then change places on one
 * processor, without looking for another. */
#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, uint64_t)
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP 1u
#endif

static void signal_event(int fd)
{
    const uint64_t one = 1;

    (void)!write(fd, &one, sizeof(one));
}

/* The call goes on as if nobody had looked. The id of one that was interrupted
 * meanwhile is unknown by now. */
static void let_on(int listener, uint64_t id)
{
    union {
        struct seccomp_notif_resp answer;
        char room[NOTICE_BYTES];
    } reply;

    memset(&reply, 0, sizeof(reply));
    reply.answer.id = id;
    reply.answer.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
    while (ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &reply) != 0 &&
           errno == EINTR) {
    }
}

static void let_all_go(struct hb_hold *hold)
{
    hold->open = true;
    for (unsigned i = 0; i < hold->waiting_count; i++) {
        let_on(hold->listener, hold->waiting[i].id);
    }
    hold->waiting_count = 0;
}

/* A call that is interrupted, as by who looks at its stack, comes again with a
 * new id. False if there is no room. */
static bool remember(struct hb_hold *hold, const struct seccomp_notif *notice)
{
    unsigned i = 0;

    while (i < hold->waiting_count && hold->waiting[i].tid != notice->pid) {
        i++;
    }
    if (i == HB_HOLD_MOST) {
        return false;
    }
    hold->waiting_count += i == hold->waiting_count;
    hold->waiting[i].tid = notice->pid;
    hold->waiting[i].id = notice->id;
    return true;
}

static void meet(struct hb_hold *hold, const struct seccomp_notif *notice)
{
    struct hb_leaving leaving;
    bool leaves = hb_hold_reads(hold, notice, &leaving);
    bool waits = false;

    (void)pthread_mutex_lock(&hold->lock);
    waits = leaves && !hold->open && remember(hold, notice);
    if (waits && hold->until_ms == 0) {
        hold->until_ms = hb_clock_ms() + hold->limit_ms;
        hold->leaving = leaving;
        hold->asked = true;
        signal_event(hold->news);
    }
    (void)pthread_mutex_unlock(&hold->lock);
    if (!waits) {
        let_on(hold->listener, notice->id);
    }
}

static void receive(struct hb_hold *hold)
{
    union {
        struct seccomp_notif notice;
        char room[NOTICE_BYTES];
    } got;

    memset(&got, 0, sizeof(got));
    if (ioctl(hold->listener, SECCOMP_IOCTL_NOTIF_RECV, &got) == 0) {
        meet(hold, &got.notice);
    }
}

/* How long the thread may sleep. Nobody is held longer than agreed, whatever
 * the rest of us is doing. */
static int patience(struct hb_hold *hold)
{
    uint64_t now_ms = hb_clock_ms();
    int timeout_ms = -1;

    (void)pthread_mutex_lock(&hold->lock);
    if (hold->until_ms != 0 && !hold->open) {
        if (now_ms >= hold->until_ms) {
            let_all_go(hold);
        } else {
            timeout_ms = (int)(hold->until_ms - now_ms);
        }
    }
    (void)pthread_mutex_unlock(&hold->lock);
    return timeout_ms;
}

/* The end of the socket means that there will be no listener. */
static int await_listener(const struct hb_hold *hold)
{
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control = { { 0 } };
    char byte = 0;
    struct iovec part = { &byte, 1 };
    struct msghdr message = { .msg_iov = &part,
                              .msg_iovlen = 1,
                              .msg_control = control.bytes,
                              .msg_controllen = sizeof(control.bytes) };
    int listener = -1;

    if (recvmsg(hold->socket[0], &message, MSG_CMSG_CLOEXEC) == 1 &&
        CMSG_FIRSTHDR(&message) != NULL) {
        memcpy(&listener, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(int));
    }
    return listener;
}

static void *run(void *context)
{
    struct hb_hold *hold = context;
    int listener = await_listener(hold);

    (void)pthread_mutex_lock(&hold->lock);
    hold->listener = listener;
    (void)pthread_mutex_unlock(&hold->lock);
    if (listener >= 0) {
        (void)ioctl(listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS,
                    SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP);
    }
    while (listener >= 0) {
        struct pollfd entries[] = { { listener, POLLIN, 0 },
                                    { hold->stop, POLLIN, 0 } };

        (void)poll(entries, 2, patience(hold));
        if ((entries[0].revents & POLLIN) != 0) {
            receive(hold);
        } else if (entries[1].revents != 0 || entries[0].revents != 0) {
            break; /* told to, or nobody is left who could call */
        }
    }
    return NULL;
}

/* CONTINUE is of 5.5, and cannot be asked for. */
static bool knows_continue(void)
{
    struct utsname names;
    unsigned major = 0;
    unsigned minor = 0;

    return uname(&names) == 0 &&
           sscanf(names.release, "%u.%u", &major, &minor) == 2 &&
           (major > 5 || (major == 5 && minor >= 5));
}

static bool is_supported(void)
{
    struct seccomp_notif_sizes sizes = { 0 };

    return knows_continue() &&
           syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes) == 0 &&
           sizes.seccomp_notif <= NOTICE_BYTES &&
           sizes.seccomp_notif_resp <= NOTICE_BYTES;
}

static bool start_thread(struct hb_hold *hold)
{
    pthread_attr_t attributes;

    if (pthread_attr_init(&attributes) != 0) {
        return false;
    }
    (void)pthread_attr_setstacksize(&attributes, STACK_BYTES);
    int failed = pthread_create(&hold->thread, &attributes, run, hold);

    (void)pthread_attr_destroy(&attributes);
    return failed == 0;
}

static void shut(int *fd)
{
    if (*fd >= 0) {
        (void)close(*fd);
        *fd = -1;
    }
}

static void release(struct hb_hold *hold)
{
    shut(&hold->listener);
    shut(&hold->socket[0]);
    shut(&hold->socket[1]);
    shut(&hold->news);
    shut(&hold->stop);
    (void)pthread_mutex_destroy(&hold->lock);
    free(hold);
}

struct hb_hold *hb_hold_open(uint32_t limit_ms, const char **out_why)
{
    struct hb_hold *hold;

    *out_why =
        "--hold-exit=on: not held, since this system has no seccomp user "
        "notification (Linux 5.5)";
    if (!is_supported()) {
        return NULL;
    }
    *out_why =
        "--hold-exit=on: not held, since no memory, descriptor or thread "
        "was left for it";
    hold = calloc(1, sizeof(*hold));
    if (hold == NULL) {
        return NULL;
    }
    hold->limit_ms = limit_ms;
    hold->listener = -1;
    hold->socket[0] = -1;
    hold->socket[1] = -1;
    (void)pthread_mutex_init(&hold->lock, NULL);
    hold->news = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    hold->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (hold->news < 0 || hold->stop < 0 ||
        socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, hold->socket) !=
            0 ||
        !start_thread(hold)) {
        release(hold);
        return NULL;
    }
    return hold;
}

const char *hb_hold_started(struct hb_hold *hold)
{
    shut(&hold->socket[1]); /* the thread no longer waits for it */
    switch (hold->error) {
    case 0:
        return hold->no_new_privs
                   ? "--hold-exit=on: set-user-ID programs (sudo, ping) have "
                     "no rights of their own in this test (no_new_privs)"
                   : NULL;
    case EBUSY:
        return "--hold-exit=on: not held, since another seccomp listener "
               "(a launcher or a container) watches this tree already";
    default:
        return hold->installed ? "--hold-exit=on: not held, since the listener "
                                 "could not be handed over"
                               : "--hold-exit=on: not held, since the system "
                                 "refuses the seccomp filter";
    }
}

int hb_hold_news(const struct hb_hold *hold)
{
    return hold->news;
}

bool hb_hold_take(struct hb_hold *hold, struct hb_leaving *out_leaving)
{
    uint64_t count = 0;
    bool asked;

    (void)!read(hold->news, &count, sizeof(count));
    (void)pthread_mutex_lock(&hold->lock);
    asked = hold->asked;
    hold->asked = false;
    if (asked) {
        *out_leaving = hold->leaving;
    }
    (void)pthread_mutex_unlock(&hold->lock);
    return asked;
}

void hb_hold_let_go(struct hb_hold *hold)
{
    (void)pthread_mutex_lock(&hold->lock);
    let_all_go(hold);
    (void)pthread_mutex_unlock(&hold->lock);
}

void hb_hold_close(struct hb_hold *hold)
{
    struct timespec until;

    if (hold == NULL) {
        return;
    }
    shut(&hold->socket[1]);
    signal_event(hold->stop);
    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += JOIN_WITHIN_S;
    if (pthread_timedjoin_np(hold->thread, NULL, &until) == 0) {
        release(hold);
    }
}
