"""Secrets, in all that a run leaves: values that only the logs may hold."""

import subprocess

import checks
import evidence
import harness
from harness import Mismatch, expect

# Letters and digits alone: no report writes those in another way.
TOKEN = b"hunter2ofoz"
MASKED = b"plainword7"
LOGS = ("stdout.log", "stderr.log")


def run(launcher, folder, *options, role=None, env=None, status=1):
    summary = folder / "summary.md"
    ended = harness.launch(
        launcher, folder,
        [*options, "--", launcher.program("tells_secrets"),
         *([role] if role else []), f"--key={TOKEN.decode()}"],
        {"API_TOKEN": TOKEN.decode(), "UNSUSPECTED": MASKED.decode(),
         "GITHUB_ACTIONS": "true",
         "GITHUB_STEP_SUMMARY": launcher.path(summary), **(env or {})})
    if status is not None:
        expect("status", ended.returncode, status)
    checks.check_junit(ended.run(), ended.result())
    return ended


def places(ended, value):
    """The names of what holds the value, in UTF-8 or UTF-16."""
    wide = value.decode().encode("utf-16-le")
    files = [path for path in ended.run().iterdir() if path.is_file()]
    texts = {path.name: path.read_bytes() for path in files}
    for kind in ("dump", "full-dump"):
        for item in ended.result()["evidence"]:
            if item["kind"] == kind and "path" in item:
                texts[item["path"]] = unpacked(ended.run() / item["path"])
    texts["stderr"] = ended.stderr
    texts["summary"] = (ended.artifacts.parent / "summary.md").read_bytes()
    return {name for name, text in texts.items()
            if value in text or wide in text}


def unpacked(path):
    """A core as it is; a minidump is."""
    data = path.read_bytes()
    if data[:4] != b"\x28\xb5\x2f\xfd":
        return data
    return subprocess.run(["zstd", "-dc"], input=data, check=True,
                          capture_output=True).stdout


def expect_same_replay(launcher, ended):
    again = subprocess.run(
        launcher.command + ["--quiet", "--replay",
                            launcher.path(ended.run() / "timeline.jsonl")],
        env=harness.clean_environment(), cwd=ended.run(), capture_output=True,
        check=False)
    expect("replay", again.stdout.replace(b"\r\n", b"\n"),
           (ended.run() / "result.json").read_bytes())


def only_the_logs_hold_a_secret(launcher, folder):
    ended = run(launcher, folder, "--name", f"of {TOKEN.decode()}")
    # The test's own stderr is passed on, as it is.
    expect("places", places(ended, TOKEN), {*LOGS, "stderr"})
    expect("stderr", ended.stderr.count(TOKEN), 1)
    stars = "*" * len(TOKEN)
    result = ended.result()
    expect("case", [(case["name"], case["message"])
                    for case in result["cases"]],
           [(f"login with {stars}", f"login with {stars}")])
    expect("name", result["name"], f"of {stars}")
    expect("command", result["command"][1:], [f"--key={stars}"])
    expect("note", result["heartbeat"]["last_note"], f"login with {stars}")
    if f"login with {stars}" not in (ended.run() / "junit.xml").read_text():
        raise Mismatch("junit.xml has no output")
    expect_same_replay(launcher, ended)


def what_nobody_wants_blanked_is_there(launcher, folder):
    for number, option in enumerate((["--no-redact"], ["--redact", "none"])):
        (folder / str(number)).mkdir()
        ended = run(launcher, folder / str(number), *option)
        expect("places", places(ended, TOKEN),
               {*LOGS, "stderr", "summary", "result.json", "junit.xml",
                "timeline.jsonl"})


def a_secret_that_is_an_ordinary_word_leaves_the_words_of_the_reports(
        launcher, folder):
    for number, word in enumerate(("fail", "case", "hbtest", "message")):
        (folder / str(number)).mkdir()
        ended = run(launcher, folder / str(number), env={"API_TOKEN": word})
        result = ended.result()  # valid, by the schema
        expect("verdict", (result["verdict"], result["cause"]),
               ("fail", "case-failed"))
        expect("case", result["cases"][0]["name"],
               f"login with {'*' * len(word)}")
        expect_same_replay(launcher, ended)


def what_github_masks_is_in_the_logs_alone(launcher, folder):
    ended = run(launcher, folder, role="masks")
    expect("places", places(ended, MASKED), {"stdout.log"})
    expect("passed on", ended.stdout.splitlines()[0], b"::add-mask::" + MASKED)
    expect("case", ended.result()["cases"][0]["name"],
           "opens with " + "*" * len(MASKED))
    expect_same_replay(launcher, ended)


def elsewhere_a_mask_is_just_a_line(launcher, folder):
    ended = run(launcher, folder, "--github", "always", role="masks",
                env={"GITHUB_ACTIONS": ""})
    expect("places", places(ended, MASKED),
           {"stdout.log", "stderr", "summary", "result.json", "junit.xml",
            "timeline.jsonl"})


@evidence.needs_helper
def a_dump_holds_neither(launcher, folder):
    hang = ["--hang-after", "300ms", "--grace", "200ms"]
    for number, options in enumerate(([], ["--no-redact"])):
        (folder / str(number)).mkdir()
        ended = run(launcher, folder / str(number), *hang, *options,
                    role="hangs", status=None)
        dump = evidence.evidence(ended.result(), "dump")
        expect("dump", (dump["status"], dump.get("reason")),
               ("captured", None))
        for value in (TOKEN, MASKED):
            expect(f"{value} is in the dump",
                   dump["path"] in places(ended, value), bool(options))


CASES = [
    only_the_logs_hold_a_secret,
    what_nobody_wants_blanked_is_there,
    a_secret_that_is_an_ordinary_word_leaves_the_words_of_the_reports,
    what_github_masks_is_in_the_logs_alone,
    elsewhere_a_mask_is_just_a_line,
    a_dump_holds_neither,
]

if __name__ == "__main__":
    ARGS = harness.options(__doc__).parse_args()
    harness.run_cases(CASES, harness.Launcher(ARGS.launcher, ARGS.programs),
                      ARGS)
