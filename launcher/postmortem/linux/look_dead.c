#include <stdio.h>
#include <unistd.h>

#include "base/text.h"
#include "core/elf_core.h"
#include "os/clock.h"
#include "postmortem/linux/core_copy.h"
#include "postmortem/linux/dead_cores.h"
#include "postmortem/linux/look_parts.h"
#include "postmortem/linux/step.h"

/* So many children that died are looked at; each has its own artifacts. */
#define CHILDREN_MAX 4u

struct scene {
    const struct hb_request *request;
    struct hb_teller *teller;
    uint64_t until_ms; /* 0: never */
};

static void tell(const struct scene *scene, const char *what, uint32_t pid,
                 const char *why)
{
    const struct hb_found_evidence evidence = {
        .pid = pid,
        .what = what,
        .status = HB_EVIDENCE_SKIPPED,
        .reason = why,
    };

    hb_tell_evidence(scene->teller, &evidence);
}

static bool name_file(const struct scene *scene,
                      const struct hb_dead_core *core, char *path, size_t size)
{
    const char *folder = scene->request->folder;
    const char *end = scene->request->plain ? "" : ".zst";

    return core->is_main ? hb_text_format(path, size, "%s/core%s", folder, end)
                         : hb_text_format(path, size, "%s/core.%u%s", folder,
                                          (unsigned)core->pid, end);
}

/* A core that was cut by a limit or a full disk still has its threads. */
static void say_cut(const struct hb_dead_core *core,
                    struct hb_found_evidence *evidence, struct hb_error *cut)
{
    struct hb_elf_core elf;

    if (!hb_core_read_file(core->fd, &elf, cut) ||
        !hb_elf_core_check(&elf, cut)) {
        evidence->reason = cut->text;
    }
}

static void copy(const struct scene *scene, const struct hb_dead_core *core,
                 uint64_t *taken)
{
    char path[PATH_MAX];
    uint64_t from_ms = hb_clock_ms();
    struct hb_error err = { 0 };
    struct hb_error cut = { 0 };
    const struct hb_core_wish wish = {
        .path = path,
        .compress = !scene->request->plain,
        .size_max = hb_look_left_bytes(scene->request, *taken),
        .disk_free = hb_look_disk_free(scene->request),
        .redact = scene->request->redact,
        .redact_count = scene->request->redact_count,
        .environment = (const char *const *)environ,
        .until_ms = scene->until_ms,
    };
    struct hb_found_evidence evidence = {
        .pid = core->pid,
        .what = "dump",
        .status = HB_EVIDENCE_CAPTURED,
        .path = path,
    };
    bool ok = name_file(scene, core, path, sizeof(path))
                  ? hb_core_copy_file(core->fd, &wish, &evidence.bytes, &err)
                  : hb_fail(&err, HB_ERR_WRITE, 0,
                            "the name of the dump is too long");

    evidence.duration_ms = hb_clock_ms() - from_ms;
    *taken += evidence.bytes;
    if (ok) {
        say_cut(core, &evidence, &cut);
    } else {
        evidence.path = NULL;
    }
    hb_look_tell(scene->teller, &evidence, ok ? NULL : &err);
}

/* Its file may have no name any more. */
static void walk(const struct scene *scene, const struct hb_dead_core *core)
{
    char path[40];

    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", core->fd);
    hb_look_core(path, core->pid, scene->teller);
}

struct walks {
    const struct scene *scene;
    const struct hb_dead_cores *cores;
    size_t count;
};

static void do_walks(void *context)
{
    const struct walks *walks = context;

    for (size_t i = 0; i < walks->count; i++) {
        walk(walks->scene, &walks->cores->items[i]);
        hb_step_note();
    }
}

/* The copies are made whatever becomes of the stacks. */
static void walk_all(struct walks *walks)
{
    const struct hb_request *request = walks->scene->request;
    struct hb_error err = { 0 };
    uint32_t told = 0;
    bool ok = hb_step_run(do_walks, walks, request->limit_ms / 2, &told, &err);

    for (uint32_t i = told; !ok && i < walks->count; i++) {
        const struct hb_found_evidence evidence = {
            .pid = walks->cores->items[i].pid, .what = "stacks"
        };

        hb_look_tell(walks->scene->teller, &evidence, &err);
    }
}

static void look_at_all(const struct scene *scene,
                        const struct hb_dead_cores *cores)
{
    bool has_main = cores->count > 0 && cores->items[0].is_main;
    size_t looked = cores->count < CHILDREN_MAX + has_main
                        ? cores->count
                        : CHILDREN_MAX + has_main;
    size_t left = cores->count - looked + cores->beyond;
    uint64_t taken = 0;
    char text[96];

    struct walks walks = { scene, cores, looked };

    if (scene->request->stacks && looked > 0) {
        walk_all(&walks);
    }
    for (size_t i = 0; scene->request->dump != HB_DUMP_NOTHING && i < looked;
         i++) {
        copy(scene, &cores->items[i], &taken);
    }
    if (left > 0 && scene->request->dump != HB_DUMP_NOTHING) {
        (void)hb_text_format(text, sizeof(text),
                             "cores of %zu more children were removed", left);
        tell(scene, "dump", 0, text);
    }
}

void hb_look_dead(const struct hb_request *request, uint64_t started_ms,
                  struct hb_teller *teller)
{
    static struct hb_dead_cores cores;
    struct scene scene = { request, teller, 0 };
    uint64_t find_ms = started_ms + request->limit_ms / 2;

    if (request->limit_ms > HB_TELL_WITHIN_MS) {
        scene.until_ms = started_ms + request->limit_ms - HB_TELL_WITHIN_MS;
    }
    hb_dead_cores_find(&request->dead, find_ms, &cores);
    if (request->dead.flagged && cores.reason[0] != '\0') {
        if (request->stacks) {
            tell(&scene, "stacks", request->dead.pid, cores.reason);
        }
        if (request->dump != HB_DUMP_NOTHING) {
            tell(&scene, "dump", request->dead.pid, cores.reason);
        }
    }
    look_at_all(&scene, &cores);
    hb_dead_cores_close(&cores);
}
