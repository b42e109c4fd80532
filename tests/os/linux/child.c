#include "child.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <hbtest/protocol.h>

#include "base/text.h"
#include "system.h"

const char *child_environment(const char *name)
{
    return getenv(name);
}

static int number(const char *text)
{
    uint64_t value = 0;

    return hb_parse_u64(text, &value) ? (int)value : 0;
}

static void say_ready(void)
{
    (void)printf("ready\n");
    (void)fflush(stdout);
}

static int spin(const char *self, const char *word)
{
    (void)self;
    (void)word;
    say_ready();
    for (volatile unsigned turns = 1; turns != 0;) {
        turns = turns | 1u;
    }
    return 9;
}

static int read_input(const char *self, const char *word)
{
    char byte = 0;

    (void)self;
    (void)word;
    say_ready();
    return read(STDIN_FILENO, &byte, 1) == 1 ? 0 : 1;
}

static pthread_mutex_t locks[2] = { PTHREAD_MUTEX_INITIALIZER,
                                    PTHREAD_MUTEX_INITIALIZER };
static pthread_barrier_t both_have_one;

static void *take_other(void *context)
{
    size_t mine = (size_t)(context != NULL);

    (void)pthread_mutex_lock(&locks[mine]);
    (void)pthread_barrier_wait(&both_have_one);
    (void)pthread_mutex_lock(&locks[1 - mine]);
    return NULL;
}

static int deadlock(const char *self, const char *word)
{
    pthread_t other;

    (void)self;
    (void)word;
    (void)pthread_barrier_init(&both_have_one, NULL, 2);
    if (pthread_create(&other, NULL, take_other, &both_have_one) != 0) {
        return 1;
    }
    say_ready();
    (void)take_other(NULL);
    return 0;
}

static int die_of(int signal)
{
    const struct rlimit none = { 0, 0 };
    struct sigaction plain = { .sa_handler = SIG_DFL };

    (void)setrlimit(RLIMIT_CORE, &none);
    (void)sigaction(signal, &plain, NULL); /* a sanitizer may have its own */
    (void)kill(getpid(), signal);
    return 1;
}

static int crash(const char *self, const char *word)
{
    (void)self;
    (void)word;
    return die_of(SIGSEGV);
}

static int die(const char *self, const char *word)
{
    (void)self;
    return die_of(number(word));
}

static int be_stubborn(const char *self, const char *word)
{
    struct sigaction ignore = { .sa_handler = SIG_IGN };

    (void)self;
    (void)word;
    (void)sigaction(SIGTERM, &ignore, NULL);
    say_ready();
    system_sleep_ms(60000);
    return 9;
}

/* Eight runners, each of which ends as soon as it has started the next one, in
 * a session of its own: always elsewhere when somebody looks. */
static int storm(const char *self, const char *word)
{
    (void)self;
    (void)word;
    say_ready();
    for (int i = 0; i < 8; i++) {
        if (fork() == 0) {
            for (long turn = 0; turn < 1000000; turn++) {
                (void)setsid();
                if (fork() > 0) {
                    _exit(0);
                }
            }
        }
    }
    system_sleep_ms(60000);
    return 9;
}

static int make_daemon(const char *self, const char *word)
{
    (void)self;
    if (fork() == 0) {
        (void)setsid();
        if (fork() == 0) {
            system_sleep_ms(50);
            _exit(number(word));
        }
        _exit(0);
    }
    (void)wait(NULL);
    return 0;
}

/* Its parent becomes its tracer, by no will of its own. */
static int trace_self(const char *self, const char *word)
{
    (void)ptrace(PTRACE_TRACEME, 0, NULL, NULL);
    if (word[0] != '\0') {
        (void)execl(self, self, "group", (char *)NULL);
    }
    return raise(SIGUSR1);
}

static int stop_self(const char *self, const char *word)
{
    (void)self;
    (void)word;
    (void)kill(getpid(), SIGSTOP);
    return 0;
}

static int write_recorder(const char *self, const char *text)
{
    const char *value = getenv(HBTEST_RECORDER_ENV);
    int fd = -1;
    unsigned size = 0;

    (void)self;
    if (value == NULL || sscanf(value, "1:%d:%u:", &fd, &size) != 2) {
        return 3;
    }
    char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (memory == MAP_FAILED) {
        return 4;
    }
    memcpy(memory + size - strlen(text) - 1, text, strlen(text) + 1);
    return ftruncate(fd, 1) == 0 ? 5 : 0; /* it is sealed */
}

/* As a process does that has closed the descriptor. */
static int bring_recorder(const char *self, const char *text)
{
    const char *value = getenv(HBTEST_RECORDER_ENV);
    char path[64];
    int fd = -1;
    int launcher_fd = -1;
    unsigned size = 0;
    long pid = 0;

    (void)self;
    if (value == NULL ||
        sscanf(value, "1:%*d:%u:%*x:%ld:%d", &size, &pid, &launcher_fd) != 3) {
        return 3;
    }
    (void)snprintf(path, sizeof(path), "/proc/%ld/fd/%d", pid, launcher_fd);
    fd = open(path, O_RDWR | O_CLOEXEC);
    char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (memory == MAP_FAILED) {
        return 4;
    }
    memcpy(memory + size - strlen(text) - 1, text, strlen(text) + 1);
    return 0;
}

static const char *disposition(int signal)
{
    struct sigaction now;

    (void)sigaction(signal, NULL, &now);
    return now.sa_handler == SIG_IGN   ? "ignored"
           : now.sa_handler == SIG_DFL ? "default"
                                       : "handled";
}

static int print_dispositions(const char *self, const char *word)
{
    sigset_t mask;
    int blocked = 0;

    (void)self;
    (void)word;
    (void)sigprocmask(SIG_BLOCK, NULL, &mask);
    for (int i = 1; i < SIGRTMAX; i++) {
        blocked += sigismember(&mask, i) == 1;
    }
    (void)printf("SIGPIPE %s, SIGCHLD %s, %d blocked\n", disposition(SIGPIPE),
                 disposition(SIGCHLD), blocked);
    return 0;
}

static int notify(const char *self, const char *text)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    const char *name = getenv("NOTIFY_SOCKET");
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    (void)self;
    if (name == NULL || name[0] != '@' || fd < 0) {
        return 3;
    }
    size_t length = strlen(name);
    memcpy(address.sun_path + 1, name + 1, length - 1);
    return sendto(fd, text, strlen(text), 0, (struct sockaddr *)&address,
                  (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
                              length)) < 0;
}

static int print_descriptors(const char *self, const char *word)
{
    DIR *folder = opendir("/proc/self/fd");

    (void)self;
    (void)word;
    if (folder == NULL) {
        return 1;
    }
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        if (entry->d_name[0] != '.' && number(entry->d_name) != dirfd(folder)) {
            (void)printf("%s ", entry->d_name);
        }
    }
    (void)printf("\n");
    return closedir(folder);
}

static int print_group(const char *self, const char *word)
{
    (void)self;
    (void)word;
    (void)printf("%d\n", getpgrp() == getpid());
    return 0;
}

static const struct {
    const char *word;
    int (*run)(const char *self, const char *word);
} own[] = {
    { "spin", spin },
    { "read", read_input },
    { "mutex", deadlock },
    { "crash", crash },
    { "stubborn", be_stubborn },
    { "storm", storm },
    { "recorder", write_recorder },
    { "recorder-again", bring_recorder },
    { "signal", die },
    { "daemon", make_daemon },
    { "stop", stop_self },
    { "trace-me", trace_self },
    { "dispositions", print_dispositions },
    { "notify", notify },
    { "descriptors", print_descriptors },
    { "group", print_group },
};

int child_run_own(const char *self, int count, char **words, bool *out_known)
{
    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
        if (strcmp(own[i].word, words[0]) == 0) {
            *out_known = true;
            return own[i].run(self, count > 1 ? words[1] : "");
        }
    }
    *out_known = false;
    return 0;
}
