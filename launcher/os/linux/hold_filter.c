/*
 * The side of the child: the filter is installed by who is to be held, so all
 * of this runs between fork and exec and consists of system calls.
 */
#include "os/linux/hold_parts.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LOAD(field)                                                            \
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define ANSWER(action) BPF_STMT(BPF_RET | BPF_K, (action))
/* The calls stand in a row; of the `left`th from the end the answer is so many
 * behind it. */
#define IF_CALL(number, left)                                                  \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (number), (left), 0)

/* 32-bit programs, and x32, number their calls in another way: they are not
 * held. */
static struct sock_filter steps[] = {
    LOAD(arch),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0),
    ANSWER(SECCOMP_RET_ALLOW),
    LOAD(nr),
    IF_CALL(SYS_exit_group, 7),
    IF_CALL(SYS_kill, 6),
    IF_CALL(SYS_tgkill, 5),
    IF_CALL(SYS_tkill, 4),
    IF_CALL(SYS_rt_sigqueueinfo, 3),
    IF_CALL(SYS_rt_tgsigqueueinfo, 2),
    IF_CALL(SYS_pidfd_send_signal, 1),
    ANSWER(SECCOMP_RET_ALLOW),
    ANSWER(SECCOMP_RET_USER_NOTIF),
};

static long install(void)
{
    static const struct sock_fprog program = {
        .len = sizeof(steps) / sizeof(steps[0]),
        .filter = steps,
    };

    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
                   SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
}

/* What the kernel is told of the message. Not on the stack: the child's is used
 * by one child after the other, none of which leaves it in order, and a
 * sanitizer would take what the last one left there for a mistake. */
static struct {
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))];
    char byte;
    struct iovec part;
    struct msghdr message;
} parcel;

/* By the system call itself: a sanitizer's own would look at our memory. */
static bool hand_over(int socket, int listener)
{
    struct cmsghdr *head = (void *)parcel.control;

    parcel.part = (struct iovec){ &parcel.byte, 1 };
    parcel.message.msg_iov = &parcel.part;
    parcel.message.msg_iovlen = 1;
    parcel.message.msg_control = parcel.control;
    parcel.message.msg_controllen = sizeof(parcel.control);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(sizeof(int));
    *(int *)(void *)CMSG_DATA(head) = listener;
    return syscall(SYS_sendmsg, socket, &parcel.message, MSG_NOSIGNAL) == 1;
}

void hb_hold_child(struct hb_hold *hold)
{
    hold->root = (pid_t)syscall(SYS_getpid);
    long listener = install();

    if (listener < 0 && errno == EACCES) {
        /* Who may not do it with all rights may with those that cannot grow. */
        hold->no_new_privs = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
        listener = install();
    }
    if (listener < 0) {
        hold->error = errno;
        return;
    }
    hold->installed = true;
    if (!hand_over(hold->socket[1], (int)listener)) {
        hold->error = errno;
    }
    (void)syscall(SYS_close, (int)listener);
}

/* exit_group would wait for an answer; the child has no other thread. */
_Noreturn void hb_hold_leave(int status)
{
    for (;;) {
        (void)syscall(SYS_exit, status);
    }
}
