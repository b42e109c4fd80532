/* The pattern of the system and the names of files: bytes of others. The first
 * line is the pattern, the second a name. */
#include <string.h>

#include "base/core_pattern.h"
#include "require.h"

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t size)
{
    const struct hb_core_facts facts = {
        .pid = 4711, .signal = 11, .host = "host", .image = "image"
    };
    const struct hb_core_facts nothing = { 0 };
    struct hb_core_pattern pattern;
    char folder[64];
    char name[300] = "";
    const unsigned char *end = memchr(bytes, '\n', size);

    hb_core_pattern_read((const char *)bytes, size, size % 2 == 1, &pattern);
    if (end != NULL) {
        size_t rest = size - (size_t)(end - bytes) - 1;

        rest = rest < sizeof(name) - 1 ? rest : sizeof(name) - 1;
        memcpy(name, end + 1, rest);
    }
    (void)hb_core_pattern_folder(&pattern, &facts, folder, sizeof(folder));
    (void)hb_core_pattern_program(&pattern, folder, sizeof(folder));
    (void)hb_core_pattern_only_name(&pattern);
    if (hb_core_pattern_fits(&pattern, &facts, name)) { /* less is known */
        REQUIRE(hb_core_pattern_fits(&pattern, &nothing, name));
    }
    return 0;
}
