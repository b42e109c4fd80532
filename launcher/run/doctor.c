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

/* Without it there is no main job. */
static bool is_needed(const char *name)
{
    return strcmp(name, "process_tree") == 0;
}

/* Cuts the last name off a path. */
static void go_up(char *path, bool windows)
{
    size_t length = (size_t)(hb_text_base_name(path, windows) - path);

    path[length > 0 ? length - 1 : 0] = '\0';
}

/* How much of a path is there before anything is made. */
static size_t existing_part(const char *path, bool windows)
{
    char copy[HB_PATH_SIZE];

    (void)hb_text_copy(copy, sizeof(copy), path);
    while (copy[0] != '\0' && !hb_file_exists(copy)) {
        go_up(copy, windows);
    }
    return strlen(copy);
}

/* Removes the folders of a run that are longer than `kept`, if empty. */
static void remove_folders(const char *path, size_t kept, bool windows)
{
    char copy[HB_PATH_SIZE];

    (void)hb_text_copy(copy, sizeof(copy), path);
    while (strlen(copy) > kept) {
        hb_folder_remove(copy);
        go_up(copy, windows);
    }
}

/* Writes where a run would write, and leaves nothing behind. */
static bool try_records(const struct hb_settings *settings, bool windows,
                        struct hb_buffer *out)
{
    struct hb_run_header header = { .name = "doctor" };
    struct hb_artifacts artifacts = { 0 };
    struct hb_error err = { 0 };
    char path[HB_PATH_SIZE];
    char why[HB_REASON_SIZE];
    size_t kept = 0;
    bool ok;

    header.started_at_unix_ms = hb_clock_unix_ms();
    header.launcher.pid = hb_host_pid();
    ok = hb_path_absolute(settings->artifacts, path, sizeof(path), &err);
    if (ok) {
        (void)hb_text_format(path + strlen(path), sizeof(path) - strlen(path),
                             "/%s", header.name);
        kept = existing_part(path, windows);
        ok = hb_artifacts_open(&artifacts, settings, &header, &err);
        hb_artifacts_path(&artifacts, "timeline.jsonl", path);
        hb_artifacts_close(&artifacts);
        if (ok) {
            hb_file_remove(path);
        }
        remove_folders(artifacts.folder, kept, windows);
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
    works = try_records(settings, host.windows, out) && works;
    hb_buffer_text(out, works ? "The main job works here.\n"
                              : "The main job does not work here.\n");
    return works;
}
