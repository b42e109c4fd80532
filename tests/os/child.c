/*
 * The test program of the os tests: one way of living a word. What a system
 * does in its own way is in <system>/child.c.
 */
#include "child.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "system.h"

static const char *self;

static uint32_t number(const char *text)
{
    uint64_t value = 0;

    return hb_parse_u64(text, &value) ? (uint32_t)value : 0;
}

static void say(const char *text)
{
    (void)printf("%s\n", text);
    (void)fflush(stdout);
}

/* Lives until it is ended, or for a minute if nobody does. */
static int sleep_long(void)
{
    system_sleep_ms(60000);
    return 9;
}

static int print_arguments(int count, char **words)
{
    for (int i = 0; i < count; i++) {
        (void)printf("[");
        for (const char *at = words[i]; *at != '\0'; at++) {
            (void)printf("%02x", (unsigned)(unsigned char)*at);
        }
        (void)printf("]\n");
    }
    return 0;
}

static int print_variable(const char *name)
{
    const char *value = child_environment(name);

    (void)printf("%s=%s\n", name, value != NULL ? value : "(not set)");
    return 0;
}

/* `size` bytes of a printable pattern that repeats every 89 bytes. */
static int flood(FILE *stream, uint64_t size)
{
    static char bytes[65536];

    for (uint64_t done = 0; done < size;) {
        uint64_t left = size - done;
        size_t part = left < sizeof(bytes) ? (size_t)left : sizeof(bytes);

        for (size_t i = 0; i < part; i++) {
            bytes[i] = (char)(33 + (done + i) % 89);
        }
        if (fwrite(bytes, 1, part, stream) != part) {
            return 1;
        }
        done += part;
    }
    return fflush(stream) == 0 ? 0 : 1;
}

/* Many small writes, each on its own. */
static int drip(uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        (void)printf("line %u\n", i);
        if (fflush(stdout) != 0) {
            return 1;
        }
    }
    return 0;
}

static int copy_input(void)
{
    char bytes[4096];

    for (;;) {
        size_t got = fread(bytes, 1, sizeof(bytes), stdin);

        if (got == 0) {
            return 0;
        }
        (void)fwrite(bytes, 1, got, stdout);
    }
}

/* Starts `count` children that live on and says so; ends itself with
 * `status`, or lives on if that is 256. */
static int make_children(uint32_t count, bool quiet, uint32_t status)
{
    const char *const command[] = { self, "sleep", NULL };

    for (uint32_t i = 0; i < count; i++) {
        (void)printf("child %u\n", system_spawn(command, quiet));
    }
    say("ready");
    return status == 256 ? sleep_long() : (int)status;
}

/* Starts a child that starts a child: a chain of `depth`. */
static int make_chain(uint32_t depth)
{
    char less[16];
    const char *const command[] = { self, "chain", less, NULL };

    (void)snprintf(less, sizeof(less), "%u", depth - 1);
    if (depth > 0) {
        (void)system_spawn(command, false);
    } else {
        say("ready");
    }
    return sleep_long();
}

static int close_output(void)
{
    (void)fclose(stdout);
    (void)fprintf(stderr, "still here\n");
    return 0;
}

/* Speaks on stderr whenever a byte comes on stdin, while a child of it is
 * stuck on stdout. */
static int speak_beside(const char *word, const char *size)
{
    const char *const command[] = { self, word, size, NULL };
    uint32_t pid = system_spawn(command, false);

    while (fgetc(stdin) != EOF) {
        (void)fprintf(stderr, "beside\n");
    }
    return (int)system_join(pid);
}

/* Runs another of these words, waits for it, ends as it does. */
static int run_inner(char **words)
{
    const char *const command[] = { self, words[0], words[1], NULL };

    return (int)system_join(system_spawn(command, false));
}

static int run_plain(int count, char **words, bool *out_known)
{
    const char *word = words[0];
    const char *first = count > 1 ? words[1] : "";
    const char *second = count > 2 ? words[2] : "";

    *out_known = true;
    if (strcmp(word, "args") == 0) {
        return print_arguments(count - 1, words + 1);
    }
    if (strcmp(word, "exit") == 0) {
        return (int)number(first);
    }
    if (strcmp(word, "say") == 0) {
        say(first);
        (void)fprintf(stderr, "%s\n", second);
        return 0;
    }
    if (strcmp(word, "sleep") == 0) {
        return sleep_long();
    }
    if (strcmp(word, "ready") == 0) {
        say("ready");
        return sleep_long();
    }
    if (strcmp(word, "pid") == 0) {
        (void)printf("pid %u\n", system_pid());
        say("ready");
        return sleep_long();
    }
    if (strcmp(word, "variable") == 0) {
        return print_variable(first);
    }
    if (strcmp(word, "flood") == 0) {
        return flood(stdout, number(first));
    }
    if (strcmp(word, "flood-error") == 0) {
        return flood(stderr, number(first));
    }
    if (strcmp(word, "drip") == 0) {
        return drip(number(first));
    }
    *out_known = false;
    return 0;
}

static int run_tree(int count, char **words, bool *out_known)
{
    const char *word = words[0];
    const char *first = count > 1 ? words[1] : "";

    *out_known = true;
    if (strcmp(word, "cat") == 0) {
        return copy_input();
    }
    if (strcmp(word, "close-output") == 0) {
        return close_output();
    }
    if (strcmp(word, "children") == 0) {
        return make_children(number(first), true, 256);
    }
    if (strcmp(word, "leave") == 0) { /* ends, and leaves a child */
        return make_children(1, true, number(first));
    }
    if (strcmp(word, "hold") == 0) { /* the same; the child holds the pipes */
        return make_children(1, false, number(first));
    }
    if (strcmp(word, "beside") == 0 && count > 2) {
        return speak_beside(first, words[2]);
    }
    if (strcmp(word, "chain") == 0) {
        return make_chain(number(first));
    }
    if (strcmp(word, "inner") == 0 && count > 2) {
        return run_inner(words + 1);
    }
    *out_known = false;
    return 0;
}

int main(int argc, char **argv)
{
    bool known = false;

    argv = system_arguments(&argc, argv);
    self = system_self(argv[0]);
    system_use_binary();
    if (argc < 2) {
        return 2;
    }
    int status = run_plain(argc - 1, argv + 1, &known);
    if (!known) {
        status = run_tree(argc - 1, argv + 1, &known);
    }
    if (!known) {
        status = child_run_own(self, argc - 1, argv + 1, &known);
    }
    return known ? status : 2;
}
