#include "told.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "system.h"

#define WORDS_MAX 160

struct told told;

void told_free(void)
{
    for (size_t i = 0; i < told.count; i++) {
        cJSON_Delete(told.lines[i]);
    }
    told = (struct told){ 0 };
}

/* Of a program that was killed, the last line may be a part. */
static void keep_lines(char *text)
{
    for (char *at = text; at != NULL && *at != '\0';) {
        char *end = strchr(at, '\n');

        if (end == NULL) {
            break;
        }
        *end = '\0';
        cJSON *line = cJSON_ParseWithOpts(at, NULL, 1);
        if (line == NULL || told.count == TOLD_LINES_MAX) {
            fail_msg("cannot take the line '%s'", at);
        }
        told.lines[told.count++] = line;
        at = end + 1;
    }
}

void told_run(const char *const *words)
{
    const char *command[WORDS_MAX] = { POSTMORTEM_PATH };
    struct hb_buffer text = { 0 };
    struct system_child child;
    char part[4096];
    size_t got = 0;

    told_free();
    for (size_t i = 0; words[i] != NULL; i++) {
        assert_true(i + 2 < WORDS_MAX);
        command[i + 1] = words[i];
    }
    system_start(command, 0, &child);
    while ((got = system_read(child.out, part, sizeof(part))) > 0) {
        hb_buffer_add(&text, part, got);
    }
    got = system_read(child.err, told.errors, sizeof(told.errors) - 1);
    told.errors[got] = '\0';
    told.status = system_wait(&child);
    system_close(&child.in);
    system_close(&child.out);
    system_close(&child.err);
    assert_false(text.failed);
    keep_lines(text.bytes);
    hb_buffer_free(&text);
}

const char *told_text(const cJSON *object, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);

    return cJSON_IsString(item) ? item->valuestring : "";
}

double told_number(const cJSON *object, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);

    return cJSON_IsNumber(item) ? item->valuedouble : 0;
}

static bool is(const cJSON *line, const char *key, const char *text)
{
    return strcmp(told_text(line, key), text) == 0;
}

static bool has(const cJSON *line, const char *key, uint32_t number)
{
    return (uint32_t)told_number(line, key) == number;
}

const cJSON *told_find(const char *kind, const char *key, uint32_t number)
{
    for (size_t i = 0; i < told.count; i++) {
        if (is(told.lines[i], "kind", kind) &&
            has(told.lines[i], key, number)) {
            return told.lines[i];
        }
    }
    return NULL;
}

const cJSON *told_thread(uint32_t tid, uint32_t sample)
{
    for (size_t i = 0; i < told.count; i++) {
        if (is(told.lines[i], "kind", "thread") &&
            has(told.lines[i], "tid", tid) &&
            has(told.lines[i], "sample", sample)) {
            return told.lines[i];
        }
    }
    fail_msg("thread %u is not in sample %u", tid, sample);
    return NULL;
}

const cJSON *told_thread_named(const char *name, uint32_t sample)
{
    for (size_t i = 0; i < told.count; i++) {
        if (is(told.lines[i], "kind", "thread") &&
            is(told.lines[i], "name", name) &&
            has(told.lines[i], "sample", sample)) {
            return told.lines[i];
        }
    }
    fail_msg("no thread '%s' is in sample %u", name, sample);
    return NULL;
}

const cJSON *told_evidence(const char *what, uint32_t pid)
{
    for (size_t i = 0; i < told.count; i++) {
        if (is(told.lines[i], "kind", "evidence") &&
            is(told.lines[i], "what", what) && has(told.lines[i], "pid", pid)) {
            return told.lines[i];
        }
    }
    fail_msg("nothing is told of '%s' of %u", what, pid);
    return NULL;
}

size_t told_count(const char *kind)
{
    size_t count = 0;

    for (size_t i = 0; i < told.count; i++) {
        count += is(told.lines[i], "kind", kind);
    }
    return count;
}

void told_is(const char *what, uint32_t pid, const char *status,
             const char *reason)
{
    const cJSON *evidence = told_evidence(what, pid);
    const char *why = told_text(evidence, "reason");

    if (!is(evidence, "status", status) || strstr(why, reason) == NULL) {
        fail_msg("'%s' of %u is '%s' for '%s', not '%s' for '%s'", what, pid,
                 told_text(evidence, "status"), why, status, reason);
    }
}

const cJSON *told_frame(const cJSON *thread, int place)
{
    return cJSON_GetArrayItem(
        cJSON_GetObjectItemCaseSensitive(thread, "frames"), place);
}

int told_frame_count(const cJSON *thread)
{
    return cJSON_GetArraySize(
        cJSON_GetObjectItemCaseSensitive(thread, "frames"));
}

static int find_place(const cJSON *thread, const char *symbol)
{
    for (int i = 0; i < told_frame_count(thread); i++) {
        if (is(told_frame(thread, i), "symbol", symbol)) {
            return i;
        }
    }
    return -1;
}

bool told_has(const cJSON *thread, const char *symbol)
{
    return find_place(thread, symbol) >= 0;
}

int told_place(const cJSON *thread, const char *symbol)
{
    int place = find_place(thread, symbol);

    if (place < 0) {
        char *text = cJSON_Print(thread);

        print_error("%s\n", text);
        free(text);
        fail_msg("'%s' is in no frame", symbol);
    }
    return place;
}

const cJSON *told_module(const cJSON *frame)
{
    if (cJSON_GetObjectItemCaseSensitive(frame, "module") == NULL) {
        return NULL;
    }
    return told_find("module", "index", (uint32_t)told_number(frame, "module"));
}
