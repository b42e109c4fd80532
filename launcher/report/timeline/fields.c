#include "report/timeline/fields.h"

#include <string.h>

#include "base/text.h"
#include "report/timeline/format.h"

static void note_wrong(struct hb_fields *fields, const char *key)
{
    if (fields->wrong == NULL) {
        fields->wrong = key;
    }
}

static cJSON *find(const struct hb_fields *fields, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive(fields->tree, key);
}

bool hb_field_exists(const struct hb_fields *fields, const char *key)
{
    const cJSON *item = find(fields, key);

    return item != NULL && !cJSON_IsNull(item);
}

void hb_field_require(struct hb_fields *fields, const char *const *keys,
                      size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (find(fields, keys[i]) == NULL) {
            note_wrong(fields, keys[i]);
        }
    }
}

/* Not a NaN, not a fraction, nothing that a double cannot hold exactly. */
static bool read_whole(double value, uint64_t *out_value)
{
    if (!(value >= 0) || !(value <= (double)HB_TIMELINE_EXACT_MAX)) {
        return false;
    }
    *out_value = (uint64_t)value;
    return (double)*out_value == value;
}

uint64_t hb_field_number(struct hb_fields *fields, const char *key,
                         uint64_t most)
{
    const cJSON *item = find(fields, key);
    uint64_t value = 0;
    bool whole = false;

    if (item == NULL) {
        return 0;
    }
    if (cJSON_IsNumber(item)) {
        whole = read_whole(item->valuedouble, &value);
    } else if (cJSON_IsString(item)) {
        whole = hb_parse_u64(item->valuestring, &value);
    }
    if (!whole || value > most) {
        note_wrong(fields, key);
        return 0;
    }
    return value;
}

uint32_t hb_field_u32(struct hb_fields *fields, const char *key)
{
    return (uint32_t)hb_field_number(fields, key, UINT32_MAX);
}

uint64_t hb_field_limit(struct hb_fields *fields, const char *key)
{
    if (cJSON_IsNull(find(fields, key))) {
        return UINT64_MAX;
    }
    return hb_field_number(fields, key, UINT64_MAX);
}

bool hb_field_bool(struct hb_fields *fields, const char *key)
{
    const cJSON *item = find(fields, key);

    if (item != NULL && !cJSON_IsBool(item)) {
        note_wrong(fields, key);
    }
    return cJSON_IsTrue(item);
}

/* -1 if it is none. */
static int hex_digit(char letter)
{
    if (letter >= '0' && letter <= '9') {
        return letter - '0';
    }
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

/* Decodes in place. A NUL would end the text early, so there may be none. */
static bool decode_hex(char *text)
{
    char *out = text;

    for (; *text != '\0'; text += 2) {
        int high = hex_digit(text[0]);
        int low = high < 0 ? -1 : hex_digit(text[1]);

        if (low < 0 || high + low == 0) {
            return false;
        }
        *out++ = (char)(high << 4 | low);
    }
    *out = '\0';
    return true;
}

const char *hb_field_item_text(struct hb_fields *fields, cJSON *item)
{
    if (cJSON_IsString(item)) {
        return item->valuestring;
    }

    cJSON *hex = cJSON_GetObjectItemCaseSensitive(item, "hex");

    if (!cJSON_IsString(hex) || !decode_hex(hex->valuestring)) {
        note_wrong(fields, "hex");
        return NULL;
    }
    return hex->valuestring;
}

const char *hb_field_text(struct hb_fields *fields, const char *key)
{
    cJSON *item = find(fields, key);
    const char *text = NULL;

    if (item != NULL) {
        text = hb_field_item_text(fields, item);
        if (text == NULL) {
            note_wrong(fields, key);
        }
    }
    return text;
}

void hb_field_copy(struct hb_fields *fields, const char *key, char *target,
                   size_t size)
{
    (void)hb_text_copy(target, size, hb_field_text(fields, key));
}

unsigned hb_field_word(struct hb_fields *fields, const char *key,
                       const struct hb_words *words)
{
    const cJSON *item = find(fields, key);
    unsigned value = 0;

    if (item != NULL && (!cJSON_IsString(item) ||
                         !hb_word_find(words, item->valuestring, &value))) {
        note_wrong(fields, key);
    }
    return value;
}

bool hb_field_enter(struct hb_fields *fields, const char *key,
                    struct hb_fields *out_inner)
{
    cJSON *item = find(fields, key);

    if (item != NULL && !cJSON_IsObject(item)) {
        note_wrong(fields, key);
        return false;
    }
    *out_inner = (struct hb_fields){ .tree = item };
    return item != NULL;
}

void hb_field_leave(struct hb_fields *fields, const struct hb_fields *inner)
{
    if (inner->wrong != NULL) {
        note_wrong(fields, inner->wrong);
    }
}

cJSON *hb_field_array(struct hb_fields *fields, const char *key,
                      size_t *out_count)
{
    cJSON *item = find(fields, key);
    size_t count = 0;

    if (item != NULL && !cJSON_IsArray(item)) {
        note_wrong(fields, key);
        item = NULL;
    }
    if (item != NULL) {
        item = item->child;
    }
    for (const cJSON *at = item; at != NULL; at = at->next) {
        count++;
    }
    *out_count = count;
    return item;
}
