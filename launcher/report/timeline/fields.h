#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "report/words.h"

/*
 * Reads the members of a JSON object that somebody else wrote. A member that
 * is absent gives 0, false or NULL; one that has the wrong type, or a value
 * that does not fit, gives the same and is remembered in `wrong`, so many
 * members need one check at the end.
 */
struct hb_fields {
    cJSON *tree;
    const char *wrong; /* the first member that is wrong; NULL: all is well */
};

/* False if the member is absent or null. */
bool hb_field_exists(const struct hb_fields *fields, const char *key);

/* Notes as wrong what is absent. */
void hb_field_require(struct hb_fields *fields, const char *const *keys,
                      size_t count);

/* A whole number up to `most`, as number or as decimal text. */
uint64_t hb_field_number(struct hb_fields *fields, const char *key,
                         uint64_t most);
uint32_t hb_field_u32(struct hb_fields *fields, const char *key);

/* The same, where null stands for UINT64_MAX. */
uint64_t hb_field_limit(struct hb_fields *fields, const char *key);

bool hb_field_bool(struct hb_fields *fields, const char *key);

/* A text, or an object whose "hex" holds its bytes; borrowed from the tree.
 * Read each member once: the bytes are decoded where they lie. */
const char *hb_field_text(struct hb_fields *fields, const char *key);
const char *hb_field_item_text(struct hb_fields *fields, cJSON *item);

/* Copies a text, cutting it if need be; an absent one is empty. */
void hb_field_copy(struct hb_fields *fields, const char *key, char *target,
                   size_t size);

/* A value by its word; 0 if absent. */
unsigned hb_field_word(struct hb_fields *fields, const char *key,
                       const struct hb_words *words);

/* Opens a member that is an object; false if there is none. Hand it back to
 * hb_field_leave(), which takes over what was wrong in it. */
bool hb_field_enter(struct hb_fields *fields, const char *key,
                    struct hb_fields *out_inner);
void hb_field_leave(struct hb_fields *fields, const struct hb_fields *inner);

/* The first element of a member that is an array (go on with ->next), and how
 * many there are. NULL if it is absent, empty or no array. */
cJSON *hb_field_array(struct hb_fields *fields, const char *key,
                      size_t *out_count);
