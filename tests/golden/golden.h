#pragma once

#include "base/text.h"

/*
 * Golden files: what a report looked like when a person last read it. A test
 * program that is run with --update writes them instead of comparing
 * (tests/golden/update does that for all); a person reads the difference.
 */

/* Call it first in main(). */
void golden_start(int argc, char **argv);

/* Fails the test unless the file NAME.ENDING holds exactly these bytes. What
 * came instead is then kept as NAME.ENDING.got in the working folder. */
void golden_check(const char *name, const char *ending,
                  const struct hb_buffer *got);
