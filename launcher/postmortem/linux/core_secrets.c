#include <stdlib.h>
#include <string.h>

#include "postmortem/linux/core_source.h"

/* The texts belong to others and stay as they are. */
bool hb_core_secrets_beside(struct hb_secrets *secrets,
                            const struct hb_core_wish *wish)
{
    const char *const *texts = wish->environment;

    for (size_t i = 0; texts != NULL && texts[i] != NULL; i++) {
        size_t size = strlen(texts[i]);
        char *copy = malloc(size + 1);

        if (copy == NULL) {
            return false;
        }
        memcpy(copy, texts[i], size + 1);
        bool taken = hb_secrets_take_block(secrets, wish->redact,
                                           wish->redact_count, copy, size);
        free(copy);
        if (!taken) {
            return false;
        }
    }
    return true;
}
