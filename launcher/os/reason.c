#include "os/reason.h"

#include "base/text.h"

#define WORDS_SIZE 200

void hb_reason_say(const struct hb_error *err, char *target, size_t size)
{
    char words[WORDS_SIZE];

    if (err->os_code == 0) {
        (void)hb_text_copy(target, size, err->text);
        return;
    }
    hb_reason_read(err->os_code, words, sizeof(words));
    (void)hb_text_format(target, size, "%s (error %ld%s%s)", err->text,
                         err->os_code, words[0] != '\0' ? ": " : "", words);
}
