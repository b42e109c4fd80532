"""Runs the launcher as a user would, in a folder of its own, and looks at what
it left. Shared by the end-to-end tests; standard library only, but for
jsonschema: without it no result can be validated, and no test passes."""

import argparse
import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
import uuid

try:
    from jsonschema import Draft202012Validator, FormatChecker
except ImportError:
    Draft202012Validator = None

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCHEMA = ROOT / "docs" / "schema" / "result.v1.json"
TOKEN = "HB_E2E_TOKEN"
SKIP = 77  # what CTest takes as skipped

# Why the tests that ran so far prove less than they are to, if they do.
UNPROVEN = []

# What a host of ours would say to the launcher must not reach the runs here.
FOREIGN = ("HBTEST_", "CTEST_", "DART_", "DASHBOARD_", "GITHUB_", "NEXTEST_",
           "TEST_", "XML_", "BAZEL_", "GTEST_", "CMOCKA_", "NOTIFY_",
           "WATCHDOG_")

# Wine's own servants, which any program may start and which stay.
SERVANTS = ("wineserver", "wineserver64", "services.exe", "explorer.exe",
            "winedevice.exe", "plugplay.exe", "svchost.exe", "rpcss.exe",
            "conhost.exe", "wineboot.exe")


class Mismatch(Exception):
    """A run was not as the test says; the text says how."""


def expect(what, got, wanted):
    if got != wanted:
        raise Mismatch(f"{what} is {got!r}, not {wanted!r}")


def read_json(path):
    return json.loads(path.read_bytes())


def make_validator():
    """Of results; None where there is no jsonschema."""
    if Draft202012Validator is None:
        UNPROVEN.append("results are not validated: no Python jsonschema 4")
        return None
    return Draft202012Validator(read_json(SCHEMA),
                                format_checker=FormatChecker())


VALIDATOR = make_validator()


def check_schema(result):
    """Every result must be as docs/schema says; returns it."""
    for error in VALIDATOR.iter_errors(result) if VALIDATOR else ():
        raise Mismatch(f"result.json: {error.json_path}: {error.message}")
    return result


def finish(failed):
    """Ends the program. What could not be looked at is no pass, but a skip
    with its reason."""
    if not failed and UNPROVEN:
        print("; ".join(UNPROVEN))
        sys.exit(SKIP)
    sys.exit(1 if failed else 0)


class Launcher:
    """The program under test, and where it runs."""

    def __init__(self, command, programs):
        self.command = command.split(";")
        self.programs = pathlib.Path(programs)
        self.windows = self.command[-1].endswith(".exe")
        self.wine = self.windows and os.name != "nt"
        # Wine's server tells of an end before the process has left Linux.
        self.linger = 10 if self.wine else 0
        self.system = "windows" if self.windows else "linux"

    def path(self, path):
        """A path as the launcher's system writes it."""
        path = os.path.abspath(path)
        return "Z:" + path.replace("/", "\\") if self.wine else path

    def program(self, name):
        file = self.programs / (name + (".exe" if self.windows else ""))
        if not file.exists():
            raise Mismatch(f"there is no specimen {file}")
        return self.path(file)

    def status(self, returncode):
        """An exit status as it can be compared: Wine hands over 8 bits."""
        return returncode & 0xff if self.wine else returncode

    def number(self, status):
        """The same for a status that is expected."""
        return status & 0xff if self.wine else status


def clean_environment(extra=None):
    env = {name: value for name, value in os.environ.items()
           if not name.startswith(FOREIGN)}
    env.update(extra or {})
    return env


class Ended:
    """What a run of the launcher left behind."""

    def __init__(self, returncode, folder, artifacts):
        self.returncode = returncode
        self.stdout = (folder / "out").read_bytes()
        self.stderr = (folder / "err").read_bytes()
        self.artifacts = artifacts

    def runs(self):
        """The folders of all runs, DIR/<name>/<run-id>."""
        return sorted(path for path in self.artifacts.glob("*/*/")
                      if path.parent.name != "symbols")

    def run(self):
        found = self.runs()
        expect("number of run folders", len(found), 1)
        return found[0]

    def result(self):
        return check_schema(read_json(self.run() / "result.json"))


class Running:
    """A launcher that runs. Its streams go to files, so that nothing here
    waits for a process that should not be there any more."""

    def __init__(self, launcher, folder, arguments, env=None, stdin=None,
                 artifacts=True, stdout=None, **popen):
        self.folder = folder
        self.artifacts = folder / "artifacts"
        where = ["--artifacts", launcher.path(self.artifacts)]
        (folder / "in").write_bytes(stdin or b"")
        (folder / "out").touch()
        with open(folder / "out", "wb") as out, \
                open(folder / "err", "wb") as err, \
                open(folder / "in", "rb") as inp:
            self.process = subprocess.Popen(
                launcher.command + (where if artifacts else []) + arguments,
                stdin=inp, stdout=stdout or out, stderr=err, cwd=folder,
                env=clean_environment(env), **popen)

    def wait(self, timeout=120):
        try:
            self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise Mismatch(f"the launcher did not end in {timeout} s")
        return Ended(self.process.returncode, self.folder, self.artifacts)

    def wait_for(self, text, file="timeline.jsonl"):
        """Waits until a file of the run holds the text."""
        def there():
            return any(text in path.read_bytes()
                       for path in self.artifacts.glob(f"*/*/{file}"))

        if not wait_until(lambda: there() or self.process.poll() is not None):
            self.process.kill()
            raise Mismatch(f"{text} never came in {file}")


def wait_until(condition, seconds=30):
    """Looks again and again; False if the time is up."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.005)
    return True


def launcher_pid(guard):
    """On Linux the first process is the guard, its child the launcher."""
    path = f"/proc/{guard}/task/{guard}/children"
    children = []

    def there():
        with open(path, encoding="ascii") as file:
            children[:] = file.read().split()
        return children

    wait_until(there, 5)
    return int(children[0]) if children else guard


def launch(launcher, folder, arguments, env=None, stdin=None, timeout=120,
           **more):
    """Runs the launcher to its end."""
    return Running(launcher, folder, arguments, env, stdin, **more) \
        .wait(timeout)


def survivors(token):
    """Living processes that carry the token in their environment."""
    found = []
    mark = f"{TOKEN}={token}".encode()
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            stat = (process / "stat").read_text()
            name = stat[stat.index("(") + 1:stat.rindex(")")]
            state = stat[stat.rindex(")") + 2]
            if state in "ZX" or name in SERVANTS:
                continue
            if mark in (process / "environ").read_bytes().split(b"\0"):
                found.append(f"{process.name} ({name})")
        except OSError:
            continue  # it has just ended, or is not ours
    return found


def new_token():
    return uuid.uuid4().hex


def expect_no_survivors(token, seconds=0):
    """Nothing of the tree may be alive when the launcher has ended, or so
    many seconds after."""
    if os.name == "nt":
        return  # the job object's own test is in tests/os
    wait_until(lambda: not survivors(token), seconds)
    left = survivors(token)
    if left:
        for line in left:
            with contextlib.suppress(OSError):
                os.kill(int(line.split()[0]), 9)
        raise Mismatch("survived the launcher: " + ", ".join(left))


@contextlib.contextmanager
def folder_of(name):
    """A folder of the test's own: removed on success, kept on failure."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix=f"hbtest-{name}-"))
    try:
        yield folder
    except BaseException:
        print(f"kept: {folder}", flush=True)
        raise
    shutil.rmtree(folder, ignore_errors=True)


def options(description):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--launcher", required=True,
                        help="path, with what runs it and ';' before it")
    parser.add_argument("--programs", required=True,
                        help="folder of the specimens")
    parser.add_argument("--only", default="", help="part of a case's name")
    parser.add_argument("--repeat", type=int, default=1)
    return parser


def run_cases(cases, launcher, args):
    """Runs functions whose names are sentences; each gets the launcher and a
    folder. A case that returns a text was skipped, and the text says why."""
    failed = 0
    for case in cases:
        name = case.__name__
        if args.only not in name:
            continue
        try:
            with folder_of(name) as folder:
                skipped = case(launcher, folder)
        except Mismatch as err:
            failed += 1
            print(f"FAIL {name}: {err}", flush=True)
            continue
        except Exception:  # a surprise is a failure of this case alone
            failed += 1
            print(f"FAIL {name}: {traceback.format_exc()}", flush=True)
            continue
        print(f"skip {name}: {skipped}" if skipped else f"ok   {name}",
              flush=True)
    finish(failed)
