/* The test program of the outside projects: what it does is its argument. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SERVER_FILE "server.pid"

static int crash(void)
{
    (void)puts("MATCH");
    (void)fflush(stdout);
    return raise(SIGSEGV);
}

static int hang(void)
{
    (void)puts("MATCH");
    (void)fflush(stdout);
    (void)pause();
    return 0;
}

/* Never silent, never done. */
static int chatter(void)
{
    while (puts("still here") >= 0) {
        (void)fflush(stdout);
        (void)usleep(100000);
    }
    return 1;
}

/* What cmocka prints before and in the first of two tests. */
static int end_early(void)
{
    (void)puts("[==========] Running 2 test(s).\n[ RUN      ] first");
    return 0;
}

/* A child, and a daemon that nobody is the parent of. */
static int leave_orphans(void)
{
    if (fork() == 0) {
        return hang();
    }
    if (fork() == 0) {
        (void)setsid();
        if (fork() == 0) {
            return hang();
        }
        return 0;
    }
    return hang();
}

static int serve(void)
{
    FILE *file = fopen(SERVER_FILE, "w");
    pid_t server = fork();

    if (server == 0) {
        (void)fclose(file);
        (void)setsid();
        (void)freopen("/dev/null", "w", stdout);
        (void)freopen("/dev/null", "w", stderr);
        (void)pause();
        return 0;
    }
    (void)fprintf(file, "%ld\n", (long)server);
    return fclose(file);
}

static int signal_server(int number)
{
    long server = 0;
    FILE *file = fopen(SERVER_FILE, "r");

    if (file == NULL || fscanf(file, "%ld", &server) != 1) {
        return 1;
    }
    (void)fclose(file);
    return kill((pid_t)server, number) == 0 ? 0 : 1;
}

static int find_server(void)
{
    return signal_server(0);
}

static int stop_server(void)
{
    return signal_server(SIGKILL);
}

static int pass(void)
{
    return 0;
}

static int fail(void)
{
    return 1;
}

static int skip(void)
{
    return 77;
}

static const struct {
    const char *name;
    int (*run)(void);
} behaviours[] = {
    { "pass", pass },
    { "fail", fail },
    { "skip", skip },
    { "crash", crash },
    { "hang", hang },
    { "early", end_early },
    { "chatter", chatter },
    { "orphans", leave_orphans },
    { "server", serve },
    { "find_server", find_server },
    { "stop_server", stop_server },
};

int main(int argc, char **argv)
{
    for (size_t i = 0; i < sizeof(behaviours) / sizeof(behaviours[0]); i++) {
        if (argc > 1 && strcmp(argv[1], behaviours[i].name) == 0) {
            return behaviours[i].run();
        }
    }
    return 2;
}
