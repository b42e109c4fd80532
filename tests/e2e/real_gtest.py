#!/usr/bin/env python3
"""GoogleTest's own samples, from Debian's sources: each is run bare, where it
writes its own report, and under the launcher. Both must tell the same.

real_gtest.py --launcher FILE [--sources FOLDER]
"""

import argparse
import json
import pathlib
import sys
import unittest

import projects

arguments = None
scratch = None

# For the library itself the distribution's build is taken.
CMAKE = """
cmake_minimum_required(VERSION 3.14)
project(samples CXX)
find_package(GTest REQUIRED)
file(GLOB tests "@SAMPLES@/*_unittest.cc")
foreach(test ${tests})
  get_filename_component(name ${test} NAME_WE)
  string(REGEX MATCH "^sample[0-9]+" sample ${name})
  set(code "@SAMPLES@/${sample}.cc")
  if(name STREQUAL "sample5_unittest") # tests the code of the first
    set(code "@SAMPLES@/sample1.cc")
  elseif(NOT EXISTS ${code})
    set(code "")
  endif()
  add_executable(${name} ${test} ${code})
  target_include_directories(${name} PRIVATE @SAMPLES@/..)
  target_link_libraries(${name} PRIVATE GTest::gtest_main)
endforeach()
"""


def build():
    source = scratch.path / "source"
    source.mkdir()
    (source / "CMakeLists.txt").write_text(
        CMAKE.replace("@SAMPLES@", str(arguments.samples)))
    project = projects.Project(source, scratch.path / "build")
    project.configure()
    project.build()
    return sorted(project.build_folder.glob("sample*_unittest"))


def run_bare(program):
    """(exit status, {case: passed?}) by GoogleTest's own account."""
    report = scratch.path / f"{program.name}.json"
    ended = projects.run(program, f"--gtest_output=json:{report}",
                         env=projects.environment())
    suites = json.loads(report.read_text())["testsuites"]
    cases = {(suite["name"], case["name"]): "failures" not in case
             for suite in suites for case in suite["testsuite"]}
    return ended.returncode, cases


def run_watched(program):
    artifacts = scratch.path / "artifacts" / program.name
    ended = projects.run(arguments.launcher, "--artifacts", artifacts, "--",
                         program, env=projects.environment())
    (result,) = projects.read_results(artifacts)
    cases = {(case["suite"], case["name"]): case["status"] == "passed"
             for case in result["cases"]}
    return ended.returncode, cases, result


# This one shows how to ignore failures: its output says that a case failed,
# its status is 0. That is a mismatch, and ours to point out.
LIES = ("sample9_unittest", 120, ("fail", "status-mismatch"))


class Samples(unittest.TestCase):
    def test_each_tells_the_same_with_and_without_the_launcher(self):
        programs = build()
        self.assertGreaterEqual(len(programs), 10)
        for program in programs:
            with self.subTest(program.name):
                status, cases = run_bare(program)
                watched_status, watched_cases, result = run_watched(program)
                self.assertEqual(watched_cases, cases)
                self.assertEqual(result["completion"]["how"], "gtest")
                found = (result["verdict"], result.get("cause"))
                if program.name == LIES[0]:
                    self.assertEqual(status, 0)
                    self.assertEqual((watched_status, found), LIES[1:])
                else:
                    self.assertEqual((watched_status, found[0]), (0, "pass"))


def main():
    global arguments, scratch
    parser = argparse.ArgumentParser()
    parser.add_argument("--launcher", required=True)
    parser.add_argument("--sources", default="/usr/src/googletest")
    arguments, rest = parser.parse_known_args()
    arguments.samples = (pathlib.Path(arguments.sources) / "googletest" /
                         "samples")
    if not arguments.samples.is_dir():
        projects.skip(f"no GoogleTest sources at {arguments.sources}")
    scratch = projects.Scratch("gtest")
    ended = unittest.main(argv=[sys.argv[0], *rest], exit=False, verbosity=2)
    scratch.close(ended.result.wasSuccessful())
    return 0 if ended.result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
