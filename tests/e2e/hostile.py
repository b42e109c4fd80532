"""A hang of a program whose memory is a trial for who dumps it, and all that
can happen while it is dumped: a verdict, a reason, and nothing left behind."""

import contextlib
import os
import re
import shutil
import signal
import subprocess

import checks
import evidence
import harness
import records
from harness import Mismatch, expect

HANG = ["--hang-after", "300ms", "--grace", "200ms", "--stacks", "never",
        "--dump", "full"]


def start(launcher, folder, role, *options):
    token = harness.new_token()
    return harness.Running(
        launcher, folder,
        [*HANG, *options, "--", launcher.program("hostile"), role],
        {harness.TOKEN: token}), token


def finish(running, token):
    """The folder of the run and its result, and nothing else is left."""
    ended = running.wait()
    harness.expect_no_survivors(token)
    result = ended.result()
    checks.check_junit(ended.run(), result)
    expect("parts", list(ended.run().glob("*.part")), [])
    for piece in result["evidence"]:
        if piece["status"] != "captured" and not piece.get("reason"):
            raise Mismatch(f"no reason: {piece}")
        if piece["status"] == "captured" and piece["kind"] in (
                "dump", "full-dump"):
            expect(f"size of {piece['path']}", piece["bytes"],
                   (ended.run() / piece["path"]).stat().st_size)
    return ended.run(), result


def hang(launcher, folder, role, *options):
    run, result = finish(*start(launcher, folder, role, *options))
    expect("verdict", result["verdict"], "hang")
    return run, result


def pieces(result):
    """Of the test program itself, which comes first."""
    return evidence.evidence(result, "dump"), \
        evidence.evidence(result, "full-dump")


def expect_captured(result):
    for piece in pieces(result):
        expect(piece["kind"], (piece["status"], piece.get("reason")),
               ("captured", None))


def memory_of_every_kind_is_dumped(launcher, folder):
    """10 TiB of which little is there, 2,000 mappings, pages of a device, of
    a file that has become shorter, without rights, and of nobody."""
    result = hang(launcher, folder, "every-kind")[1]
    expect_captured(result)
    for piece in pieces(result):
        if piece["bytes"] > 4 << 20:
            raise Mismatch(f"the dump is too large: {piece}")


def a_program_that_forks_without_end_is_dumped(launcher, folder):
    expect_captured(hang(launcher, folder, "children")[1])


def memory_that_moves_meanwhile_is_dumped(launcher, folder):
    expect_captured(hang(launcher, folder, "moves")[1])


def tracer_of(pid):
    try:
        with open(f"/proc/{pid}/status", encoding="ascii") as file:
            for line in file:
                if line.startswith("TracerPid:"):
                    return int(line.split()[1])
    except OSError:
        pass
    return 0


def program_of(token):
    for process in harness.survivors(token):
        number, name = process.split()
        if name == "(hostile)":
            return int(number)
    raise Mismatch("the program is not there")


def hold_dumper(launcher, folder, options):
    """One try: the dump may be ready before its writer is held."""
    running, token = start(launcher, folder, "much", *options)
    running.wait_for(b'"kind":"started"')
    run, = running.artifacts.glob("*/*/")
    pid = program_of(token)
    # The small dump is told before the whole one is begun.
    timeline = run / "timeline.jsonl"
    if not harness.wait_until(
            lambda: b'"evidence":{"kind":"dump"' in timeline.read_bytes()
            and tracer_of(pid) != 0):
        raise Mismatch("nobody dumps it")
    helper = tracer_of(pid)
    with contextlib.suppress(ProcessLookupError):
        if helper != 0:
            os.kill(helper, signal.SIGSTOP)
    if tracer_of(pid) == helper != 0:
        return running, token, pid, helper
    running.process.kill()
    running.wait(20)
    harness.expect_no_survivors(token, 20)
    shutil.rmtree(run)
    return None


def dumper_of(launcher, folder, *options):
    """Starts a hang and stops who holds the program to dump it whole:
    (running, token, pid of the program, pid of the helper)."""
    for _ in range(10):
        held = hold_dumper(launcher, folder, options)
        if held is not None:
            return held
    raise Mismatch("it was always ready too soon")


def who_dies_in_the_middle_of_its_dump_is_named(launcher, folder):
    running, token, pid, helper = dumper_of(launcher, folder)
    os.kill(pid, signal.SIGKILL)
    os.kill(helper, signal.SIGCONT)
    result = finish(running, token)[1]
    expect("end", (result["exit"]["kind"], result["exit"]["value"]),
           ("signal", signal.SIGKILL))
    whole = pieces(result)[1]
    # "it has ended" if it was not yet stopped as a whole.
    if whole["status"] == "captured" or not re.search(
            "ended meanwhile|it has ended", whole["reason"]):
        raise Mismatch(f"the whole dump is told so: {whole}")


def a_helper_that_is_killed_in_the_middle_is_named(launcher, folder):
    running, token, _, helper = dumper_of(launcher, folder)
    os.kill(helper, signal.SIGKILL)
    result = finish(running, token)[1]
    expect("verdict", result["verdict"], "hang")
    small, whole = pieces(result)
    expect("small dump", small["status"], "captured")
    expect("whole dump", whole["status"], "failed")
    if "signal 9" not in whole["reason"]:
        raise Mismatch(f"the whole dump is told so: {whole}")


def a_launcher_that_is_killed_in_the_middle_leaves_nothing(launcher, folder):
    for who in ("guard", "launcher"):
        place = folder / who
        place.mkdir()
        running, token, _, _ = dumper_of(launcher, place)
        os.kill(running.process.pid if who == "guard"
                else harness.launcher_pid(running.process.pid),
                signal.SIGKILL)
        run = running.wait(20).run()
        harness.expect_no_survivors(token, 20)
        records.expect_lost(run)
        expect("dumps", sorted(path.name for path in run.glob("core*")),
               ["core.zst"])


def a_folder_that_is_removed_in_the_middle_is_named(launcher, folder):
    running, token, _, helper = dumper_of(launcher, folder)
    shutil.rmtree(running.artifacts)
    os.kill(helper, signal.SIGCONT)
    ended = running.wait()
    harness.expect_no_survivors(token)
    expect("exit status", ended.returncode, 125)
    if b"the test's own verdict: hang" not in ended.stderr:
        raise Mismatch(f"it is said: {ended.stderr!r}")
    expect("what is left", [path for path in running.artifacts.rglob("*")
                            if path.is_file()], [])


def a_disk_that_fills_up_in_the_middle_is_named(launcher, folder):
    disk = folder / "artifacts"
    reason = records.small_disk(launcher, disk, "192m")
    if reason:
        return reason
    try:
        running, token, _, helper = dumper_of(launcher, folder)
        with contextlib.suppress(OSError), (disk / "full").open("wb") as file:
            while True:
                file.write(bytes(1 << 20))
        os.kill(helper, signal.SIGCONT)
        ended = running.wait()
        harness.expect_no_survivors(token)
        # Where the record finds no room either, stderr has the verdict.
        run, = [path.parent for path in disk.glob("*/*/timeline.jsonl")]
        told = (run / "timeline.jsonl").read_bytes()
        if b"No space left" not in told and b"of the disk would" not in told:
            raise Mismatch(f"the reason is not told: {told[-2000:]}")
        if b"hang" not in ended.stderr:
            raise Mismatch(f"the verdict is not told: {ended.stderr!r}")
        expect("dumps", sorted(path.name for path in run.glob("core*")),
               ["core.zst"])
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=False)
    return None


CASES = [
    memory_of_every_kind_is_dumped,
    a_program_that_forks_without_end_is_dumped,
    memory_that_moves_meanwhile_is_dumped,
    who_dies_in_the_middle_of_its_dump_is_named,
    a_helper_that_is_killed_in_the_middle_is_named,
    a_launcher_that_is_killed_in_the_middle_leaves_nothing,
    a_folder_that_is_removed_in_the_middle_is_named,
    a_disk_that_fills_up_in_the_middle_is_named,
]

if __name__ == "__main__":
    evidence.run_cases(CASES, __doc__)
