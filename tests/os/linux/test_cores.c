/* Cores that the kernel writes of a test (os/cores.h), and files that are named
 * as they are. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/text.h"
#include "collect.h"
#include "os/cores.h"
#include "os/linux/core_files.h"
#include "skip.h"

static struct collect run;
static struct hb_core_trace trace;
static char folder[256];
static char path[512];

static const char *at(const char *name)
{
    assert_true(hb_text_format(path, sizeof(path), "%s/%s", folder, name));
    return path;
}

/* Why no core can come about here; NULL: one can. */
static const char *obstacle(void)
{
    struct hb_core_pattern pattern;
    struct hb_error err = { 0 };
    struct rlimit limit = { 0 };
    struct rlimit none;

    (void)getrlimit(RLIMIT_CORE, &limit);
    none = (struct rlimit){ 0, limit.rlim_max };
    (void)setrlimit(RLIMIT_CORE, &none); /* as most systems have it */
    if (!hb_core_pattern_of_system(&pattern, &err) ||
        pattern.way != HB_CORE_FILE || pattern.text[0] == '/') {
        return "core_pattern does not name a file where the program runs";
    }
    return limit.rlim_max == 0 ? "the hard limit on cores is 0" : NULL;
}

/* A shell that goes to a folder of ours, says so, and waits to be killed. */
static void start(bool cores)
{
    static char words[600];
    static const char *const command[] = { "/bin/sh", "-c", words, NULL };

    (void)snprintf(words, sizeof(words),
                   "cd '%s' && echo there && exec sleep 60", folder);
    collect_start_command(&run, command,
                          (struct hb_process_spec){ .cores = cores });
    collect_until_line(&run, "there");
}

static void die(void)
{
    (void)kill((pid_t)run.pid, SIGSEGV);
    collect_all(&run);
    hb_process_cores(run.process, &trace);
}

static int begin(void **state)
{
    (void)state;
    (void)hb_text_copy(folder, sizeof(folder), "/tmp/hbtest-cores-XXXXXX");
    return mkdtemp(folder) != NULL ? 0 : -1;
}

static int remove_one(const char *name, const struct stat *about, int kind,
                      struct FTW *place)
{
    (void)about;
    (void)kind;
    (void)place;
    return remove(name);
}

static int end(void **state)
{
    (void)state;
    return nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void a_core_is_found_where_the_program_went(void **state)
{
    uint64_t used_us = 0;

    (void)state;
    start(true);
    assert_true(hb_process_cpu_us(run.process, &used_us)); /* and looks */
    die();
    assert_true(trace.died && trace.raised && trace.found);
    assert_true(trace.flagged && trace.limit_known && trace.limit > 0);
    assert_null(trace.why_not);
    assert_int_equal(trace.folder_count, 2);
    assert_string_equal(trace.folders[1], folder);
    collect_free(&run);
}

/* True if the kernel was seen at work on its core. A core of 192 MiB takes it
 * a while, and a machine that does not let us look in that time may try again.
 */
static bool is_seen_dumping(void)
{
    static const char *const command[] = { "/proc/self/exe", "fat", NULL };
    struct hb_thread_sample sample = { 0 };
    struct hb_dialog dialog;

    collect_start_command(&run, command,
                          (struct hb_process_spec){ .cores = true });
    collect_until_line(&run, "there");
    (void)kill((pid_t)run.pid, SIGSEGV);
    while (sample.state != HB_THREAD_DUMPING &&
           hb_process_sample(run.process, &sample, 1, &dialog) > 0 &&
           sample.state != HB_THREAD_DEAD) {
    }
    collect_all(&run);
    collect_free(&run);
    return sample.state == HB_THREAD_DUMPING;
}

static void a_core_is_seen_while_it_is_written(void **state)
{
    static const char plain[] = "disable_coredump=0:handle_segv=0";
    bool seen = false;

    (void)state;
    assert_int_equal(chdir(folder), 0); /* where the core goes */
    /* Built with a sanitizer it is to die as it would without. */
    assert_int_equal(setenv("ASAN_OPTIONS", plain, 1), 0);
    assert_int_equal(setenv("TSAN_OPTIONS", plain, 1), 0);
    for (int i = 0; i < 10 && !seen; i++) {
        seen = is_seen_dumping();
        (void)nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
        (void)mkdir(folder, 0700);
        assert_int_equal(chdir(folder), 0);
    }
    assert_true(seen);
    assert_int_equal(chdir("/"), 0);
}

/* Says that it is there once it is big. */
static int be_fat(void)
{
    const size_t size = (size_t)192 << 20;
    volatile char *memory = malloc(size);

    for (size_t i = 0; memory != NULL && i < size; i += 4096) {
        memory[i] = 'x';
    }
    (void)puts("there");
    (void)fflush(stdout);
    (void)pause();
    free((void *)memory);
    return 0;
}

static void who_is_spared_writes_none(void **state)
{
    (void)state;
    start(true);
    hb_process_spare_core(run.process, run.pid);
    die();
    assert_true(trace.died && trace.raised);
    assert_false(trace.flagged || trace.found);
    assert_true(trace.limit_known);
    assert_int_equal(trace.limit, 0);
    collect_free(&run);
}

/* NULL where cores have names of their own. */
static const char *only_name(void)
{
    static struct hb_core_pattern of_system;
    struct hb_error err = { 0 };

    assert_true(hb_core_pattern_of_system(&of_system, &err));
    return hb_core_pattern_only_name(&of_system);
}

static void expect_why(const char *name, const char *part)
{
    assert_false(trace.flagged);
    assert_non_null(trace.why_not);
    assert_non_null(strstr(trace.why_not, at(name)));
    assert_non_null(strstr(trace.why_not, part));
    assert_non_null(strstr(trace.why_not, "another test in the same folder"));
    assert_non_null(strstr(trace.why_not, "remove it"));
}

static void what_was_in_the_way_is_named(void **state)
{
    const char *name = only_name();
    uint64_t used_us = 0;

    (void)state;
    if (name == NULL) {
        skip_because("cores have names of their own here");
    }
    start(true);
    assert_true(hb_process_cpu_us(run.process, &used_us)); /* and looks */
    assert_int_equal(mkdir(at(name), 0700), 0);
    die();
    assert_true(trace.raised);
    expect_why(name, "was in the way");
    collect_free(&run);

    assert_int_equal(chdir(folder), 0); /* before the start */
    start(true);
    die();
    assert_false(trace.raised);
    expect_why(name, "would be replaced");
    collect_free(&run);
    assert_int_equal(chdir("/"), 0);
}

static void a_pattern_that_cannot_be_read_has_the_reason(void **state)
{
    struct rlimit before;
    struct rlimit none;
    struct hb_core_pattern of_system;
    struct hb_error err = { 0 };

    (void)state;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    none = (struct rlimit){ 0, before.rlim_max };
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    bool ok = hb_core_pattern_of_system(&of_system, &err);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_false(ok);
    assert_int_equal(err.os_code, EMFILE);
}

static void nobody_who_did_not_ask_has_cores(void **state)
{
    struct rlimit limit = { 1, 1 };

    (void)state;
    start(false);
    assert_int_equal(prlimit((pid_t)run.pid, RLIMIT_CORE, NULL, &limit), 0);
    assert_int_equal(limit.rlim_cur, 0);
    die();
    assert_false(trace.died || trace.raised || trace.found);
    assert_false(run.exit.core_dumped);
    collect_free(&run);
}

/* Files with the names of cores. */

static struct hb_core_pattern pattern;
static struct hb_core_search search;
static char seen[8][512];
static size_t seen_count;

static bool note(void *context, const char *file)
{
    (void)context;
    (void)hb_text_copy(seen[seen_count++], sizeof(seen[0]), file);
    return seen_count < 8;
}

static size_t look_for(const char *text)
{
    static const char *folders[1];

    folders[0] = folder;
    hb_core_pattern_read(text, strlen(text), false, &pattern);
    search.pattern = &pattern;
    search.folders = folders;
    search.folder_count = 1;
    seen_count = 0;
    return hb_core_search_visit(&search, note, NULL);
}

static void make(const char *name)
{
    int fd = open(at(name), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

    assert_true(fd >= 0);
    (void)close(fd);
}

static void only_plain_files_of_that_name_are_cores(void **state)
{
    char other[600];

    (void)state;
    search = (struct hb_core_search){ 0 };
    make("core.1");
    make("core.x");
    make("linked");
    (void)hb_text_copy(other, sizeof(other), path);
    assert_int_equal(link(other, at("core.2")), 0);
    assert_int_equal(symlink(other, at("core.3")), 0);
    assert_int_equal(mkdir(at("core.4"), 0700), 0);
    assert_int_equal(mkfifo(at("core.5"), 0600), 0);
    assert_int_equal(look_for("core.%p"), 1);
    assert_string_equal(seen[0], at("core.1"));
    assert_int_equal(look_for("core.1"), 1);
    assert_int_equal(look_for("core.2"), 0);
    assert_int_equal(look_for("|/bin/cat"), 0);
    assert_int_equal(look_for("no/such/core"), 0);
}

static void what_is_older_is_of_others(void **state)
{
    const struct timespec old[2] = { { 1000, 0 }, { 1000, 0 } };

    (void)state;
    search = (struct hb_core_search){ .since_ns = 2000000000000u };
    make("core.1");
    make("core.2");
    assert_int_equal(utimensat(AT_FDCWD, at("core.1"), old, 0), 0);
    assert_int_equal(look_for("core.%p"), 1);
    assert_string_equal(seen[0], at("core.2"));
    assert_int_equal(look_for("core.1"), 0);
    /* A folder in which nothing changed is not even read. */
    assert_int_equal(utimensat(AT_FDCWD, folder, old, 0), 0);
    assert_int_equal(look_for("core.%p"), 0);
}

static void who_must_own_it_is_asked(void **state)
{
    (void)state;
    search = (struct hb_core_search){ .of_system = true };
    make("core.1");
    assert_int_equal(look_for("core.%p"), geteuid() == 0 ? 1 : 0);
    search.of_system = false;
    if (geteuid() == 0) {
        assert_int_equal(chown(at("core.1"), 12345, 12345), 0);
        assert_int_equal(look_for("core.%p"), 0);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest real[] = {
        cmocka_unit_test_setup_teardown(a_core_is_found_where_the_program_went,
                                        begin, end),
        cmocka_unit_test_setup_teardown(who_is_spared_writes_none, begin, end),
        cmocka_unit_test_setup_teardown(what_was_in_the_way_is_named, begin,
                                        end),
        cmocka_unit_test_setup_teardown(a_core_is_seen_while_it_is_written,
                                        begin, end),
        cmocka_unit_test_setup_teardown(nobody_who_did_not_ask_has_cores, begin,
                                        end),
    };
    const struct CMUnitTest files[] = {
        cmocka_unit_test(a_pattern_that_cannot_be_read_has_the_reason),
        cmocka_unit_test_setup_teardown(only_plain_files_of_that_name_are_cores,
                                        begin, end),
        cmocka_unit_test_setup_teardown(what_is_older_is_of_others, begin, end),
        cmocka_unit_test_setup_teardown(who_must_own_it_is_asked, begin, end),
    };

    if (argc == 2 && strcmp(argv[1], "fat") == 0) {
        return be_fat();
    }
    int failed = cmocka_run_group_tests(files, NULL, NULL);
    const char *why = obstacle();

    if (why != NULL) {
        print_message("no core was made: %s\n", why);
        return failed;
    }
    return failed + cmocka_run_group_tests(real, NULL, NULL);
}
