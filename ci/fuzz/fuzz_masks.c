#include <stdint.h>
#include <string.h>

#include "core/masks.h"
#include "require.h"

/* The first byte says how the rest, which a test prints, is cut in two. What is
 * found must be the same as in one piece. */
static size_t found[2];

static void take(void *context, const char *value, size_t size)
{
    REQUIRE(size > 0 && size <= HB_MASK_LINE_MAX);
    REQUIRE(strlen(value) <= size);
    *(size_t *)context += size + 1;
}

static void feed(const char *text, size_t size, size_t cut, size_t *count)
{
    struct hb_mask_reader reader = { 0 };

    *count = 0;
    hb_masks_feed(&reader, text, cut, take, count);
    hb_masks_feed(&reader, text + cut, size - cut, take, count);
    hb_masks_end(&reader, take, count);
    hb_buffer_free(&reader.line);
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t size)
{
    if (size == 0) {
        return 0;
    }
    size_t cut = bytes[0] < size - 1 ? bytes[0] : size - 1;

    feed((const char *)bytes + 1, size - 1, 0, &found[0]);
    feed((const char *)bytes + 1, size - 1, cut, &found[1]);
    REQUIRE(found[0] == found[1]);
    return 0;
}
