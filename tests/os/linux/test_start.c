/* How a program starts on Linux, and why some cannot. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <elf.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "collect.h"
#include "folder.h"
#include "os/file.h"
#include "system.h"

static struct collect run;
static int end_run(void **state)
{
    (void)state;
    collect_free(&run);
    return 0;
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

static struct hb_error start_badly(const char *program)
{
    const char *const command[] = { program, NULL };
    struct hb_process_spec spec = { .command = command, .count = 1 };
    struct hb_error err = { 0 };
    uint32_t pid = 0;

    assert_true(hb_process_prepare(&spec, &run.process, &err));
    assert_false(hb_process_start(run.process, &pid, &err));
    collect_free(&run);
    return err;
}

static void expect_failure(const char *program, enum hb_error_code code,
                           const char *part)
{
    struct hb_error err = start_badly(program);

    if (err.code != code || strstr(err.text, part) == NULL) {
        fail_msg("%d: %s", (int)err.code, err.text);
    }
}

static void expect_bad_start(const char *part)
{
    expect_failure(in_folder("program"), HB_ERR_NOT_EXECUTABLE, part);
}

static void bad_scripts_say_what_is_wrong_with_them(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *part;
    } scripts[] = {
        { "#!/no/such/interpreter -x\n", "'/no/such/interpreter' is missing" },
        { "#!/bin/sh\r\nexit 0\r\n",
          "the interpreter line ends in CR (Windows line ends)" },
        { "#!", "its interpreter line (#!) names none" },
        { "#! \t\n", "its interpreter line (#!) names none" },
        { "#!/etc/passwd\n", "execute its interpreter '/etc/passwd'" },
        { "#!/dev/null/sh\n", "'/dev/null/sh' is missing" },
        { "echo hello\n", "without an interpreter line" },
        { "MZ\x90", "a Windows program" },
        { "\x7f"
          "ELF",
          "it is damaged, or not a program" },
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

static void a_folder_is_named_as_it_was_given(void **state)
{
    (void)state;
    expect_failure(".", HB_ERR_NOT_EXECUTABLE,
                   "cannot execute '.': it is a folder");
    expect_failure("..", HB_ERR_NOT_EXECUTABLE,
                   "cannot execute '..': it is a folder");
}

static void a_long_interpreter_line_is_named(void **state)
{
    (void)state;
    char text[400] = "#!/";

    memset(text + 3, 'i', 300);
    text[303] = '\n';
    system_write_file(in_folder("program"), text, 304, true);
    expect_bad_start("longer than what the kernel reads");
    hb_file_remove(in_folder("program"));
}

static void scripts_that_are_run_by_each_other_are_named(void **state)
{
    (void)state;
    char text[600];
    int size = snprintf(text, sizeof(text), "#!%s\n", in_folder("program"));

    system_write_file(in_folder("program"), text, (size_t)size, true);
    expect_bad_start("is a script, and so on in a circle");
    hb_file_remove(in_folder("program"));
}

static void a_link_in_a_circle_is_named(void **state)
{
    (void)state;
    char link[600];

    (void)snprintf(link, sizeof(link), "%s", in_folder("program"));
    assert_int_equal(symlink("program", link), 0);
    expect_bad_start("/program' leads in a circle");
    expect_failure(in_folder("program/x"), HB_ERR_NOT_EXECUTABLE,
                   "/program' leads in a circle");
    hb_file_remove(link);
}

static void a_path_that_cannot_lead_to_a_file_says_where_it_ends(void **state)
{
    (void)state;
    char name[4200];

    expect_failure("/dev/null/x/y", HB_ERR_NOT_FOUND,
                   "'/dev/null' is no folder");
    expect_failure("/dev/null/", HB_ERR_NOT_FOUND, "'/dev/null' is no folder");
    expect_failure("/no/such/program", HB_ERR_NOT_FOUND,
                   "cannot find '/no/such/program'");
    memset(name, 'n', sizeof(name));
    name[sizeof(name) - 1] = '\0';
    expect_failure(name, HB_ERR_NOT_FOUND, "the path is too long");
    name[0] = '/';
    expect_failure(name, HB_ERR_NOT_FOUND, "the path is too long");
    name[260] = '\0';
    expect_failure(name, HB_ERR_NOT_FOUND, "a name has at most 255 bytes");
}

/* The right to enter every folder, which root has, is given up for good. */
static bool give_up_rights(void)
{
    struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
    struct __user_cap_data_struct none[2] = { { 0 } };

    return syscall(SYS_capset, &head, none) == 0;
}

_Noreturn static void start_without_rights(const char *program, int fd)
{
    struct hb_error err = { 0 };

    if (give_up_rights()) {
        err = start_badly(program);
    }
    (void)write(fd, &err, sizeof(err));
    _exit(0);
}

static void a_folder_that_may_not_be_entered_is_named(void **state)
{
    (void)state;
    char closed[600];
    char program[700];
    struct hb_error err = { 0 };
    int pipes[2];
    int status = 0;

    (void)snprintf(closed, sizeof(closed), "%s", in_folder("closed"));
    (void)snprintf(program, sizeof(program), "%s/program", closed);
    assert_int_equal(mkdir(closed, 0600), 0);
    assert_int_equal(pipe(pipes), 0);
    pid_t pid = fork();
    if (pid == 0) {
        start_without_rights(program, pipes[1]);
    }
    assert_true(waitpid(pid, &status, 0) == pid);
    assert_int_equal(read(pipes[0], &err, sizeof(err)), sizeof(err));
    (void)close(pipes[0]);
    (void)close(pipes[1]);
    assert_int_equal(rmdir(closed), 0);
    assert_int_equal(err.code, HB_ERR_NOT_EXECUTABLE);
    assert_non_null(strstr(err.text, "/closed'"));
    assert_non_null(strstr(err.text, "no permission to enter"));
}

static void a_folder_of_path_in_a_circle_is_passed_over(void **state)
{
    (void)state;
    char path[1400];
    const char *old = getenv("PATH");
    char *kept = old == NULL ? NULL : strdup(old);

    assert_int_equal(symlink("circle", in_folder("circle")), 0);
    (void)snprintf(path, sizeof(path), "%s:/bin:/usr/bin", in_folder("circle"));
    assert_int_equal(setenv("PATH", path, 1), 0);
    collect_start_command(&run, WORDS("true"),
                          (struct hb_process_spec){ .beat_every_ms = 0 });
    collect_all(&run);
    assert_int_equal(run.exit.kind, HB_EXIT_CODE);
    assert_int_equal(run.exit.value, 0);
    assert_int_equal(setenv("PATH", kept != NULL ? kept : "", 1), 0);
    free(kept);
    hb_file_remove(in_folder("circle"));
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
        CASE(a_folder_is_named_as_it_was_given),
        CASE(a_long_interpreter_line_is_named),
        CASE(scripts_that_are_run_by_each_other_are_named),
        CASE(a_link_in_a_circle_is_named),
        CASE(a_path_that_cannot_lead_to_a_file_says_where_it_ends),
        CASE(a_folder_that_may_not_be_entered_is_named),
        CASE(a_folder_of_path_in_a_circle_is_passed_over),
        CASE(programs_of_other_machines_and_without_loader_are_named),
    };

    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
