"""What must hold of every run, whatever became of the test program."""

import pathlib
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree

import harness
from harness import Mismatch, expect

# Which element of JUnit carries a verdict.
ELEMENT = {"pass": None, "fail": "failure", "skip": "skipped"}


def check_junit(run, result, file="junit.xml"):
    suites = ElementTree.parse(run / file).getroot()
    expect("root of junit.xml", suites.tag, "testsuites")
    cases = [case for suite in suites for case in suite
             if case.tag == "testcase"]
    if not cases:
        raise Mismatch("junit.xml has no testcase")
    names = [(case.get("classname"), case.get("name")) for case in cases]
    expect("number of names in junit.xml", len(set(names)), len(names))
    found = [child.tag for case in cases for child in case
             if child.tag in ("failure", "error", "skipped")]
    wanted = ELEMENT.get(result["verdict"], "error")
    if wanted is None:
        found = [tag for tag in found if tag != "skipped"]
        expect("elements of junit.xml", found, [])
    elif wanted not in found:
        raise Mismatch(f"junit.xml has no <{wanted}>")
    for suite in suites:
        for total, tag in (("failures", "failure"), ("errors", "error"),
                           ("skipped", "skipped")):
            expect(f"{total} of junit.xml", int(suite.get(total, "0")),
                   len(suite.findall(f"testcase/{tag}")))
        expect("tests of junit.xml", int(suite.get("tests")),
               len(suite.findall("testcase")))


class Jenkins:
    """The schema of Jenkins, which the strict flavour must hold to; it is not
    ours to ship."""

    def __init__(self, schema, xmllint):
        self.command = [xmllint, "--noout", "--schema", schema]
        for what, there in (("xmllint", shutil.which(xmllint)),
                            (schema or "schema", pathlib.Path(schema).is_file())):
            if not there:
                print(f"skip: strict JUnit is not validated (no {what})")
                self.command = []

    def check(self, path):
        if not self.command:
            return
        done = subprocess.run([*self.command, str(path)], check=False,
                              stdin=subprocess.DEVNULL, capture_output=True)
        if done.returncode != 0:
            said = done.stderr.decode(errors="replace").splitlines()[0]
            raise Mismatch(f"to Jenkins it is not valid: {said}")


def check_replay(launcher, folder, run):
    """The timeline alone gives the same bytes, and the other report."""
    again = folder / "replayed.json"
    report = folder / "replayed.xml"
    with open(folder / "replay.err", "wb") as err:
        status = subprocess.run(
            launcher.command + ["--replay", launcher.path(run / "timeline.jsonl"),
                                "--json", launcher.path(again),
                                "--junit", launcher.path(report)],
            stdin=subprocess.DEVNULL, stdout=err, stderr=err, timeout=60,
            env=harness.clean_environment()).returncode
    if not again.exists():
        raise Mismatch(f"the replay wrote nothing (status {status})")
    if again.read_bytes() != (run / "result.json").read_bytes():
        raise Mismatch("the replay gives other bytes: compare "
                       f"{again.name} with {run / 'result.json'}")
    check_junit(folder, harness.read_json(again), report.name)


def check_all(launcher, folder, run, result):
    check_junit(run, result)
    check_replay(launcher, folder, run)
