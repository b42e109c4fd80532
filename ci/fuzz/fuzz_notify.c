#include <stdint.h>
#include <string.h>

#include "core/notify.h"
#include "require.h"

/* The input is a datagram, as anybody may send one. */
static void check(void *context, const struct hb_observation *seen)
{
    (void)context;
    REQUIRE(seen->source == HB_SOURCE_NOTIFY && seen->pid == 7);
    REQUIRE(seen->kind == HB_OBS_BEAT || seen->kind == HB_OBS_NOTE ||
            seen->kind == HB_OBS_READY || seen->kind == HB_OBS_STOPPING ||
            seen->kind == HB_OBS_HANG_AFTER);
    REQUIRE((seen->kind == HB_OBS_NOTE) == (seen->text != NULL));
    REQUIRE(seen->text == NULL || strlen(seen->text) < 256);
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t size)
{
    hb_notify_read((const char *)bytes, size, 7, 1, check, NULL);
    return 0;
}
