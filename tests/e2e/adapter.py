"""A GoogleTest program with <hbtest/gtest.h>, under the launcher: every case
is known by name before it runs, and an end in the middle is seen."""

import checks
import harness
from harness import expect

SAMPLE = ""
PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"
RUNNING, LOST = "running", "lost"


def run(launcher, folder, pattern):
    ended = harness.launch(launcher, folder,
                           ["--", launcher.path(SAMPLE),
                            f"--gtest_filter={pattern}"])
    result = ended.result()
    checks.check_all(launcher, folder, ended.run(), result)
    return launcher.status(ended.returncode), result


def cases(result):
    return {f"{case['suite']}.{case['name']}": case["status"]
            for case in result["cases"]}


def cases_that_pass_are_a_pass_by_goodbye(launcher, folder):
    status, result = run(launcher, folder, "Plain.Passes:Second.*:Plain.Skips")
    expect("exit status", status, 0)
    expect("verdict", result["verdict"], "pass")
    expect("completion", (result["completion"]["how"],
                          result["completion"]["seen"]), ("goodbye", True))
    expect("cases", cases(result),
           {"Plain.Passes": PASSED, "Plain.Skips": SKIPPED,
            "Second.Passes": PASSED})


def a_case_that_fails_says_why(launcher, folder):
    status, result = run(launcher, folder, "Plain.Passes:Plain.Fails")
    expect("exit status", status, 1)
    expect("verdict", (result["verdict"], result["cause"]),
           ("fail", "case-failed"))
    expect("cases", cases(result),
           {"Plain.Passes": PASSED, "Plain.Fails": FAILED})
    message = [case["message"] for case in result["cases"]
               if case["status"] == FAILED][0]
    expect("why", "said the test" in message, True)


def an_exit_in_a_case_names_what_never_ran(launcher, folder):
    status, result = run(launcher, folder, "Exit.*:Second.*")
    expect("exit status", status, 120)
    expect("verdict", (result["verdict"], result["cause"]),
           ("silent-death", "exit-before-completion"))
    expect("cases", cases(result),
           {"Exit.Exits": RUNNING, "Second.Passes": LOST})


def a_filter_that_fits_nothing_is_not_green(launcher, folder):
    _, result = run(launcher, folder, "Nothing.*")
    expect("verdict", (result["verdict"], result["cause"]),
           ("fail", "no-cases"))


CASES = [
    cases_that_pass_are_a_pass_by_goodbye,
    a_case_that_fails_says_why,
    an_exit_in_a_case_names_what_never_ran,
    a_filter_that_fits_nothing_is_not_green,
]

if __name__ == "__main__":
    PARSER = harness.options(__doc__)
    PARSER.add_argument("--sample", required=True,
                        help="a GoogleTest program with the adapter")
    ARGS = PARSER.parse_args()
    SAMPLE = ARGS.sample
    harness.run_cases(CASES, harness.Launcher(ARGS.launcher, ARGS.programs),
                      ARGS)
