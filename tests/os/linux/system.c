#include "system.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

const bool system_is_windows = false;

static void must(bool fine, const char *what)
{
    if (!fine) {
        (void)fprintf(stderr, "tests/os: %s: %s\n", what, strerror(errno));
        abort();
    }
}

static void make_pipe(int *ends, bool socket)
{
    int made = socket ? socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends)
                      : pipe2(ends, O_CLOEXEC);

    must(made == 0, "pipe");
}

static void start_here(const char *const *command, int how, int *streams)
{
    for (int i = 0; i < 3; i++) {
        must(dup2(streams[i], i) == i, "dup2");
    }
    if (how & SYSTEM_FULL) {
        must(dup2(open("/dev/full", O_WRONLY | O_CLOEXEC), 1) == 1, "full");
    }
    int closed[] = { SYSTEM_NO_STDIN, SYSTEM_NO_STDOUT, SYSTEM_NO_STDERR };
    for (int i = 0; i < 3; i++) {
        if (how & closed[i]) {
            (void)close(i);
        }
    }
    sigset_t none;
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    (void)execv(command[0], (char *const *)command);
    _exit(127);
}

void system_start(const char *const *command, int how,
                  struct system_child *out_child)
{
    int in[2];
    int out[2];
    int err[2];

    make_pipe(in, false);
    make_pipe(out, how & SYSTEM_SOCKET);
    make_pipe(err, false);
    pid_t pid = fork();
    must(pid >= 0, "fork");
    if (pid == 0) {
        start_here(command, how, (int[]){ in[0], out[1], err[1] });
    }
    (void)close(in[0]);
    (void)close(out[1]);
    (void)close(err[1]);
    *out_child =
        (struct system_child){ pid, (uint32_t)pid, in[1], out[0], err[0] };
}

size_t system_read(intptr_t stream, void *bytes, size_t size)
{
    ssize_t got = read((int)stream, bytes, size);

    must(got >= 0, "read");
    return (size_t)got;
}

void system_write(intptr_t stream, const void *bytes, size_t size)
{
    must(write((int)stream, bytes, size) == (ssize_t)size, "write");
}

void system_close(intptr_t *stream)
{
    if (*stream >= 0) {
        (void)close((int)*stream);
        *stream = -1;
    }
}

uint32_t system_wait(struct system_child *child)
{
    int status = 0;

    system_close(&child->in);
    must(waitpid((pid_t)child->process, &status, 0) > 0, "waitpid");
    system_close(&child->out);
    system_close(&child->err);
    return WIFEXITED(status) ? (uint32_t)WEXITSTATUS(status)
                             : 1000u + (uint32_t)WTERMSIG(status);
}

/* Not kill(pid, 0): a zombie that nobody reaps would count as alive. */
bool system_is_alive(uint32_t pid)
{
    char path[40];
    char text[512] = "";

    (void)snprintf(path, sizeof(path), "/proc/%u/stat", pid);
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return false;
    }
    size_t got = fread(text, 1, sizeof(text) - 1, file);
    (void)fclose(file);
    text[got] = '\0';
    const char *end = strrchr(text, ')');
    return end != NULL && end[1] != '\0' && end[2] != 'Z' && end[2] != 'X';
}

bool system_await_end(uint32_t pid)
{
    for (int i = 0; i < 2000 && system_is_alive(pid); i++) {
        system_sleep_ms(5);
    }
    return !system_is_alive(pid);
}

void system_kill(uint32_t pid)
{
    (void)kill((pid_t)pid, SIGKILL);
}

uint32_t system_pid(void)
{
    return (uint32_t)getpid();
}

void system_sleep_ms(uint32_t ms)
{
    struct timespec left = { ms / 1000, (long)(ms % 1000) * 1000000 };

    while (nanosleep(&left, &left) < 0 && errno == EINTR) {
    }
}

uint32_t system_spawn(const char *const *command, bool quiet)
{
    pid_t pid = fork();

    must(pid >= 0, "fork");
    if (pid == 0) {
        int nowhere = quiet ? open("/dev/null", O_RDWR | O_CLOEXEC) : -1;
        if (nowhere >= 0) {
            (void)dup2(nowhere, 1);
            (void)dup2(nowhere, 2);
        }
        (void)execv(command[0], (char *const *)command);
        _exit(127);
    }
    return (uint32_t)pid;
}

uint32_t system_join(uint32_t pid)
{
    int status = 0;

    must(waitpid((pid_t)pid, &status, 0) > 0, "waitpid");
    return WIFEXITED(status) ? (uint32_t)WEXITSTATUS(status)
                             : 1000u + (uint32_t)WTERMSIG(status);
}

const char *system_self(const char *argv0)
{
    static char path[4096];
    ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);

    if (length <= 0) {
        return argv0;
    }
    path[length] = '\0';
    return path;
}

void system_make_folder(char *target, size_t size)
{
    const char *base = getenv("TMPDIR");

    (void)snprintf(target, size, "%s/hbtest-os-XXXXXX",
                   base != NULL ? base : "/tmp");
    must(mkdtemp(target) != NULL, "mkdtemp");
}

bool system_make_link(const char *target, const char *path)
{
    return symlink(target, path) == 0;
}

void system_write_file(const char *path, const void *bytes, size_t size,
                       bool executable)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    must(fd >= 0, path);
    must(write(fd, bytes, size) == (ssize_t)size, path);
    if (executable) {
        must(fchmod(fd, 0700) == 0, path);
    }
    (void)close(fd);
}

char **system_arguments(int *argc, char **argv)
{
    (void)argc;
    return argv;
}

void system_silence_input(void)
{
    int ends[2]; /* the other end stays open as long as we live */

    make_pipe(ends, false);
    must(dup2(ends[0], STDIN_FILENO) == STDIN_FILENO, "dup2");
}

void system_use_binary(void)
{
}
