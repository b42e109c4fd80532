#include "postmortem/windows/modules.h"

#include <stdlib.h>
#include <windows.h>

#include <psapi.h>

#include "base/text.h"
#include "os/windows/widen.h"
#include "postmortem/image.h"

#define MODULES_MAX 2048u

static void read_module(const struct hb_opened *opened, HMODULE base,
                        struct hb_known_module *known)
{
    wchar_t path[HB_PATH_SIZE] = L"";
    MODULEINFO info = { 0 };
    struct hb_image image;
    struct hb_module *module = &known->module;

    known->told = HB_NO_MODULE;
    module->base = (uint64_t)(uintptr_t)base;
    if (GetModuleInformation(opened->process, base, &info, sizeof(info))) {
        module->size = info.SizeOfImage;
    }
    if (GetModuleFileNameExW(opened->process, base, path, HB_PATH_SIZE) > 0) {
        path[HB_PATH_SIZE - 1] = L'\0';
        hb_narrow_into(module->path, sizeof(module->path), path);
    }
    if (hb_image_read(&opened->memory, module->base, &image)) {
        (void)hb_text_copy(module->id, sizeof(module->id), image.id);
        module->size = module->size != 0 ? module->size : image.size;
    }
}

bool hb_modules_read(const struct hb_opened *opened,
                     struct hb_modules *out_modules, struct hb_error *err)
{
    HMODULE *bases = malloc(MODULES_MAX * sizeof(*bases));
    struct hb_modules modules = { NULL, 0 };
    DWORD size = 0;

    if (bases == NULL) {
        return hb_fail_memory(err);
    }
    if (!EnumProcessModulesEx(opened->process, bases,
                              MODULES_MAX * sizeof(*bases), &size,
                              LIST_MODULES_ALL)) {
        (void)hb_fail(err, HB_ERR_READ, (long)GetLastError(),
                      "cannot list the modules of process %lu",
                      (unsigned long)opened->pid);
        goto out;
    }
    modules.count = size / sizeof(*bases);
    if (modules.count > MODULES_MAX) {
        modules.count = MODULES_MAX;
    }
    modules.items = calloc(modules.count + 1, sizeof(*modules.items));
    if (modules.items == NULL) {
        (void)hb_fail_memory(err);
        goto out;
    }
    for (size_t i = 0; i < modules.count; i++) {
        read_module(opened, bases[i], &modules.items[i]);
    }
    *out_modules = modules;

out:
    free(bases);
    return modules.items != NULL;
}
