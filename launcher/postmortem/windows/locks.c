#include "postmortem/windows/locks.h"

#include <string.h>

#include "base/text.h"

/* How far into its stack a waiting thread's own words about the lock lie. */
#define NEAR_BYTES 2048u
#define RECURSION_MAX 100000

/* RTL_CRITICAL_SECTION, as every 64-bit Windows has it. */
struct section {
    uint64_t debug;
    int32_t lock_count;
    int32_t recursion;
    uint64_t owner; /* a thread id */
    uint64_t semaphore;
    uint64_t spin;
};

static bool waits_in_section(const struct hb_frame *frames, size_t count)
{
    for (size_t i = 0; i < count && i < 6; i++) {
        if (strcmp(frames[i].symbol, "RtlEnterCriticalSection") == 0) {
            return true;
        }
    }
    return false;
}

static bool lives_in(const struct hb_opened *opened, uint64_t tid)
{
    HANDLE thread =
        tid == 0 || tid > UINT32_MAX
            ? NULL
            : OpenThread(THREAD_QUERY_LIMITED_INFORMATION, FALSE, (DWORD)tid);
    bool ours = thread != NULL && GetProcessIdOfThread(thread) == opened->pid;

    if (thread != NULL) {
        (void)CloseHandle(thread);
    }
    return ours;
}

/* An owned section, and not by who waits. */
static bool is_held(const struct hb_opened *opened,
                    const struct hb_taken *taken, uint64_t address,
                    uint32_t *out_owner)
{
    struct section section;

    if (address % 8 != 0 || address < 0x10000 ||
        !hb_memory_copy(&opened->memory, address, &section, sizeof(section)) ||
        section.recursion < 1 || section.recursion > RECURSION_MAX ||
        section.lock_count == -1 || section.owner == taken->seen.tid ||
        !lives_in(opened, section.owner)) {
        return false;
    }
    *out_owner = (uint32_t)section.owner;
    return true;
}

/* Registers that calls preserve, and the words near the stack pointer. */
static size_t collect(const struct hb_taken *taken, uint64_t *words,
                      size_t room)
{
    const CONTEXT *context = &taken->context;
    const uint64_t registers[] = { context->Rbx, context->Rsi, context->Rdi,
                                   context->Rbp, context->R12, context->R13,
                                   context->R14, context->R15, context->Rcx };
    size_t count = sizeof(registers) / sizeof(registers[0]);
    size_t close = taken->size < NEAR_BYTES ? taken->size : NEAR_BYTES;

    memcpy(words, registers, sizeof(registers));
    for (size_t at = 0; at + 8 <= close && count < room; at += 8) {
        memcpy(&words[count++], taken->bytes + at, 8);
    }
    return count;
}

void hb_locks_of_thread(const struct hb_opened *opened,
                        const struct hb_taken *taken,
                        const struct hb_frame *frames, size_t count,
                        struct hb_teller *teller)
{
    uint64_t words[NEAR_BYTES / 8 + 16];
    struct hb_found_lock lock = { .pid = opened->pid, .tid = taken->seen.tid };

    if (!taken->has_context || !waits_in_section(frames, count)) {
        return;
    }
    size_t word_count = collect(taken, words, sizeof(words) / sizeof(words[0]));

    for (size_t i = 0; i < word_count; i++) {
        uint32_t owner = 0;

        if (words[i] == lock.address ||
            !is_held(opened, taken, words[i], &owner)) {
            continue;
        }
        if (lock.address != 0) {
            return; /* two that fit: neither is certain */
        }
        lock.address = words[i];
        lock.owner = owner;
    }
    if (lock.address != 0) {
        (void)hb_text_copy(lock.kind, sizeof(lock.kind), "critical section");
        hb_tell_lock(teller, &lock);
    }
}
