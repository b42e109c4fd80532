#pragma once

#include <stddef.h>

#include <windows.h>

#include "wer/wer.h"

/*
 * The module itself, as error reporting gets hold of it.
 */
static hb_wer_event *call_module;

/* With all that the system looks for by name. */
static inline int load_module(void **state)
{
    HMODULE module = LoadLibraryA(HB_WER_MODULE);

    (void)state;
    if (module == NULL) {
        return -1;
    }
    call_module = (hb_wer_event *)(void (*)(void))GetProcAddress(
        module, "OutOfProcessExceptionEventCallback");
    return call_module == NULL ||
           GetProcAddress(
               module, "OutOfProcessExceptionEventSignatureCallback") == NULL ||
           GetProcAddress(module,
                          "OutOfProcessExceptionEventDebuggerLaunchCallback") ==
               NULL;
}
