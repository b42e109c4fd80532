#include "postmortem/windows/look_desk.h"

#include <process.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "os/file.h"
#include "postmortem/look.h"
#include "postmortem/tell.h"

#define LINES_CAP ((size_t)64 << 20)
#define LINE_ROOM (256 * 1024)

/* Reads the program's output up to the word. */
static void await_word(struct desk *desk, const char *word)
{
    char seen[256] = "";
    size_t used = 0;

    while (strstr(seen, word) == NULL) {
        size_t got = system_read(desk->child.out, seen + used, 1);

        assert_true(got == 1 && used + 2 < sizeof(seen));
        seen[++used] = '\0';
    }
}

void desk_start(struct desk *desk, const char *program, const char *word)
{
    const char *const command[] = { program, word, NULL };

    memset(desk, 0, sizeof(*desk));
    system_start(command, 0, &desk->child);
    await_word(desk, "ready");
}

void desk_look(struct desk *desk, const struct hb_request *request)
{
    char name[40]; /* other tests run in this folder too */
    struct hb_error err = { 0 };
    size_t size = 0;

    (void)snprintf(name, sizeof(name), "told.%d.jsonl", _getpid());
    FILE *out = fopen(name, "wb");
    struct hb_teller *teller = hb_teller_new(out);

    assert_non_null(out);
    assert_non_null(teller);
    assert_true(hb_look(request, teller, &err));
    hb_teller_free(teller);
    (void)fclose(out);
    free(desk->told);
    desk->told = NULL;
    assert_true(hb_file_read(name, LINES_CAP, &desk->told, &size, &err));
    hb_file_remove(name);
}

bool desk_answers(struct desk *desk)
{
    system_write(desk->child.in, "x", 1);
    await_word(desk, "alive");
    return true;
}

static bool has(const char *line, const char *text)
{
    return text == NULL || strstr(line, text) != NULL;
}

const char *desk_line(const struct desk *desk, size_t nth, const char *one,
                      const char *two, const char *three)
{
    static char line[LINE_ROOM];

    for (const char *at = desk->told; *at != '\0';) {
        size_t length = strcspn(at, "\n");

        (void)hb_text_copy_bytes(line, sizeof(line), at, length);
        if (has(line, one) && has(line, two) && has(line, three) &&
            nth-- == 0) {
            return line;
        }
        at += length + (at[length] == '\n');
    }
    return NULL;
}

const char *desk_need(const struct desk *desk, const char *one, const char *two,
                      const char *three)
{
    const char *line = desk_line(desk, 0, one, two, three);

    if (line == NULL) {
        fail_msg("no line with '%s', '%s', '%s' in:\n%.6000s", one,
                 two == NULL ? "" : two, three == NULL ? "" : three,
                 desk->told);
    }
    return line;
}

uint64_t desk_number(const char *line, const char *name)
{
    char field[64];
    char digits[24];
    uint64_t value = 0;

    (void)snprintf(field, sizeof(field), "\"%s\":", name);
    const char *at = strstr(line, field);

    assert_non_null(at);
    at += strlen(field);
    (void)hb_text_copy_bytes(digits, sizeof(digits), at,
                             strspn(at, "0123456789"));
    assert_true(hb_parse_u64(digits, &value));
    return value;
}

void desk_end(struct desk *desk)
{
    if (desk->child.pid != 0) {
        system_kill(desk->child.pid);
        (void)system_wait(&desk->child);
    }
    free(desk->told);
    memset(desk, 0, sizeof(*desk));
}
