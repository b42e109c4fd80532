#include "postmortem/linux/words.h"

#include <stdlib.h>
#include <string.h>

#include <dwarf.h>

#include "base/text.h"
#include "postmortem/linux/demangle.h"

/* Places that are kept; those beyond are looked up again. A place is a
 * function in a function in a function at most so often. */
#define PLACES 4096u
#define DEPTH_MAX 16u
/* Scopes in one another, of a debug file that may hold anything. */
#define SCOPES_MAX 128u

struct place {
    uint64_t address;
    size_t count; /* of frames; 0: the slot is free */
    struct hb_frame *frames;
};

struct hb_words {
    size_t used;
    struct place places[PLACES]; /* by hash, the next free one after it */
};

struct hb_words *hb_words_new(void)
{
    return calloc(1, sizeof(struct hb_words));
}

void hb_words_free(struct hb_words *words)
{
    for (size_t i = 0; words != NULL && i < PLACES; i++) {
        free(words->places[i].frames);
    }
    free(words);
}

static struct place *find_place(struct hb_words *words, uint64_t address)
{
    size_t at = (size_t)((address * UINT64_C(0x9E3779B97F4A7C15)) >> 40);

    for (;; at++) {
        struct place *place = &words->places[at % PLACES];

        if (place->count == 0 || place->address == address) {
            return place;
        }
    }
}

static void keep(struct hb_words *words, struct place *place, uint64_t address,
                 const struct hb_frame *frames, size_t count)
{
    struct hb_frame *copy = NULL;

    if (words->used < PLACES / 2) {
        copy = malloc(count * sizeof(*copy));
    }
    if (copy == NULL) {
        return;
    }
    memcpy(copy, frames, count * sizeof(*copy));
    *place = (struct place){ address, count, copy };
    words->used++;
}

/* The trampoline of a signal is never called: the address that stands for it
 * is its first one, and the one before it is no code. */
static const char *find_symbol(Dwfl_Module *module, uint64_t address,
                               GElf_Off *offset)
{
    GElf_Sym symbol;
    const char *name = dwfl_module_addrinfo(module, address, offset, &symbol,
                                            NULL, NULL, NULL);

    if (name == NULL) {
        name = dwfl_module_addrinfo(module, address + 1, offset, &symbol, NULL,
                                    NULL, NULL);
        name = *offset == 0 ? name : NULL;
    }
    return name;
}

static void set_symbol(Dwfl_Module *module, struct hb_frame *frame)
{
    GElf_Off offset = 0;
    const char *name = find_symbol(module, frame->address, &offset);

    if (name == NULL || name[0] == '\0') {
        return;
    }
    /* glibc's own name of a function of its, and the version behind one:
     * whether they are there depends on which of the aliases comes first. What
     * begins with a point is the compiler's, for a copy or a part that it made
     * of the function ("wait.isra.0"). */
    if (strncmp(name, "__GI_", 5) == 0) {
        name += 5;
    }
    hb_demangle(name, 1 + strcspn(name + 1, "@."), frame->symbol,
                sizeof(frame->symbol));
    frame->symbol_offset = offset;
}

static void set_name(struct hb_frame *frame, Dwarf_Die *die)
{
    Dwarf_Attribute attribute;
    const char *name = dwarf_formstring(
        dwarf_attr_integrate(die, DW_AT_linkage_name, &attribute));

    if (name == NULL) {
        name = dwarf_diename(die);
    }
    if (name != NULL) {
        hb_demangle(name, strlen(name), frame->symbol, sizeof(frame->symbol));
    }
}

/* A file's name as the compiler was given it counts from where it ran. */
static void set_file(struct hb_frame *frame, Dwarf_Die *unit, const char *file)
{
    Dwarf_Attribute attribute;
    const char *folder = NULL;

    if (file == NULL) {
        return;
    }
    if (file[0] != '/' &&
        dwarf_attr(unit, DW_AT_comp_dir, &attribute) != NULL) {
        folder = dwarf_formstring(&attribute);
    }
    (void)hb_text_format(frame->file, sizeof(frame->file), "%s%s%s",
                         folder != NULL ? folder : "",
                         folder != NULL ? "/" : "", file);
}

static void set_line(struct hb_frame *frame, Dwarf_Die *unit, uint64_t address)
{
    Dwarf_Line *line = dwarf_getsrc_die(unit, address);
    int number = 0;

    if (line == NULL) {
        return;
    }
    set_file(frame, unit, dwarf_linesrc(line, NULL, NULL));
    if (dwarf_lineno(line, &number) == 0 && number > 0) {
        frame->line = (uint32_t)number;
    }
}

/* Where the function that is dissolved here was called. */
static void set_call(struct hb_frame *frame, Dwarf_Die *unit, Dwarf_Die *die)
{
    Dwarf_Attribute attribute;
    Dwarf_Files *files = NULL;
    size_t count = 0;
    Dwarf_Word number = 0;

    if (dwarf_formudata(dwarf_attr(die, DW_AT_call_line, &attribute),
                        &number) == 0) {
        frame->line = (uint32_t)number;
    }
    if (dwarf_formudata(dwarf_attr(die, DW_AT_call_file, &attribute),
                        &number) == 0 &&
        dwarf_getsrcfiles(unit, &files, &count) == 0 && number < count) {
        set_file(frame, unit, dwarf_filesrc(files, number, NULL, NULL));
    }
}

/* What has no addresses of its own and may hold functions. */
static bool is_container(int tag)
{
    return tag == DW_TAG_namespace || tag == DW_TAG_class_type ||
           tag == DW_TAG_structure_type || tag == DW_TAG_union_type;
}

static bool is_code(int tag)
{
    return tag == DW_TAG_subprogram || tag == DW_TAG_inlined_subroutine ||
           tag == DW_TAG_lexical_block || tag == DW_TAG_try_block ||
           tag == DW_TAG_catch_block;
}

/* dwarf_getscopes() passes over namespaces, in which clang leaves the bodies
 * of C++ functions, and leaves the order of the scopes at the first dissolved
 * function. */
static bool find_innermost(Dwarf_Die *around, uint64_t address, unsigned depth,
                           Dwarf_Die *out)
{
    Dwarf_Die child;

    if (depth == SCOPES_MAX || dwarf_child(around, &child) != 0) {
        return false;
    }
    do {
        int tag = dwarf_tag(&child);
        bool inside = is_code(tag) && dwarf_haspc(&child, address) > 0;

        if ((inside || is_container(tag)) &&
            find_innermost(&child, address, depth + 1, out)) {
            return true;
        }
        if (inside) {
            *out = child;
            return true;
        }
    } while (dwarf_siblingof(&child, &child) == 0);
    return false;
}

/* The scopes around the innermost one, as they lie in one another. */
static int find_scopes(Dwarf_Die *unit, uint64_t address, Dwarf_Die **out)
{
    Dwarf_Die innermost;
    int count = 0;

    if (find_innermost(unit, address, 0, &innermost)) {
        count = dwarf_getscopes_die(&innermost, out);
    }
    return count > 0 ? count : 0;
}

/* `frames[0]` has address, symbol and line of the real function; others are
 * put before it. */
static size_t dissolve(Dwarf_Die *unit, uint64_t address,
                       struct hb_frame *frames, size_t room)
{
    Dwarf_Die *scopes = NULL;
    int scope_count = find_scopes(unit, address, &scopes);
    struct hb_frame real = frames[0];
    size_t count = 0;

    for (int i = 0; i < scope_count; i++) {
        int tag = dwarf_tag(&scopes[i]);

        if (tag == DW_TAG_subprogram) {
            if (real.symbol[0] == '\0') {
                set_name(&real, &scopes[i]);
            }
            break;
        }
        if (tag != DW_TAG_inlined_subroutine || count + 1 >= room) {
            continue;
        }
        frames[count] = real;
        frames[count].is_inlined = true;
        frames[count].symbol_offset = 0;
        set_name(&frames[count], &scopes[i]);
        count++;
        set_call(&real, unit, &scopes[i]);
    }
    free(scopes);
    frames[count] = real;
    return count + 1;
}

/* For units that .debug_aranges does not list: clang writes none. */
static Dwarf_Die *find_unlisted_unit(Dwfl_Module *module, uint64_t address,
                                     Dwarf_Addr *out_bias)
{
    Dwarf_Die *unit = NULL;

    while ((unit = dwfl_module_nextcu(module, unit, out_bias)) != NULL) {
        if (dwarf_haspc(unit, address - *out_bias) > 0) {
            return unit;
        }
    }
    return NULL;
}

static size_t look_up(struct hb_unwinder *unwinder, uint64_t address,
                      struct hb_frame *frames, size_t room)
{
    Dwfl_Module *module = dwfl_addrmodule(unwinder->dwfl, address);
    Dwarf_Addr start = 0;
    GElf_Addr bias = 0;

    memset(&frames[0], 0, sizeof(frames[0]));
    frames[0].address = address;
    frames[0].module = HB_NO_MODULE;
    if (module == NULL) {
        return 1;
    }
    (void)dwfl_module_info(module, NULL, &start, NULL, NULL, NULL, NULL, NULL);
    bool has_file = dwfl_module_getelf(module, &bias) != NULL;
    frames[0].offset = address - (has_file ? bias : start);
    set_symbol(module, &frames[0]);

    Dwarf_Addr unit_bias = 0;
    Dwarf_Die *unit = dwfl_module_addrdie(module, address, &unit_bias);

    if (unit == NULL) {
        unit = find_unlisted_unit(module, address, &unit_bias);
    }
    if (unit == NULL) {
        return 1;
    }
    set_line(&frames[0], unit, address - unit_bias);
    return dissolve(unit, address - unit_bias, frames, room);
}

size_t hb_words_find(struct hb_unwinder *unwinder, uint64_t address,
                     struct hb_frame *frames, size_t room)
{
    struct hb_frame found[DEPTH_MAX];
    struct place *place = find_place(unwinder->words, address);
    size_t count = place->count;

    if (count == 0) {
        count = look_up(unwinder, address, found, DEPTH_MAX);
        keep(unwinder->words, place, address, found, count);
        count = count < room ? count : room;
        memcpy(frames, found, count * sizeof(found[0]));
        return count;
    }
    count = count < room ? count : room;
    memcpy(frames, place->frames, count * sizeof(frames[0]));
    return count;
}
