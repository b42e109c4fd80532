#include "postmortem/dump_file.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "os/clock.h"
#include "os/reader.h"
#include "postmortem/evidence.h"

#define MODULES_MAX 4096u
#define THREADS_MAX 8192u
#define WINDOW 16384u
#define WINDOWS 32u

struct look {
    struct hb_minidump dump;
    struct hb_modules modules;
    uint32_t pid; /* 0: the dump does not tell */
    bool has_exception;
    struct hb_minidump_exception exception;
    const struct hb_dump_walker *walker;
    struct hb_teller *teller;
};

/* A dump is read in great numbers of small pieces, mostly near each other. */
static struct {
    struct hb_reader *reader;
    struct {
        uint64_t at;
        size_t size; /* 0: empty */
        unsigned char bytes[WINDOW];
    } windows[WINDOWS];
} file;

/* The window that holds the place, as far as the file has it. */
static size_t load_window(uint64_t at, const unsigned char **out_bytes)
{
    uint64_t start = at - at % WINDOW;
    uint64_t left = hb_reader_size(file.reader) - start;
    size_t size = left < WINDOW ? (size_t)left : WINDOW;
    size_t i = (size_t)(start / WINDOW % WINDOWS);

    if (file.windows[i].size == 0 || file.windows[i].at != start) {
        file.windows[i].at = start;
        file.windows[i].size =
            hb_reader_read(file.reader, start, file.windows[i].bytes, size)
                ? size
                : 0;
    }
    *out_bytes = file.windows[i].bytes;
    return file.windows[i].size;
}

static bool read_part(void *context, uint64_t at, void *bytes, size_t size)
{
    const unsigned char *window = NULL;
    char *to = bytes;

    (void)context;
    while (size > 0) {
        size_t have = load_window(at, &window);
        size_t into = (size_t)(at % WINDOW);

        if (have <= into) {
            return false;
        }
        size_t part = size < have - into ? size : have - into;

        memcpy(to, window + into, part);
        to += part;
        at += part;
        size -= part;
    }
    return true;
}

static struct hb_minidump_source source_of(struct hb_reader *reader)
{
    memset(&file, 0, sizeof(file));
    file.reader = reader;
    return (struct hb_minidump_source){ hb_reader_size(reader), read_part,
                                        NULL };
}

bool hb_is_minidump(const char *path)
{
    struct hb_reader *reader = NULL;
    struct hb_error err = { 0 };
    char magic[4] = "";

    if (!hb_reader_open(path, &reader, &err)) {
        return false;
    }
    bool ok = hb_reader_read(reader, 0, magic, sizeof(magic)) &&
              memcmp(magic, "MDMP", sizeof(magic)) == 0;

    hb_reader_close(reader);
    return ok;
}

static void read_module(const struct hb_minidump *dump, uint32_t i,
                        struct hb_known_module *known)
{
    static struct hb_minidump_module found;
    struct hb_module *module = &known->module;

    known->told = HB_NO_MODULE;
    if (!hb_minidump_module(dump, i, &found)) {
        return;
    }
    module->base = found.base;
    module->size = found.size;
    (void)hb_text_copy(module->path, sizeof(module->path), found.path);
    if (found.id[0] != '\0') {
        (void)hb_text_copy(module->id, sizeof(module->id), found.id);
    } else {
        (void)hb_text_format(module->id, sizeof(module->id), "%08lX%lx",
                             (unsigned long)found.time,
                             (unsigned long)found.size);
    }
}

static bool read_modules(struct look *look, struct hb_error *err)
{
    uint32_t count = hb_minidump_module_count(&look->dump);

    count = count < MODULES_MAX ? count : MODULES_MAX;
    look->modules.items = calloc(count + 1u, sizeof(*look->modules.items));
    if (look->modules.items == NULL) {
        return hb_fail(err, HB_ERR_INTERNAL, 0, "out of memory");
    }
    look->modules.count = count;
    for (uint32_t i = 0; i < count; i++) {
        read_module(&look->dump, i, &look->modules.items[i]);
    }
    return true;
}

static void tell_exception(const struct look *look)
{
    const struct hb_minidump_exception *exception = &look->exception;
    struct hb_found_exception found = {
        .pid = look->pid,
        .tid = exception->tid,
        .code = exception->code,
        .address = exception->address,
        .has_parameter = exception->parameter_count > 0,
        .parameter = exception->parameters[0],
    };

    if (look->has_exception) {
        hb_tell_exception(look->teller, &found);
    }
}

/* The frame that the registers name, and no more. */
static size_t first_frame(const struct look *look,
                          const struct hb_minidump_place *registers,
                          struct hb_frame *frame)
{
    struct hb_minidump_registers found;

    if (!hb_minidump_registers(&look->dump, registers, &found)) {
        return 0;
    }
    struct hb_known_module *known =
        hb_modules_find(&look->modules, found.instruction);

    *frame = (struct hb_frame){ .address = found.instruction,
                                .module = HB_NO_MODULE };
    if (known != NULL) {
        frame->module = (uint32_t)(known - look->modules.items);
        frame->offset = found.instruction - known->module.base;
    }
    return 1;
}

/* The registers of the thread that died are those of its exception: its own
 * are of whoever wrote the dump for it. */
static void tell_thread(struct look *look,
                        const struct hb_minidump_thread *thread)
{
    static struct hb_frame frames[HB_FRAMES_MAX];
    const struct hb_minidump_place *registers = &thread->context;
    struct hb_found_thread found = { .pid = look->pid,
                                     .tid = thread->tid,
                                     .frames = frames };

    if (look->has_exception && look->exception.tid == thread->tid) {
        found.crashed = true;
        if (look->exception.context.size > 0) {
            registers = &look->exception.context;
        }
    }
    (void)hb_text_copy(found.name, sizeof(found.name), thread->name);
    if (look->walker != NULL) {
        found.frame_count =
            look->walker->walk(look->walker->context, registers, frames,
                               HB_FRAMES_MAX, found.cut_short);
    }
    if (found.frame_count == 0) {
        found.frame_count = first_frame(look, registers, frames);
        (void)hb_text_copy(found.cut_short, sizeof(found.cut_short),
                           "the stacks of a minidump are walked on Windows");
    }
    hb_modules_tell_frames(&look->modules, frames, found.frame_count,
                           look->teller);
    hb_tell_thread(look->teller, &found);
}

static void tell_threads(struct look *look)
{
    struct hb_minidump_thread thread;

    for (uint32_t i = 0;
         i < THREADS_MAX && hb_minidump_thread(&look->dump, i, &thread); i++) {
        tell_thread(look, &thread);
    }
}

static bool look_at(struct look *look, const struct hb_minidump_source *source,
                    struct hb_error *err)
{
    if (!hb_minidump_open(source, &look->dump, err)) {
        return false;
    }
    (void)hb_minidump_pid(&look->dump, &look->pid);
    look->has_exception = hb_minidump_exception(&look->dump, &look->exception);
    tell_exception(look); /* a broken file may still know why */
    if (!hb_minidump_check(&look->dump, err) || !read_modules(look, err)) {
        return false;
    }
    if (look->walker != NULL &&
        !look->walker->begin(look->walker->context, &look->dump,
                             &look->modules)) {
        look->walker = NULL;
    }
    tell_threads(look);
    if (look->walker != NULL) {
        look->walker->end(look->walker->context);
    }
    hb_modules_tell_rest(&look->modules, look->teller);
    return true;
}

void hb_look_minidump(const struct hb_request *request,
                      const struct hb_dump_walker *walker,
                      struct hb_teller *teller)
{
    struct look look = { .walker = walker, .teller = teller };
    struct hb_reader *reader = NULL;
    struct hb_error err = { 0 };
    uint64_t from_ms = hb_clock_ms();
    bool ok = hb_reader_open(request->file, &reader, &err);

    if (ok) {
        struct hb_minidump_source source = source_of(reader);

        ok = look_at(&look, &source, &err);
    }
    struct hb_found_evidence evidence = {
        .pid = look.pid,
        .what = "stacks",
        .status = HB_EVIDENCE_CAPTURED,
        .duration_ms = hb_clock_ms() - from_ms,
    };

    hb_evidence_tell(teller, &evidence, ok ? NULL : &err);
    hb_modules_free(&look.modules);
    hb_reader_close(reader);
}
