#include "os/windows/dialog.h"

#include <stddef.h>
#include <string.h>
#include <wchar.h>
#include <windows.h>

#include <psapi.h>

#include "os/windows/widen.h"

/* A thread that shows a box takes messages; one that hangs does not, and must
 * not make us hang. */
#define ANSWER_MS 200
#define TEXT_UNITS 512
#define MODULE_ROOM 512

typedef BOOL WINAPI each_window(WNDENUMPROC told, LPARAM context);
typedef BOOL WINAPI each_child(HWND window, WNDENUMPROC told, LPARAM context);
typedef DWORD WINAPI owner_of(HWND window, DWORD *out_pid);
typedef BOOL WINAPI ask_window(HWND window);
typedef int WINAPI class_of(HWND window, wchar_t *name, int units);
typedef LRESULT WINAPI send_in_time(HWND window, UINT message, WPARAM first,
                                    LPARAM second, UINT how, UINT limit_ms,
                                    DWORD_PTR *out_result);

/* user32, loaded only when a test hangs: with it the launcher would take longer
 * to start than most tests take to run. */
static struct {
    bool looked;
    bool found;
    each_window *each;
    each_child *each_inside;
    owner_of *owner;
    ask_window *is_visible;
    class_of *class_name;
    send_in_time *send;
} user;

typedef void any_function(void);

static any_function *find(HMODULE library, const char *name)
{
    any_function *function = (any_function *)GetProcAddress(library, name);

    user.found = user.found && function != NULL;
    return function;
}

static bool load_user(void)
{
    HMODULE library = NULL;

    if (user.looked) {
        return user.found;
    }
    user.looked = true;
    library = LoadLibraryExW(L"user32.dll", NULL, LOAD_LIBRARY_SEARCH_SYSTEM32);
    user.found = library != NULL;
    if (user.found) {
        user.each = (each_window *)find(library, "EnumWindows");
        user.each_inside = (each_child *)find(library, "EnumChildWindows");
        user.owner = (owner_of *)find(library, "GetWindowThreadProcessId");
        user.is_visible = (ask_window *)find(library, "IsWindowVisible");
        user.class_name = (class_of *)find(library, "GetClassNameW");
        user.send = (send_in_time *)find(library, "SendMessageTimeoutW");
    }
    return user.found;
}

struct search {
    uint32_t pid;
    HWND found;
    char *text; /* of the box, so far */
    size_t room;
};

/* The class of all dialogs, those of MessageBox among them. */
static bool is_dialog(HWND window)
{
    wchar_t name[16] = L"";

    return user.class_name(window, name, 16) > 0 &&
           wcscmp(name, L"#32770") == 0;
}

static BOOL CALLBACK look_at(HWND window, LPARAM context)
{
    struct search *search = (struct search *)context;
    DWORD pid = 0;

    (void)user.owner(window, &pid);
    if (pid != search->pid || !user.is_visible(window) || !is_dialog(window)) {
        return TRUE;
    }
    search->found = window;
    return FALSE;
}

/* Asks the window itself, in whatever process it lives. */
static bool read_text(HWND window, char *target, size_t size)
{
    wchar_t text[TEXT_UNITS] = L"";
    DWORD_PTR units = 0;

    if (!user.send(window, WM_GETTEXT, TEXT_UNITS, (LPARAM)text,
                   SMTO_ABORTIFHUNG | SMTO_BLOCK, ANSWER_MS, &units)) {
        return false;
    }
    text[TEXT_UNITS - 1] = L'\0';
    hb_narrow_into(target, size, text);
    return target[0] != '\0';
}

/* The text stands in windows of class Static; the icon is one too, with no
 * text. */
static BOOL CALLBACK add_text(HWND window, LPARAM context)
{
    struct search *search = (struct search *)context;
    wchar_t name[16] = L"";

    if (user.class_name(window, name, 16) == 0 ||
        _wcsicmp(name, L"Static") != 0 || search->room < 2) {
        return TRUE;
    }
    char *begin = search->text;
    bool more = begin[-1] != '\0';

    if (!read_text(window, begin + more, search->room - more)) {
        begin[0] = '\0';
        return TRUE;
    }
    if (more) {
        begin[0] = '\n';
    }
    size_t used = strlen(begin);
    search->text += used;
    search->room -= used;
    return TRUE;
}

static bool has_user(HANDLE process)
{
    HMODULE modules[MODULE_ROOM];
    DWORD size = 0;

    if (!K32EnumProcessModulesEx(process, modules, sizeof(modules), &size,
                                 LIST_MODULES_ALL) ||
        size > sizeof(modules)) {
        return true; /* it is starting, or large: look */
    }
    for (DWORD i = 0; i < size / sizeof(modules[0]); i++) {
        wchar_t name[32] = L"";

        if (K32GetModuleBaseNameW(process, modules[i], name, 32) > 0 &&
            _wcsicmp(name, L"user32.dll") == 0) {
            return true;
        }
    }
    return false;
}

/* Without user32 a process has no windows, and most tests do without. Looking
 * for windows is what makes Wine start a desktop, which holds our standard
 * error for as long as anybody uses it. */
static bool may_show_windows(uint32_t pid)
{
    HANDLE process =
        OpenProcess(PROCESS_QUERY_INFORMATION | PROCESS_VM_READ, FALSE, pid);
    bool may = process == NULL || has_user(process);

    if (process != NULL) {
        (void)CloseHandle(process);
    }
    return may;
}

bool hb_dialog_find(uint32_t pid, struct hb_dialog *out_dialog)
{
    struct search search = { .pid = pid };
    struct hb_dialog dialog = { .shown = true, .pid = pid };
    /* With a NUL in front, which says that nothing stands there yet. */
    char text[HB_DIALOG_TEXT_SIZE + 1] = "";

    if (!may_show_windows(pid) || !load_user()) {
        return false;
    }
    (void)user.each(look_at, (LPARAM)&search);
    if (search.found == NULL) {
        return false;
    }
    (void)read_text(search.found, dialog.title, sizeof(dialog.title));
    search.text = text + 1;
    search.room = HB_DIALOG_TEXT_SIZE;
    (void)user.each_inside(search.found, add_text, (LPARAM)&search);
    memcpy(dialog.text, text + 1, sizeof(dialog.text));
    *out_dialog = dialog;
    return true;
}
