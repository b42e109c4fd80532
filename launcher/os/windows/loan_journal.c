#include "os/windows/loan_journal.h"

#include <stdio.h>
#include <string.h>

/*
 * SOFTWARE\hbtest\loans\NAME     "whole" = 1 once everything stands there, and
 *                                before anything is changed
 * ...\items\0, 1, 2, ...         key, name, before, ours, made
 * ...\owners                     a value for each: "PID" = time of creation
 *
 * `before` does not exist if there was no such value; `made` is how many keys,
 * from the last one up, there were not, or are those of other loans: the last
 * to be given back takes them away.
 */
#define NOT_WHOLE 0u
#define WHOLE 1u

static void item_key(const struct hb_journal *journal, size_t i,
                     wchar_t key[HB_REGISTRY_KEY_MAX])
{
    (void)_snwprintf(key, HB_REGISTRY_KEY_MAX, L"%ls\\%u", journal->items,
                     (unsigned)i);
}

LSTATUS hb_journal_read_number(const struct hb_registry *registry,
                               const wchar_t *key, const wchar_t *name,
                               DWORD *out_number)
{
    struct hb_registry_value value;
    LSTATUS status = registry->read(registry->context, key, name, &value);

    *out_number = 0;
    if (status == ERROR_SUCCESS && value.exists && value.type == REG_DWORD &&
        value.size == sizeof(*out_number)) {
        memcpy(out_number, value.data, sizeof(*out_number));
    }
    return status;
}

static struct hb_registry_value text_value(const wchar_t *text)
{
    struct hb_registry_value value = hb_registry_path(text);

    value.type = REG_SZ;
    return value;
}

/* What the item was, and what we make of it. */
static LSTATUS note_item(const struct hb_journal *journal, size_t i,
                         const struct hb_loan_item *item)
{
    const struct hb_registry *registry = journal->registry;
    wchar_t key[HB_REGISTRY_KEY_MAX];
    struct hb_registry_value before;
    struct hb_registry_value names[2] = { text_value(item->key),
                                          text_value(item->name) };
    struct hb_registry_value made_value;
    DWORD made = 0;
    LSTATUS status =
        registry->read(registry->context, item->key, item->name, &before);

    if (status == ERROR_SUCCESS) {
        status = hb_journal_count_made(registry, item->key, &made);
    }
    made_value = hb_registry_number(made);
    item_key(journal, i, key);
    const struct {
        const wchar_t *name;
        const struct hb_registry_value *value;
    } notes[] = { { L"key", &names[0] },
                  { L"name", &names[1] },
                  { L"before", &before },
                  { L"ours", &item->value },
                  { L"made", &made_value } };

    for (size_t n = 0;
         status == ERROR_SUCCESS && n < sizeof(notes) / sizeof(notes[0]); n++) {
        status = registry->write(registry->context, key, notes[n].name,
                                 notes[n].value);
    }
    return status;
}

LSTATUS hb_journal_note(const struct hb_journal *journal,
                        const struct hb_loan_item *items, size_t count)
{
    const struct hb_registry *registry = journal->registry;
    const struct hb_registry_value whole = hb_registry_number(WHOLE);
    LSTATUS status = ERROR_SUCCESS;

    for (size_t i = 0; status == ERROR_SUCCESS && i < count; i++) {
        status = note_item(journal, i, &items[i]);
    }
    return status == ERROR_SUCCESS
               ? registry->write(registry->context, journal->loan, L"whole",
                                 &whole)
               : status;
}

static bool is_same(const struct hb_registry_value *a,
                    const struct hb_registry_value *b)
{
    return a->exists == b->exists && a->type == b->type && a->size == b->size &&
           memcmp(a->data, b->data, a->size) == 0;
}

LSTATUS hb_journal_compare(const struct hb_journal *journal,
                           const struct hb_loan_item *items, size_t count)
{
    const struct hb_registry *registry = journal->registry;
    LSTATUS status = ERROR_SUCCESS;

    for (size_t i = 0; status == ERROR_SUCCESS && i < count; i++) {
        wchar_t key[HB_REGISTRY_KEY_MAX];
        struct hb_registry_value ours;

        item_key(journal, i, key);
        status = registry->read(registry->context, key, L"ours", &ours);
        if (status == ERROR_SUCCESS && !is_same(&ours, &items[i].value)) {
            status = ERROR_SHARING_VIOLATION;
        }
    }
    return status;
}

static LSTATUS drop_made(const struct hb_registry *registry, wchar_t *key,
                         DWORD made)
{
    LSTATUS status = ERROR_SUCCESS;
    bool more = true;

    for (; status == ERROR_SUCCESS && more && made > 0; made--) {
        status = registry->drop_key(registry->context, key);
        more = hb_journal_go_up(key);
    }
    return status;
}

bool hb_journal_read_text(const struct hb_registry *registry,
                          const wchar_t *key, const wchar_t *name,
                          wchar_t text[HB_REGISTRY_KEY_MAX],
                          LSTATUS *out_status)
{
    struct hb_registry_value value;

    *out_status = registry->read(registry->context, key, name, &value);
    if (*out_status != ERROR_SUCCESS || !value.exists || value.type != REG_SZ ||
        value.size > (HB_REGISTRY_KEY_MAX - 1) * sizeof(*text)) {
        return false;
    }
    memcpy(text, value.data, value.size);
    text[value.size / sizeof(*text)] = L'\0';
    return true;
}

/* A value that is not ours any more stays: somebody changed it meanwhile. */
static LSTATUS restore_item(const struct hb_registry *registry,
                            const wchar_t *item)
{
    wchar_t key[HB_REGISTRY_KEY_MAX];
    wchar_t name[HB_REGISTRY_KEY_MAX];
    struct hb_registry_value before;
    struct hb_registry_value ours;
    struct hb_registry_value now;
    DWORD made = 0;
    LSTATUS status = ERROR_SUCCESS;

    if (!hb_journal_read_text(registry, item, L"key", key, &status) ||
        !hb_journal_read_text(registry, item, L"name", name, &status)) {
        return status;
    }
    status = registry->read(registry->context, item, L"before", &before);
    if (status == ERROR_SUCCESS) {
        status = registry->read(registry->context, item, L"ours", &ours);
    }
    if (status == ERROR_SUCCESS) {
        status = hb_journal_read_number(registry, item, L"made", &made);
    }
    if (status == ERROR_SUCCESS) {
        status = registry->read(registry->context, key, name, &now);
    }
    if (status == ERROR_SUCCESS && is_same(&now, &ours)) {
        status = registry->write(registry->context, key, name, &before);
    }
    return status == ERROR_SUCCESS ? drop_made(registry, key, made) : status;
}

static LSTATUS restore_all(const struct hb_journal *journal)
{
    LSTATUS status = ERROR_SUCCESS;

    for (size_t i = HB_LOAN_ITEMS_MAX; status == ERROR_SUCCESS && i > 0; i--) {
        wchar_t key[HB_REGISTRY_KEY_MAX];

        item_key(journal, i - 1, key);
        status = restore_item(journal->registry, key);
    }
    return status;
}

/* Removes all values of a key, and then the key. */
static LSTATUS clear_key(const struct hb_registry *registry, const wchar_t *key)
{
    const struct hb_registry_value none = { 0 };
    wchar_t name[HB_REGISTRY_NAME_MAX];
    LSTATUS status;

    while ((status = registry->list_values(registry->context, key, 0, name)) ==
           ERROR_SUCCESS) {
        status = registry->write(registry->context, key, name, &none);
        if (status != ERROR_SUCCESS) {
            return status;
        }
    }
    return status == ERROR_NO_MORE_ITEMS
               ? registry->drop_key(registry->context, key)
               : status;
}

/* First what says that there is something to restore. */
static LSTATUS forget(const struct hb_journal *journal)
{
    const struct hb_registry *registry = journal->registry;
    const struct hb_registry_value none = { 0 };
    LSTATUS status =
        registry->write(registry->context, journal->loan, L"whole", &none);

    for (size_t i = 0; status == ERROR_SUCCESS && i < HB_LOAN_ITEMS_MAX; i++) {
        wchar_t key[HB_REGISTRY_KEY_MAX];

        item_key(journal, i, key);
        status = clear_key(registry, key);
    }
    const wchar_t *const keys[] = { journal->items, journal->owners,
                                    journal->loan, HB_LOANS, HB_LOANS_HOME };

    for (size_t i = 0;
         status == ERROR_SUCCESS && i < sizeof(keys) / sizeof(keys[0]); i++) {
        status = i < 3 ? clear_key(registry, keys[i])
                       : registry->drop_key(registry->context, keys[i]);
    }
    return status;
}

LSTATUS hb_journal_end(const struct hb_journal *journal)
{
    DWORD whole = NOT_WHOLE;
    LSTATUS status = hb_journal_read_number(journal->registry, journal->loan,
                                            L"whole", &whole);

    if (status == ERROR_SUCCESS && whole == WHOLE) {
        status = restore_all(journal);
    }
    return status == ERROR_SUCCESS ? forget(journal) : status;
}

LSTATUS hb_journal_is_whole(const struct hb_journal *journal, bool *out_whole)
{
    DWORD whole = NOT_WHOLE;
    LSTATUS status = hb_journal_read_number(journal->registry, journal->loan,
                                            L"whole", &whole);

    *out_whole = whole == WHOLE;
    return status;
}
