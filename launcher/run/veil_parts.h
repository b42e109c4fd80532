#pragma once

#include "base/machine.h"
#include "base/text.h"
#include "core/secrets.h"
#include "run/veil.h"

/* Between veil.c and veil_texts.c. */
#define HB_VEIL_TEXTS 4u

/* The copies are those of the last observation. */
struct hb_veil {
    struct hb_secrets *secrets;
    struct hb_buffer header;
    const char **command;                  /* points into `header` */
    struct hb_buffer texts[HB_VEIL_TEXTS]; /* suite, name, text, file */
    struct hb_thread_sample *threads;
    size_t thread_room;
    struct hb_tree_process process;
    struct hb_dialog dialog;
    struct hb_evidence evidence;
    struct hb_found_thread found;
    struct hb_machine machine;
};
