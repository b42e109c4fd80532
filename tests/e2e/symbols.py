"""--keep-symbols: the files of a build, where debuggers look for them."""

import pathlib
import shutil
import subprocess

import checks
import evidence
import harness
from harness import Mismatch, expect


def files_of(folder):
    symbols = folder / "artifacts" / "symbols"
    return sorted(path for path in symbols.rglob("*") if path.is_file())


def hang(launcher, folder, *options):
    """Runs a deadlock whose program lies in `folder`."""
    return evidence.hang(launcher, folder, "deadlock", *options)


@evidence.needs_helper
def the_program_is_kept_once(launcher, folder):
    run, result = hang(launcher, folder, "--keep-symbols")
    item = evidence.evidence(result, "symbols")
    expect("status", (item["status"], item.get("reason")), ("captured", None))
    program = pathlib.Path(launcher.program("deadlock")) \
        if not launcher.windows else None
    kept = files_of(folder)
    if not kept or item["bytes"] != sum(path.stat().st_size for path in kept):
        raise Mismatch(f"{item} and {kept}")
    if launcher.windows:
        expect("name", kept[0].name.lower(), "deadlock.exe")
    else:
        own, = [module for module in result["modules"]
                if module["path"].endswith("/deadlock")]
        expect("place", str(kept[0]).split("/.build-id/")[1],
               own["id"][:2] + "/" + own["id"][2:])
        expect("bytes", kept[0].read_bytes(), program.read_bytes())
    checks.check_replay(launcher, folder, run)
    shutil.rmtree(run.parent)
    again = evidence.evidence(hang(launcher, folder, "--keep-symbols")[1],
                              "symbols")
    expect("again", (again["status"], again["bytes"]), ("captured", 0))
    expect("files", files_of(folder), kept)


@evidence.needs_helper
def nothing_is_kept_unasked(launcher, folder):
    result = hang(launcher, folder)[1]
    expect("files", files_of(folder), [])
    expect("evidence", [item for item in result["evidence"]
                        if item["kind"] == "symbols"], [])


@evidence.needs_helper
def launchers_at_the_same_time_keep_whole_files(launcher, folder):
    running = [harness.Running(
        launcher, folder,
        ["--hang-after", "300ms", "--grace", "200ms", "--keep-symbols",
         "--dump", "none", "--", launcher.program("deadlock")])
        for _ in range(3)]
    for one in running:
        one.wait()
    if any(path.suffix == ".part" for path in files_of(folder)):
        raise Mismatch(f"parts are left: {files_of(folder)}")
    for path in (folder / "artifacts").glob("*/*/result.json"):
        item = evidence.evidence(harness.read_json(path), "symbols")
        expect("status", item["status"], "captured")


def separate(launcher, folder):
    """A stripped program with its symbols in a file of their own."""
    program = folder / "separate"
    symbols = folder / "separate.debug"
    shutil.copy(launcher.program("deadlock"), program)
    for command in (["objcopy", "--only-keep-debug", program, symbols],
                    ["objcopy", "--strip-debug", "--strip-unneeded", program],
                    ["objcopy", f"--add-gnu-debuglink={symbols}", program]):
        subprocess.run(command, check=True, cwd=folder)
    return program


@evidence.needs_helper
def a_separate_file_of_symbols_is_kept_too(launcher, folder):
    if launcher.windows or shutil.which("objcopy") is None:
        return "needs objcopy, and a debugger's file of Linux"
    program = separate(launcher, folder)
    ended = harness.launch(
        launcher, folder, ["--hang-after", "300ms", "--grace", "200ms",
                           "--keep-symbols", "--", str(program)])
    result = ended.result()
    own, = [module for module in result["modules"]
            if module["path"] == str(program)]
    if not own.get("debug", "").endswith("separate.debug"):
        raise Mismatch(f"its symbols are {own}")
    expect("kinds", sorted(path.suffix for path in files_of(folder)),
           ["", ".debug"])
    return None


@evidence.needs_helper
def a_pdb_is_kept_under_its_id(launcher, folder):
    program = pathlib.Path(ARGS.programs) / "../../tests/hung_pdb.exe"
    if not launcher.windows:
        return "PDBs are of Windows"
    if not program.exists():
        return "no clang and lld here that make one"
    ended = harness.launch(
        launcher, folder, ["--hang-after", "1s", "--grace", "200ms",
                           "--keep-symbols", "--dump", "none", "--",
                           launcher.path(program), "deaf"])
    result = ended.result()
    own, = [module for module in result["modules"]
            if module["path"].lower().endswith("hung_pdb.exe")]
    places = [path.relative_to(folder / "artifacts" / "symbols")
              for path in files_of(folder)]
    if pathlib.Path("hung_pdb.pdb", own["id"], "hung_pdb.pdb") not in places:
        raise Mismatch(f"{own} is not among {places}")
    expect("pdb", program.with_suffix(".pdb").read_bytes(),
           (folder / "artifacts/symbols/hung_pdb.pdb" / own["id"]
            / "hung_pdb.pdb").read_bytes())
    return None


CASES = [
    the_program_is_kept_once,
    nothing_is_kept_unasked,
    launchers_at_the_same_time_keep_whole_files,
    a_separate_file_of_symbols_is_kept_too,
    a_pdb_is_kept_under_its_id,
]

if __name__ == "__main__":
    ARGS = harness.options(__doc__).parse_args()
    harness.run_cases(CASES, harness.Launcher(ARGS.launcher, ARGS.programs),
                      ARGS)
