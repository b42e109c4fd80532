#include <stdlib.h>
#include <string.h>

#include "run/veil_parts.h"

/* Whoever cuts a text of an observation leaves more of it. */
#define CUT_LEAST 200u
/* Linux cuts the names of threads and processes to this. */
#define NAME_CUT 15u

/* The end of a text that may have been cut may be the begin of a value. */
static void blank(const struct hb_veil *veil, char *text, size_t cut_least)
{
    size_t size = strlen(text);

    (void)hb_secrets_blank(veil->secrets, text, size);
    if (size >= cut_least) {
        (void)hb_secrets_blank_end(veil->secrets, text, size);
    }
}

/* NULL stays NULL. */
static const char *blanked(struct hb_veil *veil, unsigned slot,
                           const char *text)
{
    struct hb_buffer *copy = &veil->texts[slot];

    if (text == NULL) {
        return NULL;
    }
    copy->size = 0;
    hb_buffer_add(copy, text, strlen(text) + 1);
    if (copy->failed) {
        return "";
    }
    blank(veil, copy->bytes, CUT_LEAST);
    return copy->bytes;
}

/* Words of our own and of the protocol. */
static bool is_word(enum hb_observation_kind kind)
{
    return kind == HB_OBS_GAP || kind == HB_OBS_ATTACHED ||
           kind == HB_OBS_REFUSED || kind == HB_OBS_DAMAGE ||
           kind == HB_OBS_STOP_REQUEST;
}

static void blank_threads(struct hb_veil *veil, struct hb_observation *seen)
{
    if (seen->thread_count > veil->thread_room) {
        void *larger =
            realloc(veil->threads, seen->thread_count * sizeof(*veil->threads));

        if (larger == NULL) {
            seen->threads = NULL;
            seen->thread_count = 0;
            return;
        }
        veil->threads = larger;
        veil->thread_room = seen->thread_count;
    }
    for (size_t i = 0; i < seen->thread_count; i++) {
        veil->threads[i] = seen->threads[i];
        blank(veil, veil->threads[i].name, NAME_CUT);
    }
    if (seen->thread_count > 0) {
        seen->threads = veil->threads;
    }
}

static void blank_machine(struct hb_veil *veil, struct hb_observation *seen)
{
    struct hb_machine *machine = &veil->machine;

    *machine = *seen->machine;
    for (size_t i = 0; i < machine->space_count; i++) {
        blank(veil, machine->spaces[i].path, HB_HANDLE_NAME_SIZE - 4);
    }
    for (size_t i = 0; i < machine->process_count; i++) {
        blank(veil, machine->processes[i].name, NAME_CUT);
    }
    for (size_t i = 0; i < machine->handle_count; i++) {
        blank(veil, machine->handles[i].name, HB_HANDLE_NAME_SIZE - 4);
    }
    seen->machine = machine;
}

static void blank_facts(struct hb_veil *veil, struct hb_observation *seen)
{
    if (seen->process != NULL) {
        veil->process = *seen->process;
        blank(veil, veil->process.image, NAME_CUT);
        seen->process = &veil->process;
    }
    if (seen->dialog != NULL) {
        veil->dialog = *seen->dialog;
        blank(veil, veil->dialog.title, sizeof(veil->dialog.title) - 4);
        blank(veil, veil->dialog.text, sizeof(veil->dialog.text) - 4);
        seen->dialog = &veil->dialog;
    }
    if (seen->evidence != NULL) {
        veil->evidence = *seen->evidence;
        blank(veil, veil->evidence.reason, sizeof(veil->evidence.reason) - 4);
        seen->evidence = &veil->evidence;
    }
    if (seen->found != NULL) {
        veil->found = *seen->found;
        blank(veil, veil->found.name, NAME_CUT);
        seen->found = &veil->found;
    }
}

void hb_veil_observation(struct hb_veil *veil, struct hb_observation *seen)
{
    if (veil == NULL || hb_secrets_is_empty(veil->secrets)) {
        return;
    }
    seen->suite = blanked(veil, 0, seen->suite);
    seen->name = blanked(veil, 1, seen->name);
    if (!is_word(seen->kind)) {
        seen->text = blanked(veil, 2, seen->text);
    }
    seen->file = blanked(veil, 3, seen->file);
    blank_facts(veil, seen);
    if (seen->threads != NULL) {
        blank_threads(veil, seen);
    }
    if (seen->machine != NULL) {
        blank_machine(veil, seen);
    }
}
