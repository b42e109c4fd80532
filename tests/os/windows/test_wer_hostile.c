/*
 * What the module of error reporting reads of a process is the word of a
 * program that went wrong: it comes back whatever stands there, and touches
 * nothing that is not the recorder.
 */
#include "os/windows/wer_desk.h"

static const struct role roles[] = {
    { "stand", stand },
    { NULL, NULL },
};

static void nothing_is_told_where_nothing_is_registered(void **state)
{
    (void)state;
    start(0);
    report(NULL);
    report((void *)(uintptr_t)16);
    report(registered + 1);
    report((void *)(UINTPTR_MAX - 64));
    dying.process = NULL;
    report(registered);
    assert_int_equal(read_crashes(), 0);
}

static void a_registration_of_another_form_is_left_alone(void **state)
{
    (void)state;
    start(0);
    PUT(version, HB_REGISTRATION_VERSION + 1);
    report(registered);
    PUT(version, HB_REGISTRATION_VERSION);
    PUT(bytes, sizeof(struct hb_registration) + 8);
    report(registered);
    PUT(bytes, sizeof(struct hb_registration));
    PUT(token, TOKEN + 1);
    report(registered);
    assert_int_equal(read_crashes(), 0);
    PUT(token, TOKEN);
    report(registered); /* so it was that */
    assert_int_equal(read_crashes(), 1);
}

/* Hands a section of ours to the child, and says that it is the recorder. */
static void pretend(HANDLE section, uint64_t size)
{
    HANDLE theirs = NULL;

    assert_non_null(section);
    assert_true(DuplicateHandle(GetCurrentProcess(), section, process, &theirs,
                                0, FALSE, DUPLICATE_SAME_ACCESS));
    PUT(handle, (uint64_t)(uintptr_t)theirs);
    PUT(recorder_bytes, size);
    report(registered);
}

static HANDLE new_section(DWORD kind)
{
    return CreateFileMappingW(INVALID_HANDLE_VALUE, NULL, kind, 0,
                              HBTEST_RECORDER_SIZE, NULL);
}

static void pretend_new(DWORD kind, uint64_t size)
{
    HANDLE section = new_section(kind);

    pretend(section, size);
    (void)CloseHandle(section);
}

static void a_section_that_is_no_recorder_is_not_touched(void **state)
{
    (void)state;
    start(0);
    pretend_new(PAGE_READWRITE, HBTEST_RECORDER_SIZE);
    pretend_new(PAGE_READWRITE, 0);
    pretend_new(PAGE_READWRITE, HBTEST_RECORDER_SIZE * 2ull);
    pretend_new(PAGE_READWRITE, UINT64_MAX);
    pretend_new(PAGE_READWRITE, 8);
    pretend_new(PAGE_READONLY, HBTEST_RECORDER_SIZE);
    assert_int_equal(read_crashes(), 0);
}

/* Its header is there, and behind it pages that nobody may touch. */
static void a_recorder_of_which_not_all_is_there_is_not_touched(void **state)
{
    HANDLE section = new_section(PAGE_READWRITE | SEC_RESERVE);
    struct hbtest_header *torn =
        MapViewOfFile(section, FILE_MAP_READ | FILE_MAP_WRITE, 0, 0, 0);

    (void)state;
    assert_non_null(torn);
    assert_non_null(
        VirtualAlloc(torn, HBTEST_LANES_OFFSET, MEM_COMMIT, PAGE_READWRITE));
    start(0);
    memcpy(torn, host.memory, sizeof(*torn));
    assert_true(torn->head > 0 && torn->client_pid == child.pid);
    torn->client_pid = 0;
    pretend(section, HBTEST_RECORDER_SIZE);
    assert_int_equal(torn->client_pid, 0);
    assert_int_equal(read_crashes(), 0);
    (void)UnmapViewOfFile(torn);
    (void)CloseHandle(section);
}

static uint32_t random_state = 1;

static uint32_t next(void)
{
    random_state = random_state * 1664525u + 1013904223u;
    return random_state >> 8;
}

static void scribble(void *bytes, size_t size)
{
    for (size_t i = 1 + next() % 8; i > 0; i--) {
        ((unsigned char *)bytes)[next() % size] = (unsigned char)next();
    }
}

/* Whatever stands there, it comes back; what it writes stays in the recorder,
 * whose reader believes nothing either. */
static void whatever_it_reads_it_returns(void **state)
{
    struct hb_registration whole;
    struct hbtest_header kept;

    (void)state;
    start(0);
    read_child(registered, &whole, sizeof(whole));
    memcpy(&kept, host.memory, sizeof(kept));
    for (int i = 0; i < 1000; i++) {
        struct hb_registration torn = whole;

        memcpy(host.memory, &kept, sizeof(kept));
        header()->crash_wait_ms = next() % 2;
        if (i % 2 == 0) {
            scribble(&torn, offsetof(struct hb_registration, pointers));
        } else {
            scribble((unsigned char *)host.memory + 24, sizeof(kept) - 24);
            header()->crash_wait_ms &= 1;
        }
        write_child(0, &torn, sizeof(torn));
        report(registered);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        DEATH(nothing_is_told_where_nothing_is_registered),
        DEATH(a_registration_of_another_form_is_left_alone),
        DEATH(a_section_that_is_no_recorder_is_not_touched),
        DEATH(a_recorder_of_which_not_all_is_there_is_not_touched),
        DEATH(whatever_it_reads_it_returns),
    };
    int status = 0;

    if (played_role(argc, argv, roles, &status)) {
        return status;
    }
    return cmocka_run_group_tests(tests, load_module, NULL);
}
