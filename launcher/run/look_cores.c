#include <string.h>

#include "run/look_parts.h"

/* What may be taken when somebody asked us to stop. */
#define HURRY_MS 1000u

bool hb_look_has(const struct hb_watch *watch, const char *kind)
{
    const struct hb_result *result = &watch->funnel.result;

    for (size_t i = 0; i < result->evidence_count; i++) {
        if (strcmp(result->evidence[i].kind, kind) == 0 &&
            result->evidence[i].status == HB_EVIDENCE_CAPTURED) {
            return true;
        }
    }
    return false;
}

/* Forgets the look at the living. */
static void renew(struct hb_look *look)
{
    const struct hb_core_trace cores = look->cores;

    hb_look_free(look);
    *look = (struct hb_look){ .cores = cores, .of_dead = true };
}

/* Children that died are kept only if the program itself did not end well:
 * programs that test how something dies have many of them. */
static void choose(struct hb_watch *watch)
{
    const struct hb_options *options = &watch->settings->options;
    const struct hb_result *result = &watch->funnel.result;
    struct hb_look *look = &watch->look;
    bool well = result->exit.kind == HB_EXIT_CODE && result->exit.value == 0;
    bool hurry = result->interrupted_by[0] != '\0';

    /* Modules that were told of already have the same numbers. */
    look->wants_stacks = !well && options->stacks != HB_WHEN_NEVER &&
                         result->finds.module_count == 0;
    look->wants_dump = !well && !hb_look_has(watch, "dump");
    hb_look_limit(watch, look->wants_dump);
    if (hurry) { /* what lies there is taken away, and no more */
        look->wants_stacks = false;
        look->wants_dump = false;
        look->limit_ms = look->limit_ms < HURRY_MS ? look->limit_ms : HURRY_MS;
    }
}

/* Why the system dumped nothing. */
static void say_why(struct hb_watch *watch)
{
    const struct hb_core_trace *cores = &watch->look.cores;
    const char *why = cores->why_not;
    char text[HB_REASON_SIZE];

    if (watch->header.host.windows) {
        (void)hb_text_format(text, sizeof(text),
                             "no dump of error reporting: %s",
                             why != NULL ? why : "it wrote none");
        hb_look_tell_missing(watch, text);
        return;
    }
    if (cores->limit_known && cores->limit == 0 && why == NULL) {
        why = "the program set its limit on cores to 0, as sanitizer builds do";
    } else if (why == NULL) {
        why = "the kernel could not write it where core_pattern says";
    }
    (void)hb_text_format(text, sizeof(text), "no core: %s", why);
    hb_look_tell_missing(watch, text);
}

bool hb_look_at_cores(struct hb_watch *watch, struct hb_error *err)
{
    struct hb_look *look = &watch->look;
    bool flagged;

    hb_process_cores(watch->process, &look->cores);
    flagged = look->cores.died && look->cores.flagged;
    if (!look->cores.died && !look->cores.found) {
        return true;
    }
    if (hb_look_has(watch, "dump") && !look->cores.found) {
        return true; /* taken as it crashed */
    }
    renew(look);
    choose(watch);
    if (!flagged && !look->cores.found) {
        say_why(watch);
        return true;
    }
    hb_look_begin(watch);
    return hb_look_finish(watch, err);
}
