#include <string.h>

#include "core/secrets.h"

static char folded(char letter)
{
    bool small = letter >= 'a' && letter <= 'z';

    return (char)(small ? letter - 'a' + 'A' : letter);
}

/* `pattern` ends at a comma or NUL. A star first stands for nothing; where
 * the rest then does not fit, it takes one byte more. */
static bool fits(const char *pattern, const char *name)
{
    const char *star = NULL;
    const char *star_name = NULL;

    while (*name != '\0') {
        if (*pattern == '*') {
            star = pattern++;
            star_name = name;
        } else if (*pattern != '\0' && *pattern != ',' &&
                   (*pattern == '?' || folded(*pattern) == folded(*name))) {
            pattern++;
            name++;
        } else if (star != NULL) {
            pattern = star + 1;
            name = ++star_name;
        } else {
            return false;
        }
    }
    pattern += strspn(pattern, "*");
    return *pattern == '\0' || *pattern == ',';
}

bool hb_redact_fits(const char *const *patterns, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        for (const char *at = patterns[i]; at != NULL;) {
            if (fits(at, name)) {
                return true;
            }
            at = strchr(at, ',');
            at = at == NULL ? NULL : at + 1;
        }
    }
    return false;
}

/* `text` is one "NAME=VALUE" of `size` bytes, and a NUL behind it. */
static bool take_text(struct hb_secrets *secrets, const char *const *patterns,
                      size_t count, char *text, size_t size)
{
    char *equals = memchr(text, '=', size);

    if (equals == NULL) {
        return true;
    }
    *equals = '\0';
    bool wanted = hb_redact_fits(patterns, count, text);
    *equals = '=';
    if (!wanted) {
        return true;
    }
    char *value = equals + 1;
    size_t length = size - (size_t)(value - text);
    bool added = hb_secrets_add(secrets, value, length);
    memset(value, '*', length);
    return added;
}

bool hb_secrets_take_block(struct hb_secrets *secrets,
                           const char *const *patterns, size_t count,
                           char *block, size_t size)
{
    for (size_t at = 0; at < size;) {
        const char *end = memchr(block + at, '\0', size - at);
        size_t length = end != NULL ? (size_t)(end - (block + at)) : size - at;

        if (!take_text(secrets, patterns, count, block + at, length)) {
            return false;
        }
        at += length + 1;
    }
    return true;
}
