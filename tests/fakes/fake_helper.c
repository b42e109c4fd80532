#include <string.h>

#include "fakes/fake_helper.h"
#include "fakes/fake_state.h"
#include "os/helper.h"

void fake_os_helper(const struct fake_event *events, size_t count)
{
    fake.helper.exists = true;
    fake.helper.events = events;
    fake.helper.event_count = count;
}

void fake_os_helper_clings(void)
{
    fake.helper.clings = true;
}

const char *fake_os_helper_words(void)
{
    return fake.helper.words;
}

int fake_os_helper_ends(void)
{
    return fake.helper.ends;
}

bool hb_helper_start(struct hb_process *process, const char *const *command,
                     size_t count, struct hb_error *err)
{
    struct fake_helper *helper = &fake.helper;

    (void)process;
    if (fake_fails(err, HB_ERR_START)) {
        return false;
    }
    helper->running = true;
    helper->began_ms = fake.now_ms;
    helper->words[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        size_t used = strlen(helper->words);

        (void)hb_text_format(helper->words + used, sizeof(helper->words) - used,
                             "%s ", command[i]);
    }
    return true;
}

void hb_helper_end(struct hb_process *process)
{
    (void)process;
    if (fake.helper.running) {
        fake.helper.ends++;
        fake.helper.killed = !fake.helper.clings;
    }
}

bool fake_helper_next(uint64_t until_ms, struct hb_event *out_event)
{
    struct fake_helper *helper = &fake.helper;
    const struct fake_event *next = &helper->events[helper->next];

    if (!helper->running) {
        return false;
    }
    if (helper->killed) {
        helper->running = false;
        *out_event = (struct hb_event){
            .kind = HB_EVENT_HELPER_ENDED,
            .exit = { .kind = HB_EXIT_SIGNAL, .value = 9 },
        };
        return true;
    }
    if (helper->next == helper->event_count ||
        helper->began_ms + next->at_ms > until_ms) {
        return false;
    }
    helper->next++;
    if (helper->began_ms + next->at_ms > fake.now_ms) {
        fake.now_ms = helper->began_ms + next->at_ms;
    }
    helper->running = next->event.kind != HB_EVENT_HELPER_ENDED;
    *out_event = next->event;
    return true;
}
