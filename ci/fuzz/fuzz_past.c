#include <string.h>

#include "report/past.h"
#include "require.h"

/* The input is the result.json of a run before this one: what is removed for
 * it lies in that run's folder, and is a dump. */
int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t size)
{
    struct hb_past past;

    if (hb_past_read((const char *)bytes, size, &past)) {
        REQUIRE(past.signature[0] != '\0');
        REQUIRE(past.dump_count <= HB_PAST_DUMPS_MAX);
        for (size_t i = 0; i < past.dump_count; i++) {
            REQUIRE(strpbrk(past.dumps[i], "/\\:") == NULL);
            REQUIRE(hb_past_is_dump(past.dumps[i]));
        }
    }
    return 0;
}
