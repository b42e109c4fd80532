#pragma once

#include "core/result.h"

/*
 * Which threads a report speaks of first: the one that crashed; else those
 * that wait for each other in a circle; else the main thread of the test
 * program.
 */
#define HB_BLAMED_MAX 8u

/* Writes at most `room` stacks; returns how many. 0: no stacks were taken. */
size_t hb_blame(const struct hb_result *result, const struct hb_stack **stacks,
                size_t room);

/* The innermost frame of a stack that is the test's own; NULL: there is none,
 * or no stack. */
const struct hb_stack_frame *hb_blame_frame(const struct hb_result *result,
                                            const struct hb_stack *stack);

/* The place of a frame in words: "clean_up (clean.c:9)", without a name
 * "clean.so+0x1234". */
#define HB_PLACE_SIZE 400
void hb_blame_place(const struct hb_result *result,
                    const struct hb_stack_frame *frame,
                    char target[HB_PLACE_SIZE]);

/* True if threads wait for each other in a circle: none of them ever goes on.
 */
bool hb_blame_has_circle(const struct hb_result *result);

/* "thread 12 waits for a lock held by thread 11, which waits for one held by
 * thread 12": the circle, or whom the main thread waits for in the end. False
 * if nobody waits for anybody that is known. */
bool hb_blame_locks(const struct hb_result *result, char *target, size_t size);
