#pragma once

#include "os/windows/loan.h"

/*
 * What stands in the registry of a loan: loan.c knows who borrows, this how it
 * was before.
 */
#define HB_LOANS_HOME L"SOFTWARE\\hbtest"
#define HB_LOANS HB_LOANS_HOME L"\\loans"

struct hb_journal {
    const struct hb_registry *registry;
    wchar_t loan[HB_REGISTRY_KEY_MAX];
    wchar_t items[HB_REGISTRY_KEY_MAX];
    wchar_t owners[HB_REGISTRY_KEY_MAX];
};

/* True: it was written to its end, so something may have been changed. */
LSTATUS hb_journal_is_whole(const struct hb_journal *journal, bool *out_whole);

/* Writes down how all is, before anything is changed. */
LSTATUS hb_journal_note(const struct hb_journal *journal,
                        const struct hb_loan_item *items, size_t count);

/* ERROR_SHARING_VIOLATION if other values are lent than these: they could not
 * be told from a stranger's when they are to be given back. */
LSTATUS hb_journal_compare(const struct hb_journal *journal,
                           const struct hb_loan_item *items, size_t count);

/* Gives all back, if anything was taken, and forgets the loan. */
LSTATUS hb_journal_end(const struct hb_journal *journal);

/* How many keys, from `key` up, are there only because they are lent, or will
 * be: they do not exist, or other loans made them. */
LSTATUS hb_journal_count_made(const struct hb_registry *registry,
                              const wchar_t *key, DWORD *out_count);

/* Parts of the journal, which only we write; what another form has is not
 * believed. A number that is not there is 0. */
LSTATUS hb_journal_read_number(const struct hb_registry *registry,
                               const wchar_t *key, const wchar_t *name,
                               DWORD *out_number);
bool hb_journal_read_text(const struct hb_registry *registry,
                          const wchar_t *key, const wchar_t *name,
                          wchar_t text[HB_REGISTRY_KEY_MAX],
                          LSTATUS *out_status);

/* Cuts the last part of a key's name off; false if there is only one. */
bool hb_journal_go_up(wchar_t *key);
