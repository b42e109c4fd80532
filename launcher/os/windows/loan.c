#include "os/windows/loan.h"

#include <stdio.h>
#include <string.h>

#include "os/windows/loan_journal.h"

static bool fail(LSTATUS status, struct hb_error *err)
{
    return hb_fail(err, HB_ERR_INTERNAL, (long)status,
                   "cannot change the registry");
}

static bool name_place(struct hb_journal *journal,
                       const struct hb_registry *registry, const wchar_t *name,
                       struct hb_error *err)
{
    journal->registry = registry;
    if (wcslen(name) + 64 > HB_REGISTRY_NAME_MAX ||
        wcschr(name, L'\\') != NULL) {
        return fail(ERROR_INVALID_NAME, err);
    }
    (void)_snwprintf(journal->loan, HB_REGISTRY_KEY_MAX, HB_LOANS L"\\%ls",
                     name);
    (void)_snwprintf(journal->items, HB_REGISTRY_KEY_MAX, L"%ls\\items",
                     journal->loan);
    (void)_snwprintf(journal->owners, HB_REGISTRY_KEY_MAX, L"%ls\\owners",
                     journal->loan);
    return true;
}

static LSTATUS set_all(const struct hb_registry *registry,
                       const struct hb_loan_item *items, size_t count)
{
    LSTATUS status = ERROR_SUCCESS;

    for (size_t i = 0; status == ERROR_SUCCESS && i < count; i++) {
        status = registry->write(registry->context, items[i].key, items[i].name,
                                 &items[i].value);
    }
    return status;
}

static void owner_name(struct hb_loan_owner owner, wchar_t name[24])
{
    (void)_snwprintf(name, 24, L"%lu", (unsigned long)owner.pid);
}

static LSTATUS add_owner(const struct hb_journal *journal,
                         struct hb_loan_owner owner)
{
    struct hb_registry_value value = { .exists = true,
                                       .type = REG_QWORD,
                                       .size = sizeof(owner.created) };
    wchar_t name[24];

    memcpy(value.data, &owner.created, sizeof(owner.created));
    owner_name(owner, name);
    return journal->registry->write(journal->registry->context, journal->owners,
                                    name, &value);
}

bool hb_loan_take(const struct hb_registry *registry, const wchar_t *name,
                  const struct hb_loan_item *items, size_t count,
                  struct hb_loan_owner owner, struct hb_error *err)
{
    struct hb_journal journal;
    bool whole = false;

    if (!name_place(&journal, registry, name, err)) {
        return false;
    }
    LSTATUS status = hb_journal_is_whole(&journal, &whole);

    if (status == ERROR_SUCCESS) {
        status = add_owner(&journal, owner);
    }
    if (status == ERROR_SUCCESS && !whole) {
        status = hb_journal_note(&journal, items, count);
    }
    if (status == ERROR_SUCCESS && whole) {
        status = hb_journal_compare(&journal, items, count);
    }
    if (status == ERROR_SUCCESS) { /* also where another died in the middle */
        status = set_all(registry, items, count);
    }
    if (status != ERROR_SUCCESS) {
        struct hb_error ignored = { 0 };

        (void)hb_loan_return(registry, name, owner, &ignored);
        return fail(status, err);
    }
    return true;
}

/* How many borrow it, and whether `own` is among them. */
static LSTATUS count_owners(const struct hb_journal *journal,
                            const wchar_t *own, DWORD *out_count, bool *out_own)
{
    wchar_t name[HB_REGISTRY_NAME_MAX];
    LSTATUS status;
    DWORD count = 0;
    bool has = false;

    while ((status = journal->registry->list_values(journal->registry->context,
                                                    journal->owners, count,
                                                    name)) == ERROR_SUCCESS) {
        has = has || wcscmp(name, own) == 0;
        count++;
    }
    *out_count = count;
    *out_own = has;
    return status == ERROR_NO_MORE_ITEMS ? ERROR_SUCCESS : status;
}

static LSTATUS leave_loan(const struct hb_journal *journal, const wchar_t *own)
{
    const struct hb_registry_value none = { 0 };
    DWORD count = 0;
    bool is_owner = false;
    LSTATUS status = count_owners(journal, own, &count, &is_owner);

    if (status != ERROR_SUCCESS) {
        return status;
    }
    if (count == 0 || (count == 1 && is_owner)) {
        return hb_journal_end(journal);
    }
    return journal->registry->write(journal->registry->context, journal->owners,
                                    own, &none);
}

bool hb_loan_return(const struct hb_registry *registry, const wchar_t *name,
                    struct hb_loan_owner owner, struct hb_error *err)
{
    struct hb_journal journal;
    wchar_t own[24];

    if (!name_place(&journal, registry, name, err)) {
        return false;
    }
    owner_name(owner, own);
    LSTATUS status = leave_loan(&journal, own);

    return status == ERROR_SUCCESS || fail(status, err);
}

/* An owner that we did not write is none. */
static LSTATUS read_owner(const struct hb_journal *journal, const wchar_t *name,
                          struct hb_loan_owner *out_owner)
{
    struct hb_loan_owner owner = { 0, 0 };
    struct hb_registry_value value;
    LSTATUS status = journal->registry->read(journal->registry->context,
                                             journal->owners, name, &value);

    for (const wchar_t *c = name; *c >= L'0' && *c <= L'9'; c++) {
        owner.pid = owner.pid * 10u + (uint32_t)(*c - L'0');
    }
    if (status == ERROR_SUCCESS && value.exists &&
        value.size == sizeof(owner.created)) {
        memcpy(&owner.created, value.data, sizeof(owner.created));
    }
    *out_owner = owner;
    return status;
}

static LSTATUS sweep_one(const struct hb_journal *journal,
                         hb_loan_is_alive *is_alive, void *context)
{
    wchar_t name[HB_REGISTRY_NAME_MAX];
    struct hb_loan_owner owner;
    LSTATUS status;
    DWORD i = 0;

    while ((status = journal->registry->list_values(journal->registry->context,
                                                    journal->owners, i,
                                                    name)) == ERROR_SUCCESS) {
        status = read_owner(journal, name, &owner);
        if (status != ERROR_SUCCESS) {
            return status;
        }
        if (is_alive(context, owner)) {
            i++;
            continue;
        }
        status = leave_loan(journal, name);
        if (status != ERROR_SUCCESS) {
            return status;
        }
    }
    if (status != ERROR_NO_MORE_ITEMS) {
        return status;
    }
    return i == 0 ? hb_journal_end(journal) : ERROR_SUCCESS;
}

bool hb_loans_sweep(const struct hb_registry *registry,
                    hb_loan_is_alive *is_alive, void *context,
                    struct hb_error *err)
{
    wchar_t name[HB_REGISTRY_NAME_MAX];
    bool has = false;
    struct hb_journal journal;
    LSTATUS status = ERROR_SUCCESS;
    DWORD i = 0;

    while (status == ERROR_SUCCESS &&
           (status = registry->list_keys(registry->context, HB_LOANS, i,
                                         name)) == ERROR_SUCCESS) {
        if (!name_place(&journal, registry, name, err)) {
            return false;
        }
        status = sweep_one(&journal, is_alive, context);
        if (status == ERROR_SUCCESS) {
            status = registry->has_key(registry->context, journal.loan, &has);
        }
        i += has ? 1 : 0;
    }
    if (status == ERROR_NO_MORE_ITEMS) { /* our own keys, if they are empty */
        status = registry->drop_key(registry->context, HB_LOANS);
    }
    if (status == ERROR_SUCCESS) {
        status = registry->drop_key(registry->context, HB_LOANS_HOME);
    }
    return status == ERROR_SUCCESS || fail(status, err);
}
