"""What a program printed and never wrote is in the report all the same."""

import signal

import checks
import harness
import kernel_cores
from harness import Mismatch, expect

KEPT = "# asks the server"


def hang(launcher):
    """Under Wine a program takes a while to start."""
    return ["--hang-after", "2s" if launcher.wine else "300ms",
            "--grace", "200ms", "--dump", "none"]


def run(launcher, folder, options, *arguments, program="keeps_back", env=None):
    ended = harness.launch(
        launcher, folder,
        [*options, "--", launcher.program(program), *arguments], env)
    result = ended.result()
    harness.check_schema(result)
    return ended, result


def expect_kept(result, text=KEPT, size=None):
    kept, = result["unwritten"]
    expect("kept", (kept["stream"], kept["bytes"], kept["text"]),
           ("stdout", size or len(text), text))


def expect_told(ended, text=KEPT):
    if f"bytes of stdout: \"{text}" not in ended.stderr.decode():
        raise Mismatch(f"the console says {ended.stderr!r}")


def a_hang_tells_what_it_did_not_write(launcher, folder):
    ended, result = run(launcher, folder, hang(launcher), "hangs")
    expect("verdict", result["verdict"], "hang")
    expect_kept(result)
    expect_told(ended)
    expect("pid", result["unwritten"][0]["pid"], result["exit"].get(
        "pid", result["unwritten"][0]["pid"]))
    if KEPT.encode() in (ended.run() / "stdout.log").read_bytes():
        raise Mismatch("it was written")
    checks.check_replay(launcher, folder, ended.run())


def what_was_written_is_not_told(launcher, folder):
    result = run(launcher, folder, hang(launcher), "writes")[1]
    expect("verdict", result["verdict"], "hang")
    expect("unwritten", result.get("unwritten"), None)


def of_much_the_end_is_kept(launcher, folder):
    result = run(launcher, folder, hang(launcher), "hangs", "0123456789", "1000")[1]
    expect_kept(result, ("0123456789" * 410)[-4096:], 10000)


def bytes_that_are_no_text_are_kept(launcher, folder):
    if launcher.windows:
        return "arguments are text there"
    result = run(launcher, folder, hang(launcher), "hangs", b"a\xffb\x1b[31m")[1]
    expect_kept(result, "a\ufffdb\x1b[31m", 8)
    return None


def no_secret_is_in_it(launcher, folder):
    ended, result = run(launcher, folder, hang(launcher), "hangs",
                        "token hunter2hunter2 sent",
                        env={"MY_TOKEN": "hunter2hunter2"})
    expect_kept(result, "token ************** sent")
    if b"hunter2" in ended.stderr:
        raise Mismatch("the secret is on the console")
    if b"hunter2" in (ended.run() / "timeline.jsonl").read_bytes():
        raise Mismatch("the secret is in the timeline")


def who_leaves_without_writing_is_asked_at_the_door(launcher, folder):
    if launcher.windows:
        return "who links nothing is not held on Windows"
    ended, result = run(launcher, folder, ["--hold-exit", "on", "--dump", "none"],
                        "leaves")
    expect("verdict", (result["verdict"], result["cause"]),
           ("silent-death", "exit-before-completion"))
    expect_kept(result)
    expect_told(ended)
    return None


def a_crash_leaves_it_in_the_core_of_the_system(launcher, folder):
    if launcher.windows:
        return "Windows has no cores"
    why = kernel_cores.obstacle(launcher.command[0])
    if why is not None:
        return why
    ended, result = run(launcher, folder, [], "crashes")
    expect("end", ended.returncode, -signal.SIGSEGV)
    expect_kept(result)
    return None


def a_static_program_has_its_own_buffers(launcher, folder):
    if launcher.windows:
        return "of a static C library nobody knows where they are"
    result = run(launcher, folder, hang(launcher), "hangs",
                 program="elsewhere/keeps_back_static")[1]
    expect_kept(result)
    return None


def the_universal_c_library_has_them_too(launcher, folder):
    if not launcher.windows:
        return "Linux has no such library"
    ended, result = run(launcher, folder, hang(launcher), "hangs",
                        program="keeps_back_universal")
    expect("verdict", result["verdict"], "hang")
    expect_kept(result)
    expect_told(ended)
    return None


CASES = [
    a_hang_tells_what_it_did_not_write,
    what_was_written_is_not_told,
    of_much_the_end_is_kept,
    bytes_that_are_no_text_are_kept,
    no_secret_is_in_it,
    who_leaves_without_writing_is_asked_at_the_door,
    a_crash_leaves_it_in_the_core_of_the_system,
    a_static_program_has_its_own_buffers,
    the_universal_c_library_has_them_too,
]

if __name__ == "__main__":
    ARGS = harness.options(__doc__).parse_args()
    harness.run_cases(CASES, harness.Launcher(ARGS.launcher, ARGS.programs),
                      ARGS)
