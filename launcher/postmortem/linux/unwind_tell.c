#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "postmortem/linux/symbol_files.h"
#include "postmortem/linux/unwind_parts.h"
#include "postmortem/linux/words.h"

/* A stop and a continuation cost a thread some processor time themselves. */
#define OWN_CPU_US 1000u

static const char *word_of_state(char letter)
{
    switch (letter) {
    case 'R':
        return "running";
    case 'S':
    case 'I':
        return "sleeping";
    case 'D':
        return "uninterruptible";
    case 'T':
        return "stopped";
    case 't':
        return "traced";
    case 'Z':
    case 'X':
        return "dead";
    default:
        return "";
    }
}

static void describe(Dwfl_Module *module, struct hb_module *out)
{
    Dwarf_Addr start = 0;
    Dwarf_Addr end = 0;
    const char *file = NULL;
    const char *debug = NULL;
    const char *name =
        dwfl_module_info(module, NULL, &start, &end, NULL, NULL, &file, &debug);

    *out = (struct hb_module){ .base = start, .size = end - start };
    /* libdw adds the process to it, or has the name that is in a core. */
    if (strncmp(name, "[vdso", 5) == 0 ||
        strncmp(name, "linux-vdso", 10) == 0) {
        name = "[vdso]";
        file = NULL;
    }
    (void)hb_text_copy(out->path, sizeof(out->path),
                       file != NULL ? file : name);
    (void)hb_text_copy(out->debug, sizeof(out->debug), debug);
    hb_build_id(module, out->id, sizeof(out->id));
}

static uint32_t tell_module(Dwfl_Module *module, struct hb_teller *teller)
{
    void **user_data = NULL;

    (void)dwfl_module_info(module, &user_data, NULL, NULL, NULL, NULL, NULL,
                           NULL);
    struct hb_module_note *note = *user_data;
    if (!note->is_told) {
        struct hb_module found;

        describe(module, &found);
        note->index = hb_tell_module(teller, &found);
        note->is_told = true;
    }
    return note->index;
}

/* Fonts and tables are mapped too; only what is an ELF file is a module. */
static int tell_if_new(Dwfl_Module *module, void **user_data, const char *name,
                       Dwarf_Addr base, void *argument)
{
    GElf_Addr bias = 0;

    (void)user_data;
    (void)name;
    (void)base;
    if (dwfl_module_getelf(module, &bias) != NULL) {
        (void)tell_module(module, argument);
    }
    return DWARF_CB_OK;
}

/* The thread's frames in words, into the unwinder's room for them. */
static size_t find_frames(struct hb_unwinder *unwinder,
                          const struct hb_walk *walk, struct hb_teller *teller)
{
    size_t count = 0;

    for (size_t i = 0; i < walk->count && count < HB_FRAMES_MAX; i++) {
        Dwfl_Module *module =
            dwfl_addrmodule(unwinder->dwfl, walk->addresses[i]);
        size_t more =
            hb_words_find(unwinder, walk->addresses[i],
                          &unwinder->frames[count], HB_FRAMES_MAX - count);

        for (size_t end = count + more; module != NULL && count < end;
             count++) {
            unwinder->frames[count].module = tell_module(module, teller);
        }
        count += module == NULL ? more : 0;
    }
    return count;
}

static const struct hb_walk *find_before(const struct hb_unwinder *unwinder,
                                         uint32_t tid)
{
    for (size_t i = 0; i < unwinder->before.count; i++) {
        if (unwinder->before.items[i].tid == tid) {
            return &unwinder->before.items[i];
        }
    }
    return NULL;
}

static bool has_moved(const struct hb_unwinder *unwinder,
                      const struct hb_walk *walk)
{
    const struct hb_walk *before = find_before(unwinder, walk->tid);

    if (before == NULL || walk->cpu_us > before->cpu_us + OWN_CPU_US ||
        walk->count != before->count ||
        walk->registers.values[HB_REGISTER_RSP] !=
            before->registers.values[HB_REGISTER_RSP]) {
        return true;
    }
    return walk->count > 0 &&
           memcmp(walk->addresses, before->addresses,
                  walk->count * sizeof(walk->addresses[0])) != 0;
}

static void tell_thread(struct hb_unwinder *unwinder,
                        const struct hb_walk *walk, uint32_t sample,
                        struct hb_teller *teller)
{
    struct hb_found_thread thread = {
        .pid = unwinder->pid,
        .tid = walk->tid,
        .sample = sample,
        .crashed = walk->crashed,
        .moved = sample > 0 && has_moved(unwinder, walk),
        .frames = unwinder->frames,
        .frame_count = find_frames(unwinder, walk, teller),
    };

    (void)hb_text_copy(thread.name, sizeof(thread.name), walk->name);
    (void)hb_text_copy(thread.state, sizeof(thread.state),
                       word_of_state(walk->state));
    (void)hb_text_copy(thread.cut_short, sizeof(thread.cut_short),
                       walk->cut_short);
    hb_tell_thread(teller, &thread);
}

size_t hb_unwinder_tell(struct hb_unwinder *unwinder, uint32_t sample,
                        struct hb_teller *teller)
{
    for (size_t i = 0; i < unwinder->walks.count; i++) {
        struct hb_walk *walk = &unwinder->walks.items[i];

        if (unwinder->file < 0) {
            hb_unwinder_walk(unwinder, walk);
        }
        tell_thread(unwinder, walk, sample, teller);
    }
    if (unwinder->has_exception) {
        hb_tell_exception(teller, &unwinder->exception);
    }
    if (sample == 0) {
        (void)dwfl_getmodules(unwinder->dwfl, tell_if_new, teller, 0);
    }
    return unwinder->walks.count;
}
