#include <stdint.h>
#include <string.h>

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
    }
    return 0;
}
