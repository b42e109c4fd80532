/*
 * Memory goes through one buffer. Its last page stays behind until what
 * follows it is there too, so that no value that must be blanked is cut in two
 * by the end of the buffer.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "postmortem/linux/core_parts.h"

#define PAGE ((size_t)HB_CORE_PAGE)
#define CHUNK ((size_t)1 << 20)

struct stream {
    struct hb_core_source *source;
    struct hb_core_output *output;
    char *bytes; /* of CHUNK + PAGE */
    size_t used;
    uint64_t address; /* of the first byte */
};

/* Writes all but the last `keep` bytes, which move to the front. */
static bool drain(struct stream *stream, size_t keep, struct hb_error *err)
{
    size_t size = stream->used - keep;

    if (stream->used == 0) {
        return true;
    }
    hb_core_source_blank(stream->source, stream->address, stream->bytes,
                         stream->used);
    if (!hb_core_output_pages(stream->output, stream->bytes, size, err)) {
        return false;
    }
    memmove(stream->bytes, stream->bytes + size, keep);
    stream->address += size;
    stream->used = keep;
    return true;
}

static bool take(struct stream *stream, const struct hb_core_segment *segment,
                 struct hb_error *err)
{
    uint64_t at = segment->start;
    uint64_t end = segment->start + segment->file_size;

    if (at == end) {
        return true;
    }
    if (stream->address + stream->used != at) {
        if (!drain(stream, 0, err)) {
            return false;
        }
        stream->address = at;
    }
    while (at < end) {
        size_t room = CHUNK + PAGE - stream->used;
        size_t size = end - at < room ? (size_t)(end - at) : room;

        if (!hb_core_source_read(stream->source, segment->mapping, at,
                                 stream->bytes + stream->used, size, err)) {
            return false;
        }
        at += size;
        stream->used += size;
        if (stream->used == CHUNK + PAGE && !drain(stream, PAGE, err)) {
            return false;
        }
    }
    return true;
}

static bool write_memory(struct hb_core_source *source,
                         const struct hb_core_layout *layout,
                         struct hb_core_output *output, struct hb_error *err)
{
    struct stream stream = { .source = source, .output = output };

    stream.bytes = malloc(CHUNK + PAGE);
    if (stream.bytes == NULL) {
        return hb_fail(err, HB_ERR_INTERNAL, ENOMEM, "cannot copy memory");
    }
    bool fine = true;
    for (size_t i = 0; fine && i < layout->count; i++) {
        fine = take(&stream, &layout->items[i], err);
    }
    if (fine && source->wish->read_all != NULL) {
        source->wish->read_all(source->wish->context);
    }
    fine = fine && drain(&stream, 0, err);
    free(stream.bytes);
    return fine;
}

bool hb_core_full(struct hb_core_source *source, struct hb_core_output *output,
                  struct hb_error *err)
{
    struct hb_core_layout layout = { 0 };
    struct hb_buffer notes = { 0 };

    hb_core_filter(source, &layout);
    bool fine = hb_core_notes(source, &notes, err) &&
                hb_core_layout_write(&layout, &notes, output, err) &&
                write_memory(source, &layout, output, err);
    hb_buffer_free(&notes);
    hb_core_layout_free(&layout);
    return fine;
}
