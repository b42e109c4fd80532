"""Time in which the test could not run, or nobody could look, is no silence
of the test."""

import os
import signal
import time

import harness
from harness import expect

# A quiet test, which ends well when somebody writes to its pipe.
QUIET = ["/bin/sh", "-c", 'read -r word <"$1" && test "$word" = end', "quiet"]


def start(launcher, folder, options):
    pipe = folder / "pipe"
    os.mkfifo(pipe)
    running = harness.Running(launcher, folder,
                              [*options, "--", *QUIET, str(pipe)])
    running.wait_for(b'"kind":"started"')
    return running, pipe


def let_end(pipe):
    """If it is still there: nobody may read any more."""
    try:
        writer = os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
    except OSError:
        return
    os.write(writer, b"end\n")
    os.close(writer)


def a_launcher_that_was_stopped_takes_that_for_no_silence(launcher, folder):
    if launcher.windows:
        return "Windows cannot stop a process and let it go on"
    running, pipe = start(launcher, folder, ["--hang-after", "3s"])
    pid = harness.launcher_pid(running.process.pid)
    os.kill(pid, signal.SIGSTOP)
    time.sleep(4)  # this is the stall, not a wait
    os.kill(pid, signal.SIGCONT)
    running.wait_for(b'"kind":"gap"')
    time.sleep(0.3)  # a second look would come after 25 ms
    let_end(pipe)
    ended = running.wait()
    expect("exit status", ended.returncode, 0)
    expect("verdict", ended.result()["verdict"], "pass")


def the_same_silence_is_a_hang_to_a_launcher_that_runs(launcher, folder):
    if launcher.windows:
        return "the test is a script for a shell"
    running, _ = start(launcher, folder, ["--hang-after", "1s"])
    result = running.wait().result()
    expect("verdict", result["verdict"], "hang")


CASES = [
    a_launcher_that_was_stopped_takes_that_for_no_silence,
    the_same_silence_is_a_hang_to_a_launcher_that_runs,
]

if __name__ == "__main__":
    ARGS = harness.options(__doc__).parse_args()
    harness.run_cases(CASES, harness.Launcher(ARGS.launcher, ARGS.programs),
                      ARGS)
