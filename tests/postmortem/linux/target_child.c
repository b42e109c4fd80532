/*
 * A program that is stopped and read by tests. It lives as its first word
 * says, with as many threads as the second, and says "ready ADDRESS": that of
 * its facts. Then it does one thing for each byte of its standard input, and
 * ends with it.
 */
#include "target_child.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/text.h"

#define THREADS_MAX 512u

static struct target_facts facts;
static pthread_barrier_t all_here;
static int gate[2]; /* a pipe; some threads wait for a byte of it */

/* Noticed by a test that steps on them by name. */
void wait_in_the_innermost(void);
void wait_in_the_middle(void);

static void count_signal(int signal)
{
    if (signal == SIGUSR1) {
        facts.plain_signals++;
    } else {
        facts.queued_signals++;
    }
}

static void catch_signals(void)
{
    struct sigaction action = { .sa_handler = count_signal,
                                .sa_flags = SA_RESTART };

    (void)sigaction(SIGUSR1, &action, NULL);
    (void)sigaction(SIGRTMIN, &action, NULL);
}

__attribute__((noinline)) void wait_in_the_innermost(void)
{
    char byte = 0;

    (void)!read(gate[0], &byte, 1);
}

__attribute__((noinline)) void wait_in_the_middle(void)
{
    wait_in_the_innermost();
    facts.turns++; /* so that the call is no jump */
}

static void *wait_in_thread(void *name)
{
    (void)prctl(PR_SET_NAME, (const char *)name);
    (void)pthread_barrier_wait(&all_here);
    wait_in_the_middle();
    return NULL;
}

static void *spin(void *name)
{
    (void)pthread_barrier_wait(&all_here);
    for (;;) {
        facts.turns++;
    }
    return name;
}

static void *end_at_once(void *context)
{
    return context;
}

static void *give_birth(void *name)
{
    (void)pthread_barrier_wait(&all_here);
    for (;;) {
        pthread_t born;

        if (pthread_create(&born, NULL, end_at_once, NULL) == 0) {
            (void)pthread_detach(born);
            facts.turns++;
        }
    }
    return name;
}

static int wait_as_child(void *fd)
{
    char byte = 0;

    return read(*(int *)fd, &byte, 1) < 0;
}

/* The kernel holds a parent by vfork until its child ends, and lets nobody
 * stop it. */
static void be_held(int *fd)
{
    static char stack[65536];

    (void)clone(wait_as_child, stack + sizeof(stack),
                CLONE_VM | CLONE_VFORK | SIGCHLD, fd);
    facts.turns++;
}

static void *be_held_in_thread(void *name)
{
    (void)pthread_barrier_wait(&all_here);
    be_held(&gate[0]);
    return name;
}

static void say_ready(void)
{
    (void)printf("ready %p\n", (void *)&facts);
    (void)fflush(stdout);
}

/* One thing for each byte. */
static void serve(void)
{
    char byte = 0;

    say_ready();
    while (read(STDIN_FILENO, &byte, 1) == 1) {
        if (byte == 'o') { /* opens the gate for one */
            (void)!write(gate[1], "o", 1);
        }
        (void)printf("did %c\n", byte);
        (void)fflush(stdout);
    }
    _exit(0);
}

static void *outlive_leader(void *name)
{
    (void)pthread_barrier_wait(&all_here);
    serve();
    return name;
}

static void start(uint64_t count, void *(*run)(void *))
{
    static char names[THREADS_MAX][16];

    if (count > THREADS_MAX ||
        pthread_barrier_init(&all_here, NULL, (unsigned)count + 1) != 0) {
        _exit(3);
    }
    for (uint64_t i = 0; i < count; i++) {
        pthread_t thread;

        (void)snprintf(names[i], sizeof(names[i]), "worker-%u", (unsigned)i);
        if (pthread_create(&thread, NULL, run, names[i]) != 0) {
            _exit(3);
        }
    }
    (void)pthread_barrier_wait(&all_here);
}

static const struct {
    const char *word;
    void *(*run)(void *);
} lives[] = {
    { "threads", wait_in_thread },    { "spin", spin },
    { "births", give_birth },         { "held", be_held_in_thread },
    { "leaderless", outlive_leader },
};

int main(int argc, char **argv)
{
    uint64_t count = 0;

    if (argc < 3 || !hb_parse_u64(argv[2], &count) || pipe(gate) != 0) {
        return 2;
    }
    catch_signals();
    if (strcmp(argv[1], "memory") == 0) {
        target_memory_fill(&facts);
        serve();
    }
    if (strcmp(argv[1], "all-held") == 0) {
        int in = STDIN_FILENO;

        say_ready();
        be_held(&in);
        return 0;
    }
    for (size_t i = 0; i < sizeof(lives) / sizeof(lives[0]); i++) {
        if (strcmp(lives[i].word, argv[1]) == 0) {
            start(count, lives[i].run);
            if (lives[i].run == outlive_leader) {
                pthread_exit(NULL);
            }
            serve();
        }
    }
    return 2;
}
