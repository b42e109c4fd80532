/* ISO C alone, so that any cross compiler builds it. */
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
    const char *how = argc > 1 ? argv[1] : "pass";
    int *volatile nowhere = NULL;

    if (strcmp(how, "crash") == 0) {
        return *nowhere;
    }
    if (strcmp(how, "early") == 0) {
        (void)puts("[==========] Running 2 test(s).\n[ RUN      ] first");
    }
    return strcmp(how, "fail") == 0 ? 3 : 0;
}
