#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/found.h"

/*
 * Holding a program at its own end from outside, with whatever it links: a
 * seccomp filter hands exit_group and the calls that send signals to a thread
 * of ours before the kernel carries them out. The filter is inherited, so each
 * process of the tree comes by here; all but the test program's own end go on
 * at once. The thread does nothing that could wait for a disk, since who waits
 * for it cannot end.
 *
 * Whoever dies while nobody answers gets ENOSYS, which leaves threads of a
 * process behind. So the filter is for trees that do not outlive us: the test
 * program dies with us, and what it leaves is killed by us or the guard.
 */
struct hb_hold;

/* Before the start. NULL, with a reason in words, if this system cannot. */
struct hb_hold *hb_hold_open(uint32_t limit_ms, const char **out_why);

/* Between fork and exec, on the memory of the parent: from here on the child
 * is held. It must leave by hb_hold_leave() if there is no exec. */
void hb_hold_child(struct hb_hold *hold);
_Noreturn void hb_hold_leave(int status);

/* After the start; says what is to be known of it, or NULL. */
const char *hb_hold_started(struct hb_hold *hold);

/* Becomes readable when the test program stands at the door. */
int hb_hold_news(const struct hb_hold *hold);

/* How it means to leave; false if it does not stand there. */
bool hb_hold_take(struct hb_hold *hold, struct hb_leaving *out_leaving);

/* Lets it go, and from now on always. */
void hb_hold_let_go(struct hb_hold *hold);

/* NULL is fine. */
void hb_hold_close(struct hb_hold *hold);
