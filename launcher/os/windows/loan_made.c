#include "os/windows/loan_journal.h"

#include <stdio.h>
#include <string.h>

bool hb_journal_go_up(wchar_t *key)
{
    wchar_t *end = wcsrchr(key, L'\\');

    if (end != NULL) {
        *end = L'\0';
    }
    return end != NULL;
}

/* Sets `*out_made` if the item's loan made `key`; `*out_more`: there is such an
 * item. */
static LSTATUS ask_item(const struct hb_registry *registry, const wchar_t *item,
                        const wchar_t *key, bool *out_made, bool *out_more)
{
    wchar_t at[HB_REGISTRY_KEY_MAX];
    DWORD made = 0;
    LSTATUS status = ERROR_SUCCESS;

    *out_more = hb_journal_read_text(registry, item, L"key", at, &status);
    if (!*out_more) {
        return status;
    }
    status = hb_journal_read_number(registry, item, L"made", &made);
    while (status == ERROR_SUCCESS && made-- > 0 && !*out_made) {
        *out_made = _wcsicmp(at, key) == 0;
        made = hb_journal_go_up(at) ? made : 0;
    }
    return status;
}

static LSTATUS ask_loan(const struct hb_registry *registry, const wchar_t *loan,
                        const wchar_t *key, bool *out_made)
{
    LSTATUS status = ERROR_SUCCESS;
    bool more = true;

    for (unsigned i = 0;
         status == ERROR_SUCCESS && more && !*out_made && i < HB_LOAN_ITEMS_MAX;
         i++) {
        wchar_t item[HB_REGISTRY_KEY_MAX + HB_REGISTRY_NAME_MAX];

        (void)_snwprintf(item, sizeof(item) / sizeof(item[0]),
                         HB_LOANS L"\\%ls\\items\\%u", loan, i);
        status = ask_item(registry, item, key, out_made, &more);
    }
    return status;
}

/* Our own loan has no items yet. */
static LSTATUS ask_all(const struct hb_registry *registry, const wchar_t *key,
                       bool *out_made)
{
    wchar_t loan[HB_REGISTRY_NAME_MAX];
    LSTATUS status = ERROR_SUCCESS;

    *out_made = false;
    for (DWORD i = 0; status == ERROR_SUCCESS && !*out_made; i++) {
        status = registry->list_keys(registry->context, HB_LOANS, i, loan);
        if (status == ERROR_SUCCESS) {
            status = ask_loan(registry, loan, key, out_made);
        }
    }
    return status == ERROR_NO_MORE_ITEMS ? ERROR_SUCCESS : status;
}

LSTATUS hb_journal_count_made(const struct hb_registry *registry,
                              const wchar_t *key, DWORD *out_count)
{
    wchar_t at[HB_REGISTRY_KEY_MAX];
    bool has = false;
    bool lent = false;
    DWORD count = 0;

    (void)wcsncpy(at, key, HB_REGISTRY_KEY_MAX - 1);
    at[HB_REGISTRY_KEY_MAX - 1] = L'\0';
    do {
        LSTATUS status = registry->has_key(registry->context, at, &has);

        if (status == ERROR_SUCCESS && has) {
            status = ask_all(registry, at, &lent);
        }
        if (status != ERROR_SUCCESS) {
            return status;
        }
        count += !has || lent ? 1 : 0;
    } while ((!has || lent) && hb_journal_go_up(at));
    *out_count = count;
    return ERROR_SUCCESS;
}
