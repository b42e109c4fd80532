#pragma once

/* The ways in which a program of test_client_exit.c leaves. Returns the status
 * of the process. */
int exit_role(const char *name);
