#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/procfs.h>
#include <unistd.h>

#include "base/text.h"
#include "postmortem/linux/inflate.h"
#include "postmortem/linux/unwind_parts.h"

#define SIGINFO_ADDRESS 16u /* of si_addr in what NT_SIGINFO holds */
#define SIGINFO_CODE 8u     /* of si_code */
#define STACK_REGISTER 19   /* rsp in pr_reg */
#define THREADS_MAX 65536u

struct notes {
    struct hb_unwinder *unwinder;
    uint32_t crashed; /* the thread that the core is of */
};

static void take_note(struct notes *notes, const GElf_Nhdr *note,
                      const char *bytes)
{
    struct hb_found_exception *exception = &notes->unwinder->exception;

    if (note->n_type == NT_PRSTATUS && notes->crashed == 0 &&
        note->n_descsz >= sizeof(struct elf_prstatus)) {
        struct elf_prstatus status;

        memcpy(&status, bytes, sizeof(status));
        notes->crashed = (uint32_t)status.pr_pid;
        exception->tid = notes->crashed;
        exception->code = (uint32_t)status.pr_cursig;
        exception->stack = status.pr_reg[STACK_REGISTER];
        notes->unwinder->has_exception = status.pr_cursig > 0;
    } else if (note->n_type == NT_PRPSINFO &&
               note->n_descsz >= sizeof(struct elf_prpsinfo)) {
        struct elf_prpsinfo info;

        memcpy(&info, bytes, sizeof(info));
        notes->unwinder->pid = (uint32_t)info.pr_pid;
    } else if (note->n_type == NT_SIGINFO &&
               note->n_descsz >= SIGINFO_ADDRESS + sizeof(uint64_t)) {
        memcpy(&exception->reason, bytes + SIGINFO_CODE, sizeof(uint32_t));
        memcpy(&exception->address, bytes + SIGINFO_ADDRESS, sizeof(uint64_t));
    }
}

static void take_segment(struct notes *notes, const GElf_Phdr *segment)
{
    Elf_Data *data = elf_getdata_rawchunk(
        notes->unwinder->core, (int64_t)segment->p_offset, segment->p_filesz,
        segment->p_align == 8 ? ELF_T_NHDR8 : ELF_T_NHDR);
    size_t at = 0;
    size_t name = 0;
    size_t bytes = 0;
    GElf_Nhdr note;

    while (data != NULL &&
           (at = gelf_getnote(data, at, &note, &name, &bytes)) > 0) {
        if (note.n_namesz == sizeof("CORE") &&
            memcmp((char *)data->d_buf + name, "CORE", sizeof("CORE")) == 0) {
            take_note(notes, &note, (const char *)data->d_buf + bytes);
        }
    }
}

static void take_notes(struct notes *notes)
{
    size_t count = 0;
    GElf_Phdr segment;

    (void)elf_getphdrnum(notes->unwinder->core, &count);
    for (size_t i = 0; i < count; i++) {
        if (gelf_getphdr(notes->unwinder->core, (int)i, &segment) != NULL &&
            segment.p_type == PT_NOTE) {
            take_segment(notes, &segment);
        }
    }
    notes->unwinder->exception.pid = notes->unwinder->pid;
}

static struct hb_walk *add_walk(struct hb_walks *walks)
{
    struct hb_walk *items = NULL;

    if (walks->count < THREADS_MAX) {
        items = realloc(walks->items, (walks->count + 1) * sizeof(*items));
    }
    if (items == NULL) {
        return NULL;
    }
    walks->items = items;
    return &items[walks->count++];
}

static int walk_thread(Dwfl_Thread *thread, void *argument)
{
    struct notes *notes = argument;
    struct hb_frames frames = { .unwinder = notes->unwinder };
    struct hb_walk *walk = add_walk(&notes->unwinder->walks);

    if (walk == NULL) {
        return DWARF_CB_ABORT;
    }
    *walk = (struct hb_walk){ .tid = (uint32_t)dwfl_thread_tid(thread) };
    walk->crashed =
        notes->unwinder->has_exception && walk->tid == notes->crashed;
    int result = dwfl_thread_getframes(thread, hb_frames_take, &frames);
    hb_frames_end(&frames, result, walk);
    return DWARF_CB_OK;
}

static bool open_core(struct hb_unwinder *unwinder, const char *path,
                      struct hb_error *err)
{
    if (!hb_inflate_open(path, &unwinder->file, err)) {
        return false;
    }
    (void)elf_version(EV_CURRENT);
    unwinder->core = elf_begin(unwinder->file, ELF_C_READ_MMAP, NULL);

    GElf_Ehdr header;

    if (unwinder->core == NULL ||
        gelf_getehdr(unwinder->core, &header) == NULL ||
        header.e_type != ET_CORE) {
        return hb_fail(err, HB_ERR_READ, 0, "'%s' is no core file", path);
    }
    return true;
}

static bool report_core(struct hb_unwinder *unwinder, const char *path,
                        struct hb_error *err)
{
    dwfl_report_begin(unwinder->dwfl);
    if (dwfl_core_file_report(unwinder->dwfl, unwinder->core, NULL) < 0 ||
        dwfl_report_end(unwinder->dwfl, NULL, NULL) != 0) {
        return hb_fail(err, HB_ERR_READ, 0, "cannot list modules of '%s': %s",
                       path, dwfl_errmsg(-1));
    }
    return hb_unwinder_note_modules(unwinder, err);
}

static bool walk_core(struct hb_unwinder *unwinder, const char *path,
                      struct hb_error *err)
{
    struct notes notes = { .unwinder = unwinder };

    take_notes(&notes);
    if (dwfl_core_file_attach(unwinder->dwfl, unwinder->core) < 0 ||
        dwfl_getthreads(unwinder->dwfl, walk_thread, &notes) < 0) {
        return hb_fail(err, HB_ERR_READ, 0, "cannot list threads of '%s': %s",
                       path, dwfl_errmsg(-1));
    }
    return true;
}

bool hb_unwinder_of_file(const char *path, struct hb_unwinder **out,
                         struct hb_error *err)
{
    struct hb_unwinder *unwinder = hb_unwinder_new(0);

    if (unwinder == NULL) {
        return hb_fail(err, HB_ERR_INTERNAL, ENOMEM,
                       "cannot walk the stacks of '%s'", path);
    }
    if (!open_core(unwinder, path, err) || !report_core(unwinder, path, err) ||
        !walk_core(unwinder, path, err)) {
        hb_unwinder_free(unwinder);
        return false;
    }
    *out = unwinder;
    return true;
}
