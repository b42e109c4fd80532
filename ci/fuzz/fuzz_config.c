#include <string.h>

#include "core/options.h"
#include "require.h"
#include "run/config.h"

/* The input is a config file. */
int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t size)
{
    struct hb_options options;
    struct hb_config *config = NULL;
    struct hb_error err = { 0 };

    hb_options_default(&options);
    if (hb_config_parse("ci.json", (const char *)bytes, size, &options, &config,
                        &err)) {
        REQUIRE(config != NULL);
        /* Texts that options borrow must still be there. */
        REQUIRE(options.name == NULL || strlen(options.name) > 0);
        REQUIRE(options.deadline_text == NULL ||
                strlen(options.deadline_text) > 0);
        REQUIRE(options.redact_count <= HB_REDACT_MAX);
        for (size_t i = 0; i < options.redact_count; i++) {
            REQUIRE(strlen(options.redact[i]) > 0);
        }
    } else {
        REQUIRE(config == NULL);
        REQUIRE(err.code == HB_ERR_USAGE);
        REQUIRE(strstr(err.text, "ci.json") != NULL);
        REQUIRE(strpbrk(err.text, "\r\n\x1b") == NULL);
    }
    hb_config_free(config);
    return 0;
}
