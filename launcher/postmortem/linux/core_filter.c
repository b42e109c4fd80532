/*
 * The choice of the kernel (vma_dump_size() in its fs/coredump.c), seen from
 * outside: the same bits, and what smaps tells of each mapping.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "os/linux/stat.h"
#include "postmortem/linux/core_parts.h"

/* Bits of coredump_filter. */
enum {
    KEEP_OWN = 1,
    KEEP_SHARED = 2,
    KEEP_FILE = 4,
    KEEP_FILE_SHARED = 8,
    KEEP_HEAD = 16,
    KEEP_HUGE = 32,
    KEEP_HUGE_SHARED = 64,
    KEEP_BY_DEFAULT = 0x33,
};

/* Gaps that are cheaper to store than to describe. */
#define GAP ((uint64_t)16 * HB_CORE_PAGE)

/* A mapped file with changed pages is stored whole up to this size, as the
 * kernel does for any: debuggers want the pages between (RELRO). */
#define WHOLE_MOST ((uint64_t)4 << 20)

/* What smaps says of a mapping. */
struct about {
    uint64_t most;    /* bytes in memory or swap */
    bool is_device;   /* reading it may be an order */
    bool is_left_out; /* the program asked for that: MADV_DONTDUMP */
    bool is_huge;
};

struct filter {
    const struct hb_core_source *source;
    struct hb_core_layout *layout;
    struct hb_core_pages pages;
    uint64_t keep;
    struct about *about; /* one for each mapping; NULL: unknown */
    bool own_only;       /* of the mapping that is walked */
};

static uint64_t kib_of(const char *line)
{
    uint64_t kib = 0;

    line = strchr(line, ':') + 1;
    (void)hb_proc_number(&line, &kib);
    return kib * 1024u;
}

static bool has_flag(const char *line, const char *flag)
{
    const char *at = strstr(line, flag);

    return at != NULL && at[-1] == ' ' && at[2] == ' ';
}

/* One line of smaps that is not a mapping's own. */
static void take_line(struct about *about, const char *line)
{
    if (strncmp(line, "Rss:", 4) == 0) {
        about->most = kib_of(line);
    } else if (strncmp(line, "Swap:", 5) == 0) {
        about->most += kib_of(line);
    } else if (strncmp(line, "VmFlags:", 8) == 0) {
        about->is_device = has_flag(line, "io") || has_flag(line, "pf");
        about->is_left_out = has_flag(line, "dd");
        about->is_huge = has_flag(line, "ht");
    }
}

/* Lines that begin a mapping start with its address, in small letters. */
static bool begins_mapping(const char *line)
{
    return (line[0] >= '0' && line[0] <= '9') ||
           (line[0] >= 'a' && line[0] <= 'f');
}

static struct about *read_smaps(const struct hb_core_source *source)
{
    char path[40];
    char line[8192]; /* a path may have 4096 bytes, some written as four */
    size_t count = 0;
    struct about *about = calloc(source->maps.count + 1, sizeof(*about));

    (void)snprintf(path, sizeof(path), "/proc/%d/smaps", (int)source->tid);
    FILE *file = about != NULL ? fopen(path, "re") : NULL;
    bool whole = true;
    while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
        if (whole && begins_mapping(line)) {
            count++;
        } else if (whole && count > 0 && count <= source->maps.count) {
            take_line(&about[count - 1], line);
        }
        whole = strchr(line, '\n') != NULL;
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    if (count != source->maps.count) { /* not to be relied on */
        free(about);
        return NULL;
    }
    return about;
}

static uint64_t read_keep(pid_t tid)
{
    char path[48];
    char text[32];
    uint64_t keep = 0;

    (void)snprintf(path, sizeof(path), "%d/coredump_filter", (int)tid);
    if (hb_proc_read(path, text, sizeof(text)) == 0) {
        return KEEP_BY_DEFAULT;
    }
    for (const char *at = text; *at != '\0' && *at != '\n'; at++) {
        keep = keep << 4 | (uint64_t)(*at <= '9' ? *at - '0' : *at - 'a' + 10);
    }
    return keep;
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text);
    size_t wanted = strlen(end);

    return length >= wanted && strcmp(text + length - wanted, end) == 0;
}

/* Where smaps cannot be had, a file below /dev is taken for a device, but for
 * the two that are memory. */
static bool is_device(const struct hb_mapping *mapping,
                      const struct about *about)
{
    if (strcmp(mapping->path, "[vvar]") == 0 ||
        strcmp(mapping->path, "[vvar_vclock]") == 0 ||
        strcmp(mapping->path, "[vsyscall]") == 0) {
        return true;
    }
    if (about != NULL) {
        return about->is_device;
    }
    return strncmp(mapping->path, "/dev/", 5) == 0 &&
           strncmp(mapping->path, "/dev/shm/", 9) != 0 &&
           strncmp(mapping->path, "/dev/zero", 9) != 0;
}

static bool store_run(void *context, const struct hb_core_run *run)
{
    struct filter *filter = context;

    if (run->is_own || !filter->own_only) {
        hb_core_layout_store(filter->layout, run->from, run->to, GAP);
    }
    return !filter->layout->failed;
}

static void store_pages(struct filter *filter, const struct hb_mapping *mapping,
                        const struct about *about, bool own_only)
{
    uint64_t most = about != NULL && !about->is_huge ? about->most : UINT64_MAX;

    filter->own_only = own_only;
    hb_core_pages_walk(&filter->pages, mapping->start, mapping->end, most,
                       store_run, filter);
}

static bool note_own(void *context, const struct hb_core_run *run)
{
    bool *found = context;

    *found = *found || run->is_own;
    return !*found;
}

static void store_all(struct filter *filter, const struct hb_mapping *mapping)
{
    hb_core_layout_store(filter->layout, mapping->start, mapping->end, 0);
}

/* A file that is mapped for the process alone. */
static void store_file(struct filter *filter, const struct hb_mapping *mapping,
                       const struct about *about)
{
    bool has_own = false;

    if ((filter->keep & KEEP_FILE) != 0) {
        store_all(filter, mapping);
        return;
    }
    hb_core_pages_walk(&filter->pages, mapping->start, mapping->end, UINT64_MAX,
                       note_own, &has_own);
    if (has_own && (filter->keep & KEEP_OWN) != 0) {
        if (mapping->end - mapping->start <= WHOLE_MOST) {
            store_all(filter, mapping);
        } else {
            store_pages(filter, mapping, about, true);
        }
    } else if ((filter->keep & KEEP_HEAD) != 0 && mapping->file_offset == 0) {
        hb_core_layout_store(filter->layout, mapping->start,
                             mapping->start + HB_CORE_PAGE, 0);
    }
}

static void store_shared(struct filter *filter,
                         const struct hb_mapping *mapping,
                         const struct about *about)
{
    bool is_memory = ends_with(mapping->path, " (deleted)");
    unsigned wanted = is_memory ? KEEP_SHARED : KEEP_FILE_SHARED;

    if ((filter->keep & wanted) != 0) {
        store_pages(filter, mapping, about, false);
    }
}

static void lay_out(struct filter *filter, const struct hb_mapping *mapping,
                    const struct about *about)
{
    hb_core_layout_begin(filter->layout, mapping);
    if (filter->layout->failed || is_device(mapping, about)) {
        return;
    }
    if (strcmp(mapping->path, "[vdso]") == 0) {
        store_all(filter, mapping);
    } else if (about != NULL && about->is_left_out) {
        return;
    } else if (about != NULL && about->is_huge) {
        unsigned wanted = mapping->shared ? KEEP_HUGE_SHARED : KEEP_HUGE;

        if ((filter->keep & wanted) != 0) {
            store_pages(filter, mapping, about, false);
        }
    } else if (mapping->shared) {
        store_shared(filter, mapping, about);
    } else if (mapping->inode != 0) {
        store_file(filter, mapping, about);
    } else if ((filter->keep & KEEP_OWN) != 0) {
        store_pages(filter, mapping, about, false);
    }
}

void hb_core_filter(const struct hb_core_source *source,
                    struct hb_core_layout *layout)
{
    struct filter filter = { .source = source, .layout = layout };

    hb_core_pages_open(&filter.pages, source->tid);
    filter.keep = read_keep(source->tid);
    filter.about = read_smaps(source);
    for (size_t i = 0; i < source->maps.count; i++) {
        lay_out(&filter, &source->maps.items[i],
                filter.about != NULL ? &filter.about[i] : NULL);
    }
    free(filter.about);
    hb_core_pages_close(&filter.pages);
}
