#include "run/abilities.h"

#include <string.h>

#include "base/text.h"
#include "os/file.h"
#include "os/reason.h"
#include "run/look_command.h"

/* Without the helper there are neither stacks nor dumps. */
static void add_helper(struct hb_ability *ability)
{
    static char path[HB_PATH_SIZE];
    char shown[64] = "";
    struct hb_error err = { 0 };
    char why[HB_REASON_SIZE];

    *ability = (struct hb_ability){ .name = "postmortem" };
    if (hb_look_program(path, sizeof(path), &err)) {
        hb_text_copy_path(shown, sizeof(shown), path);
        ability->available =
            hb_file_exists(path) ||
            hb_fail(&err, HB_ERR_NOT_FOUND, 0,
                    "'%s' (HBTEST_POSTMORTEM) is not there", shown);
    }
    hb_reason_say(&err, why, sizeof(why));
    (void)hb_text_copy(ability->detail, sizeof(ability->detail),
                       ability->available ? "stacks and dumps, by "
                                            "hbtest-postmortem"
                                          : why);
}

size_t hb_run_abilities(struct hb_ability *abilities, size_t room)
{
    size_t count = hb_host_abilities(abilities, room);

    if (count < room) {
        add_helper(&abilities[count++]);
    }
    return count;
}

const struct hb_capability *
hb_run_capability(const struct hb_run_header *header, const char *name)
{
    static const struct hb_capability untold = { .available = true };

    for (size_t i = 0; i < header->launcher.capability_count; i++) {
        if (strcmp(header->launcher.capabilities[i].name, name) == 0) {
            return &header->launcher.capabilities[i];
        }
    }
    return &untold;
}
