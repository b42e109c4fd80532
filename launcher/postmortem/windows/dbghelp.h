#pragma once

#include <stdbool.h>
#include <windows.h>

#include <dbghelp.h>

/*
 * DbgHelp's functions, looked up at run time: a system without the library, or
 * with an old one, still gets everything else. It may be used by one thread at
 * a time only.
 */
typedef DWORD WINAPI hb_sym_options(DWORD options);
typedef BOOL WINAPI hb_sym_begin(HANDLE key, const wchar_t *path, BOOL invade);
typedef BOOL WINAPI hb_sym_end(HANDLE key);
typedef DWORD64 WINAPI hb_sym_load(HANDLE key, HANDLE file, const wchar_t *path,
                                   const wchar_t *name, DWORD64 base,
                                   DWORD size, MODLOAD_DATA *data, DWORD flags);
typedef BOOL WINAPI hb_sym_symbol(HANDLE key, DWORD64 address, DWORD64 *offset,
                                  SYMBOL_INFOW *symbol);
typedef BOOL WINAPI hb_sym_line(HANDLE key, DWORD64 address, DWORD *offset,
                                IMAGEHLP_LINEW64 *line);
typedef BOOL WINAPI hb_sym_module(HANDLE key, DWORD64 address,
                                  IMAGEHLP_MODULEW64 *module);
typedef BOOL WINAPI hb_sym_walk(DWORD machine, HANDLE key, HANDLE thread,
                                STACKFRAME64 *frame, void *context,
                                PREAD_PROCESS_MEMORY_ROUTINE64 read,
                                PFUNCTION_TABLE_ACCESS_ROUTINE64 table,
                                PGET_MODULE_BASE_ROUTINE64 base,
                                PTRANSLATE_ADDRESS_ROUTINE64 translate);

/* Calls that the compiler dissolved; the library of Windows 8 and later. */
typedef DWORD WINAPI hb_sym_inline_count(HANDLE key, DWORD64 address);
typedef BOOL WINAPI hb_sym_inline_find(HANDLE key, DWORD64 start,
                                       DWORD start_context,
                                       DWORD64 start_return, DWORD64 address,
                                       DWORD *out_context, DWORD *out_index);
typedef BOOL WINAPI hb_sym_inline_symbol(HANDLE key, DWORD64 address,
                                         ULONG context, DWORD64 *offset,
                                         SYMBOL_INFOW *symbol);
typedef BOOL WINAPI hb_sym_inline_line(HANDLE key, DWORD64 address,
                                       ULONG context, DWORD64 base,
                                       DWORD *offset, IMAGEHLP_LINEW64 *line);

typedef BOOL WINAPI hb_write_dump(HANDLE process, DWORD pid, HANDLE file,
                                  MINIDUMP_TYPE kind,
                                  MINIDUMP_EXCEPTION_INFORMATION *exception,
                                  MINIDUMP_USER_STREAM_INFORMATION *streams,
                                  MINIDUMP_CALLBACK_INFORMATION *callback);

struct hb_dbghelp {
    hb_sym_options *options;
    hb_sym_begin *begin;
    hb_sym_end *end;
    hb_sym_load *load;
    hb_sym_symbol *symbol;
    hb_sym_line *line;
    hb_sym_module *module;
    hb_sym_walk *walk;
    PFUNCTION_TABLE_ACCESS_ROUTINE64 table;
    PGET_MODULE_BASE_ROUTINE64 base;

    /* All of the four or none. */
    hb_sym_inline_count *inline_count;
    hb_sym_inline_find *inline_find;
    hb_sym_inline_symbol *inline_symbol;
    hb_sym_inline_line *inline_line;
};

/* NULL: there is no library that can walk stacks. */
const struct hb_dbghelp *hb_dbghelp(void);

/* MiniDumpWriteDump of dbgcore.dll, which is the newer one, or of dbghelp.dll;
 * NULL: neither has it. */
hb_write_dump *hb_dump_writer(void);
