/* How a program starts on Linux, and why some cannot. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <elf.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "collect.h"
#include "os/file.h"
#include "system.h"

#define WORDS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static struct collect run;
static char folder[256];

static int end_run(void **state)
{
    (void)state;
    collect_free(&run);
    return 0;
}

static int make_folder(void **state)
{
    (void)state;
    system_make_folder(folder, sizeof(folder));
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    return rmdir(folder);
}

static const char *in_folder(const char *name)
{
    static char path[600];

    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    return path;
}

static void the_program_starts_with_the_signals_that_we_had(void **state)
{
    (void)state;
    collect_run(&run, WORDS("dispositions"));
    assert_string_equal(run.output[HB_STDOUT],
                        "SIGPIPE default, SIGCHLD default, 0 blocked\n");
}

static void no_descriptor_of_ours_but_the_recorder_is_handed_down(void **state)
{
    (void)state;
    const char *text = run.output[HB_STDOUT];
    int handed_down = 0;

    collect_run(&run, WORDS("descriptors"));
    for (int fd = 3; fd < 1024; fd++) {
        char number[16];
        int flags = fcntl(fd, F_GETFD);

        /* One without the flag was inherited by us as well. */
        (void)snprintf(number, sizeof(number), " %d ", fd);
        if ((flags < 0 || (flags & FD_CLOEXEC)) &&
            strstr(text, number) != NULL) {
            assert_true(fd >= 100);
            handed_down++;
        }
    }
    assert_int_equal(handed_down, 1);
}

static void the_program_leads_a_group_of_its_own(void **state)
{
    (void)state;
    collect_run(&run, WORDS("group"));
    assert_string_equal(run.output[HB_STDOUT], "1\n");
}

static void expect_bad_start(const char *part)
{
    const char *const command[] = { in_folder("program"), NULL };
    struct hb_process_spec spec = { .command = command, .count = 1 };
    struct hb_error err = { 0 };
    uint32_t pid = 0;

    assert_true(hb_process_prepare(&spec, &run.process, &err));
    assert_false(hb_process_start(run.process, &pid, &err));
    if (err.code != HB_ERR_NOT_EXECUTABLE || strstr(err.text, part) == NULL) {
        fail_msg("%d: %s", (int)err.code, err.text);
    }
    collect_free(&run);
}

static void bad_scripts_say_what_is_wrong_with_them(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *part;
    } scripts[] = {
        { "#!/no/such/interpreter -x\n", "'/no/such/interpreter' is missing" },
        { "echo hello\n", "without an interpreter line" },
        { "MZ\x90", "a Windows program" },
    };

    for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
        system_write_file(in_folder("program"), scripts[i].text,
                          strlen(scripts[i].text), true);
        expect_bad_start(scripts[i].part);
    }
    system_write_file(in_folder("program"), "#!/bin/sh\n", 10, false);
    (void)chmod(in_folder("program"), 0600);
    expect_bad_start("no permission to execute");
    hb_file_remove(in_folder("program"));
}

/* An ELF file of nothing but headers: `machine`, and PT_INTERP. */
static void write_elf(uint16_t machine, const char *interpreter)
{
    struct {
        Elf64_Ehdr file;
        Elf64_Phdr part;
        char interpreter[64];
    } elf = { 0 };

    memcpy(elf.file.e_ident, ELFMAG, SELFMAG);
    elf.file.e_ident[EI_CLASS] = ELFCLASS64;
    elf.file.e_ident[EI_DATA] = ELFDATA2LSB;
    elf.file.e_ident[EI_VERSION] = EV_CURRENT;
    elf.file.e_type = ET_EXEC;
    elf.file.e_machine = machine;
    elf.file.e_version = EV_CURRENT;
    elf.file.e_ehsize = sizeof(elf.file);
    elf.file.e_phoff = sizeof(elf.file);
    elf.file.e_phentsize = sizeof(elf.part);
    elf.file.e_phnum = 1;
    elf.part.p_type = PT_INTERP;
    elf.part.p_offset = sizeof(elf.file) + sizeof(elf.part);
    elf.part.p_filesz = strlen(interpreter) + 1;
    memcpy(elf.interpreter, interpreter, strlen(interpreter) + 1);
    system_write_file(in_folder("program"), &elf, sizeof(elf), true);
}

static void
programs_of_other_machines_and_without_loader_are_named(void **state)
{
    (void)state;
    write_elf(EM_S390, "/lib/ld64.so.1");
    expect_bad_start("wrong architecture: it is built for s390");
    write_elf(EM_X86_64, "/no/loader.so");
    expect_bad_start("its loader '/no/loader.so' is missing");
    hb_file_remove(in_folder("program"));
}

static void run_on_terminal(const char *terminal)
{
    (void)setsid();
    int fd = open(terminal, O_RDWR); /* becomes the controlling one */

    for (int i = 0; i < 3; i++) {
        (void)dup2(fd, i);
    }
    (void)execl(collect_loop_path(), "os_loop", collect_child_path(), "group",
                NULL);
    _exit(99);
}

static void a_test_on_our_terminal_stays_in_our_group(void **state)
{
    (void)state;
    char text[16] = "";
    int status = 0;
    int fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

    assert_true(fd >= 0 && grantpt(fd) == 0 && unlockpt(fd) == 0);
    const char *terminal = ptsname(fd);
    pid_t pid = fork();
    if (pid == 0) {
        run_on_terminal(terminal);
    }
    assert_int_equal(system_read(fd, text, 3), 3);
    assert_string_equal(text, "0\r\n"); /* it leads no group of its own */
    assert_true(waitpid(pid, &status, 0) == pid);
    assert_int_equal(status, 0);
    (void)close(fd);
}

#define CASE(name) cmocka_unit_test_teardown(name, end_run)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(the_program_starts_with_the_signals_that_we_had),
        CASE(no_descriptor_of_ours_but_the_recorder_is_handed_down),
        CASE(the_program_leads_a_group_of_its_own),
        CASE(a_test_on_our_terminal_stays_in_our_group),
        CASE(bad_scripts_say_what_is_wrong_with_them),
        CASE(programs_of_other_machines_and_without_loader_are_named),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
