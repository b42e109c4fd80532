#include "postmortem/evidence.h"

#include "os/reason.h"

void hb_evidence_tell(struct hb_teller *teller,
                      const struct hb_found_evidence *evidence,
                      const struct hb_error *err)
{
    struct hb_found_evidence told = *evidence;
    char reason[HB_REASON_SIZE] = "";

    if (err != NULL) {
        told.status = err->code == HB_ERR_NOT_FOUND ? HB_EVIDENCE_SKIPPED
                                                    : HB_EVIDENCE_FAILED;
        hb_reason_say(err, reason, sizeof(reason));
        told.reason = reason;
    }
    hb_tell_evidence(teller, &told);
}
