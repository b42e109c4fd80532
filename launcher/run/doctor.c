#include "run/doctor.h"

#include <string.h>

#include "core/result.h"
#include "os/clock.h"
#include "os/console.h"
#include "os/file.h"
#include "os/host.h"
#include "os/process.h"
#include "os/reason.h"
#include "run/abilities.h"
#include "run/artifacts.h"
#include "run/doctor_parts.h"

/* Of the record of a test of some dozens of cases. */
#define RECORD_SIZE 16384u
/* A program that does nothing has ended by then on the slowest machine. */
#define PATIENT_MS 30000u

void hb_doctor_say(struct hb_buffer *out, bool available, const char *name,
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

void hb_doctor_tidy(const struct hb_doctor_place *place, const char *folder)
{
    char copy[HB_PATH_SIZE];

    (void)hb_text_copy(copy, sizeof(copy), folder);
    while (strlen(copy) > place->kept) {
        hb_folder_remove(copy);
        go_up(copy, place->windows);
    }
}

static void say_tried(struct hb_buffer *out, bool ok, const char *name,
                      const char *detail, const struct hb_error *err)
{
    char why[HB_REASON_SIZE];

    hb_reason_say(err, why, sizeof(why));
    hb_doctor_say(out, ok, name, ok ? detail : why);
}

static bool wait_for_patient(struct hb_process *process, struct hb_error *err)
{
    uint64_t until_ms = hb_clock_ms() + PATIENT_MS;
    struct hb_event event = { 0 };

    while (event.kind != HB_EVENT_EXIT) {
        if (!hb_process_next(process, until_ms, &event, err)) {
            return false;
        }
        if (event.kind == HB_EVENT_NONE && hb_clock_ms() >= until_ms) {
            return hb_fail(err, HB_ERR_INTERNAL, 0,
                           "a program that does nothing has not ended within "
                           "%u s",
                           PATIENT_MS / 1000u);
        }
        if (event.kind == HB_EVENT_STOP_REQUEST) {
            return hb_fail(err, HB_ERR_INTERNAL, 0, "asked to stop by %s",
                           event.signal_name);
        }
    }
    return (event.exit.kind == HB_EXIT_CODE && event.exit.value == 0) ||
           hb_fail(err, HB_ERR_INTERNAL, 0,
                   "a program that does nothing ended with %s %u",
                   event.exit.kind == HB_EXIT_CODE ? "status" : "signal",
                   (unsigned)event.exit.value);
}

/* Runs a program that does nothing as a run would. */
static bool run_patient(struct hb_error *err)
{
    static char program[HB_PATH_SIZE];
    const char *const command[] = { program, HB_DOCTOR_PATIENT };
    struct hb_process_spec spec = {
        .command = command,
        .count = 2,
        .recorder = true,
        .notify = true,
        .token = hb_host_random(),
    };
    struct hb_process *process = NULL;
    uint32_t pid = 0;
    bool ok = hb_host_program(program, sizeof(program), err) &&
              hb_process_prepare(&spec, &process, err) &&
              hb_process_start(process, &pid, err) &&
              wait_for_patient(process, err);

    hb_process_free(process);
    return ok;
}

/* As large as it may become, and gone again. */
static bool write_record(const struct hb_artifacts *artifacts,
                         struct hb_error *err)
{
    static const char blank[RECORD_SIZE];
    char path[HB_PATH_SIZE];
    bool ok;

    hb_artifacts_path(artifacts, "result.json", path);
    ok = hb_file_replace(path, blank, sizeof(blank), err);
    hb_file_remove(path);
    return ok;
}

static bool find_place(const struct hb_settings *settings, bool windows,
                       struct hb_doctor_place *place, struct hb_error *err)
{
    size_t length;

    place->windows = windows;
    if (!hb_path_absolute(settings->artifacts, place->path, sizeof(place->path),
                          err)) {
        return false;
    }
    length = strlen(place->path);
    (void)hb_text_format(place->path + length, sizeof(place->path) - length,
                         "/doctor");
    place->kept = existing_part(place->path, windows);
    return true;
}

/* Does what a run would do, where it would, and leaves nothing behind. */
static bool try_run(const struct hb_settings *settings,
                    struct hb_doctor_place *place, bool windows,
                    struct hb_buffer *out)
{
    struct hb_run_header header = { .name = "doctor" };
    struct hb_artifacts artifacts = { 0 };
    struct hb_error err = { 0 };
    struct hb_error run_err = { 0 };
    char path[HB_PATH_SIZE];
    /* First: from here on we are another process. */
    bool runs = hb_guard_start(&run_err);
    bool ok;

    header.started_at_unix_ms = hb_clock_unix_ms();
    header.launcher.pid = hb_host_pid();
    ok = find_place(settings, windows, place, &err) &&
         hb_artifacts_open(&artifacts, settings, &header, &err) &&
         write_record(&artifacts, &err);
    /* With the timeline open, as in a run: it takes a descriptor. */
    runs = runs && run_patient(&run_err);
    if (artifacts.timeline != NULL) {
        hb_artifacts_path(&artifacts, "timeline.jsonl", path);
        hb_artifacts_close(&artifacts);
        hb_file_remove(path);
    }
    if (artifacts.folder[0] != '\0') {
        hb_doctor_tidy(place, artifacts.folder);
    }
    say_tried(out, ok, "records", settings->artifacts, &err);
    say_tried(out, runs, "run", "a program was started and ended", &run_err);
    return ok && runs;
}

bool hb_doctor(const struct hb_settings *settings, struct hb_buffer *out)
{
    struct hb_ability abilities[HB_CAPABILITIES_MAX];
    size_t count = hb_run_abilities(abilities, HB_CAPABILITIES_MAX);
    static struct hb_doctor_place place;
    struct hb_host host;
    bool works = true;

    hb_host_read(&host);
    hb_buffer_format(out, "hbtest-launch %s on %s %s (%s, %u processors)\n",
                     HBTEST_VERSION, host.os, host.release, host.arch,
                     (unsigned)host.cpus);
    for (size_t i = 0; i < count; i++) {
        hb_doctor_say(out, abilities[i].available, abilities[i].name,
                      abilities[i].detail);
        works =
            works && (abilities[i].available || !is_needed(abilities[i].name));
    }
    if (try_run(settings, &place, host.windows, out)) {
        hb_doctor_try(settings, &place, out);
    } else {
        works = false;
    }
    hb_buffer_text(out, works ? "The main job works here.\n"
                              : "The main job does not work here.\n");
    return works;
}
