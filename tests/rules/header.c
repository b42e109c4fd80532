/* One public header alone, as C: HB_HEADER names it. */
#ifdef HB_AFTER_CMOCKA
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#endif

#include HB_HEADER

int header_compiles(void);

int header_compiles(void)
{
    return 1;
}
