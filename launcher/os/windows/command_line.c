#include "os/windows/command_line.h"

#include <stdlib.h>
#include <string.h>

#include "os/windows/widen.h"

/* What CreateProcessW takes, with the NUL. */
#define LINE_MAX_UNITS 32767u

static bool needs_quotes(const wchar_t *text)
{
    return text[0] == L'\0' || wcspbrk(text, L" \t\n\v\"") != NULL;
}

static wchar_t *put(wchar_t *to, wchar_t unit, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        *to++ = unit;
    }
    return to;
}

/* Backslashes count double where a quote follows them. */
static wchar_t *put_quoted(wchar_t *to, const wchar_t *text)
{
    size_t slashes = 0;

    *to++ = L'"';
    for (; *text != L'\0'; text++) {
        if (*text == L'"') {
            to = put(to, L'\\', slashes + 1);
        }
        slashes = *text == L'\\' ? slashes + 1 : 0;
        *to++ = *text;
    }
    to = put(to, L'\\', slashes);
    *to++ = L'"';
    return to;
}

/* In the first argument a backslash is never special. */
static wchar_t *put_argument(wchar_t *to, const wchar_t *text, bool first)
{
    if (first || !needs_quotes(text)) {
        bool quotes = needs_quotes(text);
        size_t length = wcslen(text);

        to = put(to, L'"', quotes);
        memcpy(to, text, length * sizeof(*to));
        return put(to + length, L'"', quotes);
    }
    return put_quoted(to, text);
}

static size_t room_for(const char *const *command, size_t count)
{
    size_t room = 1;

    for (size_t i = 0; i < count; i++) {
        room += 2 * strlen(command[i]) + 3; /* quotes and a blank */
    }
    return room;
}

static bool join(const char *const *command, size_t count, wchar_t *line,
                 struct hb_error *err)
{
    wchar_t *to = line;

    for (size_t i = 0; i < count; i++) {
        wchar_t *wide = hb_widen(command[i]);

        if (wide == NULL) {
            return hb_fail_memory(err);
        }
        if (i > 0) {
            *to++ = L' ';
        }
        to = put_argument(to, wide, i == 0);
        free(wide);
    }
    *to = L'\0';
    if ((size_t)(to - line) >= LINE_MAX_UNITS) {
        return hb_fail(err, HB_ERR_START, 0,
                       "the command line of '%s' is longer than the %u "
                       "characters that Windows takes",
                       command[0], LINE_MAX_UNITS - 1);
    }
    return true;
}

bool hb_command_line_join(const char *const *command, size_t count,
                          wchar_t **out_line, struct hb_error *err)
{
    if (strchr(command[0], '"') != NULL) {
        return hb_fail(err, HB_ERR_NOT_FOUND, 0,
                       "no program can be called '%s'", command[0]);
    }
    wchar_t *line = malloc(room_for(command, count) * sizeof(*line));
    if (line == NULL) {
        return hb_fail_memory(err);
    }
    if (!join(command, count, line, err)) {
        free(line);
        return false;
    }
    *out_line = line;
    return true;
}

static bool is_blank(wchar_t unit)
{
    return unit == L' ' || unit == L'\t';
}

/* The program's name: quotes join, nothing else is special. */
static const wchar_t *take_first(const wchar_t *line, wchar_t *to)
{
    bool quoted = false;

    for (; *line != L'\0' && (quoted || !is_blank(*line)); line++) {
        if (*line == L'"') {
            quoted = !quoted;
        } else {
            *to++ = *line;
        }
    }
    *to = L'\0';
    return line;
}

/* An even number of backslashes before a quote are half as many and the quote
 * is a quote; an odd number makes it a character. */
static const wchar_t *take_slashes(const wchar_t *line, wchar_t **to)
{
    size_t count = wcsspn(line, L"\\");

    line += count;
    if (*line != L'"') {
        *to = put(*to, L'\\', count);
        return line;
    }
    *to = put(*to, L'\\', count / 2);
    if (count % 2 == 1) {
        *(*to)++ = *line++;
    }
    return line;
}

static const wchar_t *take_argument(const wchar_t *line, wchar_t *to)
{
    bool quoted = false;

    while (*line != L'\0' && (quoted || !is_blank(*line))) {
        if (*line == L'\\') {
            line = take_slashes(line, &to);
        } else if (*line != L'"') {
            *to++ = *line++;
        } else if (quoted && line[1] == L'"') { /* one, and go on quoted */
            *to++ = L'"';
            line += 2;
        } else {
            quoted = !quoted;
            line++;
        }
    }
    *to = L'\0';
    return line;
}

/* Fills the array and the texts behind it; counts if `arguments` is NULL. */
static size_t split(const wchar_t *line, wchar_t *scratch, char **arguments,
                    char *texts, size_t room)
{
    size_t count = 0;
    const wchar_t *at = take_first(line, scratch);

    for (;;) {
        if (arguments != NULL) {
            hb_narrow_into(texts, room, scratch);
            arguments[count] = texts;
            room -= strlen(texts) + 1;
            texts += strlen(texts) + 1;
        }
        count++;
        while (is_blank(*at)) {
            at++;
        }
        if (*at == L'\0') {
            return count;
        }
        at = take_argument(at, scratch);
    }
}

bool hb_command_line_split(const wchar_t *line, char ***out_arguments,
                           size_t *out_count, struct hb_error *err)
{
    size_t length = wcslen(line);
    wchar_t *scratch = malloc((length + 1) * sizeof(*scratch));

    if (scratch == NULL) {
        return hb_fail_memory(err);
    }
    size_t count = split(line, scratch, NULL, NULL, 0);
    size_t room = length * 3 + count + 1;
    char **arguments = malloc((count + 1) * sizeof(*arguments) + room);
    if (arguments != NULL) {
        (void)split(line, scratch, arguments, (char *)(arguments + count + 1),
                    room);
        arguments[count] = NULL;
        *out_arguments = arguments;
        *out_count = count;
    }
    free(scratch);
    return arguments != NULL || hb_fail_memory(err);
}
