#pragma once

#include <stddef.h>

#include "base/text.h"

/*
 * XML 1.0 out of any bytes. What it forbids even as a reference (most control
 * characters, U+FFFE, U+FFFF) and what is no UTF-8 becomes U+FFFD: one such
 * byte would otherwise make a strict reader refuse the whole report. The
 * colours and cursor moves of a terminal (ANSI escape sequences that are whole)
 * are left out.
 */

/* ` name="text"`, with line breaks and tabs kept. */
void hb_xml_attribute(struct hb_buffer *out, const char *name,
                      const char *text);
void hb_xml_attribute_number(struct hb_buffer *out, const char *name,
                             size_t value);

/* ` time="1.250"`, in seconds. */
void hb_xml_attribute_seconds(struct hb_buffer *out, const char *name,
                              uint64_t ms);

/* Text between tags. CR LF becomes LF. */
void hb_xml_text(struct hb_buffer *out, const char *bytes, size_t size);

/* How many of the bytes at `bytes` make one character that XML allows, or 0
 * if what stands there must be replaced. */
size_t hb_xml_length(const char *bytes, size_t available);
