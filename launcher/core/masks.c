#include "core/masks.h"

#include <string.h>

static const char command[] = "::add-mask";
#define COMMAND_SIZE (sizeof(command) - 1)

static size_t blanks_before(const char *text, size_t size)
{
    size_t count = 0;

    while (count < size &&
           (text[count] == ' ' || text[count] == '\t' || text[count] == '\r')) {
        count++;
    }
    return count;
}

static char lower(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

/* True if the line is the command as far as it goes. */
static bool may_be_command(const char *text, size_t size)
{
    size_t at = blanks_before(text, size);

    for (size_t i = 0; i < COMMAND_SIZE && at + i < size; i++) {
        if (lower(text[at + i]) != command[i]) {
            return false;
        }
    }
    return true;
}

/* In place; returns the size that is left. */
static size_t decode(char *text, size_t size)
{
    static const struct {
        char code[4];
        char byte;
    } codes[] = { { "%25", '%' }, { "%0D", '\r' }, { "%0A", '\n' } };
    size_t to = 0;

    for (size_t at = 0; at < size; to++) {
        char byte = text[at];
        size_t width = 1;

        for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
            if (size - at >= 3 && memcmp(text + at, codes[i].code, 3) == 0) {
                byte = codes[i].byte;
                width = 3;
            }
        }
        text[to] = byte;
        at += width;
    }
    text[to] = '\0';
    return to;
}

/* What follows the name of the command and its properties, or NULL. */
static char *find_value(char *text)
{
    char *at = text + COMMAND_SIZE;
    char *colons = strstr(at, "::");

    if (colons == NULL || (*at != ':' && *at != ' ') ||
        (*at == ':' && colons != at)) {
        return NULL;
    }
    return colons + 2;
}

static void take_line(struct hb_mask_reader *reader, hb_mask_take *take,
                      void *context)
{
    struct hb_buffer *line = &reader->line;
    size_t begin;
    char *value;

    if (line->size > 0 && line->bytes[line->size - 1] == '\r') {
        line->bytes[--line->size] = '\0';
    }
    begin = blanks_before(line->bytes, line->size);
    if (line->size - begin <= COMMAND_SIZE) {
        return;
    }
    value = find_value(line->bytes + begin);
    if (value == NULL || *value == '\0') {
        return;
    }
    size_t size = strlen(value); /* a NUL would end it for all others too */
    take(context, value, size);
    size_t decoded = decode(value, size);
    if (decoded < size) {
        take(context, value, decoded);
    }
}

static void add(struct hb_mask_reader *reader, const char *bytes, size_t size)
{
    size_t room = HB_MASK_LINE_MAX - reader->line.size;

    if (!reader->skips) {
        hb_buffer_add(&reader->line, bytes, size < room ? size : room);
        reader->skips = reader->line.failed ||
                        !may_be_command(reader->line.bytes, reader->line.size);
    }
}

static void end_line(struct hb_mask_reader *reader, hb_mask_take *take,
                     void *context)
{
    if (!reader->skips && reader->line.size > 0) {
        take_line(reader, take, context);
    }
    reader->skips = false;
    reader->line.size = 0;
}

void hb_masks_feed(struct hb_mask_reader *reader, const char *bytes,
                   size_t size, hb_mask_take *take, void *context)
{
    while (size > 0) {
        const char *newline = memchr(bytes, '\n', size);
        size_t part = newline == NULL ? size : (size_t)(newline - bytes);

        if (part > 0) {
            add(reader, bytes, part);
        }
        if (newline != NULL) {
            end_line(reader, take, context);
            part++;
        }
        bytes += part;
        size -= part;
    }
}

void hb_masks_end(struct hb_mask_reader *reader, hb_mask_take *take,
                  void *context)
{
    end_line(reader, take, context);
}
