/*
 * Handles of another process. Each is duplicated, and the twin is asked for
 * type and name. The system lists those of one process; Wine does not, so there
 * each number that a handle can have is tried. (The list of all handles of the
 * system takes Wine's server down when a process has none.) Asking a
 * file for its name waits for whoever reads or writes it at that moment, a pipe
 * for ever: so that is done in a thread of its own, which is not waited for.
 */
#include "os/windows/handles.h"

#include <stdlib.h>
#include <string.h>
#include <windows.h>

#include "base/text.h"
#include "os/windows/system.h"
#include "os/windows/widen.h"

#define PROCESS_HANDLES 51 /* class of NtQueryInformationProcess, Windows 8 */
#define OBJECT_NAME 1
#define OBJECT_TYPE 2
#define TOO_SMALL ((LONG)0xC0000004)
#define LIST_CAP ((size_t)64 << 20)
#define TEXT_BYTES 4096
/* For the names of all files together. */
#define NAMES_MS 100u
/* Where numbers are tried: Wine gives out the lowest that is free. */
#define NUMBER_STEP 4u
#define NUMBERS_MAX 16384u
#define MISSES_MAX 256u

struct entry {
    ULONG_PTR handle;
    ULONG_PTR handle_count;
    ULONG_PTR pointer_count;
    ULONG access;
    ULONG type;
    ULONG attributes;
    ULONG reserved;
};

struct list {
    ULONG_PTR count;
    ULONG_PTR reserved;
    struct entry entries[];
};

/* What NtQueryObject writes first, of a name and of a type. */
struct text {
    USHORT bytes;
    USHORT room;
    wchar_t *units;
};

static struct list *take_list(HANDLE owner)
{
    hb_query *query = hb_system()->query_process;
    size_t size = 16 * 1024;

    while (query != NULL && size <= LIST_CAP) {
        struct list *list = malloc(size);

        if (list == NULL) {
            return NULL;
        }
        LONG status = query(owner, PROCESS_HANDLES, list, (ULONG)size, NULL);

        if (status >= 0) {
            return list;
        }
        free(list);
        if (status != TOO_SMALL) {
            return NULL;
        }
        size *= 2;
    }
    return NULL;
}

static void ask(HANDLE handle, ULONG what, char *target, size_t size)
{
    union {
        struct text text;
        char bytes[TEXT_BYTES + 2];
    } answer;
    hb_query *query = hb_system()->query_object;

    memset(&answer, 0, sizeof(answer));
    if (query != NULL && query(handle, what, &answer, TEXT_BYTES, NULL) >= 0 &&
        answer.text.units != NULL) {
        wchar_t name[TEXT_BYTES / sizeof(wchar_t) + 1];
        size_t bytes =
            answer.text.bytes < TEXT_BYTES ? answer.text.bytes : TEXT_BYTES;

        memcpy(name, answer.text.units, bytes);
        name[bytes / sizeof(wchar_t)] = L'\0';
        hb_narrow_into(target, size, name);
    }
}

/* The files: what the thread works on. It outlives us if one of them does not
 * answer, so whoever is done last frees it. */
struct names {
    volatile LONG owners;
    volatile LONG done; /* so many have their names */
    LONG count;
    size_t used; /* of what may be told */
    struct {
        HANDLE twin;
        size_t place; /* among the handles that are kept */
        char name[HB_HANDLE_NAME_SIZE];
    } files[HB_HANDLES_MAX];
};

static void leave(struct names *names)
{
    if (InterlockedDecrement(&names->owners) == 0) {
        free(names);
    }
}

static DWORD WINAPI name_files(void *context)
{
    struct names *names = context;

    for (LONG i = 0; i < names->count; i++) {
        ask(names->files[i].twin, OBJECT_NAME, names->files[i].name,
            sizeof(names->files[i].name));
        (void)CloseHandle(names->files[i].twin);
        (void)InterlockedIncrement(&names->done);
    }
    leave(names);
    return 0;
}

/* Gives the files the names that came in time. */
static void take_names(struct names *names, struct hb_machine *machine)
{
    HANDLE thread = NULL;

    names->owners = 2;
    if (names->count > 0) {
        thread = CreateThread(NULL, 0, name_files, names, 0, NULL);
    }
    if (thread == NULL) {
        for (LONG i = 0; i < names->count; i++) {
            (void)CloseHandle(names->files[i].twin);
        }
        leave(names);
        leave(names);
        return;
    }
    (void)WaitForSingleObject(thread, NAMES_MS);
    (void)CloseHandle(thread);
    for (LONG i = 0, done = InterlockedAdd(&names->done, 0); i < done; i++) {
        struct hb_open_handle *handle =
            &machine->handles[names->files[i].place];

        (void)hb_text_copy(handle->name, sizeof(handle->name),
                           names->files[i].name);
    }
    if (InterlockedAdd(&names->done, 0) < names->count) {
        (void)hb_text_copy(machine->handles_missing,
                           sizeof(machine->handles_missing),
                           "a file is in use and did not tell its name");
    }
    leave(names);
}

struct reading {
    struct hb_machine *machine;
    HANDLE owner;
    struct names *names;
};

static HANDLE duplicate(const struct reading *reading, ULONG_PTR number)
{
    HANDLE twin = NULL;

    return DuplicateHandle(reading->owner, (HANDLE)number, GetCurrentProcess(),
                           &twin, 0, FALSE, DUPLICATE_SAME_ACCESS)
               ? twin
               : NULL;
}

/* Takes the twin over; NULL if there is none. */
static void tell_handle(struct reading *reading, ULONG_PTR number, HANDLE twin)
{
    struct hb_machine *machine = reading->machine;
    struct names *names = reading->names;
    struct hb_open_handle handle = { .number = number };
    size_t before = machine->handle_count;

    if (twin != NULL) {
        ask(twin, OBJECT_TYPE, handle.type, sizeof(handle.type));
    }
    bool is_file = strcmp(handle.type, "File") == 0;

    if (twin != NULL && !is_file) {
        ask(twin, OBJECT_NAME, handle.name, sizeof(handle.name));
    }
    hb_machine_keep_handle(machine, &handle, &names->used);
    if (is_file && machine->handle_count > before) {
        names->files[names->count].twin = twin;
        names->files[names->count++].place = before;
        names->used += HB_HANDLE_NAME_SIZE; /* that is still to come */
    } else if (twin != NULL) {
        (void)CloseHandle(twin);
    }
}

static void tell_list(struct reading *reading, const struct list *list)
{
    reading->machine->handle_total = list->count;
    for (ULONG_PTR i = 0; i < list->count; i++) {
        ULONG_PTR number = list->entries[i].handle;

        tell_handle(reading, number, duplicate(reading, number));
    }
}

/* In the form of the system's list. */
static struct list *try_numbers(const struct reading *reading)
{
    struct list *list =
        calloc(1, sizeof(*list) + NUMBERS_MAX * sizeof(list->entries[0]));
    size_t misses = 0;

    for (ULONG_PTR number = NUMBER_STEP;
         list != NULL && list->count < NUMBERS_MAX && misses < MISSES_MAX;
         number += NUMBER_STEP) {
        HANDLE twin = duplicate(reading, number);

        misses = twin == NULL ? misses + 1 : 0;
        if (twin != NULL) {
            (void)CloseHandle(twin);
            list->entries[list->count++].handle = number;
        }
    }
    return list;
}

static bool read_all(struct reading *reading)
{
    struct list *list = take_list(reading->owner);

    if (list == NULL) {
        list = try_numbers(reading);
    }
    if (list == NULL) {
        return false;
    }
    tell_list(reading, list);
    free(list);
    return true;
}

void hb_machine_read_handles(uint32_t pid, struct hb_machine *machine)
{
    struct reading reading = {
        .machine = machine,
        .owner = OpenProcess(PROCESS_DUP_HANDLE | PROCESS_QUERY_INFORMATION,
                             FALSE, pid),
        .names = calloc(1, sizeof(*reading.names)),
    };

    machine->handle_pid = pid;
    if (reading.owner == NULL || reading.names == NULL) {
        (void)hb_text_copy(machine->handles_missing,
                           sizeof(machine->handles_missing),
                           "the process may not be opened");
        free(reading.names);
    } else {
        if (!read_all(&reading)) {
            (void)hb_text_copy(machine->handles_missing,
                               sizeof(machine->handles_missing),
                               "the system does not list its handles");
        }
        take_names(reading.names, machine);
    }
    if (reading.owner != NULL) {
        (void)CloseHandle(reading.owner);
    }
}
