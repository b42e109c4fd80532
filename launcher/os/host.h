#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/facts.h"

/*
 * The machine we run on, and this process's place in it.
 */
struct hb_host {
    bool windows;
    char os[64];      /* "Linux", "Windows", "Windows (Wine 8.0)" */
    char release[96]; /* "6.1.0-18-amd64", "10.0.20348" */
    char arch[16];    /* "x86_64" */
    uint32_t cpus;
    char name[96]; /* the machine's */
};

void hb_host_read(struct hb_host *out_host);

uint32_t hb_host_pid(void);

/* Our own program, and the folder that it lies in. */
bool hb_host_program(char *target, size_t size, struct hb_error *err);
bool hb_host_folder(char *target, size_t size, struct hb_error *err);

/* Random bits from the system, for tokens. */
uint64_t hb_host_random(void);

/* The value of an environment variable as UTF-8, or NULL. Borrowed until the
 * variable is set or the process ends. */
const char *hb_environment_get(const char *name);

/* Sets a variable of our own, which test programs inherit. */
bool hb_environment_set(const char *name, const char *value,
                        struct hb_error *err);

/* Hands on every variable of our own as "NAME=VALUE" in UTF-8, borrowed for the
 * call. `take` may fail, and nobody is asked again then. */
typedef bool hb_environment_take(void *context, const char *text,
                                 struct hb_error *err);
bool hb_environment_each(hb_environment_take *take, void *context,
                         struct hb_error *err);

/* The arguments of this process as UTF-8: on Linux `argv` itself, on Windows
 * read from the wide command line. Borrowed until the process ends. */
bool hb_host_arguments(int argc, char **argv, int *out_argc, char ***out_argv,
                       struct hb_error *err);

/* Fills what this system can do for the run, as named capabilities
 * ("process_tree", "recorder", "thread_states", "wait_channels", "dialogs",
 * "etw", ...). At most `room`; returns how many. `available` false always
 * comes with a reason in `detail`. */
struct hb_ability {
    char name[32];
    bool available;
    char detail[128];
};
size_t hb_host_abilities(struct hb_ability *abilities, size_t room);
