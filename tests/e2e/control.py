"""The other end-to-end tests find what they are there to find: what survives,
a result that is not as it must be, a report that Jenkins refuses."""

import harness
from harness import Mismatch, expect


def what_survives_is_found_and_gone_when_it_has_ended(launcher, folder):
    token = harness.new_token()
    running = harness.Running(launcher, folder,
                              ["--", launcher.program("ignores_stop")],
                              {harness.TOKEN: token})
    running.wait_for(b'"kind":"beat"')
    found = harness.survivors(token)
    running.process.kill()
    running.wait()
    if not any("(ignores_stop" in line for line in found):
        raise Mismatch(f"the test is not among what is found: {found}")
    harness.expect_no_survivors(token, 20)


def what_another_started_is_not_found(launcher, folder):
    running = harness.Running(launcher, folder,
                              ["--", launcher.program("ignores_stop")],
                              {harness.TOKEN: harness.new_token()})
    running.wait_for(b'"kind":"beat"')
    found = harness.survivors(harness.new_token())
    running.process.kill()
    running.wait()
    expect("what survives of another run", found, [])


def a_result_that_is_not_as_it_must_be_is_refused(launcher, folder):
    result = harness.launch(launcher, folder,
                            ["--", launcher.program("pass")]).result()
    result["verdict"] = "perhaps"
    try:
        harness.check_schema(result)
    except Mismatch:
        return None
    return "; ".join(harness.UNPROVEN) or expect("a wrong result", True, False)


CASES = [
    what_survives_is_found_and_gone_when_it_has_ended,
    what_another_started_is_not_found,
    a_result_that_is_not_as_it_must_be_is_refused,
]

if __name__ == "__main__":
    ARGS = harness.options(__doc__).parse_args()
    harness.run_cases(CASES, harness.Launcher(ARGS.launcher, ARGS.programs),
                      ARGS)
