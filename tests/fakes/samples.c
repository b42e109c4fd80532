#include "fakes/samples.h"

#include <string.h>

#include "base/text.h"

#define SET(field, text) (void)hb_text_copy((field), sizeof(field), (text))

static const char *const command[] = { "./parser_test", "--all", "two words",
                                       "" };

static void set_policy(struct hb_policy *policy)
{
    *policy = (struct hb_policy){
        .hang_after_auto = true,
        .hang_after_ms = HB_NO_LIMIT,
        .timeout_ms = HB_NO_LIMIT,
        .exit_within_ms = 10000,
        .deadline_ms = HB_NO_LIMIT,
        .beat_every_ms = 1000,
        .grace_ms = 5000,
        .progress = HB_PROGRESS_AUTO,
    };
}

static void set_header(struct sample *sample)
{
    struct hb_run_header *header = &sample->header;

    header->name = "parser_test";
    SET(header->run_id, "20260131T120000.123Z-4711-1");
    header->attempt = 1;
    header->command = command;
    header->command_count = sizeof(command) / sizeof(command[0]);
    header->cwd = "/build/tests";
    header->started_at_unix_ms = INT64_C(1769860800123);
    header->host.os = "Linux";
    header->host.release = "6.1.0";
    header->host.arch = "x86_64";
    header->host.cpus = 4;
    header->host.name = "builder";
    header->launcher.version = "0.1.0";
    header->launcher.pid = 4711;
    set_policy(&header->policy);
}

static void add_capability(struct sample *sample, const char *name,
                           bool available, const char *detail)
{
    struct hb_run_header *header = &sample->header;
    struct hb_capability *made =
        &header->launcher.capabilities[header->launcher.capability_count++];

    SET(made->name, name);
    made->available = available;
    SET(made->detail, detail);
}

static void add_evidence(struct sample *sample, const char *kind)
{
    struct hb_evidence *made =
        &sample->result.evidence[sample->result.evidence_count++];

    SET(made->kind, kind);
    made->status = HB_EVIDENCE_SKIPPED;
    SET(made->reason, "not built yet");
}

static void judge(struct sample *sample, enum hb_verdict verdict,
                  enum hb_cause cause, const char *summary)
{
    sample->result.verdict = verdict;
    sample->result.cause = cause;
    SET(sample->result.summary, summary);
}

static void end(struct sample *sample, enum hb_exit_kind kind, uint32_t value,
                uint64_t at_ms)
{
    struct hb_result *result = &sample->result;

    result->ended = true;
    result->exit = (struct hb_exit){ .kind = kind, .value = value };
    result->ended_ms = at_ms;
    result->duration_ms = at_ms + 12;
    result->resources = (struct hb_resources){
        .known = true,
        .user_ms = 120,
        .system_ms = 7,
        .max_rss_kib = 20480,
    };
}

struct hb_case *sample_case(struct sample *sample, char *suite, char *name,
                            enum hb_case_status status)
{
    struct hb_case *made = &sample->cases[sample->result.case_count++];

    *made = (struct hb_case){
        .suite = suite,
        .name = name,
        .status = status,
        .begun_ms = HB_UNKNOWN_MS,
        .duration_ms = HB_UNKNOWN_MS,
        .source = HB_SOURCE_CMOCKA,
    };
    return made;
}

static struct hb_case *add_timed(struct sample *sample, char *name,
                                 enum hb_case_status status, uint64_t begun_ms,
                                 uint64_t duration_ms)
{
    struct hb_case *made = sample_case(sample, NULL, name, status);

    made->begun_ms = begun_ms;
    made->duration_ms = duration_ms;
    return made;
}

static void complete(struct sample *sample, bool seen, const char *how)
{
    sample->result.completion.expected = true;
    sample->result.completion.seen = seen;
    SET(sample->result.completion.how, how);
    sample->result.dialect_seen = true;
}

static void set_heartbeat(struct sample *sample, const char *source,
                          uint64_t last_ms)
{
    struct hb_heartbeat *heartbeat = &sample->result.heartbeat;

    heartbeat->seen = true;
    SET(heartbeat->source, source);
    heartbeat->progress = 6;
    heartbeat->first_ms = 3;
    heartbeat->last_ms = last_ms;
    heartbeat->longest_gap_ms = 700;
    heartbeat->gap_at_end_ms = sample->result.ended_ms - last_ms;
}

void sample_empty(struct sample *sample, const char *name)
{
    memset(sample, 0, sizeof(*sample));
    sample->name = name;
    set_header(sample);

    struct hb_result *result = &sample->result;

    result->header = &sample->header;
    result->cases = sample->cases;
    result->processes = sample->processes;
    result->threads = sample->threads;
    result->warnings = sample->warnings;
    result->fired_after_ms = HB_UNKNOWN_MS;
    result->ended_ms = HB_UNKNOWN_MS;
    result->phase = HB_PHASE_RUN;
    result->heartbeat.hang_after_ms = 300000;
    result->heartbeat.first_ms = HB_UNKNOWN_MS;
    result->heartbeat.last_ms = HB_UNKNOWN_MS;
    result->heartbeat.gap_at_end_ms = HB_UNKNOWN_MS;
    SET(result->heartbeat.source, "none");
    SET(result->completion.how, "none");
}

static void make_pass(struct sample *sample)
{
    sample_empty(sample, "pass");
    add_capability(sample, "process_tree", true, "pidfd, subreaper");
    add_capability(sample, "etw", false, "not on this system");
    judge(sample, HB_VERDICT_PASS, HB_CAUSE_NONE, "2 cases passed after 1.2 s");
    end(sample, HB_EXIT_CODE, 0, 1200);
    set_heartbeat(sample, "output", 1190);
    complete(sample, true, "cmocka");
    sample->result.phase = HB_PHASE_TEARDOWN;
    (void)add_timed(sample, "first", HB_CASE_PASSED, 3, 500);
    (void)add_timed(sample, "second", HB_CASE_PASSED, 503, 687);
    sample->result.output_bytes[HB_STDOUT] = 214;
    sample->output.bytes[HB_STDOUT] = "[==========] Running 2 test(s).\n";
    sample->output.size[HB_STDOUT] = 32;
}

/* A program that speaks no dialect: judged by its status alone. */
static void make_mute(struct sample *sample)
{
    sample_empty(sample, "mute");
    judge(sample, HB_VERDICT_PASS, HB_CAUSE_NONE,
          "exit code 0 after 40 ms; the program does not speak to us, so its "
          "status alone was judged");
    end(sample, HB_EXIT_CODE, 0, 40);
}

static void make_fail(struct sample *sample)
{
    static const char *const attachments[] = {
        "hbtest-artifacts/parser_test/20260131T120000.123Z-4711-1/stdout.log",
    };

    sample_empty(sample, "fail");
    judge(sample, HB_VERDICT_FAIL, HB_CAUSE_CASE_FAILED,
          "1 of 3 cases failed, first \"second\": 0x1 != 0x2; exit code 1 "
          "after 1.2 s");
    end(sample, HB_EXIT_CODE, 1, 1200);
    sample->result.exit_status = 1;
    set_heartbeat(sample, "output", 1190);
    complete(sample, true, "cmocka");
    sample->result.completion.failed = true;
    (void)add_timed(sample, "first", HB_CASE_PASSED, 3, 500);

    struct hb_case *failed =
        add_timed(sample, "second", HB_CASE_FAILED, 503, 600);

    failed->message = "0x1 != 0x2\nerror: Failure!";
    failed->file = "tests/parser.c";
    failed->line = 9;
    (void)add_timed(sample, "third", HB_CASE_SKIPPED, 1103, 0);
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
    judge(sample, HB_VERDICT_SILENT_DEATH, HB_CAUSE_EXIT_BEFORE_COMPLETION,
          "exit code 0 in case \"second\" after 1.2 s; the program never said "
          "that it was done");
    end(sample, HB_EXIT_CODE, 0, 1200);
    sample->result.exit_status = 120;
    set_heartbeat(sample, "output", 510);
    complete(sample, false, "none");
    SET(sample->result.heartbeat.last_case, "second");
    SET(sample->result.heartbeat.last_note, "opening the file");
    (void)add_timed(sample, "first", HB_CASE_PASSED, 3, 500);
    (void)add_timed(sample, "second", HB_CASE_RUNNING, 503, HB_UNKNOWN_MS);
    (void)sample_case(sample, NULL, "third", HB_CASE_LOST);
    sample->result.planned = 3;
    SET(sample->result.signature.hash, "00112233445566aa");
    SET(sample->result.signature.text,
        "silent-death exit-before-completion code:0 run second");
    add_evidence(sample, "dump");
    add_evidence(sample, "stacks");
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
    judge(sample, HB_VERDICT_HANG, HB_CAUSE_DIALOG,
          "silent for 30 s, phase run; a message box waits for a click");
    end(sample, HB_EXIT_NTSTATUS, 0xC0DE0137u, 35400);
    set_heartbeat(sample, "recorder", 400);
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
    add_evidence(sample, "dump");
    add_evidence(sample, "stacks");
    sample->result.evidence[1].status = HB_EVIDENCE_CAPTURED;
    SET(sample->result.evidence[1].path, "stacks.txt");
    sample->result.evidence[1].reason[0] = '\0';
    sample->result.evidence[1].bytes = 4321;
    sample->result.evidence[1].duration_ms = 18;
}

static void make_crash(struct sample *sample)
{
    sample_empty(sample, "crash");
    judge(sample, HB_VERDICT_CRASH, HB_CAUSE_ACCESS_VIOLATION,
          "SIGSEGV (signal 11): invalid memory access after 90 ms");
    end(sample, HB_EXIT_SIGNAL, 11, 90);
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
    judge(sample, HB_VERDICT_LAUNCHER_ERROR, HB_CAUSE_LAUNCHER_LOST,
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
    judge(sample, HB_VERDICT_INTERRUPTED, HB_CAUSE_SIGNAL,
          "asked to stop by SIGINT after 2 s");
    end(sample, HB_EXIT_SIGNAL, 15, 2000);
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
    judge(sample, HB_VERDICT_FAIL, HB_CAUSE_CASE_FAILED,
          "::error::no, 100%\r\n::warning::<script>\xff</script>");
    end(sample, HB_EXIT_CODE, 0xffffffffu, 5);
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
        make_crash, make_lost, make_interrupted, make_hostile,
    };

    make[number](sample);
}
