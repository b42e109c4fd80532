#include "report/past.h"

#include <string.h>

#include <cjson/cJSON.h>

#include "base/text.h"

#define SCHEMA "hbtest.result.v1"

bool hb_past_is_dump(const char *name)
{
    size_t length = strlen(name);
    bool is_note = length > 4 && strcmp(name + length - 4, ".txt") == 0;

    return !is_note &&
           (strncmp(name, "core", 4) == 0 || strncmp(name, "dump", 4) == 0);
}

static const char *text_of(const cJSON *object, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);

    return cJSON_IsString(item) ? item->valuestring : "";
}

/* A dump in the run's own folder, and nowhere else. */
static bool is_dump(const cJSON *evidence)
{
    const char *kind = text_of(evidence, "kind");
    const char *path = text_of(evidence, "path");

    return (strcmp(kind, "dump") == 0 || strcmp(kind, "full-dump") == 0) &&
           strcmp(text_of(evidence, "status"), "captured") == 0 &&
           strcmp(hb_text_base_name(path, true), path) == 0 &&
           hb_past_is_dump(path);
}

static void read_dumps(const cJSON *record, struct hb_past *past)
{
    const cJSON *item = NULL;

    cJSON_ArrayForEach(item,
                       cJSON_GetObjectItemCaseSensitive(record, "evidence"))
    {
        if (past->dump_count < HB_PAST_DUMPS_MAX && is_dump(item) &&
            hb_text_copy(past->dumps[past->dump_count], sizeof(past->dumps[0]),
                         text_of(item, "path"))) {
            past->dump_count++;
        }
    }
}

bool hb_past_read(const char *bytes, size_t size, struct hb_past *out)
{
    struct hb_past past = { .dump_count = 0 };
    cJSON *record = cJSON_ParseWithLength(bytes, size);
    const cJSON *signature =
        cJSON_GetObjectItemCaseSensitive(record, "signature");
    const char *hash = text_of(signature, "hash");
    bool ok = strcmp(text_of(record, "schema"), SCHEMA) == 0 &&
              strcmp(text_of(record, "cause"), "launcher-lost") != 0 &&
              hash[0] != '\0' &&
              hb_text_copy(past.signature, sizeof(past.signature), hash);

    if (ok) {
        read_dumps(record, &past);
        *out = past;
    }
    cJSON_Delete(record);
    return ok;
}
