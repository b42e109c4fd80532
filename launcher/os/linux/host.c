#include "os/host.h"

#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/random.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/text.h"
#include "os/clock.h"

static uint32_t count_cpus(void)
{
    cpu_set_t usable;

    if (sched_getaffinity(0, sizeof(usable), &usable) == 0) {
        return (uint32_t)CPU_COUNT(&usable);
    }
    long online = sysconf(_SC_NPROCESSORS_ONLN);

    return online > 0 ? (uint32_t)online : 1;
}

void hb_host_read(struct hb_host *out_host)
{
    struct utsname names;

    memset(out_host, 0, sizeof(*out_host));
    memset(&names, 0, sizeof(names));
    (void)uname(&names); /* fails for a bad address only */
    (void)hb_text_copy(out_host->os, sizeof(out_host->os), names.sysname);
    (void)hb_text_copy(out_host->release, sizeof(out_host->release),
                       names.release);
    (void)hb_text_copy(out_host->arch, sizeof(out_host->arch), names.machine);
    (void)hb_text_copy(out_host->name, sizeof(out_host->name), names.nodename);
    out_host->cpus = count_cpus();
}

uint32_t hb_host_pid(void)
{
    return (uint32_t)getpid();
}

/* Where /proc is not mounted: the name that we were started by, which the
 * kernel keeps for us. */
static bool find_name(char path[PATH_MAX])
{
    uintptr_t at = (uintptr_t)getauxval(AT_EXECFN);
    const char *name = (const char *)at; /* NOLINT(performance-no-int-to-ptr) */

    return name != NULL && realpath(name, path) != NULL;
}

bool hb_host_program(char *target, size_t size, struct hb_error *err)
{
    char path[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", path, sizeof(path));

    if (length > 0 && (size_t)length < sizeof(path)) {
        path[length] = '\0';
    } else if (!find_name(path)) {
        return hb_fail(err, HB_ERR_INTERNAL, errno,
                       "cannot tell where our own program lies");
    }
    return hb_text_copy(target, size, path) ||
           hb_fail(err, HB_ERR_INTERNAL, 0, "our own program lies too deep");
}

bool hb_host_folder(char *target, size_t size, struct hb_error *err)
{
    char path[PATH_MAX];

    if (!hb_host_program(path, sizeof(path), err)) {
        return false;
    }
    *strrchr(path, '/') = '\0'; /* the system's paths begin with one */
    return hb_text_copy(target, size, path) ||
           hb_fail(err, HB_ERR_INTERNAL, 0, "our own program lies too deep");
}

uint64_t hb_host_random(void)
{
    uint64_t bits = 0;

    if (getrandom(&bits, sizeof(bits), GRND_NONBLOCK) !=
        (ssize_t)sizeof(bits)) {
        /* Early in a boot. Tokens tell runs apart, they guard no secret. */
        bits = hb_clock_ns() * 0x9e3779b97f4a7c15u ^ (uint64_t)getpid();
    }
    return bits;
}

const char *hb_environment_get(const char *name)
{
    return getenv(name);
}

bool hb_environment_set(const char *name, const char *value,
                        struct hb_error *err)
{
    return setenv(name, value, 1) == 0 ||
           hb_fail(err, HB_ERR_INTERNAL, errno, "cannot set %s", name);
}

bool hb_environment_each(hb_environment_take *take, void *context,
                         struct hb_error *err)
{
    bool ok = true;

    for (char **at = environ; ok && at != NULL && *at != NULL; at++) {
        ok = take(context, *at, err);
    }
    return ok;
}

bool hb_host_arguments(int argc, char **argv, int *out_argc, char ***out_argv,
                       struct hb_error *err)
{
    (void)err;
    *out_argc = argc;
    *out_argv = argv;
    return true;
}
