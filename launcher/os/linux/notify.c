/*
 * The socket for sd_notify(3): a datagram socket with a name that the kernel
 * picks in the abstract name space, so that there is no file to clean up.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "os/linux/state.h"

static bool give_name(int fd, char *variable, size_t size)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    socklen_t length = sizeof(address.sun_family);
    int yes = 1;

    if (bind(fd, (struct sockaddr *)&address, length) < 0) {
        return false;
    }
    length = sizeof(address);
    if (getsockname(fd, (struct sockaddr *)&address, &length) < 0 ||
        setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &yes, sizeof(yes)) < 0) {
        return false;
    }
    size_t name = length - offsetof(struct sockaddr_un, sun_path) - 1;
    (void)snprintf(variable, size, "NOTIFY_SOCKET=@%.*s", (int)name,
                   address.sun_path + 1);
    return true;
}

bool hb_notify_open(struct hb_process *process)
{
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0) {
        return false;
    }
    if (!give_name(fd, process->notify_variable,
                   sizeof(process->notify_variable))) {
        (void)close(fd);
        return false;
    }
    process->notify = fd;
    return true;
}

/* Programs may hand us descriptors (FDSTORE=1); we keep none. */
static void close_received(const struct cmsghdr *part)
{
    size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);

    for (size_t i = 0; i < count; i++) {
        int fd = -1;

        memcpy(&fd, CMSG_DATA(part) + i * sizeof(int), sizeof(fd));
        (void)close(fd);
    }
}

static uint32_t read_ancillary(struct msghdr *message)
{
    uint32_t pid = 0;

    for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part != NULL;
         part = CMSG_NXTHDR(message, part)) {
        struct ucred sender;

        if (part->cmsg_level != SOL_SOCKET) {
            continue;
        }
        if (part->cmsg_type == SCM_RIGHTS) {
            close_received(part);
        } else if (part->cmsg_type == SCM_CREDENTIALS) {
            memcpy(&sender, CMSG_DATA(part), sizeof(sender));
            pid = (uint32_t)sender.pid;
        }
    }
    return pid;
}

bool hb_notify_receive(struct hb_process *process, struct hb_event *out_event)
{
    union {
        char bytes[CMSG_SPACE(sizeof(struct ucred)) +
                   CMSG_SPACE(64 * sizeof(int))];
        struct cmsghdr aligned;
    } extra;
    struct iovec text = { process->datagram, sizeof(process->datagram) };
    struct msghdr message = { .msg_iov = &text,
                              .msg_iovlen = 1,
                              .msg_control = extra.bytes,
                              .msg_controllen = sizeof(extra.bytes) };
    ssize_t size = recvmsg(process->notify, &message, MSG_CMSG_CLOEXEC);

    if (size < 0) {
        return false;
    }
    out_event->kind = HB_EVENT_NOTIFY;
    out_event->pid = read_ancillary(&message);
    out_event->bytes = process->datagram;
    out_event->size = (size_t)size;
    return true;
}
