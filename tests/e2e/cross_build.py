#!/usr/bin/env python3
"""A cross-built project of somebody else, wrapped by its emulator alone.

cross_build.py --launcher WORDS --toolchain FILE

WORDS are a list with ";" between: Wine, and the launcher for Windows.
"""

import argparse
import sys
import unittest

import projects

arguments = None
scratch = None


class WrappedByItsEmulator(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.project = projects.Project(
            projects.HERE / "outside" / "crossed", scratch.path / "crossed")
        emulator = (f"{arguments.launcher};--artifacts;"
                    f"{cls.project.artifacts};--")
        cls.project.configure(f"-DCMAKE_TOOLCHAIN_FILE={arguments.toolchain}",
                              f"-DCMAKE_CROSSCOMPILING_EMULATOR={emulator}")
        cls.project.build()
        cls.said = cls.project.test()
        cls.results = cls.project.results()

    def test_ctest_says_what_came_of_it(self):
        self.assertEqual({name: says == "Passed"
                          for name, says in self.said.items()},
                         {"passes": True, "fails": False, "crashes": False,
                          "ends_early": False}, self.project.output)

    def test_each_has_its_record(self):
        self.assertEqual(
            {r["command"][-1]: (r["verdict"], r.get("cause", ""))
             for r in self.results},
            {"pass": ("pass", ""), "fail": ("fail", "exit-code"),
             "crash": ("crash", "access-violation"),
             "early": ("silent-death", "exit-before-completion")})


def main():
    global arguments, scratch
    parser = argparse.ArgumentParser()
    parser.add_argument("--launcher", required=True)
    parser.add_argument("--toolchain", required=True)
    arguments, rest = parser.parse_known_args()
    scratch = projects.Scratch("cross")
    ended = unittest.main(argv=[sys.argv[0], *rest], exit=False, verbosity=2)
    scratch.close(ended.result.wasSuccessful())
    return 0 if ended.result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
