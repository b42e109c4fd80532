"""Listing is not running: such a call passes through untouched and leaves
nothing."""

import harness
from harness import Mismatch, expect


def launch(launcher, folder, words):
    return harness.launch(launcher, folder, ["--", *words])


def a_listing_call_passes_through_and_leaves_nothing(launcher, folder):
    ended = launch(launcher, folder,
                   [launcher.program("gtest_lists"), "--gtest_list_tests"])
    expect("exit status", ended.returncode, 0)
    expect("standard output", ended.stdout, b"Sums.\n  Small\n")
    expect("standard error", ended.stderr, b"")
    expect("artifacts", ended.artifacts.exists(), False)


def any_call_passes_through_on_request(launcher, folder):
    for word, artifacts in (("1", False), ("on", False), ("no", True)):
        here = folder / word
        here.mkdir()
        ended = harness.launch(
            launcher, here, ["--", launcher.program("fail")],
            {"HBTEST_PASSTHROUGH": word})
        expect(f"exit status of {word}", ended.returncode, 7)
        expect(f"artifacts of {word}", ended.artifacts.exists(), artifacts)


def a_listing_call_ends_as_the_program_ends(launcher, folder):
    ended = launch(launcher, folder,
                   [launcher.program("fail"), "--list-tests"])
    expect("exit status", ended.returncode, 7)
    expect("artifacts", ended.artifacts.exists(), False)


def a_listing_call_of_nothing_is_not_found(launcher, folder):
    ended = launch(launcher, folder,
                   [launcher.path(folder / "nothing"), "--list-tests"])
    expect("exit status", ended.returncode, 127)
    expect("standard output", ended.stdout, b"")


def a_listing_call_is_bounded_by_the_limits(launcher, folder):
    token = harness.new_token()
    ended = harness.launch(
        launcher, folder,
        ["--timeout", "300ms", "--hang-after", "300ms", "--",
         launcher.program("never_speaks"), "--gtest_list_tests"],
        {harness.TOKEN: token})
    expect("exit status", ended.returncode, 124)
    expect("artifacts", ended.artifacts.exists(), False)
    harness.expect_no_survivors(token, launcher.linger)


def the_same_program_without_the_word_is_supervised(launcher, folder):
    ended = launch(launcher, folder, [launcher.program("gtest_lists")])
    expect("verdict", ended.result()["verdict"], "pass")
    if b"Sums.Small" not in ended.stdout:
        raise Mismatch("the output was not passed on")


CASES = [
    a_listing_call_passes_through_and_leaves_nothing,
    any_call_passes_through_on_request,
    a_listing_call_ends_as_the_program_ends,
    a_listing_call_of_nothing_is_not_found,
    a_listing_call_is_bounded_by_the_limits,
    the_same_program_without_the_word_is_supervised,
]

if __name__ == "__main__":
    ARGS = harness.options(__doc__).parse_args()
    harness.run_cases(CASES, harness.Launcher(ARGS.launcher, ARGS.programs),
                      ARGS)
