#pragma once

#include "core/observation.h"
#include "core/result.h"

/* Keeps what a MODULE, THREAD, LOCK or EXCEPTION tells. */
void hb_finds_add(struct hb_result *result, const struct hb_observation *seen);

void hb_finds_free(struct hb_finds *finds);
