#include <stdint.h>
#include <string.h>

#include "core/elf_core.h"
#include "require.h"

struct input {
    const unsigned char *bytes;
    size_t size;
};

static bool read_input(void *context, uint64_t at, void *bytes, size_t size)
{
    const struct input *input = context;

    REQUIRE(at <= input->size && size <= input->size - at);
    if (size > 0) {
        memcpy(bytes, input->bytes + at, size);
    }
    return true;
}

static void read_threads(const struct hb_elf_core *core)
{
    struct hb_elf_core_thread thread;
    unsigned char bytes[64];

    for (size_t i = 0; i < 16 && hb_elf_core_thread(core, i, &thread); i++) {
        (void)hb_elf_core_memory(core, thread.stack, bytes, sizeof(bytes));
        (void)hb_elf_core_memory(core, thread.instruction, bytes, 1);
    }
}

/* The input is a core, as a dying process may leave it. */
int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t size)
{
    struct input input = { bytes, size };
    const struct hb_elf_core_source source = { size, read_input, &input };
    struct hb_elf_core core;
    struct hb_elf_core_process process;
    struct hb_elf_core_file file;
    struct hb_error err = { 0 };
    uint64_t address = 0;

    if (!hb_elf_core_open(&source, &core, &err)) {
        REQUIRE(err.text[0] != '\0');
        return 0;
    }
    if (hb_elf_core_check(&core, &err)) {
        struct hb_elf_core_thread thread;

        REQUIRE(hb_elf_core_thread(&core, 0, &thread));
    }
    read_threads(&core);
    if (hb_elf_core_process(&core, &process)) {
        REQUIRE(strlen(process.name) < sizeof(process.name));
        REQUIRE(strlen(process.arguments) < sizeof(process.arguments));
    }
    if (hb_elf_core_vector(&core, 31, &address)) { /* AT_EXECFN */
        struct hb_elf_core_place place = { 0 };

        if (hb_elf_core_place(&core, address, &place)) {
            REQUIRE(place.at >= place.before && place.size > 0);
        }
    }
    for (size_t i = 0; i < 16 && hb_elf_core_file(&core, i, &file); i++) {
        REQUIRE(strlen(file.path) < sizeof(file.path));
    }
    (void)hb_elf_core_fault(&core, &address);
    return 0;
}
