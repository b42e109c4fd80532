#pragma once

#include <stddef.h>
#include <wchar.h>

/* A variable that the test program is to have; NULL: not to have. */
struct hb_variable {
    const wchar_t *name;
    const char *value;
};
#define HB_VARIABLES_MAX 4

/*
 * The environment of a test program: our own, but for these variables, which
 * are in the order of their names. The caller owns it (free()); NULL if out of
 * memory.
 */
wchar_t *hb_environment_block(const struct hb_variable *variables,
                              size_t count);
