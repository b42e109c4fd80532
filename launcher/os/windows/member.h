#pragma once

#include <stdint.h>

#include "os/windows/tree.h"

/* One process of the tree, by its handle. */

/* Fills `about` and `ours`. False if its name is not there yet: Wine tells of a
 * process before it has one. */
bool hb_member_describe(struct hb_member *member);

/* From now on its end is posted, once. False with the last error set. */
bool hb_member_watch(struct hb_member *member);

/* True once it has ended and its status can be read. */
bool hb_member_has_ended(const struct hb_member *member);

/* Adds its times, in units of 100 ns. */
void hb_member_time(const struct hb_member *member, uint64_t *user,
                    uint64_t *kernel);

/* Its end is posted no more. Twice is fine. */
void hb_member_close(struct hb_member *member);
