#include "core/options.h"

#include <string.h>

#include "base/text.h"

/* "HBTEST_" or "--", and the longest name that could be meant. */
#define ORIGIN_SIZE 96

void hb_options_default(struct hb_options *options)
{
    *options = (struct hb_options){
        .artifacts = "hbtest-artifacts",
        .policy = { .hang_after_auto = true,
                    .hang_after_ms = HB_NO_LIMIT,
                    .timeout_ms = HB_NO_LIMIT,
                    .exit_within_ms = 10000,
                    .deadline_ms = HB_NO_LIMIT,
                    .beat_every_ms = 1000,
                    .grace_ms = 5000,
                    .progress = HB_PROGRESS_AUTO },
        .dump_budget = UINT64_C(2) << 30,
        .redact = { HB_REDACT_BUILT_IN },
        .redact_count = 1,
        .log_cap = UINT64_C(64) << 20,
    };
}

const struct hb_option *hb_options_find(const char *name)
{
    for (size_t i = 0; i < hb_options_count; i++) {
        if (strcmp(hb_options_table[i].name, name) == 0) {
            return &hb_options_table[i];
        }
    }
    return NULL;
}

const char *hb_options_nearest(const char *name)
{
    const char *names[64];
    size_t count = 0;

    while (count < hb_options_count && count < sizeof(names) / sizeof(*names)) {
        names[count] = hb_options_table[count].name;
        count++;
    }
    return hb_text_nearest(name, names, count);
}

static bool fail_unknown(const char *word, struct hb_error *err)
{
    char shown[ORIGIN_SIZE];
    const char *nearest = hb_options_nearest(word + strspn(word, "-"));

    (void)hb_text_copy_bytes(shown, sizeof(shown), word, strcspn(word, "="));
    if (nearest == NULL) {
        return hb_fail(err, HB_ERR_USAGE, 0,
                       "unknown option '%s' (--help lists all)", shown);
    }
    return hb_fail(err, HB_ERR_USAGE, 0,
                   "unknown option '%s' (did you mean '--%s'?)", shown,
                   nearest);
}

/*
 * One option at `words[0]`, of `count` words in all; sets how many words it
 * took. A word that begins with "--" is no value of the one before it: it is
 * the next option, and the value was forgotten.
 */
static bool take_option(struct hb_options *options, int count,
                        char *const *words, int *out_taken,
                        struct hb_error *err)
{
    char origin[ORIGIN_SIZE];
    const char *equals = strchr(words[0], '=');
    const char *value = equals == NULL ? NULL : equals + 1;
    size_t size = strcspn(words[0], "=");

    if (size < 3 || strncmp(words[0], "--", 2) != 0 ||
        !hb_text_copy_bytes(origin, sizeof(origin), words[0], size)) {
        return fail_unknown(words[0], err);
    }

    const struct hb_option *option = hb_options_find(origin + 2);

    if (option == NULL) {
        return fail_unknown(origin, err);
    }
    if (option->kind == HB_OPTION_SWITCH && value != NULL) {
        return hb_fail(err, HB_ERR_USAGE, 0, "%s takes no value", origin);
    }
    *out_taken = 1;
    if (option->kind != HB_OPTION_SWITCH && value == NULL && count > 1 &&
        strncmp(words[1], "--", 2) != 0) {
        value = words[1];
        *out_taken = 2;
    }
    return hb_options_set(options, option->name, value, origin, err);
}

bool hb_options_parse(struct hb_options *options, int argc, char *const *argv,
                      struct hb_error *err)
{
    struct hb_options parsed = *options;
    int at = 1;

    while (at < argc && argv[at][0] == '-' && argv[at][1] != '\0') {
        int taken = 0;

        if (strcmp(argv[at], "--") == 0) {
            at++;
            break;
        }
        if (!take_option(&parsed, argc - at, argv + at, &taken, err)) {
            return false;
        }
        at += taken;
    }
    if (at < argc) {
        parsed.command = (const char *const *)argv + at;
        parsed.command_count = (size_t)(argc - at);
    }
    *options = parsed;
    return true;
}

/* "hang-after" becomes "HBTEST_HANG_AFTER". */
static void name_variable(char *target, size_t size, const char *name)
{
    (void)hb_text_format(target, size, "HBTEST_%s", name);
    for (char *at = target; *at != '\0'; at++) {
        if (*at == '-') {
            *at = '_';
        } else if (*at >= 'a' && *at <= 'z') {
            *at = (char)(*at - 'a' + 'A');
        }
    }
}

bool hb_options_environment(struct hb_options *options,
                            const char *(*get)(const char *name),
                            struct hb_error *err)
{
    struct hb_options read = *options;

    for (size_t i = 0; i < hb_options_count; i++) {
        const struct hb_option *option = &hb_options_table[i];
        char variable[ORIGIN_SIZE];

        if (option->command_line_only) {
            continue;
        }
        name_variable(variable, sizeof(variable), option->name);

        const char *value = get(variable);

        if (value != NULL && value[0] != '\0' &&
            !hb_options_set(&read, option->name, value, variable, err)) {
            return false;
        }
    }
    *options = read;
    return true;
}
