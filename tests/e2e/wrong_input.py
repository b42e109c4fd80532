"""Wrong input: one line that names the thing, status 125, and nothing half
written."""

import os

import harness
from harness import Mismatch, expect

# What is given (a file's content by its name in braces), and what the line
# must name.
WRONG = [
    ([], "no program"),
    (["--hang-aftr", "1s", "--", "{program}"], "'--hang-after'"),
    (["--hang-after", "5parsecs", "--", "{program}"], "5parsecs"),
    (["--hang-after", "-1s", "--", "{program}"], "-1s"),
    (["--hang-after"], "--hang-after"),
    (["--timeout", "99999999999999999999h", "--", "{program}"], "--timeout"),
    (["--hang-after", "5s", "--timeout", "1s", "--", "{program}"],
     "--timeout"),
    (["--progress", "none", "--hang-after", "5s", "--", "{program}"],
     "--progress"),
    (["--progress", "hope", "--", "{program}"], "hope"),
    (["--leak", "plug", "--", "{program}"], "plug"),
    (["--skip-code", "many", "--", "{program}"], "many"),
    (["--deadline", "tomorrow", "--", "{program}"], "tomorrow"),
    (["--deadline", "2001-01-01T00:00:00Z", "--", "{program}"], "past"),
    (["--junit", "same", "--json", "same", "--", "{program}"], "same"),
    (["--timeout", "0.0001", "--", "{program}"], "at least 1ms"),
    (["--config", "{twice.json}", "--", "{program}"], "'timeout'"),
    (["--doctor", "{program}"], "--doctor"),
    (["--junit", "same", "--json", "./same", "--", "{program}"], "--junit"),
    (["--json", "./words.json", "--replay", "{words.json}"], "--replay"),
    (["--json", "no-folder/report.json", "--", "{program}"],
     "no-folder/report.json"),
    (["--junit", "in/report.xml", "--", "{program}"], "in/report.xml"),
    (["--json", ".", "--", "{program}"], "no regular file"),
    (["--allow-empty=maybe", "--", "{program}"], "allow-empty"),
    (["--config", "{hang_after.json}", "--", "{program}"], "'hang-after'"),
    (["--config", "{words.json}", "--", "{program}"], "words.json"),
    (["--config", "{deep.json}", "--", "{program}"], "deep.json"),
    (["--config", "{list.json}", "--", "{program}"], "list.json"),
    (["--config", "{empty.json}", "--", "{program}"], "empty.json"),
    (["--config", "no-such.json", "--", "{program}"], "no-such.json"),
    (["--artifacts", "{words.json}", "--", "{program}"], "words.json"),
    (["--replay", "{words.json}"], "timeline"),
    (["--replay", "{empty.json}"], "timeline"),
    (["--replay", "no-such.jsonl"], "no-such.jsonl"),
]

# What only one system takes for wrong, or only there can be made.
WRONG_ON_LINUX = [
    (["--skip-code", "256", "--", "{program}"], "--skip-code"),
    (["--config", "/dev/null", "--", "{program}"], "a device"),
    (["--config", ".", "--", "{program}"], "a folder"),
    (["--replay", "."], "a folder"),
    (["--config", "{pipe}", "--", "{program}"], "nobody writes"),
    (["--replay", "{pipe}"], "nobody writes"),
    (["--artifacts", "{nowhere}", "--", "{program}"], "leads to no folder"),
]

FILES = {
    "hang_after.json": '{"hang_after": "1s"}',
    "twice.json": '{"timeout": "1s", "timeout": "9s"}',
    "words.json": "this is no JSON\n",
    "deep.json": "[" * 10000,
    "list.json": '["hang-after"]',
    "empty.json": "",
}


def run(launcher, folder, words, env=None):
    """What came of it, and the files that are new."""
    for name in ("in", "out", "err"):
        (folder / name).touch()
    for name, text in FILES.items():
        (folder / name).write_text(text)
    before = sorted(folder.rglob("*"))
    words = [launcher.program("pass") if word == "{program}"
             else launcher.path(folder / word.strip("{}"))
             if word.startswith("{") else word for word in words]
    done = harness.launch(launcher, folder, words, env, artifacts=False)
    return done, [path for path in sorted(folder.rglob("*"))
                  if path not in before]


def check(launcher, folder, words, named, env=None):
    done, made = run(launcher, folder, words, env)
    lines = done.stderr.decode().splitlines()

    expect("exit status", done.returncode, 125)
    expect("number of lines on standard error", len(lines), 1)
    if named not in lines[0] or not lines[0].startswith("hbtest-launch: "):
        raise Mismatch(f"the line does not name {named!r}: {lines[0]}")
    expect("standard output", done.stdout, b"")
    expect("new files", made, [])


def each_wrong_word_is_named_in_one_line(launcher, folder):
    # The same code reads them everywhere, and under Wine a start is slow.
    for words, named in WRONG[::3] if launcher.wine else WRONG:
        try:
            check(launcher, folder, words, named)
        except Mismatch as err:
            raise Mismatch(f"{' '.join(words) or 'nothing'}: {err}") from err


def what_a_linux_cannot_take_is_named(launcher, folder):
    if launcher.windows:
        return "Windows takes them, or has none"
    os.mkfifo(folder / "pipe")
    (folder / "nowhere").symlink_to("no-such-folder")
    for words, named in WRONG_ON_LINUX:
        check(launcher, folder, words, named)


def who_gave_a_value_that_the_host_refuses_is_named(launcher, folder):
    given = [("DEADLINE", "1", "past")]
    if not launcher.windows:
        given.append(("SKIP_CODE", "256", "(1 to 255, without"))
    for name, value, named in given:
        done, _ = run(launcher, folder, ["--", "{program}"],
                      {f"HBTEST_{name}": value})
        line = done.stderr.decode()
        expect("exit status", done.returncode, 125)
        if f"hbtest-launch: HBTEST_{name}: " not in line or named not in line:
            raise Mismatch(line)
    if not launcher.windows:
        (folder / "ours.json").write_text('{"skip-code": 256}')
        words = ["--config", launcher.path(folder / "ours.json")]
        check(launcher, folder, [*words, "--", "{program}"],
              "'skip-code' in '")


def a_skip_code_of_windows_has_32_bits(launcher, folder):
    if not launcher.windows:
        return "on Linux it has 8"
    done, _ = run(launcher, folder, ["--skip-code", "256", "--", "{program}"])
    expect("exit status", done.returncode, 0)


def a_pipe_that_is_written_to_is_read_to_its_end(launcher, folder):
    """That of `--config <(...)`, whose writer takes its time."""
    if launcher.windows:
        return "no shell of Windows has it"
    out, into = os.pipe()
    running = harness.Running(
        launcher, folder,
        ["--config", f"/dev/fd/{out}", "--", launcher.program("pass")],
        pass_fds=[out])
    os.close(out)
    for part in (b'{"name": ', b'"from a pipe"}'):
        os.write(into, part)
    os.close(into)
    expect("name", running.wait().result()["name"], "from a pipe")


def what_has_no_last_part_has_a_name(launcher, folder):
    for number, (program, name) in enumerate(
            (("/", "test"), ("no-folder/no-program/", "no-program"))):
        here = folder / str(number)
        here.mkdir()
        ended = harness.launch(launcher, here, ["--", program])
        expect("name", ended.result()["name"], name)
        expect("verdict", ended.result()["verdict"], "launcher-error")


def a_wrong_environment_is_named(launcher, folder):
    check(launcher, folder, ["--", "{program}"], "HBTEST_TIMEOUT",
          {"HBTEST_TIMEOUT": "soon"})
    check(launcher, folder, ["--", "{program}"], "HBTEST_PASSTHROUGH",
          {"HBTEST_PASSTHROUGH": "maybe"})


def what_is_no_regular_file_is_not_replaced(launcher, folder):
    if launcher.windows:
        return "Windows has no such files in folders"
    pipe = folder / "pipe"
    os.mkfifo(pipe)
    done, _ = run(launcher, folder,
                  ["--json", str(pipe), "--", "{program}"])
    expect("exit status", done.returncode, 125)
    if b"no regular file" not in done.stderr or not pipe.is_fifo():
        raise Mismatch(f"the pipe was replaced: {done.stderr!r}")


def a_place_that_is_refused_is_refused_in_the_words_of_the_system(launcher,
                                                                  folder):
    done, _ = run(launcher, folder, ["--json", "no-folder/report.json", "--",
                                     "{program}"])
    if b"(error " not in done.stderr or b"tmp" in done.stderr.split(b"'")[1]:
        raise Mismatch(f"no reason, or a name of our own: {done.stderr!r}")


def a_copy_of_the_config_file_is_refused(launcher, folder):
    (folder / "ours.json").write_text('{"name": "kept"}')
    check(launcher, folder, ["--config", launcher.path(folder / "ours.json"),
                             "--json", "./ours.json", "--", "{program}"],
          "--config")
    expect("the config file", (folder / "ours.json").read_text(),
           '{"name": "kept"}')


def without_a_working_directory_a_relative_path_is_named(launcher, folder):
    if launcher.windows:
        return "Windows keeps the folder that somebody works in"

    def lose_folder():
        (folder / "gone").mkdir()
        os.chdir(folder / "gone")
        (folder / "gone").rmdir()

    for words, named in ((["--artifacts", "out"], b"'out'"),
                         (["--artifacts", str(folder / "kept"),
                           "--json", "copy.json"], b"'copy.json'")):
        ended = harness.launch(
            launcher, folder, [*words, "--", launcher.program("pass")],
            artifacts=False, preexec_fn=lose_folder)
        expect("exit status", ended.returncode, 125)
        expect("what is made", (folder / "kept").exists(), False)
        if named not in ended.stderr or b"folder" not in ended.stderr and \
                b"working directory" not in ended.stderr:
            raise Mismatch(f"{named!r} is not named: {ended.stderr!r}")


def a_copy_goes_through_a_link(launcher, folder):
    if launcher.windows:
        return "links need a right there"
    (folder / "real.json").write_text("")
    (folder / "link.json").symlink_to("real.json")
    run(launcher, folder,
        ["--json", str(folder / "link.json"), "--", "{program}"])
    if not (folder / "link.json").is_symlink() or \
            not (folder / "real.json").read_text():
        raise Mismatch("the link was replaced")


def the_environment_of_others_is_none_of_our_business(launcher, folder):
    done, made = run(launcher, folder, ["--", "{program}"],
                     {"HBTEST_UNKNOWN_WORD": "soon"})
    expect("exit status", done.returncode, 0)
    if not made:
        raise Mismatch("nothing was written")


def help_and_version_go_to_standard_output(launcher, folder):
    for word in ("--help", "--version"):
        done, made = run(launcher, folder, [word])
        expect(f"exit status of {word}", done.returncode, 0)
        expect(f"new files of {word}", made, [])
        if b"hbtest-launch" not in done.stdout:
            raise Mismatch(f"{word} says nothing")


def a_config_file_holds_what_the_command_line_holds(launcher, folder):
    (folder / "ours.json").write_text(
        '{"name": "from the file", "skip-code": 77}')
    ended = harness.launch(
        launcher, folder, ["--config", launcher.path(folder / "ours.json"),
                           "--", launcher.program("skip")])
    expect("verdict", ended.result()["verdict"], "skip")
    expect("name", ended.result()["name"], "from the file")


def the_command_line_wins_over_environment_and_file(launcher, folder):
    (folder / "ours.json").write_text('{"name": "file", "skip-code": 1}')
    words = ["--config", launcher.path(folder / "ours.json"), "--skip-code",
             "77", "--", launcher.program("skip")]
    ended = harness.launch(launcher, folder, words, {"HBTEST_NAME": "env"})
    expect("verdict", ended.result()["verdict"], "skip")
    expect("name", ended.result()["name"], "env")


CASES = [
    what_is_no_regular_file_is_not_replaced,
    a_place_that_is_refused_is_refused_in_the_words_of_the_system,
    a_copy_of_the_config_file_is_refused,
    without_a_working_directory_a_relative_path_is_named,
    a_copy_goes_through_a_link,
    each_wrong_word_is_named_in_one_line,
    what_a_linux_cannot_take_is_named,
    who_gave_a_value_that_the_host_refuses_is_named,
    a_skip_code_of_windows_has_32_bits,
    a_pipe_that_is_written_to_is_read_to_its_end,
    what_has_no_last_part_has_a_name,
    a_wrong_environment_is_named,
    the_environment_of_others_is_none_of_our_business,
    help_and_version_go_to_standard_output,
    a_config_file_holds_what_the_command_line_holds,
    the_command_line_wins_over_environment_and_file,
]

if __name__ == "__main__":
    ARGS = harness.options(__doc__).parse_args()
    harness.run_cases(CASES, harness.Launcher(ARGS.launcher, ARGS.programs),
                      ARGS)
