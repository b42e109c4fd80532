#include "postmortem/windows/secrets.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "os/windows/system.h"
#include "os/windows/widen.h"

#define ENVIRONMENT_MAX (1u << 20) /* bytes; more than Windows lets it have */
#define CHUNK ((size_t)1 << 20)

/* From class 0 of NtQueryInformationProcess. */
struct process_basics {
    LONG status;
    uint64_t block; /* the address of what the process keeps of itself */
    ULONG_PTR rest[4];
};

/* Offsets that every 64-bit Windows has. */
enum { BLOCK_PARAMETERS = 0x20, PARAMETERS_ENVIRONMENT = 0x80 };

static uint64_t environment_of(const struct hb_opened *opened)
{
    hb_query *query = hb_system()->query_process;
    struct process_basics basics = { 0 };
    uint64_t parameters = 0;
    uint64_t environment = 0;

    if (query == NULL ||
        query(opened->process, 0, &basics, sizeof(basics), NULL) < 0 ||
        !hb_memory_copy(&opened->memory, basics.block + BLOCK_PARAMETERS,
                        &parameters, sizeof(parameters)) ||
        !hb_memory_copy(&opened->memory, parameters + PARAMETERS_ENVIRONMENT,
                        &environment, sizeof(environment))) {
        return 0;
    }
    return environment;
}

/* Texts one after the other, ended by an empty one; the caller frees. It ends
 * where the memory does. */
static wchar_t *read_environment(const struct hb_opened *opened)
{
    uint64_t address = environment_of(opened);
    char *bytes =
        address == 0 ? NULL : calloc(1, ENVIRONMENT_MAX + 2 * sizeof(wchar_t));

    if (bytes != NULL && opened->memory.read(opened->memory.context, address,
                                             bytes, ENVIRONMENT_MAX) == 0) {
        free(bytes);
        return NULL;
    }
    return (wchar_t *)(void *)bytes;
}

/* A value that is too short to be looked for everywhere is looked for together
 * with its name. */
static bool take_variable(struct hb_secrets *secrets,
                          const char *const *patterns, size_t count,
                          const char *text)
{
    const char *value = strchr(text + 1, '='); /* "=C:=..." begins with one */
    char name[256];
    size_t length = value == NULL ? 0 : (size_t)(value - text);

    if (length == 0 || length >= sizeof(name)) {
        return true;
    }
    memcpy(name, text, length);
    name[length] = '\0';
    if (value[1] == '\0' || !hb_redact_fits(patterns, count, name)) {
        return true;
    }
    return strlen(value + 1) < HB_SECRET_LEAST
               ? hb_secrets_add(secrets, text, strlen(text))
               : hb_secrets_add(secrets, value + 1, strlen(value + 1));
}

static bool take_all(struct hb_secrets *secrets, const char *const *patterns,
                     size_t count, const wchar_t *environment)
{
    bool ok = true;

    for (const wchar_t *at = environment; ok && *at != L'\0';
         at += wcslen(at) + 1) {
        char *text = hb_narrow(at);

        ok = text != NULL && take_variable(secrets, patterns, count, text);
        free(text);
    }
    return ok;
}

/* What the launcher handed down may have been taken out of the process's own
 * environment since. */
static bool take_own(struct hb_secrets *secrets, const char *const *patterns,
                     size_t count)
{
    wchar_t *environment = GetEnvironmentStringsW();
    bool ok =
        environment != NULL && take_all(secrets, patterns, count, environment);

    if (environment != NULL) {
        (void)FreeEnvironmentStringsW(environment);
    }
    return ok;
}

bool hb_secrets_of_process(const struct hb_opened *opened,
                           const char *const *patterns, size_t count,
                           struct hb_secrets **out_secrets,
                           struct hb_error *err)
{
    struct hb_secrets *secrets = NULL;
    wchar_t *environment = NULL;
    bool ok = false;

    if (count == 0) {
        *out_secrets = NULL;
        return true;
    }
    environment = read_environment(opened);
    if (environment == NULL) {
        return hb_fail(err, HB_ERR_READ, 0,
                       "the environment of process %lu cannot be read, so its "
                       "secrets cannot be blanked",
                       (unsigned long)opened->pid);
    }
    secrets = hb_secrets_new();
    if (secrets == NULL || !take_all(secrets, patterns, count, environment) ||
        !take_own(secrets, patterns, count)) {
        (void)hb_fail_memory(err);
        goto out;
    }
    if (!hb_secrets_is_empty(secrets)) {
        *out_secrets = secrets;
        secrets = NULL;
    } else {
        *out_secrets = NULL;
    }
    ok = true;

out:
    hb_secrets_free(secrets);
    free(environment);
    return ok;
}

bool hb_secrets_of_own(const char *const *patterns, size_t count,
                       struct hb_secrets **out_secrets, struct hb_error *err)
{
    struct hb_secrets *secrets = count > 0 ? hb_secrets_new() : NULL;

    if (count > 0 && (secrets == NULL || !take_own(secrets, patterns, count))) {
        hb_secrets_free(secrets);
        return hb_fail_memory(err);
    }
    if (secrets != NULL && hb_secrets_is_empty(secrets)) {
        hb_secrets_free(secrets);
        secrets = NULL;
    }
    *out_secrets = secrets;
    return true;
}

static bool transfer(HANDLE file, bool write, uint64_t at, char *bytes,
                     DWORD size, DWORD *out_done)
{
    OVERLAPPED place = { .Offset = (DWORD)at, .OffsetHigh = (DWORD)(at >> 32) };

    return (write ? WriteFile(file, bytes, size, out_done, &place)
                  : ReadFile(file, bytes, size, out_done, &place)) != FALSE;
}

/* Chunks overlap by the longest match, so none is missed at their edge. */
static bool blank_chunks(struct hb_secrets *secrets, HANDLE file, uint64_t size,
                         char *bytes)
{
    for (uint64_t at = 0; at < size; at += CHUNK - HB_SECRET_MOST) {
        uint64_t left = size - at;
        DWORD part = left < CHUNK ? (DWORD)left : (DWORD)CHUNK;
        DWORD done = 0;

        if (!transfer(file, false, at, bytes, part, &done) || done != part) {
            return false;
        }
        if (hb_secrets_blank(secrets, bytes, part) > 0 &&
            (!transfer(file, true, at, bytes, part, &done) || done != part)) {
            return false;
        }
    }
    return true;
}

bool hb_secrets_blank_file(struct hb_secrets *secrets, HANDLE file,
                           struct hb_error *err)
{
    LARGE_INTEGER size = { .QuadPart = 0 };
    char *bytes = malloc(CHUNK);

    if (bytes == NULL) {
        return hb_fail_memory(err);
    }
    bool ok = GetFileSizeEx(file, &size) &&
              blank_chunks(secrets, file, (uint64_t)size.QuadPart, bytes);
    DWORD why = GetLastError();

    free(bytes);
    return ok || hb_fail(err, HB_ERR_WRITE, (long)why,
                         "secrets cannot be blanked in the dump");
}
