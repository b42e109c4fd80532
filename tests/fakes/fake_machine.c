#include <string.h>

#include "base/text.h"
#include "os/machine.h"

void hb_machine_read(const char *folder, uint32_t pid,
                     struct hb_machine *out_machine)
{
    hb_machine_clear(out_machine);
    out_machine->memory_total_kib = 1000;
    out_machine->space_count = 1;
    (void)hb_text_copy(out_machine->spaces[0].path,
                       sizeof(out_machine->spaces[0].path), folder);
    if (pid != 0) {
        out_machine->handle_pid = pid;
        out_machine->handle_total = 3;
    }
}
