#include "run/settings.h"

#include <string.h>

#include "base/text.h"
#include "os/host.h"
#include "run/host_env.h"

/* The command line is read twice: first for --config alone, then, over file
 * and environment, for good. */
static bool read_sources(struct hb_settings *settings, int argc,
                         char *const *argv, struct hb_error *err)
{
    struct hb_options first;
    const char *path = NULL;

    hb_options_default(&first);
    if (!hb_options_parse(&first, argc, argv, err)) {
        return false;
    }
    if (first.help || first.version) { /* whatever the environment holds */
        settings->options = first;
        return true;
    }
    if (first.config == NULL &&
        !hb_options_environment(&first, hb_environment_get, err)) {
        return false;
    }
    path = first.config;
    hb_options_default(&settings->options);
    if (path != NULL &&
        !hb_config_read(path, &settings->options, &settings->config, err)) {
        return false;
    }
    return hb_options_environment(&settings->options, hb_environment_get,
                                  err) &&
           hb_options_parse(&settings->options, argc, argv, err) &&
           hb_options_check(&settings->options, err);
}

/* "--gtest_filter=Suite.Name" that names one case, as test discovery has
 * it. */
static const char *single_filter(const struct hb_options *options)
{
    static const char flag[] = "--gtest_filter=";

    for (size_t i = 1; i < options->command_count; i++) {
        const char *word = options->command[i];

        if (strncmp(word, flag, sizeof(flag) - 1) == 0) {
            const char *filter = word + sizeof(flag) - 1;

            return filter[0] != '\0' && strpbrk(filter, "*?:-") == NULL ? filter
                                                                        : NULL;
        }
    }
    return NULL;
}

static bool is_separator(char c, bool windows)
{
    return c == '/' || (windows && (c == '\\' || c == ':'));
}

/* The last part of the program's path; what has none is called "test". */
static void name_program(const struct hb_options *options, bool windows,
                         char *target, size_t size)
{
    const char *path =
        options->command_count > 0 ? options->command[0] : "test";
    size_t end = strlen(path);
    size_t begin;

    while (end > 0 && is_separator(path[end - 1], windows)) {
        end--;
    }
    begin = end;
    while (begin > 0 && !is_separator(path[begin - 1], windows)) {
        begin--;
    }
    (void)hb_text_copy_bytes(target, size, path + begin, end - begin);
    if (target[0] == '\0') {
        (void)hb_text_copy(target, size, "test");
    }
}

static void choose_name(struct hb_settings *settings)
{
    const struct hb_options *options = &settings->options;
    struct hb_host host;
    const char *filter = single_filter(options);
    size_t length;

    if (settings->name[0] != '\0') {
        return;
    }
    if (options->name != NULL) {
        (void)hb_text_copy(settings->name, sizeof(settings->name),
                           options->name);
        return;
    }
    hb_host_read(&host);
    name_program(options, host.windows, settings->name, sizeof(settings->name));
    length = strlen(settings->name);
    if (length > 4 && (strcmp(settings->name + length - 4, ".exe") == 0 ||
                       strcmp(settings->name + length - 4, ".EXE") == 0)) {
        settings->name[length - 4] = '\0';
        length -= 4;
    }
    if (filter != NULL) {
        (void)hb_text_format(settings->name + length,
                             sizeof(settings->name) - length, ".%s", filter);
    }
}

static bool read_listing(struct hb_settings *settings, struct hb_error *err)
{
    static const char name[] = "HBTEST_PASSTHROUGH";
    const struct hb_options *options = &settings->options;
    const char *asked = hb_environment_get(name);
    bool listing = false;

    if (options->help || options->version) {
        return true;
    }
    if (asked != NULL && asked[0] != '\0' &&
        !hb_options_switch(asked, name, &listing, err)) {
        return false;
    }
    settings->listing = listing || hb_options_is_listing(options);
    return true;
}

/* No program here can return more than eight bits. */
static bool check_skip_code(const struct hb_options *options,
                            struct hb_error *err)
{
    struct hb_host host;

    if (!options->policy.has_skip_code || options->policy.skip_code <= 255) {
        return true;
    }
    hb_host_read(&host);
    return host.windows ||
           hb_fail(err, HB_ERR_USAGE, 0,
                   "%s: '%lu' is no exit code that can mean skipped on %s (1 "
                   "to 255, without 120 to 127)",
                   options->skip_code_origin,
                   (unsigned long)options->policy.skip_code, host.os);
}

bool hb_settings_read(struct hb_settings *settings, int argc, char *const *argv,
                      struct hb_error *err)
{
    memset(settings, 0, sizeof(*settings));
    settings->attempt = 1;
    if (!read_sources(settings, argc, argv, err) ||
        !check_skip_code(&settings->options, err)) {
        return false;
    }
    (void)hb_text_copy(settings->artifacts, sizeof(settings->artifacts),
                       settings->options.artifacts);
    settings->junit_copy[0] = settings->options.junit;
    if (!read_listing(settings, err) || !hb_host_env_apply(settings, err)) {
        return false;
    }
    choose_name(settings);
    return true;
}

void hb_settings_free(struct hb_settings *settings)
{
    hb_config_free(settings->config);
    settings->config = NULL;
}
