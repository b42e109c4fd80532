/*
 * The C++ library is looked up at run time: without it nothing is lost but
 * the beauty of some names, and a program in C need not depend on it.
 */
#include "postmortem/linux/demangle.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define SYMBOL_MAX 4096

/* __cxa_demangle() of the Itanium ABI; what it returns is freed. */
typedef char *take_apart(const char *symbol, char *room, size_t *size,
                         int *status);

static take_apart *find_library(void)
{
    static take_apart *found;
    static bool looked;

    if (!looked) {
        void *library = dlopen("libstdc++.so.6", RTLD_NOW | RTLD_LOCAL);
        void *address =
            library != NULL ? dlsym(library, "__cxa_demangle") : NULL;

        memcpy(&found, &address, sizeof(found)); /* ISO C has no cast for it */
        looked = true;
    }
    return found;
}

void hb_demangle(const char *symbol, size_t length, char *target, size_t size)
{
    char whole[SYMBOL_MAX];
    char *words = NULL;
    int status = 0;

    if (strncmp(symbol, "_Z", 2) == 0 &&
        hb_text_copy_bytes(whole, sizeof(whole), symbol, length) &&
        find_library() != NULL) {
        words = find_library()(whole, NULL, NULL, &status);
    }
    if (words != NULL) {
        (void)hb_text_copy(target, size, words);
    } else {
        (void)hb_text_copy_bytes(target, size, symbol, length);
    }
    free(words);
}
