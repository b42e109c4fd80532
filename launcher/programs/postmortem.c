/*
 * hbtest-postmortem: reads processes that stand still and dumps of dead ones,
 * and tells the launcher, line by line, what it found. A program of its own,
 * because what it reads may be corrupt: if it crashes or hangs, the run loses
 * nothing but what was not told yet. It is also what the doctor lets die, since
 * it is not the launcher.
 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "os/console.h"
#include "os/host.h"
#include "os/reason.h"
#include "patient/patient.h"
#include "postmortem/bounds.h"
#include "postmortem/look.h"
#include "run/doctor.h"

#define STATUS_ERROR 125

static int fail(const struct hb_error *err)
{
    struct hb_buffer words = { 0 };
    char why[HB_REASON_SIZE];

    hb_reason_say(err, why, sizeof(why));
    hb_buffer_format(&words, "hbtest-postmortem: %s\n", why);
    hb_console_error(words.bytes, words.size);
    hb_buffer_free(&words);
    return STATUS_ERROR;
}

int main(int argc, char **argv)
{
    static struct hb_request request;
    struct hb_error err = { 0 };
    int count = 0;
    char **arguments = NULL;

    if (argc == 3 && strcmp(argv[1], HB_DOCTOR_PATIENT) == 0) {
        return hb_patient_run(argv[2]);
    }
    if (!hb_host_arguments(argc, argv, &count, &arguments, &err) ||
        !hb_request_read(count, arguments, &request, &err)) {
        return fail(&err);
    }
    hb_bounds_set(request.limit_ms);

    struct hb_teller *teller = hb_teller_new(stdout);

    if (teller == NULL) {
        (void)hb_fail(&err, HB_ERR_INTERNAL, 0, "out of memory");
        return fail(&err);
    }
    if (!hb_look(&request, teller, &err)) {
        hb_teller_free(teller);
        return fail(&err);
    }
    hb_tell_done(teller);
    hb_teller_free(teller);
    return 0;
}
