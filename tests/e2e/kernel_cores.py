"""The system's own core of a program that crashes and links nothing: it is
moved into the artifacts, and the report comes from it."""

import os
import pathlib
import resource
import signal
import subprocess

import harness
from crashes import crashed, evidence, functions
from harness import Mismatch, expect

PATTERN = pathlib.Path("/proc/sys/kernel/core_pattern")
# What a run may leave in its folder: what the harness makes.
OURS = {"artifacts", "in", "out", "err", "helper"}


def run(launcher, folder, *arguments, options=(), env=None, **more):
    ended = harness.launch(
        launcher, folder,
        [*options, "--", launcher.program("dies_quietly"), *arguments],
        env, **more)
    return ended


def crash(launcher, folder, *arguments, **more):
    ended = run(launcher, folder, *arguments, **more)
    result = ended.result()
    expect("end", ended.returncode, -signal.SIGSEGV)
    expect("verdict", (result["verdict"], result["cause"]),
           ("crash", "access-violation"))
    return ended.run(), result


def expect_nothing_left(folder, *known):
    left = {path.name for path in folder.iterdir()} - OURS - set(known)
    if left:
        raise Mismatch(f"left in the test's folder: {left}")


def expect_captured(result, kind):
    piece = evidence(result, kind)
    expect(kind, (piece["status"], piece.get("reason")), ("captured", None))
    return piece


def unpack(path):
    return subprocess.run(["zstd", "-dcq", str(path)], capture_output=True,
                          check=True).stdout


def a_crash_has_its_stack_and_its_core(launcher, folder):
    where, result = crash(launcher, folder, "here")
    expect_captured(result, "stacks")
    dump = expect_captured(result, "dump")
    expect("core", (dump["path"], result["exit"]["core_dumped"]),
           ("core.zst", True))
    expect("size", (where / "core.zst").stat().st_size, dump["bytes"])
    if "die_quietly" not in functions(crashed(result)) or \
            "!die_quietly" not in result["signature"]["text"]:
        raise Mismatch(f"blamed is {result['signature']['text']!r}")
    expect_nothing_left(folder)
    again = subprocess.run(
        launcher.command + ["--quiet", "--replay",
                            launcher.path(where / "timeline.jsonl")],
        env=harness.clean_environment(), cwd=folder, capture_output=True,
        check=False)
    expect("replay", again.stdout, (where / "result.json").read_bytes())


def a_full_stack_is_named(launcher, folder):
    ended = harness.launch(
        launcher, folder, ["--", launcher.program("stack_overflow")])
    result = ended.result()
    expect("verdict", (result["verdict"], result["cause"]),
           ("crash", "stack-overflow"))
    expect_captured(result, "stacks")
    expect_nothing_left(folder)


def a_debugger_opens_the_core(launcher, folder):
    where = crash(launcher, folder, "here")[0]
    (folder / "artifacts" / "plain").write_bytes(unpack(where / "core.zst"))
    try:
        text = subprocess.run(
            ["gdb", "-nx", "-batch", "-ex", "bt",
             launcher.program("dies_quietly"),
             str(folder / "artifacts" / "plain")],
            capture_output=True, check=False, text=True,
            stdin=subprocess.DEVNULL).stdout
    except FileNotFoundError:
        return "there is no gdb"
    if "die_quietly" not in text:
        raise Mismatch(f"gdb says {text!r}")
    return None


def no_secret_is_in_the_core(launcher, folder):
    words = {"MY_TOKEN": "hush-hush-hush", "A_PASSWORD": "xyz",
             "PLAIN": "seen-seen-seen"}
    where = crash(launcher, folder, "here", env=words)[0]
    core = unpack(where / "core.zst")
    expect("secrets", core.count(b"hush-hush-hush"), 0)
    expect("short secrets", core.count(b"A_PASSWORD=xyz"), 0)
    expect("what was kept of it", core.count(14 * b"*") >= 2, True)
    if b"A_PASSWORD=***" not in core or b"PLAIN=seen-seen-seen" not in core:
        raise Mismatch("the environment is not in the core")


def a_secret_that_a_shell_gave_it_is_none_either(launcher, folder):
    """The launcher never saw it."""
    ended = harness.launch(
        launcher, folder,
        ["--", "/bin/sh", "-c", 'MY_TOKEN=hush-hush-hush exec "$0" here',
         launcher.program("dies_quietly")])
    core = unpack(ended.run() / "core.zst")
    if b"MY_TOKEN=**************" not in core:
        raise Mismatch("the environment is not in the core")
    # The words of the shell are no secret of the program, and not in it.
    expect("secrets", core.count(b"hush-hush-hush"), 0)


def children_of_a_test_that_passes_leave_nothing(launcher, folder):
    ended = run(launcher, folder, "children", "0")
    expect("verdict", ended.result()["verdict"], "pass")
    expect_nothing_left(folder)
    expect("cores", list(ended.run().glob("core*")), [])


def a_child_of_a_test_that_fails_has_its_core(launcher, folder):
    ended = run(launcher, folder, "children", "3")
    expect("verdict", ended.result()["verdict"], "fail")
    expect_nothing_left(folder)
    dumps = [piece for piece in ended.result()["evidence"]
             if piece["kind"] == "dump"]
    if not dumps or dumps[0]["path"] != f"core.{dumps[0]['pid']}.zst":
        raise Mismatch(f"dumps are {dumps}")
    if not (ended.run() / dumps[0]["path"]).exists():
        raise Mismatch("the core is not there")


def a_core_that_is_cut_says_so(launcher, folder):
    result = crash(launcher, folder, "limit", "65536")[1]
    dump = evidence(result, "dump")
    expect("dump", dump["status"], "captured")
    if "the core is cut" not in dump.get("reason", ""):
        raise Mismatch(f"the dump is {dump}")
    expect_nothing_left(folder)


def expect_reason(result, words):
    for kind in ("stacks", "dump"):
        piece = evidence(result, kind)
        if piece["status"] == "captured" or words not in piece["reason"]:
            raise Mismatch(f"{kind}: {piece}")


def a_limit_that_the_program_set_is_named(launcher, folder):
    result = crash(launcher, folder, "limit", "0")[1]
    expect_reason(result, "the program set its limit on cores to 0")
    expect_nothing_left(folder)


def a_hard_limit_is_named(launcher, folder):
    def forbid():
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    result = crash(launcher, folder, "here", preexec_fn=forbid)[1]
    expect_reason(result, "the hard limit on cores is 0")


def a_folder_that_is_gone_is_named(launcher, folder):
    result = crash(launcher, folder, "gone")[1]
    expect_reason(result, "core")
    expect_nothing_left(folder)


def a_folder_that_takes_no_files_is_named(launcher, folder):
    if os.geteuid() != 0:
        return "no other user to run as"
    (folder / "artifacts").mkdir()
    (folder / "artifacts").chmod(0o777)
    folder.chmod(0o755)
    for above in folder.parents:
        if not above.stat().st_mode & 1:
            return f"another user may not enter {above}"
    result = crash(launcher, folder, "here", user=65534)[1]
    expect_reason(result, f"{folder.name}', where core_pattern puts it, takes "
                  "no files of this user: Permission denied")
    return None


def what_has_the_name_of_a_core_stays(launcher, folder):
    name = PATTERN.read_text().strip()
    if "%" in name or uses_pid():
        return "cores have names of their own here"
    makers = {
        "file": lambda path: path.write_text("mine"),
        "folder": lambda path: path.mkdir(),
        "link": lambda path: path.symlink_to(folder / "target"),
        "pipe": os.mkfifo,
    }
    (folder / "target").write_text("mine")
    for kind, make in makers.items():
        place = folder / kind
        place.mkdir()
        make(place / name)
        before = os.lstat(place / name).st_ino
        result = crash(launcher, place, "here")[1]
        expect_reason(result, "would be replaced")
        expect_reason(result, f"{kind}/{name}'")
        expect_reason(result, "remove it")
        expect(kind, os.lstat(place / name).st_ino, before)
    expect("target", (folder / "target").read_text(), "mine")
    return None


def nothing_wanted_is_nothing_raised(launcher, folder):
    ended = run(launcher, folder, "says", options=["--dump", "none"])
    expect("limit", ended.stdout, b"none\n")
    other = folder / "other"
    other.mkdir()
    expect("limit", run(launcher, other, "says").stdout, b"some\n")


def a_helper_that_is_not_there_raises_nothing(launcher, folder):
    result = crash(launcher, folder, "here",
                   env={"HBTEST_POSTMORTEM": "/no/such/helper"})[1]
    expect("dump", evidence(result, "dump")["status"], "skipped")
    expect_nothing_left(folder)


def cores_that_were_wanted_before_stay_where_they_are(launcher, folder):
    def want():
        resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY,) * 2)

    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    if hard != resource.RLIM_INFINITY:
        return "the hard limit on cores is not unlimited"
    result = crash(launcher, folder, "here", preexec_fn=want)[1]
    expect_captured(result, "dump")
    expect("cores", len({path.name for path in folder.iterdir()} - OURS), 1)
    return None


def a_core_beyond_the_budget_is_not_kept(launcher, folder):
    where, result = crash(launcher, folder, "here",
                          options=["--dump-budget", "17KiB"])
    expect_captured(result, "stacks")
    dump = evidence(result, "dump")
    expect("dump", dump["status"], "failed")
    if "larger than 17 KiB" not in dump["reason"]:
        raise Mismatch(f"the dump is {dump}")
    expect("cores", list(where.glob("core*")), [])
    expect_nothing_left(folder)


def who_was_looked_at_while_it_crashed_writes_none(launcher, folder):
    ended = harness.launch(
        launcher, folder, ["--", launcher.program("dies_aloud"), "null"])
    result = ended.result()
    expect("core_dumped", result["exit"].get("core_dumped", False), False)
    expect_captured(result, "dump")
    expect_nothing_left(folder)


def uses_pid():
    return PATTERN.with_name("core_uses_pid").read_text().strip() != "0"


CASES = [
    a_crash_has_its_stack_and_its_core,
    a_full_stack_is_named,
    a_debugger_opens_the_core,
    no_secret_is_in_the_core,
    a_secret_that_a_shell_gave_it_is_none_either,
    children_of_a_test_that_passes_leave_nothing,
    a_child_of_a_test_that_fails_has_its_core,
    a_core_that_is_cut_says_so,
    a_limit_that_the_program_set_is_named,
    a_hard_limit_is_named,
    a_folder_that_is_gone_is_named,
    a_folder_that_takes_no_files_is_named,
    what_has_the_name_of_a_core_stays,
    nothing_wanted_is_nothing_raised,
    a_helper_that_is_not_there_raises_nothing,
    cores_that_were_wanted_before_stay_where_they_are,
    a_core_beyond_the_budget_is_not_kept,
    who_was_looked_at_while_it_crashed_writes_none,
]


def obstacle(launcher):
    """Why the kernel's cores cannot be had here; None if they can."""
    pattern = PATTERN.read_text().strip() if PATTERN.exists() else ""
    if pattern == "" or pattern[0] in "|@/":
        return f"core_pattern is {pattern!r}, and nobody may change it"
    if resource.getrlimit(resource.RLIMIT_CORE)[1] == 0:
        return "the hard limit on cores is 0"
    helper = pathlib.Path(launcher).parent / "../postmortem/hbtest-postmortem"
    return None if helper.exists() else "hbtest-postmortem is not built here"


def have_usual_limit():
    """The limit as most systems have it."""
    resource.setrlimit(resource.RLIMIT_CORE, (
        0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


if __name__ == "__main__":
    ARGS = harness.options(__doc__).parse_args()
    WHY = obstacle(ARGS.launcher)
    if WHY is not None:
        harness.UNPROVEN.append("skip: " + WHY)
        CASES = []
    else:
        have_usual_limit()
    harness.run_cases(CASES, harness.Launcher(ARGS.launcher, ARGS.programs),
                      ARGS)
