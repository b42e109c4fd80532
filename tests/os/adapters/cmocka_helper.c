/* A second file of the same test program. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <hbtest/cmocka.h>

#include "cmocka_helper.h"

void helper_skips(void)
{
    skip();
}

static void passes_here(void **state)
{
    (void)state;
}

int helper_group(void)
{
    const struct CMUnitTest helpers[] = { cmocka_unit_test(passes_here) };

    return cmocka_run_group_tests(helpers, NULL, NULL);
}
