#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <hbtest/hbtest.h>
#include <hbtest/protocol.h>

/*
 * What one hbtest_beat() costs with a recorder at hand, against a datagram as
 * sd_notify() sends it (socket, send, close). Both take turns, the figure is
 * the median of the pairs.
 */
#define PAIRS 101

/* A fraction of a millisecond each, so that on a busy machine most of them run
 * without being put off the processor. */
#define BEATS 20000u
#define DATAGRAMS 40u

static void fail(const char *what)
{
    (void)fprintf(stderr, "bench_beat: %s\n", what);
    exit(1);
}

static uint64_t now_ns(void)
{
    struct timespec now = { 0, 0 };

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static struct hbtest_header *make_recorder(void)
{
    int fd = memfd_create("recorder", 0);
    char value[96];

    if (fd < 0 || ftruncate(fd, HBTEST_RECORDER_SIZE) != 0) {
        fail("cannot make shared memory");
    }
    struct hbtest_header *header = mmap(
        NULL, HBTEST_RECORDER_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

    if (header == MAP_FAILED) {
        fail("cannot map shared memory");
    }
    memcpy(header->magic, HBTEST_MAGIC, sizeof(header->magic));
    header->launcher_major = HBTEST_PROTOCOL_MAJOR;
    header->bytes = HBTEST_RECORDER_SIZE;
    header->token = 1;
    header->beat_every_ms = 1000;
    header->lane_count = HBTEST_LANE_COUNT;
    header->lane_bytes = HBTEST_LANE_BYTES;
    header->lanes_offset = HBTEST_LANES_OFFSET;
    header->slot_count = HBTEST_SLOT_COUNT;
    header->slot_bytes = HBTEST_SLOT_BYTES;
    header->slots_offset = HBTEST_SLOTS_OFFSET;
    (void)snprintf(value, sizeof(value), "1:%d:%u:1:%ld", fd,
                   HBTEST_RECORDER_SIZE, (long)getpid());
    (void)setenv(HBTEST_RECORDER_ENV, value, 1);
    return header;
}

/* A receiver that drops what comes: its queue must never be full. */
static int make_receiver(struct sockaddr_un *address, socklen_t *out_size)
{
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    address->sun_family = AF_UNIX;
    int length = snprintf(address->sun_path + 1, sizeof(address->sun_path) - 1,
                          "hbtest-bench-%ld", (long)getpid());

    *out_size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 +
                            (size_t)length);
    if (fd < 0 || bind(fd, (struct sockaddr *)address, *out_size) != 0) {
        fail("cannot make a socket");
    }
    return fd;
}

static double beat_ns(void)
{
    uint64_t start = now_ns();

    for (uint32_t i = 0; i < BEATS; i++) {
        hbtest_beat();
    }
    return (double)(now_ns() - start) / BEATS;
}

static double datagram_ns(int receiver, const struct sockaddr_un *address,
                          socklen_t size)
{
    char drop[64];
    uint64_t spent = 0;

    for (uint32_t i = 0; i < DATAGRAMS; i++) {
        uint64_t start = now_ns();
        int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

        if (sendto(fd, "WATCHDOG=1", 10, 0, (const struct sockaddr *)address,
                   size) != 10) {
            fail("cannot send");
        }
        (void)close(fd);
        spent += now_ns() - start;
        (void)recv(receiver, drop, sizeof(drop), MSG_DONTWAIT);
    }
    return (double)spent / DATAGRAMS;
}

static int compare(const void *left, const void *right)
{
    double a = *(const double *)left;
    double b = *(const double *)right;

    return (a > b) - (a < b);
}

int main(void)
{
    const struct hbtest_header *header = make_recorder();
    const struct hbtest_lane *lane =
        (const void *)((const char *)header + HBTEST_LANES_OFFSET);
    struct sockaddr_un address = { 0 };
    socklen_t size = 0;
    int receiver = make_receiver(&address, &size);
    double beats[PAIRS];
    double datagrams[PAIRS];

    if (hbtest_start() != 1) {
        fail("the recorder was not taken");
    }
    for (size_t i = 0; i < PAIRS; i++) {
        beats[i] = beat_ns();
        datagrams[i] = datagram_ns(receiver, &address, size);
    }
    if (lane->beats != (uint64_t)PAIRS * BEATS) {
        fail("beats did not arrive");
    }
    qsort(beats, PAIRS, sizeof(beats[0]), compare);
    qsort(datagrams, PAIRS, sizeof(datagrams[0]), compare);
    (void)printf("beat_ns %.1f ns\n", beats[PAIRS / 2]);
    (void)printf("sd_notify_ns %.0f ns\n", datagrams[PAIRS / 2]);
    return 0;
}
