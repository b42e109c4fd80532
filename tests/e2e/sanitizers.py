"""Programs that are built with a sanitizer and link the fixture: each keeps
its own report and its status, and who leaves is held all the same."""

import crashes
import exits
import harness
from harness import Mismatch, expect

BUILDS = ["asan", "lsan", "tsan", "clang_asan", "clang_lsan", "clang_tsan"]
NAMES = {"asan": "AddressSanitizer", "lsan": "LeakSanitizer",
         "tsan": "ThreadSanitizer"}


def kind_of(build):
    return build.split("_")[-1]


def options_for(build, text):
    return {kind_of(build).upper() + "_OPTIONS": text}


def for_each_build(builds=BUILDS):
    """The case for each of them; the builds of clang only if there are any."""
    def wrap(case):
        def run(launcher, folder):
            missing = []
            for build in builds:
                if not (launcher.programs /
                        f"elsewhere/leaves_{build}").exists():
                    missing.append(build)
                    continue
                (folder / build).mkdir()
                try:
                    case(launcher, folder / build, build)
                except Mismatch as err:
                    raise Mismatch(f"{build}: {err}") from err
            return f"not built here: {missing}" if missing else None
        run.__name__ = case.__name__
        return run
    return wrap


def errors_of(run):
    return (run / "stderr.log").read_text(errors="replace")


@for_each_build()
def a_sanitizer_keeps_its_report_of_a_fault(launcher, folder, build):
    ended = harness.launch(
        launcher, folder,
        ["--", launcher.program(f"elsewhere/dies_aloud_{build}"), "null"],
        options_for(build, "handle_segv=1:exitcode=77"))
    text = errors_of(ended.run())
    if f"ERROR: {NAMES[kind_of(build)]}: SEGV" not in text or \
            "write_nowhere" not in text:
        raise Mismatch(f"stderr is {text!r}")
    expect("end", (ended.result()["exit"]["kind"], ended.returncode),
           ("code", 77))


@for_each_build()
def a_fault_that_a_sanitizer_leaves_alone_is_a_crash(launcher, folder, build):
    result = crashes.crash(
        launcher, folder, "null", program=f"elsewhere/dies_aloud_{build}",
        env=options_for(build, "handle_segv=0"))[1]
    expect("end", (result["exit"]["kind"], result["exit"]["name"]),
           ("signal", "SIGSEGV"))
    expect("verdict", (result["verdict"], result["cause"]),
           ("crash", "access-violation"))
    for kind in ("stacks", "dump"):
        piece = crashes.evidence(result, kind)
        if piece["status"] != "captured" and not piece["reason"]:
            raise Mismatch(f"no reason: {piece}")


@for_each_build()
def who_leaves_is_held_all_the_same(launcher, folder, build):
    returncode, result = exits.leave(launcher, folder, "exit",
                                     program=f"elsewhere/leaves_{build}",
                                     env=options_for(build, ""))[1:]
    exits.expect_exit("exit", returncode, result)


def expect_report(launcher, folder, build, way, words):
    """Of what is found at the end, after the door."""
    for hold in ("auto", "on"):
        (folder / hold).mkdir()
        run, returncode, result = exits.leave(
            launcher, folder / hold, way, "--hold-exit", hold,
            program=f"elsewhere/leaves_{build}",
            env=options_for(build, "detect_leaks=1:exitcode=77"
                            if way == "leak" else "exitcode=77"))
        expect("status", returncode, 77)
        expect("verdict", (result["verdict"], result["cause"]), exits.EARLY)
        if words not in errors_of(run):
            raise Mismatch(f"stderr is {errors_of(run)!r}")


@for_each_build(["asan", "lsan", "clang_asan", "clang_lsan"])
def a_leak_is_found_after_the_door(launcher, folder, build):
    expect_report(launcher, folder, build, "leak",
                  "LeakSanitizer: detected memory leaks")


@for_each_build(["tsan", "clang_tsan"])
def a_race_is_told_after_the_door(launcher, folder, build):
    expect_report(launcher, folder, build, "race",
                  "WARNING: ThreadSanitizer: data race")


CASES = [
    a_sanitizer_keeps_its_report_of_a_fault,
    a_fault_that_a_sanitizer_leaves_alone_is_a_crash,
    who_leaves_is_held_all_the_same,
    a_leak_is_found_after_the_door,
    a_race_is_told_after_the_door,
]

if __name__ == "__main__":
    ARGS = harness.options(__doc__).parse_args()
    harness.run_cases(CASES, harness.Launcher(ARGS.launcher, ARGS.programs),
                      ARGS)
