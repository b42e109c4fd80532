#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "core/options.h"
#include "require.h"

#define WORDS_MAX 64

/* The input is a command line, one word a line. Its lines also serve as an
 * environment ("HBTEST_X=value") and as plain values. */
struct lines {
    char *text;
    char *words[WORDS_MAX + 1];
    int count;
};

static struct lines lines;

static void split(const unsigned char *bytes, size_t size)
{
    lines.text = malloc(size + 1);
    REQUIRE(lines.text != NULL);
    memcpy(lines.text, bytes, size);
    lines.text[size] = '\0';
    lines.count = 0;
    for (char *at = lines.text; at != NULL && lines.count < WORDS_MAX;) {
        char *end = strchr(at, '\n');

        lines.words[lines.count++] = at;
        if (end != NULL) {
            *end++ = '\0';
        }
        at = end;
    }
    lines.words[lines.count] = NULL;
}

static const char *get(const char *name)
{
    size_t size = strlen(name);

    for (int i = 0; i < lines.count; i++) {
        if (strncmp(lines.words[i], name, size) == 0 &&
            lines.words[i][size] == '=') {
            return lines.words[i] + size + 1;
        }
    }
    return NULL;
}

/* A failure says one line and changes nothing else. */
static void require_failure(const struct hb_error *err,
                            const struct hb_options *options)
{
    struct hb_options before;

    hb_options_default(&before);
    REQUIRE(err->code == HB_ERR_USAGE);
    REQUIRE(err->text[0] != '\0');
    REQUIRE(strpbrk(err->text, "\r\n\x1b") == NULL);
    REQUIRE(options->command == NULL);
    REQUIRE(options->policy.progress == before.policy.progress);
    REQUIRE(options->redact_count == before.redact_count);
}

static void try_command_line(void)
{
    struct hb_options options;
    struct hb_error err = { 0 };

    hb_options_default(&options);
    if (!hb_options_parse(&options, lines.count, lines.words, &err)) {
        require_failure(&err, &options);
        return;
    }
    REQUIRE(options.command_count < (size_t)lines.count + 1);
    if (hb_options_check(&options, &err)) {
        REQUIRE(options.command_count > 0 || options.replay != NULL ||
                options.help || options.version || options.doctor);
        (void)hb_options_is_listing(&options);
    }
    (void)hb_options_redacts(&options, lines.words[lines.count - 1]);
}

static void try_environment(void)
{
    struct hb_options options;
    struct hb_error err = { 0 };

    hb_options_default(&options);
    if (!hb_options_environment(&options, get, &err)) {
        require_failure(&err, &options);
    }
}

/* What is written is read back as the same. */
static void try_values(const char *text)
{
    char written[HB_TIME_SIZE];
    uint64_t value = 0;
    int64_t time = 0;
    int64_t again = 0;

    if (hb_parse_duration_ms(text, &value)) {
        hb_format_duration(written, value);
    }
    (void)hb_parse_size(text, &value);
    (void)hb_parse_u64(text, &value);
    if (hb_parse_time_ms(text, &time) && time >= INT64_C(-62167219200000) &&
        time < INT64_C(253402300800000)) {
        hb_format_time(written, time);
        REQUIRE(hb_parse_time_ms(written, &again) && again == time);
    }
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t size)
{
    split(bytes, size);
    try_command_line();
    try_environment();
    for (int i = 0; i < lines.count; i++) {
        try_values(lines.words[i]);
    }
    free(lines.text);
    return 0;
}
