#include "os/recorder_host.h"

#include <hbtest/protocol.h>

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <fcntl.h>

extern char **environ;

bool host_open(struct recorder_host *host)
{
    int fd = memfd_create("recorder", 0);

    if (fd < 0 || ftruncate(fd, HBTEST_RECORDER_SIZE) != 0) {
        return false;
    }
    host->memory = mmap(NULL, HBTEST_RECORDER_SIZE, PROT_READ | PROT_WRITE,
                        MAP_SHARED, fd, 0);
    host->handle = (uint64_t)fd;
    host->own = (uint64_t)fd;
    host->pid = (uint32_t)getpid();
    return host->memory != MAP_FAILED;
}

void host_close(struct recorder_host *host)
{
    (void)munmap(host->memory, HBTEST_RECORDER_SIZE);
    (void)close((int)host->handle);
}

uint64_t host_clock_ms(void)
{
    struct timespec now = { 0, 0 };

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000u + (uint64_t)now.tv_nsec / 1000000u;
}

void host_yield(void)
{
    (void)sched_yield();
}

void host_offer(const char *value)
{
    if (value != NULL) {
        (void)setenv(HBTEST_RECORDER_ENV, value, 1);
    } else {
        (void)unsetenv(HBTEST_RECORDER_ENV);
    }
}

bool host_start(const char *program, const char *role,
                struct host_child *out_child)
{
    const char *path = program != NULL ? program : "/proc/self/exe";
    char *argv[] = { (char *)path, (char *)role, NULL };
    posix_spawn_file_actions_t actions;
    int ends[2];
    pid_t pid = 0;

    if (pipe2(ends, O_CLOEXEC) != 0) {
        return false;
    }
    (void)posix_spawn_file_actions_init(&actions);
    (void)posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    int failed = posix_spawn(&pid, path, &actions, NULL, argv, environ);

    (void)posix_spawn_file_actions_destroy(&actions);
    (void)close(ends[1]);
    *out_child = (struct host_child){ .pid = (uint32_t)pid,
                                      .process = (uint64_t)pid,
                                      .output = (uint64_t)ends[0] };
    return failed == 0;
}

static void read_all(int fd, char *output, size_t size)
{
    char chunk[4096];
    size_t used = 0;
    ssize_t got = 0;

    while ((got = read(fd, chunk, sizeof(chunk))) > 0) {
        for (ssize_t i = 0; i < got && used + 1 < size; i++) {
            output[used++] = chunk[i];
        }
    }
    if (size > 0) {
        output[used] = '\0';
    }
}

int host_wait(struct host_child *child, char *output, size_t size)
{
    int status = 0;

    read_all((int)child->output, output, output != NULL ? size : 0);
    (void)close((int)child->output);
    if (waitpid((pid_t)child->pid, &status, 0) < 0 || !WIFEXITED(status)) {
        return -1;
    }
    return WEXITSTATUS(status);
}

void host_kill(struct host_child *child)
{
    (void)kill((pid_t)child->pid, SIGKILL);
}

static void *run_work(void *argument)
{
    (*(void (**)(void))argument)();
    return NULL;
}

void host_threads(size_t count, void (*work)(void))
{
    pthread_t threads[16];
    size_t started = 0;

    while (started < count && started < 16 &&
           pthread_create(&threads[started], NULL, run_work, &work) == 0) {
        started++;
    }
    for (size_t i = 0; i < started; i++) {
        (void)pthread_join(threads[i], NULL);
    }
}

void host_vanish(int status)
{
    _exit(status);
}
