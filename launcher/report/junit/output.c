#include "report/junit/output.h"

#include <inttypes.h>
#include <string.h>

#include "report/junit/xml.h"

/* Of longer output head and tail are kept, so much of each. Readers refuse
 * text nodes of 10 MB and are slow long before. */
#define KEPT_BYTES ((size_t)64 * 1024)

static bool is_inside_character(char byte)
{
    return ((unsigned char)byte & 0xc0u) == 0x80u;
}

static void write_mark(struct hb_buffer *out, uint64_t missing)
{
    hb_buffer_format(out, "[... %" PRIu64 " bytes left out by hbtest ...]\n",
                     missing);
}

static void write_capped(struct hb_buffer *out, const char *bytes, size_t size)
{
    if (size <= 2 * KEPT_BYTES) {
        hb_xml_text(out, bytes, size);
        return;
    }

    size_t head = KEPT_BYTES;
    size_t tail = size - KEPT_BYTES;

    for (int i = 0; i < 3 && is_inside_character(bytes[head]); i++) {
        head--;
    }
    for (int i = 0; i < 3 && is_inside_character(bytes[tail]); i++) {
        tail++;
    }
    hb_xml_text(out, bytes, head);
    hb_buffer_text(out, "\n");
    write_mark(out, tail - head);
    hb_xml_text(out, bytes + tail, size - tail);
}

static void write_bytes(const struct hb_junit_output *output,
                        enum hb_stream stream, struct hb_buffer *out)
{
    if (output->missing[stream] > 0) {
        write_mark(out, output->missing[stream]);
    }
    if (output->bytes[stream] != NULL) {
        write_capped(out, output->bytes[stream], output->size[stream]);
    }
}

/* A path with a line break in it could forge a line of its own. */
static void write_attachment(struct hb_buffer *out, const char *path)
{
    hb_buffer_text(out, "[[ATTACHMENT|");
    while (*path != '\0') {
        size_t plain = strcspn(path, "\r\n");

        hb_xml_text(out, path, plain);
        path += plain;
        if (*path != '\0') {
            hb_buffer_text(out, "?");
            path++;
        }
    }
    hb_buffer_text(out, "]]\n");
}

static bool ends_line(const struct hb_buffer *out, size_t since)
{
    return out->size == since || out->bytes[out->size - 1] == '\n';
}

static void write_out(const struct hb_junit_output *output,
                      struct hb_buffer *out)
{
    hb_buffer_text(out, "      <system-out>");

    size_t start = out->size;

    write_bytes(output, HB_STDOUT, out);
    if (output->attachment_count > 0 && !ends_line(out, start)) {
        hb_buffer_text(out, "\n");
    }
    for (size_t i = 0; i < output->attachment_count; i++) {
        write_attachment(out, output->attachments[i]);
    }
    hb_buffer_text(out, "</system-out>\n");
}

static bool has_bytes(const struct hb_junit_output *output,
                      enum hb_stream stream)
{
    return output->size[stream] > 0 || output->missing[stream] > 0;
}

void hb_junit_write_output(const struct hb_junit_output *output,
                           struct hb_buffer *out)
{
    if (has_bytes(output, HB_STDOUT) || output->attachment_count > 0) {
        write_out(output, out);
    }
    if (has_bytes(output, HB_STDERR)) {
        hb_buffer_text(out, "      <system-err>");
        write_bytes(output, HB_STDERR, out);
        hb_buffer_text(out, "</system-err>\n");
    }
}
