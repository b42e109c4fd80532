#include "core/symbols.h"

#include <string.h>

#include "base/text.h"
#include "core/bytes.h"

#define BUILD_ID_LEAST 4u

static bool is_system_path(const char *path, bool windows)
{
    static const char *const folders[] = { "/usr/", "/lib/", "/lib64/",
                                           "/lib32/", "/nix/store/" };

    if (windows) { /* "C:\Windows\..." in any case */
        static const char begin[] = ":\\windows\\";

        for (size_t i = 0; begin[i] != '\0'; i++) {
            char c = (char)(path[0] == '\0' ? '\0' : path[i + 1]);

            c = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
            c = (char)(c == '/' ? '\\' : c);
            if (c != begin[i]) {
                return false;
            }
        }
        return true;
    }
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
        if (strncmp(path, folders[i], strlen(folders[i])) == 0) {
            return true;
        }
    }
    return false;
}

bool hb_symbols_wants(const struct hb_result *result,
                      const struct hb_module *module)
{
    bool windows = result->header->host.windows;
    const char *name = hb_text_base_name(module->path, windows);
    bool is_test = result->process_count > 0 &&
                   strcmp(result->processes[0].process.image, name) == 0;
    bool has_path = module->path[0] == '/' ||
                    (module->path[0] != '\0' && module->path[1] == ':');

    return has_path && (is_test || !is_system_path(module->path, windows));
}

static bool is_hex(const char *id)
{
    return id[strspn(id, "0123456789abcdefABCDEF")] == '\0';
}

bool hb_symbols_place(const char *file, const char *id, bool windows,
                      bool is_debug, char *target, size_t size)
{
    const char *name = hb_text_base_name(file, windows);

    if (strlen(id) < BUILD_ID_LEAST || !is_hex(id) || name[0] == '\0') {
        return false;
    }
    return windows ? hb_text_format(target, size, "%s/%s/%s", name, id, name)
                   : hb_text_format(target, size, ".build-id/%.2s/%s%s", id,
                                    id + 2, is_debug ? ".debug" : "");
}

bool hb_symbols_pe_id(const unsigned char *bytes, size_t size, char *target,
                      size_t room)
{
    uint32_t at;

    if (size < 64 || bytes[0] != 'M' || bytes[1] != 'Z') {
        return false;
    }
    at = hb_u32_at(bytes + 60);
    if (at > size || size - at < 84 || memcmp(bytes + at, "PE\0\0", 4) != 0) {
        return false;
    }
    return hb_text_format(target, room, "%08lX%lx",
                          (unsigned long)hb_u32_at(bytes + at + 8),
                          (unsigned long)hb_u32_at(bytes + at + 80));
}
