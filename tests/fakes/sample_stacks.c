#include "fakes/observations.h"
#include "fakes/sample_parts.h"

/* Two threads that wait for each other's lock, a third that waits for one of
 * them, and workers that all stand in the same place. */
static struct hb_module modules[] = {
    { .base = 0x55d0c0a00000,
      .size = 45056,
      .path = "/build/tests/parser_test",
      .id = "8f1d3c2a5b6e7f80112233445566778899aabbcc",
      .debug = "/build/tests/parser_test" },
    { .base = 0x7f0000000000,
      .size = 2097152,
      .path = "/usr/lib/x86_64-linux-gnu/libc.so.6" },
};

#define IN_LIBC(where, name)                                                   \
    {                                                                          \
        .address = 0x7f0000000000 + (where), .offset = (where), .module = 1,   \
        .symbol = (name), .symbol_offset = 0x40                                \
    }
#define IN_TEST(where, name, number)                                           \
    {                                                                          \
        .address = 0x55d0c0a00000 + (where), .offset = (where), .module = 0,   \
        .symbol = (name), .file = "/src/parser.c", .line = (number)            \
    }

static struct hb_stack_frame main_frames[] = {
    IN_LIBC(0x8e0c0, "__futex_abstimed_wait_common64"),
    IN_LIBC(0x90300, "pthread_join"),
    IN_TEST(0x1230, "join_workers", 40),
    IN_TEST(0x1340, "main", 61),
    IN_LIBC(0x27200, "__libc_start_call_main"),
};
static struct hb_stack_frame first_frames[] = {
    IN_LIBC(0x8e0c0, "__lll_lock_wait"),
    IN_TEST(0x1100, "take_second", 12),
    IN_TEST(0x1150, "first_worker", 21),
};
static struct hb_stack_frame second_frames[] = {
    IN_LIBC(0x8e0c0, "__lll_lock_wait"),
    { .address = 0x55d0c0a011a0,
      .offset = 0x11a0,
      .module = 0,
      .symbol = "take_first",
      .file = "/src/parser.c",
      .line = 17,
      .is_inlined = true },
    IN_TEST(0x11a0, "second_worker", 27),
};
static struct hb_stack_frame idle_frames[] = {
    IN_LIBC(0x8e0c0, "__futex_abstimed_wait_common64"),
    { .address = 0x55d0c0a01999, .offset = 0x1999, .module = 0 },
    { .address = 0x1234, .module = HB_NO_MODULE },
};

#define STACK(number, thread, list)                                            \
    {                                                                          \
        .pid = 5000, .tid = (number), .name = thread, .state = "sleeping",     \
        .frames = (list), .frame_count = sizeof(list) / sizeof((list)[0])      \
    }

static struct hb_stack stacks[] = {
    STACK(5000, "parser_test", main_frames),
    STACK(5001, "first", first_frames),
    STACK(5002, "second", second_frames),
    STACK(5003, "pool-0", idle_frames),
    STACK(5004, "pool-1", idle_frames),
    STACK(5005, "", idle_frames),
    { .pid = 5000,
      .tid = 5006,
      .name = "odd\n\x1b[31m",
      .state = "running",
      .moved = true,
      .cut_short = "the stack pointer is not in a stack" },
};

static char unwritten[] = "opens the file\nreads the header\n";

static struct hb_found_lock locks[] = {
    { 5000, 5000, "join", 0x7f0000a00910, 5001 },
    { 5000, 5001, "mutex", 0x55d0c0a04080, 5002 },
    { 5000, 5002, "mutex", 0x55d0c0a04040, 5001 },
    { 5000, 5003, "futex", 0x55d0c0a04100, 0 },
};

static void add_threads(struct sample *sample)
{
    sample->result.thread_count = 2;
    sample->threads[0] = (struct hb_thread_sample){
        .pid = 5000,
        .tid = 5000,
        .state = HB_THREAD_WAITING,
        .wait = HB_WAIT_LOCK,
        .cpu_us = 1000,
    };
    SET(sample->threads[0].name, "parser_test");
    sample->threads[1] = sample->threads[0];
    sample->threads[1].tid = 5001;
    SET(sample->threads[1].name, "first");
}

static void add_evidence(struct sample *sample)
{
    struct hb_evidence *stacks_taken = &sample->result.evidence[0];
    struct hb_evidence *dump = &sample->result.evidence[1];

    sample->result.evidence_count = 2;
    SET(stacks_taken->kind, "stacks");
    SET(stacks_taken->path, "stacks.txt");
    stacks_taken->pid = 5000;
    stacks_taken->bytes = 1234;
    stacks_taken->duration_ms = 40;
    stacks_taken->pause_us = 412;
    SET(dump->kind, "dump");
    dump->status = HB_EVIDENCE_FAILED;
    dump->pid = 5007;
    SET(dump->reason, "no space left on device");
}

static struct hb_machine machine;

void sample_deadlock(struct sample *sample)
{
    struct hb_finds *finds = &sample->result.finds;

    sample_empty(sample, "deadlock");
    sample_judge(sample, HB_VERDICT_HANG, HB_CAUSE_DEADLOCK,
                 "silent for 30 s, phase run; thread 5001 waits for a lock "
                 "held by thread 5002, which waits for one held by thread "
                 "5001");
    sample_end(sample, HB_EXIT_SIGNAL, 15, 30500);
    sample_heartbeat(sample, "output", 400);
    sample->result.pid = 5000;
    sample->result.exit_status = 124;
    sample->result.fired = HB_LIMIT_HANG;
    sample->result.fired_after_ms = 30000;
    add_threads(sample);
    *finds = (struct hb_finds){
        .modules = modules,
        .module_count = sizeof(modules) / sizeof(modules[0]),
        .stacks = stacks,
        .stack_count = sizeof(stacks) / sizeof(stacks[0]),
        .locks = locks,
        .lock_count = sizeof(locks) / sizeof(locks[0]),
        .unwritten = { { 5000, HB_STDOUT, 32, unwritten } },
        .unwritten_count = 1,
    };
    add_evidence(sample);
    sample_machine(&machine);
    sample->result.machine = &machine;
    sample->result.machine_ms = 30200;
}
