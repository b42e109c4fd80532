"""Hosts that hand the launcher a file to fill or a limit to know: it is used
without being asked."""

import xml.etree.ElementTree as ElementTree

import harness
from harness import Mismatch, expect


def bazel_gets_its_report_and_its_outputs(launcher, folder):
    outputs = folder / "outputs"
    outputs.mkdir()
    env = {"BAZEL_TEST": "1", "TEST_TARGET": "//sums:sums_test",
           "XML_OUTPUT_FILE": launcher.path(folder / "test.xml"),
           "TEST_UNDECLARED_OUTPUTS_DIR": launcher.path(outputs)}
    words = ["--", launcher.program("case_fails")]
    # --artifacts is the user's word and wins; here nobody says it.
    plain = harness.launch(launcher, folder, words, env, artifacts=False)
    expect("exit status", plain.returncode, 1)
    report = ElementTree.parse(folder / "test.xml").getroot()
    expect("failures", len(report.findall(".//failure")), 1)
    if not list(outputs.rglob("result.json")):
        raise Mismatch("no result.json under TEST_UNDECLARED_OUTPUTS_DIR")


def the_limit_of_bazel_is_met_before_bazel_meets_it(launcher, folder):
    env = {"BAZEL_TEST": "1", "TEST_TIMEOUT": "8"}
    ended = harness.launch(launcher, folder,
                           ["--grace", "1s", "--",
                            launcher.program("works_for_ever")], env)
    result = ended.result()
    expect("verdict", (result["verdict"], result["cause"]),
           ("timeout", "deadline"))
    if result["duration_ms"] >= 8000:  # by the launcher's own clock
        raise Mismatch("Bazel would have killed the launcher")


def a_premature_exit_file_that_the_host_names_is_used(launcher, folder):
    env = {"TEST_PREMATURE_EXIT_FILE": launcher.path(folder / "premature")}
    ended = harness.launch(launcher, folder,
                           ["--", launcher.program("premature_file")], env)
    expect("verdict", ended.result()["cause"], "exit-before-completion")


def a_file_of_an_attempt_before_is_not_held_against_this(launcher, folder):
    (folder / "premature").write_text("")
    env = {"TEST_PREMATURE_EXIT_FILE": launcher.path(folder / "premature")}
    ended = harness.launch(launcher, folder,
                           ["--", launcher.program("pass")], env)
    expect("verdict", ended.result()["verdict"], "pass")


def each_attempt_gets_a_fresh_premature_file(launcher, folder):
    """What one attempt leaves is not there when the next begins."""
    path = folder / "premature"
    env = {"TEST_PREMATURE_EXIT_FILE": launcher.path(path)}
    for attempt, words, cause in (("1", [], "exit-before-completion"),
                                  ("2", ["untouched"], ""),
                                  ("3", ["tidy"], ""),
                                  ("4", [], "exit-before-completion")):
        here = folder / attempt
        here.mkdir()
        program = "pass" if words == ["untouched"] else "premature_file"
        ended = harness.launch(launcher, here,
                               ["--", launcher.program(program), *words],
                               {**env, "NEXTEST_ATTEMPT": attempt})
        expect(f"cause of attempt {attempt}",
               ended.result().get("cause", ""), cause)


def nextest_names_the_test_and_the_attempt(launcher, folder):
    env = {"NEXTEST": "1", "NEXTEST_TEST_NAME": "sums::adds two",
           "NEXTEST_ATTEMPT": "3"}
    ended = harness.launch(launcher, folder,
                           ["--", launcher.program("pass")], env)
    expect("name", ended.result()["name"], "sums::adds two")
    expect("attempt", ended.result()["attempt"], 3)


def github_gets_an_annotation_and_a_summary(launcher, folder):
    summary = folder / "summary.md"
    summary.write_text("before\n")
    env = {"GITHUB_ACTIONS": "true",
           "GITHUB_STEP_SUMMARY": launcher.path(summary)}
    ended = harness.launch(launcher, folder,
                           ["--", launcher.program("null_pointer")], env)
    if b"::error" not in ended.stderr:
        raise Mismatch("there is no annotation")
    text = summary.read_text()
    if not text.startswith("before\n") or "crash" not in text:
        raise Mismatch(f"the step summary is {text!r}")
    expect("standard output", ended.stdout, b"")


def our_words_begin_a_line(launcher, folder):
    """Only where the test's stderr ended in the middle of one."""
    for number, (text, between) in enumerate((("cut", b"\n"), ("whole\n", b""),
                                              ("", b""))):
        for words, ours in (([], b"hbtest: "),
                            (["--quiet", "--github", "always"], b"::error ")):
            here = folder / f"{number}{len(words)}"
            here.mkdir()
            ended = harness.launch(
                launcher, here,
                [*words, "--", launcher.program("fails_aloud"), text])
            told = ended.stderr.replace(b"\r\n", b"\n")
            if not told.startswith(text.encode() + between + ours):
                raise Mismatch(f"standard error is {ended.stderr!r}")
    here = folder / "quiet"
    here.mkdir()
    ended = harness.launch(launcher, here,
                           ["--quiet", "--", launcher.program("fails_aloud"),
                            "cut"])
    expect("standard error of a quiet run", ended.stderr, b"cut")


def github_is_told_where_the_record_is(launcher, folder):
    summary = folder / "summary.md"
    ended = harness.launch(
        launcher, folder, ["--github", "always", "--", launcher.program("fail")],
        {"GITHUB_STEP_SUMMARY": launcher.path(summary)})
    run_id = ended.result()["run_id"]
    note = ended.stderr[ended.stderr.index(b"::error"):]
    if b"%0Arecord: " not in note or run_id.encode() not in note:
        raise Mismatch(f"the annotation is {note!r}")
    if run_id.replace("-", "\\-").replace(".", "\\.") not in \
            summary.read_text():
        raise Mismatch(f"the step summary is {summary.read_text()!r}")


def a_step_summary_that_cannot_be_written_is_a_warning(launcher, folder):
    ended = harness.launch(
        launcher, folder, ["--github", "always", "--", launcher.program("fail")],
        {"GITHUB_STEP_SUMMARY": launcher.path(folder / "none" / "s.md")})
    told = [text for text in ended.result()["warnings"]
            if text.startswith("no step summary: ")]
    expect("warnings of it", len(told), 1)
    expect("... on standard error", ended.stderr.count(b"\n  warning: no step"),
           1)


def a_passing_test_says_nothing_on_either_stream(launcher, folder):
    ended = harness.launch(launcher, folder,
                           ["--", launcher.program("fail"), "ignored"])
    expect("standard output of a failing one", ended.stdout, b"")
    silent = folder / "silent"
    silent.mkdir()
    ended = harness.launch(launcher, silent,
                           ["--", launcher.program("says_pass")])
    expect("both streams", (ended.stdout, ended.stderr), (b"", b""))


def the_dashboard_of_ctest_gets_absolute_paths(launcher, folder):
    ended = harness.launch(launcher, folder,
                           ["--", launcher.program("fails_with_zero")],
                           {"DASHBOARD_TEST_FROM_CTEST": "3.25.1"})
    for word in (b"<CTestDetails>", b"<CTestLabel>", b"<CTestMeasurementFile"):
        if word not in ended.stderr:
            raise Mismatch(f"{word.decode()} is not on standard error")
    expect("standard output", ended.stdout, b"")


CASES = [
    bazel_gets_its_report_and_its_outputs,
    the_limit_of_bazel_is_met_before_bazel_meets_it,
    a_premature_exit_file_that_the_host_names_is_used,
    a_file_of_an_attempt_before_is_not_held_against_this,
    each_attempt_gets_a_fresh_premature_file,
    nextest_names_the_test_and_the_attempt,
    github_gets_an_annotation_and_a_summary,
    our_words_begin_a_line,
    github_is_told_where_the_record_is,
    a_step_summary_that_cannot_be_written_is_a_warning,
    a_passing_test_says_nothing_on_either_stream,
    the_dashboard_of_ctest_gets_absolute_paths,
]

if __name__ == "__main__":
    ARGS = harness.options(__doc__).parse_args()
    harness.run_cases(CASES, harness.Launcher(ARGS.launcher, ARGS.programs),
                      ARGS)
