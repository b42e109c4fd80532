#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "os/cores.h"
#include "os/process.h"

/*
 * The third implementation of launcher/os: no process, no clock, no disk, no
 * waiting. Time moves only when somebody waits; the pretend program does what
 * a script says, at the times it says; and the Nth call that can fail can be
 * told to fail.
 */
struct fake_event {
    uint64_t at_ms; /* of the pretend clock, which begins at 0 */
    struct hb_event event;
};

void fake_os_reset(void);

/* What happens, in the order of time. Borrowed until the next reset. */
void fake_os_script(const struct fake_event *events, size_t count);

/* What the program answers to being asked to stop, and to a kill: an exit.
 * Without these it ignores the first and dies of SIGKILL by the second. */
void fake_os_heeds_stop(bool heeds);

/* When the clock comes to `at_ms` the machine stands still for `for_ms`: who
 * waits then wakes up so much later, and what was to happen has not. */
void fake_os_stall(uint64_t at_ms, uint64_t for_ms);

/* The same, and the clock stands still as well: the system was suspended. */
void fake_os_suspend(uint64_t at_ms, uint64_t for_ms);

/* Writing the first bytes with this text to a file takes so long. Borrowed
 * until the next reset. */
void fake_os_slow_write(const char *text, uint64_t for_ms);

/* Every write to a log takes so long. */
void fake_os_slow_log(uint64_t for_ms);

/* Until then there is a process besides the program. */
void fake_os_child_until(uint64_t until_ms);

/* Whoever reads our stdout takes nothing meanwhile, and output waits. */
void fake_os_blocked(uint64_t from_ms, uint64_t until_ms);

/* The clock of the run. */
uint64_t fake_os_now_ms(void);

/* As many, then. */
void fake_os_children(size_t count);

/* What a look at its threads shows. */
void fake_os_thread(struct hb_thread_sample thread);

/* What is known of the system's own cores, after the end. */
void fake_os_cores(const struct hb_core_trace *trace);

/* There is a helper program, and this is what it does; times are counted from
 * its start. Without HELPER_ENDED it goes on until it is ended; one that clings
 * not even then. Borrowed until the next reset. */
void fake_os_helper(const struct fake_event *events, size_t count);
void fake_os_helper_clings(void);

/* The words that it was started with, with blanks between; "" before. */
const char *fake_os_helper_words(void);

/* How often it was ended by us. */
int fake_os_helper_ends(void);

/* What there is to say of holding the program. Borrowed until the reset. */
void fake_os_hold_warning(const char *warning);

/* How often it was let go at the door, and when the last time. */
int fake_os_lets_leave(void);
uint64_t fake_os_let_leave_ms(void);

/* The environment, as "NAME=VALUE". Borrowed until the next reset. */
void fake_os_environment(const char *const *variables, size_t count);

/* The variable that was set last, as "NAME=VALUE"; "" before. */
const char *fake_os_variable_set(void);

/* The call with this number, from 1, fails; 0: none does. */
void fake_os_fail_call(int nth);

/* So many writes to appenders fail: the first finds room for the half of what
 * it brings, the others for nothing. */
void fake_os_disk_full_for(int writes);

/* True if a call was told to fail and did. */
bool fake_os_has_failed(void);

/* What is still open: processes, appenders, logs. */
int fake_os_open(void);

/* How often the tree was asked to stop, and killed. */
int fake_os_stops(void);
int fake_os_kills(void);

/* The last signal that was passed on to the test. */
uint32_t fake_os_signal(void);

/* What was last written under a path that ends so; NULL: nothing. */
const char *fake_os_file(const char *ending);

/* True if a file whose path ends so was removed; its bytes are kept. */
bool fake_os_was_removed(const char *ending);
