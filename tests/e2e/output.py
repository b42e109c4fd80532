"""What the test prints is passed on byte for byte and kept within bounds,
whatever it prints, whoever reads."""

import hashlib
import os
import socket
import subprocess
import sys
import time

import harness
from harness import Mismatch, expect

CHUNK = 1 << 20
LONG = False  # --long: gigabytes


def size_and_hash(stream):
    digest = hashlib.sha256()
    size = 0
    while chunk := stream.read(CHUNK):
        digest.update(chunk)
        size += len(chunk)
    return size, digest.hexdigest()


def printed_alone(launcher, words):
    """What the specimen prints without us."""
    command = [*launcher.command[:-1], *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL,
                          env=harness.clean_environment()) as alone:
        return size_and_hash(alone.stdout)


def start(launcher, folder, words, options=()):
    return harness.Running(launcher, folder,
                           [*options, "--", *words], stdout=subprocess.PIPE)


def expect_passed_on(launcher, folder, words, options=()):
    running = start(launcher, folder, words, options)
    got = size_and_hash(running.process.stdout)
    ended = running.wait()
    expect("exit status", ended.returncode, 0)
    expect("verdict", ended.result()["verdict"], "pass")
    expect("what was passed on", got, printed_alone(launcher, words))
    return ended


def a_flood_is_passed_on_and_its_log_is_capped(launcher, folder):
    size = 2048 if LONG else 80
    ended = expect_passed_on(launcher, folder,
                             [launcher.program("floods"), str(size)],
                             ["--keep", "all"])
    log = (ended.run() / "stdout.log").stat().st_size
    if log > (64 << 20) + 4096:
        raise Mismatch(f"the log has {log} bytes")


def a_capped_log_has_head_mark_and_tail(launcher, folder):
    cap = 1 << 16
    running = start(launcher, folder, [launcher.program("floods"), "2"],
                    ["--keep", "all", "--log-cap", str(cap)])
    whole = running.process.stdout.read()
    log = (running.wait().run() / "stdout.log").read_bytes()
    half = cap // 2 - 256
    expect("head of the log", log[:half], whole[:half])
    expect("tail of the log", log[-half:], whole[-half:])
    between = log[cap // 2 - 64:-(cap // 2 - 64)]
    if b"bytes" not in between or len(log) > cap + 4096:
        raise Mismatch(f"no mark in the middle: {between[:300]!r}")


def one_long_line_is_passed_on(launcher, folder):
    expect_passed_on(launcher, folder, [launcher.program("one_line"),
                                        "100" if LONG else "20"])


def garbage_is_passed_on_and_kept_byte_for_byte(launcher, folder):
    running = start(launcher, folder, [launcher.program("garbage"), "11"],
                    ["--keep", "all"])
    whole = running.process.stdout.read()
    ended = running.wait()
    expect("size", len(whole), 1 << 20)
    expect("what is kept", (ended.run() / "stdout.log").read_bytes(), whole)


def the_two_streams_stay_apart(launcher, folder):
    ended = harness.launch(launcher, folder,
                           ["--keep", "all", "--",
                            launcher.program("both_streams")])
    for stream, log, got in (("output", "stdout.log", ended.stdout),
                             ("error", "stderr.log", ended.stderr)):
        expect(f"standard {stream}", got.split(), f"to standard {stream}".encode()
               .split())
        expect(log, (ended.run() / log).read_bytes(), got)


def what_comes_after_stdout_was_closed_is_kept(launcher, folder):
    ended = harness.launch(launcher, folder,
                           ["--keep", "all", "--",
                            launcher.program("closes_stdout")])
    expect("standard output", ended.stdout, b"last words\n")
    if b"still here" not in (ended.run() / "stderr.log").read_bytes():
        raise Mismatch("what came after is lost")


def a_reader_that_is_slow_gets_it_all(launcher, folder):
    words = [launcher.program("floods"), "2"]
    running = start(launcher, folder, words)
    digest = hashlib.sha256()
    size = 0
    while chunk := running.process.stdout.read(1 << 16):
        digest.update(chunk)
        size += len(chunk)
        time.sleep(0.01)  # this is the slowness, not a wait
    expect("exit status", running.wait().returncode, 0)
    expect("what was passed on", (size, digest.hexdigest()),
           printed_alone(launcher, words))


def a_reader_that_does_not_read_delays_no_total_limit(launcher, folder):
    running = start(launcher, folder, [launcher.program("floods"), "8"],
                    ["--timeout", "1s", "--hang-after", "300ms",
                     "--grace", "1s"])
    running.process.wait(50)  # nobody has read a byte
    result = running.wait().result()
    expect("verdict", result["verdict"], "timeout")
    expect_told(result)
    running.process.stdout.close()


def expect_told(result):
    """The reports say that our reader was slow."""
    told = "whoever reads the launcher's stdout took nothing for"
    if not any(told in warning for warning in result["warnings"]):
        raise Mismatch(f"not told: {result['warnings']}")


def a_reader_that_begins_late_makes_no_hang(launcher, folder):
    running = start(launcher, folder, [launcher.program("floods"), "2"],
                    ["--hang-after", "200ms", "--leak", "fail"])
    # Three times its limit, told by the launcher itself.
    harness.wait_until(
        lambda: sum(path.read_bytes().count(b'"output-blocked"')
                    for path in running.artifacts.glob("*/*/timeline.jsonl"))
        >= 3 or running.process.poll() is not None)
    whole = running.process.stdout.read()
    ended = running.wait()
    result = ended.result()
    expect("verdict", result["verdict"], "pass")
    expect("size", len(whole), 2 << 20)
    expect_told(result)


# Fits into the pipes and the launcher, and not into one pipe.
SAYS = "print('x' * 149999)"


def a_reader_that_takes_nothing_at_the_end_is_no_leak(launcher, folder):
    if launcher.windows:
        return "os/test_output shows it there"
    running = start(launcher, folder, [sys.executable, "-c", SAYS],
                    ["--leak", "fail"])
    done = lambda: any(
        b"launcher-lost" not in path.read_bytes()
        for path in running.artifacts.glob("*/*/result.json"))
    harness.wait_until(done, 5)
    expect("the report is written before the reader begins", done(), True)
    whole = running.process.stdout.read()
    ended = running.wait()
    result = ended.result()
    expect("verdict", result["verdict"], "pass")
    expect("size", len(whole), 150000)
    expect("the log is kept", (ended.run() / "stdout.log").read_bytes(), whole)


def a_reader_that_goes_away_ends_the_test_not_the_launcher(launcher, folder):
    running = start(launcher, folder, [launcher.program("floods"), "64"])
    running.process.stdout.read(CHUNK)
    running.process.stdout.close()
    ended = running.wait()
    result = ended.result()
    if launcher.windows: # its write fails, and it says so
        expect("verdict", result["verdict"], "fail")
    else:
        expect("exit", result["exit"]["name"], "SIGPIPE")
        expect("exit status", ended.returncode, -13)


def a_stdout_that_is_full_is_told_and_the_test_goes_on(launcher, folder):
    """A write to it fails, and nobody has left."""
    if not os.path.exists("/dev/full"):
        return "there is no file here that is always full"
    with open("/dev/full", "wb", buffering=0) as full:
        ended = harness.launch(launcher, folder,
                               ["--", launcher.program("both_streams")],
                               stdout=full)
    result = ended.result()
    expect("exit status", ended.returncode, 0)
    expect("verdict", result["verdict"], "pass")
    expect("the log", (ended.run() / "stdout.log").read_bytes().split(),
           b"to standard output".split())
    expect("lines that tell of it",
           ended.stderr.count(b"cannot pass on the test's stdout"), 1)
    timeline = (ended.run() / "timeline.jsonl").read_text()
    for place in (" ".join(result["warnings"]), timeline):
        if "see stdout.log (error " not in place:
            raise Mismatch(f"not told: {place}")


def closed_streams_of_ours_are_no_harm(launcher, folder):
    if launcher.windows:
        return "Wine starts with all three"

    def close_all():
        os.closerange(0, 3)

    ended = harness.launch(launcher, folder,
                           ["--", launcher.program("both_streams")],
                           preexec_fn=close_all)
    expect("exit status", ended.returncode, 0)
    expect("verdict", ended.result()["verdict"], "pass")


# Gives its standard output to the server at that address, and ends well once
# that has it.
LENDS = """
import socket, sys
server = socket.socket(socket.AF_UNIX)
server.connect(sys.argv[1])
socket.send_fds(server, [b"take it"], [1])
server.recv(1)
"""


def what_a_stranger_holds_open_is_a_leak_of_output(launcher, folder):
    """A server that was there before, and is none of the test's tree."""
    if launcher.windows:
        return "the server is a program for Linux"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(folder / "server"))
        server.listen()
        server.settimeout(30)
        running = harness.Running(
            launcher, folder,
            ["--leak", "fail", "--", sys.executable, "-c", LENDS,
             str(folder / "server")])
        with server.accept()[0] as test:
            held = socket.recv_fds(test, 16, 1)[1]
            test.send(b"!")
            ended = running.wait()
    result = ended.result()
    for each in held:
        os.close(each)
    expect("verdict", (result["verdict"], result["cause"]),
           ("leak", "output-open"))
    expect("exit status", ended.returncode, 123)
    expect("held open", [result["output"][name]["held_open"]
                         for name in ("stdout", "stderr")], [True, False])
    expect("processes left",
           [each for each in result["processes"] if each.get("left_behind")],
           [])


CASES = [
    what_a_stranger_holds_open_is_a_leak_of_output,
    a_flood_is_passed_on_and_its_log_is_capped,
    a_capped_log_has_head_mark_and_tail,
    one_long_line_is_passed_on,
    garbage_is_passed_on_and_kept_byte_for_byte,
    the_two_streams_stay_apart,
    what_comes_after_stdout_was_closed_is_kept,
    a_reader_that_is_slow_gets_it_all,
    a_reader_that_does_not_read_delays_no_total_limit,
    a_reader_that_begins_late_makes_no_hang,
    a_reader_that_takes_nothing_at_the_end_is_no_leak,
    a_reader_that_goes_away_ends_the_test_not_the_launcher,
    a_stdout_that_is_full_is_told_and_the_test_goes_on,
    closed_streams_of_ours_are_no_harm,
]

if __name__ == "__main__":
    PARSER = harness.options(__doc__)
    PARSER.add_argument("--long", action="store_true", help="gigabytes")
    ARGS = PARSER.parse_args()
    LONG = ARGS.long
    harness.run_cases(CASES, harness.Launcher(ARGS.launcher, ARGS.programs),
                      ARGS)
