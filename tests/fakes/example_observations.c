#include "fakes/observations.h"

#define PID 5000

static const struct hb_tree_process server = {
    .pid = 5001,
    .ppid = PID,
    .image = "server",
};
static const struct hb_thread_sample threads[] = {
    {
        .pid = PID,
        .tid = PID,
        .state = HB_THREAD_WAITING,
        .wait = HB_WAIT_LOCK,
        .cpu_us = 125000,
        .name = "main",
        .wait_name = "futex_wait_queue",
    },
    { .pid = PID, .tid = 5003, .state = HB_THREAD_RUNNING, .cpu_us = 900 },
};
static const struct hb_dialog dialog = {
    .shown = true,
    .pid = PID,
    .title = "Debug Error!",
    .text = "abort() has been called",
};
static const struct hb_evidence dump = {
    .kind = "dump",
    .status = HB_EVIDENCE_SKIPPED,
    .reason = "the process had ended before anybody could look",
};

static const struct hb_module module = {
    .base = 0x55d0c0a00000,
    .size = 45056,
    .path = "/build/parser_test",
    .id = "8f1d3c2a5b6e7f80112233445566778899aabbcc",
    .debug = "/build/parser_test",
};
static const struct hb_frame frames[] = {
    {
        .address = 0x55d0c0a01234,
        .module = 0,
        .offset = 0x1234,
        .symbol = "wait_for_reply",
        .symbol_offset = 52,
        .file = "/src/parser.c",
        .line = 9,
        .is_inlined = true,
    },
    { .address = 0x7f0000001000, .module = HB_NO_MODULE },
};
static const struct hb_found_thread stack = {
    .pid = PID,
    .tid = 5003,
    .sample = 1,
    .name = "worker",
    .state = "sleeping",
    .crashed = true,
    .moved = true,
    .frames = frames,
    .frame_count = 2,
    .cut_short = "no unwind information",
};
static const struct hb_found_lock lock = {
    .pid = PID,
    .tid = PID,
    .kind = "mutex",
    .address = 0x55d0c0b00040,
    .owner = 5003,
};
static const struct hb_found_exception exception = {
    .pid = PID,
    .tid = 5003,
    .code = 0xC0000409,
    .address = 0x7ff8a0001000,
    .pointers = 0x5ffd10,
    .has_parameter = true,
    .parameter = 7,
};

static const struct hb_found_exception fault = {
    .pid = PID,
    .tid = 5003,
    .code = 11,
    .reason = 1,
    .address = 0x10,
    .stack = 0x7ffc00001000,
};

static const struct hb_leaving leaving = {
    .pid = PID,
    .tid = 5003,
    .call = "_exit",
    .kind = HB_LEAVING_CODE,
    .value = 3,
};

static struct hb_machine machine;

static const struct hb_observation examples[HB_OBS_COUNT] = {
    [HB_OBS_GAP] = { .count = 2500, .text = "the system was suspended" },
    [HB_OBS_STARTED] = { .pid = PID },
    [HB_OBS_ATTACHED] = { .pid = PID, .count = 0, .text = "hbtest 0.1.0" },
    [HB_OBS_REFUSED] = { .pid = PID, .text = "fixture 2.0, launcher 1.0" },
    [HB_OBS_ALIVE] = { .pid = PID,
                       .count = 1,
                       .stats = { .rss_kib = 8192,
                                  .cpu_ms = 125,
                                  .threads = 2,
                                  .handles = 9 },
                       .lane_cpu_us = 90 },
    [HB_OBS_BEAT] = { .pid = PID, .count = 12 },
    [HB_OBS_NOTE] = { .pid = PID, .text = "opening the file" },
    [HB_OBS_PLAN] = { .count = 3 },
    [HB_OBS_EXPECTED] = { .suite = "Parser", .name = "third" },
    [HB_OBS_CASE_BEGIN] = { .suite = "Parser", .name = "second" },
    [HB_OBS_CASE_END] = { .suite = "Parser",
                          .name = "second",
                          .status = HB_CASE_FAILED,
                          .duration_ms = HB_NO_DURATION },
    [HB_OBS_CASE_DETAIL] = { .name = "second",
                             .text = "0x1 != 0x2",
                             .file = "tests/parser.c",
                             .line = 9 },
    [HB_OBS_COMPLETE] = { .count = 3, .failed = true },
    [HB_OBS_HANG_AFTER] = { .pid = PID, .count = 60000 },
    [HB_OBS_BAD_TEXT] = { .text = "cannot open shared object file" },
    [HB_OBS_DAMAGE] = { .count = 2, .text = "checksum" },
    [HB_OBS_LOST] = { .count = 100 },
    [HB_OBS_EXITING] = { .pid = PID },
    [HB_OBS_CRASHING] = { .pid = PID, .exception = &fault },
    [HB_OBS_LEAVING] = { .pid = PID, .leaving = &leaving },
    [HB_OBS_OUTPUT] = { .count = 214, .stream = HB_STDOUT },
    [HB_OBS_OUTPUT_CLOSED] = { .stream = HB_STDERR },
    [HB_OBS_BLOCKED] = { .count = 1500, .stream = HB_STDOUT },
    [HB_OBS_CPU] = { .count = 125000 },
    [HB_OBS_CHILD] = { .process = &server },
    [HB_OBS_CHILD_EXIT] = { .pid = 5001, .exit = { HB_EXIT_SIGNAL, 9, false } },
    [HB_OBS_EXIT] = { .pid = PID,
                      .exit = { HB_EXIT_CODE, 0, false },
                      .resources = { true, 120, 7, 20480, 0, 0 } },
    [HB_OBS_SAMPLE] = { .threads = threads,
                        .thread_count = 2,
                        .dialog = &dialog },
    [HB_OBS_LEFT] = { .process = &server },
    [HB_OBS_HELD_OUTPUT] = { .stream = HB_STDOUT },
    [HB_OBS_STOP_REQUEST] = { .pid = 4000, .count = 15, .text = "SIGTERM" },
    [HB_OBS_MODULE] = { .count = 1, .module = &module },
    [HB_OBS_THREAD] = { .found = &stack },
    [HB_OBS_LOCK] = { .lock = &lock },
    [HB_OBS_EXCEPTION] = { .exception = &exception },
    [HB_OBS_UNWRITTEN] = { .pid = 4000,
                           .count = 9,
                           .stream = HB_STDOUT,
                           .text = "step 3 of" },
    [HB_OBS_MACHINE] = { .machine = &machine },
    [HB_OBS_EVIDENCE] = { .evidence = &dump },
    [HB_OBS_STOPPED] = { .failed = true },
    [HB_OBS_WARNING] = { .text = "1 process was left behind" },
    [HB_OBS_FAILURE] = { .text = "cannot start './parser_test'",
                         .cause_hint = HB_CAUSE_CANNOT_START },
};

void example_observation(struct hb_observation *seen,
                         enum hb_observation_kind kind)
{
    sample_machine(&machine);
    *seen = examples[kind];
    seen->kind = kind;
    seen->at_ms = 10 * (uint64_t)kind;
    if (kind >= HB_OBS_ATTACHED && kind <= HB_OBS_CRASHING) {
        seen->source = HB_SOURCE_RECORDER;
    } else if (kind == HB_OBS_MACHINE ||
               (kind >= HB_OBS_OUTPUT && kind <= HB_OBS_HELD_OUTPUT)) {
        seen->source = HB_SOURCE_KERNEL;
    }
}
