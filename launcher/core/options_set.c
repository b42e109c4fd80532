#include <string.h>

#include "base/text.h"
#include "core/options.h"

/* Gets a value into its field; false if it is not what the option takes. */
typedef bool setter(const struct hb_option *option, struct hb_options *options,
                    const char *value);

/* Words are stored through int. */
_Static_assert(sizeof(enum hb_when) == sizeof(int) &&
                   sizeof(enum hb_keep) == sizeof(int) &&
                   sizeof(enum hb_dump_kind) == sizeof(int) &&
                   sizeof(enum hb_leak_action) == sizeof(int) &&
                   sizeof(enum hb_exit_mode) == sizeof(int) &&
                   sizeof(enum hb_completion_when) == sizeof(int),
               "an enum is as large as an int");

static void store(const struct hb_option *option, struct hb_options *options,
                  const void *value, size_t size)
{
    memcpy((char *)options + option->place, value, size);
}

/* The index of `word` of `size` bytes in `words`, or -1. */
static int find_word(const char *const *words, const char *word, size_t size)
{
    for (int i = 0; words[i] != NULL; i++) {
        if (strlen(words[i]) == size && memcmp(words[i], word, size) == 0) {
            return i;
        }
    }
    return -1;
}

#define SWITCH_TAKES "setting of a switch (1, true, yes, on; 0, false, no, off)"

static bool read_switch(const char *value, bool *out_on)
{
    static const char *const words[] = { "0",    "false", "no", "off", "1",
                                         "true", "yes",   "on", NULL };
    int word = find_word(words, value, strlen(value));

    *out_on = word >= 4;
    return word >= 0;
}

static bool set_switch(const struct hb_option *option,
                       struct hb_options *options, const char *value)
{
    bool on = true;

    if (value != NULL && !read_switch(value, &on)) {
        return false;
    }
    store(option, options, &on, sizeof(on));
    /* The later of the two wins, so that a command line can undo what the
     * environment says. */
    if (on && option->place == offsetof(struct hb_options, quiet)) {
        options->verbose = false;
    } else if (on && option->place == offsetof(struct hb_options, verbose)) {
        options->quiet = false;
    }
    return true;
}

static bool set_text(const struct hb_option *option, struct hb_options *options,
                     const char *value)
{
    if (*value == '\0') {
        return false;
    }
    store(option, options, &value, sizeof(value));
    return true;
}

static bool set_duration(const struct hb_option *option,
                         struct hb_options *options, const char *value)
{
    uint64_t ms = 0;

    if (!hb_parse_duration_ms(value, &ms) || ms < option->least) {
        return false;
    }
    store(option, options, &ms, sizeof(ms));
    return true;
}

static bool parse_limit(const char *value, uint64_t *out_ms)
{
    uint64_t ms = 0;

    if (!hb_parse_duration_ms(value, &ms)) {
        return false;
    }
    *out_ms = ms == 0 ? HB_NO_LIMIT : ms;
    return true;
}

static bool set_limit(const struct hb_option *option,
                      struct hb_options *options, const char *value)
{
    uint64_t ms = 0;

    if (!parse_limit(value, &ms)) {
        return false;
    }
    store(option, options, &ms, sizeof(ms));
    return true;
}

static bool set_hang_after(const struct hb_option *option,
                           struct hb_options *options, const char *value)
{
    struct hb_policy *policy = &options->policy;
    bool automatic = strcmp(value, "auto") == 0;

    (void)option;
    if (!automatic && !parse_limit(value, &policy->hang_after_ms)) {
        return false;
    }
    policy->hang_after_auto = automatic;
    return true;
}

static bool set_deadline(const struct hb_option *option,
                         struct hb_options *options, const char *value)
{
    (void)option;
    if (!hb_parse_time_ms(value, &options->deadline_unix_ms)) {
        return false;
    }
    options->deadline_text = value;
    return true;
}

static bool set_size(const struct hb_option *option, struct hb_options *options,
                     const char *value)
{
    uint64_t bytes = 0;

    if (!hb_parse_size(value, &bytes) || bytes < option->least) {
        return false;
    }
    store(option, options, &bytes, sizeof(bytes));
    return true;
}

static bool set_word(const struct hb_option *option, struct hb_options *options,
                     const char *value)
{
    int word = find_word(option->words, value, strlen(value));

    if (word < 0) {
        return false;
    }
    store(option, options, &word, sizeof(word));
    return true;
}

static bool set_flavor(const struct hb_option *option,
                       struct hb_options *options, const char *value)
{
    int word = find_word(option->words, value, strlen(value));
    bool strict = word == 1;

    if (word < 0) {
        return false;
    }
    store(option, options, &strict, sizeof(strict));
    return true;
}

/* "recorder,output". 'auto' and 'none' stand alone: with others they would
 * say two things at once. */
static bool set_progress(const struct hb_option *option,
                         struct hb_options *options, const char *value)
{
    static const unsigned sets[] = { HB_PROGRESS_RECORDER, HB_PROGRESS_NOTIFY,
                                     HB_PROGRESS_OUTPUT,   HB_PROGRESS_CPU,
                                     HB_PROGRESS_AUTO,     0 };
    unsigned set = 0;

    for (const char *at = value;; at++) {
        size_t size = strcspn(at, ",");
        int word = find_word(option->words, at, size);

        if (word < 0 || (word >= 4 && value[size] != '\0')) {
            return false;
        }
        set |= sets[word];
        at += size;
        if (*at == '\0') {
            break;
        }
    }
    options->policy.progress = set;
    return true;
}

/* 0 is a pass, and 120 to 127 are what the launcher itself returns. */
static bool set_skip_code(const struct hb_option *option,
                          struct hb_options *options, const char *value)
{
    uint64_t code = 0;

    (void)option;
    if (!hb_parse_u64(value, &code) || code == 0 || code > UINT32_MAX ||
        (code >= 120 && code <= 127)) {
        return false;
    }
    options->policy.has_skip_code = true;
    options->policy.skip_code = (uint32_t)code;
    return true;
}

static bool set_redact(const struct hb_option *option,
                       struct hb_options *options, const char *value)
{
    (void)option;
    if (*value == '\0' || strchr(value, '=') != NULL) {
        return false;
    }
    if (strcmp(value, "none") == 0) {
        options->redact_count = 0;
    } else {
        options->redact[options->redact_count++] = value;
    }
    return true;
}

static setter *const setters[] = {
    [HB_OPTION_SWITCH] = set_switch,
    [HB_OPTION_TEXT] = set_text,
    [HB_OPTION_DURATION] = set_duration,
    [HB_OPTION_LIMIT] = set_limit,
    [HB_OPTION_HANG_AFTER] = set_hang_after,
    [HB_OPTION_DEADLINE] = set_deadline,
    [HB_OPTION_SIZE] = set_size,
    [HB_OPTION_WORD] = set_word,
    [HB_OPTION_FLAVOR] = set_flavor,
    [HB_OPTION_PROGRESS] = set_progress,
    [HB_OPTION_SKIP_CODE] = set_skip_code,
    [HB_OPTION_REDACT] = set_redact,
};

/* "kind of dump (auto, none, mini, full)". */
static void describe(const struct hb_option *option, char *target, size_t size)
{
    if (option->kind == HB_OPTION_SWITCH) {
        (void)hb_text_copy(target, size, SWITCH_TAKES);
        return;
    }
    (void)hb_text_copy(target, size, option->takes);
    for (size_t i = 0; option->words != NULL && option->words[i] != NULL; i++) {
        size_t length = strlen(target);

        (void)hb_text_format(target + length, size - length, "%s%s",
                             i == 0 ? " (" : ", ", option->words[i]);
    }
    if (option->words != NULL) {
        size_t length = strlen(target);

        (void)hb_text_copy(target + length, size - length, ")");
    }
}

static bool fail_unknown(const char *name, const char *origin,
                         struct hb_error *err)
{
    const char *nearest = hb_options_nearest(name);

    if (nearest == NULL) {
        return hb_fail(err, HB_ERR_USAGE, 0,
                       "%s: no option is called so (--help lists them)",
                       origin);
    }
    return hb_fail(err, HB_ERR_USAGE, 0,
                   "%s: no option is called so (did you mean '%s'?)", origin,
                   nearest);
}

/* The value is shown in part if it is long. */
static bool fail_value(const char *value, const char *takes, const char *origin,
                       struct hb_error *err)
{
    char shown[80];

    if (!hb_text_copy(shown, sizeof(shown) - 3, value)) {
        memcpy(shown + strlen(shown), "...", 4);
    }
    return hb_fail(err, HB_ERR_USAGE, 0, "%s: '%s' is no %s", origin, shown,
                   takes);
}

bool hb_options_switch(const char *value, const char *origin, bool *out_on,
                       struct hb_error *err)
{
    bool on = false;

    if (!read_switch(value, &on)) {
        return fail_value(value, SWITCH_TAKES, origin, err);
    }
    *out_on = on;
    return true;
}

/* For messages about values that cannot be checked here. */
static void keep_origin(const struct hb_option *option,
                        struct hb_options *options, const char *origin)
{
    if (option->kind == HB_OPTION_DEADLINE) {
        (void)hb_text_copy(options->deadline_origin,
                           sizeof(options->deadline_origin), origin);
    } else if (option->kind == HB_OPTION_SKIP_CODE) {
        (void)hb_text_copy(options->skip_code_origin,
                           sizeof(options->skip_code_origin), origin);
    }
}

bool hb_options_set(struct hb_options *options, const char *name,
                    const char *value, const char *origin, struct hb_error *err)
{
    const struct hb_option *option = hb_options_find(name);
    char takes[160];

    if (option == NULL) {
        return fail_unknown(name, origin, err);
    }
    if (option->kind == HB_OPTION_REDACT && value != NULL &&
        strcmp(value, "none") != 0 && options->redact_count == HB_REDACT_MAX) {
        return hb_fail(err, HB_ERR_USAGE, 0,
                       "%s: more than %u patterns (one may hold several, "
                       "with commas between)",
                       origin, HB_REDACT_MAX);
    }
    describe(option, takes, sizeof(takes));
    if (value == NULL && option->kind != HB_OPTION_SWITCH) {
        return hb_fail(err, HB_ERR_USAGE, 0, "%s needs a value: %s", origin,
                       takes);
    }
    if (!setters[option->kind](option, options, value)) {
        return fail_value(value, takes, origin, err);
    }
    keep_origin(option, options, origin);
    return true;
}
