#include <stdint.h>
#include <string.h>

#include "core/minidump.h"
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

static bool is_inside(struct hb_minidump_place place, const struct input *input)
{
    return place.at <= input->size && place.size <= input->size - place.at;
}

static void read_threads(const struct hb_minidump *dump, bool good,
                         const struct input *input)
{
    struct hb_minidump_thread thread;
    struct hb_minidump_registers registers;
    unsigned char bytes[64];

    for (uint32_t i = 0; i < hb_minidump_thread_count(dump); i++) {
        REQUIRE(hb_minidump_thread(dump, i, &thread));
        REQUIRE(strlen(thread.name) < sizeof(thread.name));
        REQUIRE(!good || is_inside(thread.context, input));
        if (hb_minidump_registers(dump, &thread.context, &registers)) {
            REQUIRE(hb_minidump_memory(dump, registers.stack, bytes,
                                       sizeof(bytes)) <= sizeof(bytes));
        }
    }
}

static void read_modules(const struct hb_minidump *dump, bool good,
                         const struct input *input)
{
    struct hb_minidump_module module;

    for (uint32_t i = 0; i < hb_minidump_module_count(dump); i++) {
        REQUIRE(hb_minidump_module(dump, i, &module));
        REQUIRE(strlen(module.path) < sizeof(module.path));
        REQUIRE(strspn(module.id, "0123456789ABCDEF") == strlen(module.id));
        REQUIRE(!good || is_inside(module.codeview, input));
    }
}

/* The input is a minidump. Nothing outside of it is read; what is found good
 * has everything that it names. */
int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t size)
{
    struct input input = { bytes, size };
    struct hb_minidump_source source = { size, read_input, &input };
    struct hb_minidump dump;
    struct hb_minidump_exception exception;
    struct hb_error err = { 0 };
    uint32_t pid = 0;

    if (!hb_minidump_open(&source, &dump, &err)) {
        REQUIRE(err.code == HB_ERR_READ);
        return 0;
    }
    bool good = hb_minidump_check(&dump, &err);

    REQUIRE(good == (err.code == HB_OK));
    REQUIRE(!good || hb_minidump_thread_count(&dump) > 0);
    (void)hb_minidump_pid(&dump, &pid);
    if (hb_minidump_exception(&dump, &exception)) {
        REQUIRE(exception.parameter_count <= HB_MINIDUMP_PARAMETERS);
        REQUIRE(!good || is_inside(exception.context, &input));
    }
    read_threads(&dump, good, &input);
    read_modules(&dump, good, &input);
    return 0;
}
