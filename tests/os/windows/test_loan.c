/*
 * Loans of the registry, in a real one, below a key of our own: whatever fails
 * and whoever is killed, all is in the end as it was.
 */
#include "os/windows/loan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define HERE L"Software\\hbtest-test-loan"
#define REPORTS L"SOFTWARE\\Reports\\LocalDumps"
#define PROGRAM REPORTS L"\\test.exe"

static HKEY root;
static struct hb_registry real;

/* The real one, all of whose calls fail from the Nth on: so it looks to the
 * registry when a launcher is killed. */
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

static struct hb_registry mortal(int calls)
{
    calls_left = calls;
    return (struct hb_registry){ read_or_die, write_or_die,  has_or_die,
                                 drop_or_die, values_or_die, keys_or_die,
                                 real.context };
}

static int set_up(void **state)
{
    (void)state;
    (void)RegDeleteTreeW(HKEY_CURRENT_USER, HERE);
    if (RegCreateKeyExW(HKEY_CURRENT_USER, HERE, 0, NULL, 0, KEY_ALL_ACCESS,
                        NULL, &root, NULL) != ERROR_SUCCESS) {
        return -1;
    }
    real = hb_registry_of(&root);
    HKEY software = NULL;
    LSTATUS status = RegCreateKeyW(root, L"SOFTWARE", &software);

    (void)RegCloseKey(software);
    return (int)status;
}

static int tear_down(void **state)
{
    (void)state;
    (void)RegCloseKey(root);
    return (int)RegDeleteTreeW(HKEY_CURRENT_USER, HERE);
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

static const char *all(void)
{
    static char texts[2][4096];
    static int turn;
    char *text = texts[turn++ % 2];

    text[0] = '\0';
    add_key(root, L"", text, sizeof(texts[0]));
    return text;
}

static const struct hb_loan_owner we = { 7, 70 };
static const struct hb_loan_owner other = { 8, 80 };

static struct hb_loan_item items[2];

static void fill_items(void)
{
    (void)wcscpy(items[0].key, PROGRAM);
    items[0].name = L"DumpFolder";
    items[0].value = hb_registry_path(L"C:\\dumps");
    (void)wcscpy(items[1].key, PROGRAM);
    items[1].name = L"DumpCount";
    items[1].value = hb_registry_number(100);
}

static bool take(const struct hb_registry *registry, struct hb_loan_owner owner)
{
    struct hb_error err = { 0 };

    fill_items();
    return hb_loan_take(registry, L"LocalDumps-test.exe", items, 2, owner,
                        &err);
}

static bool give_back(const struct hb_registry *registry,
                      struct hb_loan_owner owner)
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

static void sweep(struct hb_loan_owner dead)
{
    struct hb_error err = { 0 };

    assert_true(hb_loans_sweep(&real, lives, &dead, &err));
}

static DWORD number_at(const wchar_t *key, const wchar_t *name)
{
    struct hb_registry_value value;
    DWORD number = 0;

    assert_int_equal(real.read(real.context, key, name, &value), 0);
    memcpy(&number, value.data, sizeof(number));
    return value.exists ? number : 0;
}

/* The three ways in which it may have been before. */
static void make_before(int way)
{
    struct hb_registry_value number = hb_registry_number(3);

    if (way == 1) { /* the key is there, and something else in it */
        assert_int_equal(
            real.write(real.context, REPORTS, L"DumpType", &number), 0);
    } else if (way == 2) {
        struct hb_registry_value folder = hb_registry_path(L"D:\\mine");

        assert_int_equal(
            real.write(real.context, PROGRAM, L"DumpCount", &number), 0);
        assert_int_equal(
            real.write(real.context, PROGRAM, L"DumpFolder", &folder), 0);
    }
}

static void what_is_lent_is_given_back_as_it_was(void **state)
{
    for (int way = 0; way < 3; way++) {
        char before[4096];

        make_before(way);
        (void)snprintf(before, sizeof(before), "%s", all());
        assert_true(take(&real, we));
        assert_int_equal(number_at(PROGRAM, L"DumpCount"), 100);
        assert_true(give_back(&real, we));
        assert_string_equal(all(), before);
        assert_true(give_back(&real, we)); /* twice is fine */
        assert_string_equal(all(), before);
        (void)tear_down(state);
        (void)set_up(state);
    }
}

static void the_last_of_two_gives_it_back(void **state)
{
    char before[4096];

    (void)state;
    make_before(2);
    (void)snprintf(before, sizeof(before), "%s", all());
    assert_true(take(&real, we));
    assert_true(take(&real, other));
    assert_true(give_back(&real, we));
    assert_int_equal(number_at(PROGRAM, L"DumpCount"), 100);
    assert_true(give_back(&real, we));
    assert_int_equal(number_at(PROGRAM, L"DumpCount"), 100);
    assert_true(give_back(&real, other));
    assert_string_equal(all(), before);
}

/* Each alone leaves a key that the other still needs. */
static void of_two_loans_the_last_takes_their_keys_away(void **state)
{
    for (int turn = 0; turn < 2; turn++) {
        const wchar_t *names[] = { L"LocalDumps-a.exe", L"LocalDumps-b.exe" };
        struct hb_loan_item one = { .key = REPORTS L"\\a.exe",
                                    .name = L"DumpType",
                                    .value = hb_registry_number(1) };
        struct hb_error err = { 0 };
        char before[4096];

        (void)snprintf(before, sizeof(before), "%s", all());
        assert_true(hb_loan_take(&real, names[0], &one, 1, we, &err));
        (void)wcscpy(one.key, REPORTS L"\\b.exe");
        assert_true(hb_loan_take(&real, names[1], &one, 1, other, &err));
        assert_true(
            hb_loan_return(&real, names[turn], turn == 0 ? we : other, &err));
        sweep(turn == 0 ? other : we); /* the last one was killed */
        assert_string_equal(all(), before);
        (void)tear_down(state);
        (void)set_up(state);
    }
}

static void what_somebody_changed_meanwhile_stays(void **state)
{
    struct hb_registry_value his = hb_registry_number(55);

    (void)state;
    make_before(2);
    assert_true(take(&real, we));
    assert_int_equal(real.write(real.context, PROGRAM, L"DumpCount", &his), 0);
    assert_true(give_back(&real, we));
    assert_int_equal(number_at(PROGRAM, L"DumpCount"), 55);
}

static void other_values_are_not_mixed_with_ours(void **state)
{
    struct hb_error err = { 0 };
    char before[4096];

    (void)state;
    (void)snprintf(before, sizeof(before), "%s", all());
    assert_true(take(&real, we));
    fill_items();
    items[1].value = hb_registry_number(1);
    assert_false(
        hb_loan_take(&real, L"LocalDumps-test.exe", items, 2, other, &err));
    assert_int_equal(err.os_code, ERROR_SHARING_VIOLATION);
    assert_int_equal(number_at(PROGRAM, L"DumpCount"), 100);
    assert_true(give_back(&real, we));
    assert_string_equal(all(), before);
}

/* A launcher that is killed at any of its calls, while it takes or gives back;
 * the next one finds it dead. */
static void the_next_start_gives_back_what_the_killed_left(void **state)
{
    for (int way = 0; way < 3; way += 2) {
        bool died = true;

        for (int nth = 0; died; nth++) {
            struct hb_registry dying = mortal(nth);
            char before[4096];

            make_before(way);
            (void)snprintf(before, sizeof(before), "%s", all());
            died = !take(&dying, we) || !give_back(&dying, we);
            sweep(we);
            assert_string_equal(all(), before);
            (void)tear_down(state);
            (void)set_up(state);
        }
    }
}

static void the_dead_are_told_from_the_living(void **state)
{
    const struct hb_loan_owner same_pid = { we.pid, we.created + 1 };

    (void)state;
    assert_true(take(&real, we));
    assert_true(take(&real, other));
    sweep(other);
    assert_int_equal(number_at(PROGRAM, L"DumpCount"), 100);
    sweep(same_pid);
    assert_int_equal(number_at(PROGRAM, L"DumpCount"), 100);
    sweep(we);
    assert_string_equal(all(), "[]\n[/SOFTWARE]\n");
}

static void names_that_are_no_names_are_refused(void **state)
{
    struct hb_error err = { 0 };
    wchar_t name[HB_REGISTRY_NAME_MAX + 1] = L"";

    (void)state;
    fill_items();
    assert_false(hb_loan_take(&real, L"a\\b", items, 2, we, &err));
    (void)wmemset(name, L'x', HB_REGISTRY_NAME_MAX);
    assert_false(hb_loan_take(&real, name, items, 2, we, &err));
    assert_string_equal(all(), "[]\n[/SOFTWARE]\n");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(what_is_lent_is_given_back_as_it_was),
        CASE(the_last_of_two_gives_it_back),
        CASE(of_two_loans_the_last_takes_their_keys_away),
        CASE(what_somebody_changed_meanwhile_stays),
        CASE(other_values_are_not_mixed_with_ours),
        CASE(the_next_start_gives_back_what_the_killed_left),
        CASE(the_dead_are_told_from_the_living),
        CASE(names_that_are_no_names_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
