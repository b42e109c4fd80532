#include "postmortem/linux/unwritten.h"

#include <string.h>

#include "base/text.h"
#include "postmortem/linux/unwind_parts.h"

/* struct _IO_FILE of glibc with 64-bit pointers, which is part of its binary
 * interface. */
enum {
    FILE_FLAGS = 0,
    FILE_WRITE_BASE = 32,
    FILE_WRITE_PTR = 40,
    FILE_BUFFER_BASE = 56,
    FILE_BUFFER_END = 64,
    FILE_SIZE = 72,
};
#define FILE_MAGIC 0xFBAD0000u
#define FILE_MAGIC_MASK 0xFFFF0000u
/* A buffer beyond this is somebody else's memory. */
#define BUFFER_MAX (UINT64_C(64) << 20)

static const struct {
    const char *symbol;
    enum hb_stream stream;
} files[] = {
    { "_IO_2_1_stdout_", HB_STDOUT },
    { "_IO_2_1_stderr_", HB_STDERR },
};
#define FILE_COUNT (sizeof(files) / sizeof(files[0]))

struct search {
    bool anywhere;                  /* not in a shared C library only */
    bool found_shared;              /* there is one */
    uint64_t addresses[FILE_COUNT]; /* 0: not found */
};

static bool is_shared_libc(const char *name)
{
    name = hb_text_base_name(name, false);
    return strncmp(name, "libc.so", 7) == 0 || strncmp(name, "libc-", 5) == 0;
}

static int search_module(Dwfl_Module *module, void **user_data,
                         const char *name, Dwarf_Addr base, void *argument)
{
    struct search *search = argument;
    bool is_shared = is_shared_libc(name);
    int count =
        search->anywhere || is_shared ? dwfl_module_getsymtab(module) : 0;

    (void)user_data;
    (void)base;
    search->found_shared = search->found_shared || is_shared;
    for (int i = 0; i < count; i++) {
        GElf_Sym symbol;
        GElf_Addr address = 0;
        const char *found = dwfl_module_getsym_info(module, i, &symbol,
                                                    &address, NULL, NULL, NULL);

        for (size_t j = 0; found != NULL && j < FILE_COUNT; j++) {
            if (symbol.st_shndx != SHN_UNDEF &&
                strcmp(found, files[j].symbol) == 0) {
                search->addresses[j] = address;
            }
        }
    }
    return DWARF_CB_OK;
}

static bool read_core(Elf *core, uint64_t address, void *bytes, size_t size)
{
    size_t count = 0;

    (void)elf_getphdrnum(core, &count);
    for (size_t i = 0; i < count; i++) {
        GElf_Phdr part;

        if (gelf_getphdr(core, (int)i, &part) == NULL ||
            part.p_type != PT_LOAD || address < part.p_vaddr ||
            address - part.p_vaddr > part.p_filesz ||
            size > part.p_filesz - (address - part.p_vaddr)) {
            continue;
        }
        Elf_Data *data = elf_getdata_rawchunk(
            core, (int64_t)(part.p_offset + (address - part.p_vaddr)), size,
            ELF_T_BYTE);

        if (data != NULL && data->d_size == size) {
            memcpy(bytes, data->d_buf, size);
            return true;
        }
    }
    return false;
}

static bool read_memory(const struct hb_unwinder *unwinder, uint64_t address,
                        void *bytes, size_t size)
{
    return unwinder->core != NULL
               ? read_core(unwinder->core, address, bytes, size)
               : hb_memory_read((pid_t)unwinder->pid, address, bytes, size) ==
                     size;
}

static uint64_t pointer_at(const unsigned char *file, size_t offset)
{
    uint64_t value;

    memcpy(&value, file + offset, sizeof(value));
    return value;
}

/* How many bytes wait from `*out_from` on; 0 also if this is no such file. */
static uint64_t waiting(const unsigned char *file, uint64_t *out_from)
{
    uint32_t flags;
    uint64_t from = pointer_at(file, FILE_WRITE_BASE);
    uint64_t to = pointer_at(file, FILE_WRITE_PTR);

    memcpy(&flags, file + FILE_FLAGS, sizeof(flags));
    if ((flags & FILE_MAGIC_MASK) != FILE_MAGIC || from >= to ||
        to - from > BUFFER_MAX || from < pointer_at(file, FILE_BUFFER_BASE) ||
        to > pointer_at(file, FILE_BUFFER_END)) {
        return 0;
    }
    *out_from = from;
    return to - from;
}

static void tell_file(const struct hb_unwinder *unwinder, size_t which,
                      uint64_t address, struct hb_teller *teller)
{
    unsigned char file[FILE_SIZE];
    char text[HB_UNWRITTEN_SIZE];
    struct hb_found_unwritten found = { .pid = unwinder->pid,
                                        .stream = files[which].stream,
                                        .text = text };
    uint64_t from = 0;

    if (!read_memory(unwinder, address, file, sizeof(file))) {
        return;
    }
    found.bytes = waiting(file, &from);

    size_t size =
        found.bytes < sizeof(text) - 1 ? (size_t)found.bytes : sizeof(text) - 1;

    if (size > 0 &&
        read_memory(unwinder, from + (found.bytes - size), text, size)) {
        hb_unwritten_make_text(text, size);
        hb_tell_unwritten(teller, &found);
    }
}

void hb_unwritten_tell(const struct hb_unwinder *unwinder,
                       struct hb_teller *teller)
{
    struct search search = { 0 };

    (void)dwfl_getmodules(unwinder->dwfl, search_module, &search, 0);
    if (!search.found_shared) { /* a static program has its own */
        search.anywhere = true;
        (void)dwfl_getmodules(unwinder->dwfl, search_module, &search, 0);
    }
    for (size_t i = 0; i < FILE_COUNT; i++) {
        if (search.addresses[i] != 0) {
            tell_file(unwinder, i, search.addresses[i], teller);
        }
    }
}
