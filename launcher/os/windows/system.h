#pragma once

#include <stdbool.h>
#include <windows.h>

typedef LONG WINAPI hb_query(HANDLE object, ULONG what, void *into, ULONG size,
                             ULONG *out_size);
typedef LONG WINAPI hb_query_file(HANDLE file, void *out_block, void *into,
                                  ULONG size, ULONG what);
typedef LONG WINAPI hb_set(HANDLE object, ULONG what, void *from, ULONG size);
typedef LONG WINAPI hb_query_system(ULONG what, void *into, ULONG size,
                                    ULONG *out_size);
typedef LONG WINAPI hb_read_version(OSVERSIONINFOW *into);
typedef const char *CDECL hb_wine_version(void);
typedef HRESULT WINAPI hb_read_description(HANDLE thread, wchar_t **out_text);
typedef void WINAPI hb_read_time(ULONGLONG *time);

/*
 * Functions that not every Windows, or not every Wine, has: NULL where they
 * are missing. Looked up once.
 */
struct hb_system {
    hb_query_system *query_system;
    hb_query *query_process;
    hb_query *query_thread;
    hb_query *query_object;
    hb_query_file *query_file;
    hb_set *set_process;
    hb_read_version *version;
    hb_wine_version *wine_version;
    hb_read_description *thread_description;
    hb_read_time *interrupt_time;
    hb_read_time *unbiased_precise;
};

const struct hb_system *hb_system(void);

/* Wine's version, or NULL on Windows. Static. */
const char *hb_system_wine(void);
