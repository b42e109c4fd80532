#include "os/reason.h"

#include <string.h>

#include "base/text.h"

void hb_reason_read(long os_code, char *target, size_t size)
{
    char room[128];

    (void)hb_text_copy(target, size,
                       strerror_r((int)os_code, room, sizeof(room)));
}
