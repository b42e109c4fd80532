/*
 * A program whose stacks a test knows. It says "ready" when its threads stand
 * where the test wants them (or are about to: the test looks whether they wait
 * already), and stays there.
 *
 *   nested          main in outer, middle (dissolved) and inner, which reads
 *   abba            two threads wait for each other's lock, main for the first
 *   locks           threads named "plain", "robust", "inherit" and "self" wait
 *                   for mutexes of these kinds; "condition" and "writer" wait
 *                   for what has no owner
 *   threads N       N threads in wait_for_end
 *   moving          "stuck" waits and "busy" works
 *   smashed         "smashed" has nothing but garbage on its stack
 *   wild            calls a null pointer; its handler, on a stack of its own,
 *                   waits
 *   deep            recursion without an end in sight, in waits at its bottom
 *   leaderless      main has ended, "alone" goes on
 *   crash           dies of a null pointer in the function "fall"
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define NEVER_INLINE __attribute__((noinline, noclone))
#define ALWAYS_INLINE inline __attribute__((always_inline))

static void say_ready(void)
{
    static const char ready[] = "ready\n";

    if (write(STDOUT_FILENO, ready, sizeof(ready) - 1) < 0) {
        _exit(1);
    }
}

/* Something after a call, so that it does not become a jump. */
static volatile int after;

static NEVER_INLINE void inner(void)
{
    char byte;

    say_ready();
    while (read(STDIN_FILENO, &byte, 1) == 1) {
        after++;
    }
}

static ALWAYS_INLINE void middle(void)
{
    inner();
    after++;
}

static NEVER_INLINE void outer(void)
{
    middle();
    after++;
}

static void start(void *(*run)(void *argument), void *argument)
{
    pthread_t thread;
    pthread_attr_t attributes;

    (void)pthread_attr_init(&attributes);
    (void)pthread_attr_setstacksize(&attributes, 256u << 10);
    if (pthread_create(&thread, &attributes, run, argument) != 0) {
        _exit(1);
    }
    (void)pthread_attr_destroy(&attributes);
}

static pthread_mutex_t left = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t right = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t both;

static NEVER_INLINE void take_both(pthread_mutex_t *one, pthread_mutex_t *two)
{
    (void)pthread_mutex_lock(one);
    (void)pthread_barrier_wait(&both);
    (void)pthread_mutex_lock(two);
    after++;
}

static void *go_left(void *unused)
{
    (void)prctl(PR_SET_NAME, "left");
    take_both(&left, &right);
    return unused;
}

static void *go_right(void *unused)
{
    (void)prctl(PR_SET_NAME, "right");
    take_both(&right, &left);
    return unused;
}

static void run_abba(void)
{
    pthread_t first;
    pthread_t second;

    (void)pthread_barrier_init(&both, NULL, 2);
    (void)pthread_create(&first, NULL, go_left, NULL);
    (void)pthread_create(&second, NULL, go_right, NULL);
    say_ready();
    (void)pthread_join(first, NULL);
}

static pthread_mutex_t kinds[4]; /* plain, robust, inherit, self */
static pthread_rwlock_t shared = PTHREAD_RWLOCK_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;

static void *wait_for_mutex(void *argument)
{
    static const char *const names[] = { "plain", "robust", "inherit" };
    size_t kind = (size_t)((pthread_mutex_t *)argument - kinds);

    (void)prctl(PR_SET_NAME, names[kind]);
    (void)pthread_mutex_lock(argument);
    return NULL;
}

static void *wait_for_self(void *unused)
{
    (void)prctl(PR_SET_NAME, "self");
    (void)pthread_mutex_lock(&kinds[3]);
    (void)pthread_mutex_lock(&kinds[3]);
    return unused;
}

static void *wait_for_condition(void *unused)
{
    (void)prctl(PR_SET_NAME, "condition");
    (void)pthread_mutex_lock(&left);
    for (;;) {
        (void)pthread_cond_wait(&condition, &left);
    }
    return unused;
}

static void *wait_as_writer(void *unused)
{
    (void)prctl(PR_SET_NAME, "writer");
    (void)pthread_rwlock_wrlock(&shared);
    return unused;
}

static void run_locks(void)
{
    pthread_mutexattr_t attributes;

    for (int kind = 0; kind < 4; kind++) {
        (void)pthread_mutexattr_init(&attributes);
        if (kind == 1) {
            (void)pthread_mutexattr_setrobust(&attributes,
                                              PTHREAD_MUTEX_ROBUST);
        } else if (kind == 2) {
            (void)pthread_mutexattr_setprotocol(&attributes,
                                                PTHREAD_PRIO_INHERIT);
        }
        (void)pthread_mutex_init(&kinds[kind], &attributes);
        if (kind < 3) {
            (void)pthread_mutex_lock(&kinds[kind]);
            start(wait_for_mutex, &kinds[kind]);
        }
    }
    (void)pthread_rwlock_wrlock(&shared);
    start(wait_for_self, NULL);
    start(wait_for_condition, NULL);
    start(wait_as_writer, NULL);
    inner();
    after++;
}

static NEVER_INLINE void *wait_for_end(void *unused)
{
    for (;;) {
        (void)pause();
    }
    return unused;
}

static void run_threads(int count)
{
    for (int i = 0; i < count; i++) {
        start(wait_for_end, NULL);
    }
    inner();
    after++;
}

static volatile unsigned long turns;

static NEVER_INLINE void work(void)
{
    for (;;) {
        turns++;
    }
}

static void *be_busy(void *unused)
{
    (void)prctl(PR_SET_NAME, "busy");
    work();
    return unused;
}

static void *be_stuck(void *unused)
{
    (void)prctl(PR_SET_NAME, "stuck");
    return wait_for_end(unused);
}

static NEVER_INLINE void run_moving(void)
{
    start(be_stuck, NULL);
    start(be_busy, NULL);
    inner();
    after++;
}

/* Waits by itself, without a frame that a stack could hold. */
static void *be_smashed(void *unused)
{
    (void)prctl(PR_SET_NAME, "smashed");
    static unsigned char garbage[4096];

    memset(garbage, 0x5a, sizeof(garbage));
    __asm__ volatile("mov %0, %%rsp\n"
                     "mov %0, %%rbp\n"
                     "1: mov $34, %%eax\n" /* pause */
                     "syscall\n"
                     "jmp 1b\n"
                     :
                     : "r"(garbage + 1024)
                     : "memory", "rax", "rcx", "r11");
    return unused;
}

static void run_smashed(void)
{
    start(be_smashed, NULL);
    inner();
    after++;
}

static void stay(int number)
{
    (void)number;
    inner();
    after++;
}

static NEVER_INLINE void call_it(void (*volatile *function)(void))
{
    (*function)(); /* NOLINT(clang-analyzer-core.CallAndMessage) */
    after++;
}

static NEVER_INLINE void run_wild(void)
{
    static unsigned char room[65536];
    static void (*volatile nothing)(void);
    const stack_t stack = { .ss_sp = room, .ss_size = sizeof(room) };
    struct sigaction action = { 0 };

    action.sa_handler = stay;
    action.sa_flags = SA_ONSTACK;
    (void)sigaltstack(&stack, NULL);
    (void)sigaction(SIGSEGV, &action, NULL);
    call_it(&nothing);
    after++;
}

static NEVER_INLINE int sink(int depth)
{
    volatile char room[512];

    room[0] = (char)depth;
    if (depth > 1000) {
        inner();
        return 0;
    }
    return sink(depth + 1) + room[0];
}

static NEVER_INLINE void fall(int *volatile *where)
{
    **where = 1; /* NOLINT(clang-analyzer-core.NullDereference) */
    after++;
}

static void run_crash(void)
{
    static int *volatile nowhere;

    fall(&nowhere);
}

static void *wait_alone(void *unused)
{
    (void)prctl(PR_SET_NAME, "alone");
    inner();
    _exit(0);
    return unused;
}

static void run_leaderless(void)
{
    start(wait_alone, NULL);
    pthread_exit(NULL);
}

int main(int argc, char **argv)
{
    const char *word = argc > 1 ? argv[1] : "";
    static const struct {
        const char *word;
        void (*run)(void);
    } runs[] = {
        { "nested", outer },    { "abba", run_abba },
        { "locks", run_locks }, { "moving", run_moving },
        { "wild", run_wild },   { "smashed", run_smashed },
        { "crash", run_crash }, { "leaderless", run_leaderless },
    };

    for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++) {
        if (strcmp(runs[i].word, word) == 0) {
            runs[i].run();
            return 0;
        }
    }
    if (strcmp(word, "threads") == 0 && argc > 2) {
        char *end = NULL;

        run_threads((int)strtod(argv[2], &end));
        return 0;
    }
    if (strcmp(word, "deep") == 0) {
        return sink(0);
    }
    return 2;
}
