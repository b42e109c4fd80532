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
    bool asked;      /* it stands there, and nobody has decided yet */
    unsigned events; /* that came since */
};

/* The supervisor wants to look at who leaves. */
void hb_door_ask(struct hb_watch *watch);

/* Decides as soon as there is nothing more to be read; `kind` is the event
 * that came last. */
void hb_door_check(struct hb_watch *watch, enum hb_event_kind kind);
