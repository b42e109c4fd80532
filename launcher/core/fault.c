#include "core/fault.h"

#include "core/status.h"

/* So near to the stack pointer all is mapped, but where the stack ends. */
#define STACK_NEAR ((uint64_t)64 << 10)
#define SIGNAL_BUS 7u
#define SIGNAL_SEGV 11u

#define STATUS_APP_EXIT 0x40000015u
#define CODE_OF_ABORT 3u

/* NULL: nobody told of an exception of the program itself. */
static const struct hb_found_exception *told(const struct hb_result *result)
{
    const struct hb_found_exception *seen = &result->finds.exception;

    return result->finds.has_exception && seen->pid == result->pid ? seen
                                                                   : NULL;
}

bool hb_fault_is_stack_overflow(const struct hb_result *result)
{
    const struct hb_found_exception *seen = told(result);

    if (seen == NULL || result->exit.kind != HB_EXIT_SIGNAL ||
        result->exit.value != seen->code) {
        return false;
    }
    uint64_t low = seen->stack > STACK_NEAR ? seen->stack - STACK_NEAR : 0;

    return (seen->code == SIGNAL_SEGV || seen->code == SIGNAL_BUS) &&
           seen->reason > 0 && seen->reason <= INT32_MAX && seen->stack != 0 &&
           seen->address >= low && seen->address - low < 2 * STACK_NEAR;
}

/* What somebody sent has a code that is not above 0, and his number where the
 * address would be. */
bool hb_fault_sender(const struct hb_result *result, uint32_t *out_pid)
{
    const struct hb_found_exception *seen = told(result);

    if (seen == NULL || result->header->host.windows ||
        result->exit.kind != HB_EXIT_SIGNAL ||
        result->exit.value != seen->code ||
        (seen->reason > 0 && seen->reason <= INT32_MAX) ||
        (uint32_t)seen->address == 0) {
        return false;
    }
    *out_pid = (uint32_t)seen->address;
    return true;
}

static bool failed_fast(const struct hb_result *result)
{
    return result->exit.kind == HB_EXIT_NTSTATUS &&
           result->exit.value == HB_STATUS_FAST_FAIL;
}

bool hb_fault_is_abort(const struct hb_result *result)
{
    const struct hb_found_exception *seen = told(result);
    bool by_code = result->exit.kind == HB_EXIT_CODE &&
                   result->exit.value == CODE_OF_ABORT;

    return seen != NULL && result->header->host.windows &&
           seen->code == STATUS_APP_EXIT && (by_code || failed_fast(result));
}

bool hb_fault_subcode(const struct hb_result *result, uint32_t *out_subcode)
{
    if (!failed_fast(result) || !result->finds.has_subcode) {
        return false;
    }
    *out_subcode = result->finds.subcode;
    return true;
}
