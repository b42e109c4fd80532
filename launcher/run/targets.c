#include "run/targets.h"

#include "os/file.h"

/* What is written comes first; reports of one kind may share a file. */
struct target {
    const char *option;
    const char *path; /* NULL: not given */
    enum { AS_JSON, AS_JUNIT, READ } use;
};

static bool check_pair(const struct target *one, const struct target *other,
                       struct hb_error *err)
{
    return one->path == NULL || other->path == NULL || one->use == other->use ||
           !hb_file_same(one->path, other->path) ||
           hb_fail(err, HB_ERR_USAGE, 0,
                   "%s '%.120s' and %s '%.120s' are the same file", one->option,
                   one->path, other->option, other->path);
}

bool hb_targets_check(const struct hb_settings *settings, struct hb_error *err)
{
    const struct hb_options *options = &settings->options;
    const struct target targets[] = {
        { "--json", options->json, AS_JSON },
        { "--junit", settings->junit_copy[0], AS_JUNIT },
        { "XML_OUTPUT_FILE", settings->junit_copy[1], AS_JUNIT },
        { "--replay", options->replay, READ },
        { "--config", options->config, READ },
    };
    const size_t count = sizeof(targets) / sizeof(targets[0]);

    for (size_t i = 0; i < count; i++) {
        const struct target *target = &targets[i];

        if (target->path == NULL || target->use == READ) {
            continue;
        }
        if (!hb_file_check(target->path, err)) {
            return false;
        }
        for (size_t j = i + 1; j < count; j++) {
            if (!check_pair(target, &targets[j], err)) {
                return false;
            }
        }
    }
    return true;
}
