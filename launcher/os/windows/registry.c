#include "os/windows/registry.h"

#include <string.h>

static LSTATUS open_key(void *context, const wchar_t *key, REGSAM access,
                        HKEY *out_key)
{
    const HKEY *root = context;

    return RegOpenKeyExW(*root, key, 0, access | KEY_WOW64_64KEY, out_key);
}

static bool is_missing(LSTATUS status)
{
    return status == ERROR_FILE_NOT_FOUND || status == ERROR_PATH_NOT_FOUND;
}

static LSTATUS read_value(void *context, const wchar_t *key,
                          const wchar_t *name,
                          struct hb_registry_value *out_value)
{
    struct hb_registry_value value = { .size = HB_REGISTRY_DATA_MAX };
    HKEY opened = NULL;
    LSTATUS status = open_key(context, key, KEY_QUERY_VALUE, &opened);

    if (status == ERROR_SUCCESS) {
        status = RegQueryValueExW(opened, name, NULL, &value.type, value.data,
                                  &value.size);
        (void)RegCloseKey(opened);
    }
    if (status != ERROR_SUCCESS && !is_missing(status)) {
        return status;
    }
    value.exists = status == ERROR_SUCCESS;
    *out_value = value.exists ? value : (struct hb_registry_value){ 0 };
    return ERROR_SUCCESS;
}

static LSTATUS remove_value(void *context, const wchar_t *key,
                            const wchar_t *name)
{
    HKEY opened = NULL;
    LSTATUS status = open_key(context, key, KEY_SET_VALUE, &opened);

    if (status == ERROR_SUCCESS) {
        status = RegDeleteValueW(opened, name);
        (void)RegCloseKey(opened);
    }
    return is_missing(status) ? ERROR_SUCCESS : status;
}

static LSTATUS write_value(void *context, const wchar_t *key,
                           const wchar_t *name,
                           const struct hb_registry_value *value)
{
    const HKEY *root = context;
    HKEY opened = NULL;

    if (!value->exists) {
        return remove_value(context, key, name);
    }
    LSTATUS status =
        RegCreateKeyExW(*root, key, 0, NULL, 0, KEY_SET_VALUE | KEY_WOW64_64KEY,
                        NULL, &opened, NULL);

    if (status != ERROR_SUCCESS) {
        return status;
    }
    status =
        RegSetValueExW(opened, name, 0, value->type, value->data, value->size);
    (void)RegCloseKey(opened);
    return status;
}

static LSTATUS has_key(void *context, const wchar_t *key, bool *out_has)
{
    HKEY opened = NULL;
    LSTATUS status = open_key(context, key, KEY_QUERY_VALUE, &opened);

    if (status == ERROR_SUCCESS) {
        (void)RegCloseKey(opened);
    } else if (!is_missing(status)) {
        return status;
    }
    *out_has = status == ERROR_SUCCESS;
    return ERROR_SUCCESS;
}

static LSTATUS drop_key(void *context, const wchar_t *key)
{
    const HKEY *root = context;
    HKEY opened = NULL;
    DWORD keys = 0;
    DWORD values = 0;
    LSTATUS status = open_key(context, key, KEY_QUERY_VALUE, &opened);

    if (status != ERROR_SUCCESS) {
        return is_missing(status) ? ERROR_SUCCESS : status;
    }
    status = RegQueryInfoKeyW(opened, NULL, NULL, NULL, &keys, NULL, NULL,
                              &values, NULL, NULL, NULL, NULL);
    (void)RegCloseKey(opened);
    if (status != ERROR_SUCCESS || keys > 0 || values > 0) {
        return status;
    }
    return RegDeleteKeyExW(*root, key, KEY_WOW64_64KEY, 0);
}

static LSTATUS list_values(void *context, const wchar_t *key, DWORD i,
                           wchar_t name[HB_REGISTRY_NAME_MAX])
{
    DWORD size = HB_REGISTRY_NAME_MAX;
    HKEY opened = NULL;
    LSTATUS status = open_key(context, key, KEY_QUERY_VALUE, &opened);

    if (status != ERROR_SUCCESS) {
        return is_missing(status) ? ERROR_NO_MORE_ITEMS : status;
    }
    status = RegEnumValueW(opened, i, name, &size, NULL, NULL, NULL, NULL);
    (void)RegCloseKey(opened);
    return status;
}

static LSTATUS list_keys(void *context, const wchar_t *key, DWORD i,
                         wchar_t name[HB_REGISTRY_NAME_MAX])
{
    DWORD size = HB_REGISTRY_NAME_MAX;
    HKEY opened = NULL;
    LSTATUS status = open_key(context, key, KEY_ENUMERATE_SUB_KEYS, &opened);

    if (status != ERROR_SUCCESS) {
        return is_missing(status) ? ERROR_NO_MORE_ITEMS : status;
    }
    status = RegEnumKeyExW(opened, i, name, &size, NULL, NULL, NULL, NULL);
    (void)RegCloseKey(opened);
    return status;
}

struct hb_registry hb_registry_of(HKEY *root)
{
    return (struct hb_registry){ read_value,  write_value, has_key, drop_key,
                                 list_values, list_keys,   root };
}

struct hb_registry_value hb_registry_number(DWORD number)
{
    struct hb_registry_value value = { .exists = true,
                                       .type = REG_DWORD,
                                       .size = sizeof(number) };

    memcpy(value.data, &number, sizeof(number));
    return value;
}

/* One that is too long is cut: it then names nothing, and is not used. */
struct hb_registry_value hb_registry_path(const wchar_t *path)
{
    struct hb_registry_value value = { .exists = true, .type = REG_EXPAND_SZ };
    size_t length = wcsnlen(path, HB_REGISTRY_DATA_MAX / sizeof(*path) - 1);

    memcpy(value.data, path, length * sizeof(*path));
    value.size = (DWORD)((length + 1) * sizeof(*path));
    return value;
}
