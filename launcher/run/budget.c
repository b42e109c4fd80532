#include "run/budget.h"

#include <inttypes.h>
#include <string.h>

#include "os/clock.h"
#include "run/budget_files.h"

#define RESERVE_NAME ".reserved-"
#define LOCK_WAIT_MS 3000u
/* An artifacts folder with so many runs that they cannot be counted in this
 * time is counted in part. */
#define COUNT_MS 5000u

/* What is under the artifacts folder. */
struct count {
    const struct hb_artifacts *artifacts;
    char base[HB_PATH_SIZE];
    char name[HB_PATH_SIZE]; /* of the test's folder */
    char run[HB_PATH_SIZE];  /* of the run's folder */
    uint64_t until_ms;
    struct hb_budget budget;
    uint64_t dump_bytes; /* of the run that is looked at */
    struct hb_kept_dumps runs[2048];
    char folders[2048][256]; /* "NAME/RUN" */
    size_t count;
};

static struct count found;

static bool read_reserve(const char *name, uint64_t *out_bytes)
{
    static const char begin[] = RESERVE_NAME;

    return strncmp(name, begin, sizeof(begin) - 1) == 0 &&
           hb_parse_u64(name + sizeof(begin) - 1, out_bytes);
}

static bool count_file(void *context, const struct hb_entry *entry)
{
    struct count *count = context;
    char path[HB_PATH_SIZE];
    uint64_t bytes = 0;

    if (entry->is_file && hb_past_is_dump(entry->name)) {
        count->dump_bytes += entry->size;
    } else if (entry->is_file && read_reserve(entry->name, &bytes)) {
        (void)hb_text_format(path, sizeof(path), "%s/%s", count->run,
                             entry->name);
        if (!hb_lock_is_held(path)) { /* left by a launcher that was killed */
            hb_file_remove(path);
        } else if (bytes < UINT64_MAX - count->budget.reserved) {
            count->budget.reserved += bytes;
        }
    }
    return true;
}

static void keep_run(struct count *count, const char *run)
{
    struct hb_kept_dumps *kept = &count->runs[count->count];
    struct hb_past past;

    if (count->count == sizeof(count->runs) / sizeof(count->runs[0])) {
        return;
    }
    *kept = (struct hb_kept_dumps){ .bytes = count->dump_bytes };
    if (hb_text_copy(kept->run, sizeof(kept->run), run) &&
        hb_text_copy(count->folders[count->count], sizeof(count->folders[0]),
                     count->run + strlen(count->base) + 1) &&
        hb_dump_read_record(count->run, &past)) {
        kept->ours = hb_text_copy(kept->signature, sizeof(kept->signature),
                                  past.signature);
    }
    count->count++;
}

static bool count_run(void *context, const struct hb_entry *entry)
{
    struct count *count = context;

    if (entry->is_folder && hb_text_format(count->run, sizeof(count->run),
                                           "%s/%s", count->name, entry->name)) {
        count->dump_bytes = 0;
        hb_folder_list(count->run, count_file, count);
        count->budget.used += count->dump_bytes;
        if (count->dump_bytes > 0) {
            keep_run(count, entry->name);
        }
    }
    return hb_clock_ms() < count->until_ms;
}

static bool count_name(void *context, const struct hb_entry *entry)
{
    struct count *count = context;

    if (entry->is_folder && hb_text_format(count->name, sizeof(count->name),
                                           "%s/%s", count->base, entry->name)) {
        hb_folder_list(count->name, count_run, count);
    }
    return hb_clock_ms() < count->until_ms;
}

static void count_all(struct count *count)
{
    struct hb_budget *budget = &count->budget;

    hb_folder_list(count->base, count_name, count);
    budget->disk_known =
        hb_folder_room(count->base, &budget->disk_free, &budget->disk_total);
}

/* Removes duplicates until there is room. */
static void make_room(struct count *count, uint64_t wanted,
                      struct hb_grant *grant)
{
    size_t next;

    while (hb_budget_left(&count->budget) < wanted &&
           (next = hb_budget_oldest_duplicate(count->runs, count->count)) <
               count->count) {
        char path[HB_PATH_SIZE];
        struct hb_removed removed = { .count = 0 };

        (void)hb_text_format(path, sizeof(path), "%s/%s", count->base,
                             count->folders[next]);
        hb_dump_remove(path, count->artifacts->folder, &removed);
        count->runs[next].gone = true;
        count->budget.used -= removed.bytes < count->budget.used
                                  ? removed.bytes
                                  : count->budget.used;
        count->budget.disk_free += removed.bytes;
        grant->removed_count += removed.count;
        grant->removed_bytes += removed.bytes;
    }
}

/* A reserve that cannot be made is no reason to go without a dump. */
static void reserve(const struct hb_artifacts *artifacts,
                    struct hb_grant *grant)
{
    char name[64];
    char path[HB_PATH_SIZE];
    struct hb_error ignored;

    (void)hb_text_format(name, sizeof(name), RESERVE_NAME "%" PRIu64,
                         grant->bytes);
    hb_artifacts_path(artifacts, name, path);
    (void)hb_lock_take(path, 0, &grant->reserve, &ignored);
}

void hb_grant_ask(const struct hb_artifacts *artifacts, uint64_t wanted,
                  bool more, struct hb_grant *grant)
{
    char path[HB_PATH_SIZE];
    struct hb_lock *lock = NULL;
    struct hb_error ignored;
    uint64_t left;

    memset(grant, 0, sizeof(*grant));
    memset(&found, 0, sizeof(found));
    found.artifacts = artifacts;
    found.budget.limit = artifacts->settings->options.dump_budget;
    found.until_ms = hb_clock_ms() + COUNT_MS;
    (void)hb_text_copy(found.base, sizeof(found.base), artifacts->base);
    (void)hb_text_format(path, sizeof(path), "%s/" HB_BUDGET_LOCK, found.base);
    (void)hb_lock_take(path, LOCK_WAIT_MS, &lock, &ignored);
    count_all(&found);
    make_room(&found, wanted, grant);
    left = hb_budget_left(&found.budget);
    grant->disk_kept =
        found.budget.disk_known ? hb_budget_floor(found.budget.disk_total) : 0;
    hb_budget_explain(&found.budget, grant->why, sizeof(grant->why));
    wanted = more && left / 2 > wanted ? left / 2 : wanted;
    grant->bytes = left < wanted ? left : wanted;
    if (grant->bytes > 0) {
        reserve(artifacts, grant);
    }
    hb_lock_free(lock, false);
}

void hb_grant_end(struct hb_grant *grant)
{
    hb_lock_free(grant->reserve, true);
    grant->reserve = NULL;
}
