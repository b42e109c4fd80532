#pragma once

/*
 * A folder for the cases of one test program. The two functions are set-up
 * and clean-up of a cmocka group; clean-up fails if a case left something.
 */
int folder_make(void **state);
int folder_remove(void **state);

/* The folder's path; with a name, that of the name in it. A path lives until
 * the third call after it. */
const char *folder_path(void);
const char *in_folder(const char *name);
