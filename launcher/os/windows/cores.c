#include "os/cores.h"

/* Windows Error Reporting keeps dumps, and is asked in other ways. */
void hb_process_cores(struct hb_process *process,
                      struct hb_core_trace *out_trace)
{
    (void)process;
    *out_trace = (struct hb_core_trace){ 0 };
}

void hb_process_spare_core(struct hb_process *process, uint32_t pid)
{
    (void)process;
    (void)pid;
}
