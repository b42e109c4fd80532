"""A launcher in a launcher: the outer one sees, as any parent would, with what
status the inner one really ends. Wine hands only 8 bits of it to us."""

import signal

import harness
from harness import expect

ABORT = 6  # signal.SIGABRT is another number on Windows
CTEST = {"CTEST_INTERACTIVE_DEBUG_MODE": "1"}


def launch(launcher, folder, program, env=None):
    """The result of the outer launcher, and that of the inner one."""
    inner = folder / "inner"
    ended = harness.launch(
        launcher, folder,
        ["--", launcher.path(launcher.command[-1]), "--artifacts",
         launcher.path(inner), "--", launcher.program(program)], env)
    found = list(inner.glob("*/*/result.json"))
    expect("number of inner results", len(found), 1)
    return ended, harness.check_schema(harness.read_json(found[0]))


def expect_end(launcher, ended, linux, windows):
    """Both are a kind and a value."""
    end = ended.result()["exit"]
    expect("end of the inner launcher", (end["kind"], end["value"]),
           windows if launcher.windows else linux)


def a_crash_is_the_same_crash_to_whoever_waits(launcher, folder):
    ended, inner = launch(launcher, folder, "null_pointer")
    expect_end(launcher, ended, ("signal", signal.SIGSEGV),
               ("ntstatus", 0xC0000005))
    for whose, result in (("inner", inner), ("outer", ended.result())):
        expect(f"verdict of the {whose}",
               (result["verdict"], result["cause"]),
               ("crash", "access-violation"))
    expect("exit status", launcher.status(ended.returncode),
           launcher.number(0xC0000005) if launcher.windows
           else -signal.SIGSEGV)


def an_ordinary_status_is_the_same_status(launcher, folder):
    ended, _ = launch(launcher, folder, "exits_259")
    expect_end(launcher, ended, ("code", 3), ("code", 259))


def a_status_of_our_own_is_a_plain_number(launcher, folder):
    ended, _ = launch(launcher, folder, "exits_early")
    expect_end(launcher, ended, ("code", 120), ("code", 120))


def under_ctest_a_status_of_our_own_is_an_abnormal_end(launcher, folder):
    ended, inner = launch(launcher, folder, "exits_early", CTEST)
    # Ours, and so no NTSTATUS to a launcher.
    expect_end(launcher, ended, ("signal", ABORT), ("code", 0xC0DE0078))
    expect("cause of the inner", inner["cause"], "exit-before-completion")


CASES = [
    a_crash_is_the_same_crash_to_whoever_waits,
    an_ordinary_status_is_the_same_status,
    a_status_of_our_own_is_a_plain_number,
    under_ctest_a_status_of_our_own_is_an_abnormal_end,
]

if __name__ == "__main__":
    ARGS = harness.options(__doc__).parse_args()
    harness.run_cases(CASES, harness.Launcher(ARGS.launcher, ARGS.programs),
                      ARGS)
