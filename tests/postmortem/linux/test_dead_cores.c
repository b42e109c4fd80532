/* Cores that others wrote of what has died: which of them are ours, and what
 * becomes of them. */
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/text.h"
#include "os/clock.h"
#include "postmortem/linux/core_output.h"
#include "postmortem/linux/dead_cores.h"
#include "skip.h"

#define PID 4711u
#define CORE_SIZE 276u /* header, one segment, one note */

static char folder[256];
static char path[512];
static struct hb_dead_cores cores;
static struct hb_request_dead dead;
static const char *const working[] = { folder };

static const char *at(const char *name)
{
    assert_true(hb_text_format(path, sizeof(path), "%s/%s", folder, name));
    return path;
}

static int begin(void **state)
{
    (void)state;
    dead = (struct hb_request_dead){ .pid = PID, .flagged = true };
    dead.folders[0] = working[0];
    dead.folder_count = 1;
    memset(&cores, 0, sizeof(cores));
    (void)hb_text_copy(folder, sizeof(folder), "/tmp/hbtest-dead-XXXXXX");
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
    hb_dead_cores_close(&cores);
    return nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void put(unsigned char *to, uint64_t value, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        to[i] = (unsigned char)(value >> (8 * i));
    }
}

/* The least that says whose core it is. */
static void make_core(unsigned char *bytes, uint32_t pid, uint32_t group)
{
    static const unsigned char magic[] = { 0x7f, 'E', 'L', 'F', 2, 1, 1 };

    memset(bytes, 0, CORE_SIZE);
    memcpy(bytes, magic, sizeof(magic));
    put(bytes + 16, 4, 2);  /* a core */
    put(bytes + 18, 62, 2); /* of x86-64 */
    put(bytes + 32, 64, 8); /* segments */
    put(bytes + 54, 56, 2);
    put(bytes + 56, 1, 2);
    put(bytes + 64, 4, 4); /* notes */
    put(bytes + 72, 120, 8);
    put(bytes + 96, 156, 8);
    put(bytes + 120, 5, 4); /* the note's name, what it says, kind */
    put(bytes + 124, 136, 4);
    put(bytes + 128, 3, 4);
    memcpy(bytes + 132, "CORE", 5);
    put(bytes + 140 + 24, pid, 4);
    put(bytes + 140 + 32, group, 4);
}

static void write_core(const char *name, uint32_t pid, uint32_t group,
                       bool compress)
{
    unsigned char bytes[CORE_SIZE];
    struct hb_core_output_spec spec = { .path = at(name),
                                        .compress = compress };
    struct hb_core_output *output = NULL;
    struct hb_error err = { 0 };
    uint64_t size = 0;

    make_core(bytes, pid, group);
    assert_true(hb_core_output_open(&spec, &output, &err));
    assert_true(hb_core_output_write(output, bytes, sizeof(bytes), &err));
    assert_true(hb_core_output_publish(output, &size, &err));
    hb_core_output_free(output);
}

static void find(const char *pattern, bool of_system, bool may_come)
{
    static struct hb_dead_place place;

    place.of_system = of_system;
    place.may_come = may_come;
    hb_core_pattern_read(pattern, strlen(pattern), false, &place.pattern);
    hb_dead_cores_find_in(&dead, &place, hb_clock_ms() + (may_come ? 60000 : 0),
                          &cores);
}

static bool exists(const char *name)
{
    struct stat about;

    return lstat(at(name), &about) == 0;
}

static void those_of_the_tree_are_taken_and_no_others(void **state)
{
    (void)state;
    write_core("core.1", 900, PID, false);
    write_core("core.2", PID, 1, false);
    write_core("core.3", 901, 77, false); /* of another launcher's test */
    assert_int_equal(symlink("core.2", at("core.4")), 0);
    find("core.%p", false, false);
    assert_int_equal(cores.count, 2);
    assert_true(cores.items[0].is_main);
    assert_int_equal(cores.items[0].pid, PID);
    assert_int_equal(cores.items[1].pid, 900);
    assert_false(exists("core.1") || exists("core.2"));
    assert_true(exists("core.3") && exists("core.4"));
    assert_string_equal(cores.reason, "");
}

static void what_is_no_core_stays(void **state)
{
    int fd;

    (void)state;
    fd = open(at("core.1"), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "not a core", 10), 10);
    (void)close(fd);
    find("core.%p", false, false);
    assert_int_equal(cores.count, 0);
    assert_true(exists("core.1"));
    assert_non_null(strstr(cores.reason, "flagged, not found"));
    assert_non_null(strstr(cores.reason, "core.%p"));
    assert_non_null(strstr(cores.reason, folder));
}

static void who_else_has_a_shared_name_is_thought_of(void **state)
{
    (void)state;
    find("core", false, false);
    assert_non_null(strstr(cores.reason, at("core")));
    assert_non_null(strstr(cores.reason, "may have taken or replaced it"));
    write_core("core", 901, 77, false); /* of another launcher's test */
    find("core", false, false);
    assert_int_equal(cores.count, 0);
    assert_true(exists("core"));
    assert_non_null(strstr(cores.reason, at("core")));
    assert_non_null(
        strstr(cores.reason, "another test in the same folder has"));
    assert_non_null(strstr(cores.reason, "remove it"));
}

static void those_that_were_wanted_before_us_stay(void **state)
{
    (void)state;
    dead.stays = true;
    write_core("core.1", 900, PID, false);
    write_core("core.2", PID, 1, false);
    find("core.%p", false, false);
    assert_int_equal(cores.count, 1);
    assert_true(cores.items[0].is_main);
    assert_true(exists("core.1") && exists("core.2"));
}

static void a_crowd_of_children_is_counted(void **state)
{
    char name[32];

    (void)state;
    for (unsigned i = 0; i < HB_DEAD_CORES_MAX + 4; i++) {
        (void)snprintf(name, sizeof(name), "core.%u", i);
        write_core(name, 900 + i, PID, false);
    }
    write_core("core.99", PID, 1, false);
    find("core.%p", false, false);
    assert_int_equal(cores.count, HB_DEAD_CORES_MAX);
    assert_int_equal(cores.beyond, 5);
    assert_true(cores.items[0].is_main);
    assert_false(exists("core.0") || exists("core.19") || exists("core.99"));
}

#define SERVICE "core.%e.%u.%e.%p.%t.zst"
#define STORED "core.a.b.0.b00t.4711.1732.zst"

static const char *service_pattern(void)
{
    static char text[300];

    (void)snprintf(text, sizeof(text), "%s/%s", folder, SERVICE);
    return text;
}

static void one_that_a_service_stored_is_read_and_stays(void **state)
{
    (void)state;
    if (geteuid() != 0) {
        skip_because("what a service stores belongs to root");
    }
    dead.folder_count = 0;
    write_core(STORED, PID, PID, true);
    write_core("core.a.0.b00t.4712.1732.zst", 4712, PID, true);
    find(service_pattern(), true, false);
    assert_int_equal(cores.count, 1);
    assert_int_equal(cores.items[0].pid, PID);
    assert_true(exists(STORED));
}

/* True if the process waits for changes of a folder. */
static bool watches(pid_t pid)
{
    char name[300];
    char target[64];
    bool found = false;

    (void)snprintf(name, sizeof(name), "/proc/%d/fd", (int)pid);
    DIR *files = opendir(name);
    for (struct dirent *entry;
         files != NULL && (entry = readdir(files)) != NULL;) {
        ssize_t size =
            readlinkat(dirfd(files), entry->d_name, target, sizeof(target) - 1);

        target[size > 0 ? size : 0] = '\0';
        found = found || strstr(target, "inotify") != NULL;
    }
    if (files != NULL) {
        (void)closedir(files);
    }
    return found;
}

static void a_service_that_still_stores_is_waited_for(void **state)
{
    int status = 0;
    pid_t parent = getpid();
    pid_t service;

    (void)state;
    if (geteuid() != 0) {
        skip_because("what a service stores belongs to root");
    }
    dead.folder_count = 0;
    service = fork();
    if (service == 0) {
        while (!watches(parent)) {
        }
        write_core(STORED, PID, PID, true);
        _exit(0);
    }
    find(service_pattern(), true, true);
    assert_int_equal(waitpid(service, &status, 0), service);
    assert_int_equal(status, 0);
    assert_int_equal(cores.count, 1);
}

static void a_folder_that_is_not_there_is_not_waited_for(void **state)
{
    (void)state;
    dead.folder_count = 0;
    find("/no/such/folder/" SERVICE, true, true);
    assert_int_equal(cores.count, 0);
    assert_non_null(strstr(cores.reason, "/no/such/folder"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            those_of_the_tree_are_taken_and_no_others, begin, end),
        cmocka_unit_test_setup_teardown(what_is_no_core_stays, begin, end),
        cmocka_unit_test_setup_teardown(
            who_else_has_a_shared_name_is_thought_of, begin, end),
        cmocka_unit_test_setup_teardown(those_that_were_wanted_before_us_stay,
                                        begin, end),
        cmocka_unit_test_setup_teardown(a_crowd_of_children_is_counted, begin,
                                        end),
        cmocka_unit_test_setup_teardown(
            one_that_a_service_stored_is_read_and_stays, begin, end),
        cmocka_unit_test_setup_teardown(
            a_service_that_still_stores_is_waited_for, begin, end),
        cmocka_unit_test_setup_teardown(
            a_folder_that_is_not_there_is_not_waited_for, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
