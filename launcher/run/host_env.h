#pragma once

#include "run/settings.h"

/*
 * What hosts hand a launcher without being asked (docs/hosts.md): CTest,
 * Bazel, Cargo and nextest, GitHub Actions. An option that the user gave
 * wins over all of it.
 */
bool hb_host_env_apply(struct hb_settings *settings, struct hb_error *err);

/* True if CTest runs us: it may take an ordinary status of ours for the
 * failure, or the skip, that it expects of the test. */
bool hb_host_env_is_ctest(void);
