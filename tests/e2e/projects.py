"""Outside projects: copies, configures, builds and tests them as their owner
would, and reads what the launcher left."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

try:
    from jsonschema import Draft202012Validator
except ImportError:
    Draft202012Validator = None

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SCHEMA = ROOT / "docs" / "schema" / "result.v1.json"
SKIP = 77

LINE = re.compile(
    r"^ *\d+/\d+ Test +#\d+: (.+?) \.{2,}\s*(\*\*\*)?(.*?) +[\d.]+ sec", re.M
)


def skip(why):
    """Ends the whole program as skipped; CTest knows the status."""
    print(f"skipped: {why}")
    sys.exit(SKIP)


def run(*command, **more):
    """Runs a command and returns it ended, output and errors in one text."""
    more.setdefault("timeout", 600)
    return subprocess.run(
        [str(word) for word in command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        **more,
    )


def must(*command, **more):
    ended = run(*command, **more)
    if ended.returncode != 0:
        raise AssertionError(f"{command[0]} failed:\n{ended.stdout[-8000:]}")
    return ended.stdout


def environment(**more):
    """Ours, without what a launcher or CTest around this test has set."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("HBTEST_", "CTEST_", "DASHBOARD_", "GITHUB_"))
    }
    return {**kept, **more}


class Scratch:
    """A folder that is removed if all went well and named if not."""

    def __init__(self, name):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix=f"hbtest-{name}-"))

    def close(self, good):
        if good:
            shutil.rmtree(self.path, ignore_errors=True)
        else:
            print(f"kept: {self.path}", file=sys.stderr)


class Project:
    """One build of one project with one CMake."""

    def __init__(self, source, build, cmake="cmake"):
        self.source = pathlib.Path(source)
        self.build_folder = pathlib.Path(build)
        self.cmake = pathlib.Path(shutil.which(str(cmake)) or cmake)
        self.artifacts = self.build_folder / "hbtest-artifacts"

    def configure(self, *arguments, **variables):
        return must(
            self.cmake, "-S", self.source, "-B", self.build_folder,
            "-G", "Ninja", *arguments, env=environment(**variables),
        )

    def launcher_variable(self):
        """What wraps a project that knows nothing of it: one of the two,
        never both, since a project of an old policy would obey both."""
        words = must(self.cmake, "--version").split()
        version = tuple(int(part) for part in words[2].split(".")[:2])
        return ("CMAKE_TEST_LAUNCHER" if version >= (3, 29)
                else "CMAKE_CROSSCOMPILING_EMULATOR")

    def build(self, *arguments):
        return must(self.cmake, "--build", self.build_folder, "--parallel",
                    "2", *arguments, env=environment())

    def test(self, *arguments, **variables):
        """Runs CTest; {test: what CTest says}, "Passed" being one of it."""
        ended = run(
            self.cmake.parent / "ctest", *arguments,
            cwd=self.build_folder, env=environment(**variables),
        )
        self.output = ended.stdout
        return {name: says for name, _, says in LINE.findall(ended.stdout)}

    def commands(self):
        """{test: its command}, as CTest would run it."""
        text = must(self.cmake.parent / "ctest", "--show-only=json-v1",
                    cwd=self.build_folder, env=environment())
        tests = json.loads(text)["tests"]
        return {test["name"]: test.get("command", []) for test in tests}

    def results(self):
        """Every result.json under the artifacts, each held to the schema."""
        return read_results(self.artifacts)


def read_results(artifacts):
    results = []
    for path in sorted(pathlib.Path(artifacts).rglob("result.json")):
        result = json.loads(path.read_text(encoding="utf-8"))
        validate(result)
        result["folder"] = path.parent
        results.append(result)
    return results


def validate(result):
    """By the JSON Schema. Who cannot do that has shown nothing."""
    if Draft202012Validator is None:
        skip("results are not validated: no Python jsonschema 4")
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    Draft202012Validator(schema).validate(result)


def alive(text):
    """{pid: command line} of what has `text` in its environment and is no
    zombie: where nobody reaps orphans, those stay for ever."""
    found = {}
    for folder in pathlib.Path("/proc").iterdir():
        try:
            if not folder.name.isdigit():
                continue
            if text.encode() not in (folder / "environ").read_bytes():
                continue
            state = (folder / "stat").read_text().rpartition(")")[2].split()[0]
            if state not in "ZX":
                found[int(folder.name)] = (folder / "cmdline").read_bytes()
        except OSError:
            continue
    return found
