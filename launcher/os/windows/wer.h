#pragma once

#include "os/windows/loan_owner.h"

/*
 * Our module for Windows Error Reporting (fixtures/wer): a fixture asks that it
 * be called when its process dies, and the system calls only modules that stand
 * in the registry, of the user in our case, which takes no rights. The value is
 * lent while a run lasts, and given back like all loans.
 */
struct hb_wer {
    struct hb_registry registry;
    wchar_t path[HB_REGISTRY_NAME_MAX]; /* of the module; empty: none found */
    wchar_t loan[64];
    bool lent;
    char why_not[HB_LOAN_WHY_SIZE]; /* it is not; empty: nobody asked */
};

/* Our module: beside the launcher, or where an installation has it. False if it
 * is missing or has a name that is too long. */
bool hb_wer_find(wchar_t path[HB_REGISTRY_NAME_MAX]);

/* Lends the value for the module at `path`, and gives back first what others
 * have left; NULL: it was not found. */
void hb_wer_ask(struct hb_wer *wer, const struct hb_registry *registry,
                const wchar_t *path);

/* Gives it back. Twice is fine. */
void hb_wer_end(struct hb_wer *wer);

/* Whether values for modules may be set, without setting one. */
bool hb_wer_may_ask(void);
