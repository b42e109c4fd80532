#include "postmortem/windows/walk_dump.h"

#include <string.h>

#include "base/text.h"
#include "postmortem/windows/session.h"

static struct {
    const struct hb_minidump *dump;
    struct hb_memory memory;
    struct hb_session session;
} at;

static size_t read_dump(void *context, uint64_t address, void *bytes,
                        size_t size)
{
    return hb_minidump_memory(context, address, bytes, size);
}

/* The key of a session is a number that is no handle of ours. */
static bool begin(void *context, const struct hb_minidump *dump,
                  struct hb_modules *modules)
{
    struct hb_minidump_system system;
    struct hb_error err = { 0 };

    (void)context;
    if (!hb_minidump_system(dump, &system) ||
        system.processor != HB_MINIDUMP_AMD64) {
        return false;
    }
    at.dump = dump;
    at.memory = (struct hb_memory){ read_dump, (void *)(uintptr_t)dump };
    return hb_session_begin((HANDLE)&at, &at.memory, modules, &at.session,
                            &err);
}

static size_t walk(void *context, const struct hb_minidump_place *registers,
                   struct hb_frame *frames, size_t room, char *cut_short)
{
    static struct hb_walked walked;
    static struct hb_taken taken;
    const struct hb_minidump_source *source = &at.dump->source;

    (void)context;
    memset(&taken, 0, sizeof(taken));
    if (registers->size < sizeof(taken.context) ||
        registers->at > source->size ||
        sizeof(taken.context) > source->size - registers->at ||
        !source->read(source->context, registers->at, &taken.context,
                      sizeof(taken.context))) {
        return 0;
    }
    taken.has_context = true;
    hb_session_walk(&at.session, &taken, &walked);
    size_t count = hb_session_words(&at.session, &walked, frames, room);

    (void)hb_text_copy(cut_short, sizeof(walked.cut_short), walked.cut_short);
    return count;
}

static void end(void *context)
{
    (void)context;
    hb_session_end(&at.session);
}

static const struct hb_dump_walker walker = { begin, walk, end, NULL };

const struct hb_dump_walker *hb_windows_dump_walker(void)
{
    return &walker;
}
