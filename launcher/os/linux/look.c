/* The tree as numbers: who lives, and what it has used. */
#include <limits.h>
#include <linux/futex.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "os/door.h"
#include "os/linux/state.h"

/* Of the process alone, to the nanosecond; the kernel's numbering of clocks
 * (clock_getcpuclockid(3) would ask whether it exists, and so do we). */
static uint64_t own_cpu_us(const struct hb_stat *stat)
{
    clockid_t clock = (clockid_t)((~stat->pid << 3) | 2u);
    struct timespec used;

    if (clock_gettime(clock, &used) == 0) {
        return (uint64_t)used.tv_sec * 1000000u +
               (uint64_t)used.tv_nsec / 1000u;
    }
    return stat->own_ticks * 1000000u / (uint64_t)sysconf(_SC_CLK_TCK);
}

void hb_process_wake(volatile uint32_t *word)
{
    (void)syscall(SYS_futex, word, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

bool hb_process_cpu_us(struct hb_process *process, uint64_t *out_us)
{
    struct hb_tree_list list;
    uint64_t sum = process->used.user_us + process->used.system_us;

    if (process->pid == 0) {
        return false;
    }
    hb_cores_look(process);
    hb_tree_list(&list);
    for (size_t i = 0; i < list.count; i++) {
        hb_events_saw(process, &list.items[i]);
        sum += own_cpu_us(&list.items[i]) + list.items[i].waited_ticks *
                                                1000000u /
                                                (uint64_t)sysconf(_SC_CLK_TCK);
    }
    /* A process that ends while we count would make the sum shrink. */
    if (sum > process->cpu_us) {
        process->cpu_us = sum;
    }
    *out_us = process->cpu_us;
    return true;
}

size_t hb_process_tree(struct hb_process *process,
                       struct hb_tree_process *processes, size_t room)
{
    struct hb_tree_list list;
    size_t count = 0;

    if (hb_tree_is_empty()) {
        return 0;
    }
    hb_tree_list(&list);
    for (size_t i = 0; i < list.count; i++) {
        const struct hb_stat *item = &list.items[i];

        hb_events_saw(process, item);
        if (hb_stat_is_gone(item)) {
            continue;
        }
        if (count < room) {
            processes[count] = (struct hb_tree_process){ .pid = item->pid,
                                                         .ppid = item->ppid };
            hb_stat_image(item, processes[count].image, HB_IMAGE_SIZE);
        }
        count++;
    }
    if (list.count == 0 && !hb_tree_is_empty()) { /* and cannot be found */
        if (room > 0) {
            processes[0] = (struct hb_tree_process){ .ppid = (uint32_t)getpid(),
                                                     .image = "unknown" };
        }
        count = 1;
    }
    return count;
}
