#include "postmortem/linux/unwind.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/text.h"
#include "os/linux/stat.h"
#include "postmortem/linux/symbol_files.h"
#include "postmortem/linux/unwind_parts.h"
#include "postmortem/linux/words.h"

/* Room for copies of stacks. Few stacks are deeper than a page or two where
 * they stand; one that is may take what others leave. */
#define POOL_BASE ((size_t)2 << 20)
#define POOL_A_THREAD ((size_t)32 << 10)
#define POOL_MAX ((size_t)16 << 20)
#define STACK_MAX ((size_t)512 << 10)
#define STACK_NEW ((size_t)16 << 10)
#define STACK_SURE ((size_t)4 << 10)

static const Dwfl_Callbacks callbacks = {
    .find_elf = hb_find_elf,
    .find_debuginfo = hb_find_debug,
};

/* A thread whose maps can be read: those of a leader that has ended are
 * empty. */
static pid_t find_mapped_thread(pid_t pid, struct hb_maps *maps,
                                struct hb_error *err)
{
    char path[32];
    pid_t found = pid;

    (void)snprintf(path, sizeof(path), "/proc/%d", (int)pid);
    if (access(path, F_OK) != 0) {
        (void)hb_proc_fail_gone((uint32_t)pid, err);
        return -1;
    }
    if (!hb_maps_read(pid, maps, err)) {
        return -1;
    }
    if (maps->count > 0) {
        return pid;
    }
    (void)snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
    DIR *folder = opendir(path);
    for (struct dirent *entry; folder != NULL && maps->count == 0 &&
                               found == pid &&
                               (entry = readdir(folder)) != NULL;) {
        const char *at = entry->d_name;
        uint64_t tid = 0;

        if (hb_proc_number(&at, &tid)) {
            hb_maps_free(maps);
            (void)hb_maps_read((pid_t)tid, maps, err);
            found = maps->count > 0 ? (pid_t)tid : pid;
        }
    }
    if (folder != NULL) {
        (void)closedir(folder);
    }
    return found;
}

static int count_module(Dwfl_Module *module, void **user_data, const char *name,
                        Dwarf_Addr base, void *argument)
{
    (void)module;
    (void)user_data;
    (void)name;
    (void)base;
    (*(size_t *)argument)++;
    return DWARF_CB_OK;
}

static int note_module(Dwfl_Module *module, void **user_data, const char *name,
                       Dwarf_Addr base, void *argument)
{
    struct hb_unwinder *unwinder = argument;
    struct hb_module_note *note = &unwinder->notes[unwinder->note_count++];

    (void)module;
    (void)name;
    (void)base;
    note->unwinder = unwinder;
    *user_data = note;
    return DWARF_CB_OK;
}

bool hb_unwinder_note_modules(struct hb_unwinder *unwinder,
                              struct hb_error *err)
{
    size_t count = 0;

    (void)dwfl_getmodules(unwinder->dwfl, count_module, &count, 0);
    unwinder->notes = calloc(count + 1, sizeof(unwinder->notes[0]));
    if (unwinder->notes == NULL) {
        return hb_fail(err, HB_ERR_INTERNAL, ENOMEM,
                       "cannot list the modules of process %u", unwinder->pid);
    }
    (void)dwfl_getmodules(unwinder->dwfl, note_module, unwinder, 0);
    return true;
}

static bool report_modules(struct hb_unwinder *unwinder, struct hb_error *err)
{
    dwfl_report_begin(unwinder->dwfl);
    int result = dwfl_linux_proc_report(unwinder->dwfl, unwinder->tid);
    if (result != 0 || dwfl_report_end(unwinder->dwfl, NULL, NULL) != 0) {
        return hb_fail(err, HB_ERR_READ, result > 0 ? result : 0,
                       "cannot list the modules of process %u", unwinder->pid);
    }
    return hb_unwinder_note_modules(unwinder, err);
}

struct hb_unwinder *hb_unwinder_new(uint32_t pid)
{
    struct hb_unwinder *unwinder = calloc(1, sizeof(*unwinder));

    if (unwinder == NULL) {
        return NULL;
    }
    unwinder->pid = pid;
    unwinder->tid = (pid_t)pid;
    unwinder->file = -1;
    unwinder->dwfl = dwfl_begin(&callbacks);
    unwinder->words = hb_words_new();
    if (unwinder->dwfl == NULL || unwinder->words == NULL) {
        hb_unwinder_free(unwinder);
        return NULL;
    }
    return unwinder;
}

bool hb_unwinder_of_process(pid_t pid, struct hb_unwinder **out,
                            struct hb_error *err)
{
    struct hb_unwinder *unwinder = hb_unwinder_new((uint32_t)pid);

    if (unwinder == NULL) {
        return hb_fail(err, HB_ERR_INTERNAL, ENOMEM,
                       "cannot walk the stacks of process %d", (int)pid);
    }
    unwinder->tid = find_mapped_thread(pid, &unwinder->maps, err);
    if (unwinder->tid < 0 || !report_modules(unwinder, err) ||
        !hb_unwinder_attach(unwinder, err)) {
        hb_unwinder_free(unwinder);
        return false;
    }
    *out = unwinder;
    return true;
}

void hb_unwinder_crashed(struct hb_unwinder *unwinder, uint32_t tid)
{
    unwinder->crashed = tid;
}

static void free_pool(struct hb_unwinder *unwinder)
{
    if (unwinder->pool != NULL) {
        (void)munmap(unwinder->pool, unwinder->pool_size);
    }
    unwinder->pool = NULL;
    unwinder->pool_size = 0;
}

bool hb_unwinder_prepare(struct hb_unwinder *unwinder, struct hb_error *err)
{
    struct hb_stat stat = { 0 };
    size_t size = POOL_BASE;

    free_pool(unwinder);
    if (hb_stat_read_process(unwinder->pid, &stat)) {
        size += stat.threads * POOL_A_THREAD;
    }
    size = size < POOL_MAX ? size : POOL_MAX;
    void *pool = mmap(NULL, size, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (pool == MAP_FAILED) {
        return hb_fail(err, HB_ERR_INTERNAL, errno,
                       "cannot keep the stacks of process %u", unwinder->pid);
    }
    unwinder->pool = pool;
    unwinder->pool_size = size;
    return true;
}

void hb_walks_free(struct hb_walks *walks)
{
    for (size_t i = 0; i < walks->count; i++) {
        free(walks->items[i].addresses);
    }
    free(walks->items);
    *walks = (struct hb_walks){ 0 };
}

void hb_unwinder_free(struct hb_unwinder *unwinder)
{
    if (unwinder == NULL) {
        return;
    }
    if (unwinder->dwfl != NULL) {
        dwfl_end(unwinder->dwfl);
    }
    if (unwinder->core != NULL) {
        (void)elf_end(unwinder->core);
    }
    if (unwinder->file >= 0) {
        (void)close(unwinder->file);
    }
    free_pool(unwinder);
    hb_walks_free(&unwinder->walks);
    hb_walks_free(&unwinder->before);
    hb_words_free(unwinder->words);
    hb_maps_free(&unwinder->maps);
    free(unwinder->notes);
    free(unwinder);
}

static struct hb_registers in_dwarf_order(const struct user_regs_struct *from)
{
    return (struct hb_registers){
        .values = { from->rax, from->rdx, from->rcx, from->rbx, from->rsi,
                    from->rdi, from->rbp, from->rsp, from->r8, from->r9,
                    from->r10, from->r11, from->r12, from->r13, from->r14,
                    from->r15, from->rip }
    };
}

static void copy_facts(struct hb_walk *walk,
                       const struct hb_target_thread *thread)
{
    walk->tid = (uint32_t)thread->tid;
    walk->state = thread->state;
    if (thread->stop_signal != 0) {
        walk->state = 'T';
    }
    walk->cpu_us = thread->cpu_us;
    walk->has_registers = thread->has_registers;
    (void)hb_text_copy(walk->name, sizeof(walk->name), thread->name);
    if (thread->has_registers) {
        walk->registers = in_dwarf_order(&thread->registers);
    }
}

/* What can be had with one call. hb_memory_read() would ask a second time, to
 * learn that the stack really ends there. */
static size_t read_once(pid_t tid, uint64_t address, void *bytes, size_t size)
{
    struct iovec here = { bytes, size };
    struct iovec there = { (void *)(uintptr_t)address, size };
    ssize_t got = process_vm_readv(tid, &here, 1, &there, 1, 0);

    return got > 0 ? (size_t)got : 0;
}

/* From rsp to where its mapping ends: other things may lie right behind a
 * stack. The stack of a thread that is new since the maps were read is taken
 * for a small one. */
static size_t size_of_stack(const struct hb_unwinder *unwinder, uint64_t rsp)
{
    const struct hb_mapping *mapping = hb_maps_find(&unwinder->maps, rsp);
    uint64_t size = mapping != NULL ? mapping->end - rsp : STACK_NEW;

    return size < STACK_MAX ? (size_t)size : STACK_MAX;
}

/* Takes what is left of the pool but for a page of each thread to come. */
static size_t copy_stack(struct hb_unwinder *unwinder, struct hb_walk *walk,
                         size_t at, size_t threads_to_come)
{
    uint64_t rsp = walk->registers.values[HB_REGISTER_RSP];
    size_t wanted = size_of_stack(unwinder, rsp);
    size_t left = unwinder->pool_size - at;
    size_t kept = threads_to_come * STACK_SURE;
    size_t size = left > kept + STACK_SURE ? left - kept : STACK_SURE;

    size = size < wanted ? size : wanted;
    size = size < left ? size : left;
    walk->stack = unwinder->pool + at;
    walk->stack_size = read_once(unwinder->tid, rsp, unwinder->pool + at, size);
    return walk->stack_size;
}

bool hb_unwinder_copy(struct hb_unwinder *unwinder,
                      const struct hb_target *target, struct hb_error *err)
{
    size_t count = hb_target_count(target);
    struct hb_walk *items = calloc(count + 1, sizeof(*items));
    size_t at = 0;

    if (items == NULL) {
        return hb_fail(err, HB_ERR_INTERNAL, ENOMEM,
                       "cannot keep the threads of process %u", unwinder->pid);
    }
    errno = 0;
    for (size_t i = 0; i < count; i++) {
        copy_facts(&items[i], hb_target_thread(target, i));
        items[i].crashed = items[i].tid == unwinder->crashed;
        if (items[i].has_registers) {
            at += copy_stack(unwinder, &items[i], at, count - i - 1);
        }
    }
    if (at == 0 && hb_memory_is_refused((pid_t)unwinder->pid, errno, err)) {
        free(items);
        return false;
    }
    hb_walks_free(&unwinder->before);
    unwinder->before = unwinder->walks;
    unwinder->walks = (struct hb_walks){ items, count };
    return true;
}
