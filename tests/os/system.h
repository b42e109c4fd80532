#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What the tests of launcher/os/ and their helper programs need of a system
 * beyond what they test. Implemented in linux/system.c and windows/system.c.
 * Failures abort the test with a message: nothing here is under test.
 */

/* For what the systems cannot have in common: the number of bits of an exit
 * code, signals. */
extern const bool system_is_windows;

/* A program started by a test with pipes as its standard streams. */
struct system_child {
    intptr_t process; /* pid or HANDLE */
    uint32_t pid;
    intptr_t in; /* our ends; -1 (closed or not asked for) */
    intptr_t out;
    intptr_t err;
};

enum {
    SYSTEM_NO_STDOUT = 1, /* starts with stdout closed */
    SYSTEM_NO_STDIN = 2,
    SYSTEM_NO_STDERR = 4,
    SYSTEM_SOCKET = 8, /* stdout is a socket (Linux) */
    SYSTEM_FULL = 16,  /* stdout is a full disk (Linux) */
};

/* `command` ends with NULL; its first word is a path. */
void system_start(const char *const *command, int how,
                  struct system_child *out_child);

/* Reads at most `size` bytes, waiting for at least one; 0 at the end. */
size_t system_read(intptr_t stream, void *bytes, size_t size);
void system_write(intptr_t stream, const void *bytes, size_t size);
void system_close(intptr_t *stream);

/* Waits for the end and returns it as an exit code, or 1000 + signal. */
uint32_t system_wait(struct system_child *child);

/* True while the process exists and has not ended (a zombie has). */
bool system_is_alive(uint32_t pid);

/* Waits until the process has ended, for 10 s at most; false if it has not. */
bool system_await_end(uint32_t pid);

/* Ends one process, unasked. */
void system_kill(uint32_t pid);

/* Our own number. */
uint32_t system_pid(void);

void system_sleep_ms(uint32_t ms);

/* Starts `command` with everything inherited (or, if `quiet`, without our
 * stdout and stderr), returns its pid. */
uint32_t system_spawn(const char *const *command, bool quiet);

/* Waits for a child of system_spawn(); returns its exit code. */
uint32_t system_join(uint32_t pid);

/* Our own path, for starting ourselves. */
const char *system_self(const char *argv0);

/* A new empty folder; its path. Removed by the caller when empty. */
void system_make_folder(char *target, size_t size);

/* Makes a symbolic link to a file; false if there are none for us. */
bool system_make_link(const char *target, const char *path);

/* Writes a file that may be executed. */
void system_write_file(const char *path, const void *bytes, size_t size,
                       bool executable);

/* The process's arguments as UTF-8. */
char **system_arguments(int *argc, char **argv);

/* Makes our own standard input a pipe that nobody writes to. */
void system_silence_input(void);

/* Standard streams carry bytes, not lines (Windows). */
void system_use_binary(void);
