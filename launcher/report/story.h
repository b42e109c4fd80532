#pragma once

#include "core/result.h"

/*
 * What there is to say of a run beyond its summary, line by line, for people:
 * how it ended, where it was, its last sign of life, the limits, what lies
 * where. Console, JUnit and GitHub tell the same story in their own dress.
 *
 * `text` is borrowed for the call and holds whatever bytes the test used; the
 * one who shows it escapes it.
 */
typedef void hb_story_line(void *context, const char *label, const char *text);

void hb_story_tell(const struct hb_result *result, hb_story_line *line,
                   void *context);
