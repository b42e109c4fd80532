"""What is taken of a hung test before it is ended, and what happens when the
one who takes it fails."""

import os
import shutil
import signal
import subprocess
import time

import checks
import harness
from harness import Mismatch, expect


def helper_of(launcher):
    """The real helper, as the build has it; None where it is not built."""
    program = launcher.command[-1]
    folder = os.path.join(os.path.dirname(program), "..", "postmortem")
    name = "hbtest-postmortem" + (".exe" if launcher.windows else "")
    path = os.path.join(folder, name)
    return path if os.path.exists(path) else None


NO_DUMP = ("--dump", "none")  # one takes seconds under Wine


def hang(launcher, folder, program, *options, env=None):
    """Runs a specimen that hangs; returns the folder and the result."""
    token = harness.new_token()
    ended = harness.launch(
        launcher, folder,
        ["--hang-after", "300ms", "--grace", "200ms", *options, "--",
         launcher.program(program)],
        {harness.TOKEN: token, **(env or {})})
    harness.expect_no_survivors(token, launcher.linger)
    result = ended.result()
    harness.check_schema(result)
    checks.check_junit(ended.run(), result)
    return ended.run(), result


def evidence(result, kind):
    found = [item for item in result["evidence"] if item["kind"] == kind]
    if not found:
        raise Mismatch(f"no evidence '{kind}' in {result['evidence']}")
    return found[0]


def places(result):
    """Modules and functions of all frames."""
    frames = [frame for thread in result["threads"]
              for frame in thread.get("frames", [])]
    return {frame.get("module") for frame in frames} | \
        {frame.get("symbol") for frame in frames}


def place_of(launcher):
    """Where the deadlock stands: MinGW's programs have no symbols that Windows
    reads, so there it is the program."""
    return "deadlock.exe" if launcher.windows else "main"


def needs_helper(case):
    """The case is skipped where the helper is not built."""
    def run(launcher, folder):
        if helper_of(launcher) is None:
            return "hbtest-postmortem is not built here"
        return case(launcher, folder)
    run.__name__ = case.__name__
    return run


def run_cases(cases, description):
    """For files all of whose cases need the helper."""
    args = harness.options(description).parse_args()
    harness.run_cases([needs_helper(case) for case in cases],
                      harness.Launcher(args.launcher, args.programs), args)


@needs_helper
def a_deadlock_has_stacks_with_names(launcher, folder):
    run, result = hang(launcher, folder, "deadlock", *NO_DUMP)
    expect("verdict", (result["verdict"], result["cause"]),
           ("hang", "deadlock"))
    expect("stacks", evidence(result, "stacks").get("path"), "stacks.txt")
    if place_of(launcher) not in places(result):
        raise Mismatch(f"no thread is there: {places(result)}")
    text = (run / "stacks.txt").read_text()
    if place_of(launcher) not in text or "modules" not in text:
        raise Mismatch(f"stacks.txt is {text!r}")
    if not any("deadlock" in module["path"] for module in result["modules"]):
        raise Mismatch(f"modules are {result['modules']}")
    if "stacks.txt]]" not in (run / "junit.xml").read_text():
        raise Mismatch("stacks.txt is not attached")


@needs_helper
def a_deadlock_says_who_waits_for_whom(launcher, folder):
    result = hang(launcher, folder, "deadlock", *NO_DUMP)[1]
    waits = {lock["tid"]: lock["owner"] for lock in result["locks"]}
    circle = [tid for tid, owner in waits.items() if waits.get(owner) == tid]
    expect("threads in the circle", len(circle), 2)
    if f"held by thread {circle[0]}" not in result["summary"]:
        raise Mismatch(f"summary is {result['summary']!r}")


@needs_helper
def a_replay_gives_the_same_bytes(launcher, folder):
    run = hang(launcher, folder, "deadlock")[0]
    again = subprocess.run(
        launcher.command + ["--quiet", "--replay",
                            launcher.path(run / "timeline.jsonl")],
        env=harness.clean_environment(), cwd=folder, capture_output=True,
        check=False)
    expect("replay", again.stdout.replace(b"\r\n", b"\n"),
           (run / "result.json").read_bytes())


@needs_helper
def the_same_hang_has_the_same_signature(launcher, folder):
    found = set()
    for i in range(3):
        (folder / str(i)).mkdir()
        found.add(hang(launcher, folder / str(i), "deadlock",
                       *NO_DUMP)[1]["signature"]["text"])
    expect("number of signatures", len(found), 1)
    text = found.pop()
    if f"| {place_of(launcher)}" not in text and "main" not in text:
        raise Mismatch(f"the signature names no place: {text}")


@needs_helper
def every_process_of_the_tree_is_looked_at(launcher, folder):
    if launcher.windows:
        return "the specimen is for Linux"
    result = hang(launcher, folder, "waits_for_child")[1]
    looked_at = {thread["pid"] for thread in result["threads"]
                 if thread.get("frames")}
    if len(looked_at) < 2:
        raise Mismatch(f"stacks are of {looked_at}")
    return None


@needs_helper
def a_timeout_has_stacks_too(launcher, folder):
    result = hang(launcher, folder, "works_for_ever", "--hang-after", "0",
                  "--timeout", "400ms", *NO_DUMP)[1]
    expect("verdict", result["verdict"], "timeout")
    expect("stacks", evidence(result, "stacks")["status"], "captured")


@needs_helper
def a_dump_is_there_and_whole(launcher, folder):
    run, result = hang(launcher, folder, "deadlock")
    item = evidence(result, "dump")
    expect("status", (item["status"], item.get("reason")), ("captured", None))
    dump = (run / item["path"]).read_bytes()
    expect("size", len(dump), item["bytes"])
    expect("begin", dump[:4],
           b"MDMP" if launcher.windows else b"\x28\xb5\x2f\xfd")
    if f"{item['path']}]]" not in (run / "junit.xml").read_text():
        raise Mismatch("the dump is not attached")


def what_is_switched_off_is_not_done(launcher, folder):
    run, result = hang(launcher, folder, "deadlock", "--stacks", "never",
                       "--dump", "none")
    expect("stacks", evidence(result, "stacks")["reason"], "--stacks=never")
    expect("dump", evidence(result, "dump")["reason"], "--dump=none")
    expect("stacks.txt", (run / "stacks.txt").exists(), False)


def a_hang_tells_of_the_machine(launcher, folder):
    run, result = hang(launcher, folder, "deadlock")
    machine = result["machine"]
    expect("whose handles", machine["handles_pid"],
           result["processes"][0]["pid"])
    if machine["handles_total"] < len(machine["handles"]):
        raise Mismatch(f"{machine['handles_total']} handles are too few")
    if not launcher.windows and not any(
            handle["type"] == "pipe" for handle in machine["handles"]):
        raise Mismatch(f"no pipe among {machine['handles']}")
    if machine["memory"]["total_kib"] < 1024 or not machine["processes"]:
        raise Mismatch(f"the machine is {machine}")
    if not str(run).startswith(machine["disks"][0]["path"][:8]) and (
            not launcher.windows):
        raise Mismatch(f"disks are {machine['disks']}")


def a_silent_death_tells_of_the_machine(launcher, folder):
    ended = harness.launch(launcher, folder,
                           ["--hold-exit", "off", "--",
                            launcher.program("exits_early")])
    result = ended.result()
    expect("verdict", result["verdict"], "silent-death")
    expect("handles", result["machine"]["handles_missing"],
           "the process had ended")
    checks.check_replay(launcher, folder, ended.run())


def what_passed_or_failed_tells_of_no_machine(launcher, folder):
    for program in ("pass", "fail"):
        (folder / program).mkdir()
        ended = harness.launch(launcher, folder / program,
                               ["--", launcher.program(program)])
        expect("machine", ended.result().get("machine"), None)


def a_program_that_ended_by_itself_is_not_looked_at(launcher, folder):
    ended = harness.launch(launcher, folder,
                           ["--", launcher.program("pass")])
    item = evidence(ended.result(), "stacks")
    expect("status", item["status"], "skipped")
    if "had ended" not in item["reason"]:
        raise Mismatch(f"reason is {item['reason']!r}")


def nobody_holds_a_test_that_runs(launcher, folder):
    ways = [[], ["--hang-after", "0"]]
    if not launcher.windows:
        ways.append(["--hold-exit", "on"])
    for number, options in enumerate(ways):
        (folder / str(number)).mkdir()
        ended = harness.launch(launcher, folder / str(number),
                               [*options, "--", launcher.program("is_watched")])
        expect("verdict", ended.result()["verdict"], "pass")
    if shutil.which("strace") and not launcher.windows:  # it can tell
        expect("status under a tracer", subprocess.run(
            ["strace", "-o", "/dev/null", launcher.program("is_watched")],
            check=False).returncode, 1)


# A helper that fails in every way. Scripts, so not on Windows.

def script(folder, text):
    path = folder / "helper"
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(0o700)
    return {"HBTEST_POSTMORTEM": str(path)}


def with_script(text, *options):
    """Runs a deadlock with this helper."""
    def run(launcher, folder):
        return hang(launcher, folder, "deadlock", *options,
                    env=script(folder, text))
    return run


def on_linux(case):
    def run(launcher, folder):
        if launcher.windows:
            return "the helper is a script here"
        return case(launcher, folder)
    run.__name__ = case.__name__
    return run


def expect_failed(result, words):
    expect("verdict", (result["verdict"], result["cause"]),
           ("hang", "deadlock"))
    for kind in ("stacks", "dump"):
        item = evidence(result, kind)
        expect(f"status of {kind}", item["status"], "failed")
        if words not in item["reason"]:
            raise Mismatch(f"reason of {kind} is {item['reason']!r}")


@on_linux
def a_helper_that_dies_costs_nothing_but_the_stacks(launcher, folder):
    result = with_script("kill -SEGV $$\n")(launcher, folder)[1]
    expect_failed(result, "died of signal 11")


@on_linux
def half_a_dump_does_not_stay(launcher, folder):
    run = with_script("while [ $# -gt 0 ]; do\n"
                      "  [ \"$1\" = --folder ] && : >\"$2/core.zst.part\"\n"
                      "  shift\ndone\nkill -KILL $$\n")(launcher, folder)[0]
    expect("parts", [str(path) for path in run.glob("*.part")], [])


@on_linux
def a_helper_that_is_missing_is_named(launcher, folder):
    result = hang(launcher, folder, "deadlock",
                  env={"HBTEST_POSTMORTEM": "/no/such/helper"})[1]
    expect_failed(result, "/no/such/helper")


@on_linux
def a_helper_that_tells_nonsense_is_not_believed(launcher, folder):
    result = with_script("head -c 2000000 /dev/urandom\necho\n"
                         "echo '{\"kind\":\"thread\",\"frames\":3}'\n"
                         "echo '{\"kind\":\"done\"}'\n")(launcher, folder)[1]
    expect_failed(result, "did not tell of it")
    if not any("could not be understood" in line
               for line in result["warnings"]):
        raise Mismatch(f"warnings are {result['warnings']}")


@on_linux
def a_helper_that_hangs_is_ended_before_the_deadline(launcher, folder):
    begun = time.time()
    result = with_script("exec sleep 60\n", "--deadline",
                         str(int(begun) + 6))(launcher, folder)[1]
    expect_failed(result, "did not end within")
    if time.time() > begun + 7:
        raise Mismatch("the deadline has passed")


def start_with_sleeping_helper(launcher, folder):
    token = harness.new_token()
    env = script(folder, f"touch {folder}/begun\nexec sleep 60\n")
    running = harness.Running(
        launcher, folder,
        ["--hang-after", "300ms", "--grace", "200ms", "--",
         launcher.program("deadlock")],
        {harness.TOKEN: token, **env})
    if not harness.wait_until((folder / "begun").exists):
        raise Mismatch("the helper was not started")
    return running, token


@on_linux
def ctrl_c_ends_the_helper_at_once(launcher, folder):
    running, token = start_with_sleeping_helper(launcher, folder)
    running.process.send_signal(signal.SIGINT)
    ended = running.wait(20)
    harness.expect_no_survivors(token)
    expect_failed(ended.result(), "was asked to stop")


@on_linux
def a_launcher_that_is_killed_takes_the_helper_along(launcher, folder):
    running, token = start_with_sleeping_helper(launcher, folder)
    running.process.send_signal(signal.SIGKILL)
    running.wait(20)
    harness.expect_no_survivors(token, 10)


CASES = [
    a_deadlock_has_stacks_with_names,
    a_deadlock_says_who_waits_for_whom,
    a_replay_gives_the_same_bytes,
    the_same_hang_has_the_same_signature,
    every_process_of_the_tree_is_looked_at,
    a_timeout_has_stacks_too,
    a_dump_is_there_and_whole,
    what_is_switched_off_is_not_done,
    a_hang_tells_of_the_machine,
    a_silent_death_tells_of_the_machine,
    what_passed_or_failed_tells_of_no_machine,
    a_program_that_ended_by_itself_is_not_looked_at,
    nobody_holds_a_test_that_runs,
    a_helper_that_dies_costs_nothing_but_the_stacks,
    half_a_dump_does_not_stay,
    a_helper_that_is_missing_is_named,
    a_helper_that_tells_nonsense_is_not_believed,
    a_helper_that_hangs_is_ended_before_the_deadline,
    ctrl_c_ends_the_helper_at_once,
    a_launcher_that_is_killed_takes_the_helper_along,
]

if __name__ == "__main__":
    ARGS = harness.options(__doc__).parse_args()
    harness.run_cases(CASES, harness.Launcher(ARGS.launcher, ARGS.programs),
                      ARGS)
