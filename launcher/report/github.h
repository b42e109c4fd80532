#pragma once

#include "base/text.h"
#include "core/result.h"

/*
 * GitHub Actions: one workflow command (::error or ::warning, escaped) and a
 * piece of Markdown for the step summary. Nothing for a run that passed or
 * was skipped. Both name `folder`, where the record is, unless it is NULL.
 */
void hb_github_annotation(const struct hb_result *result, const char *folder,
                          struct hb_buffer *out);
void hb_github_summary(const struct hb_result *result, const char *folder,
                       struct hb_buffer *out);
