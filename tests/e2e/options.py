"""What options do when they are given to the launcher itself: each is seen to
make a difference, against the same run without it."""

import contextlib
import os
import re
import shutil
import subprocess

import harness
import records
from harness import Mismatch, expect

COLOR = b"\x1b["


def launch(launcher, folder, options, words, env=None, artifacts=True):
    """One run in a folder of its own under `folder`."""
    here = folder / str(len(list(folder.iterdir())))
    here.mkdir()
    return harness.launch(launcher, here, [*options, "--", *words], env,
                          artifacts=artifacts)


def doctor(launcher, folder, artifacts, env=None):
    """(status, text, what is there now) of `--doctor`."""
    before = sorted(folder.rglob("*"))
    ended = harness.launch(
        launcher, folder,
        ["--doctor", "--artifacts", launcher.path(artifacts)],
        env, artifacts=False)
    told = [line for line in ended.stderr.splitlines()
            if not (launcher.wine and line.startswith(b"wine: "))]
    expect("standard error", told, [])  # but Wine's, of what crashes
    made = [path for path in sorted(folder.rglob("*"))
            if path not in before and path.name not in ("in", "out", "err")]
    expect("what the doctor left", made, [])
    return (launcher.status(ended.returncode),
            ended.stdout.decode().splitlines())


def the_doctor_says_that_the_main_job_works(launcher, folder):
    # Without the helper it has less to try; the next case is about that.
    status, lines = doctor(launcher, folder, folder / "a" / "b" / "c",
                           {"HBTEST_POSTMORTEM": launcher.path(folder / "no")})
    expect("exit status", status, 0)
    expect("last line", lines[-1], "The main job works here.")
    if not lines[0].startswith("hbtest-launch "):
        raise Mismatch(f"the first line is {lines[0]!r}")
    rows = [line for line in lines[1:-1]
            if not re.match(r"(ok|no)   ?\S+ *( \S.*)?$", line)]
    expect("lines that are no row", rows, [])
    for name in ("process_tree", "recorder", "records", "run"):
        expect(f"rows of {name}",
               [line[:4] for line in lines if line[5:].split()[0] == name],
               ["ok  "])


def the_doctor_tries_what_a_report_would_hold(launcher, folder):
    """What is captured depends on the machine; each row is there, and each
    that says no says why."""
    if "ASAN_OPTIONS" in os.environ:
        return "its patients would be the sanitizer's"
    lines = doctor(launcher, folder, folder / "there")[1]
    rows = {line[5:].split()[0]: line for line in lines[1:-1]}
    for name in ("crash", "bare_crash", "hang"):
        if not rows[name].startswith("ok   ") or name.split("_")[-1] not in \
                rows[name].split()[2]:
            raise Mismatch(f"the trial is judged so: {rows[name]!r}")
        for piece in ("stacks", "dump"):
            if len(rows[f"{name}_{piece}"].split()) < 3:
                raise Mismatch(f"no reason: {rows[f'{name}_{piece}']!r}")
    if launcher.windows:
        expect("the fast fail", rows["fast_fail"].split(),
               ["ok", "fast_fail", "silent-death/fast-fail"])
        for piece in ("fast_fail_stacks", "fast_fail_dump", "wer_module"):
            if len(rows[piece].split()) < 3:
                raise Mismatch(f"no reason: {rows[piece]!r}")
    expect("the exit", rows["exit"].split(),
           ["ok", "exit", "silent-death/exit-before-completion"])
    if "exit" not in rows["exit_caller"].split(None, 2)[2]:
        raise Mismatch(f"the caller is told so: {rows['exit_caller']!r}")
    if not launcher.windows and rows["tracing"].startswith("ok") and not (
            rows["exit_caller"].startswith("ok")
            and rows["crash_stacks"].endswith("which one crashed")
            and rows["hang_dump"].startswith("ok")):
        raise Mismatch(f"what may be traced is not: {lines}")
    return None


def the_doctor_says_that_there_is_no_helper(launcher, folder):
    ended = harness.launch(
        launcher, folder,
        ["--doctor", "--artifacts", launcher.path(folder / "there")],
        {"HBTEST_POSTMORTEM": launcher.path(folder / "none")},
        artifacts=False)
    expect("exit status", launcher.status(ended.returncode), 0)
    rows = {line[5:].split()[0]: line
            for line in ended.stdout.decode().splitlines()[1:-1]}
    for name in ("postmortem", "crash"):
        if not rows[name].startswith("no   "):
            raise Mismatch(f"{name} is told so: {rows[name]!r}")
    if "none' (HBTEST_POSTMORTEM) is not there" not in rows["postmortem"]:
        raise Mismatch(f"what is not there: {rows['postmortem']!r}")
    expect("what was left", (folder / "there").exists(), False)


def the_doctor_leaves_folders_that_were_there(launcher, folder):
    (folder / "out" / "doctor").mkdir(parents=True)
    status, _ = doctor(launcher, folder / "out", folder / "out",
                       {"HBTEST_POSTMORTEM": launcher.path(folder / "none")})
    expect("exit status", status, 0)
    expect("the folder is still there",
           (folder / "out" / "doctor").is_dir(), True)


def the_doctor_says_that_nothing_can_be_written(launcher, folder):
    (folder / "file").write_text("")
    status, lines = doctor(launcher, folder, folder / "file" / "below")
    expect("exit status", status, 125)
    expect("last line", lines[-1], "The main job does not work here.")
    if not any(line.startswith("no   records ") and "it is a file" in line
               for line in lines):
        raise Mismatch(f"the reason is not told: {lines}")


def expect_that_no_run_works(launcher, folder, why, before=(), **more):
    """A run of `pass` ends with 125, and the doctor has said so, and why."""
    for words in (["--", launcher.program("pass")], ["--doctor"]):
        ended = subprocess.run(
            [*before, *launcher.command, "--artifacts", str(folder / "there"),
             *words], env=harness.clean_environment(), capture_output=True,
            check=False, **more)
        expect(f"exit status of {words}, {why}", ended.returncode, 125)
    lines = ended.stdout.decode().splitlines()
    expect("last line", lines[-1], "The main job does not work here.")
    if not any(line.startswith("no ") and why in line for line in lines):
        raise Mismatch(f"the reason is not told: {lines}")


def the_doctor_says_which_limit_lets_no_run_work(launcher, folder):
    if launcher.windows:
        return "no such limits on Windows"
    for limit, why in (("-n 5", "cannot make a pipe"),
                       ("-n 8", "cannot make a pipe"),
                       ("-f 0", "File too large"), ("-f 1", "File too large")):
        expect_that_no_run_works(
            launcher, folder, why,
            ["/bin/sh", "-c", f'ulimit {limit} && exec "$@"', "sh"])
    return None


def the_doctor_says_that_no_process_can_be_started(launcher, folder):
    if launcher.windows:
        return "Windows has no such limit"
    if "ASAN_OPTIONS" in os.environ:
        return "AddressSanitizer itself needs what is missing here"
    try:
        import resource  # not on Windows
        folder.chmod(0o777)
        expect_that_no_run_works(
            launcher, folder, "cannot start the guard", user=65534,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NPROC,
                                                  (1, 1)))
    except (ImportError, PermissionError) as error:
        return f"no other user to run as: {error}"
    return None


def the_doctor_says_that_the_disk_is_full(launcher, folder):
    if launcher.windows:
        return "full disks are tried on Linux"
    disk = folder / "there"
    reason = records.small_disk(launcher, disk, "64k")
    if reason:
        return reason
    try:
        with contextlib.suppress(OSError), (disk / "full").open("wb") as file:
            file.write(bytes(1 << 20))
        expect_that_no_run_works(launcher, folder, "No space left on device")
        expect("what is left", [path.name for path in disk.iterdir()],
               ["full"])
    finally:
        subprocess.run(["umount", str(disk)], check=False)
    return None


def without_proc(launcher):
    """The launcher where /proc is not mounted; None where that cannot be."""
    before = ["unshare", "-m", "/bin/sh", "-c",
              'umount -l /proc && exec "$@"', "sh"]
    if launcher.windows or shutil.which("unshare") is None or subprocess.run(
            [*before, "true"], capture_output=True, check=False).returncode:
        return None
    return harness.Launcher(";".join([*before, *launcher.command]),
                            launcher.programs)


def without_proc_no_leak_is_passed_over(launcher, folder):
    if "ASAN_OPTIONS" in os.environ:
        return "AddressSanitizer itself needs what is missing here"
    blind = without_proc(launcher)
    if blind is None:
        return "no mounts of our own"
    quiet = "sleep 60 >/dev/null 2>&1"
    for script, left in (("exit 0", []), (f"{quiet} & exit 0", ["unknown"]),
                         (f"setsid {quiet} & exit 0", ["unknown"])):
        ended = launch(blind, folder, ["--leak", "fail"],
                       ["/bin/sh", "-c", script])
        result = ended.result()
        expect(f"verdict of {script}", result["verdict"],
               "leak" if left else "pass")
        expect(f"left by {script}",
               [process["image"] for process in result["processes"]
                if process["left_behind"]], left)
        if not any("/proc is not mounted" in text
                   for text in result["warnings"]):
            raise Mismatch(f"no warning: {result['warnings']}")
    expect_that_no_run_is_whole(blind, folder)
    return None


def without_proc_a_hang_is_said_to_be_unseen_for_that(launcher, folder):
    if "ASAN_OPTIONS" in os.environ:
        return "AddressSanitizer itself needs what is missing here"
    blind = without_proc(launcher)
    if blind is None:
        return "no mounts of our own"
    ended = launch(blind, folder, ["--timeout", "500ms", "--grace", "100ms"],
                   ["/bin/sleep", "60"])
    pieces = [piece for piece in ended.result()["evidence"]
              if piece["kind"] in ("stacks", "locks", "dump")]
    expect("kinds", {piece["kind"] for piece in pieces},
           {"stacks", "locks", "dump"})
    for piece in pieces:
        if "/proc is not mounted" not in piece.get("reason", ""):
            raise Mismatch(f"the reason is not told: {piece}")
    return None


def expect_that_no_run_is_whole(launcher, folder):
    status, lines = doctor(launcher, folder, folder / "there")
    expect("exit status", status, 125)
    if not any(line.startswith("no   process_tree") and "/proc" in line
               for line in lines):
        raise Mismatch(f"the reason is not told: {lines}")


def beat_every_reaches_the_heartbeat_thread(launcher, folder):
    def alive(every):
        ended = launch(launcher, folder, ["--beat-every", every],
                       [launcher.program("slow_but_beating")])
        heartbeat = ended.result()["heartbeat"]
        expect("beats", heartbeat["beats"], 40)
        return heartbeat["beat_every_ms"], heartbeat["alive"]

    expect("a beat an hour", alive("1h"), (3600000, 1))
    every_ms, count = alive("20ms")
    expect("beat_every_ms", every_ms, 20)
    if count < 5:  # a hundred on an idle machine
        raise Mismatch(f"only {count} beats of the heartbeat thread")


def only_what_failed_keeps_its_logs(launcher, folder):
    def logs(options, program):
        ended = launch(launcher, folder, options, [launcher.program(program)])
        return [path.name for path in sorted(ended.run().glob("*.log"))]

    both = ["stderr.log", "stdout.log"]
    expect("logs of a test that passes", logs([], "both_streams"), [])
    expect("... with --keep failed",
           logs(["--keep", "failed"], "both_streams"), [])
    expect("... with --keep all", logs(["--keep", "all"], "both_streams"),
           both)
    expect("logs of a test that fails",
           logs(["--keep", "failed"], "gtest_fails"), both)


def github_is_told_as_it_was_asked(launcher, folder):
    for when, variable, told in (("auto", "true", True), ("auto", "", False),
                                 ("never", "true", False),
                                 ("always", "", True)):
        summary = folder / f"{when}-{variable}.md"
        summary.write_text("")
        ended = launch(launcher, folder, ["--github", when],
                       [launcher.program("fail")],
                       {"GITHUB_ACTIONS": variable,
                        "GITHUB_STEP_SUMMARY": launcher.path(summary)})
        expect(f"annotation and summary, --github {when}, '{variable}'",
               (b"::error" in ended.stderr, summary.read_text() != ""),
               (told, told))


def a_test_is_spoken_of_as_it_was_asked(launcher, folder):
    for options, passing, failing in (([], b"", b"fail"),
                                      (["--verbose"], b"pass", b"fail"),
                                      (["--quiet"], b"", b""),
                                      (["--quiet", "--verbose"],
                                       b"pass", b"fail"),
                                      (["--verbose", "--quiet"], b"", b"")):
        for program, said in (("says_pass", passing), ("fail", failing)):
            ended = launch(launcher, folder, options,
                           [launcher.program(program)])
            if said not in ended.stderr or bool(said) != bool(ended.stderr):
                raise Mismatch(f"{' '.join(options)}, {program}: "
                               f"{ended.stderr!r}")
            expect("standard output", ended.stdout, b"")


def quiet_silences_neither_the_test_nor_our_own_errors(launcher, folder):
    ended = launch(launcher, folder, ["--quiet"],
                   [launcher.program("both_streams")])
    if not ended.stdout or not ended.stderr:
        raise Mismatch("the test's own output is missing")
    ended = launch(launcher, folder, ["--quiet", "--github", "always"],
                   [launcher.program("fail")])
    if not ended.stderr.startswith(b"::error"):
        raise Mismatch(f"the annotation is missing: {ended.stderr!r}")
    ended = launch(launcher, folder, ["--quiet", "--leak", "plug"],
                   [launcher.program("pass")], artifacts=False)
    expect("exit status", launcher.status(ended.returncode), 125)
    if b"plug" not in ended.stderr:
        raise Mismatch("the mistake is not told")


def color_is_used_as_it_was_asked(launcher, folder):
    for options, colored in ((["--color", "always"], True),
                             (["--color", "never"], False), ([], False)):
        ended = launch(launcher, folder, options, [launcher.program("fail")])
        expect(f"color with {' '.join(options) or 'no option'}",
               COLOR in ended.stderr, colored)
        if b"fail" not in ended.stderr:
            raise Mismatch("the verdict is missing")


def what_is_asked_for_is_printed_or_said_not_to_be(launcher, folder):
    ended = harness.launch(launcher, folder, ["--version"], artifacts=False)
    if b"\r" in ended.stdout or not ended.stdout.endswith(b"\n"):
        raise Mismatch(f"these are other bytes than elsewhere: {ended.stdout!r}")
    if not os.path.exists("/dev/full") or launcher.windows:
        return
    with open("/dev/full", "wb") as full:
        for option in ("--help", "--version", "--doctor"):
            said = subprocess.run(
                [*launcher.command, option], stdout=full,
                stderr=subprocess.PIPE, cwd=folder, check=False,
                env=harness.clean_environment(), timeout=60)
            expect(f"exit status of {option}", said.returncode, 125)
            if b"cannot write to stdout" not in said.stderr:
                raise Mismatch(f"not said: {said.stderr!r}")


CASES = [
    what_is_asked_for_is_printed_or_said_not_to_be,
    the_doctor_says_that_the_main_job_works,
    the_doctor_tries_what_a_report_would_hold,
    the_doctor_says_that_there_is_no_helper,
    the_doctor_leaves_folders_that_were_there,
    the_doctor_says_that_nothing_can_be_written,
    the_doctor_says_which_limit_lets_no_run_work,
    the_doctor_says_that_no_process_can_be_started,
    the_doctor_says_that_the_disk_is_full,
    without_proc_no_leak_is_passed_over,
    without_proc_a_hang_is_said_to_be_unseen_for_that,
    beat_every_reaches_the_heartbeat_thread,
    only_what_failed_keeps_its_logs,
    github_is_told_as_it_was_asked,
    a_test_is_spoken_of_as_it_was_asked,
    quiet_silences_neither_the_test_nor_our_own_errors,
    color_is_used_as_it_was_asked,
]

if __name__ == "__main__":
    ARGS = harness.options(__doc__).parse_args()
    harness.run_cases(CASES, harness.Launcher(ARGS.launcher, ARGS.programs),
                      ARGS)
