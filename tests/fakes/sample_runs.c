#include "fakes/sample_parts.h"

static void make_pass(struct sample *sample)
{
    sample_empty(sample, "pass");
    sample_capability(sample, "process_tree", true, "pidfd, subreaper");
    sample_capability(sample, "etw", false, "not on this system");
    sample_judge(sample, HB_VERDICT_PASS, HB_CAUSE_NONE,
                 "2 cases passed after 1.2 s");
    sample_end(sample, HB_EXIT_CODE, 0, 1200);
    sample_heartbeat(sample, "output", 1190);
    sample_complete(sample, true, "cmocka");
    sample->result.phase = HB_PHASE_TEARDOWN;
    (void)sample_timed(sample, "first", HB_CASE_PASSED, 3, 500);
    (void)sample_timed(sample, "second", HB_CASE_PASSED, 503, 687);
    sample->result.output_bytes[HB_STDOUT] = 214;
    sample->output.bytes[HB_STDOUT] = "[==========] Running 2 test(s).\n";
    sample->output.size[HB_STDOUT] = 32;
}

/* A program that speaks no dialect: judged by its status alone. */
static void make_mute(struct sample *sample)
{
    sample_empty(sample, "mute");
    sample_judge(
        sample, HB_VERDICT_PASS, HB_CAUSE_NONE,
        "exit code 0 after 40 ms; the program does not speak to us, so its "
        "status alone was judged");
    sample_end(sample, HB_EXIT_CODE, 0, 40);
}

static void make_fail(struct sample *sample)
{
    static const char *const attachments[] = {
        "hbtest-artifacts/parser_test/20260131T120000.123Z-4711-1/stdout.log",
    };

    sample_empty(sample, "fail");
    sample_judge(
        sample, HB_VERDICT_FAIL, HB_CAUSE_CASE_FAILED,
        "1 of 3 cases failed, first \"second\": 0x1 != 0x2; exit code 1 "
        "after 1.2 s");
    sample_end(sample, HB_EXIT_CODE, 1, 1200);
    sample->result.exit_status = 1;
    sample_heartbeat(sample, "output", 1190);
    sample_complete(sample, true, "cmocka");
    sample->result.completion.failed = true;
    (void)sample_timed(sample, "first", HB_CASE_PASSED, 3, 500);

    struct hb_case *failed =
        sample_timed(sample, "second", HB_CASE_FAILED, 503, 600);

    failed->message = "0x1 != 0x2\nerror: Failure!";
    failed->file = "tests/parser.c";
    failed->line = 9;
    (void)sample_timed(sample, "third", HB_CASE_SKIPPED, 1103, 0);
    sample->result.planned = 3;
    sample->output.bytes[HB_STDERR] = "[  ERROR   ] --- 0x1 != 0x2\n";
    sample->output.size[HB_STDERR] = 28;
    sample->output.attachments = attachments;
    sample->output.attachment_count = 1;
    sample->result.output_bytes[HB_STDERR] = 28;
}

/* A plain cmocka program that calls exit(0) in its second of three cases. */
static void make_silent(struct sample *sample)
{
    sample_empty(sample, "silent-death");
    sample_judge(
        sample, HB_VERDICT_SILENT_DEATH, HB_CAUSE_EXIT_BEFORE_COMPLETION,
        "exit code 0 in case \"second\" after 1.2 s; the program never said "
        "that it was done");
    sample_end(sample, HB_EXIT_CODE, 0, 1200);
    sample->result.exit_status = 120;
    sample_heartbeat(sample, "output", 510);
    sample_complete(sample, false, "none");
    SET(sample->result.heartbeat.last_case, "second");
    SET(sample->result.heartbeat.last_note, "opening the file");
    (void)sample_timed(sample, "first", HB_CASE_PASSED, 3, 500);
    (void)sample_timed(sample, "second", HB_CASE_RUNNING, 503, HB_UNKNOWN_MS);
    (void)sample_case(sample, NULL, "third", HB_CASE_LOST);
    sample->result.planned = 3;
    SET(sample->result.signature.hash, "00112233445566aa");
    SET(sample->result.signature.text,
        "silent-death exit-before-completion code:0 run second");
    sample_evidence(sample, "dump");
    sample_evidence(sample, "stacks");
    sample->output.bytes[HB_STDOUT] = "[ RUN      ] second";
    sample->output.size[HB_STDOUT] = 19;
}

static void add_threads(struct sample *sample)
{
    sample->result.thread_count = 2;
    sample->threads[0] = (struct hb_thread_sample){
        .pid = 5000,
        .tid = 5004,
        .state = HB_THREAD_WAITING,
        .wait = HB_WAIT_LOCK,
        .cpu_us = 125000,
    };
    SET(sample->threads[0].name, "main");
    SET(sample->threads[0].wait_name, "WrUserRequest");
    sample->threads[1] = (struct hb_thread_sample){
        .pid = 5000,
        .tid = 5008,
        .state = HB_THREAD_RUNNING,
        .cpu_us = UINT64_C(9007199254740995),
    };
}

static void set_hang(struct sample *sample)
{
    struct hb_result *result = &sample->result;

    result->header = &sample->header;
    result->exit_status = 124;
    result->fired = HB_LIMIT_HANG;
    result->fired_after_ms = 30000;
    result->killed_by_us = true;
    result->killed_by.known = true;
    result->killed_by.pid = 4711;
    SET(result->killed_by.name, "hbtest-launch");
    SET(result->killed_by.signal, "TerminateJobObject");
    SET(result->killed_by.source, "launcher");
    result->dialog.shown = true;
    result->dialog.pid = 5000;
    SET(result->dialog.title, "Microsoft Visual C++ Runtime Library");
    SET(result->dialog.text, "Debug Error!\n\nabort() has been called");
    SET(result->signature.hash, "8899aabbccddeeff");
    SET(result->signature.text, "hang dialog run");
}

/* A message box on Windows, a program that beats and has no cases. */
static void make_hang(struct sample *sample)
{
    sample_empty(sample, "hang");
    sample->header.host.windows = true;
    sample->header.host.os = "Windows";
    sample->header.host.release = "10.0.17763";
    sample->header.cwd = "C:\\build\\tests";
    sample->header.policy.timeout_ms = 600000;
    sample->header.policy.deadline_ms = 3600000;
    sample_judge(sample, HB_VERDICT_HANG, HB_CAUSE_DIALOG,
                 "silent for 30 s, phase run; a message box waits for a click");
    sample_end(sample, HB_EXIT_NTSTATUS, 0xC0DE0137u, 35400);
    sample_heartbeat(sample, "recorder", 400);
    set_hang(sample);
    add_threads(sample);
    sample->result.heartbeat.hang_after_ms = 30000;
    sample->result.heartbeat.beats = 12;
    sample->result.heartbeat.alive = 35;
    sample->result.heartbeat.has_stats = true;
    sample->result.heartbeat.last_stats = (struct hb_stats){
        .rss_kib = 8192,
        .cpu_ms = 125,
        .threads = 2,
        .handles = 90,
    };
    sample->result.attached = true;
    sample_evidence(sample, "dump");
    sample_evidence(sample, "stacks");
    sample->result.evidence[1].status = HB_EVIDENCE_CAPTURED;
    SET(sample->result.evidence[1].path, "stacks.txt");
    sample->result.evidence[1].reason[0] = '\0';
    sample->result.evidence[1].bytes = 4321;
    sample->result.evidence[1].duration_ms = 18;
}

static void make_crash(struct sample *sample)
{
    sample_empty(sample, "crash");
    sample_judge(sample, HB_VERDICT_CRASH, HB_CAUSE_ACCESS_VIOLATION,
                 "SIGSEGV (signal 11): invalid memory access after 90 ms");
    sample_end(sample, HB_EXIT_SIGNAL, 11, 90);
    sample->result.exit.core_dumped = true;
    sample->result.exit_status = 11;
    sample->result.exit_by_signal = true;
    sample->result.phase = HB_PHASE_START_UP;
    sample->result.process_count = 2;
    sample->processes[0] = (struct hb_process_record){
        .process = { .pid = 5001, .ppid = 5000, .image = "server" },
        .started_ms = 20,
        .ended_ms = HB_UNKNOWN_MS,
        .source = HB_SOURCE_KERNEL,
        .left_behind = true,
    };
    sample->processes[1] = (struct hb_process_record){
        .process = { .pid = 5002, .ppid = 5000, .image = "sh" },
        .started_ms = 30,
        .ended_ms = 35,
        .exit = { .kind = HB_EXIT_CODE, .value = 137 },
        .source = HB_SOURCE_KERNEL,
    };
    sample->result.output_held[HB_STDERR] = true;
    sample->result.warning_count = 1;
    SET(sample->warnings[0], "1 process was left behind");
}

static void make_lost(struct sample *sample)
{
    sample_empty(sample, "launcher-lost");
    sample_judge(sample, HB_VERDICT_LAUNCHER_ERROR, HB_CAUSE_LAUNCHER_LOST,
                 "the launcher was ended before it could write a verdict; the "
                 "timeline tells what it knew");
    sample->result.exit_status = 125;
    sample->result.phase = HB_PHASE_START_UP;
    sample->result.heartbeat.hang_after_ms = 0;
    sample->result.heartbeat.source[0] = '\0';
    sample->result.completion.how[0] = '\0';
}

static void make_interrupted(struct sample *sample)
{
    sample_empty(sample, "interrupted");
    sample_judge(sample, HB_VERDICT_INTERRUPTED, HB_CAUSE_SIGNAL,
                 "asked to stop by SIGINT after 2 s");
    sample_end(sample, HB_EXIT_SIGNAL, 15, 2000);
    sample->result.exit_status = 2;
    sample->result.exit_by_signal = true;
    SET(sample->result.interrupted_by, "SIGINT");
    sample->result.interrupt_signal = 2;
    sample->header.policy.hang_after_auto = false;
    sample->result.heartbeat.hang_after_ms = HB_NO_LIMIT;
}

/* All that names and output can hold to break a report. */
static void make_hostile(struct sample *sample)
{
    static const char *const odd_command[] = { "./a\xff", "<&\"'>\x01", "\n" };
    static const char out[] = "\x1b[31mred\x1b[0m \x1b]0;title\x07 a\x1b b\r\n"
                              "lone\rreturn ]]> <tag> & \xff\xc3( \x08\x0b"
                              "\xef\xbf\xbe \xf0\x9f\x92\xa5 no newline";

    sample_empty(sample, "hostile");
    sample->header.name = "p\xc3\xbcr <\"f\"> & \x1b[2J`*_|@x";
    sample->header.command = odd_command;
    sample->header.command_count = 3;
    sample->header.started_at_unix_ms = -1;
    sample_judge(sample, HB_VERDICT_FAIL, HB_CAUSE_CASE_FAILED,
                 "::error::no, 100%\r\n::warning::<script>\xff</script>");
    sample_end(sample, HB_EXIT_CODE, 0xffffffffu, 5);
    sample->result.heartbeat.beats = UINT64_MAX;
    SET(sample->result.heartbeat.last_note, "\x80\x81<CTestDetails>\n");
    (void)sample_case(sample, "s", "twice", HB_CASE_PASSED);
    (void)sample_case(sample, "s", "twice (2)", HB_CASE_PASSED);
    (void)sample_case(sample, "s", "twice", HB_CASE_UNKNOWN);
    (void)sample_case(sample, NULL, "", HB_CASE_PASSED);

    struct hb_case *failed =
        sample_case(sample, NULL, "a\nb\x02<&>\"'", HB_CASE_FAILED);

    failed->message = "]]></failure>\x1b[1m\xff\n::error::x";
    failed->file = "C:\\a,b:c%.c";
    failed->line = 1;
    sample->output.bytes[HB_STDOUT] = out;
    sample->output.size[HB_STDOUT] = sizeof(out) - 1;
    sample->output.missing[HB_STDOUT] = 1000;
    sample->output.bytes[HB_STDERR] = "\0\1\2";
    sample->output.size[HB_STDERR] = 3;
}

void sample_make(struct sample *sample, unsigned number)
{
    static void (*const make[SAMPLE_COUNT])(struct sample *) = {
        make_pass,  make_mute, make_fail,        make_silent,  make_hang,
        make_crash, make_lost, make_interrupted, make_hostile, sample_deadlock,
    };

    make[number](sample);
}
