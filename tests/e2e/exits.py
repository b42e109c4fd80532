"""What is taken of a program that ends itself before it said that it is done,
and that its end is the same as without us."""

import contextlib
import json
import os
import random
import signal
import subprocess
import time

import checks
import harness
from harness import Mismatch, expect


def leave(launcher, folder, way, *options, program="leaves", env=None):
    """Lets the specimen leave in a way; returns the folder of the run, the
    status of the launcher and the result."""
    token = harness.new_token()
    ended = harness.launch(
        launcher, folder, [*options, "--", launcher.program(program), way],
        {harness.TOKEN: token, **(env or {})})
    harness.expect_no_survivors(token, launcher.linger)
    result = ended.result()
    checks.check_junit(ended.run(), result)
    return ended.run(), ended.returncode, result


def functions(result, tid):
    found = [thread for thread in result["threads"] if thread["tid"] == tid]
    expect("threads that left", len(found), 1)
    return [frame.get("symbol") for frame in found[0]["frames"]]


def evidence(result, kind):
    found = [item for item in result["evidence"] if item["kind"] == kind]
    expect(f"pieces of evidence '{kind}'", len(found), 1)
    return found[0]


EARLY = ("silent-death", "exit-before-completion")
SELF = ("silent-death", "terminated-by-self")
# Way to leave: verdict, end, call, and the function that made it.
WAYS = {
    "exit": (EARLY, ("code", 7), "exit", "call_exit"),
    "end": (EARLY, ("code", 7), "exit", None),
    "exit-now": (EARLY, ("code", 7), "_exit", "call_exit_now"),
    "quick": (EARLY, ("code", 7), "quick_exit", "call_quick_exit"),
    "thread": (EARLY, ("code", 7), "exit", "call_exit"),
    "kill": (SELF, ("signal", signal.SIGKILL), "kill", "kill_itself"),
    "raise": (SELF, ("signal", signal.SIGTERM), "raise", "raise_itself"),
}


SYSTEM_CALLS = {"exit": "exit_group", "_exit": "exit_group",
                "quick_exit": "exit_group", "raise": "tgkill"}


def expect_exit(way, returncode, result, outside=False):
    verdict, end, call, function = WAYS[way]
    if outside:
        says = call
        call = SYSTEM_CALLS.get(call, call)
        if f"; {says}(" not in result["summary"]:
            raise Mismatch(f"the summary is {result['summary']!r}")
    expect("verdict", (result["verdict"], result["cause"]), verdict)
    expect("end", (result["exit"]["kind"], result["exit"]["value"]), end)
    expect("status", returncode, end[1] if end[0] == "code" else -end[1])
    leaving = result["leaving"]
    expect("call", leaving["call"], call)
    if function is None:
        expect("caller", leaving.get("caller"), None)
        says = ": main() returned"
    else:
        expect("caller", leaving["caller"]["symbol"], function)
        expect("file", os.path.basename(leaving["caller"]["file"]), "leaves.c")
        if function not in functions(result, leaving["tid"]):
            raise Mismatch(f"{function} is not in the stack")
        if f"!{function}" not in result["signature"]["text"]:
            raise Mismatch(f"signature is {result['signature']['text']!r}")
        says = f" called by {function} (leaves.c:"
    if says not in result["summary"]:
        raise Mismatch(f"the summary is {result['summary']!r}")


def each_way_out_has_the_stack_of_its_call(launcher, folder):
    for way in WAYS:
        place = folder / way
        place.mkdir()
        try:
            run, returncode, result = leave(launcher, place, way)
            expect_exit(way, returncode, result)
            expect("dump", evidence(result, "dump")["status"], "captured")
            expect("stacks", evidence(result, "stacks")["status"], "captured")
            if "LEAVES" not in (run / "stacks.txt").read_text():
                raise Mismatch("stacks.txt marks no thread")
        except Mismatch as err:
            raise Mismatch(f"{way}: {err}") from err


def a_replay_gives_the_same_bytes(launcher, folder):
    run = leave(launcher, folder, "exit")[0]
    again = subprocess.run(
        launcher.command + ["--quiet", "--replay",
                            launcher.path(run / "timeline.jsonl")],
        env=harness.clean_environment(), cwd=folder, capture_output=True,
        check=False)
    expect("replay", again.stdout, (run / "result.json").read_bytes())


def a_program_without_shared_libraries_is_seen_too(launcher, folder):
    for way in ("exit", "exit-now", "kill"):
        place = folder / way
        place.mkdir()
        expect_exit(way, *leave(launcher, place, way,
                                program="elsewhere/leaves_static")[1:])


def a_sanitizer_changes_nothing(launcher, folder):
    for way in ("exit", "exit-now", "kill"):
        place = folder / way
        place.mkdir()
        expect_exit(way, *leave(launcher, place, way,
                                program="elsewhere/leaves_asan")[1:])


def a_sanitizer_keeps_its_verdict(launcher, folder):
    """It finds the leak after we have looked."""
    result = leave(launcher, folder, "leak",
                   program="elsewhere/leaves_asan",
                   env={"ASAN_OPTIONS": "detect_leaks=1:exitcode=23"})[2]
    expect("end", (result["exit"]["kind"], result["exit"]["value"]),
           ("code", 23))


def who_is_not_to_be_held_is_not(launcher, folder):
    run, returncode, result = leave(launcher, folder, "exit", "--hold-exit",
                                    "off")
    expect("status", returncode, 7)
    expect("verdict", (result["verdict"], result["cause"]), EARLY)
    expect("leaving", result.get("leaving"), None)
    if "--hold-exit=on would name" not in result["summary"]:
        raise Mismatch(f"the summary is {result['summary']!r}")
    if '"leaving"' in (run / "timeline.jsonl").read_text():
        raise Mismatch("the fixture told of it")


def who_is_done_by_its_output_is_let_go(launcher, folder):
    run, returncode, result = leave(launcher, folder, "tap")
    expect("status", returncode, 0)
    expect("verdict", result["verdict"], "pass")
    expect("threads", result["threads"], [])
    if '"leaving"' not in (run / "timeline.jsonl").read_text():
        raise Mismatch("the fixture did not ask")


def the_skip_status_before_all_cases_is_let_go(launcher, folder):
    returncode, result = leave(launcher, folder, "exit", "--skip-code",
                               "7")[1:]
    expect("status", returncode, 7)
    expect("verdict", result["verdict"], "skip")
    expect("threads", result["threads"], [])


# From outside, what links nothing of ours.
ON = ["--hold-exit", "on", "--completion", "always"]


def what_links_nothing_is_held_from_outside(launcher, folder):
    for program in ("leaves_alone", "leaves_alone_static"):
        for way in WAYS:
            place = folder / program / way
            place.mkdir(parents=True)
            try:
                run, returncode, result = leave(
                    launcher, place, way, *ON, program=f"elsewhere/{program}")
                expect_exit(way, returncode, result, outside=True)
                expect("dump", evidence(result, "dump")["status"], "captured")
                if "--hold-exit" in result["summary"]:
                    raise Mismatch("on is advised though it is on")
            except Mismatch as err:
                raise Mismatch(f"{program}, {way}: {err}") from err


def an_abort_from_outside_has_its_stack(launcher, folder):
    returncode, result = leave(launcher, folder, "abort", *ON,
                               program="elsewhere/leaves_alone")[1:]
    expect("status", returncode, -signal.SIGABRT)
    expect("verdict", (result["verdict"], result["cause"]), ("crash", "abort"))
    if "!main" not in result["signature"]["text"]:
        raise Mismatch(f"signature is {result['signature']['text']!r}")


def who_may_leave_is_not_looked_at(launcher, folder):
    for way, status in (("tap", 0), ("exit", 7), ("end", 7)):
        place = folder / way
        place.mkdir()
        returncode, result = leave(launcher, place, way, "--hold-exit", "on",
                                   program="elsewhere/leaves_alone")[1:]
        expect("status", returncode, status)
        expect("threads", result["threads"], [])
        expect("leaving", result.get("leaving"), None)


def the_fixture_and_the_filter_agree(launcher, folder):
    run, returncode, result = leave(launcher, folder, "exit", "--hold-exit",
                                    "on")
    expect_exit("exit", returncode, result)
    expect("looks", kinds(run).count("leaving"), 1)


def many_that_end_at_once_all_end(launcher, folder):
    returncode, result = leave(launcher, folder, "bustle", "--hold-exit", "on",
                               program="elsewhere/leaves_alone")[1:]
    expect("status", returncode, 0)
    expect("verdict", result["verdict"], "pass")


def one_within_another_says_that_it_cannot(launcher, folder):
    inner = folder / "inner"
    ended = harness.launch(
        launcher, folder,
        ["--hold-exit", "on", "--", *launcher.command, "--artifacts",
         str(inner), "--hold-exit", "on", "--", launcher.program("pass")], {})
    expect("status", ended.returncode, 0)
    result = harness.read_json(next(inner.glob("*/*/result.json")))
    if not any("another seccomp listener" in text
               for text in result["warnings"]):
        raise Mismatch(f"the warnings are {result['warnings']}")


def kinds(run):
    return [json.loads(line).get("kind")
            for line in (run / "timeline.jsonl").read_text().splitlines()]


def script(folder, text):
    """An environment with a helper of our own."""
    path = folder / "helper"
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(0o700)
    return {"HBTEST_POSTMORTEM": str(path)}


def no_limit_fires_while_somebody_looks(launcher, folder):
    returncode, result = leave(launcher, folder, "exit", "--hang-after",
                               "300ms", env=script(folder, "sleep 1\n"))[1:]
    expect("status", returncode, 7)
    expect("verdict", (result["verdict"], result["cause"]), EARLY)
    expect("stacks", evidence(result, "stacks")["status"], "failed")


def start_with_waiting_helper(launcher, folder, *options,
                              program="leaves"):
    token = harness.new_token()
    running = harness.Running(
        launcher, folder,
        ["--grace", "300ms", *options, "--", launcher.program(program),
         "exit"],
        {harness.TOKEN: token,
         **script(folder, f"touch {folder}/begun\nexec sleep 60\n")})
    if not harness.wait_until((folder / "begun").exists):
        raise Mismatch("the helper was not started")
    return running, token


def ctrl_c_ends_the_look(launcher, folder):
    running, token = start_with_waiting_helper(launcher, folder)
    running.process.send_signal(signal.SIGINT)
    result = running.wait(20).result()
    harness.expect_no_survivors(token)
    expect("verdict", result["verdict"], "interrupted")


def a_launcher_that_is_killed_holds_nobody(launcher, folder):
    running, token = start_with_waiting_helper(launcher, folder)
    running.process.kill()
    running.process.wait(20)
    harness.expect_no_survivors(token, 20)


def a_launcher_that_is_killed_holds_nobody_from_outside(launcher, folder):
    running, token = start_with_waiting_helper(
        launcher, folder, *ON, program="elsewhere/leaves_alone")
    running.process.kill()
    running.process.wait(20)
    harness.expect_no_survivors(token, 20)


def at_any_moment_a_killed_launcher_holds_nobody(launcher, folder):
    chance = random.Random(5)
    for turn in range(24):
        place = folder / str(turn)
        place.mkdir()
        token = harness.new_token()
        running = harness.Running(
            launcher, place,
            [*ON, "--", launcher.program("elsewhere/leaves_alone"), "exit"],
            {harness.TOKEN: token})
        time.sleep(chance.random() * 0.2)
        with contextlib.suppress(OSError):  # it may have ended
            os.kill(running.process.pid if turn % 2 == 0 else
                    harness.launcher_pid(running.process.pid),
                    signal.SIGKILL)
        running.process.wait(20)
        harness.expect_no_survivors(token, 20)


CASES = [
    each_way_out_has_the_stack_of_its_call,
    a_replay_gives_the_same_bytes,
    a_program_without_shared_libraries_is_seen_too,
    a_sanitizer_changes_nothing,
    a_sanitizer_keeps_its_verdict,
    who_is_not_to_be_held_is_not,
    who_is_done_by_its_output_is_let_go,
    the_skip_status_before_all_cases_is_let_go,
    no_limit_fires_while_somebody_looks,
    ctrl_c_ends_the_look,
    a_launcher_that_is_killed_holds_nobody,
    what_links_nothing_is_held_from_outside,
    an_abort_from_outside_has_its_stack,
    who_may_leave_is_not_looked_at,
    the_fixture_and_the_filter_agree,
    many_that_end_at_once_all_end,
    one_within_another_says_that_it_cannot,
    a_launcher_that_is_killed_holds_nobody_from_outside,
    at_any_moment_a_killed_launcher_holds_nobody,
]

if __name__ == "__main__":
    ARGS = harness.options(__doc__).parse_args()
    if not os.path.exists(os.path.join(os.path.dirname(ARGS.launcher), "..",
                                       "postmortem", "hbtest-postmortem")):
        print("skip: hbtest-postmortem is not built here")
        CASES = []
    harness.run_cases(CASES, harness.Launcher(ARGS.launcher, ARGS.programs),
                      ARGS)
