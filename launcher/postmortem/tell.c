#include "postmortem/tell.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/text.h"
#include "report/emit.h"
#include "report/words.h"

#define EXACT_MAX (UINT64_C(1) << 53) /* what a reader's double can hold */

struct hb_teller {
    FILE *out;
    uint32_t module_count;
};

struct line {
    struct hb_buffer text;
    struct hb_emit emit;
};

struct hb_teller *hb_teller_new(FILE *out)
{
    struct hb_teller *teller = calloc(1, sizeof(*teller));

    if (teller != NULL) {
        teller->out = out;
    }
    return teller;
}

void hb_teller_free(struct hb_teller *teller)
{
    free(teller);
}

static void begin_line(struct line *line, const char *kind)
{
    *line = (struct line){ 0 };
    line->emit.out = &line->text;
    hb_emit_object(&line->emit, NULL);
    hb_emit_text(&line->emit, "kind", kind);
}

/* One write a line, so that lines of several threads do not mix. A line that
 * found no memory is not told; nobody is left to tell it to. */
static void end_line(struct line *line, struct hb_teller *teller)
{
    hb_emit_end_object(&line->emit);
    hb_buffer_text(&line->text, "\n");
    if (!line->text.failed) {
        (void)fwrite(line->text.bytes, 1, line->text.size, teller->out);
        (void)fflush(teller->out);
    }
    hb_buffer_free(&line->text);
}

static void put_hex(struct hb_emit *emit, const char *key, uint64_t value)
{
    char digits[24];

    (void)hb_text_format(digits, sizeof(digits), "0x%" PRIx64, value);
    hb_emit_text(emit, key, digits);
}

static void put_number(struct hb_emit *emit, const char *key, uint64_t value)
{
    if (value <= EXACT_MAX) {
        hb_emit_number(emit, key, value);
    } else {
        put_hex(emit, key, value);
    }
}

static void put_some(struct hb_emit *emit, const char *key, uint64_t value)
{
    if (value != 0) {
        put_number(emit, key, value);
    }
}

static void put_if(struct hb_emit *emit, const char *key, bool value)
{
    if (value) {
        hb_emit_bool(emit, key, true);
    }
}

uint32_t hb_tell_module(struct hb_teller *teller,
                        const struct hb_module *module)
{
    struct line line;
    uint32_t index = teller->module_count++;

    begin_line(&line, "module");
    put_number(&line.emit, "index", index);
    put_hex(&line.emit, "base", module->base);
    put_number(&line.emit, "size", module->size);
    hb_emit_known_text(&line.emit, "path", module->path);
    hb_emit_known_text(&line.emit, "id", module->id);
    hb_emit_known_text(&line.emit, "debug", module->debug);
    end_line(&line, teller);
    return index;
}

static void put_frame(struct hb_emit *emit, const struct hb_frame *frame)
{
    hb_emit_object(emit, NULL);
    put_hex(emit, "address", frame->address);
    if (frame->module != HB_NO_MODULE) {
        put_number(emit, "module", frame->module);
        put_hex(emit, "offset", frame->offset);
    }
    if (frame->symbol[0] != '\0') {
        hb_emit_text(emit, "symbol", frame->symbol);
        put_number(emit, "symbol_offset", frame->symbol_offset);
    }
    if (frame->file[0] != '\0') {
        hb_emit_text(emit, "file", frame->file);
        put_some(emit, "line", frame->line);
    }
    put_if(emit, "inlined", frame->is_inlined);
    hb_emit_end_object(emit);
}

void hb_tell_thread(struct hb_teller *teller,
                    const struct hb_found_thread *thread)
{
    struct line line;

    begin_line(&line, "thread");
    put_number(&line.emit, "pid", thread->pid);
    put_number(&line.emit, "tid", thread->tid);
    put_number(&line.emit, "sample", thread->sample);
    hb_emit_known_text(&line.emit, "name", thread->name);
    hb_emit_known_text(&line.emit, "state", thread->state);
    put_if(&line.emit, "moved", thread->moved);
    put_if(&line.emit, "crashed", thread->crashed);
    hb_emit_known_text(&line.emit, "cut_short", thread->cut_short);
    hb_emit_array(&line.emit, "frames");
    for (size_t i = 0; i < thread->frame_count; i++) {
        put_frame(&line.emit, &thread->frames[i]);
    }
    hb_emit_end_array(&line.emit);
    end_line(&line, teller);
}

void hb_tell_lock(struct hb_teller *teller, const struct hb_found_lock *lock)
{
    struct line line;

    begin_line(&line, "lock");
    put_number(&line.emit, "pid", lock->pid);
    put_number(&line.emit, "tid", lock->tid);
    hb_emit_text(&line.emit, "lock", lock->kind);
    put_hex(&line.emit, "address", lock->address);
    put_some(&line.emit, "owner", lock->owner);
    end_line(&line, teller);
}

void hb_tell_exception(struct hb_teller *teller,
                       const struct hb_found_exception *exception)
{
    struct line line;

    begin_line(&line, "exception");
    put_some(&line.emit, "pid", exception->pid);
    put_some(&line.emit, "tid", exception->tid);
    put_number(&line.emit, "code", exception->code);
    put_some(&line.emit, "reason", exception->reason);
    put_hex(&line.emit, "address", exception->address);
    if (exception->stack != 0) {
        put_hex(&line.emit, "stack", exception->stack);
    }
    if (exception->has_parameter) {
        put_number(&line.emit, "parameter", exception->parameter);
    }
    end_line(&line, teller);
}

void hb_unwritten_make_text(char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] == '\0') {
            bytes[i] = '\xff';
        }
    }
    bytes[size] = '\0';
}

void hb_tell_unwritten(struct hb_teller *teller,
                       const struct hb_found_unwritten *found)
{
    struct line line;

    begin_line(&line, "unwritten");
    put_some(&line.emit, "pid", found->pid);
    hb_emit_text(&line.emit, "stream",
                 hb_word(&hb_words_stream, found->stream));
    put_number(&line.emit, "bytes", found->bytes);
    hb_emit_text(&line.emit, "text", found->text);
    end_line(&line, teller);
}

void hb_tell_evidence(struct hb_teller *teller,
                      const struct hb_found_evidence *evidence)
{
    static const char *const words[] = {
        [HB_EVIDENCE_CAPTURED] = "captured",
        [HB_EVIDENCE_SKIPPED] = "skipped",
        [HB_EVIDENCE_FAILED] = "failed",
    };
    struct line line;

    begin_line(&line, "evidence");
    put_some(&line.emit, "pid", evidence->pid);
    hb_emit_text(&line.emit, "what", evidence->what);
    hb_emit_text(&line.emit, "status", words[evidence->status]);
    hb_emit_known_text(&line.emit, "path", evidence->path);
    put_some(&line.emit, "bytes", evidence->bytes);
    put_number(&line.emit, "duration_ms", evidence->duration_ms);
    put_some(&line.emit, "pause_us", evidence->pause_us);
    hb_emit_known_text(&line.emit, "reason", evidence->reason);
    end_line(&line, teller);
}

void hb_tell_done(struct hb_teller *teller)
{
    struct line line;

    begin_line(&line, "done");
    end_line(&line, teller);
}
