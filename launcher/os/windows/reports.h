#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "os/windows/loan_owner.h"

/*
 * Dumps that the system writes of programs of one name, asked for while a run
 * lasts: those of Windows Error Reporting (LocalDumps), and on demand those of
 * its exit monitor. Both take keys of the registry that take administrators'
 * rights, and that are given back as they were. All launchers of a user have
 * one folder for them, and each takes the files of its own process from there.
 */
struct hb_reports {
    struct hb_registry registry;
    struct hb_loan_owner owner;
    wchar_t loan[HB_REGISTRY_NAME_MAX];
    wchar_t exit_loan[HB_REGISTRY_NAME_MAX];
    wchar_t program[HB_REGISTRY_NAME_MAX]; /* "test.exe" */
    wchar_t folder[HB_REGISTRY_NAME_MAX];
    char folder_text[HB_REGISTRY_NAME_MAX * 3];
    bool lent;
    bool exit_lent;
    char why_not[HB_LOAN_WHY_SIZE];      /* it is not; empty: nobody asked */
    char why_no_exits[HB_LOAN_WHY_SIZE]; /* the exit monitor is not */
};

/* `program` as it was given; `exits`: the exit monitor too. Gives back first
 * what others have left. */
void hb_reports_ask(struct hb_reports *reports,
                    const struct hb_registry *registry, const char *program,
                    bool exits);

/* True if a dump of this process lies in the folder. */
bool hb_reports_have(const struct hb_reports *reports, uint32_t pid);

/* Gives all back; what has been written until then stays. Twice is fine. */
void hb_reports_end(struct hb_reports *reports);
