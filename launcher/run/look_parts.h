#pragma once

#include "run/watch.h"

/* The parts of a look: look.c (begin and end), look_told.c (what it tells),
 * look_evidence.c (what became of each piece),
 * look_cores.c (at cores of the system). */

/* Starts the helper for what is wanted, or tells why it is missing. */
void hb_look_begin(struct hb_watch *watch);

/* Sets what time it may take; a whole core takes longer. */
void hb_look_limit(struct hb_watch *watch, bool patient);

/* Takes what the helper wrote. */
void hb_look_take(struct hb_watch *watch, const char *bytes, size_t size);

/* Takes what it says of one piece; of stacks it waits for their file. */
void hb_look_take_evidence(struct hb_watch *watch,
                           struct hb_evidence *evidence);

/* Writes stacks.txt, and tells of the stacks. */
void hb_look_tell_stacks(struct hb_watch *watch);

/* Removes what a helper that did not get to its end has left half written. */
void hb_look_remove_parts(struct hb_watch *watch);

/* Tells what was removed to make room for dumps, and why there is none. */
void hb_look_tell_grant(struct hb_watch *watch);
void hb_look_tell_skipped(struct hb_watch *watch, const char *why);

/* Tells why of all that was wanted and nobody has told of. */
void hb_look_tell_missing(struct hb_watch *watch, const char *why);
