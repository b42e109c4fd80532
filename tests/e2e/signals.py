"""The launcher is asked to stop, once, twice, by group and inside another
launcher: the tree ends, the record says so, the signal is raised again."""

import os
import signal
import sys

import harness
from harness import expect


def start(launcher, folder, program, options=(), **more):
    """A launcher whose test runs and has spoken."""
    token = harness.new_token()
    running = harness.Running(
        launcher, folder, [*options, "--", launcher.program(program)],
        {harness.TOKEN: token}, start_new_session=True, **more)
    running.wait_for(b'"kind":"beat"')
    return running, token


def expect_interrupted(ended, signal_number, token):
    expect("exit status", ended.returncode, -signal_number)
    result = ended.result()
    expect("verdict", (result["verdict"], result["cause"]),
           ("interrupted", "signal"))
    harness.expect_no_survivors(token)


def each_signal_that_asks_is_raised_again(launcher, folder):
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        here = folder / number.name
        here.mkdir()
        running, token = start(launcher, here, "works_for_ever")
        running.process.send_signal(number)
        expect_interrupted(running.wait(), number, token)


def a_signal_to_the_group_is_one_request(launcher, folder):
    running, token = start(launcher, folder, "works_for_ever")
    os.killpg(running.process.pid, signal.SIGINT)
    expect_interrupted(running.wait(), signal.SIGINT, token)


def a_terminal_that_goes_away_is_a_request(launcher, folder):
    """The kernel tells it to the leader of the session, and to nobody else."""
    master, slave = os.openpty()
    name = os.ttyname(slave)

    def take_terminal():
        os.dup2(os.open(name, os.O_RDWR), 0)

    running, token = start(launcher, folder, "works_for_ever",
                           preexec_fn=take_terminal)
    os.close(slave)
    os.close(master)
    expect_interrupted(running.wait(), signal.SIGHUP, token)


def a_test_that_does_not_listen_is_killed_after_the_grace(launcher, folder):
    running, token = start(launcher, folder, "ignores_stop",
                           ["--grace", "300ms"])
    running.process.send_signal(signal.SIGTERM)
    expect_interrupted(running.wait(), signal.SIGTERM, token)


def a_second_signal_does_not_wait_for_the_grace(launcher, folder):
    running, token = start(launcher, folder, "ignores_stop",
                           ["--grace", "10m"])
    running.process.send_signal(signal.SIGINT)
    running.wait_for(b'"kind":"stopped"')
    running.process.send_signal(signal.SIGTERM)
    expect_interrupted(running.wait(), signal.SIGINT, token)


def a_stopped_test_is_woken_to_end(launcher, folder):
    running, token = start(launcher, folder, "stops_itself")
    running.process.send_signal(signal.SIGTERM)
    expect_interrupted(running.wait(), signal.SIGTERM, token)


# Has a number for each signal that it gets, and ends well at the second.
LISTENS = """
import signal, sys
heard = []
def hear(number, frame):
    heard.append(number)
    print("heard", number, flush=True)
for number in map(int, sys.argv[1:]):
    signal.signal(number, hear)
print("listening", flush=True)
while set(heard) != set(map(int, sys.argv[1:])):
    signal.pause()
"""


def expect_passed_on(result, number):
    name = signal.Signals(number).name if number < signal.SIGRTMIN \
        else "SIGRTMIN+4"
    if not any(warning.startswith(name) and "was passed on" in warning
               for warning in result["warnings"]):
        raise harness.Mismatch(f"{name} is not told: {result['warnings']}")


def what_is_no_request_goes_to_the_test(launcher, folder):
    """Also the number that our guard's death has for the launcher, and
    whichever of our processes it was sent to."""
    numbers = [signal.SIGUSR1, signal.SIGUSR2, signal.SIGALRM, signal.SIGIO,
               signal.SIGRTMIN + 4]
    for direct in (False, True):
        here = folder / str(direct)
        here.mkdir()
        running = harness.Running(
            launcher, here, ["--", sys.executable, "-c", LISTENS,
                             *[str(int(number)) for number in numbers]])
        harness.wait_until(lambda: b"listening" in
                           (here / "out").read_bytes())
        pid = harness.launcher_pid(running.process.pid) if direct \
            else running.process.pid
        for number in numbers:
            os.kill(pid, number)
        result = running.wait().result()
        expect("verdict", result["verdict"], "pass")
        for number in numbers:
            expect_passed_on(result, number)


def a_test_that_does_not_expect_it_dies_of_it(launcher, folder):
    """As it would without us, and so do we."""
    running, token = start(launcher, folder, "works_for_ever")
    running.process.send_signal(signal.SIGALRM)
    ended = running.wait()
    expect("exit status", ended.returncode, -signal.SIGALRM)
    result = ended.result()
    expect("verdict", result["verdict"], "silent-death")
    expect("exit", result["exit"]["name"], "SIGALRM")
    expect_passed_on(result, signal.SIGALRM)
    harness.expect_no_survivors(token)


def an_alarm_set_before_us_is_for_the_test(launcher, folder):
    """`perl -e 'alarm 1; exec @ARGV'`, the timeout of the poor."""
    ended = harness.launch(
        launcher, folder, ["--", launcher.program("works_for_ever")],
        preexec_fn=lambda: signal.setitimer(signal.ITIMER_REAL, 1))
    expect("exit status", ended.returncode, -signal.SIGALRM)
    expect("exit", ended.result()["exit"]["name"], "SIGALRM")


def in_verdict_mode_it_is_a_number(launcher, folder):
    running, token = start(launcher, folder, "works_for_ever",
                           ["--exit-code", "verdict"])
    running.process.send_signal(signal.SIGTERM)
    expect("exit status", running.wait().returncode, 122)
    harness.expect_no_survivors(token)


def a_launcher_in_a_launcher_ends_with_it(launcher, folder):
    token = harness.new_token()
    running = harness.Running(
        launcher, folder,
        ["--", *launcher.command, "--artifacts", str(folder / "inner"), "--",
         launcher.program("ignores_stop")],
        {harness.TOKEN: token})
    harness.wait_until(lambda: b"deaf" in (folder / "out").read_bytes())
    running.process.send_signal(signal.SIGTERM)
    ended = running.wait()
    expect("exit status", ended.returncode, -signal.SIGTERM)
    harness.expect_no_survivors(token)


CASES = [
    each_signal_that_asks_is_raised_again,
    a_signal_to_the_group_is_one_request,
    a_terminal_that_goes_away_is_a_request,
    a_test_that_does_not_listen_is_killed_after_the_grace,
    a_second_signal_does_not_wait_for_the_grace,
    a_stopped_test_is_woken_to_end,
    what_is_no_request_goes_to_the_test,
    a_test_that_does_not_expect_it_dies_of_it,
    an_alarm_set_before_us_is_for_the_test,
    in_verdict_mode_it_is_a_number,
    a_launcher_in_a_launcher_ends_with_it,
]

if __name__ == "__main__":
    ARGS = harness.options(__doc__).parse_args()
    LAUNCHER = harness.Launcher(ARGS.launcher, ARGS.programs)
    if LAUNCHER.windows:
        print("Wine delivers no console events, and Windows no signals")
        sys.exit(harness.SKIP)
    harness.run_cases(CASES, LAUNCHER, ARGS)
