#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/facts.h"
#include "core/verdict_names.h"

/*
 * What exit statuses are called and what they mean: tables, no more. Linux
 * signal numbers are those of x86-64, wherever this runs.
 */

/* Windows hands over 32 bits; those with the shape of an NTSTATUS become
 * HB_EXIT_NTSTATUS. On other hosts the status comes back as it is. */
struct hb_exit hb_exit_read(struct hb_exit exit, bool windows);

/* "SIGSEGV", "STATUS_STACK_BUFFER_OVERRUN", or NULL. Static. */
const char *hb_exit_name(struct hb_exit exit);

/* A word for people: "access violation", "killed", or NULL. Static. */
const char *hb_exit_meaning(struct hb_exit exit);

/* How every fast fail ends; the exception of one has its subcode as its first
 * parameter. */
#define HB_STATUS_FAST_FAIL 0xC0000409u

/* "FATAL_APP_EXIT" for 7, or NULL. Static. */
const char *hb_fast_fail_name(uint32_t subcode);

/* "SIGTERM" for 15, or NULL. Static. */
const char *hb_signal_name(uint32_t signal);

/* What kind of end a status of kind SIGNAL or NTSTATUS is. An exit code is
 * not classified here and gives HB_VERDICT_NONE. */
void hb_exit_classify(struct hb_exit exit, enum hb_verdict *out_verdict,
                      enum hb_cause *out_cause);

/* The text that a test framework leaves of a fault that it caught and
 * survived: cmocka's "Test failed with exception: Segmentation fault(11)" and
 * "EXCEPTION_ACCESS_VIOLATION occurred at ...", GoogleTest's "SEH exception
 * with code 0xc0000005 thrown ...". False: it tells of none. */
bool hb_exit_caught(const char *text, struct hb_exit *out_exit);

/* "exit code 3", "SIGSEGV (signal 11)", "0xC0000005
 * STATUS_ACCESS_VIOLATION": `size` bytes of `target`. */
void hb_exit_describe(struct hb_exit exit, char *target, size_t size);

/* The status with which the launcher ends a tree itself. On Windows no
 * program returns it by habit; on Linux trees end by SIGKILL. */
#define HB_OWN_KILL_STATUS 0xC0DE0137u
