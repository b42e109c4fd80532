#pragma once

#include "core/observation.h"

/*
 * Observations with arbitrary content, the same for the same seed: every
 * member is set or not by chance, with the numbers and the texts at which
 * reading and writing go wrong.
 */
struct random_observation {
    struct hb_observation seen; /* points into the rest */
    struct hb_tree_process process;
    struct hb_thread_sample threads[3];
    struct hb_dialog dialog;
    struct hb_evidence evidence;
    struct hb_machine machine;
    struct hb_module module;
    struct hb_found_thread found;
    struct hb_frame frames[3];
    struct hb_found_lock lock;
    struct hb_found_exception exception;
    struct hb_leaving leaving;
    char texts[4][64];
};

/* `*random` is the state of the generator; it must not be 0. */
void random_observation_make(struct random_observation *made,
                             enum hb_observation_kind kind, uint64_t *random);

/* One observation of this kind as a real run has it; what it points at is
 * static. */
void example_observation(struct hb_observation *seen,
                         enum hb_observation_kind kind);

/* The part of the next that is about what was found in a process. */
void assert_same_found(const struct hb_observation *a,
                       const struct hb_observation *b);

/* A machine as a real run finds it. */
void sample_machine(struct hb_machine *machine);

/* The part that is about the machine. */
void random_machine_make(struct hb_machine *machine, uint64_t *random);
void assert_same_machine(const struct hb_machine *a,
                         const struct hb_machine *b);

/* Fails the test unless both say the same. */
void assert_same_observation(const struct hb_observation *a,
                             const struct hb_observation *b);
