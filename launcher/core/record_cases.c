#include "core/record_cases.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "core/case_index.h"

/* Lost cases of which only the number is known: with more of them the number
 * says as much as a list, and is perhaps no number of cases at all. */
#define NAMELESS_MAX 1000u

static char *copy(struct hb_result *result, const char *text)
{
    char bounded[HB_TEXT_SIZE];
    char *made = NULL;
    size_t size;

    if (text == NULL || text[0] == '\0') {
        return NULL;
    }
    (void)hb_text_copy(bounded, sizeof(bounded), text);
    size = strlen(bounded) + 1;
    made = malloc(size);
    if (made == NULL) {
        result->out_of_memory = true;
        return NULL;
    }
    memcpy(made, bounded, size);
    return made;
}

static bool make_room(struct hb_result *result)
{
    size_t room = result->case_room == 0 ? 32 : result->case_room * 2;
    struct hb_case *cases;

    if (!hb_case_index_reserve(&result->case_index)) {
        result->out_of_memory = true;
        return false;
    }
    if (result->case_count < result->case_room) {
        return true;
    }
    cases = realloc(result->cases, room * sizeof(*cases));
    if (cases == NULL) {
        result->out_of_memory = true;
        return false;
    }
    result->cases = cases;
    result->case_room = room;
    return true;
}

static struct hb_case *add(struct hb_result *result, const char *suite,
                           const char *name)
{
    struct hb_case *made;

    if (result->case_count >= HB_CASES_MAX || !make_room(result)) {
        result->cases_beyond_cap++;
        return NULL;
    }
    made = &result->cases[result->case_count];
    memset(made, 0, sizeof(*made));
    made->begun_ms = HB_UNKNOWN_MS;
    made->duration_ms = HB_UNKNOWN_MS;
    made->suite = copy(result, suite);
    made->name = copy(result, name != NULL && name[0] != '\0' ? name : "?");
    if (made->name == NULL) {
        free(made->suite);
        return NULL;
    }
    hb_case_index_add(result->case_index, result->cases, result->case_count);
    result->case_count++;
    return made;
}

/* The hint first, since cases come in order; then the last that fits. */
static struct hb_case *find(struct hb_result *result,
                            const struct hb_observation *seen,
                            enum hb_case_state state)
{
    const struct hb_case_wanted wanted = { state, seen->source };
    char bounded[HB_TEXT_SIZE];
    const struct hb_case_key key = { seen->suite, bounded };
    size_t at;

    (void)hb_text_copy(bounded, sizeof(bounded), seen->name);
    for (size_t i = result->case_hint;
         i < result->case_count && i < result->case_hint + 2; i++) {
        if (hb_case_fits(&result->cases[i], &wanted) &&
            hb_case_is(&result->cases[i], &key)) {
            return &result->cases[i];
        }
    }
    at = hb_case_index_find(result->case_index, result->cases, &key, &wanted);
    return at == HB_NO_CASE ? NULL : &result->cases[at];
}

static size_t place_of(const struct hb_result *result, const struct hb_case *at)
{
    return (size_t)(at - result->cases);
}

static void remember(struct hb_result *result, const struct hb_case *at)
{
    result->case_hint = place_of(result, at);
    result->case_flight = result->case_hint;
}

void hb_cases_plan(struct hb_result *result, const struct hb_observation *seen)
{
    uint64_t *planned = &result->planned_by[seen->source];

    result->dialect_seen = true;
    *planned += seen->count < UINT64_MAX - *planned ? seen->count
                                                    : UINT64_MAX - *planned;
    if (*planned > result->planned) {
        result->planned = *planned;
    }
}

void hb_cases_expect(struct hb_result *result,
                     const struct hb_observation *seen)
{
    struct hb_case *found = find(result, seen, HB_CASE_UNANNOUNCED);

    result->dialect_seen = true;
    if (found == NULL) {
        found = add(result, seen->suite, seen->name);
    }
    if (found != NULL) {
        found->expected = true;
        hb_case_index_expected(result->case_index, place_of(result, found));
    }
}

void hb_cases_begin(struct hb_result *result, const struct hb_observation *seen)
{
    unsigned bit = 1u << seen->source;
    struct hb_case *found = find(result, seen, HB_CASE_NOT_BEGUN);

    result->dialect_seen = true;
    if (found == NULL) {
        found = add(result, seen->suite, seen->name);
    }
    if (found == NULL) {
        return;
    }
    if (found->begun_by == 0) {
        found->begun_ms = seen->at_ms;
        found->source = seen->source;
    }
    found->begun_by |= bit;
    hb_case_index_begun(result->case_index, place_of(result, found),
                        seen->source);
    remember(result, found);
}

/* A framework's own line knows of a skip that its adapter saw as an end
 * without a return, which looks like a failure. */
static bool corrects(const struct hb_case *at, enum hb_case_status status,
                     enum hb_source source)
{
    const unsigned adapter = 1u << HB_SOURCE_RECORDER;

    if (source == HB_SOURCE_RECORDER) {
        return at->status != HB_CASE_SKIPPED;
    }
    return at->status != HB_CASE_FAILED ||
           (status == HB_CASE_SKIPPED && at->ended_by == adapter);
}

/* What is known wins over what is not, and a failure over all but the word of
 * who knows better. */
static void set_status(struct hb_case *at, enum hb_case_status status,
                       enum hb_source source)
{
    if (status == HB_CASE_UNKNOWN) {
        return;
    }
    if (at->status == HB_CASE_UNKNOWN ||
        (status != HB_CASE_PASSED && corrects(at, status, source))) {
        at->status = status;
    }
}

void hb_cases_end(struct hb_result *result, const struct hb_observation *seen)
{
    unsigned bit = 1u << seen->source;
    struct hb_case *found = find(result, seen, HB_CASE_OPEN);

    if (found == NULL) { /* TAP has no line for a beginning */
        hb_cases_begin(result, seen);
        found = find(result, seen, HB_CASE_OPEN);
    }
    if (found == NULL) {
        return;
    }
    set_status(found, seen->status, seen->source);
    if (seen->duration_ms != HB_NO_DURATION) {
        found->duration_ms = seen->duration_ms;
    } else if (found->ended_by == 0 && found->begun_ms != HB_UNKNOWN_MS) {
        found->duration_ms = seen->at_ms - found->begun_ms;
    }
    found->ended_by |= bit;
    hb_case_index_ended(result->case_index, place_of(result, found),
                        seen->source);
    remember(result, found);
}

void hb_cases_detail(struct hb_result *result,
                     const struct hb_observation *seen)
{
    struct hb_case *found = NULL;

    if (seen->name != NULL) {
        found = find(result, seen, HB_CASE_ANY);
    } else if (result->case_flight < result->case_count) {
        found = &result->cases[result->case_flight];
    }
    if (found == NULL) {
        return;
    }
    if (found->message == NULL) {
        found->message = copy(result, seen->text);
    }
    if (found->file == NULL && seen->file != NULL) {
        found->file = copy(result, seen->file);
        found->line = seen->line;
    }
}

/* Of a plan only the number is known: the missing ones get their place, all
 * of them or none. */
static void add_nameless(struct hb_result *result)
{
    uint64_t known = result->case_count + result->cases_beyond_cap;

    if (result->planned > known && result->planned - known > NAMELESS_MAX) {
        result->cases_unlisted = result->planned - known;
        return;
    }
    for (uint64_t i = known; i < result->planned; i++) {
        unsigned long long number = i;
        char name[32];
        struct hb_case *made;

        (void)hb_text_format(name, sizeof(name), "#%llu", number + 1);
        made = add(result, NULL, name);
        if (made == NULL) {
            return;
        }
        made->status = HB_CASE_LOST;
    }
}

void hb_cases_close(struct hb_result *result)
{
    bool done = result->completion.seen;

    for (size_t i = 0; i < result->case_count; i++) {
        struct hb_case *at = &result->cases[i];

        if (at->begun_by == 0 && at->status == HB_CASE_UNKNOWN) {
            at->status = done ? HB_CASE_SKIPPED : HB_CASE_LOST;
            if (done) {
                at->message = copy(result, "announced, and never run");
            }
        } else if (at->ended_by == 0) {
            at->status = HB_CASE_RUNNING;
        }
    }
    if (!done || result->completion.failed) { /* TAP: Bail out! */
        add_nameless(result);
    }
}

size_t hb_cases_count(const struct hb_result *result,
                      enum hb_case_status status)
{
    size_t count = 0;

    for (size_t i = 0; i < result->case_count; i++) {
        count += result->cases[i].status == status;
    }
    return count;
}

const struct hb_case *hb_cases_in_flight(const struct hb_result *result)
{
    for (size_t i = result->case_count; i > 0; i--) {
        if (result->cases[i - 1].status == HB_CASE_RUNNING) {
            return &result->cases[i - 1];
        }
    }
    return NULL;
}

void hb_cases_free(struct hb_result *result)
{
    for (size_t i = 0; i < result->case_count; i++) {
        free(result->cases[i].suite);
        free(result->cases[i].name);
        free(result->cases[i].message);
        free(result->cases[i].file);
    }
    free(result->cases);
    hb_case_index_free(result->case_index);
    result->cases = NULL;
    result->case_index = NULL;
    result->case_count = 0;
    result->case_room = 0;
}
