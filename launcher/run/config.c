#include "run/config.h"

#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/text.h"

/* Options are flat, and one that repeats has an array. A file that nests
 * deeper than this has no chance; cJSON, which recurses, need not see it. */
#define DEPTH_MAX 32u

#define NUMBER_SIZE 32u

struct hb_config {
    cJSON *root;
    char (*numbers)[NUMBER_SIZE]; /* one a key, in their order */
};

/* The file as messages name it: where a path is long, its end. */
struct source {
    char name[120];
    const char *bytes;
    size_t size;
};

/* Says what is wrong, and in which line and column (in characters). */
static bool fail_at(const struct source *source, size_t offset,
                    const char *what, struct hb_error *err)
{
    size_t line = 1;
    size_t column = 1;

    for (size_t i = 0; i < offset && i < source->size; i++) {
        if (source->bytes[i] == '\n') {
            line++;
            column = 1;
        } else if (((unsigned char)source->bytes[i] & 0xc0u) != 0x80u) {
            column++;
        }
    }
    return hb_fail(err, HB_ERR_USAGE, 0, "config file '%s', %zu:%zu: %s",
                   source->name, line, column, what);
}

/* What a parser that is lenient or recurses would get wrong: depth, bytes
 * that are no UTF-8, and a NUL that would cut a value short. */
static bool check_bytes(const struct source *source, struct hb_error *err)
{
    size_t depth = 0;
    size_t length = 0;
    bool in_text = false;

    for (size_t i = 0; i < source->size; i += length) {
        char byte = source->bytes[i];
        size_t rest = source->size - i;

        length = hb_utf8_length(source->bytes + i, rest);
        if (length == 0 || byte == '\0') {
            return fail_at(source, i, "not UTF-8 text", err);
        }
        if (in_text && byte == '\\' && rest >= 6 &&
            memcmp(source->bytes + i, "\\u0000", 6) == 0) {
            return fail_at(source, i, "a value may not hold a NUL", err);
        }
        if (in_text && byte == '\\' && rest > 1) {
            /* An escaped quote ends nothing. Its second byte may begin a
             * character, which is then read as any other. */
            length = source->bytes[i + 1] == '"' || source->bytes[i + 1] == '\\'
                         ? 2
                         : 1;
        } else if (byte == '"') {
            in_text = !in_text;
        } else if (!in_text && (byte == '[' || byte == '{')) {
            if (++depth > DEPTH_MAX) {
                return fail_at(source, i,
                               "nests too deep (options are one flat object)",
                               err);
            }
        } else if (!in_text && (byte == ']' || byte == '}')) {
            depth -= depth > 0;
        }
    }
    return true;
}

static bool parse_json(const struct source *source, cJSON **out_root,
                       struct hb_error *err)
{
    const char *end = NULL;
    cJSON *root =
        cJSON_ParseWithLengthOpts(source->bytes, source->size, &end, false);

    if (root == NULL) {
        return fail_at(source, end == NULL ? 0 : (size_t)(end - source->bytes),
                       "not JSON, here or just before", err);
    }

    size_t at = (size_t)(end - source->bytes);

    while (at < source->size && strchr(" \t\r\n", source->bytes[at]) != NULL) {
        at++;
    }
    if (at < source->size || !cJSON_IsObject(root)) {
        cJSON_Delete(root);
        return fail_at(source, at < source->size ? at : 0,
                       at < source->size
                           ? "something stands behind the object"
                           : "this is no object ({\"timeout\": \"5m\"})",
                       err);
    }
    *out_root = root;
    return true;
}

/* As the command line would have it. Whole numbers keep all their digits;
 * beyond 2^53 a double has none to keep. */
static void format_number(char *target, double number)
{
    const double exact = 9007199254740992.0;

    if (number >= -exact && number <= exact &&
        number == (double)(int64_t)number) {
        (void)hb_text_format(target, NUMBER_SIZE, "%lld", (long long)number);
    } else {
        (void)hb_text_format(target, NUMBER_SIZE, "%.15g", number);
    }
}

/* A scalar of the file; false if the option takes none of this type. */
static bool text_of(const struct hb_option *option, const cJSON *item,
                    char *number, const char **out_text)
{
    if (cJSON_IsString(item)) {
        *out_text = item->valuestring;
    } else if (cJSON_IsNumber(item)) {
        format_number(number, item->valuedouble);
        *out_text = number;
    } else if (cJSON_IsBool(item) && option->kind == HB_OPTION_SWITCH) {
        *out_text = cJSON_IsTrue(item) ? "true" : "false";
    } else {
        return false;
    }
    return true;
}

static const char *type_of(const cJSON *item)
{
    return cJSON_IsArray(item)    ? "array"
           : cJSON_IsObject(item) ? "object"
           : cJSON_IsNull(item)   ? "null"
           : cJSON_IsTrue(item)   ? "true"
           : cJSON_IsFalse(item)  ? "false"
           : cJSON_IsNumber(item) ? "number"
                                  : "string";
}

static bool set_array(struct hb_options *options, const cJSON *array,
                      const char *origin, struct hb_error *err)
{
    const cJSON *item = NULL;

    cJSON_ArrayForEach(item, array)
    {
        if (!cJSON_IsString(item)) {
            return hb_fail(err, HB_ERR_USAGE, 0,
                           "%s: an array may hold strings here, no %s", origin,
                           type_of(item));
        }
        if (!hb_options_set(options, array->string, item->valuestring, origin,
                            err)) {
            return false;
        }
    }
    return true;
}

static bool set_item(struct hb_options *options, const struct source *source,
                     const cJSON *item, char *number, struct hb_error *err)
{
    const struct hb_option *option = hb_options_find(item->string);
    const char *text = NULL;
    char key[64];
    char origin[HB_ORIGIN_SIZE];

    if (!hb_text_copy(key, sizeof(key) - 3, item->string)) {
        memcpy(key + strlen(key), "...", 4);
    }
    (void)hb_text_format(origin, sizeof(origin), "'%s' in '%s'", key,
                         source->name);
    if (option == NULL) {
        return hb_options_set(options, item->string, NULL, origin, err);
    }
    if (option->command_line_only || strcmp(option->name, "config") == 0) {
        return hb_fail(err, HB_ERR_USAGE, 0,
                       "%s: this option has no place in a config file", origin);
    }
    if (option->kind == HB_OPTION_REDACT && cJSON_IsArray(item)) {
        return set_array(options, item, origin, err);
    }
    if (!text_of(option, item, number, &text)) {
        return hb_fail(err, HB_ERR_USAGE, 0, "%s takes no %s, but %s", origin,
                       type_of(item),
                       option->kind == HB_OPTION_SWITCH ? "true or false"
                                                        : "a string");
    }
    return hb_options_set(options, option->name, text, origin, err);
}

/* True if a key before this one has its name. Of two that contradict each
 * other nobody knows which is meant. */
static bool is_repeated(const cJSON *root, const cJSON *item)
{
    for (const cJSON *at = root->child; at != NULL && at != item;
         at = at->next) {
        if (strcmp(at->string, item->string) == 0) {
            return true;
        }
    }
    return false;
}

static bool set_all(struct hb_options *options, const struct source *source,
                    struct hb_config *config, struct hb_error *err)
{
    struct hb_options read = *options;
    const cJSON *item = NULL;
    size_t i = 0;

    cJSON_ArrayForEach(item, config->root)
    {
        if (!set_item(&read, source, item, config->numbers[i++], err)) {
            return false;
        }
        if (is_repeated(config->root, item)) {
            return hb_fail(err, HB_ERR_USAGE, 0,
                           "'%s' in '%s' stands there twice (each option may "
                           "once)",
                           item->string, source->name);
        }
    }
    *options = read;
    return true;
}

bool hb_config_parse(const char *path, const char *bytes, size_t size,
                     struct hb_options *options, struct hb_config **out_config,
                     struct hb_error *err)
{
    struct source source = { .bytes = bytes, .size = size };
    struct hb_config *config = NULL;
    bool ok = false;

    hb_text_copy_path(source.name, sizeof(source.name), path);
    if (size >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0) {
        source.bytes += 3;
        source.size -= 3;
    }
    config = calloc(1, sizeof(*config));
    if (config == NULL) {
        hb_fail(err, HB_ERR_INTERNAL, 0, "no memory to read '%s'", source.name);
        goto out;
    }
    if (!check_bytes(&source, err) ||
        !parse_json(&source, &config->root, err)) {
        goto out;
    }
    config->numbers = calloc((size_t)cJSON_GetArraySize(config->root) + 1,
                             sizeof(*config->numbers));
    if (config->numbers == NULL) {
        hb_fail(err, HB_ERR_INTERNAL, 0, "no memory to read '%s'", source.name);
        goto out;
    }
    if (!set_all(options, &source, config, err)) {
        goto out;
    }
    *out_config = config;
    config = NULL;
    ok = true;

out:
    hb_config_free(config);
    return ok;
}

void hb_config_free(struct hb_config *config)
{
    if (config != NULL) {
        cJSON_Delete(config->root);
        free(config->numbers);
        free(config);
    }
}
