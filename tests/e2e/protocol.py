"""docs/protocol.md is enough: a fixture that was written from it alone
(stranger.py) is understood, and the page's example is what it makes."""

import pathlib
import re
import subprocess
import sys

import harness
import stranger
from harness import Mismatch, expect

STRANGER = str(pathlib.Path(__file__).resolve().parent / "stranger.py")


def speak(launcher, folder, calls, options=()):
    ended = harness.launch(launcher, folder,
                           [*options, "--", sys.executable, "-B", STRANGER,
                            *calls])
    return ended.result()


def verdict(result):
    return (result["verdict"], result.get("cause", ""))


def cases(result):
    return {case["name"]: case["status"] for case in result["cases"]}


def a_whole_run_is_understood(launcher, folder):
    result = speak(launcher, folder, [
        "plan 2", "expect sums large", "begin sums small", "note half way",
        "alive", "beat", "beat", "end sums small 1", "begin sums large",
        "message 4 is not 5", "end sums large 3", "goodbye 0"])
    expect("verdict", verdict(result), ("pass", ""))
    expect("completion", result["completion"]["how"], "goodbye")
    expect("cases", cases(result), {"small": "passed", "large": "skipped"})
    expect("suites", {case["suite"] for case in result["cases"]}, {"sums"})
    heartbeat = result["heartbeat"]
    expect("note, beats, signs of life",
           (heartbeat["last_note"], heartbeat["beats"], heartbeat["alive"]),
           ("half way", 2, 1))
    expect("stats", [heartbeat["last_stats"][name] for name in
                     ("threads", "rss_kib", "cpu_ms", "handles")],
           [7, 4321, 12, 9])
    expect("warnings", result["warnings"], [])


def an_end_without_goodbye_is_too_early(launcher, folder):
    result = speak(launcher, folder, ["expect sums large",
                                      "begin sums small"])
    expect("verdict", verdict(result),
           ("silent-death", "exit-before-completion"))
    expect("cases", cases(result), {"small": "running", "large": "lost"})


def what_it_says_against_itself_counts(launcher, folder):
    result = speak(launcher, folder, ["goodbye 1"])
    expect("verdict", verdict(result), ("fail", "status-mismatch"))
    again = folder / "again"
    again.mkdir()
    result = speak(launcher, again, ["begin s one", "message it is 5",
                                     "end s one 2", "goodbye 0"])
    expect("verdict", verdict(result), ("fail", "status-mismatch"))
    expect("cases", cases(result), {"one": "failed"})
    expect("message", result["cases"][0]["message"], "it is 5")


def its_own_limit_on_silence_holds(launcher, folder):
    result = speak(launcher, folder, ["hang_after 300", "beat",
                                      "note waiting", "silence"],
                   ["--grace", "2s"])
    expect("verdict", result["verdict"], "hang")
    expect("limit", result["heartbeat"]["hang_after_ms"], 300)
    expect("last note", result["heartbeat"]["last_note"], "waiting")


def a_record_with_a_wrong_checksum_is_passed_over(launcher, folder):
    result = speak(launcher, folder, ["damage", "note after", "goodbye 0"])
    expect("verdict", verdict(result), ("pass", ""))
    expect("last note", result["heartbeat"]["last_note"], "after")
    expect("number of warnings", len(result["warnings"]), 1)


def a_text_is_cut_between_characters(launcher, folder):
    result = speak(launcher, folder, ["note x" + "\u20ac" * 100, "goodbye 0"])
    expect("last note", result["heartbeat"]["last_note"],
           "x" + "\u20ac" * 71)


def more_records_than_slots_go_round(launcher, folder):
    result = speak(launcher, folder,
                   ["note n"] * 6000 + ["note last", "goodbye 0"])
    expect("verdict", verdict(result), ("pass", ""))
    expect("last note", result["heartbeat"]["last_note"], "last")


def a_case_may_have_no_suite(launcher, folder):
    result = speak(launcher, folder,
                   ["begin  one", "end  one 1", "goodbye 0"])
    expect("cases", cases(result), {"one": "passed"})
    expect("its suite", result["cases"][0].get("suite"), None)


def a_closed_descriptor_is_found_again(launcher, folder):
    result = speak(launcher, folder, ["unplugged", "begin s one",
                                      "end s one 1", "goodbye 0"])
    expect("verdict", verdict(result), ("pass", ""))
    expect("completion", result["completion"]["how"], "goodbye")


def without_launcher_nothing_happens(launcher, folder):
    del launcher
    out = subprocess.run([sys.executable, "-B", STRANGER, "goodbye 0"],
                         stdout=subprocess.PIPE, check=True, cwd=folder,
                         env=harness.clean_environment()).stdout
    expect("what it says", out, b"no launcher\n")


def example():
    """The two blocks of bytes of the page."""
    page = (harness.ROOT / "docs" / "protocol.md").read_text()
    text = page[page.index("## An example"):page.index("## Versions")]
    blocks = re.findall(r"(?:^    (?:[0-9a-f]{2} ?)+.*\n)+", text, re.M)
    return [bytes.fromhex("".join(re.findall(
        r"^    ((?:[0-9a-f]{2} )*[0-9a-f]{2})(?:  .*)?$", block, re.M)))
        for block in blocks]


def the_example_is_what_a_fixture_makes(launcher, folder):
    del launcher, folder
    header, record = example()
    expect("size of the header", len(header), 64)
    memory = bytearray(1056768)
    memory[:64] = header
    memory[32:44] = bytes(12)  # what a fixture writes
    recorder = stranger.Recorder(memory)
    recorder.pid = 4242
    recorder.u32[16:22] = memoryview(bytearray(24)).cast("I")
    recorder.attach(0x1122334455667788)
    expect("header", bytes(memory[:64]), header)
    expect("record", stranger.record_bytes(1, 4242, 86400123, 1, 6, 0,
                                           b"math\0adds"), record)
    if recorder.attach(0x1122334455667789):
        raise Mismatch("a wrong token is taken")


CASES = [
    a_whole_run_is_understood,
    an_end_without_goodbye_is_too_early,
    what_it_says_against_itself_counts,
    its_own_limit_on_silence_holds,
    a_record_with_a_wrong_checksum_is_passed_over,
    a_text_is_cut_between_characters,
    more_records_than_slots_go_round,
    a_case_may_have_no_suite,
    a_closed_descriptor_is_found_again,
    without_launcher_nothing_happens,
    the_example_is_what_a_fixture_makes,
]

if __name__ == "__main__":
    ARGS = harness.options(__doc__).parse_args()
    LAUNCHER = harness.Launcher(ARGS.launcher, ARGS.programs)
    if LAUNCHER.windows:
        print("skip: this fixture is for Linux, its Python is not of Windows")
        sys.exit(harness.SKIP)
    harness.run_cases(CASES, LAUNCHER, ARGS)
