#pragma once

/* What test_client_crash.c does when it is started again: dies in the way that
 * is named, with the fixture at work. Returns the status of what survives. */
int crash_role(const char *name);
