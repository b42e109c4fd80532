#pragma once

#include <stdbool.h>

/*
 * `text` and `first` are the places of the format and of its first argument.
 * Plain "printf" is Microsoft's dialect to a GCC for Windows; clang does not
 * know "gnu_printf".
 */
#if defined(__clang__)
#define HB_PRINTF(text, first) __attribute__((format(printf, text, first)))
#elif defined(__GNUC__)
#define HB_PRINTF(text, first) __attribute__((format(gnu_printf, text, first)))
#else
#define HB_PRINTF(text, first)
#endif

/* One code for each thing that main treats differently. */
enum hb_error_code {
    HB_OK = 0,
    HB_ERR_USAGE,          /* the user asked for something we do not take */
    HB_ERR_NOT_FOUND,      /* the test program does not exist */
    HB_ERR_NOT_EXECUTABLE, /* it exists and cannot be executed */
    HB_ERR_START,          /* the system would not start it */
    HB_ERR_READ,           /* an input of ours cannot be read */
    HB_ERR_WRITE,          /* a record of ours cannot be written */
    HB_ERR_INTERNAL, /* out of memory, or the OS refused what it may not */
};

/*
 * What went wrong, for one caller.
 *
 * A function that can fail returns bool and takes a `struct hb_error *err`
 * as its last parameter. On failure it fills `*err` exactly once, at the spot
 * that noticed; callers above pass it on untouched. On success `*err`, and on
 * failure every other output, is left as it was.
 */
struct hb_error {
    enum hb_error_code code;
    long os_code; /* errno or GetLastError(); 0 if the OS was not asked */
    char text[400];
};

/*
 * Fills `*err` and returns false, so a failure is one statement:
 *
 *     return hb_fail(err, HB_ERR_START, errno, "cannot start '%s'", path);
 *
 * The text says what was attempted and with what; it is cut, never
 * overflowed, and carries no newline. Printing is main's business.
 */
bool hb_fail(struct hb_error *err, enum hb_error_code code, long os_code,
             const char *format, ...) HB_PRINTF(4, 5);
