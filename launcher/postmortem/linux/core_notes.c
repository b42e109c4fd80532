/* The notes, in the order in which the kernel has them. */
#include <elf.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/procfs.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/linux/stat.h"
#include "postmortem/linux/core_source.h"

#define STATE_ROOM 65536u /* of XSTATE: 11 KiB with everything there is */

static void pad(struct hb_buffer *notes)
{
    static const char zeros[4];

    hb_buffer_add(notes, zeros, (4 - notes->size % 4) % 4);
}

static void add(struct hb_buffer *notes, const char *name, uint32_t type,
                const void *bytes, size_t size)
{
    Elf64_Nhdr head = { (uint32_t)strlen(name) + 1, (uint32_t)size, type };

    hb_buffer_add(notes, (const char *)&head, sizeof(head));
    hb_buffer_add(notes, name, head.n_namesz);
    pad(notes);
    hb_buffer_add(notes, bytes, size);
    pad(notes);
}

/* What registers hold, and words of the command line, may be secret too. */
static void add_blanked(const struct hb_core_source *source,
                        struct hb_buffer *notes, uint32_t type, void *bytes,
                        size_t size)
{
    (void)hb_secrets_blank(source->known->secrets, bytes, size);
    add(notes, type == NT_X86_XSTATE ? "LINUX" : "CORE", type, bytes, size);
}

static void add_status(const struct hb_core_source *source,
                       const struct hb_target_thread *thread,
                       struct hb_buffer *notes)
{
    struct elf_prstatus status;
    pid_t pid = hb_target_pid(source->target);
    int signal = source->wish->signal; /* the same of all, as the kernel does:
                                          gdb takes that of the last */

    memset(&status, 0, sizeof(status));
    status.pr_info.si_signo = signal;
    status.pr_cursig = (short)signal;
    status.pr_pid = thread->tid;
    status.pr_pgrp = getpgid(pid);
    status.pr_sid = getsid(pid);
    status.pr_utime.tv_sec = (long)(thread->cpu_us / 1000000u);
    status.pr_utime.tv_usec = (long)(thread->cpu_us % 1000000u);
    status.pr_fpvalid = 1;
    _Static_assert(sizeof(status.pr_reg) == sizeof(thread->registers),
                   "one set of registers");
    memcpy(&status.pr_reg, &thread->registers, sizeof(status.pr_reg));
    add_blanked(source, notes, NT_PRSTATUS, &status, sizeof(status));
}

/* Arguments, with blanks between them. */
static void read_arguments(pid_t pid, char *target, size_t size)
{
    char path[40];

    (void)snprintf(path, sizeof(path), "%d/cmdline", (int)pid);
    size_t got = hb_proc_read(path, target, size);
    for (size_t i = 0; i + 1 < got; i++) {
        if (target[i] == '\0') {
            target[i] = ' ';
        }
    }
}

static void add_process(const struct hb_core_source *source,
                        struct hb_buffer *notes)
{
    static const char letters[] = "RSDTZW";
    struct elf_prpsinfo process;
    struct hb_stat stat = { 0 };
    struct stat about = { 0 };
    pid_t pid = hb_target_pid(source->target);
    char path[40];

    memset(&process, 0, sizeof(process));
    (void)hb_stat_read_process((uint32_t)pid, &stat);
    (void)snprintf(path, sizeof(path), "/proc/%d", (int)pid);
    (void)lstat(path, &about);
    char state = hb_target_thread(source->target, source->first)->state;
    const char *letter = strchr(letters, state);
    process.pr_state = (char)(letter != NULL ? letter - letters : 0);
    process.pr_sname = state;
    process.pr_zomb = (char)(state == 'Z');
    process.pr_nice = (char)getpriority(PRIO_PROCESS, (id_t)pid);
    process.pr_uid = about.st_uid;
    process.pr_gid = about.st_gid;
    process.pr_pid = pid;
    process.pr_ppid = (int)stat.ppid;
    process.pr_pgrp = getpgid(pid);
    process.pr_sid = getsid(pid);
    memcpy(process.pr_fname, stat.name,
           strnlen(stat.name, sizeof(process.pr_fname) - 1));
    read_arguments(source->tid, process.pr_psargs, sizeof(process.pr_psargs));
    add_blanked(source, notes, NT_PRPSINFO, &process, sizeof(process));
}

static void add_signal(const struct hb_core_source *source,
                       struct hb_buffer *notes)
{
    siginfo_t info;

    memset(&info, 0, sizeof(info));
    info.si_signo = source->wish->signal;
    add(notes, "CORE", NT_SIGINFO, &info, sizeof(info));
}

static void add_word(struct hb_buffer *buffer, uint64_t word)
{
    hb_buffer_add(buffer, (const char *)&word, sizeof(word));
}

static bool is_file(const struct hb_mapping *mapping)
{
    return mapping->inode != 0 && mapping->path[0] == '/';
}

/* Which file lies where: a count, the size of a page, three words for each
 * (start, end, offset in pages), and then the names. */
static bool add_files(const struct hb_core_source *source,
                      struct hb_buffer *notes)
{
    struct hb_buffer words = { 0 };
    struct hb_buffer names = { 0 };
    uint64_t count = 0;

    for (size_t i = 0; i < source->maps.count; i++) {
        count += is_file(&source->maps.items[i]);
    }
    add_word(&words, count);
    add_word(&words, HB_CORE_PAGE);
    for (size_t i = 0; i < source->maps.count; i++) {
        const struct hb_mapping *mapping = &source->maps.items[i];

        if (is_file(mapping)) {
            add_word(&words, mapping->start);
            add_word(&words, mapping->end);
            add_word(&words, mapping->file_offset / HB_CORE_PAGE);
            hb_buffer_add(&names, mapping->path, strlen(mapping->path) + 1);
        }
    }
    hb_buffer_add(&words, names.bytes, names.size);
    add(notes, "CORE", NT_FILE, words.bytes, words.size);
    bool fine = !words.failed && !names.failed;
    hb_buffer_free(&words);
    hb_buffer_free(&names);
    return fine;
}

static void add_states(const struct hb_core_source *source, size_t i,
                       char *room, struct hb_buffer *notes)
{
    static const uint32_t types[] = { NT_FPREGSET, NT_X86_XSTATE };

    for (size_t k = 0; k < sizeof(types) / sizeof(types[0]); k++) {
        size_t size =
            hb_target_registers(source->target, i, types[k], room, STATE_ROOM);

        if (size > 0) {
            add_blanked(source, notes, types[k], room, size);
        }
    }
}

static void add_thread(const struct hb_core_source *source, size_t i,
                       char *room, struct hb_buffer *notes)
{
    const struct hb_target_thread *thread = hb_target_thread(source->target, i);

    if (thread->has_registers && i != source->first) {
        add_status(source, thread, notes);
        add_states(source, i, room, notes);
    }
}

bool hb_core_notes(const struct hb_core_source *source, struct hb_buffer *notes,
                   struct hb_error *err)
{
    char *room = malloc(STATE_ROOM);

    if (room == NULL) {
        notes->failed = true;
    } else {
        add_status(source, hb_target_thread(source->target, source->first),
                   notes);
        add_process(source, notes);
        add_signal(source, notes);
        add(notes, "CORE", NT_AUXV, source->known->auxv.bytes,
            source->known->auxv.size);
        notes->failed = !add_files(source, notes) || notes->failed;
        add_states(source, source->first, room, notes);
        for (size_t i = 0; i < hb_target_count(source->target); i++) {
            add_thread(source, i, room, notes);
        }
        free(room);
    }
    return !notes->failed || hb_fail(err, HB_ERR_INTERNAL, ENOMEM,
                                     "cannot keep the notes of process %d",
                                     (int)hb_target_pid(source->target));
}
