#pragma once

/*
 * Ends a case of cmocka as skipped, with the reason in what the program
 * prints: ci/test lists it. To be included after cmocka.h.
 */
#define skip_because(why)                                                      \
    do {                                                                       \
        print_message("skip: %s: %s\n", __func__, why);                        \
        skip();                                                                \
    } while (0)
