#include "core/elf_core.h"

#include <string.h>

#include "base/text.h"
#include "core/elf_core_parts.h"

/* Sizes and places of the format. */
#define HEADER_SIZE 64u
#define SEGMENT_SIZE 56u
#define SECTION_SIZE 64u
#define TYPE_CORE 4u
#define MACHINE_AMD64 62u
#define COUNT_IS_ELSEWHERE 0xffffu

#define STATUS_INSTRUCTION 240u /* of struct elf_prstatus */
#define STATUS_STACK 264u

#define SEGMENTS_MOST 1000000u
#define NOTES_MOST 100000u /* that are looked at for one answer */
#define FILES_MOST 100000u

enum {
    NOTE_STATUS = 1,
    NOTE_PROCESS = 3,
    NOTE_SIGNAL = 0x53494749,
    NOTE_FILE = 0x46494c45,
};

uint64_t hb_elf_core_number(const unsigned char *bytes, size_t size)
{
    uint64_t value = 0;

    for (size_t i = size; i > 0; i--) {
        value = value << 8 | bytes[i - 1];
    }
    return value;
}

bool hb_elf_core_read(const struct hb_elf_core *core, uint64_t at, void *bytes,
                      size_t size)
{
    return at <= core->source.size && size <= core->source.size - at &&
           core->source.read(core->source.context, at, bytes, size);
}

bool hb_elf_core_segment(const struct hb_elf_core *core, uint64_t i,
                         struct hb_elf_core_segment *out_segment)
{
    unsigned char bytes[SEGMENT_SIZE];

    if (!hb_elf_core_read(core, core->segments + i * SEGMENT_SIZE, bytes,
                          sizeof(bytes))) {
        return false;
    }
    *out_segment = (struct hb_elf_core_segment){
        .type = (uint32_t)hb_elf_core_number(bytes, 4),
        .offset = hb_elf_core_number(bytes + 8, 8),
        .address = hb_elf_core_number(bytes + 16, 8),
        .size = hb_elf_core_number(bytes + 32, 8)
    };
    return true;
}

static bool wrong(struct hb_error *err, const char *what)
{
    return hb_fail(err, HB_ERR_READ, 0, "it is no core that we know: %s", what);
}

/* More segments than 16 bits count are counted in a section header. */
static bool read_count(struct hb_elf_core *core, const unsigned char *header,
                       struct hb_error *err)
{
    unsigned char section[SECTION_SIZE];

    core->segments = hb_elf_core_number(header + 32, 8);
    core->segment_count = hb_elf_core_number(header + 56, 2);
    if (core->segment_count == COUNT_IS_ELSEWHERE) {
        if (!hb_elf_core_read(core, hb_elf_core_number(header + 40, 8), section,
                              sizeof(section))) {
            return wrong(err, "its segments are not counted");
        }
        core->segment_count = hb_elf_core_number(section + 44, 4);
    }
    if (core->segment_count > SEGMENTS_MOST ||
        hb_elf_core_number(header + 54, 2) != SEGMENT_SIZE) {
        return wrong(err, "its segments are not as they must be");
    }
    return true;
}

static void find_notes(struct hb_elf_core *core)
{
    struct hb_elf_core_segment segment;

    for (uint64_t i = 0; i < core->segment_count; i++) {
        if (!hb_elf_core_segment(core, i, &segment)) {
            core->needed = UINT64_MAX;
            return;
        }
        uint64_t end = segment.offset + segment.size;
        if (end < segment.offset) {
            end = UINT64_MAX;
        }
        if (segment.size > 0 && end > core->needed) {
            core->needed = end;
        }
        if (segment.type == HB_ELF_CORE_NOTE && core->notes_size == 0 &&
            segment.offset < core->source.size) {
            uint64_t room = core->source.size - segment.offset;

            core->notes = segment.offset;
            core->notes_size = segment.size < room ? segment.size : room;
        }
    }
}

bool hb_elf_core_open(const struct hb_elf_core_source *source,
                      struct hb_elf_core *out_core, struct hb_error *err)
{
    static const unsigned char magic[] = { 0x7f, 'E', 'L', 'F', 2, 1, 1 };
    struct hb_elf_core core = { .source = *source };
    unsigned char header[HEADER_SIZE];

    if (!hb_elf_core_read(&core, 0, header, sizeof(header)) ||
        memcmp(header, magic, sizeof(magic)) != 0) {
        return wrong(err, "it does not begin as a 64-bit ELF file");
    }
    if (hb_elf_core_number(header + 16, 2) != TYPE_CORE ||
        hb_elf_core_number(header + 18, 2) != MACHINE_AMD64) {
        return wrong(err, "it is an ELF file of another kind");
    }
    if (!read_count(&core, header, err)) {
        return false;
    }
    find_notes(&core);
    *out_core = core;
    return true;
}

bool hb_elf_core_check(const struct hb_elf_core *core, struct hb_error *err)
{
    struct hb_elf_core_thread thread;

    if (core->needed > core->source.size) {
        return hb_fail(err, HB_ERR_READ, 0,
                       "the core is cut: it has %llu bytes of %llu",
                       (unsigned long long)core->source.size,
                       (unsigned long long)core->needed);
    }
    return hb_elf_core_thread(core, 0, &thread) ||
           hb_fail(err, HB_ERR_READ, 0, "the core has no thread");
}

static uint64_t padded(uint64_t size)
{
    return (size + 3) / 4 * 4;
}

/* The note at `*at`, which moves behind it. False at the end. */
static bool next_note(const struct hb_elf_core *core, uint64_t *at,
                      struct hb_elf_core_note *out_note)
{
    unsigned char head[12];
    uint64_t end = core->notes + core->notes_size;

    if (*at >= end || end - *at < sizeof(head) ||
        !hb_elf_core_read(core, *at, head, sizeof(head))) {
        return false;
    }
    uint64_t name = padded(hb_elf_core_number(head, 4));
    uint64_t size = hb_elf_core_number(head + 4, 4);
    uint64_t left = end - *at - sizeof(head);
    if (name > left || size > left - name) {
        return false; /* cut */
    }
    *out_note =
        (struct hb_elf_core_note){ (uint32_t)hb_elf_core_number(head + 8, 4),
                                   *at + sizeof(head) + name, size };
    *at = out_note->at + padded(size);
    return true;
}

bool hb_elf_core_note(const struct hb_elf_core *core, uint32_t type, size_t i,
                      uint64_t least, struct hb_elf_core_note *out_note)
{
    uint64_t at = core->notes;
    struct hb_elf_core_note note;

    for (size_t seen = 0; seen < NOTES_MOST; seen++) {
        if (!next_note(core, &at, &note)) {
            return false;
        }
        if (note.type == type && note.size >= least && i-- == 0) {
            *out_note = note;
            return true;
        }
    }
    return false;
}

bool hb_elf_core_process(const struct hb_elf_core *core,
                         struct hb_elf_core_process *out_process)
{
    unsigned char bytes[136]; /* struct elf_prpsinfo */
    struct hb_elf_core_note note;

    if (!hb_elf_core_note(core, NOTE_PROCESS, 0, sizeof(bytes), &note) ||
        !hb_elf_core_read(core, note.at, bytes, sizeof(bytes))) {
        return false;
    }
    *out_process = (struct hb_elf_core_process){
        .user = (uint32_t)hb_elf_core_number(bytes + 16, 4),
        .pid = (uint32_t)hb_elf_core_number(bytes + 24, 4),
        .parent = (uint32_t)hb_elf_core_number(bytes + 28, 4),
        .group = (uint32_t)hb_elf_core_number(bytes + 32, 4),
    };
    (void)hb_text_copy_bytes(out_process->name, sizeof(out_process->name),
                             (const char *)bytes + 40, 16);
    (void)hb_text_copy_bytes(out_process->arguments,
                             sizeof(out_process->arguments),
                             (const char *)bytes + 56, 80);
    return true;
}

bool hb_elf_core_thread(const struct hb_elf_core *core, size_t i,
                        struct hb_elf_core_thread *out_thread)
{
    unsigned char bytes[336]; /* struct elf_prstatus */
    struct hb_elf_core_note note;

    if (!hb_elf_core_note(core, NOTE_STATUS, i, sizeof(bytes), &note) ||
        !hb_elf_core_read(core, note.at, bytes, sizeof(bytes))) {
        return false;
    }
    *out_thread = (struct hb_elf_core_thread){
        .tid = (uint32_t)hb_elf_core_number(bytes + 32, 4),
        .signal = (uint32_t)hb_elf_core_number(bytes + 12, 2),
        .instruction = hb_elf_core_number(bytes + STATUS_INSTRUCTION, 8),
        .stack = hb_elf_core_number(bytes + STATUS_STACK, 8),
    };
    return true;
}

bool hb_elf_core_fault(const struct hb_elf_core *core, uint64_t *out_address)
{
    unsigned char bytes[24]; /* the head of a siginfo_t */
    struct hb_elf_core_note note;

    if (!hb_elf_core_note(core, NOTE_SIGNAL, 0, sizeof(bytes), &note) ||
        !hb_elf_core_read(core, note.at, bytes, sizeof(bytes))) {
        return false;
    }
    uint64_t signal = hb_elf_core_number(bytes, 4);
    bool is_fault = signal == 4 || signal == 5 || signal == 7 || signal == 8 ||
                    signal == 11; /* ILL TRAP BUS FPE SEGV */
    int32_t code = (int32_t)hb_elf_core_number(bytes + 8, 4);
    if (!is_fault || code <= 0 || code == 0x80) { /* sent, or not by it */
        return false;
    }
    *out_address = hb_elf_core_number(bytes + 16, 8);
    return true;
}

/* The name number `i` of those that follow each other from `at` to `end`. */
static bool read_name(const struct hb_elf_core *core, uint64_t at, uint64_t end,
                      size_t i, char *target, size_t size)
{
    char bytes[512];
    size_t length = 0;

    while (at < end) {
        size_t part =
            end - at < sizeof(bytes) ? (size_t)(end - at) : sizeof(bytes);

        if (!hb_elf_core_read(core, at, bytes, part)) {
            return false;
        }
        for (size_t k = 0; k < part; k++) {
            if (i == 0 && bytes[k] != '\0' && length + 1 < size) {
                target[length++] = bytes[k];
            }
            if (bytes[k] == '\0' && i-- == 0) {
                target[length] = '\0';
                return true;
            }
        }
        at += part;
    }
    return false;
}

bool hb_elf_core_file(const struct hb_elf_core *core, size_t i,
                      struct hb_elf_core_file *out_file)
{
    unsigned char head[16];
    unsigned char bytes[24];
    struct hb_elf_core_note note;

    if (!hb_elf_core_note(core, NOTE_FILE, 0, sizeof(head), &note) ||
        !hb_elf_core_read(core, note.at, head, sizeof(head))) {
        return false;
    }
    uint64_t count = hb_elf_core_number(head, 8);
    if (count > FILES_MOST || i >= count ||
        sizeof(head) + count * sizeof(bytes) > note.size ||
        !hb_elf_core_read(core, note.at + sizeof(head) + i * sizeof(bytes),
                          bytes, sizeof(bytes))) {
        return false;
    }
    struct hb_elf_core_file file = {
        .start = hb_elf_core_number(bytes, 8),
        .end = hb_elf_core_number(bytes + 8, 8),
        .offset =
            hb_elf_core_number(bytes + 16, 8) * hb_elf_core_number(head + 8, 8),
    };
    if (!read_name(core, note.at + sizeof(head) + count * sizeof(bytes),
                   note.at + note.size, i, file.path, sizeof(file.path))) {
        return false;
    }
    *out_file = file;
    return true;
}
