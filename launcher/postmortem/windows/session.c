#include "postmortem/windows/session.h"

#include <stdlib.h>
#include <string.h>

#include "os/windows/widen.h"

#define SYMSRV_OFF SYMOPT_DISABLE_SYMSRV_AUTODETECT

/*
 * A symbol file of another build names wrong lines, so it must fit. Nothing is
 * looked up in the environment: its path may name servers.
 */
static const DWORD options = SYMOPT_UNDNAME | SYMOPT_DEFERRED_LOADS |
                             SYMOPT_LOAD_LINES | SYMOPT_FAIL_CRITICAL_ERRORS |
                             SYMOPT_EXACT_SYMBOLS | SYMOPT_NO_PROMPTS |
                             SYMOPT_IGNORE_NT_SYMPATH | SYMSRV_OFF;

/* The folder of the program: where a PDB is looked for besides beside its own
 * module and at the path of its build. */
static wchar_t *folder_of(const struct hb_modules *modules)
{
    wchar_t *path =
        hb_widen(modules->count > 0 ? modules->items[0].module.path : "");
    wchar_t *end = path == NULL ? NULL : wcsrchr(path, L'\\');

    if (end != NULL) {
        *end = L'\0';
    }
    return path;
}

static void load(const struct hb_session *session,
                 const struct hb_module *module)
{
    wchar_t *path = hb_widen(module->path);

    if (path != NULL && module->size <= UINT32_MAX) {
        (void)session->help->load(session->key, NULL, path, NULL, module->base,
                                  (DWORD)module->size, NULL, 0);
    }
    free(path);
}

bool hb_session_begin(HANDLE key, const struct hb_memory *memory,
                      struct hb_modules *modules, struct hb_session *out,
                      struct hb_error *err)
{
    struct hb_session session = { hb_dbghelp(), key, memory, modules };

    if (session.help == NULL) {
        return hb_fail(err, HB_ERR_READ, 0, "this system has no dbghelp.dll");
    }
    wchar_t *path = folder_of(modules);

    (void)session.help->options(options);
    BOOL begun = session.help->begin(key, path, FALSE);
    DWORD why = GetLastError();

    free(path);
    if (!begun) {
        return hb_fail(err, HB_ERR_READ, (long)why, "DbgHelp does not start");
    }
    for (size_t i = 0; i < modules->count; i++) {
        load(&session, &modules->items[i].module);
    }
    *out = session;
    return true;
}

void hb_session_end(struct hb_session *session)
{
    if (session->help != NULL) {
        (void)session->help->end(session->key);
        session->help = NULL;
    }
}
