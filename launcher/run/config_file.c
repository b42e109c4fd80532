#include <stdlib.h>

#include "os/file.h"
#include "run/config.h"

bool hb_config_read(const char *path, struct hb_options *options,
                    struct hb_config **out_config, struct hb_error *err)
{
    char *bytes = NULL;
    size_t size = 0;

    if (!hb_file_read(path, HB_CONFIG_CAP, &bytes, &size, err)) {
        return false;
    }

    bool ok = hb_config_parse(path, bytes, size, options, out_config, err);

    free(bytes);
    return ok;
}
