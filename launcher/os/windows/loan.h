#pragma once

#include "base/error.h"
#include "os/windows/registry.h"

/*
 * Values of the registry that are set for as long as somebody needs them, and
 * then are again what they were: what was there before is written down in the
 * registry first, so that also a launcher that is killed, at any moment, takes
 * nothing away for good. The next one gives it back.
 *
 * All who borrow under one name set the same, and the last one gives it back.
 * What somebody else has changed meanwhile is left as he wants it.
 *
 * None of this is safe against another launcher: callers hold a lock.
 */
#define HB_LOAN_ITEMS_MAX 8u

struct hb_loan_item {
    wchar_t key[HB_REGISTRY_KEY_MAX];
    const wchar_t *name;
    struct hb_registry_value value;
};

/* A process, by a number that is used again and a time that is not. */
struct hb_loan_owner {
    uint32_t pid;
    uint64_t created;
};

typedef bool hb_loan_is_alive(void *context, struct hb_loan_owner owner);

/* True: all is set. Else nothing is, as far as it could be given back. */
bool hb_loan_take(const struct hb_registry *registry, const wchar_t *name,
                  const struct hb_loan_item *items, size_t count,
                  struct hb_loan_owner owner, struct hb_error *err);

/* Of what is not borrowed nothing is given back, which is no failure. */
bool hb_loan_return(const struct hb_registry *registry, const wchar_t *name,
                    struct hb_loan_owner owner, struct hb_error *err);

/* Gives back what owners have left that do not live any more. */
bool hb_loans_sweep(const struct hb_registry *registry,
                    hb_loan_is_alive *is_alive, void *context,
                    struct hb_error *err);
