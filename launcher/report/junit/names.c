#include "report/junit/names.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "report/junit/xml.h"

/* Room at the end of a name for " (100000)". */
#define SUFFIX_SIZE 16

struct hb_junit_name {
    char *text; /* NULL: the place is free */
    uint64_t hash;
    unsigned next; /* the number that the next of this name gets */
};

/* FNV-1a. */
static uint64_t hash_of(const char *text)
{
    uint64_t hash = UINT64_C(14695981039346656037);

    for (; *text != '\0'; text++) {
        hash = (hash ^ (unsigned char)*text) * UINT64_C(1099511628211);
    }
    return hash;
}

/* Where the name is, or where it belongs. The table is never full. */
static struct hb_junit_name *find(const struct hb_junit_names *names,
                                  const char *text, uint64_t hash)
{
    size_t at = (size_t)hash & (names->room - 1);

    while (names->table[at].text != NULL &&
           (names->table[at].hash != hash ||
            strcmp(names->table[at].text, text) != 0)) {
        at = (at + 1) & (names->room - 1);
    }
    return &names->table[at];
}

static bool grow(struct hb_junit_names *names)
{
    struct hb_junit_names larger = {
        .room = names->room == 0 ? 64 : names->room * 2,
        .count = names->count,
    };

    larger.table = calloc(larger.room, sizeof(*larger.table));
    if (larger.table == NULL) {
        return false;
    }
    for (size_t i = 0; i < names->room; i++) {
        const struct hb_junit_name *old = &names->table[i];

        if (old->text != NULL) {
            *find(&larger, old->text, old->hash) = *old;
        }
    }
    free(names->table);
    *names = larger;
    return true;
}

static bool insert(struct hb_junit_names *names, const char *text)
{
    size_t size = strlen(text) + 1;
    uint64_t hash = hash_of(text);
    char *copy = malloc(size);

    if (copy == NULL) {
        return false;
    }
    memcpy(copy, text, size);
    *find(names, text, hash) = (struct hb_junit_name){
        .text = copy,
        .hash = hash,
        .next = 2,
    };
    names->count++;
    return true;
}

/* Adds `text` to what is in `target`, one line of legal characters. */
static void add_clean(char *target, size_t size, const char *text)
{
    size_t left = strlen(text);
    size_t used = strlen(target);

    while (left > 0) {
        size_t whole = hb_utf8_length(text, left);
        size_t length = whole > 0 ? whole : 1;
        const char *from = text;

        if (hb_xml_length(text, left) == 0) {
            from = "\xef\xbf\xbd";
            whole = 3;
        } else if (*text == '\n' || *text == '\r' || *text == '\t') {
            from = " ";
        }
        if (used + whole + 1 > size) {
            return;
        }
        memcpy(target + used, from, whole);
        used += whole;
        target[used] = '\0';
        text += length;
        left -= length;
    }
}

bool hb_junit_names_take(struct hb_junit_names *names, const char *suite,
                         const char *name, char target[HB_JUNIT_NAME_SIZE])
{
    char plain[HB_JUNIT_NAME_SIZE - SUFFIX_SIZE] = "";

    if ((names->count + 1) * 2 > names->room && !grow(names)) {
        return false;
    }
    if (suite != NULL && suite[0] != '\0') {
        add_clean(plain, sizeof(plain), suite);
        add_clean(plain, sizeof(plain), ".");
    }
    add_clean(plain, sizeof(plain), name);
    if (plain[0] == '\0') {
        add_clean(plain, sizeof(plain), "(no name)");
    }

    struct hb_junit_name *first = find(names, plain, hash_of(plain));

    (void)hb_text_copy(target, HB_JUNIT_NAME_SIZE, plain);
    if (first->text != NULL) {
        do {
            (void)hb_text_format(target, HB_JUNIT_NAME_SIZE, "%s (%u)", plain,
                                 first->next++);
        } while (find(names, target, hash_of(target))->text != NULL);
    }
    return insert(names, target);
}

void hb_junit_names_free(struct hb_junit_names *names)
{
    for (size_t i = 0; i < names->room; i++) {
        free(names->table[i].text);
    }
    free(names->table);
    *names = (struct hb_junit_names){ 0 };
}
