#include "run/veil.h"

#include <stdlib.h>
#include <string.h>

#include "core/secrets.h"
#include "os/host.h"
#include "run/veil_parts.h"

static bool fail_memory(struct hb_error *err)
{
    return hb_fail(err, HB_ERR_INTERNAL, 0,
                   "out of memory for what reports may not show");
}

/* Windows has variables whose name begins with '='. */
static bool take_variable(struct hb_veil *veil, const struct hb_options *given,
                          const char *text)
{
    const char *value = text[0] == '\0' ? NULL : strchr(text + 1, '=');
    char name[1024]; /* of a longer one as much decides */

    if (value == NULL) {
        return true;
    }
    (void)hb_text_copy_bytes(name, sizeof(name), text, (size_t)(value - text));
    return !hb_options_redacts(given, name) ||
           hb_veil_add(veil, value + 1, strlen(value + 1));
}

struct taking {
    struct hb_veil *veil;
    const struct hb_options *options;
};

static bool take(void *context, const char *text, struct hb_error *err)
{
    struct taking *taking = context;

    return take_variable(taking->veil, taking->options, text) ||
           fail_memory(err);
}

bool hb_veil_new(const struct hb_options *options, struct hb_veil **out_veil,
                 struct hb_error *err)
{
    struct hb_veil *veil;
    bool ok;

    if (options->no_redact || options->redact_count == 0) {
        *out_veil = NULL;
        return true;
    }
    veil = calloc(1, sizeof(*veil));
    if (veil == NULL) {
        return fail_memory(err);
    }
    veil->secrets = hb_secrets_new();
    ok = veil->secrets != NULL || fail_memory(err);
    ok =
        ok && hb_environment_each(take, &(struct taking){ veil, options }, err);
    if (!ok) {
        hb_veil_free(veil);
        return false;
    }
    *out_veil = veil;
    return true;
}

void hb_veil_free(struct hb_veil *veil)
{
    if (veil == NULL) {
        return;
    }
    for (size_t i = 0; i < HB_VEIL_TEXTS; i++) {
        hb_buffer_free(&veil->texts[i]);
    }
    hb_buffer_free(&veil->header);
    free(veil->command);
    free(veil->threads);
    hb_secrets_free(veil->secrets);
    free(veil);
}

/* A log, or the report of a failure, may have its lines apart. */
bool hb_veil_add(struct hb_veil *veil, const char *value, size_t size)
{
    bool ok = veil == NULL || hb_secrets_add(veil->secrets, value, size);

    for (size_t at = 0; veil != NULL && ok && at < size;) {
        const char *end = memchr(value + at, '\n', size - at);
        size_t length = end == NULL ? size - at : (size_t)(end - value) - at;
        size_t whole = length;

        if (length > 0 && value[at + length - 1] == '\r') {
            length--;
        }
        ok = hb_secrets_add(veil->secrets, value + at, length);
        at += whole + 1;
    }
    return ok;
}

/* Each with its NUL, one behind the other. */
static void collect(struct hb_buffer *out, const struct hb_run_header *header)
{
    hb_buffer_add(out, header->name, strlen(header->name) + 1);
    hb_buffer_add(out, header->cwd, strlen(header->cwd) + 1);
    for (size_t i = 0; i < header->command_count; i++) {
        hb_buffer_add(out, header->command[i], strlen(header->command[i]) + 1);
    }
}

bool hb_veil_header(struct hb_veil *veil, struct hb_run_header *header,
                    struct hb_error *err)
{
    const char *at;

    if (veil == NULL || hb_secrets_is_empty(veil->secrets)) {
        return true;
    }
    veil->command = calloc(header->command_count + 1, sizeof(*veil->command));
    collect(&veil->header, header);
    if (veil->command == NULL || veil->header.failed) {
        return fail_memory(err);
    }
    (void)hb_secrets_blank(veil->secrets, veil->header.bytes,
                           veil->header.size);
    at = veil->header.bytes;
    header->name = at;
    at += strlen(header->name) + 1;
    header->cwd = at;
    at += strlen(header->cwd) + 1;
    for (size_t i = 0; i < header->command_count; i++) {
        veil->command[i] = at;
        at += strlen(at) + 1;
    }
    header->command = veil->command;
    return true;
}

void hb_veil_bytes(const struct hb_veil *veil, char *bytes, size_t size)
{
    if (veil != NULL && size > 0) {
        (void)hb_secrets_blank(veil->secrets, bytes, size);
    }
}

void hb_veil_torn_bytes(const struct hb_veil *veil, char *bytes, size_t size)
{
    hb_veil_bytes(veil, bytes, size);
    if (veil != NULL && size > 0) {
        (void)hb_secrets_blank_edges(veil->secrets, bytes, size);
    }
}
