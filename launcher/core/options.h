#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "core/policy.h"

/*
 * What the user asked for. One table (hb_options_table) holds every option:
 * its name gives the environment variable (--hang-after: HBTEST_HANG_AFTER)
 * and the key of the config file ("hang-after"); help, documentation and the
 * tests of both read the same table. The command line wins over the
 * environment, which wins over the file.
 */
enum hb_dump_kind {
    HB_DUMP_AUTO = 0,
    HB_DUMP_NONE,
    HB_DUMP_MINI,
    HB_DUMP_FULL,
};
enum hb_when { HB_WHEN_AUTO = 0, HB_WHEN_ALWAYS, HB_WHEN_NEVER };
enum hb_keep { HB_KEEP_FAILED = 0, HB_KEEP_ALL };

#define HB_REDACT_MAX 32u

/* What --redact starts with. */
#define HB_REDACT_BUILT_IN                                                     \
    "*TOKEN*,*SECRET*,*PASSW*,*PASSPHRASE*,*CREDENTIAL*,*API*KEY*,"            \
    "*ACCESS*KEY*,*PRIVATE*KEY*,*CONNECTION*STRING*"

#define HB_LOG_CAP_LEAST 4096u
#define HB_BEAT_EVERY_LEAST_MS 10u
#define HB_ORIGIN_SIZE 200u

/* Texts are borrowed from whoever handed them in. */
struct hb_options {
    const char *name;      /* NULL: the program's base name */
    const char *artifacts; /* "hbtest-artifacts" */
    const char *junit;     /* NULL: no copy */
    const char *json;      /* NULL: no copy */
    const char *config;    /* NULL: none */
    const char *replay;    /* NULL: run a program */
    struct hb_policy policy;
    const char *deadline_text; /* as given; NULL: none */
    int64_t deadline_unix_ms;  /* meaningful if `deadline_text` */
    /* Who gave what only the host can check: "HBTEST_DEADLINE". */
    char deadline_origin[HB_ORIGIN_SIZE];
    char skip_code_origin[HB_ORIGIN_SIZE];
    enum hb_dump_kind dump;
    uint64_t dump_budget;
    enum hb_when stacks;
    const char *redact[HB_REDACT_MAX]; /* each one or more, with commas */
    size_t redact_count;
    bool no_redact;
    bool keep_symbols;
    bool exit_monitor; /* --windows-exit-monitor */
    enum hb_keep keep;
    bool junit_strict;
    uint64_t log_cap; /* --log-cap: bytes kept of each stream */
    enum hb_when github;
    enum hb_when color;
    bool quiet;
    bool verbose;
    bool doctor;
    bool help;
    bool version;
    const char *const *command; /* the program and its arguments */
    size_t command_count;
};

/* How the value of an option is read and where it goes. */
enum hb_option_kind {
    HB_OPTION_SWITCH = 0,
    HB_OPTION_TEXT,
    HB_OPTION_DURATION,
    HB_OPTION_LIMIT, /* a duration; 0 is off: HB_NO_LIMIT */
    HB_OPTION_HANG_AFTER,
    HB_OPTION_DEADLINE,
    HB_OPTION_SIZE,
    HB_OPTION_WORD, /* one of a few: an enum */
    HB_OPTION_FLAVOR,
    HB_OPTION_PROGRESS,
    HB_OPTION_SKIP_CODE,
    HB_OPTION_REDACT, /* the one that repeats */
};

struct hb_option {
    const char *name;  /* without "--" */
    const char *value; /* "DUR", "DIR", ... or NULL for a switch */
    const char *help;  /* one line, as --help prints it, with the default */
    const char *takes; /* what a value may be, as an error names it */
    enum hb_option_kind kind;
    size_t place;             /* of the field in struct hb_options */
    const char *const *words; /* what HB_OPTION_WORD takes, NULL at the end */
    uint64_t least;           /* of a number */
    bool command_line_only;   /* says what to do instead of how */
};

extern const struct hb_option hb_options_table[];
extern const size_t hb_options_count;

void hb_options_default(struct hb_options *options);

/* The option of that name, or NULL. */
const struct hb_option *hb_options_find(const char *name);

/* What an unknown name may have meant, or NULL. */
const char *hb_options_nearest(const char *name);

/* One option by its name, from any of the three sources. `value` is NULL for
 * a switch that is on; otherwise a switch takes "true", "no", "0" and so on.
 * `origin` is how the message names it: "--hang-after", "HBTEST_HANG_AFTER",
 * "hang-after in 'hbtest.json'". The last value counts, but patterns of
 * --redact add up. */
bool hb_options_set(struct hb_options *options, const char *name,
                    const char *value, const char *origin,
                    struct hb_error *err);

/* How a switch is written outside of the command line: "1", "true", "yes",
 * "on", or "0", "false", "no", "off". `origin` as above. */
bool hb_options_switch(const char *value, const char *origin, bool *out_on,
                       struct hb_error *err);

/*
 * Reads the command line (argv[0] is skipped). Options end at "--" or at the
 * first word that is none. `--name=value` and `--name value` are the same.
 */
bool hb_options_parse(struct hb_options *options, int argc, char *const *argv,
                      struct hb_error *err);

/* Reads the environment through `get` (NULL result: not set; empty is the
 * same). A variable HBTEST_... that belongs to no option is none of our
 * business. */
bool hb_options_environment(struct hb_options *options,
                            const char *(*get)(const char *name),
                            struct hb_error *err);

/* What contradicts what: says so, naming both. Call it last. */
bool hb_options_check(const struct hb_options *options, struct hb_error *err);

/* True if the command is a listing call (--gtest_list_tests, --list-tests,
 * ...): such a run is passed through untouched. */
bool hb_options_is_listing(const struct hb_options *options);

/* True if a pattern of --redact fits the name of an environment variable; case
 * does not matter, '*' stands for any text and '?' for one byte. */
bool hb_options_redacts(const struct hb_options *options, const char *name);
