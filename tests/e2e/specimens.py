"""Runs every row of table.py and compares what was reported with what must be:
the end-to-end test of the launcher, the same on both systems."""

import concurrent.futures
import dataclasses
import os
import signal
import time

import checks
import harness
import table
from harness import Mismatch, expect

SIGABRT = 6
OWN = range(120, 126)  # statuses that CTest must not take for ordinary ones


def for_system(row, launcher):
    """The row with what is different there; where a system shows less, what
    it does show, which is compared as strictly."""
    if launcher.windows:
        row = dataclasses.replace(row, **row.windows)
    if launcher.wine:
        row = dataclasses.replace(row, **row.wine)
    return row


def why(reasons, launcher):
    return reasons.get(launcher.system) or (launcher.wine and
                                            reasons.get("wine")) or ""


def status_of_verdict(row):
    """Contract section 5, `--exit-code=verdict`."""
    if row.verdict == "skip":
        return int(row.options[1]) if row.options else 0
    if row.verdict == "launcher-error":
        return {"not-found": 127, "not-executable": 126}.get(row.cause, 125)
    return {"pass": 0, "fail": 1, "crash": 121, "silent-death": 120,
            "leak": 123, "hang": 124, "timeout": 124}[row.verdict]


def status_of_mirror(row):
    """Contract section 5: the test's own, and ours where that says nothing.
    A signal is negative, as Python has it."""
    if row.verdict not in ("fail", "crash", "silent-death"):
        return status_of_verdict(row)
    if isinstance(row.ends, str):
        return -signal.Signals[row.ends]
    return row.ends or 120


def status_under_ctest(row, launcher):
    status = status_of_mirror(row)
    if row.verdict != "skip" and \
            row.options[:2] == ["--skip-code", str(row.ends)]:
        status = 120  # or CTest would take it for a skip
    if status in OWN and not (row.verdict == "fail" and row.ends):
        return 0xC0DE0000 | status if launcher.windows else -SIGABRT
    return status


def check_exit(row, result):
    end = result.get("exit", {"kind": "none"})
    if isinstance(row.ends, str):
        expect("exit", (end["kind"], end.get("name")), ("signal", row.ends))
    elif row.ends is not None:
        kind = "ntstatus" if row.ends >= 0x80000000 else "code"
        expect("exit", (end["kind"], end.get("value")), (kind, row.ends))


def check_status(launcher, ended, result, status):
    expect("exit status", launcher.status(ended.returncode),
           launcher.number(status))
    expect("exit_status in result.json",
           (result["exit_status"], result["exit_by_signal"]),
           (abs(status), status < 0))


def check_result(row, launcher, ended, result):
    expect("verdict", (result["verdict"], result.get("cause", "")),
           (row.verdict, row.cause))
    check_exit(row, result)
    if row.phase:
        expect("phase", result.get("phase"), row.phase)
    if row.cases is not None:
        expect("cases", sorted((case["name"], case["status"])
                               for case in result.get("cases", [])),
               sorted(row.cases.items()))
    if row.how:
        expect("completion", result["completion"]["how"], row.how)
    if row.last_note:
        expect("last note", result["heartbeat"].get("last_note"),
               row.last_note)
    said = " ".join([result["summary"], *result["warnings"]])
    if row.says not in said:
        raise Mismatch(f"'{row.says}' is not said, but: {said}")
    if row.stdout is not None:
        got = ended.stdout.replace(b"\r\n", b"\n") if not row.stdin \
            else ended.stdout
        if got.rstrip(b"\n") != row.stdout.rstrip(b"\n"):
            raise Mismatch(f"stdout is {got[:200]!r}")
    expect("held_open", result["output"]["stdout"]["held_open"], row.held)
    loud = row.verdict not in ("pass", "skip")
    if loud and row.verdict.encode() not in ended.stderr:
        raise Mismatch("the verdict is not on standard error")


def program_of(row, launcher, folder):
    """A specimen, or something that is none."""
    if not row.program.startswith("{"):
        return launcher.program(row.program)
    path = folder / row.program.strip("{}")
    if row.program == "{text}":
        path.write_text("This is no program.\n")
    elif row.program == "{folder}":
        path.mkdir()
    elif row.program == "{no-interpreter}":
        path.write_text("#!/no/such/interpreter\n")
        path.chmod(0o755)
    return launcher.path(path)


def option(word, launcher):
    if word == "{silence}":  # under Wine a program takes a while to start
        return "1500ms" if launcher.wine else "300ms"
    if word == "{limit}":
        return "2500ms" if launcher.wine else "500ms"
    if word == "{in 4 s}":
        return str(int(time.time()) + 4)
    return word


# Rows that are judged by what a look at the process finds.
LOOKED_AT = ("deadlock", "exit_in_library")


def run_row(row, launcher, mode, jenkins):
    """One run in a folder of its own; raises Mismatch. The first mode is run
    with strict JUnit."""
    token = harness.new_token()
    env = {harness.TOKEN: token, **row.env}
    more = []
    status = status_of_mirror(row)
    if mode == "mirror":
        more = ["--junit-flavor", "strict"]
    if mode == "ctest":
        env["CTEST_INTERACTIVE_DEBUG_MODE"] = "1"
        status = status_under_ctest(row, launcher)
    elif mode == "verdict":
        more = ["--exit-code", "verdict"]
        status = status_of_verdict(row)
    if launcher.wine and row.name not in LOOKED_AT:  # seconds each there; crashes.py is about them
        more += ["--stacks", "never", "--dump", "none"]
    with harness.folder_of(row.name.split("-")[0]) as folder:
        ended = harness.launch(
            launcher, folder,
            [*(option(word, launcher) for word in row.options), *more, "--",
             program_of(row, launcher, folder), *row.args],
            env, row.stdin)
        harness.expect_no_survivors(token, launcher.linger)
        result = ended.result()
        check_result(row, launcher, ended, result)
        check_status(launcher, ended, result, status)
        checks.check_all(launcher, folder, ended.run(), result)
        if mode == "mirror":
            jenkins.check(ended.run() / "junit.xml")


def modes_of(row, launcher):
    """Which status there is for a verdict is a table of the pure core, the
    same on Windows: under Wine, where a run takes long, one is tried less."""
    if not row.modes:
        return ("mirror",)
    return ("mirror", "ctest") if launcher.wine else \
        ("mirror", "ctest", "verdict")


def try_row(row, launcher, jenkins):
    """(word, text) for one row: ok, FAIL, absent or unproven."""
    reason = why(row.absent, launcher)
    if reason:
        return "absent", f"not on {launcher.system}: {reason}"
    unproven = why(row.unproven, launcher)
    if unproven and not row.wine:
        return "FAIL", "nothing is known of what is shown there"
    here = for_system(row, launcher)
    for mode in modes_of(row, launcher):
        try:
            run_row(here, launcher, mode, jenkins)
        except Mismatch as err:
            return "FAIL", f"({mode}) {err}"
    if unproven:
        return "unproven", f"{unproven}; it is {here.verdict}/{here.cause}"
    return "ok", ""


def without_row(launcher):
    """Specimens that were built and that no row speaks of."""
    known = {row.program for row in table.ROWS}
    return sorted(path.stem for path in launcher.programs.iterdir()
                  if path.is_file() and os.access(path, os.X_OK)
                  and path.suffix in ("", ".exe") and path.stem not in known)


def main():
    parser = harness.options(__doc__)
    parser.add_argument("--jobs", type=int, default=4)
    parser.add_argument("--jenkins", default="", help="its XML schema")
    parser.add_argument("--xmllint", default="xmllint")
    args = parser.parse_args()
    launcher = harness.Launcher(args.launcher, args.programs)
    jenkins = checks.Jenkins(args.jenkins, args.xmllint)
    rows = [row for row in table.ROWS if args.only in row.name] * args.repeat
    counts = {}
    for name in without_row(launcher):
        counts["FAIL"] = counts.get("FAIL", 0) + 1
        print(f"FAIL     {name}: this specimen has no row")
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        ends = pool.map(lambda row: try_row(row, launcher, jenkins), rows)
        for row, (word, text) in zip(rows, ends):
            counts[word] = counts.get(word, 0) + 1
            print(f"{word:8} {row.name:24.60} {text}".rstrip(), flush=True)
    print(", ".join(f"{count} {word}" for word, count in counts.items()))
    harness.finish(counts.get("FAIL") or not rows)


if __name__ == "__main__":
    main()
