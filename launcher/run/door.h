#pragma once

#include <stdbool.h>

#include "os/process.h"

/*
 * The test program stands at the door: it is about to end itself, and waits
 * for us. What it has written until then is read first, since it may be the
 * very word that it is done; then it is looked at, or may go at once.
 */
struct hb_watch;

struct hb_door {
    bool asked;                /* it stands there, and nobody has decided yet */
    bool held;                 /* from outside; it is to be let go */
    struct hb_leaving leaving; /* what it means to do, if it is held */
    unsigned events;           /* that came since */
};

/* The supervisor wants to look at who leaves. */
void hb_door_ask(struct hb_watch *watch);

/* It stands there and is held from outside, whatever it links. */
void hb_door_held(struct hb_watch *watch, const struct hb_leaving *leaving);

/* Lets it go if it is held and nobody wants to look, or looks. */
void hb_door_open(struct hb_watch *watch);

/* Decides as soon as there is nothing more to be read; `kind` is the event
 * that came last. */
void hb_door_check(struct hb_watch *watch, enum hb_event_kind kind);
