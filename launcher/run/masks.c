/* What the test asks GitHub to mask. GitHub reads the same line in what we pass
 * on; here the value is blanked in what only we write. */
#include "core/masks.h"

#include "core/secrets.h"
#include "os/host.h"
#include "run/watch.h"

#define MASKS_MAX 256u

/* The helper, which starts later, finds it by the name of its variable: a
 * command line is for everybody to see. */
static void hand_down(struct hb_watch *watch, const char *value)
{
    struct hb_error err = { 0 };
    char name[32];

    (void)hb_text_format(name, sizeof(name), "HBTEST_MASK_%u",
                         watch->mask_count);
    if (!hb_environment_set(name, value, &err)) {
        hb_watch_warn(
            watch, "a value of ::add-mask:: is not blanked in dumps: ", &err);
    }
}

static void take(void *context, const char *value, size_t size)
{
    struct hb_watch *watch = context;

    if (size < HB_SECRET_LEAST) {
        return;
    }
    if (watch->mask_count == MASKS_MAX) {
        hb_watch_tell_text(watch, HB_OBS_WARNING,
                           "::add-mask:: was used more than 256 times: not "
                           "all of its values are blanked");
        return;
    }
    watch->mask_count++;
    if (!hb_veil_add(watch->veil, value, size)) {
        hb_watch_tell_text(watch, HB_OBS_WARNING,
                           "out of memory: a value of ::add-mask:: is not "
                           "blanked");
    }
    hand_down(watch, value);
}

static bool wants_masks(const struct hb_watch *watch)
{
    return watch->settings->masks && watch->veil != NULL;
}

void hb_watch_masks(struct hb_watch *watch, const struct hb_event *event)
{
    if (wants_masks(watch)) {
        hb_masks_feed(&watch->masks[event->stream], event->bytes, event->size,
                      take, watch);
    }
}

void hb_watch_masks_end(struct hb_watch *watch, enum hb_stream stream)
{
    if (wants_masks(watch)) {
        hb_masks_end(&watch->masks[stream], take, watch);
    }
}
