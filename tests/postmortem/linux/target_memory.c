/*
 * Memory of every kind, for the target of tests: some of it hostile to those
 * who dump it. TARGET_TOKEN is a variable whose value must not be found in a
 * dump; it is copied to where a search could miss it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "target_child.h"

#define PAGE ((size_t)4096)

static char *map(size_t size, int protection, int flags)
{
    void *at = mmap(NULL, size, protection, flags | MAP_ANONYMOUS, -1, 0);

    if (at == MAP_FAILED) {
        perror("mmap");
        _exit(4);
    }
    return at;
}

static char *map_own(size_t size)
{
    return map(size, PROT_READ | PROT_WRITE, MAP_PRIVATE);
}

static uint64_t say(char *at, const char *text)
{
    memcpy(at, text, strlen(text) + 1);
    return (uint64_t)(uintptr_t)at;
}

static void fill_heap(struct target_facts *facts)
{
    char *heap = malloc(16 * PAGE);

    for (size_t i = 0; heap != NULL && i + 32 < 16 * PAGE; i += 32) {
        (void)say(heap + i, TARGET_HEAP);
    }
    facts->heap = (uint64_t)(uintptr_t)heap;
}

/* Half a page of the value's copies would not do: it has to lie across the
 * edges of pages, wherever the reader's buffer ends. */
static void spread_token(const char *token)
{
    size_t length = strlen(token);
    size_t pages = 1024;
    char *at = map_own(pages * PAGE);

    for (size_t i = 1; i < pages; i++) {
        (void)say(at + i * PAGE - i % (length + 1), token);
    }
    volatile char *wide = malloc(length * 2 + 2);
    for (size_t i = 0; wide != NULL && i <= length; i++) {
        wide[i * 2] = token[i];
        wide[i * 2 + 1] = '\0';
    }
}

static void be_sparse(struct target_facts *facts)
{
    size_t size = (size_t)10 << 40;
    char *at = map(size, PROT_NONE, MAP_PRIVATE | MAP_NORESERVE);
    char *page = at + size / 2;

    if (mprotect(at + size / 4, size / 2, PROT_READ | PROT_WRITE) != 0) {
        _exit(5);
    }
    facts->sparse = say(page, TARGET_SPARSE);
}

static void make_mappings(size_t count)
{
    char *at = map_own(count * PAGE);

    for (size_t i = 0; i < count; i += 2) {
        at[i * PAGE] = 1;
        (void)mprotect(at + i * PAGE, PAGE, PROT_READ);
    }
}

/* The text must stand nowhere else, not among the constants of the program
 * either, whose page a dump may hold: it is kept the wrong way round. */
static uint64_t say_left_out(char *page)
{
    static const char turned[] = "depmud eb ot ton deksa ti";
    size_t length = sizeof(turned) - 1;

    for (size_t i = 0; i < length; i++) {
        ((volatile char *)page)[i] = turned[length - 1 - i];
    }
    return (uint64_t)(uintptr_t)page;
}

void target_memory_fill(struct target_facts *facts)
{
    const char *token = getenv("TARGET_TOKEN");
    char *zeros = map_own(TARGET_ZEROS);
    char *guarded = map_own(PAGE);
    char *left_out = map_own(PAGE);
    char *shared = map(PAGE, PROT_READ | PROT_WRITE, MAP_SHARED);

    fill_heap(facts);
    for (size_t i = 0; i < TARGET_ZEROS; i += PAGE) {
        zeros[i] = 1; /* so that no page is shared */
        zeros[i] = 0;
    }
    facts->zeros = (uint64_t)(uintptr_t)zeros;
    facts->guarded = say(guarded, TARGET_GUARDED);
    facts->left_out = say_left_out(left_out);
    facts->shared = say(shared, TARGET_SHARED);
    (void)mprotect(guarded, PAGE, PROT_NONE);
    (void)madvise(left_out, PAGE, MADV_DONTDUMP);
    be_sparse(facts);
    make_mappings(2000);
    if (token != NULL) {
        spread_token(token);
    }
}
