/*
 * A hung program with threads that a look must tell apart: "first" and
 * "second" wait for each other's critical section, "spinner" works on (but for
 * the argument "calm"), and the main thread waits for a byte on its standard
 * input, answers "alive", and ends at the next; with the argument "deaf" it
 * waits for "first".
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <windows.h>

/* Seen from outside also where a build has no symbols but exports. */
#define SEEN __declspec(dllexport) __attribute__((noinline))

SEEN DWORD WINAPI hung_first(void *context);
SEEN DWORD WINAPI hung_second(void *context);
SEEN DWORD WINAPI hung_spinner(void *context);
SEEN void hung_take_other(CRITICAL_SECTION *lock);
SEEN void hung_turn(uint64_t i);
SEEN int hung_answer(void);

typedef HRESULT WINAPI set_description(HANDLE thread, const wchar_t *name);

static CRITICAL_SECTION locks[2];
static HANDLE have_one[2];
static volatile uint64_t turns;
static void (*volatile turn)(uint64_t i) = hung_turn;

/* What comes after the call keeps it from being a jump. */
void hung_take_other(CRITICAL_SECTION *lock)
{
    EnterCriticalSection(lock);
    turns++;
}

static DWORD take_both(size_t mine)
{
    EnterCriticalSection(&locks[mine]);
    (void)SetEvent(have_one[mine]);
    (void)WaitForSingleObject(have_one[1 - mine], INFINITE);
    hung_take_other(&locks[1 - mine]);
    return (DWORD)turns;
}

DWORD WINAPI hung_first(void *context)
{
    (void)context;
    return take_both(0) + 1;
}

DWORD WINAPI hung_second(void *context)
{
    (void)context;
    return take_both(1) + 1;
}

void hung_turn(uint64_t i)
{
    turns += i;
}

/* Its counter is needed after a call of it does not know what, so it is in a
 * register that calls preserve: no two looks see the same. */
DWORD WINAPI hung_spinner(void *context)
{
    (void)context;
    for (uint64_t i = 0;; i++) {
        turn(i);
    }
}

static HANDLE start(LPTHREAD_START_ROUTINE routine, const wchar_t *name)
{
    HANDLE thread = CreateThread(NULL, 0, routine, NULL, 0, NULL);
    set_description *describe =
        (set_description *)(void (*)(void))GetProcAddress(
            GetModuleHandleW(L"kernel32.dll"), "SetThreadDescription");

    if (describe != NULL) {
        (void)describe(thread, name);
    }
    return thread;
}

/* The count of those who wait goes up from 0 in Wine, and down from -2 by four
 * a thread on Windows. */
static bool has_waiter(const CRITICAL_SECTION *lock)
{
    LONG count = *(volatile const LONG *)&lock->LockCount;

    return count >= 1 || count <= -6;
}

static void await_all(uint64_t least_turns)
{
    while (!has_waiter(&locks[0]) || !has_waiter(&locks[1]) ||
           turns < least_turns) {
        (void)SwitchToThread();
    }
}

int hung_answer(void)
{
    (void)printf("ready\n");
    (void)fflush(stdout);
    if (getchar() == EOF) {
        return 1;
    }
    (void)printf("alive\n");
    (void)fflush(stdout);
    return getchar() == EOF;
}

int main(int argc, char **argv)
{
    bool deaf = argc > 1 && strcmp(argv[1], "deaf") == 0;
    bool calm = deaf || (argc > 1 && strcmp(argv[1], "calm") == 0);

    for (size_t i = 0; i < 2; i++) {
        InitializeCriticalSection(&locks[i]);
        have_one[i] = CreateEventW(NULL, TRUE, FALSE, NULL);
    }
    HANDLE first = start(hung_first, L"first");

    (void)start(hung_second, L"second");
    if (!calm) {
        (void)start(hung_spinner, L"spinner");
    }
    await_all(calm ? 0 : 100);
    if (deaf) {
        return (int)WaitForSingleObject(first, INFINITE);
    }
    return hung_answer() + (int)(turns & 0);
}
