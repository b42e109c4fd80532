#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/text.h"

/* A message is one line, whatever name or word it quotes. */
static void flatten(char *text)
{
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text < 0x20 || *text == 0x7f) {
            *text = ' ';
        }
    }
}

bool hb_fail(struct hb_error *err, enum hb_error_code code, long os_code,
             const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    (void)hb_text_format_list(err->text, sizeof(err->text), format, arguments);
    va_end(arguments);
    flatten(err->text);
    err->code = code;
    err->os_code = os_code;
    return false;
}
