#include "core/budget.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"

#define FLOOR_MOST ((uint64_t)1 << 30)
#define FLOOR_PART 20u

/* Runs of the same signature that began later, and still have their dumps. */
static size_t count_newer(const struct hb_kept_dumps *runs, size_t count,
                          const struct hb_kept_dumps *than)
{
    size_t newer = 0;

    for (size_t i = 0; i < count; i++) {
        newer += runs[i].ours && !runs[i].gone &&
                 strcmp(runs[i].signature, than->signature) == 0 &&
                 strcmp(runs[i].run, than->run) > 0;
    }
    return newer;
}

size_t hb_budget_oldest_duplicate(const struct hb_kept_dumps *runs,
                                  size_t count)
{
    size_t oldest = count;

    for (size_t i = 0; i < count; i++) {
        if (runs[i].ours && !runs[i].gone &&
            (oldest == count || strcmp(runs[i].run, runs[oldest].run) < 0) &&
            count_newer(runs, count, &runs[i]) >= HB_BUDGET_KEEPS) {
            oldest = i;
        }
    }
    return oldest;
}

uint64_t hb_budget_floor(uint64_t disk_total)
{
    uint64_t part = disk_total / FLOOR_PART;

    return part < FLOOR_MOST ? part : FLOOR_MOST;
}

static uint64_t less(uint64_t from, uint64_t what)
{
    return from > what ? from - what : 0;
}

static uint64_t left_of_disk(const struct hb_budget *budget)
{
    uint64_t kept = hb_budget_floor(budget->disk_total);

    return budget->disk_known
               ? less(less(budget->disk_free, kept), budget->reserved)
               : UINT64_MAX;
}

uint64_t hb_budget_left(const struct hb_budget *budget)
{
    uint64_t left = less(less(budget->limit, budget->used), budget->reserved);
    uint64_t disk = left_of_disk(budget);

    return left < disk ? left : disk;
}

void hb_budget_explain(const struct hb_budget *budget, char *target,
                       size_t size)
{
    uint64_t left = less(less(budget->limit, budget->used), budget->reserved);

    if (left_of_disk(budget) < left) {
        (void)hb_text_format(target, size,
                             "the disk has %" PRIu64 " MiB left, and %" PRIu64
                             " MiB of it stay free",
                             budget->disk_free >> 20,
                             hb_budget_floor(budget->disk_total) >> 20);
    } else {
        (void)hb_text_format(
            target, size,
            "--dump-budget (%" PRIu64 " KiB) is used up: dumps have %" PRIu64
            " KiB, and %" PRIu64 " KiB are being written",
            budget->limit >> 10, budget->used >> 10, budget->reserved >> 10);
    }
}
