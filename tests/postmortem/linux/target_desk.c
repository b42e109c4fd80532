#include "target_desk.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"

/* A line of it without the line feed. */
static void read_line(struct target_desk *desk, char *line, size_t size)
{
    size_t length = 0;
    char byte = 0;

    while (system_read(desk->child.out, &byte, 1) == 1 && byte != '\n') {
        assert_true(length + 1 < size);
        line[length++] = byte;
    }
    assert_int_equal(byte, '\n');
    line[length] = '\0';
}

void target_desk_start(struct target_desk *desk, const char *word,
                       const char *count)
{
    const char *const command[] = { TARGET_CHILD_PATH, word, count, NULL };
    char line[64] = "";

    system_start(command, 0, &desk->child);
    desk->pid = (pid_t)desk->child.pid;
    read_line(desk, line, sizeof(line));
    assert_memory_equal(line, "ready ", 6);
    assert_true(hb_parse_u64(line + 6, &desk->facts));
}

static bool rests(pid_t pid, const char *tid)
{
    char path[300];
    char call[8] = "";

    (void)snprintf(path, sizeof(path), "/proc/%d/task/%s/syscall", (int)pid,
                   tid);
    FILE *file = fopen(path, "re");
    if (file != NULL) {
        (void)fgets(call, sizeof(call), file);
        (void)fclose(file);
    }
    return strncmp(call, "0 ", 2) == 0;
}

void target_desk_await_rest(const struct target_desk *desk)
{
    char path[40];

    (void)snprintf(path, sizeof(path), "/proc/%d/task", (int)desk->pid);
    DIR *folder = opendir(path);
    assert_non_null(folder);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        while (entry->d_name[0] != '.' && !rests(desk->pid, entry->d_name)) {
        }
    }
    (void)closedir(folder);
}

struct target_facts target_desk_facts(const struct target_desk *desk)
{
    struct target_facts facts;

    assert_int_equal(
        hb_memory_read(desk->pid, desk->facts, &facts, sizeof(facts)),
        sizeof(facts));
    return facts;
}

void target_desk_ask(struct target_desk *desk, char byte)
{
    char line[64] = "";

    system_write(desk->child.in, &byte, 1);
    read_line(desk, line, sizeof(line));
    assert_memory_equal(line, "did ", 4);
    assert_int_equal(line[4], byte);
}

void target_desk_end(struct target_desk *desk)
{
    if (desk->pid != 0) {
        assert_int_equal(system_wait(&desk->child), 0);
        desk->pid = 0;
    }
}

void target_status(pid_t pid, const char *field, char *text, size_t size)
{
    char path[40];
    char line[256];
    size_t length = strlen(field);

    (void)snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    text[0] = '\0';
    while (fgets(line, sizeof(line), file) != NULL) {
        if (strncmp(line, field, length) == 0 && line[length] == ':') {
            (void)hb_text_copy(text, size,
                               line + length + 1 +
                                   strspn(line + length + 1, " \t"));
        }
    }
    (void)fclose(file);
    text[strcspn(text, "\n")] = '\0';
}

uint64_t target_status_number(pid_t pid, const char *field)
{
    char text[64];
    uint64_t value = 0;

    target_status(pid, field, text, sizeof(text));
    text[strcspn(text, " ")] = '\0';
    assert_true(hb_parse_u64(text, &value));
    return value;
}

struct hb_target *target_desk_stop(const struct target_desk *desk)
{
    struct hb_target *target = NULL;
    struct hb_error err = { 0 };

    if (!hb_target_stop(desk->pid, 10000, &target, &err)) {
        fail_msg("%s", err.text);
    }
    return target;
}
