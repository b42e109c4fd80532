#include "run/doctor.h"

#include <string.h>

#include "core/result.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/host.h"
#include "os/reason.h"
#include "run/abilities.h"
#include "run/artifacts.h"

static void say(struct hb_buffer *out, bool available, const char *name,
                const char *detail)
{
    hb_buffer_format(out, "%-4s %-18s %s\n", available ? "ok" : "no", name,
                     detail);
}

/* Without these there is no main job. */
static bool is_needed(const char *name)
{
    return strcmp(name, "process_tree") == 0 ||
           strcmp(name, "exit_status") == 0;
}

/* Writes where a run would write, and leaves nothing behind. */
static bool try_records(const struct hb_settings *settings,
                        struct hb_buffer *out)
{
    struct hb_run_header header = { .name = "doctor" };
    struct hb_artifacts artifacts;
    struct hb_error err = { 0 };
    char path[HB_PATH_SIZE];
    char why[HB_REASON_SIZE];
    bool existed = hb_file_exists(settings->artifacts);
    bool ok;

    header.started_at_unix_ms = hb_clock_unix_ms();
    header.launcher.pid = hb_host_pid();
    ok = hb_artifacts_open(&artifacts, settings, &header, &err);
    hb_artifacts_path(&artifacts, "timeline.jsonl", path);
    hb_artifacts_close(&artifacts);
    if (ok) {
        hb_file_remove(path);
        hb_folder_remove(artifacts.folder);
        (void)hb_text_format(path, sizeof(path), "%s/doctor",
                             settings->artifacts);
        hb_folder_remove(path);
        if (!existed) {
            hb_folder_remove(settings->artifacts);
        }
    }
    hb_reason_say(&err, why, sizeof(why));
    say(out, ok, "records", ok ? settings->artifacts : why);
    return ok;
}

bool hb_doctor(const struct hb_settings *settings, struct hb_buffer *out)
{
    struct hb_ability abilities[HB_CAPABILITIES_MAX];
    size_t count = hb_run_abilities(abilities, HB_CAPABILITIES_MAX);
    struct hb_host host;
    bool works = true;

    hb_host_read(&host);
    hb_buffer_format(out, "hbtest-launch %s on %s %s (%s, %u processors)\n",
                     HBTEST_VERSION, host.os, host.release, host.arch,
                     (unsigned)host.cpus);
    for (size_t i = 0; i < count; i++) {
        say(out, abilities[i].available, abilities[i].name,
            abilities[i].detail);
        works =
            works && (abilities[i].available || !is_needed(abilities[i].name));
    }
    works = try_records(settings, out) && works;
    hb_buffer_text(out, works ? "The main job works here.\n"
                              : "The main job does not work here.\n");
    return works;
}
