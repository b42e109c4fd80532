#pragma once

#include "run/watch.h"

/*
 * The command line of hbtest-postmortem (launcher/postmortem/request.h), made
 * of options and tree. It points into itself.
 */
#define HB_LOOK_WORDS_MAX (2 * HB_LOOK_PIDS_MAX + 2 * HB_REDACT_MAX + 34u)

struct hb_look_command {
    const char *words[HB_LOOK_WORDS_MAX];
    size_t count;
    char numbers[HB_LOOK_PIDS_MAX + 8][24];
    size_t number_count;
    char program[HB_PATH_SIZE];
};

/* Finds hbtest-postmortem: HBTEST_POSTMORTEM if that is set (a test's own),
 * else beside us, where it is installed, or where it was built. */
bool hb_look_program(char *target, size_t size, struct hb_error *err);

/* Chooses the processes that are looked at. */
void hb_look_choose_processes(struct hb_watch *watch);

/* False, with the error, if the program is not there. */
bool hb_look_command_make(struct hb_look_command *command,
                          struct hb_watch *watch, struct hb_error *err);
