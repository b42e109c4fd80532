#!/usr/bin/env python3
"""The CMake package, from outside: installs hbtest into a scratch prefix and
puts the tests of small projects under it, with the CMake that is asked for.

ctest_package.py --build FOLDER [--cmake CMAKE] [--prefix-path LIST]
                 [unittest arguments]
"""

import argparse
import os
import shutil
import signal
import sys
import time
import unittest

import projects

arguments = None
scratch = None


def say_first(results, name):
    for result in results:
        if result["name"] == name:
            return result
    raise AssertionError(f"no result of '{name}' among "
                         f"{sorted(r['name'] for r in results)}")


def project(name, **more):
    return projects.Project(projects.HERE / "outside" / name,
                            scratch.path / name, arguments.cmake, **more)


class TheWholeProject(unittest.TestCase):
    """hbtest_supervise(ALL): one run of CTest, looked at from all sides."""

    @classmethod
    def setUpClass(cls):
        cls.project = project("supervised")
        cls.configured = cls.project.configure(
            f"-DCMAKE_PREFIX_PATH={scratch.path}/prefix")
        cls.build_output = cls.project.build()
        cls.said = cls.project.test("--parallel", "2")
        cls.results = cls.project.results()

    def judged(self, test, verdict, cause=None):
        result = say_first(self.results, test)
        self.assertEqual(result["verdict"], verdict, result["summary"])
        if cause:
            self.assertEqual(result["cause"], cause)

    def test_what_passes_passes(self):
        for test in ("passes", "has a name of words", "added"):
            self.assertEqual(self.said[test], "Passed", self.project.output)
            self.judged(test, "pass")

    def test_what_fails_fails_and_may_be_expected_to(self):
        self.assertEqual(self.said["fails"], "Failed")
        self.assertEqual(self.said["fails_as_expected"], "Passed")
        self.judged("fails", "fail", "exit-code")

    def test_a_skip_is_a_skip(self):
        self.assertEqual(self.said["skips"], "Skipped")
        self.judged("skips", "skip", "skip-code")

    def test_no_property_turns_a_crash_into_a_pass(self):
        for test, says in self.said.items():
            if test.startswith("crashes"):
                self.assertEqual(says, "Exception: SegFault", test)
                self.judged(test, "crash", "access-violation")

    def test_no_property_turns_a_hang_into_a_pass(self):
        hangs = [test for test in self.said if test.startswith("hangs")]
        self.assertEqual(len(hangs), 4)
        for test in hangs:
            self.assertNotIn(self.said[test], ("Passed", "Skipped"), test)
            self.judged(test, "hang")

    def test_no_property_turns_an_early_exit_into_a_pass(self):
        early = [test for test in self.said if test.startswith("ends_early")]
        self.assertEqual(len(early), 4)
        for test in early:
            self.assertNotIn(self.said[test], ("Passed", "Skipped"), test)
            self.judged(test, "silent-death", "exit-before-completion")

    def test_our_limit_fires_before_the_one_of_ctest(self):
        self.assertNotEqual(self.said["chatters_past_its_limit"], "Timeout")
        self.judged("chatters_past_its_limit", "timeout", "limit")

    def test_a_set_up_test_may_leave_a_server(self):
        for test in ("starts_a_server", "uses_the_server", "stops_the_server"):
            self.assertEqual(self.said[test], "Passed", self.project.output)

    def test_the_build_names_what_is_not_watched(self):
        self.assertRegex(self.build_output,
                         "not watched.*: script, by_its_file\n")

    def test_a_skip_code_of_the_launcher_is_objected_to(self):
        configured = " ".join(self.configured.split())
        self.assertIn("SKIP_RETURN_CODE 124 of 'hangs_with_a_skip_code' is",
                      configured)

    def test_a_skip_code_that_is_none_is_objected_to_and_not_handed_on(self):
        configured = " ".join(self.configured.split())
        for code, test in (("0", "passes_with_skip_code_0"),
                           ("256", "fails_with_skip_code_256")):
            self.assertIn(f"SKIP_RETURN_CODE {code} of '{test}' is no code",
                          configured)
        self.assertEqual(self.said["passes_with_skip_code_0"], "Skipped")
        self.judged("passes_with_skip_code_0", "pass")
        self.judged("fails_with_skip_code_256", "fail", "exit-code")

    def test_a_name_may_hold_what_separates_names(self):
        for test in ("odd name; with é", "added; odd", "open[",
                     "open[; and odd"):
            self.assertEqual(self.said[test], "Passed", self.project.output)
            self.judged(test, "pass")
        self.judged("odd name; with a limit", "timeout", "limit")
        self.assertNotIn("a part?", self.configured)

    def test_every_other_test_goes_through_the_launcher(self):
        for test, command in self.project.commands().items():
            watched = "hbtest-launch" in command[0]
            self.assertEqual(watched, test not in ("script", "by_its_file"),
                             f"{test}: {command}")
            self.assertIn(test, self.said)

    def test_a_directory_below_is_watched_too(self):
        self.assertEqual(self.said["below_passes"], "Passed")
        names = {result["name"] for result in self.results}
        self.assertTrue(names & {"below_passes", "below"})
        self.assertEqual(self.said["below; odd"], "Passed")
        if self.project.launcher_variable() == "CMAKE_TEST_LAUNCHER":
            self.assertIn("below; odd", names)


class GoogleTestCases(unittest.TestCase):
    def test_discovery_works_and_each_case_is_watched(self):
        cases = project("discovered")
        cases.configure(f"-DCMAKE_PREFIX_PATH={scratch.path}/prefix")
        cases.build()
        self.assertEqual(cases.results(), [], "listing is not running")
        said = cases.test()
        self.assertEqual(said["Suite.Passes"], "Passed", cases.output)
        self.assertEqual(said["Suite.Fails"], "Failed")
        self.assertNotEqual(said["Suite.ExitsEarly"], "Passed")
        verdicts = {tuple(c["name"] for c in r["cases"]): r["verdict"]
                    for r in cases.results()}
        self.assertEqual(verdicts, {("Passes",): "pass", ("Fails",): "fail",
                                    ("ExitsEarly",): "silent-death"})


class ProjectsThatKnowNothing(unittest.TestCase):
    """Wrapped by one -D, not a line of theirs changed."""

    @classmethod
    def setUpClass(cls):
        cls.project = project("plain")
        launcher = (f"{scratch.path}/prefix/bin/hbtest-launch;--artifacts;"
                    f"{cls.project.artifacts};--")
        cls.project.configure(
            f"-D{cls.project.launcher_variable()}={launcher}")
        cls.project.build()
        cls.mark = f"HB_MARK_OF_{scratch.path.name}"
        cls.said = cls.project.test(**{cls.mark: "1"})
        cls.results = cls.project.results()

    def by_argument(self, argument):
        return [r for r in self.results if r["command"][-1] == argument]

    def test_its_tests_come_out_as_they_are(self):
        self.assertEqual(self.said["passes"], "Passed", self.project.output)
        self.assertEqual(self.said["crashes"], "Exception: SegFault")
        self.assertEqual(self.by_argument("pass")[0]["verdict"], "pass")
        self.assertEqual(self.by_argument("crash")[0]["verdict"], "crash")

    def test_a_kill_by_ctest_leaves_no_process(self):
        self.assertEqual(self.said["is_killed"], "Timeout")
        until = time.monotonic() + 10
        while projects.alive(self.mark) and time.monotonic() < until:
            time.sleep(0.05)
        left = projects.alive(self.mark)
        for pid in left:
            os.kill(pid, signal.SIGKILL)
        self.assertEqual(left, {})

    def test_a_kill_by_ctest_leaves_a_record_of_a_lost_run(self):
        result = self.by_argument("orphans")[0]
        self.assertEqual(result["verdict"], "launcher-error")
        self.assertEqual(result["cause"], "launcher-lost")
        self.assertIn("<error", (result["folder"] / "junit.xml").read_text())


    def test_a_dashboard_gets_the_verdict_and_the_record(self):
        folder = self.project.build_folder
        (folder / "DartConfiguration.tcl").write_text(
            "Site: here\nBuildName: ours\n"
            f"SourceDirectory: {folder}\nBuildDirectory: {folder}\n")
        self.project.test("-D", "ExperimentalTest", "-R", "^crashes$")
        (report,) = folder.glob("Testing/*/Test.xml")
        text = report.read_text()
        self.assertIn("<Value>crash (access-violation): ", text)
        self.assertIn('filename="result.json"', text)
        self.assertIn("<Label>crash</Label>", text)


class WrappedByTheScript(unittest.TestCase):
    """CMAKE_PROJECT_INCLUDE: a name with a ';' costs no other test."""

    def test_each_test_has_its_own_name(self):
        wrapped = projects.Project(projects.HERE / "outside" / "plain",
                                   scratch.path / "wrapped", arguments.cmake)
        wrapped.configure("-DCMAKE_PROJECT_INCLUDE="
                          f"{scratch.path}/prefix/lib/cmake/hbtest/"
                          "hbtest-wrap.cmake")
        wrapped.build()
        said = wrapped.test("-E", "is_killed")
        for test in ("passes", "odd name; with é"):
            self.assertEqual(said[test], "Passed", wrapped.output)
            self.assertEqual(say_first(wrapped.results(), test)["verdict"],
                             "pass")


class AFolderOfAnotherProject(unittest.TestCase):
    def test_the_launcher_built_there_is_used(self):
        if arguments.brief:
            self.skipTest("builds all of hbtest once more")
        folder = project("folder")
        folder.configure(f"-DHBTEST_SOURCE={projects.ROOT}",
                         f"-DCMAKE_PREFIX_PATH={arguments.prefix_path}")
        folder.build()
        for test, command in folder.commands().items():
            self.assertIn("hbtest-launch", command[0], test)
            self.assertTrue(command[0].startswith(str(folder.build_folder)))
        self.assertEqual(folder.test()["passes"], "Passed", folder.output)


class WrongUse(unittest.TestCase):
    def test_a_wrong_option_fails_a_test_that_should_fail(self):
        wrong = project("misused")
        wrong.configure(f"-DCMAKE_PREFIX_PATH={scratch.path}/prefix")
        wrong.build()
        said = wrong.test()
        self.assertEqual(len(said), 2, wrong.output)
        for test, says in said.items():
            self.assertNotIn(says, ("Passed", "Skipped"), test)

    def configure(self, text):
        source = scratch.path / "wrong"
        source.mkdir(exist_ok=True)
        (source / "CMakeLists.txt").write_text(
            "cmake_minimum_required(VERSION 3.21)\nproject(wrong C)\n"
            f"find_package(hbtest REQUIRED)\n{text}\n")
        ended = projects.run(arguments.cmake, "-S", source, "-B",
                             source / "build", "-G", "Ninja",
                             f"-DCMAKE_PREFIX_PATH={scratch.path}/prefix",
                             env=projects.environment())
        self.assertNotEqual(ended.returncode, 0)
        return " ".join(ended.stdout.split())

    def test_each_mistake_is_named(self):
        for text, says in (
            ("hbtest_supervise()", "say ALL, or TARGETS and names"),
            ("hbtest_supervise(TARGETS no)", "there is no target 'no'"),
            ("hbtest_supervise(All)", "what is 'All'?"),
            ("hbtest_add_test(NAME x)", "hbtest_add_test: it takes NAME"),
        ):
            with self.subTest(text):
                self.assertIn(says, self.configure(text))


def main():
    global arguments, scratch
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    parser.add_argument("--cmake", default="cmake")
    parser.add_argument("--prefix-path", default="")
    parser.add_argument("--brief", action="store_true")
    arguments, rest = parser.parse_known_args()
    if not shutil.which(arguments.cmake):
        projects.skip(f"no CMake at {arguments.cmake}; ci/setup fetches one "
                      "if there is npm")
    scratch = projects.Scratch("package")
    projects.must("cmake", "--install", arguments.build, "--prefix",
                  scratch.path / "prefix", env=projects.environment())
    ended = unittest.main(argv=[sys.argv[0], *rest], exit=False, verbosity=2)
    scratch.close(ended.result.wasSuccessful())
    return 0 if ended.result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
