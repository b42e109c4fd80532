#include "core/status.h"

#include <string.h>

#include "base/text.h"

/* Windows exceptions by the names that cmocka prints. */
static const struct {
    const char *name;
    uint32_t status;
} exceptions[] = {
    { "EXCEPTION_ACCESS_VIOLATION", 0xC0000005u },
    { "EXCEPTION_IN_PAGE_ERROR", 0xC0000006u },
    { "EXCEPTION_INVALID_HANDLE", 0xC0000008u },
    { "EXCEPTION_ILLEGAL_INSTRUCTION", 0xC000001Du },
    { "EXCEPTION_NONCONTINUABLE_EXCEPTION", 0xC0000025u },
    { "EXCEPTION_INVALID_DISPOSITION", 0xC0000026u },
    { "EXCEPTION_ARRAY_BOUNDS_EXCEEDED", 0xC000008Cu },
    { "EXCEPTION_FLT_DENORMAL_OPERAND", 0xC000008Du },
    { "EXCEPTION_FLT_DIVIDE_BY_ZERO", 0xC000008Eu },
    { "EXCEPTION_FLT_INEXACT_RESULT", 0xC000008Fu },
    { "EXCEPTION_FLT_INVALID_OPERATION", 0xC0000090u },
    { "EXCEPTION_FLT_OVERFLOW", 0xC0000091u },
    { "EXCEPTION_FLT_STACK_CHECK", 0xC0000092u },
    { "EXCEPTION_FLT_UNDERFLOW", 0xC0000093u },
    { "EXCEPTION_INT_DIVIDE_BY_ZERO", 0xC0000094u },
    { "EXCEPTION_INT_OVERFLOW", 0xC0000095u },
    { "EXCEPTION_PRIV_INSTRUCTION", 0xC0000096u },
    { "EXCEPTION_STACK_OVERFLOW", 0xC00000FDu },
};

/* The number that begins at `text` and ends before one of `ends`. */
static bool read_number(const char *text, const char *ends, uint32_t *out_value)
{
    char digits[24];
    uint64_t value = 0;
    size_t length = strcspn(text, ends);

    if (text[length] == '\0' || length >= sizeof(digits) ||
        !hb_text_copy_bytes(digits, sizeof(digits), text, length) ||
        !hb_parse_u64(digits, &value) || value > UINT32_MAX) {
        return false;
    }
    *out_value = (uint32_t)value;
    return true;
}

static bool after_mark(const char *text, const char *mark, const char **out_at)
{
    const char *at = strstr(text, mark);

    *out_at = at != NULL ? at + strlen(mark) : NULL;
    return at != NULL;
}

static bool is_exception(const char *text, uint32_t *out_status)
{
    for (size_t i = 0; i < sizeof(exceptions) / sizeof(exceptions[0]); i++) {
        size_t length = strlen(exceptions[i].name);

        if (strncmp(text, exceptions[i].name, length) == 0 &&
            strncmp(text + length, " occurred at ", 13) == 0) {
            *out_status = exceptions[i].status;
            return true;
        }
    }
    return false;
}

bool hb_exit_caught(const char *text, struct hb_exit *out_exit)
{
    struct hb_exit caught = { .kind = HB_EXIT_NTSTATUS };
    const char *at = NULL;

    if (after_mark(text, "Test failed with exception: ", &at)) {
        caught.kind = HB_EXIT_SIGNAL;
        at = strchr(at, '(');
        if (at == NULL || !read_number(at + 1, ")", &caught.value)) {
            return false;
        }
    } else if (after_mark(text, "SEH exception with code ", &at)) {
        if (!read_number(at, " ", &caught.value)) {
            return false;
        }
    } else if (!is_exception(text, &caught.value)) {
        return false;
    }
    *out_exit = caught;
    return true;
}
