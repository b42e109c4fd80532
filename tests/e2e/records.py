"""The record is on disk from the first moment and tells the truth, whatever
becomes of the launcher, the disk or the folder."""

import os
import random
import resource
import shutil
import subprocess
import time

import checks
import harness
from harness import Mismatch, expect


def expect_lost(run):
    """Valid, and saying that the launcher was lost."""
    result = harness.read_json(run / "result.json")
    harness.check_schema(result)
    checks.check_junit(run, result)
    expect("verdict", (result["verdict"], result["cause"]),
           ("launcher-error", "launcher-lost"))


def while_the_test_runs_the_record_says_that_it_was_lost(launcher, folder):
    running = harness.Running(
        launcher, folder,
        ["--timeout", "2s", "--", launcher.program("works_for_ever")])
    running.wait_for(b'"kind":"started"')
    ended = harness.Ended(0, folder, running.artifacts)
    expect_lost(ended.run())
    expect("verdict in the end", running.wait().result()["verdict"],
           "timeout")


def kill_one(launcher, folder, which, delay, first=None):
    """Starts a tree, kills the launcher or its guard after the delay, counted
    from the start or from when `first` stands in the timeline; returns the
    folders of the run. Without a delay the test has begun to beat."""
    token = harness.new_token()
    running = harness.Running(
        launcher, folder,
        ["--grace", "100ms", "--", launcher.program("ignores_stop")],
        {harness.TOKEN: token})
    if delay is None:
        first = b'"kind":"beat"'
    if first:
        running.wait_for(first)
    time.sleep(delay or 0)
    try:
        os.kill(running.process.pid if which == "guard"
                else harness.launcher_pid(running.process.pid), 9)
    except (OSError, FileNotFoundError):
        pass  # it had just ended
    ended = running.wait()
    harness.expect_no_survivors(token, 20)
    return ended


def a_killed_launcher_leaves_a_lost_record_and_no_process(launcher, folder):
    which = "guard" if launcher.windows else "launcher"
    ended = kill_one(launcher, folder, which, None)
    expect_lost(ended.run())
    if not launcher.windows:
        expect("exit status", ended.returncode, 125)
        if b"hbtest-launch: " not in ended.stderr:
            raise Mismatch("the guard says nothing")


def what_ctest_kills_leaves_a_lost_record_and_no_process(launcher, folder):
    """CTest kills the process that it started: the guard."""
    ended = kill_one(launcher, folder, "guard", None)
    expect_lost(ended.run())


def a_hang_that_was_being_ended_is_still_spoken_of(launcher, folder):
    if launcher.windows:
        return "who is killed there leaves the record of its begin"
    token = harness.new_token()
    running = harness.Running(
        launcher, folder,
        ["--hang-after", "300ms", "--grace", "60s", "--stacks", "never",
         "--dump", "none", "--", launcher.program("ignores_stop")],
        {harness.TOKEN: token})
    running.wait_for(b'"kind":"stopped"')
    os.kill(running.process.pid, 9)
    ended = running.wait()
    harness.expect_no_survivors(token, 20)
    result = ended.result()
    expect("cause", result["cause"], "launcher-lost")
    if "limit hang_after fired" not in result["summary"]:
        raise Mismatch(f"the summary is {result['summary']!r}")
    return None


def expect_unwritten(run, result):
    """Valid, and saying what is returned: the record was not written."""
    harness.check_schema(result)
    checks.check_junit(run, result)
    expect("verdict", (result["verdict"], result["cause"]),
           ("launcher-error", "cannot-write"))
    expect("exit_status", result["exit_status"], 125)


def may_have_started(run):
    """Both reports are on disk before the test is started."""
    timeline = run / "timeline.jsonl"
    return timeline.exists() and b'"started"' in timeline.read_bytes()


def at_any_moment_the_record_is_whole_and_the_tree_ends(launcher, folder):
    # Wine's server loses its way, for good and for all in the prefix, when
    # somebody who is starting a program is killed: there the moments begin
    # when the test is under way.
    chance = random.Random(4)
    whichs = ["guard"] if launcher.windows else ["guard", "launcher"]
    first = b'"kind":"attached"' if launcher.wine else None
    for i in range(4 if launcher.windows else 24):
        here = folder / str(i)
        here.mkdir()
        ended = kill_one(launcher, here, whichs[i % len(whichs)],
                         chance.random() * (0.5 if launcher.wine else 0.06),
                         first)
        for run in ended.runs():
            if may_have_started(run):
                expect_lost(run)


def a_lost_run_is_judged_lost_by_its_timeline(launcher, folder):
    ended = kill_one(launcher, folder, "guard", None)
    again = folder / "again.json"
    subprocess.run(
        launcher.command + ["--quiet", "--replay",
                            launcher.path(ended.run() / "timeline.jsonl"),
                            "--json", launcher.path(again)],
        check=True, env=harness.clean_environment(), timeout=60)
    expect("cause", harness.read_json(again)["cause"], "launcher-lost")


def expect_told(ended, word):
    """The record could not be written: 125, and the verdict on stderr."""
    expect("exit status", ended.returncode, 125)
    if word not in ended.stderr:
        raise Mismatch(f"{word!r} is not said: {ended.stderr!r}")


def a_folder_that_vanishes_costs_the_record_not_the_verdict(launcher, folder):
    running = harness.Running(
        launcher, folder,
        ["--timeout", "1s", "--grace", "1s", "--",
         launcher.program("works_for_ever")])
    running.wait_for(b'"kind":"beat"')
    shutil.rmtree(running.artifacts, ignore_errors=launcher.wine)
    ended = running.wait()
    if ended.runs():
        expect("verdict", ended.result()["verdict"], "timeout")
    else:
        expect_told(ended, b"limit")


def a_place_that_cannot_be_written_is_named(launcher, folder):
    if launcher.windows:
        return "no read-only place that holds for every user of Wine"
    ended = harness.launch(
        launcher, folder,
        ["--artifacts", "/proc/hbtest", "--", launcher.program("fail")])
    expect_told(ended, b"/proc/hbtest")


def small_disk(launcher, folder, size):
    """A file system of that size, or why there is none."""
    if launcher.windows and not launcher.wine:
        return "no small disk on Windows"
    folder.mkdir()
    if os.geteuid() != 0:
        return "mounting takes root"
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}",
                           "none", str(folder)], capture_output=True,
                          check=False)
    return done.stderr.decode().strip()


def a_full_disk_costs_the_logs_not_the_verdict(launcher, folder):
    disk = folder / "artifacts"
    reason = small_disk(launcher, disk, "512k")
    if reason:
        return reason
    try:
        copy = folder / "copy.json"
        ended = harness.launch(
            launcher, folder,
            ["--keep", "all", "--json", launcher.path(copy), "--",
             launcher.program("floods"), "4"])
        expect("bytes passed on", len(ended.stdout), 4 << 20)
        expect_told(ended, b"(error 112: " if launcher.windows
                    else b"(error 28: No space left on device)")
        expect_told(ended, b"the test's own verdict: pass")
        expect_unwritten(ended.run(), ended.result())
        expect_unwritten(ended.run(), harness.read_json(copy))
    finally:
        subprocess.run(["umount", str(disk)], check=False)


def a_record_that_cannot_begin_leaves_nothing(launcher, folder):
    disk = folder / "artifacts"
    reason = small_disk(launcher, disk, "4k")
    if reason:
        return reason
    try:
        ended = harness.launch(launcher, folder,
                               ["--", launcher.program("pass")])
        expect_told(ended, b"hbtest-launch: the test was not started: cannot ")
        expect_told(ended, b"(error ")
        expect("what is left", list(disk.iterdir()), [])
    finally:
        subprocess.run(["umount", str(disk)], check=False)


def a_copy_that_cannot_be_written_is_told_in_all_that_can(launcher, folder):
    copies = folder / "copies"
    copies.mkdir()
    running = harness.Running(
        launcher, folder,
        ["--json", launcher.path(copies / "copy.json"), "--timeout", "1s",
         "--grace", "100ms", "--", launcher.program("works_for_ever")])
    running.wait_for(b'"kind":"beat"')
    shutil.rmtree(copies)
    ended = running.wait()
    expect_told(ended, b"copy.json")
    expect_told(ended, b"the test's own verdict: timeout/limit")
    expect_unwritten(ended.run(), ended.result())
    if not ended.result()["processes"] and not ended.result()["evidence"]:
        raise Mismatch("there was room for the whole record")


def a_small_stack_is_enough(launcher, folder):
    if launcher.windows:
        return "Windows has no limit on stacks from outside"
    if "ASAN_OPTIONS" in os.environ or "TSAN_OPTIONS" in os.environ:
        return "sanitizers need more of it"

    def limit():
        resource.setrlimit(resource.RLIMIT_STACK, (80 << 10, 80 << 10))

    ended = harness.launch(launcher, folder,
                           ["--timeout", "500ms", "--grace", "100ms", "--",
                            "/bin/sleep", "60"], preexec_fn=limit)
    result = ended.result()
    expect("verdict", (result["verdict"], result["cause"]),
           ("timeout", "limit"))
    return None


def a_limit_on_files_costs_the_logs_not_the_verdict(launcher, folder):
    if launcher.windows:
        return "Windows has no limit on files"

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (2 << 20, 2 << 20))

    # Our streams are pipes here, for the limit is on files; the recorder is
    # one, and fits.
    done = subprocess.run(
        [*launcher.command, "--artifacts", str(folder / "artifacts"),
         "--keep", "all", "--", launcher.program("floods"), "4"],
        cwd=folder, capture_output=True, env=harness.clean_environment(),
        preexec_fn=limit, timeout=60, check=False)
    expect("bytes passed on", len(done.stdout), 4 << 20)
    expect("exit status", done.returncode, 0)
    results = list((folder / "artifacts").glob("*/*/result.json"))
    expect("verdict", harness.read_json(results[0])["verdict"], "pass")


def the_folder_is_private_and_the_copies_are_written(launcher, folder):
    ended = harness.launch(
        launcher, folder,
        ["--json", launcher.path(folder / "copy.json"), "--junit",
         launcher.path(folder / "copy.xml"), "--", launcher.program("fail")])
    run = ended.run()
    expect("copy of result.json", (folder / "copy.json").read_bytes(),
           (run / "result.json").read_bytes())
    expect("copy of junit.xml", (folder / "copy.xml").read_bytes(),
           (run / "junit.xml").read_bytes())
    if not launcher.windows:
        expect("mode of the folder", run.stat().st_mode & 0o777, 0o700)
        for file in run.iterdir():
            expect(f"mode of {file.name}", file.stat().st_mode & 0o777, 0o600)


CASES = [
    while_the_test_runs_the_record_says_that_it_was_lost,
    a_killed_launcher_leaves_a_lost_record_and_no_process,
    what_ctest_kills_leaves_a_lost_record_and_no_process,
    a_hang_that_was_being_ended_is_still_spoken_of,
    at_any_moment_the_record_is_whole_and_the_tree_ends,
    a_lost_run_is_judged_lost_by_its_timeline,
    a_folder_that_vanishes_costs_the_record_not_the_verdict,
    a_place_that_cannot_be_written_is_named,
    a_full_disk_costs_the_logs_not_the_verdict,
    a_record_that_cannot_begin_leaves_nothing,
    a_copy_that_cannot_be_written_is_told_in_all_that_can,
    a_limit_on_files_costs_the_logs_not_the_verdict,
    a_small_stack_is_enough,
    the_folder_is_private_and_the_copies_are_written,
]

if __name__ == "__main__":
    ARGS = harness.options(__doc__).parse_args()
    harness.run_cases(CASES, harness.Launcher(ARGS.launcher, ARGS.programs),
                      ARGS)
