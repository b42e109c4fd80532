#pragma once

#include "postmortem/request.h"
#include "postmortem/tell.h"

/*
 * A process that has ended, of which error reporting wrote a dump
 * (NAME.PID.dmp) in one of the folders: checked, secrets blanked, moved to
 * where dumps go, and told, with what it knows. One that is not wanted is
 * removed.
 */
void hb_look_dead(const struct hb_request *request, struct hb_teller *teller);
