#include "postmortem/windows/session.h"

#include <string.h>

#include "base/text.h"
#include "os/windows/widen.h"
#include "postmortem/image.h"

/* DbgHelp wants room for the name behind the struct. */
union symbol {
    SYMBOL_INFOW info;
    unsigned char
        bytes[sizeof(SYMBOL_INFOW) + HB_SYMBOL_SIZE * sizeof(wchar_t)];
};

static void clear(union symbol *symbol)
{
    memset(symbol, 0, sizeof(*symbol));
    symbol->info.SizeOfStruct = sizeof(symbol->info);
    symbol->info.MaxNameLen = HB_SYMBOL_SIZE;
}

static void put_symbol(struct hb_frame *frame, const union symbol *symbol,
                       DWORD64 offset)
{
    hb_narrow_into(frame->symbol, sizeof(frame->symbol), symbol->info.Name);
    frame->symbol_offset = offset;
}

static void put_line(struct hb_frame *frame, const IMAGEHLP_LINEW64 *line)
{
    if (line->FileName != NULL) {
        hb_narrow_into(frame->file, sizeof(frame->file), line->FileName);
        frame->line = line->LineNumber;
    }
}

/*
 * Without symbols there are still exports. The nearest one below is of another
 * function where the table of functions knows one that begins after it; a
 * function that the table does not know, as the calls of the system, is short.
 */
static void put_export(const struct hb_session *session, struct hb_frame *frame)
{
    enum { SHORT = 64 };
    uint64_t base = frame->address - frame->offset;
    const RUNTIME_FUNCTION *function =
        session->help->table(session->key, frame->address);
    char name[HB_SYMBOL_SIZE] = "";
    uint32_t start = 0;

    if (frame->offset > UINT32_MAX ||
        !hb_image_export(session->memory, base, (uint32_t)frame->offset, name,
                         sizeof(name), &start)) {
        return;
    }
    if (function != NULL ? function->BeginAddress <= start
                         : frame->offset - start < SHORT) {
        (void)hb_text_copy(frame->symbol, sizeof(frame->symbol), name);
        frame->symbol_offset = frame->offset - start;
    }
}

static void put_plain(const struct hb_session *session, struct hb_frame *frame)
{
    const struct hb_dbghelp *help = session->help;
    IMAGEHLP_LINEW64 line = { .SizeOfStruct = sizeof(line) };
    union symbol symbol;
    DWORD64 offset = 0;
    DWORD column = 0;

    clear(&symbol);
    if (help->symbol(session->key, frame->address, &offset, &symbol.info)) {
        put_symbol(frame, &symbol, offset);
    } else {
        put_export(session, frame);
    }
    if (help->line(session->key, frame->address, &column, &line)) {
        put_line(frame, &line);
    }
}

static void put_inline(const struct hb_session *session, struct hb_frame *frame,
                       DWORD context, uint64_t base)
{
    const struct hb_dbghelp *help = session->help;
    IMAGEHLP_LINEW64 line = { .SizeOfStruct = sizeof(line) };
    union symbol symbol;
    DWORD64 offset = 0;
    DWORD column = 0;

    clear(&symbol);
    if (help->inline_symbol(session->key, frame->address, context, &offset,
                            &symbol.info)) {
        put_symbol(frame, &symbol, offset);
    }
    if (help->inline_line(session->key, frame->address, context, base, &column,
                          &line)) {
        put_line(frame, &line);
    }
}

/* How many calls were dissolved at the address; contexts count up from
 * `*out_context`, innermost first, and the function itself comes last. */
static DWORD dissolved(const struct hb_session *session, uint64_t address,
                       DWORD *out_context)
{
    const struct hb_dbghelp *help = session->help;
    DWORD index = 0;
    DWORD count = help->inline_count == NULL
                      ? 0
                      : help->inline_count(session->key, address);

    if (count == 0 || !help->inline_find(session->key, address, 0, address,
                                         address, out_context, &index)) {
        return 0;
    }
    return count;
}

/* The file that the symbols come from is known once they are loaded. */
static void note_debug(const struct hb_session *session,
                       struct hb_module *module)
{
    IMAGEHLP_MODULEW64 info;

    memset(&info, 0, sizeof(info));
    info.SizeOfStruct = sizeof(info);
    if (module->debug[0] == '\0' &&
        session->help->module(session->key, module->base, &info) &&
        info.SymType == SymPdb) {
        hb_narrow_into(module->debug, sizeof(module->debug),
                       info.LoadedPdbName);
    }
}

static struct hb_frame plain_frame(const struct hb_session *session,
                                   uint64_t address)
{
    struct hb_frame frame = { .address = address, .module = HB_NO_MODULE };
    struct hb_known_module *known = hb_modules_find(session->modules, address);

    if (known != NULL) { /* an index into our list; the teller's comes later */
        frame.module = (uint32_t)(known - session->modules->items);
        frame.offset = address - known->module.base;
    }
    return frame;
}

size_t hb_session_words(struct hb_session *session,
                        const struct hb_walked *walked, struct hb_frame *frames,
                        size_t room)
{
    size_t count = 0;

    for (size_t i = 0; i < walked->count && count < room; i++) {
        struct hb_frame frame = plain_frame(session, walked->addresses[i]);
        DWORD context = 0;
        uint32_t module = frame.module;
        uint64_t base = frame.address - frame.offset;
        DWORD more = module == HB_NO_MODULE
                         ? 0
                         : dissolved(session, frame.address, &context);

        for (DWORD n = 0; n < more && count + 1 < room; n++) {
            frames[count] = frame;
            frames[count].is_inlined = true;
            put_inline(session, &frames[count], context + n, base);
            count++;
        }
        frames[count] = frame;
        if (more > 0) {
            put_inline(session, &frames[count], context + more, base);
        } else if (module != HB_NO_MODULE) {
            put_plain(session, &frames[count]);
        }
        count++;
        if (module != HB_NO_MODULE) {
            note_debug(session, &session->modules->items[module].module);
        }
    }
    return count;
}
