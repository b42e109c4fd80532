"""What is taken of a program that crashes and says so, and that its death is
the same as without us."""

import json
import os
import re
import signal
import struct
import subprocess
from concurrent import futures

import checks
import harness
from harness import Mismatch, expect


def crash(launcher, folder, way, *options, program="dies_aloud", env=None):
    """Lets the specimen die in a way; returns the folder of the run and the
    result."""
    token = harness.new_token()
    ended = harness.launch(
        launcher, folder,
        [*options, "--", launcher.program(program), way],
        {harness.TOKEN: token, **(env or {})})
    harness.expect_no_survivors(token, launcher.linger)
    result = ended.result()
    checks.check_junit(ended.run(), result)
    status = result["exit"]["value"]
    expect("exit status", ended.returncode,
           launcher.number(status) if launcher.windows else -status)
    return ended.run(), result


def crashed(result):
    found = [thread for thread in result["threads"] if thread.get("crashed")]
    expect("threads that crashed", len(found), 1)
    return found[0]


def functions(thread):
    return [frame.get("symbol") for frame in thread["frames"]]


def evidence(result, kind):
    found = [item for item in result["evidence"] if item["kind"] == kind]
    expect(f"pieces of evidence '{kind}'", len(found), 1)
    return found[0]


# Way to die: signal, cause, and the function that the report must blame.
WAYS = {
    "null": (signal.SIGSEGV, "access-violation", "write_nowhere"),
    "jump": (signal.SIGSEGV, "access-violation", "jump_nowhere"),
    "divide": (signal.SIGFPE, "divide-by-zero", "divide"),
    "illegal": (signal.SIGILL, "illegal-instruction", "be_illegal"),
    "trap": (signal.SIGTRAP, "trap", "stop_at_breakpoint"),
    "abort": (signal.SIGABRT, "abort", "give_up"),
    "assert": (signal.SIGABRT, "abort", "fail_an_assertion"),
    "raise": (signal.SIGSEGV, "access-violation", "raise_a_fault"),
    "overflow": (signal.SIGSEGV, "stack-overflow", "deeper"),
    "thread-overflow": (signal.SIGSEGV, "stack-overflow", "deeper"),
    "crowd": (signal.SIGSEGV, "access-violation", "write_nowhere"),
}


# The same on Windows: status, cause, function and exception. Wine's abort()
# exits with 3, the universal runtime's fails fast. A full stack is left out:
# Wine cannot end who has one.
APP_EXIT = 0x40000015
WINDOWS_WAYS = {
    "null": (0xC0000005, "access-violation", "write_nowhere", 0xC0000005),
    "jump": (0xC0000005, "access-violation", "jump_nowhere", 0xC0000005),
    "divide": (0xC0000094, "divide-by-zero", "divide", 0xC0000094),
    "illegal": (0xC000001D, "illegal-instruction", "be_illegal", 0xC000001D),
    "trap": (0x80000003, "breakpoint", "stop_at_breakpoint", 0x80000003),
    "abort": ((3, 0xC0000409), "abort", "give_up", APP_EXIT),
    "crowd": (0xC0000005, "access-violation", "write_nowhere", 0xC0000005),
}


def exception_of(dump):
    """Thread and code of a minidump's exception stream."""
    count, directory = struct.unpack_from("<2I", dump, 8)
    for i in range(count):
        kind, _, place = struct.unpack_from("<3I", dump, directory + 12 * i)
        if kind == 6:
            tid, _, code = struct.unpack_from("<3I", dump, place)
            return tid, code
    raise Mismatch("the dump has no exception")


def expect_windows_death(launcher, way, run, result):
    status, cause, function, code = WINDOWS_WAYS[way]
    wanted = status if isinstance(status, tuple) else (status,)
    if result["exit"]["value"] not in wanted:
        raise Mismatch(f"end is {result['exit']}")
    expect("verdict", (result["verdict"], result["cause"]), ("crash", cause))
    thread = crashed(result)
    # MinGW's programs have no symbols that Windows reads.
    place = function if launcher.wine else "dies_aloud.exe"
    if launcher.wine and function not in functions(thread):
        raise Mismatch(f"{function} is not in {functions(thread)}")
    if any(name and ("on_unhandled" in name or "witness" in name or
                     "on_abort" in name) for name in functions(thread)):
        raise Mismatch(f"the handler is in {functions(thread)}")
    if place not in result["signature"]["text"]:
        raise Mismatch(f"signature is {result['signature']['text']!r}")
    dump = (run / evidence(result, "dump")["path"]).read_bytes()
    expect("exception in the dump", exception_of(dump), (thread["tid"], code))


def expect_death(launcher, way, run, result):
    if launcher.windows:
        expect_windows_death(launcher, way, run, result)
        return
    number, cause, function = WAYS[way]
    expect("end", (result["exit"]["kind"], result["exit"]["value"]),
           ("signal", number))
    expect("verdict", (result["verdict"], result["cause"]), ("crash", cause))
    thread = crashed(result)
    if function not in functions(thread):
        raise Mismatch(f"{function} is not in {functions(thread)}")
    if f" in {function} (dies_aloud.c:" not in result["summary"]:
        raise Mismatch(f"summary is {result['summary']!r}")
    if way == "null" and "access violation at 0x0 in" not in result["summary"]:
        raise Mismatch(f"summary is {result['summary']!r}")
    if any(name and ("on_crash" in name or "restore_rt" in name)
           for name in functions(thread)):
        raise Mismatch(f"the handler is in {functions(thread)}")
    if f"!{function}" not in result["signature"]["text"]:
        raise Mismatch(f"signature is {result['signature']['text']!r}")


def is_dumped(result):
    """Wine's writer of dumps takes the helper with it once in a while."""
    return evidence(result, "dump")["status"] == "captured"


def each_death_has_the_stack_of_its_fault(launcher, folder):
    for way in WINDOWS_WAYS if launcher.windows else WAYS:
        place = folder / way
        place.mkdir()
        try:
            run, result = crash(launcher, place, way)
            if launcher.wine and not is_dumped(result):
                place = folder / (way + "-again")
                place.mkdir()
                run, result = crash(launcher, place, way)
            expect("dump", evidence(result, "dump")["status"], "captured")
            expect("stacks", evidence(result, "stacks")["status"], "captured")
            expect_death(launcher, way, run, result)
            if "CRASHED" not in (run / "stacks.txt").read_text():
                raise Mismatch("stacks.txt marks no thread")
        except Mismatch as err:
            raise Mismatch(f"{way}: {err}") from err


def a_debugger_finds_the_death_in_the_dump(launcher, folder):
    run = crash(launcher, folder, "crowd")[0]
    core = folder / "core"
    with open(core, "wb") as file:
        subprocess.run(["zstd", "-dcq", run / "core.zst"], stdout=file,
                       check=True)
    told = subprocess.run(
        ["gdb", "-batch", "-nx", "-ex", "bt",
         launcher.program("dies_aloud"), core],
        capture_output=True, text=True, errors="replace",
        env={**os.environ, "DEBUGINFOD_URLS": ""}, check=True).stdout
    for words in ("Program terminated with signal SIGSEGV", "write_nowhere"):
        if words not in told:
            raise Mismatch(f"'{words}' is not in {told!r}")


def the_same_death_has_the_same_signature(launcher, folder):
    seen = {}
    ways = ("null", "abort", "divide" if launcher.windows else
            "thread-overflow")
    for way in ways:
        for turn in range(3):
            place = folder / f"{way}{turn}"
            place.mkdir()
            result = crash(launcher, place, way, "--dump", "none")[1]
            seen.setdefault(way, set()).add(result["signature"]["hash"])
    for way, hashes in seen.items():
        expect(f"signatures of {way}", len(hashes), 1)
    expect("signatures of all", len(set.union(*seen.values())), 3)


def many_deaths_have_one_signature(launcher, folder):
    """A hundred, each in memory that lies elsewhere, and four at a time, so
    that the handler is looked at on its way to the wait as well."""
    ways = ("null", "abort", "thread-overflow", "crowd")

    def die(turn):
        (folder / str(turn)).mkdir()
        result = crash(launcher, folder / str(turn), ways[turn % 4], "--dump",
                       "none")[1]
        base, = [module["base"] for module in result["modules"]
                 if module["path"].endswith("/dies_aloud")]
        return ways[turn % 4], result["signature"]["text"], base

    with futures.ThreadPoolExecutor(4) as workers:
        deaths = list(workers.map(die, range(100)))
    if len({base for _, _, base in deaths}) < 50:
        return "programs lie at the same place each time here"
    for way in ways:
        expect(f"signatures of {way}",
               len({text for name, text, _ in deaths if name == way}), 1)
    expect("signatures of all", len({text for _, text, _ in deaths}), 4)
    return None


def a_replay_gives_the_same_bytes(launcher, folder):
    run = crash(launcher, folder,
                "abort" if launcher.windows else "overflow")[0]
    again = subprocess.run(
        launcher.command + ["--quiet", "--replay",
                            launcher.path(run / "timeline.jsonl")],
        env=harness.clean_environment(), cwd=folder, capture_output=True,
        check=False)
    expect("replay", again.stdout.replace(b"\r\n", b"\n"), (run / "result.json").read_bytes())


def a_program_without_shared_libraries_is_seen_too(launcher, folder):
    for way in ("null", "thread-overflow"):
        place = folder / way
        place.mkdir()
        expect_death(launcher, way,
                     *crash(launcher, place, way,
                            program="elsewhere/dies_aloud_static"))


def a_sanitizer_keeps_its_own_report(launcher, folder):
    for way in ("null", "thread-overflow"):
        place = folder / way
        place.mkdir()
        ended = harness.launch(
            launcher, place,
            ["--", launcher.program("elsewhere/dies_aloud_asan"), way],
            {"ASAN_OPTIONS": "handle_segv=1:use_sigaltstack=1"})
        text = (ended.run() / "stderr.log").read_text(errors="replace")
        if "ERROR: AddressSanitizer" not in text or \
                WAYS[way][2] not in text:
            raise Mismatch(f"stderr of {way} is {text!r}")
        expect(f"end of {way}", ended.result()["exit"]["kind"], "code")


def kinds(run):
    return [json.loads(line).get("kind")
            for line in (run / "timeline.jsonl").read_text().splitlines()]


def nothing_wanted_is_nothing_waited_for(launcher, folder):
    run, result = crash(launcher, folder, "null", "--stacks", "never",
                        "--dump", "none")
    expect("verdict", result["cause"], "access-violation")
    expect("reason", evidence(result, "stacks")["reason"], "--stacks=never")
    expect("reports of the fixture", kinds(run).count("crashing"), 1)


def script(folder, text):
    """An environment with a helper of our own."""
    path = folder / "helper"
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(0o700)
    return {"HBTEST_POSTMORTEM": str(path)}


def a_helper_that_fails_costs_nothing_but_the_stacks(launcher, folder):
    helpers = {
        "missing": {"HBTEST_POSTMORTEM": "/no/such/helper"},
        "dies": None,
        "lies": None,
    }
    for name, env in helpers.items():
        place = folder / name
        place.mkdir()
        text = "kill -SEGV $$\n" if name == "dies" else "echo nonsense\n"
        result = crash(launcher, place, "null",
                       env=env or script(place, text))[1]
        expect("verdict", result["cause"], "access-violation")
        expect("stacks", evidence(result, "stacks")["status"], "failed")


def a_helper_that_kills_the_patient_is_survived(launcher, folder):
    """The helper is told whom to look at."""
    env = script(folder, 'echo "$@" >' + str(folder / "words") +
                 '\nkill -KILL "$2"\nexec sleep 0.1\n')
    result = crash(launcher, folder, "null", env=env)[1]
    expect("end", result["exit"]["value"], signal.SIGKILL)
    words = (folder / "words").read_text()
    if not re.match(r"--pid \d+ --crashed \d+ --signal 11 --stacks ", words):
        raise Mismatch(f"the helper is started with {words!r}")


def no_limit_fires_while_somebody_looks(launcher, folder):
    env = script(folder, "sleep 1\n")
    result = crash(launcher, folder, "null", "--hang-after", "300ms",
                   env=env)[1]
    expect("verdict", (result["verdict"], result["cause"]),
           ("crash", "access-violation"))


def start_with_waiting_helper(launcher, folder):
    token = harness.new_token()
    running = harness.Running(
        launcher, folder,
        ["--grace", "300ms", "--", launcher.program("dies_aloud"), "null"],
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
    # It was asked to stop, and died of its own fault all the same.
    expect("end", result["exit"]["value"], signal.SIGSEGV)


def a_launcher_that_is_killed_holds_nobody(launcher, folder):
    running, token = start_with_waiting_helper(launcher, folder)
    running.process.kill()
    running.process.wait(20)
    harness.expect_no_survivors(token, 20)


CASES = [
    each_death_has_the_stack_of_its_fault,
    the_same_death_has_the_same_signature,
    a_replay_gives_the_same_bytes,
    nothing_wanted_is_nothing_waited_for,
]

def look_at_dead(launcher, place, pid, files, *words):
    """What the helper tells of a process that has ended, of which the system
    wrote these files."""
    for name, content in files.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(content)
    helper = os.path.join(os.path.dirname(launcher.command[-1]), "..",
                          "postmortem", "hbtest-postmortem.exe")
    said = subprocess.run(
        launcher.command[:-1] +
        [helper, "--dead", str(pid), "--since-ns", "0", "--core-folder",
         launcher.path(place), "--stacks", *words],
        env=harness.clean_environment(), capture_output=True, check=False)
    return [json.loads(line) for line in said.stdout.splitlines()]


def look_at_report(launcher, place, dump, *words):
    said = look_at_dead(launcher, place, 4711, {"sample.exe.4711.dmp": dump},
                        *words)
    expect("what is left of the report", list(place.iterdir()), [])
    return said


def a_report_of_the_system_is_collected(launcher, folder):
    """Wine writes none: one of ours stands in for it."""
    secret = b"QzX81-very-secret-value"
    run = crash(launcher, folder, "null")[0]
    dump = bytearray((run / "dump.dmp").read_bytes())
    count, directory = struct.unpack_from("<2I", dump, 8)
    for i in range(count): # the exception becomes a fast fail of subcode 2
        kind, _, place = struct.unpack_from("<3I", dump, directory + 12 * i)
        if kind == 6:
            struct.pack_into("<I", dump, place + 8, 0xC0000409)
            struct.pack_into("<I", dump, place + 32, 1)
            struct.pack_into("<Q", dump, place + 40, 2)
    dump += secret
    words = ["--dump", "mini", "--folder", launcher.path(folder), "--redact",
             "HB_E2E_SECRET"]
    os.environ["HB_E2E_SECRET"] = secret.decode()
    try:
        said = look_at_report(launcher, folder / "good", bytes(dump), *words)
    finally:
        del os.environ["HB_E2E_SECRET"]
    found = {item["kind"]: item for item in said}
    expect("exception", (found["exception"]["code"],
                         found["exception"]["parameter"]), (0xC0000409, 2))
    kept = (folder / "dump.dmp").read_bytes()
    expect("size", len(kept), len(dump))
    expect("secret", secret in kept, False)
    states = {item["what"]: item["status"] for item in said
              if item["kind"] == "evidence"}
    expect("evidence", states, {"dump": "captured", "stacks": "captured"})
    (folder / "dump.dmp").unlink()
    said = look_at_report(launcher, folder / "torn", bytes(dump[:5000]), *words)
    states = {item["what"]: item["status"] for item in said
              if item["kind"] == "evidence"}
    expect("evidence of a torn one", states, {"dump": "failed"})
    expect("what is left", (folder / "dump.dmp").exists(), False)
    look_at_report(launcher, folder / "unwanted", bytes(dump))


def a_dump_of_the_exit_monitor_is_collected(launcher, folder):
    """Wine has none: a folder of ours stands in for the system's."""
    run = crash(launcher, folder, "null")[0]
    dump = (run / "dump.dmp").read_bytes()
    for name, killer in (("whole", dump), ("torn", dump[:5000])):
        into = folder / f"into-{name}"
        into.mkdir()
        said = look_at_dead(launcher, folder / name, 4242, {
            "t.exe-(PID-4242)-77/t.exe-(PID-4242).dmp": dump,
            "t.exe-(PID-4242)-77/taskkill.exe-(PID-99).dmp": killer,
            "t.exe-(PID-42)-78/t.exe-(PID-42).dmp": b"another's",
        }, "--dump", "mini", "--folder", launcher.path(into))
        found = {item["what"]: (item["status"], item["pid"]) for item in said
                 if item["kind"] == "evidence"}
        kept = "captured" if name == "whole" else "failed"
        expect("evidence", (found["dump"], found["killer-dump"]),
               (("captured", 4242), (kept, 99)))
        files = ["dump.dmp", "dump.killer.taskkill.exe.99.dmp"]
        expect("files", sorted(path.name for path in into.iterdir()),
               files if name == "whole" else files[:1])
        expect("folders", [path.name for path in (folder / name).iterdir()],
               ["t.exe-(PID-42)-78"])


def a_fast_fail_is_told_by_error_reporting(launcher, folder):
    """Wine calls no module: the specimen does what Windows would do."""
    run, result = crash(launcher, folder, "now", program="fails_fast")
    if launcher.wine and not is_dumped(result):
        run, result = crash(launcher, folder, "again", program="fails_fast")
    expect("verdict", (result["verdict"], result["cause"]),
           ("silent-death", "fast-fail"))
    expect("subcode", (result["exit"]["subcode"],
                       result["exit"]["subcode_name"]),
           (2, "STACK_COOKIE_CHECK_FAILURE"))
    if "subcode 2 STACK_COOKIE_CHECK_FAILURE" not in result["summary"]:
        raise Mismatch(f"summary is {result['summary']!r}")
    thread = crashed(result)
    if launcher.wine and "fail_fast" not in functions(thread):
        raise Mismatch(f"fail_fast is not in {functions(thread)}")
    if launcher.wine and " in fail_fast (fails_fast.c:" not in \
            result["summary"]:
        raise Mismatch(f"summary is {result['summary']!r}")
    dump = (run / evidence(result, "dump")["path"]).read_bytes()
    expect("exception in the dump", exception_of(dump),
           (thread["tid"], 0xC0000409))
    expect("reports of the crash", kinds(run).count("crashing"), 1)


def a_subcode_is_told_to_who_wants_no_look(launcher, folder):
    result = crash(launcher, folder, "now", "--stacks", "never", "--dump",
                   "none", program="fails_fast")[1]
    expect("subcode", result["exit"]["subcode"], 2)
    expect("reason", evidence(result, "stacks")["reason"], "--stacks=never")


# They need signals, or a helper that is a script.
LINUX_CASES = [
    many_deaths_have_one_signature,
    a_debugger_finds_the_death_in_the_dump,
    a_program_without_shared_libraries_is_seen_too,
    a_sanitizer_keeps_its_own_report,
    a_helper_that_fails_costs_nothing_but_the_stacks,
    a_helper_that_kills_the_patient_is_survived,
    no_limit_fires_while_somebody_looks,
    ctrl_c_ends_the_look,
    a_launcher_that_is_killed_holds_nobody,
]

if __name__ == "__main__":
    ARGS = harness.options(__doc__).parse_args()
    LAUNCHER = harness.Launcher(ARGS.launcher, ARGS.programs)
    if LAUNCHER.windows:
        CASES.append(a_report_of_the_system_is_collected)
        CASES.append(a_dump_of_the_exit_monitor_is_collected)
        CASES.append(a_fast_fail_is_told_by_error_reporting)
        CASES.append(a_subcode_is_told_to_who_wants_no_look)
    else:
        CASES += LINUX_CASES
    if not os.path.exists(os.path.join(
            os.path.dirname(LAUNCHER.command[-1]), "..", "postmortem",
            "hbtest-postmortem" + (".exe" if LAUNCHER.windows else ""))):
        print("skip: hbtest-postmortem is not built here")
        CASES = []
    harness.run_cases(CASES, LAUNCHER, ARGS)
