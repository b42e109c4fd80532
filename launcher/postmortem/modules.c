#include "postmortem/modules.h"

#include <stdlib.h>

void hb_modules_free(struct hb_modules *modules)
{
    free(modules->items);
    *modules = (struct hb_modules){ NULL, 0 };
}

struct hb_known_module *hb_modules_find(const struct hb_modules *modules,
                                        uint64_t address)
{
    for (size_t i = 0; i < modules->count; i++) {
        const struct hb_module *module = &modules->items[i].module;

        if (address >= module->base && address - module->base < module->size) {
            return &modules->items[i];
        }
    }
    return NULL;
}

uint32_t hb_modules_tell(struct hb_known_module *module,
                         struct hb_teller *teller)
{
    if (module->told == HB_NO_MODULE) {
        module->told = hb_tell_module(teller, &module->module);
    }
    return module->told;
}

void hb_modules_tell_rest(struct hb_modules *modules, struct hb_teller *teller)
{
    for (size_t i = 0; i < modules->count; i++) {
        (void)hb_modules_tell(&modules->items[i], teller);
    }
}

void hb_modules_tell_frames(struct hb_modules *modules, struct hb_frame *frames,
                            size_t count, struct hb_teller *teller)
{
    for (size_t i = 0; i < count; i++) {
        if (frames[i].module != HB_NO_MODULE) {
            frames[i].module =
                hb_modules_tell(&modules->items[frames[i].module], teller);
        }
    }
}
