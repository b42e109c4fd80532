#include "postmortem/crt_file.h"

#include "core/bytes.h"

/* A buffer beyond this is somebody else's memory. */
#define BUFFER_MAX (UINT64_C(64) << 20)
#define WRITES 0x2u /* _IOWRT, or _IOWRITE */

/* Offsets in a stream. Those of msvcrt.dll were in its public header; those of
 * the universal C library stand in the sources that come with its SDK. */
struct layout {
    unsigned next;
    unsigned base;
    unsigned flags;
    unsigned descriptor;
    unsigned size; /* of the buffer */
    unsigned bytes;
};

static const struct layout layouts[] = {
    [HB_CRT_MSVCRT] = { 0, 16, 24, 28, 36, 48 },
    [HB_CRT_UNIVERSAL] = { 0, 8, 20, 24, 32, 88 },
};
#define STREAM_MAX 88u

bool hb_crt_waiting(const struct hb_memory *memory, enum hb_crt crt,
                    uint64_t streams, unsigned stream,
                    struct hb_crt_waiting *out_waiting)
{
    const struct layout *layout = &layouts[crt];
    unsigned char bytes[STREAM_MAX];

    if (!hb_memory_copy(memory, streams + (uint64_t)stream * layout->bytes,
                        bytes, layout->bytes)) {
        return false;
    }
    uint64_t next = hb_u64_at(bytes + layout->next);
    uint64_t base = hb_u64_at(bytes + layout->base);
    uint64_t size = hb_u32_at(bytes + layout->size);

    if ((hb_u32_at(bytes + layout->flags) & WRITES) == 0 ||
        hb_u32_at(bytes + layout->descriptor) != stream || next < base ||
        next - base > size || size > BUFFER_MAX) {
        return false;
    }
    *out_waiting = (struct hb_crt_waiting){ base, base != 0 ? next - base : 0 };
    return true;
}

/* The target of `lea register, [rip + distance]`; 0: that is none. */
static uint64_t target_of_lea(const unsigned char *code, uint64_t address)
{
    if ((code[0] & 0xfbu) != 0x48u || code[1] != 0x8du ||
        (code[2] & 0xc7u) != 0x05u) {
        return 0;
    }
    return address + 7 + (uint64_t)(int64_t)(int32_t)hb_u32_at(code + 3);
}

uint64_t hb_crt_streams(const struct hb_memory *memory, uint64_t function)
{
    enum { LOOK = 32, JUMP = 0xe9, RETURN = 0xc3 };
    unsigned char code[LOOK + 7];

    if (!hb_memory_copy(memory, function, code, sizeof(code))) {
        return 0;
    }
    if (code[0] == JUMP) { /* a library that was linked in steps */
        function += 5 + (uint64_t)(int64_t)(int32_t)hb_u32_at(code + 1);
        if (!hb_memory_copy(memory, function, code, sizeof(code))) {
            return 0;
        }
    }
    for (unsigned i = 0; i < LOOK && code[i] != RETURN; i++) {
        uint64_t target = target_of_lea(code + i, function + i);

        if (target != 0) {
            return target;
        }
    }
    return 0;
}
