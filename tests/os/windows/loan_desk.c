#include "os/windows/loan_desk.h"

static HKEY root;
struct hb_registry real;

static int calls_left;

static bool is_out(void)
{
    return calls_left >= 0 && calls_left-- == 0 ? (calls_left = 0, true)
                                                : false;
}

#define DIES()                                                                 \
    if (is_out()) {                                                            \
        return ERROR_PROCESS_ABORTED;                                          \
    }

static LSTATUS read_or_die(void *c, const wchar_t *key, const wchar_t *name,
                           struct hb_registry_value *out)
{
    DIES();
    return real.read(c, key, name, out);
}

static LSTATUS write_or_die(void *c, const wchar_t *key, const wchar_t *name,
                            const struct hb_registry_value *value)
{
    DIES();
    return real.write(c, key, name, value);
}

static LSTATUS has_or_die(void *c, const wchar_t *key, bool *out_has)
{
    DIES();
    return real.has_key(c, key, out_has);
}

static LSTATUS drop_or_die(void *c, const wchar_t *key)
{
    DIES();
    return real.drop_key(c, key);
}

static LSTATUS values_or_die(void *c, const wchar_t *key, DWORD i,
                             wchar_t name[HB_REGISTRY_NAME_MAX])
{
    DIES();
    return real.list_values(c, key, i, name);
}

static LSTATUS keys_or_die(void *c, const wchar_t *key, DWORD i,
                           wchar_t name[HB_REGISTRY_NAME_MAX])
{
    DIES();
    return real.list_keys(c, key, i, name);
}

struct hb_registry mortal(int calls)
{
    calls_left = calls;
    return (struct hb_registry){ read_or_die, write_or_die,  has_or_die,
                                 drop_or_die, values_or_die, keys_or_die,
                                 real.context };
}

/* Tests may run at the same time. */
static const wchar_t *here(void)
{
    static wchar_t name[64];

    (void)swprintf(name, 64, L"Software\\hbtest-test-loan-%lu",
                   GetCurrentProcessId());
    return name;
}

int loan_set_up(void **state)
{
    (void)state;
    (void)RegDeleteTreeW(HKEY_CURRENT_USER, here());
    if (RegCreateKeyExW(HKEY_CURRENT_USER, here(), 0, NULL, 0, KEY_ALL_ACCESS,
                        NULL, &root, NULL) != ERROR_SUCCESS) {
        return -1;
    }
    real = hb_registry_of(&root);
    HKEY software = NULL;
    LSTATUS status = RegCreateKeyW(root, L"SOFTWARE", &software);

    (void)RegCloseKey(software);
    return (int)status;
}

int loan_tear_down(void **state)
{
    (void)state;
    (void)RegCloseKey(root);
    return (int)RegDeleteTreeW(HKEY_CURRENT_USER, here());
}

/* All keys and values below, as a text. */
static void add_key(HKEY key, const wchar_t *path, char *text, size_t size)
{
    wchar_t name[HB_REGISTRY_NAME_MAX];
    size_t used = strlen(text);

    (void)snprintf(text + used, size - used, "[%ls]\n", path);
    for (DWORD i = 0;; i++) {
        DWORD length = HB_REGISTRY_NAME_MAX;
        DWORD type = 0;
        DWORD bytes = 64;
        unsigned char data[64] = { 0 };

        if (RegEnumValueW(key, i, name, &length, NULL, &type, data, &bytes) !=
            ERROR_SUCCESS) {
            break;
        }
        used = strlen(text);
        (void)snprintf(text + used, size - used, "%ls=%lu:%lu:%02x%02x\n", name,
                       type, bytes, data[0], data[2]);
    }
    for (DWORD i = 0;; i++) {
        DWORD length = HB_REGISTRY_NAME_MAX;
        HKEY below = NULL;
        wchar_t deeper[HB_REGISTRY_KEY_MAX];

        if (RegEnumKeyExW(key, i, name, &length, NULL, NULL, NULL, NULL) !=
            ERROR_SUCCESS) {
            break;
        }
        (void)swprintf(deeper, HB_REGISTRY_KEY_MAX, L"%ls/%ls", path, name);
        assert_int_equal(RegOpenKeyExW(key, name, 0, KEY_READ, &below), 0);
        add_key(below, deeper, text, size);
        (void)RegCloseKey(below);
    }
}

const char *all(void)
{
    static char texts[2][4096];
    static int turn;
    char *text = texts[turn++ % 2];

    text[0] = '\0';
    add_key(root, L"", text, sizeof(texts[0]));
    return text;
}

const struct hb_loan_owner we = { 7, 70 };
const struct hb_loan_owner other = { 8, 80 };

struct hb_loan_item items[2];

void fill_items(void)
{
    (void)wcscpy(items[0].key, PROGRAM);
    items[0].name = L"DumpFolder";
    items[0].value = hb_registry_path(L"C:\\dumps");
    (void)wcscpy(items[1].key, PROGRAM);
    items[1].name = L"DumpCount";
    items[1].value = hb_registry_number(100);
}

bool take(const struct hb_registry *registry, struct hb_loan_owner owner)
{
    struct hb_error err = { 0 };

    fill_items();
    return hb_loan_take(registry, L"LocalDumps-test.exe", items, 2, owner,
                        &err);
}

bool give_back(const struct hb_registry *registry, struct hb_loan_owner owner)
{
    struct hb_error err = { 0 };

    return hb_loan_return(registry, L"LocalDumps-test.exe", owner, &err);
}

/* Everybody but `context`. */
static bool lives(void *context, struct hb_loan_owner owner)
{
    const struct hb_loan_owner *dead = context;

    return owner.pid != dead->pid || owner.created != dead->created;
}

void sweep(struct hb_loan_owner dead)
{
    struct hb_error err = { 0 };

    assert_true(hb_loans_sweep(&real, lives, &dead, &err));
}
