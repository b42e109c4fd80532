#pragma once

#include <stdbool.h>

/*
 * The half of the helper program that differs between the systems. Every
 * system has these words:
 *
 *   spin           uses a processor
 *   read           waits for a byte of stdin
 *   mutex          says "ready"; two threads wait for each other's lock
 *   crash          dies of a null pointer
 *   stubborn       says "ready" and ignores requests to stop
 *   storm          starts itself again and again, each copy does
 *   recorder TEXT  writes TEXT at the end of the recorder; 3 without one
 *
 * and Linux has these besides:
 *
 *   signal N       dies of signal N
 *   daemon N       leaves a process in a session of its own that ends with N
 *   stop           stops itself
 *   dispositions   prints what SIGPIPE and SIGCHLD do, and the signal mask
 *   notify TEXT    sends TEXT to NOTIFY_SOCKET
 *   descriptors    prints the numbers of its open descriptors
 *   group          prints 1 if it leads a process group, else 0
 */
int child_run_own(const char *self, int count, char **words, bool *out_known);

/* The value of a variable as UTF-8, or NULL. */
const char *child_environment(const char *name);
