#include "postmortem/windows/dbghelp.h"

typedef void any_function(void);

static struct hb_dbghelp found;
static bool looked;
static bool usable;

/* The system's own: what lies beside a test program is not ours to run. */
static HMODULE load(const wchar_t *name)
{
    return LoadLibraryExW(name, NULL, LOAD_LIBRARY_SEARCH_SYSTEM32);
}

static any_function *find(HMODULE library, const char *name)
{
    return library == NULL ? NULL
                           : (any_function *)GetProcAddress(library, name);
}

static void find_inline(HMODULE library)
{
    struct hb_dbghelp *all = &found;

    all->inline_count =
        (hb_sym_inline_count *)find(library, "SymAddrIncludeInlineTrace");
    all->inline_find =
        (hb_sym_inline_find *)find(library, "SymQueryInlineTrace");
    all->inline_symbol =
        (hb_sym_inline_symbol *)find(library, "SymFromInlineContextW");
    all->inline_line =
        (hb_sym_inline_line *)find(library, "SymGetLineFromInlineContextW");
    if (all->inline_count == NULL || all->inline_find == NULL ||
        all->inline_symbol == NULL || all->inline_line == NULL) {
        all->inline_count = NULL;
    }
}

static void find_all(HMODULE library)
{
    struct hb_dbghelp *all = &found;

    all->options = (hb_sym_options *)find(library, "SymSetOptions");
    all->begin = (hb_sym_begin *)find(library, "SymInitializeW");
    all->end = (hb_sym_end *)find(library, "SymCleanup");
    all->load = (hb_sym_load *)find(library, "SymLoadModuleExW");
    all->symbol = (hb_sym_symbol *)find(library, "SymFromAddrW");
    all->line = (hb_sym_line *)find(library, "SymGetLineFromAddrW64");
    all->module = (hb_sym_module *)find(library, "SymGetModuleInfoW64");
    all->walk = (hb_sym_walk *)find(library, "StackWalk64");
    all->table = (PFUNCTION_TABLE_ACCESS_ROUTINE64)find(
        library, "SymFunctionTableAccess64");
    all->base = (PGET_MODULE_BASE_ROUTINE64)find(library, "SymGetModuleBase64");
    usable = all->options != NULL && all->begin != NULL && all->end != NULL &&
             all->load != NULL && all->symbol != NULL && all->line != NULL &&
             all->module != NULL && all->walk != NULL && all->table != NULL &&
             all->base != NULL;
}

const struct hb_dbghelp *hb_dbghelp(void)
{
    if (!looked) {
        HMODULE library = load(L"dbghelp.dll");

        looked = true;
        find_all(library);
        find_inline(library);
    }
    return usable ? &found : NULL;
}

hb_write_dump *hb_dump_writer(void)
{
    hb_write_dump *writer =
        (hb_write_dump *)find(load(L"dbgcore.dll"), "MiniDumpWriteDump");

    return writer != NULL ? writer
                          : (hb_write_dump *)find(load(L"dbghelp.dll"),
                                                  "MiniDumpWriteDump");
}
