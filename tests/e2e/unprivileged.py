"""What is taken where we are not root, and what is said where the system
forbids it."""

import os
import shutil
import subprocess

import crashes
import evidence
import exits
import harness
import kernel_cores
from harness import Mismatch, expect
from pretend import (NOBODY, as_nobody, forbid_reading, forbid_tracing,
                     obstacle, with_settings)

def a_crash_has_the_stack_of_its_fault(launcher, folder):
    for way in ("null", "thread-overflow"):
        (folder / way).mkdir()
        run, result = crashes.crash(launcher, folder / way, way)
        for kind in ("stacks", "dump"):
            expect(kind, crashes.evidence(result, kind)["status"], "captured")
        crashes.expect_death(launcher, way, run, result)


def a_core_of_the_system_is_collected(launcher, folder):
    why = kernel_cores.obstacle(launcher.command[0])
    if why is not None:
        return why
    return kernel_cores.a_crash_has_its_stack_and_its_core(launcher, folder)


def who_leaves_is_held_by_the_fixture(launcher, folder):
    for way in ("exit", "end", "kill"):
        (folder / way).mkdir()
        returncode, result = exits.leave(launcher, folder / way, way)[1:]
        exits.expect_exit(way, returncode, result)


def who_leaves_is_held_from_outside(launcher, folder):
    """No program gets rights any more, and the report says so."""
    for program in ("leaves_alone", "leaves_alone_static"):
        place = folder / program
        place.mkdir()
        returncode, result = exits.leave(
            launcher, place, "exit", *exits.ON,
            program=f"elsewhere/{program}")[1:]
        exits.expect_exit("exit", returncode, result, outside=True)
        if not any("no_new_privs" in text for text in result["warnings"]):
            raise Mismatch(f"the warnings are {result['warnings']}")


def expect_refused(result, words, kinds=("stacks", "dump")):
    expect("verdict", result["verdict"], "hang")
    for kind in kinds:
        piece = evidence.evidence(result, kind)
        if piece["status"] == "captured" or words not in piece["reason"]:
            raise Mismatch(f"{kind} is told so: {piece}")


def a_program_of_another_user_is_named(launcher, folder):
    """With the rights of its owner, as sudo has."""
    why = obstacle(launcher)
    if why is not None:
        return why
    program = folder / "deadlock"
    shutil.copy(launcher.program("deadlock"), program)
    program.chmod(0o4755)
    if os.statvfs(program).f_flag & os.ST_NOSUID:
        return "the file system gives no rights to programs"
    folder.chmod(0o755)
    place = folder / "place"
    place.mkdir()

    def run(launcher, place):
        ended = harness.launch(
            launcher, place, ["--hang-after", "300ms", "--grace", "200ms",
                              "--", str(program)])
        expect_refused(ended.result(),
                       f"runs as user 0, we as {NOBODY} without "
                       "CAP_SYS_PTRACE")
        token_free = subprocess.run(["pgrep", "-f", str(program)],
                                    capture_output=True, check=False)
        expect("what is left", token_free.stdout, b"")

    return as_nobody(run)(launcher, place)


def hang_untraced(launcher, folder, *options, rule=forbid_tracing):
    """Of a launcher that may trace nobody."""
    ended = harness.launch(
        launcher, folder, ["--hang-after", "300ms", "--grace", "200ms",
                           *options, "--", launcher.program("deadlock")],
        preexec_fn=rule)
    return ended.result()


def what_a_filter_forbids_is_named(launcher, folder):
    for name, options, kinds in (
            ("all", [], ("stacks", "dump")),
            ("dump", ["--stacks", "never"], ("dump",))):
        (folder / name).mkdir()
        expect_refused(hang_untraced(launcher, folder / name, *options),
                       "seccomp", kinds)


def memory_that_nobody_may_read_is_no_dump_of_zeros(launcher, folder):
    expect_refused(hang_untraced(launcher, folder, rule=forbid_reading),
                   "forbids process_vm_readv")


def a_crash_that_nobody_may_look_at_takes_its_course(launcher, folder):
    """The kernel's core has what we could not take."""
    ended = harness.launch(
        launcher, folder, ["--", launcher.program("dies_aloud"), "null"],
        preexec_fn=forbid_tracing)
    result = ended.result()
    expect("end", ended.returncode, -11)
    expect("verdict", (result["verdict"], result["cause"]),
           ("crash", "access-violation"))
    pieces = [piece for piece in result["evidence"]
              if piece["kind"] == "stacks"]
    if pieces[0]["status"] == "captured" or "seccomp" not in \
            pieces[0]["reason"]:
        raise Mismatch(f"the stacks are told so: {pieces}")
    if kernel_cores.obstacle(launcher.command[0]) is None:
        expect("stacks of the system's core", pieces[1]["status"], "captured")
        if "!write_nowhere" not in result["signature"]["text"]:
            raise Mismatch(f"blamed is {result['signature']['text']!r}")


def what_yama_forbids_is_named(launcher, folder):
    """The kernel here may have no Yama: a filter refuses in its place, and
    the setting is read as if it were Yama's."""
    why = obstacle(launcher)
    if why is not None:
        return why
    if shutil.which("setpriv") is None:
        return "there is no setpriv"
    folder.chmod(0o777)
    for scope, doctor in ((1, "ok   tracing"), (2, "no   tracing"),
                          (3, "no   tracing")):
        strict = with_settings(launcher, yama__ptrace_scope=scope)
        if strict is None:
            return "no mounts of our own"
        at = strict.command.index("sh", 3) + 1
        strict.command[at:at] = [
            "setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}",
            "--clear-groups"]
        place = folder / str(scope)
        place.mkdir()
        place.chmod(0o777)
        expect_refused(hang_untraced(strict, place),
                       f"Yama forbids it (kernel.yama.ptrace_scope is {scope}")
        told = subprocess.run(
            [*strict.command, "--artifacts", str(place), "--doctor"],
            env=harness.clean_environment(), capture_output=True, text=True,
            check=False, preexec_fn=forbid_tracing).stdout
        row, = [line for line in told.splitlines() if " tracing " in line]
        if not row.startswith(doctor) or f"ptrace_scope is {scope}" not in row:
            raise Mismatch(f"the doctor says {row!r}")
    return None


CASES = [
    as_nobody(evidence.a_deadlock_has_stacks_with_names),
    as_nobody(evidence.a_deadlock_says_who_waits_for_whom),
    as_nobody(evidence.a_dump_is_there_and_whole),
    as_nobody(evidence.every_process_of_the_tree_is_looked_at),
    as_nobody(a_crash_has_the_stack_of_its_fault),
    as_nobody(a_core_of_the_system_is_collected),
    as_nobody(who_leaves_is_held_by_the_fixture),
    as_nobody(who_leaves_is_held_from_outside),
    a_program_of_another_user_is_named,
    what_a_filter_forbids_is_named,
    as_nobody(what_a_filter_forbids_is_named),
    memory_that_nobody_may_read_is_no_dump_of_zeros,
    a_crash_that_nobody_may_look_at_takes_its_course,
    what_yama_forbids_is_named,
]

if __name__ == "__main__":
    evidence.run_cases(CASES, __doc__)
