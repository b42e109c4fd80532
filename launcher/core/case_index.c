#include "core/case_index.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/*
 * A chain holds the cases of one name, or of one suite and name, from the last
 * backwards. It counts who has begun and ended them, so that a chain in which
 * nothing fits is never walked: a program may give all its cases one name.
 */
enum sort { BY_NAME, BY_SUITE, SORTS };

#define NO_CHAIN UINT32_MAX

struct chain {
    uint64_t hash;
    enum sort sort;
    uint32_t next; /* of the same bucket */
    size_t last;   /* case */
    size_t count;
    size_t expected;
    size_t begun[HB_SOURCE_COUNT];
    size_t ended[HB_SOURCE_COUNT];
};

struct place {
    size_t older[SORTS];
    uint32_t chain[SORTS];
};

struct hb_case_index {
    struct chain *chains;
    uint32_t chain_count;
    uint32_t *buckets; /* `room` of them, a power of 2 */
    struct place *places;
    size_t count;
    size_t room; /* of places; twice as many chains */
};

bool hb_case_fits(const struct hb_case *at, const struct hb_case_wanted *wanted)
{
    const unsigned bit = 1u << wanted->source;

    switch (wanted->state) {
    case HB_CASE_ANY:
        return true;
    case HB_CASE_UNANNOUNCED:
        return !at->expected && (at->begun_by & bit) == 0;
    case HB_CASE_NOT_BEGUN:
        return (at->begun_by & bit) == 0;
    case HB_CASE_OPEN:
        return (at->begun_by & bit) != 0 && (at->ended_by & bit) == 0;
    }
    return false;
}

static bool may_fit(const struct chain *chain,
                    const struct hb_case_wanted *wanted)
{
    const size_t begun = chain->begun[wanted->source];

    switch (wanted->state) {
    case HB_CASE_ANY:
        return true;
    case HB_CASE_UNANNOUNCED:
        return chain->expected < chain->count && begun < chain->count;
    case HB_CASE_NOT_BEGUN:
        return begun < chain->count;
    case HB_CASE_OPEN:
        return chain->ended[wanted->source] < begun;
    }
    return false;
}

static bool is_empty(const char *text)
{
    return text == NULL || text[0] == '\0';
}

bool hb_case_is(const struct hb_case *at, const struct hb_case_key *key)
{
    return strcmp(at->name, key->name) == 0 &&
           (is_empty(key->suite) || at->suite == NULL ||
            strcmp(at->suite, key->suite) == 0);
}

/* FNV-1a */
static uint64_t hash_text(uint64_t hash, const char *text)
{
    for (; *text != '\0'; text++) {
        hash = (hash ^ (unsigned char)*text) * 1099511628211u;
    }
    return hash;
}

static uint64_t hash_key(enum sort sort, const char *suite, const char *name)
{
    uint64_t hash = hash_text(14695981039346656037u, name);

    if (sort == BY_SUITE) {
        hash = hash_text((hash ^ 0xffu) * 1099511628211u,
                         suite == NULL ? "" : suite);
    }
    return hash ^ hash >> 32;
}

static bool is_of(const struct chain *chain, const struct hb_case *cases,
                  const struct hb_case_key *key)
{
    const struct hb_case *have = &cases[chain->last];

    if (strcmp(have->name, key->name) != 0) {
        return false;
    }
    return chain->sort == BY_NAME ||
           strcmp(have->suite == NULL ? "" : have->suite,
                  key->suite == NULL ? "" : key->suite) == 0;
}

static uint32_t find_chain(const struct hb_case_index *index,
                           const struct hb_case *cases, enum sort sort,
                           const struct hb_case_key *key)
{
    uint64_t hash = hash_key(sort, key->suite, key->name);
    uint32_t at = index->buckets[hash & (index->room - 1)];

    while (at != NO_CHAIN &&
           !(index->chains[at].hash == hash && index->chains[at].sort == sort &&
             is_of(&index->chains[at], cases, key))) {
        at = index->chains[at].next;
    }
    return at;
}

static void link_chain(struct hb_case_index *index, uint32_t at)
{
    struct chain *chain = &index->chains[at];
    uint32_t *bucket = &index->buckets[chain->hash & (index->room - 1)];

    chain->next = *bucket;
    *bucket = at;
}

static bool grow(struct hb_case_index *index)
{
    size_t room = index->room == 0 ? 32 : index->room * 2;
    struct chain *chains =
        realloc(index->chains, SORTS * room * sizeof(*chains));
    struct place *places = realloc(index->places, room * sizeof(*places));
    uint32_t *buckets = malloc(room * sizeof(*buckets));

    index->chains = chains != NULL ? chains : index->chains;
    index->places = places != NULL ? places : index->places;
    if (chains == NULL || places == NULL || buckets == NULL) {
        free(buckets);
        return false;
    }
    free(index->buckets);
    index->buckets = buckets;
    index->room = room;
    for (size_t i = 0; i < room; i++) {
        buckets[i] = NO_CHAIN;
    }
    for (uint32_t i = 0; i < index->chain_count; i++) {
        link_chain(index, i);
    }
    return true;
}

bool hb_case_index_reserve(struct hb_case_index **index)
{
    if (*index == NULL) {
        *index = calloc(1, sizeof(**index));
    }
    return *index != NULL && ((*index)->count < (*index)->room || grow(*index));
}

static uint32_t make_chain(struct hb_case_index *index, enum sort sort,
                           const struct hb_case_key *key)
{
    uint32_t at = index->chain_count++;

    index->chains[at] = (struct chain){
        .hash = hash_key(sort, key->suite, key->name),
        .sort = sort,
        .last = HB_NO_CASE,
    };
    link_chain(index, at);
    return at;
}

void hb_case_index_add(struct hb_case_index *index, const struct hb_case *cases,
                       size_t at)
{
    struct hb_case_key key = { cases[at].suite, cases[at].name };
    struct place *place = &index->places[at];

    for (int i = 0; i < SORTS; i++) {
        enum sort sort = (enum sort)i;
        uint32_t found = find_chain(index, cases, sort, &key);
        struct chain *chain;

        if (found == NO_CHAIN) {
            found = make_chain(index, sort, &key);
        }
        chain = &index->chains[found];
        place->chain[sort] = found;
        place->older[sort] = chain->last;
        chain->last = at;
        chain->count++;
    }
    index->count++;
}

void hb_case_index_expected(struct hb_case_index *index, size_t at)
{
    for (int i = 0; i < SORTS; i++) {
        index->chains[index->places[at].chain[i]].expected++;
    }
}

void hb_case_index_begun(struct hb_case_index *index, size_t at,
                         enum hb_source source)
{
    for (int i = 0; i < SORTS; i++) {
        index->chains[index->places[at].chain[i]].begun[source]++;
    }
}

void hb_case_index_ended(struct hb_case_index *index, size_t at,
                         enum hb_source source)
{
    for (int i = 0; i < SORTS; i++) {
        index->chains[index->places[at].chain[i]].ended[source]++;
    }
}

static size_t walk(const struct hb_case_index *index,
                   const struct hb_case *cases, enum sort sort,
                   const struct hb_case_key *key,
                   const struct hb_case_wanted *wanted)
{
    uint32_t found = find_chain(index, cases, sort, key);
    size_t at;

    if (found == NO_CHAIN || !may_fit(&index->chains[found], wanted)) {
        return HB_NO_CASE;
    }
    at = index->chains[found].last;
    while (at != HB_NO_CASE && !hb_case_fits(&cases[at], wanted)) {
        at = index->places[at].older[sort];
    }
    return at;
}

size_t hb_case_index_find(const struct hb_case_index *index,
                          const struct hb_case *cases,
                          const struct hb_case_key *key,
                          const struct hb_case_wanted *wanted)
{
    const struct hb_case_key bare = { NULL, key->name };
    size_t with;
    size_t without;

    if (index == NULL || index->count == 0) {
        return HB_NO_CASE;
    }
    if (is_empty(key->suite)) {
        return walk(index, cases, BY_NAME, key, wanted);
    }
    with = walk(index, cases, BY_SUITE, key, wanted);
    without = walk(index, cases, BY_SUITE, &bare, wanted);
    if (with == HB_NO_CASE || without == HB_NO_CASE) {
        return with == HB_NO_CASE ? without : with;
    }
    return with > without ? with : without;
}

void hb_case_index_free(struct hb_case_index *index)
{
    if (index != NULL) {
        free(index->chains);
        free(index->buckets);
        free(index->places);
        free(index);
    }
}
