#include "os/windows/environment.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#include "os/host.h"
#include "os/windows/widen.h"

/* What was asked for stays valid until it is set again, so it is kept. */
struct kept {
    struct kept *next;
    char *name;
    char *value;
};
static struct kept *first;

static struct kept *keep(const char *name)
{
    struct kept *at = first;

    while (at != NULL && strcmp(at->name, name) != 0) {
        at = at->next;
    }
    if (at != NULL) {
        return at;
    }
    size_t size = strlen(name) + 1;
    at = calloc(1, sizeof(*at) + size);
    if (at != NULL) {
        at->name = (char *)(at + 1);
        memcpy(at->name, name, size);
        at->next = first;
        first = at;
    }
    return at;
}

/* The caller owns what comes back; NULL if it is not set. */
static wchar_t *read_wide(const wchar_t *name)
{
    DWORD room = GetEnvironmentVariableW(name, NULL, 0);
    wchar_t *value = room == 0 ? NULL : malloc(room * sizeof(*value));

    if (value != NULL && GetEnvironmentVariableW(name, value, room) >= room) {
        free(value);
        return NULL;
    }
    return value;
}

static char *read_narrow(const char *name)
{
    wchar_t *wide_name = hb_widen(name);
    wchar_t *wide = wide_name == NULL ? NULL : read_wide(wide_name);
    char *value = wide == NULL ? NULL : hb_narrow(wide);

    free(wide);
    free(wide_name);
    return value;
}

const char *hb_environment_get(const char *name)
{
    struct kept *kept = keep(name);
    char *value = kept == NULL ? NULL : read_narrow(name);

    if (value == NULL) {
        return NULL;
    }
    if (kept->value != NULL && strcmp(kept->value, value) == 0) {
        free(value);
        return kept->value;
    }
    free(kept->value);
    kept->value = value;
    return value;
}

bool hb_environment_set(const char *name, const char *value,
                        struct hb_error *err)
{
    wchar_t *wide_name = hb_widen(name);
    wchar_t *wide = hb_widen(value);
    bool ok = false;

    if (wide_name == NULL || wide == NULL) {
        (void)hb_fail_memory(err);
        goto out;
    }
    if (!SetEnvironmentVariableW(wide_name, wide)) {
        (void)hb_fail(err, HB_ERR_INTERNAL, (long)GetLastError(),
                      "cannot set the environment variable '%s'", name);
        goto out;
    }
    ok = true;

out:
    free(wide);
    free(wide_name);
    return ok;
}

bool hb_environment_each(hb_environment_take *take, void *context,
                         struct hb_error *err)
{
    wchar_t *entries = GetEnvironmentStringsW();
    bool ok = entries != NULL || hb_fail_memory(err);

    for (wchar_t *at = entries; ok && *at != L'\0'; at += wcslen(at) + 1) {
        char *text = hb_narrow(at);

        ok = text != NULL ? take(context, text, err) : hb_fail_memory(err);
        free(text);
    }
    if (entries != NULL) {
        (void)FreeEnvironmentStringsW(entries);
    }
    return ok;
}

static bool names(const wchar_t *entry, const wchar_t *name)
{
    size_t length = wcslen(name);

    return _wcsnicmp(entry, name, length) == 0 && entry[length] == L'=';
}

static wchar_t *put(wchar_t *to, const wchar_t *text)
{
    size_t units = wcslen(text) + 1;

    memcpy(to, text, units * sizeof(*to));
    return to + units;
}

/* Entries are sorted by name, and names that begin with '=' come first. */
static bool belongs_before(const wchar_t *ours, const wchar_t *entry)
{
    return entry[0] != L'=' && _wcsicmp(ours, entry) < 0;
}

/* What is changed: variables, and the entries made of them. */
struct changes {
    const struct hb_variable *variables;
    wchar_t *entries[HB_VARIABLES_MAX]; /* owned; NULL: not to be had */
    size_t count;
};

static bool replaces(const struct changes *ours, const wchar_t *entry)
{
    size_t i = 0;

    while (i < ours->count && !names(entry, ours->variables[i].name)) {
        i++;
    }
    return i < ours->count;
}

/* Copies all entries but the old ones; ours go to their places. */
static void fill(wchar_t *to, const wchar_t *entries,
                 const struct changes *ours)
{
    size_t next = 0;

    for (; *entries != L'\0'; entries += wcslen(entries) + 1) {
        while (next < ours->count &&
               (ours->entries[next] == NULL ||
                belongs_before(ours->entries[next], entries))) {
            if (ours->entries[next] != NULL) {
                to = put(to, ours->entries[next]);
            }
            next++;
        }
        if (!replaces(ours, entries)) {
            to = put(to, entries);
        }
    }
    for (; next < ours->count; next++) {
        if (ours->entries[next] != NULL) {
            to = put(to, ours->entries[next]);
        }
    }
    to[0] = L'\0';
    to[1] = L'\0'; /* an empty block has two */
}

static wchar_t *make_entry(const wchar_t *name, const char *value)
{
    wchar_t *wide = hb_widen(value);
    wchar_t *entry = NULL;

    if (wide != NULL) {
        entry = malloc((wcslen(name) + wcslen(wide) + 2) * sizeof(*entry));
    }
    if (entry != NULL) {
        wchar_t *at = put(entry, name);

        at[-1] = L'=';
        (void)put(at, wide);
    }
    free(wide);
    return entry;
}

/* Adds their lengths to `*units`. */
static bool make_entries(struct changes *ours, size_t *units)
{
    for (size_t i = 0; i < ours->count; i++) {
        const struct hb_variable *variable = &ours->variables[i];

        if (variable->value == NULL) {
            continue;
        }
        ours->entries[i] = make_entry(variable->name, variable->value);
        if (ours->entries[i] == NULL) {
            return false;
        }
        *units += wcslen(ours->entries[i]) + 1;
    }
    return true;
}

wchar_t *hb_environment_block(const struct hb_variable *variables, size_t count)
{
    wchar_t *entries = GetEnvironmentStringsW();
    struct changes ours = { .variables = variables, .count = count };
    wchar_t *block = NULL;
    size_t units = 2;

    assert(count <= HB_VARIABLES_MAX);
    if (entries == NULL || !make_entries(&ours, &units)) {
        goto out;
    }
    for (wchar_t *at = entries; *at != L'\0'; at += wcslen(at) + 1) {
        units += wcslen(at) + 1;
    }
    block = malloc(units * sizeof(*block));
    if (block != NULL) {
        fill(block, entries, &ours);
    }

out:
    for (size_t i = 0; i < count; i++) {
        free(ours.entries[i]);
    }
    if (entries != NULL) {
        (void)FreeEnvironmentStringsW(entries);
    }
    return block;
}
