#!/usr/bin/env python3
"""cJSON's own test suite, its sources as Debian ships them, with and without
the launcher: the same tests, the same ends, and a valid record of each.

real_cjson.py --launcher WORDS --sources FOLDER...
              [--toolchain FILE --wine WORDS]

WORDS are a list with ";" between.
"""

import argparse
import pathlib
import sys
import unittest

import projects

arguments = None
scratch = None


def build(name, *more):
    """One build of the suite. The compiler flags that its authors use break
    with newer compilers; the policy is for CMake 4."""
    project = projects.Project(arguments.source, scratch.path / name)
    options = ["-DENABLE_CJSON_TEST=ON", "-DENABLE_CJSON_UTILS=ON",
               "-DENABLE_CUSTOM_COMPILER_FLAGS=OFF",
               "-DBUILD_SHARED_LIBS=OFF", "-DCMAKE_POLICY_VERSION_MINIMUM=3.5"]
    if arguments.toolchain:
        options += [f"-DCMAKE_TOOLCHAIN_FILE={arguments.toolchain}",
                    "-DCMAKE_EXE_LINKER_FLAGS=-static"]
    project.configure("-Wno-dev", *options, *more)
    project.build()
    return project


def wrapped():
    script = projects.ROOT / "ci" / "cmake" / "hbtest-wrap.cmake"
    return build("wrapped", f"-DCMAKE_PROJECT_INCLUDE={script}",
                 f"-DHBTEST_LAUNCHER={arguments.launcher}")


def bare():
    """{test: passed?} without the launcher. CTest finds no "./program" in a
    cross build, so there each program is run where CTest would run it."""
    if not arguments.wine:
        said = build("bare").test()
        return {test: says == "Passed" for test, says in said.items()}
    project = build("bare")
    said = {}
    for program in sorted(project.build_folder.rglob("*.exe")):
        if "CMakeFiles" not in program.parts:
            ended = projects.run(*arguments.wine.split(";"), program,
                                 cwd=program.parent)
            said[program.stem] = ended.returncode == 0
    return said


class CJson(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.bare = bare()
        cls.project = wrapped()
        cls.said = cls.project.test()
        cls.results = cls.project.results()

    def test_there_are_the_tests_that_we_know(self):
        self.assertGreaterEqual(len(self.said), 18, self.project.output)

    def test_the_same_tests_pass_and_fail(self):
        said = {test: says == "Passed" for test, says in self.said.items()}
        if arguments.wine:  # programs that are no tests were run as well
            self.bare = {test: self.bare[test] for test in said}
        self.assertEqual(said, self.bare, self.project.output)
        self.assertTrue(all(said.values()), self.project.output)

    def test_each_has_one_valid_record_that_agrees(self):
        verdicts = {r["name"]: r["verdict"] for r in self.results}
        self.assertEqual(len(verdicts), len(self.results))
        self.assertEqual(verdicts, {test: "pass" for test in self.said})

    def test_the_sources_are_as_they_came(self):
        self.assertEqual(arguments.before, fingerprint(arguments.source))


def fingerprint(folder):
    return sorted((str(path), path.stat().st_size, path.stat().st_mtime_ns)
                  for path in folder.rglob("*") if path.is_file())


def main():
    global arguments, scratch
    parser = argparse.ArgumentParser()
    parser.add_argument("--launcher", required=True)
    parser.add_argument("--sources", action="append", required=True)
    parser.add_argument("--toolchain")
    parser.add_argument("--wine")
    arguments, rest = parser.parse_known_args()
    found = [pathlib.Path(folder) / "cjson" for folder in arguments.sources]
    found = [folder for folder in found if folder.is_dir()]
    if not found:
        projects.skip("no cJSON sources; ci/deps/linux fetches them")
    arguments.source = found[0]
    arguments.before = fingerprint(found[0])
    scratch = projects.Scratch("cjson")
    ended = unittest.main(argv=[sys.argv[0], *rest], exit=False, verbosity=2)
    scratch.close(ended.result.wasSuccessful())
    return 0 if ended.result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
