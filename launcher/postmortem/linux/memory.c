/*
 * process_vm_readv() and nothing else: it needs no stop, and it refuses the
 * memory of devices, which /proc/PID/mem would read (a read of a device's
 * register can be an order to it).
 */
#include <sys/uio.h>

#include "postmortem/linux/target.h"

size_t hb_memory_read(pid_t pid, uint64_t address, void *bytes, size_t size)
{
    size_t done = 0;

    while (done < size) {
        struct iovec here = { (char *)bytes + done, size - done };
        /* An address of another process; it is no pointer of ours. */
        struct iovec there = { (void *)(uintptr_t)(address + done),
                               size - done };
        ssize_t got = process_vm_readv(pid, &here, 1, &there, 1, 0);

        if (got <= 0) {
            break;
        }
        done += (size_t)got;
    }
    return done;
}
