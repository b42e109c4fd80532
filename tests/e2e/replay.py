"""The same timeline gives the same bytes on every system: those recorded on
Linux and those recorded on Windows are judged again here, wherever that is.

--update writes the results anew from the timelines; --record writes the
timelines of this system anew, without the names of this machine. Read the
difference before you commit it."""

import json
import subprocess

import harness
from harness import Mismatch, expect

GOLDEN = harness.ROOT / "tests" / "golden" / "replay"
UPDATE = False

# What is recorded: name, options, program.
RECORDED = [
    ("crash", [], "null_pointer_in_case"),
    ("hang", ["--hang-after", "1s", "--grace", "1s"], "beats_then_silent"),
    ("leak", ["--leak", "fail"], "leaves_child"),
    ("early", [], "exit_in_library"),
]


def replay(launcher, timeline, result):
    subprocess.run(
        [*launcher.command, "--quiet", "--replay", launcher.path(timeline),
         "--json", launcher.path(result)],
        stdin=subprocess.DEVNULL, timeout=60, check=False,
        env=harness.clean_environment())
    if not result.exists():
        raise Mismatch(f"the replay of {timeline.name} wrote nothing")


def each_recorded_timeline_gives_its_result_byte_for_byte(launcher, folder):
    systems = set()
    for timeline in sorted(GOLDEN.glob("*.jsonl")):
        golden = timeline.with_suffix(".json")
        again = folder / golden.name
        replay(launcher, timeline, again)
        harness.check_schema(harness.read_json(again))
        if UPDATE:
            golden.write_bytes(again.read_bytes())
        if again.read_bytes() != golden.read_bytes():
            raise Mismatch(f"other bytes: compare {again} with {golden.name}")
        systems.add(timeline.name.split("-")[0])
    expect("systems", systems, {"linux", "windows"})


def each_recorded_result_is_of_its_kind(launcher, folder):
    """So that the files hold what the systems differ in."""
    ends = {(golden.stem.split("-")[0], result["exit"]["kind"])
            for golden in GOLDEN.glob("*.json")
            for result in [harness.read_json(golden)]}
    for wanted in (("linux", "signal"), ("windows", "ntstatus")):
        expect(f"{wanted} is there", wanted in ends, True)
    expect("a path with backslashes",
           "\\" in harness.read_json(GOLDEN / "windows-crash.json")["cwd"],
           True)


def without_names(launcher, folder, text):
    """The timeline as if it had been made on a machine without a name."""
    folders = ((folder, "/project"), (launcher.programs, "/project/bin"),
               (launcher.programs.parents[1], "/project"))
    for path, instead in folders:
        inside = json.dumps(launcher.path(path))[1:-1]
        if launcher.windows:
            instead = "C:" + instead.replace("/", "\\\\")
        text = text.replace(inside, instead)
    head, rest = text.split("\n", 1)
    head = json.loads(head)
    head["host"]["name"] = "machine"
    head["host"]["release"] = "1.0"
    head["started_at"] = "2026-01-01T00:00:00.000Z"
    head["run_id"] = "20260101T000000.000Z-1-1"
    head = json.dumps(head, separators=(",", ":"), ensure_ascii=False)
    return head + "\n" + rest


def record(launcher):
    for name, options, program in RECORDED:
        with harness.folder_of(name) as folder:
            ended = harness.launch(
                launcher, folder,
                [*options, "--", launcher.program(program)])
            text = (ended.run() / "timeline.jsonl").read_text("utf-8")
            text = without_names(launcher, folder, text)
        (GOLDEN / f"{launcher.system}-{name}.jsonl").write_bytes(
            text.encode())


CASES = [
    each_recorded_timeline_gives_its_result_byte_for_byte,
    each_recorded_result_is_of_its_kind,
]

if __name__ == "__main__":
    PARSER = harness.options(__doc__)
    PARSER.add_argument("--update", action="store_true")
    PARSER.add_argument("--record", action="store_true")
    ARGS = PARSER.parse_args()
    LAUNCHER = harness.Launcher(ARGS.launcher, ARGS.programs)
    UPDATE = ARGS.update or ARGS.record
    if ARGS.record:
        record(LAUNCHER)
    harness.run_cases(CASES, LAUNCHER, ARGS)
