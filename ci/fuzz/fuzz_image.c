#include <stdint.h>
#include <string.h>

#include "postmortem/crt_file.h"
#include "postmortem/image.h"
#include "require.h"

#define BASE 0x10000u

struct input {
    const unsigned char *bytes;
    size_t size;
};

static size_t read_input(void *context, uint64_t address, void *bytes,
                         size_t size)
{
    const struct input *input = context;

    if (address < BASE || address - BASE >= input->size) {
        return 0;
    }
    size_t at = (size_t)(address - BASE);
    size_t part = size < input->size - at ? size : input->size - at;

    memcpy(bytes, input->bytes + at, part);
    return part;
}

/* What a C library keeps of its streams, wherever it is taken to be. */
static void look_for_streams(const struct hb_memory *memory, uint32_t offset)
{
    struct hb_crt_waiting waiting = { 0 };
    uint64_t streams = hb_crt_streams(memory, BASE + offset);

    if (hb_crt_waiting(memory, HB_CRT_UNIVERSAL, streams, 1, &waiting) ||
        hb_crt_waiting(memory, HB_CRT_MSVCRT, BASE + offset, 1, &waiting)) {
        REQUIRE(waiting.bytes <= UINT64_C(64) << 20);
        REQUIRE(waiting.bytes == 0 || waiting.from != 0);
    }
}

/* The input is a program or DLL as it lies in memory. */
int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t size)
{
    struct input input = { bytes, size };
    struct hb_memory memory = { read_input, &input };
    struct hb_image image;
    char name[64] = "";
    uint32_t start = 0;

    if (hb_image_read(&memory, BASE, &image)) {
        REQUIRE(image.id[0] != '\0' && strlen(image.id) < sizeof(image.id));
    }
    for (uint32_t offset = 0; offset < 0x1000; offset += 0xC00) {
        if (hb_image_export(&memory, BASE, offset, name, sizeof(name),
                            &start)) {
            REQUIRE(start <= offset);
            REQUIRE(name[0] != '\0' && strlen(name) < sizeof(name));
        }
        look_for_streams(&memory, offset);
    }
    if (hb_image_find(&memory, BASE, "_iob", &start)) {
        look_for_streams(&memory, start);
    }
    return 0;
}
