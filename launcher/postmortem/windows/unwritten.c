#include "postmortem/windows/unwritten.h"

#include <windows.h>

#include "base/text.h"
#include "postmortem/crt_file.h"
#include "postmortem/image.h"

static const struct {
    const char *module;
    const char *symbol;
    enum hb_crt crt;
} libraries[] = {
    { "ucrtbase.dll", "__acrt_iob_func", HB_CRT_UNIVERSAL },
    { "ucrtbased.dll", "__acrt_iob_func", HB_CRT_UNIVERSAL },
    { "msvcrt.dll", "_iob", HB_CRT_MSVCRT },
};

static void tell_stream(const struct hb_subject *subject, enum hb_crt crt,
                        uint64_t streams, enum hb_stream stream,
                        struct hb_teller *teller)
{
    const struct hb_memory *memory = &subject->opened.memory;
    char text[HB_UNWRITTEN_SIZE];
    struct hb_found_unwritten found = { .pid = subject->opened.pid,
                                        .stream = stream,
                                        .text = text };
    struct hb_crt_waiting waiting;

    unsigned index = stream == HB_STDOUT ? 1 : 2;

    /* The universal library of Wine has streams of the older form. */
    if (!hb_crt_waiting(memory, crt, streams, index, &waiting) &&
        !hb_crt_waiting(memory, HB_CRT_MSVCRT, streams, index, &waiting)) {
        return;
    }
    uint64_t most = sizeof(text) - 1;
    size_t size = (size_t)(waiting.bytes < most ? waiting.bytes : most);

    found.bytes = waiting.bytes;
    if (size > 0 &&
        hb_memory_copy(memory, waiting.from + (waiting.bytes - size), text,
                       size)) {
        hb_unwritten_make_text(text, size);
        hb_tell_unwritten(teller, &found);
    }
}

static void look_at_module(const struct hb_subject *subject,
                           const struct hb_module *module,
                           struct hb_teller *teller)
{
    const struct hb_memory *memory = &subject->opened.memory;
    const char *name = hb_text_base_name(module->path, true);
    uint32_t offset = 0;

    for (size_t i = 0; i < sizeof(libraries) / sizeof(libraries[0]); i++) {
        if (_stricmp(name, libraries[i].module) != 0 ||
            !hb_image_find(memory, module->base, libraries[i].symbol,
                           &offset)) {
            continue;
        }
        uint64_t streams = module->base + offset;

        if (libraries[i].crt == HB_CRT_UNIVERSAL) {
            streams = hb_crt_streams(memory, streams);
        }
        tell_stream(subject, libraries[i].crt, streams, HB_STDOUT, teller);
        tell_stream(subject, libraries[i].crt, streams, HB_STDERR, teller);
    }
}

void hb_unwritten_tell(const struct hb_subject *subject,
                       struct hb_teller *teller)
{
    for (size_t i = 0; i < subject->modules.count; i++) {
        look_at_module(subject, &subject->modules.items[i].module, teller);
    }
}
