#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

/*
 * Names of testcases, each of which may be there once: readers drop, merge or
 * take for a retry what has the name of another. The second "a" becomes
 * "a (2)".
 */

/* Azure DevOps takes 512 characters. */
#define HB_JUNIT_NAME_SIZE 480

struct hb_junit_name; /* private */

/* Zero-initialised it is empty. */
struct hb_junit_names {
    struct hb_junit_name *table; /* open addressing; `room` is a power of 2 */
    size_t room;
    size_t count;
};

/* Puts the name of a case into `target`, cleaned of what XML forbids, cut if
 * it is too long, and made unlike all before. `suite` may be NULL. False if
 * out of memory. */
bool hb_junit_names_take(struct hb_junit_names *names, const char *suite,
                         const char *name, char target[HB_JUNIT_NAME_SIZE]);

void hb_junit_names_free(struct hb_junit_names *names);
