#include "core/signature.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "core/blame.h"
#include "core/record_cases.h"
#include "core/signature_frames.h"
#include "core/status.h"

static uint64_t fnv1a(const char *text)
{
    uint64_t hash = 14695981039346656037u;

    for (; *text != '\0'; text++) {
        hash = (hash ^ (unsigned char)*text) * 1099511628211u;
    }
    return hash;
}

/* "Suite.case/17" and "Suite.case/18" are the same place: a run of digits
 * becomes one '#'. */
static void fold_numbers(char *text)
{
    char *out = text;

    for (const char *in = text; *in != '\0'; in++) {
        bool digit = *in >= '0' && *in <= '9';

        if (!digit) {
            *out++ = *in;
        } else if (out == text || out[-1] != '#') {
            *out++ = '#';
        }
    }
    *out = '\0';
}

/* Where it happened: the case in flight, or the first that failed. */
static const struct hb_case *place(const struct hb_result *result)
{
    const struct hb_case *at = hb_cases_in_flight(result);

    for (size_t i = 0; at == NULL && i < result->case_count; i++) {
        if (result->cases[i].status == HB_CASE_FAILED) {
            at = &result->cases[i];
        }
    }
    return at;
}

/* The status in words that do not vary: a kill of our own is none. */
static void describe_status(const struct hb_result *result, char *target,
                            size_t size)
{
    target[0] = '\0';
    if (result->ended && result->verdict != HB_VERDICT_HANG &&
        result->verdict != HB_VERDICT_TIMEOUT &&
        result->verdict != HB_VERDICT_INTERRUPTED) {
        hb_exit_describe(result->exit, target, size);
    }
}

#define PLACE_SIZE 300u

static int compare(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* Where the blamed threads stand, sorted: which of them is told of first is
 * chance. */
static void add_frames(const struct hb_result *result,
                       struct hb_signature *signature)
{
    const struct hb_stack *stacks[HB_BLAMED_MAX];
    char places[HB_BLAMED_MAX][PLACE_SIZE];
    size_t count = hb_blame(result, stacks, HB_BLAMED_MAX);

    for (size_t i = 0; i < count; i++) {
        hb_signature_frames(result, stacks[i], places[i], sizeof(places[i]));
    }
    qsort(places, count, sizeof(places[0]), compare);
    for (size_t i = 0; i < count; i++) {
        size_t used = strlen(signature->text);

        if (places[i][0] != '\0') {
            (void)hb_text_format(signature->text + used,
                                 sizeof(signature->text) - used, " | %s",
                                 places[i]);
        }
    }
}

void hb_signature_make(struct hb_result *result)
{
    struct hb_signature *signature = &result->signature;
    const struct hb_case *at = place(result);
    char name[HB_CASE_NAME_SIZE] = "";
    char status[96];

    signature->hash[0] = '\0';
    signature->text[0] = '\0';
    if (result->verdict == HB_VERDICT_PASS ||
        result->verdict == HB_VERDICT_SKIP) {
        return;
    }
    if (at != NULL) {
        (void)hb_text_format(name, sizeof(name), "%s%s%s",
                             at->suite != NULL ? at->suite : "",
                             at->suite != NULL ? "." : "", at->name);
        fold_numbers(name);
    }
    describe_status(result, status, sizeof(status));
    (void)hb_text_format(signature->text, sizeof(signature->text),
                         "%s | %s/%s | %s | %s | %s", result->header->name,
                         hb_verdict_name(result->verdict),
                         hb_cause_name(result->cause), status,
                         hb_phase_name(result->phase), name);
    add_frames(result, signature);
    (void)snprintf(signature->hash, sizeof(signature->hash), "%016" PRIx64,
                   fnv1a(signature->text));
}
