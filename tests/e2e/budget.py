"""--dump-budget: what all dumps under one artifacts folder may take, also of
launchers that work there at the same time."""


import checks
import evidence
import harness
from harness import Mismatch, expect

MIB = 1 << 20


def once(case):
    """What the system has no part in is tried on one of them."""
    def run(launcher, folder):
        if launcher.windows:
            return "the same code as on Linux, where it is tried"
        return case(launcher, folder)
    run.__name__ = case.__name__
    return run


def start(launcher, folder, budget, *options):
    """A hang whose results lie beside those of all others in `folder`."""
    return harness.Running(
        launcher, folder,
        ["--hang-after", "300ms", "--grace", "200ms", "--stacks", "never",
         "--dump-budget", str(budget), *options, "--",
         launcher.program("deadlock")])


def runs_of(folder):
    return sorted(path.parent for path in folder.glob("*/*/*/result.json"))


def hang(launcher, folder, budget, *options):
    """Returns the folder of the new run and its result."""
    before = set(runs_of(folder))
    start(launcher, folder, budget, *options).wait()
    run, = set(runs_of(folder)) - before
    result = harness.read_json(run / "result.json")
    harness.check_schema(result)
    return run, result


def dumps_of(run):
    return [path for path in run.iterdir()
            if path.name.startswith(("core", "dump"))
            and path.suffix != ".txt"]


def reserves(folder):
    return [path for path in folder.rglob(".reserved-*")]


@evidence.needs_helper
def duplicates_go_and_the_newest_stay(launcher, folder):
    runs = [hang(launcher, folder, 16 * MIB)[0] for _ in range(3)]
    expect("dumps", [len(dumps_of(run)) for run in runs], [1, 1, 1])
    run, result = hang(launcher, folder, 16 * MIB)
    expect("status", evidence.evidence(result, "dump")["status"], "captured")
    expect("dumps", [len(dumps_of(run)) for run in runs + [run]], [0, 1, 1, 1])
    note, = runs[0].glob("*.removed.txt")
    if str(run.name) not in note.read_text():
        raise Mismatch(f"the note says {note.read_text()!r}")
    if "1 of " not in evidence.evidence(result, "older-dumps")["reason"]:
        raise Mismatch(f"evidence is {result['evidence']}")
    checks.check_replay(launcher, folder, run)
    expect("reserves", reserves(folder), [])


@evidence.needs_helper
@once
def what_is_not_ours_is_counted_and_never_removed(launcher, folder):
    first = hang(launcher, folder, 16 * MIB)[0]
    strange = first.parent.parent / "theirs" / "0"
    strange.mkdir(parents=True)
    with open(strange / "core", "wb") as file:
        file.truncate(17 * MIB)
    (strange / "result.json").write_text(
        '{"schema":"other","signature":{"hash":"1"},"evidence":[{"kind":'
        '"dump","status":"captured","path":"core"}]}')
    run, result = hang(launcher, folder, 16 * MIB)
    item = evidence.evidence(result, "dump")
    expect("status", item["status"], "skipped")
    if "--dump-budget" not in item["reason"]:
        raise Mismatch(f"reason is {item['reason']!r}")
    expect("dumps", dumps_of(run), [])
    expect("theirs", (strange / "core").exists(), True)
    expect("the first", len(dumps_of(first)), 1)


@evidence.needs_helper
@once
def a_reserve_of_a_dead_launcher_is_none(launcher, folder):
    run = hang(launcher, folder, 64 * MIB)[0]
    left = run / f".reserved-{1 << 40}"
    left.write_bytes(b"")
    result = hang(launcher, folder, 64 * MIB)[1]
    expect("status", evidence.evidence(result, "dump")["status"], "captured")
    expect("the reserve", left.exists(), False)


@evidence.needs_helper
def launchers_at_the_same_time_do_not_go_over(launcher, folder):
    running = [start(launcher, folder, 40 * MIB) for _ in range(4)]
    for one in running:
        one.wait()
    runs = runs_of(folder)
    expect("runs", len(runs), 4)
    total = sum(path.stat().st_size for run in runs for path in dumps_of(run))
    if total > 40 * MIB:
        raise Mismatch(f"dumps have {total} bytes")
    for run in runs:
        item = evidence.evidence(harness.read_json(run / "result.json"),
                                 "dump")
        if item["status"] == "skipped":
            expect("reason", item["reason"][:13], "--dump-budget")
        elif item["status"] == "failed":
            raise Mismatch(f"dump failed: {item['reason']}")
    expect("reserves", reserves(folder), [])


@evidence.needs_helper
def a_full_dump_comes_after_the_small_one(launcher, folder):
    run, result = hang(launcher, folder, 1024 * MIB, "--dump", "full")
    small = evidence.evidence(result, "dump")
    full = evidence.evidence(result, "full-dump")
    expect("statuses", (small["status"], full["status"]),
           ("captured", "captured"))
    expect("files", len(dumps_of(run)), 2)
    names = sorted(path.name for path in dumps_of(run))
    expect("names", names, sorted([small["path"], full["path"]]))


@evidence.needs_helper
def a_full_dump_that_does_not_fit_leaves_the_small_one(launcher, folder):
    if launcher.wine:  # which takes a long time for a full one
        return "the same code as on Linux, where it is tried"
    size = hang(launcher, folder, 1024 * MIB)[1]
    size = evidence.evidence(size, "dump")["bytes"]
    run, result = hang(launcher, folder, 2 * size + size // 3, "--dump",
                       "full")
    small = evidence.evidence(result, "dump")
    full = evidence.evidence(result, "full-dump")
    expect("small", small["status"], "captured")
    expect("full", full["status"], "failed")
    expect("files", [path.name for path in dumps_of(run)], [small["path"]])
    return None


CASES = [
    duplicates_go_and_the_newest_stay,
    what_is_not_ours_is_counted_and_never_removed,
    a_reserve_of_a_dead_launcher_is_none,
    launchers_at_the_same_time_do_not_go_over,
    a_full_dump_comes_after_the_small_one,
    a_full_dump_that_does_not_fit_leaves_the_small_one,
]

if __name__ == "__main__":
    ARGS = harness.options(__doc__).parse_args()
    harness.run_cases(CASES, harness.Launcher(ARGS.launcher, ARGS.programs),
                      ARGS)
