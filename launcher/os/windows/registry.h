#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wchar.h>
#include <windows.h>

/*
 * The few things that are done with the registry. Keys are named from one
 * point on, so that tests have a tree of their own, and each call goes through
 * a table, so that they can let any of them fail.
 */
#define HB_REGISTRY_DATA_MAX 1024u
#define HB_REGISTRY_NAME_MAX 260u
#define HB_REGISTRY_KEY_MAX 400u

struct hb_registry_value {
    bool exists;
    DWORD type;
    DWORD size;
    unsigned char data[HB_REGISTRY_DATA_MAX];
};

/* Each returns an error of the system, ERROR_SUCCESS if it did what it says. */
struct hb_registry {
    /* A value, or a key, that does not exist is no error. ERROR_MORE_DATA if
     * it is larger than we keep. */
    LSTATUS(*read)
    (void *context, const wchar_t *key, const wchar_t *name,
     struct hb_registry_value *out_value);
    /* Makes the keys on the way; one that does not `exist` is removed. */
    LSTATUS(*write)
    (void *context, const wchar_t *key, const wchar_t *name,
     const struct hb_registry_value *value);
    LSTATUS (*has_key)(void *context, const wchar_t *key, bool *out_has);
    /* Removes a key that is empty; another one stays, which is no error. */
    LSTATUS (*drop_key)(void *context, const wchar_t *key);
    /* The name of value or key number `i`; ERROR_NO_MORE_ITEMS. */
    LSTATUS(*list_values)
    (void *context, const wchar_t *key, DWORD i,
     wchar_t name[HB_REGISTRY_NAME_MAX]);
    LSTATUS(*list_keys)
    (void *context, const wchar_t *key, DWORD i,
     wchar_t name[HB_REGISTRY_NAME_MAX]);
    void *context;
};

/* The real one: `*root` is where names begin, HKEY_LOCAL_MACHINE in earnest;
 * borrowed. */
struct hb_registry hb_registry_of(HKEY *root);

struct hb_registry_value hb_registry_number(DWORD number);
struct hb_registry_value hb_registry_path(const wchar_t *path);
