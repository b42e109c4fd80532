#include "postmortem/windows/session.h"

#include <string.h>

#include "base/text.h"

#define PAGE 4096u
#define PAGES 16u

/*
 * DbgHelp hands its callbacks the key and nothing else. It takes one thread at
 * a time anyhow, so the walk in hand stands here.
 */
static struct {
    const struct hb_session *session;
    const struct hb_taken *taken;
    /* Small reads come in great numbers, and each is a call of the system. */
    struct {
        uint64_t address;
        size_t size; /* 0: empty */
        unsigned char bytes[PAGE];
    } pages[PAGES];
} now;

static size_t read_page(uint64_t address, void *bytes, size_t size)
{
    const struct hb_memory *memory = now.session->memory;
    uint64_t start = address - address % PAGE;
    size_t i = (size_t)(start / PAGE % PAGES);

    if (now.pages[i].size == 0 || now.pages[i].address != start) {
        now.pages[i].address = start;
        now.pages[i].size =
            memory->read(memory->context, start, now.pages[i].bytes, PAGE);
    }
    size_t into = (size_t)(address - start);

    if (into >= now.pages[i].size) { /* a dump may begin inside of a page */
        return memory->read(memory->context, address, bytes, size);
    }
    size_t part = now.pages[i].size - into;

    part = part < size ? part : size;
    memcpy(bytes, now.pages[i].bytes + into, part);
    return part;
}

/* The stack as it was: beyond its copy there is none. */
static bool is_stack(uint64_t address)
{
    return now.taken->size > 0 && address >= now.taken->stack &&
           address < now.taken->stack_end;
}

static BOOL WINAPI read_memory(HANDLE key, DWORD64 address, PVOID bytes,
                               DWORD size, LPDWORD out_got)
{
    char *to = bytes;
    size_t done = 0;

    (void)key;
    while (done < size) {
        uint64_t at = address + done;
        size_t got = is_stack(at)
                         ? hb_taken_read(now.taken, at, to + done, size - done)
                         : read_page(at, to + done, size - done);

        if (got == 0) {
            break;
        }
        done += got;
    }
    if (out_got != NULL) {
        *out_got = (DWORD)done;
    }
    return done == size;
}

static STACKFRAME64 first_frame(const CONTEXT *context)
{
    STACKFRAME64 frame;

    memset(&frame, 0, sizeof(frame));
    frame.AddrPC = (ADDRESS64){ context->Rip, 0, AddrModeFlat };
    frame.AddrStack = (ADDRESS64){ context->Rsp, 0, AddrModeFlat };
    frame.AddrFrame = (ADDRESS64){ context->Rbp, 0, AddrModeFlat };
    return frame;
}

/* Why the walk is over; NULL: it is not, or it came to the first frame. */
static const char *why_over(const struct hb_walked *walked,
                            const STACKFRAME64 *frame)
{
    size_t count = walked->count;

    if (count == HB_FRAMES_MAX) {
        return "more frames than are taken";
    }
    if (count > 0 && frame->AddrStack.Offset < walked->stacks[count - 1]) {
        return "the stack is corrupt: a caller's frame lies below it";
    }
    if (count > 1 && frame->AddrStack.Offset == walked->stacks[count - 1] &&
        frame->AddrStack.Offset == walked->stacks[count - 2]) {
        return "the stack is corrupt: it goes round";
    }
    return NULL;
}

static void add(struct hb_walked *walked, const STACKFRAME64 *frame)
{
    size_t i = walked->count++;

    /* A return address is where the call ends, perhaps a line further. */
    walked->addresses[i] = frame->AddrPC.Offset - (i > 0);
    walked->stacks[i] = frame->AddrStack.Offset;
}

/* Without its file there is no word on how a function's frame is laid out; a
 * walk that goes on is a guess. */
static bool has_file(const struct hb_session *session, uint64_t address)
{
    return hb_modules_find(session->modules, address) == NULL ||
           session->help->base(session->key, address) != 0;
}

static void note_end(struct hb_walked *walked, const STACKFRAME64 *last)
{
    const char *why = NULL;

    if (walked->count == 0) {
        why = "nothing can be walked from its registers";
    } else if (last->AddrReturn.Offset != 0 &&
               hb_modules_find(now.session->modules, last->AddrReturn.Offset) ==
                   NULL) {
        why = "the stack is corrupt, or its code is of no module";
    } else if (last->AddrReturn.Offset != 0) {
        why = "its caller cannot be found";
    }
    (void)hb_text_copy(walked->cut_short, sizeof(walked->cut_short), why);
}

/* A call of what is no code has made no frame yet: the return address lies
 * where the stack pointer points. */
static void step_out_of_nothing(CONTEXT *context, struct hb_walked *walked)
{
    STACKFRAME64 frame = first_frame(context);
    uint64_t address = 0;
    unsigned char byte = 0;

    if (read_memory(NULL, context->Rip, &byte, sizeof(byte), NULL) ||
        !read_memory(NULL, context->Rsp, &address, sizeof(address), NULL) ||
        hb_modules_find(now.session->modules, address) == NULL) {
        return;
    }
    add(walked, &frame);
    context->Rip = address;
    context->Rsp += sizeof(address);
}

void hb_session_walk(struct hb_session *session, const struct hb_taken *taken,
                     struct hb_walked *out_walked)
{
    CONTEXT context = taken->context;
    STACKFRAME64 frame;
    STACKFRAME64 last;
    const char *why = NULL;

    memset(out_walked, 0, sizeof(*out_walked));
    if (!taken->has_context) {
        (void)hb_text_copy(out_walked->cut_short, sizeof(out_walked->cut_short),
                           taken->why);
        return;
    }
    memset(&now, 0, sizeof(now));
    now.session = session;
    now.taken = taken;
    step_out_of_nothing(&context, out_walked);
    frame = first_frame(&context);
    last = frame;
    while (session->help->walk(
               IMAGE_FILE_MACHINE_AMD64, session->key, NULL, &frame, &context,
               read_memory, session->help->table, session->help->base, NULL) &&
           frame.AddrPC.Offset != 0) {
        why = why_over(out_walked, &frame);
        if (why != NULL) {
            break;
        }
        add(out_walked, &frame);
        last = frame;
        if (!has_file(session, frame.AddrPC.Offset)) {
            why = "the file of its module is not at hand";
            break;
        }
    }
    if (why != NULL) {
        (void)hb_text_copy(out_walked->cut_short, sizeof(out_walked->cut_short),
                           why);
    } else {
        note_end(out_walked, &last);
    }
}
