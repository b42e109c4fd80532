#pragma once

#include <stdint.h>

#include "core/status.h"

/* Private to status*.c: what is known of one signal or Windows status. */
struct hb_status_row {
    const char *name;
    const char *meaning; /* for people; NULL: the name must do */
    enum hb_verdict verdict;
    enum hb_cause cause;
};

/* NULL: not known. Static. */
const struct hb_status_row *hb_status_of_signal(uint32_t signal);
const struct hb_status_row *hb_status_of_windows(uint32_t status);
