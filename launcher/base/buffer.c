#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* Makes room for `more` bytes and the NUL behind them. */
static bool reserve(struct hb_buffer *buffer, size_t more)
{
    size_t cap = buffer->cap == 0 ? HB_BUFFER_CAP : buffer->cap;

    if (cap > SIZE_MAX / 4) { /* so that doubling never overflows */
        cap = SIZE_MAX / 4;
    }
    if (buffer->failed || more > cap || buffer->size > cap - more) {
        buffer->failed = true;
        return false;
    }

    size_t need = buffer->size + more + 1;

    if (need <= buffer->room) {
        return true;
    }

    size_t room = buffer->room < 256 ? 256 : buffer->room;

    while (room < need) {
        room *= 2;
    }

    char *bytes = realloc(buffer->bytes, room);

    if (bytes == NULL) {
        buffer->failed = true;
        return false;
    }
    buffer->bytes = bytes;
    buffer->room = room;
    return true;
}

void hb_buffer_add(struct hb_buffer *buffer, const char *bytes, size_t size)
{
    if (size == 0 || !reserve(buffer, size)) {
        return;
    }
    memcpy(buffer->bytes + buffer->size, bytes, size);
    buffer->size += size;
    buffer->bytes[buffer->size] = '\0';
}

void hb_buffer_text(struct hb_buffer *buffer, const char *text)
{
    hb_buffer_add(buffer, text, strlen(text));
}

/* Formats where there is room already; tells how much there should be. */
static int try_format(struct hb_buffer *buffer, const char *format,
                      va_list arguments) HB_PRINTF(2, 0);

static int try_format(struct hb_buffer *buffer, const char *format,
                      va_list arguments)
{
    size_t room = buffer->room - buffer->size;
    int length = vsnprintf(room > 0 ? buffer->bytes + buffer->size : NULL, room,
                           format, arguments);

    return length;
}

void hb_buffer_format(struct hb_buffer *buffer, const char *format, ...)
{
    va_list arguments;

    if (buffer->failed) {
        return;
    }
    va_start(arguments, format);
    int length = try_format(buffer, format, arguments);
    va_end(arguments);
    if (length < 0) {
        buffer->failed = true;
    } else if (reserve(buffer, (size_t)length)) {
        va_start(arguments, format);
        (void)try_format(buffer, format, arguments);
        va_end(arguments);
        buffer->size += (size_t)length;
    }
    if (buffer->bytes != NULL) {
        buffer->bytes[buffer->size] = '\0';
    }
}

void hb_buffer_free(struct hb_buffer *buffer)
{
    free(buffer->bytes);
    *buffer = (struct hb_buffer){ .cap = buffer->cap };
}
