"""One row a specimen: what must be reported of it. See `Row` for the words."""

import dataclasses


@dataclasses.dataclass
class Row:
    program: str
    verdict: str
    cause: str = ""
    # How the program ends by itself: a code, the name of a signal, or an
    # NTSTATUS; None if it is ended by us or never started.
    ends: object = None
    args: list = dataclasses.field(default_factory=list)
    options: list = dataclasses.field(default_factory=list)
    phase: str = ""
    cases: dict = None  # name -> status; None: not looked at
    how: str = ""  # completion
    last_note: str = ""
    says: str = ""  # part of summary or warnings
    stdin: bytes = b""
    stdout: bytes = None
    held: bool = False  # standard output was kept open after the end
    env: dict = dataclasses.field(default_factory=dict)
    modes: bool = False  # also under CTest, and with --exit-code=verdict
    # System ("linux", "windows", "wine") -> why it cannot show this row. It
    # is not run where it does not exist. Where it is only unproven, `wine`
    # holds what is shown instead, and that must come, in all modes.
    absent: dict = dataclasses.field(default_factory=dict)
    unproven: dict = dataclasses.field(default_factory=dict)
    windows: dict = dataclasses.field(default_factory=dict)  # different there
    wine: dict = dataclasses.field(default_factory=dict)
    label: str = ""

    @property
    def name(self):
        return self.label or "-".join([self.program, *self.args]).strip("{}")


def quick(limit="{silence}"):
    """A hang is found soon, but not before the program has started; the stop
    is asked, then the tree killed."""
    return ["--hang-after", limit, "--grace", "2s"]


LINUX_ONLY = {"windows": "Windows has no such thing"}
WINDOWS_ONLY = {"linux": "Linux has no such thing"}
PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"
RUNNING, LOST = "running", "lost"
EARLY = ("silent-death", "exit-before-completion")
ODD = ["two words", "", 'a "quote"', "back\\slash\\", "tail\\\\", "a\\\"b",
       "tab\there", "$HOME", "%PATH%", "*", "--", "--hang-after", "Grüße, 日本"]

ENDS = [
    Row("pass", "pass", ends=0, stdout=b"hello", modes=True),
    Row("says_pass", "pass", ends=0, how="goodbye", modes=True,
        cases={"first": PASSED, "second": PASSED}),
    Row("is_watched", "pass", ends=0),
    Row("fail", "fail", "exit-code", ends=7, modes=True),
    Row("case_fails", "fail", "case-failed", ends=1,
        cases={"sums": PASSED, "divides": FAILED}, modes=True),
    Row("tells_secrets", "fail", "case-failed", ends=1,
        env={"API_TOKEN": "hush-hush"}, last_note="login with *********",
        cases={"login with *********": FAILED}),
    Row("fails_with_zero", "fail", "status-mismatch", ends=0, modes=True),
    Row("passes_with_one", "fail", "status-mismatch", ends=1),
    Row("skip", "skip", "skip-code", ends=77, options=["--skip-code", "77"],
        modes=True),
    Row("skip", "fail", "exit-code", ends=77, label="skip-without-skip-code"),
    Row("all_skipped", "skip", "all-skipped", ends=0,
        cases={"one": SKIPPED, "two": SKIPPED}),
    Row("exits_137", "fail", "exit-code", ends=137),
    Row("exits_259", "fail", "exit-code", ends=3, windows={"ends": 259}),
    Row("arguments", "pass", ends=0, args=ODD, label="arguments",
        stdout="".join(f"[{word}]\n" for word in ODD).encode()),
    Row("copies_input", "pass", ends=0, stdin=b"line\r\n\0\xff last",
        stdout=b"line\r\n\0\xff last"),
    Row("environment", "pass", ends=0, args=["HB_E2E_WORD"],
        env={"HB_E2E_WORD": "as it is"}, stdout=b"as it is"),
    Row("executes_another", "pass", ends=0, how="goodbye",
        cases={"first": PASSED, "second": PASSED}, absent=LINUX_ONLY),
    Row("{nothing}", "launcher-error", "not-found", modes=True),
    Row("{text}", "launcher-error", "not-executable", modes=True),
    Row("{folder}", "launcher-error", "not-executable"),
    Row("{no-interpreter}", "launcher-error", "not-executable",
        absent=LINUX_ONLY),
]

ABORTS = {
    "ends": "SIGABRT",
    "windows": {"ends": 0xC0000409},
    "unproven": {"wine": "abort() of msvcrt ends with 3, like any exit code"},
    "wine": {"verdict": "fail", "cause": "exit-code", "ends": 3},
}
UNKNOWN = {"cause": "unknown"}
ALOUD = {"windows": "crashes.py runs all its ways"}

CRASHES = [
    Row("null_pointer", "crash", "access-violation", ends="SIGSEGV",
        windows={"ends": 0xC0000005}, modes=True),
    Row("null_pointer_in_case", "crash", "access-violation", ends="SIGSEGV",
        windows={"ends": 0xC0000005}, last_note="about to read",
        cases={"first": PASSED, "second": RUNNING, "third": LOST}),
    Row("second_thread", "crash", "access-violation", ends="SIGSEGV",
        windows={"ends": 0xC0000005}, last_note="before the thread"),
    # The signal is the same; telling them apart needs the stack pointer, which
    # is in the core, where the system writes one.
    Row("stack_overflow", "crash", "access-violation", ends="SIGSEGV",
        options=["--dump", "none"],
        windows={"ends": 0xC00000FD, "cause": "stack-overflow"},
        unproven={"wine": "Wine ends a stack overflow with status 0"},
        wine={"verdict": "pass", "cause": "", "ends": 0}),
    Row("aborts", "crash", "abort", modes=True, **ABORTS),
    # Its fixture tells of it, so that the code 3 is known for what it is.
    Row("aborts_after_goodbye", "crash", "abort", **{
        **ABORTS, "wine": {"ends": 3}}),
    Row("asserts", "crash", "abort", **ABORTS),
    Row("illegal_instruction", "crash", "illegal-instruction", ends="SIGILL",
        windows={"ends": 0xC000001D}),
    Row("divide_by_zero", "crash", "divide-by-zero", ends="SIGFPE",
        windows={"ends": 0xC0000094}),
    Row("breakpoint", "crash", "trap", ends="SIGTRAP",
        windows={"ends": 0x80000003, "cause": "breakpoint"}),
    # The other ways, and what is seen of them: crashes.py.
    Row("dies_aloud", "crash", "access-violation", ends="SIGSEGV",
        args=["null"], modes=True, absent=ALOUD),
    Row("dies_aloud", "crash", "abort", ends="SIGABRT", args=["abort"],
        modes=True, absent=ALOUD),
    Row("bus_error", "crash", "bus-error", ends="SIGBUS", absent=LINUX_ONLY),
    Row("dies_quietly", "crash", "access-violation", ends="SIGSEGV",
        absent=LINUX_ONLY),
    Row("throws", "crash", "cpp-exception", ends=0xE06D7363,
        absent={"linux": "an uncaught exception is SIGABRT there"}),
    Row("needs_library", "crash", "dll-not-found", ends=127, modes=True,
        says="absent", windows={"ends": 0xC0000135, "says": ""}),
    Row("refused_by_library", "crash", "dll-init-failed", ends=0xC0000142,
        absent=WINDOWS_ONLY),
]

SILENT = [
    # What it had printed and not written: unwritten.py.
    Row("keeps_back", *EARLY, ends=0, args=["leaves"]),
    Row("keeps_back_universal", *EARLY, ends=0, args=["leaves"],
        absent=WINDOWS_ONLY),
    Row("fast_fail", "silent-death", "fast-fail", ends=0xC0000409,
        absent=WINDOWS_ONLY, modes=True),
    # What is seen of it: crashes.py.
    Row("fails_fast", "silent-death", "fast-fail", ends=0xC0000409,
        says="subcode 2 STACK_COOKIE_CHECK_FAILURE", absent=WINDOWS_ONLY),
    Row("heap_corruption", "silent-death", "heap-corruption", ends=0xC0000374,
        absent={"linux": "glibc aborts: see aborts"}),
    # Without tracing nobody can say that it was the program itself.
    Row("kills_itself", "silent-death", "terminated-by-self", ends="SIGKILL",
        cases={"deadly": RUNNING}, modes=True,
        windows={"ends": 0, "cause": "exit-before-completion"}),
    Row("kills_itself", "silent-death", "terminated-by-other", ends="SIGKILL",
        cases={"deadly": RUNNING}, options=["--hold-exit", "off"],
        absent=LINUX_ONLY, label="kills_itself-unseen",
        says="--hold-exit=on would tell whether it was itself"),
    Row("killed_by_sibling", "silent-death", "terminated-by-other",
        ends="SIGKILL", cases={"victim": RUNNING},
        windows={"ends": 1, "cause": "exit-before-completion"}),
    Row("exit_in_library", *EARLY, ends=0, modes=True,
        says="called by quitting_clean_up",
        cases={"first": PASSED, "second": RUNNING, "third": LOST}),
    Row("swallowed_fault", *EARLY, ends=0, cases={"faulty": RUNNING}),
    Row("exits_early", *EARLY, ends=0, cases={"cut short": RUNNING},
        modes=True),
    Row("exits_early", *EARLY, ends=3, args=["3"],
        cases={"cut short": RUNNING}),
    Row("leaves", *EARLY, ends=7, args=["exit-now"], absent=LINUX_ONLY,
        says="_exit(7) called by call_exit_now (leaves.c:"),
    Row("forgets_goodbye", *EARLY, ends=0, cases={"first": PASSED}),
    Row("forgets_goodbye", "pass", ends=0, options=["--completion", "never"],
        label="forgets_goodbye-never-expected"),
    Row("pass", *EARLY, ends=0, options=["--completion", "always"],
        label="pass-always-expected"),
    Row("premature_file", *EARLY, ends=0),
    Row("premature_file", "pass", ends=0, args=["tidy"]),
    Row("forbidden_call", "silent-death", "seccomp-kill", ends="SIGSYS",
        absent=LINUX_ONLY),
    Row("file_too_large", "silent-death", "resource-limit", ends="SIGXFSZ",
        absent=LINUX_ONLY),
    Row("out_of_time", "silent-death", "resource-limit", ends="SIGKILL",
        absent=LINUX_ONLY, says="its hard limit (ulimit -t) is 1 s"),
]

HANGS = [
    Row("deadlock", "hang", "deadlock", options=quick(), phase="run",
        last_note="about to take the second lock", modes=True),
    Row("livelock", "hang", "livelock", options=quick(), phase="run",
        unproven={"wine": "Wine tells no thread states"}, wine=UNKNOWN),
    Row("blocked_read", "hang", "blocked-io", options=quick(), phase="run",
        last_note="waiting for a byte",
        unproven={"wine": "Wine tells no wait reasons"}, wine=UNKNOWN),
    Row("stops_itself", "hang", "stopped", options=quick(), phase="run"),
    Row("traces_itself", "pass", ends=0, how="goodbye", absent=LINUX_ONLY),
    Row("dialog", "hang", "dialog", options=quick("5s"), phase="run",
        absent=WINDOWS_ONLY, says="Is anybody there?"),
    Row("teardown", "hang", "teardown-hang", phase="teardown",
        options=["--exit-within", "300ms", "--grace", "2s"],
        says="done, and still there for 300 ms",
        cases={"only": PASSED}),
    Row("exit_handler", "hang", "teardown-hang", phase="teardown",
        options=["--exit-within", "300ms", "--grace", "2s"],
        says="done, and still there for 300 ms"),
    Row("never_speaks", "hang", "no-start", options=quick(), phase="start-up",
        says="may as well be a program that works in silence"),
    Row("beats_then_silent", "hang", "unknown", options=quick(), phase="run",
        last_note="third"),
    Row("prints_then_silent", "hang", "unknown", options=quick("1s"),
        phase="run", stdout=b"one\ntwo\n"),
    Row("case_hangs", "hang", "unknown", options=quick(), phase="run",
        cases={"first": PASSED, "second": RUNNING, "third": LOST}),
    Row("sets_own_limit", "hang", "unknown", options=["--grace", "2s"],
        phase="run"),
    Row("ignores_stop", "hang", "unknown", phase="run",
        options=["--hang-after", "{silence}", "--grace", "200ms"]),
    Row("waits_for_child", "hang", "unknown", options=quick(), phase="run",
        absent={"windows": "waiting for a process is as any other wait there"}),
    Row("hostile", "hang", "unknown", options=quick(), phase="run",
        args=["much"], absent=LINUX_ONLY),
    Row("child_beats", "hang", "unknown", options=quick(), phase="run",
        absent={"windows": "Windows has no fork()"}),
    Row("slow_but_beating", "pass", ends=0, options=quick("1s"),
        how="goodbye"),
    Row("pauses", "pass", ends=0, options=quick("700ms"), how="goodbye"),
    Row("computes", "pass", ends=0, options=quick("700ms")),
    Row("works_for_ever", "timeout", "limit", phase="run",
        options=["--timeout", "{limit}", "--grace", "2s"], modes=True),
    Row("never_speaks", "timeout", "limit", phase="start-up",
        options=["--progress", "none", "--timeout", "500ms", "--grace", "2s"],
        label="never_speaks-no-progress-asked"),
    Row("works_for_ever", "hang", "unknown", phase="run",
        options=["--progress", "output", "--grace", "2s",
                 "--hang-after", "{silence}"],
        label="works_for_ever-output-asked"),
    Row("works_for_ever", "timeout", "deadline", phase="run",
        options=["--deadline", "{in 4 s}", "--grace", "1s"],
        label="works_until_deadline"),
    Row("notify_then_silent", "hang", "unknown", phase="run",
        options=["--grace", "2s"], last_note="working",
        absent={"windows": "sd_notify is of Linux"}),
    Row("notify_stops_then_silent", "hang", "teardown-hang",
        phase="teardown", options=["--grace", "2s"],
        last_note="writing the last page",
        absent={"windows": "sd_notify is of Linux"}),
    Row("notify_works", "pass", ends=0,
        absent={"windows": "sd_notify is of Linux"}),
]

LEAK = ["--leak", "fail"]

LEAKS = [
    Row("leaves_child", "leak", "processes", ends=0, options=LEAK, modes=True),
    Row("leaves_child", "pass", ends=0, says="left behind",
        label="leaves_child-reported"),
    Row("leaves_daemon", "leak", "processes", ends=0, options=LEAK,
        absent=LINUX_ONLY),
    Row("keeps_output_open", "leak", "processes", ends=0, options=LEAK,
        stdout=b"done\n", held=True),
    Row("outlives_parent", "pass", ends=0, options=LEAK),
    Row("storms", "leak", "processes", ends=0, options=LEAK, held=True,
        windows={"held": False}),
    Row("child_crashes", "pass", ends=0, absent=LINUX_ONLY),
]

OUTPUT = [
    Row("floods", "pass", ends=0, args=["8"]),
    Row("garbage", "pass", ends=0, args=["7"]),
    Row("fails_aloud", "fail", "exit-code", ends=1),
    Row("one_line", "pass", ends=0, args=["3"], stdout=b"x" * (3 << 20)),
    Row("both_streams", "pass", ends=0),
    Row("closes_stdout", "pass", ends=0, stdout=b"last words\n"),
]

RECORDER = [
    Row("scribbles", "crash", "access-violation", ends="SIGSEGV",
        args=["1"], windows={"ends": 0xC0000005}),
    Row("scribbles", "crash", "access-violation", ends="SIGSEGV",
        args=["20"], windows={"ends": 0xC0000005}),
    Row("scribbles", "crash", "access-violation", ends="SIGSEGV",
        args=["300"], windows={"ends": 0xC0000005}),
    Row("closes_descriptors", "pass", ends=0, how="goodbye",
        cases={"unplugged": PASSED}),
    Row("closes_descriptors", "pass", ends=0, how="goodbye", args=["first"],
        cases={"unplugged": PASSED},
        absent={"windows": "a closed handle cannot be opened again there"}),
    Row("speaks_fast", "pass", ends=0, how="goodbye"),
    Row("other_version", "launcher-error", "recorder-version", ends=0,
        says="protocol 2.7, this launcher 1.2", modes=True),
    Row("other_version", "pass", ends=0, says="protocol 2.7, this launcher 1.2",
        options=["--completion", "never"], label="other_version-by-status"),
]

DIALECTS = [
    Row("cmocka_passes", "pass", ends=0, how="cmocka",
        cases={"one": PASSED, "two": PASSED}),
    Row("cmocka_passes_speaks", "pass", ends=0,
        cases={"one": PASSED, "two": PASSED}),
    Row("cmocka_exits", *EARLY, ends=0, modes=True,
        cases={"first": PASSED, "second": RUNNING, "#3": LOST}),
    Row("cmocka_exits_speaks", *EARLY, ends=0,
        cases={"first": PASSED, "second": RUNNING, "third": LOST}),
    # The skip code in the middle of the cases is no skip.
    Row("cmocka_exits", *EARLY, ends=77, args=["77"], modes=True,
        options=["--skip-code", "77"],
        cases={"first": PASSED, "second": RUNNING, "#3": LOST}),
    Row("cmocka_exits_speaks", *EARLY, ends=77, args=["77"],
        options=["--skip-code", "77"],
        cases={"first": PASSED, "second": RUNNING, "third": LOST}),
    Row("cmocka_mixed", "fail", "case-failed", ends=1,
        cases={"passes": PASSED, "fails": FAILED, "skips": SKIPPED}),
    Row("cmocka_mixed_speaks", "fail", "case-failed", ends=1,
        cases={"passes": PASSED, "fails": FAILED, "skips": SKIPPED}),
    Row("cmocka_empty", "fail", "no-cases", ends=0, modes=True),
    Row("cmocka_empty", "pass", ends=0, options=["--allow-empty"],
        label="cmocka_empty-allowed"),
    Row("gtest_stops", *EARLY, ends=0,
        cases={"Small": PASSED, "Large": RUNNING, "#3": LOST}),
    Row("gtest_fails", "fail", "case-failed", ends=1, how="gtest",
        cases={"Small": PASSED, "Large": FAILED}),
    Row("gtest_lists", "pass", ends=0, how="gtest", cases={"Small": PASSED}),
    Row("tap_complete", "pass", ends=0, how="tap",
        cases={"opens": PASSED, "reads": PASSED, "prints": SKIPPED}),
    Row("tap_short", *EARLY, ends=0),
    Row("tap_fails", "fail", "status-mismatch", ends=0,
        cases={"opens": PASSED, "reads": FAILED}),
    Row("tap_repeats", *EARLY, ends=0,
        cases={"opens": PASSED, "reads": PASSED, "#2": LOST}),
    Row("tap_bails_out", "fail", "exit-code", ends=1,
        says="bailed out: no disk; "),
]

ROWS = (ENDS + CRASHES + SILENT + HANGS + LEAKS + OUTPUT + RECORDER + DIALECTS)
