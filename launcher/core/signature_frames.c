#include "core/signature_frames.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"

#define FRAMES_NAMED 4u
#define MODULE_SIZE 96u

/* Modules whose frames say how a thread waits or dies, not where. Their names
 * begin so. */
static const char *const system_modules[] = {
    "libc.so",   "libc-2",      "libpthread",    "ld-linux", "linux-vdso",
    "[vdso]",    "libgcc_s",    "libasan",       "liblsan",  "libtsan",
    "libubsan",  "libclang_rt", "libcmocka",     "libgtest", "libgmock",
    "ntdll.",    "kernel32.",   "kernelbase.",   "ucrtbase", "msvcrt.",
    "vcruntime", "msvcp",       "win32u.",       "user32.",  "cmocka.",
    "wow64",     "clang_rt.",   "libwinpthread",
};

/* Functions that mean the same when they are linked in. '*' stands for the
 * rest of the name. */
static const char *const system_symbols[] = {
    "abort",
    "raise",
    "gsignal",
    "kill",
    "__kill",
    "__GI_*",
    "__pthread_*",
    "___pthread_*",
    "pthread_*",
    "__lll_*",
    "__futex_*",
    "futex_*",
    "__assert_fail*",
    "__assert_perror*",
    "_exit",
    "_Exit",
    "exit",
    "quick_exit",
    "__new_quick_exit",
    "tgkill",
    "hb_wait_*",
    "__run_exit_handlers",
    "__restore_rt",
    "killpg",
    "nanosleep",
    "__nanosleep*",
    "clock_nanosleep*",
    "__clock_nanosleep*",
    "sleep",
    "usleep",
    "poll",
    "__poll*",
    "select",
    "__select*",
    "epoll_wait",
    "wait",
    "waitpid",
    "__wait*",
    "read",
    "__read*",
    "__libc_*",
    "__syscall*",
    "syscall",
    "start_thread",
    "__clone*",
    "clone*",
    "_start",
    "__fortify_fail*",
    "__stack_chk_fail*",
    "__chk_fail",
    "malloc_printerr*",
    "_int_free*",
    "_int_malloc*",
    "std::terminate*",
    "std::__terminate*",
    "__cxa_*",
    "__cxxabiv1::*",
    "__gnu_cxx::*",
    "_Unwind_*",
    "__asan*",
    "__lsan*",
    "__tsan*",
    "__ubsan*",
    "__sanitizer*",
    "__interceptor_*",
    "___interceptor_*",
    "hbtest_*",
    "cmocka_run*",
    "_cmocka_run*",
    "_fail",
    "_assert_*",
    "_mock*",
    "testing::*",
    "BaseThreadInitThunk",
    "mainCRTStartup",
    "WinMainCRTStartup",
    "__tmainCRTStartup",
    "__scrt_*",
    "invoke_main",
};

/* Base name in small letters: Windows does not tell them apart. */
static void name_module(const struct hb_result *result,
                        const struct hb_stack_frame *frame, char *target,
                        size_t size)
{
    const struct hb_module *module = hb_stack_module(&result->finds, frame);

    (void)hb_text_copy(
        target, size,
        module == NULL
            ? "?"
            : hb_text_base_name(module->path, result->header->host.windows));
    for (char *c = target; *c != '\0'; c++) {
        if (*c >= 'A' && *c <= 'Z') {
            *c = (char)(*c - 'A' + 'a');
        }
    }
}

static bool is_system_symbol(const char *symbol)
{
    for (size_t i = 0; i < sizeof(system_symbols) / sizeof(system_symbols[0]);
         i++) {
        const char *pattern = system_symbols[i];
        size_t length = strcspn(pattern, "*");

        if (strncmp(symbol, pattern, length) == 0 &&
            (pattern[length] == '*' || symbol[length] == '\0')) {
            return true;
        }
    }
    return false;
}

static bool is_system_module(const char *name)
{
    for (size_t i = 0; i < sizeof(system_modules) / sizeof(system_modules[0]);
         i++) {
        if (strncmp(name, system_modules[i], strlen(system_modules[i])) == 0) {
            return true;
        }
    }
    return false;
}

/* What the compiler calls its copies of a function varies with its version. */
static size_t plain_length(const char *symbol)
{
    static const char *const marks[] = { ".constprop.", ".isra.", ".part.",
                                         ".cold",       ".llvm.", " [clone" };
    size_t length = strlen(symbol);

    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
        const char *mark = strstr(symbol, marks[i]);

        if (mark != NULL && (size_t)(mark - symbol) < length) {
            length = (size_t)(mark - symbol);
        }
    }
    return length;
}

static void add_frame(const struct hb_stack_frame *frame, const char *module,
                      char *target, size_t size)
{
    size_t used = strlen(target);
    const char *before = used > 0 ? " < " : "";

    if (frame->symbol != NULL) {
        (void)hb_text_format(target + used, size - used, "%s%s!%.*s", before,
                             module, (int)plain_length(frame->symbol),
                             frame->symbol);
    } else if (strcmp(module, "?") == 0) {
        (void)hb_text_format(target + used, size - used, "%s?", before);
    } else {
        (void)hb_text_format(target + used, size - used, "%s%s+0x%" PRIx64,
                             before, module, frame->offset);
    }
}

bool hb_signature_skips(const struct hb_result *result,
                        const struct hb_stack_frame *frame)
{
    char module[MODULE_SIZE];

    name_module(result, frame, module, sizeof(module));
    return is_system_module(module) ||
           (frame->symbol != NULL && is_system_symbol(frame->symbol));
}

static void describe(const struct hb_result *result,
                     const struct hb_stack *stack, bool all, char *target,
                     size_t size)
{
    unsigned named = 0;

    target[0] = '\0';
    for (size_t i = 0; i < stack->frame_count && named < FRAMES_NAMED; i++) {
        const struct hb_stack_frame *frame = &stack->frames[i];
        char module[MODULE_SIZE];

        if (all || !hb_signature_skips(result, frame)) {
            name_module(result, frame, module, sizeof(module));
            add_frame(frame, module, target, size);
            named++;
        }
    }
}

void hb_signature_frames(const struct hb_result *result,
                         const struct hb_stack *stack, char *target,
                         size_t size)
{
    describe(result, stack, false, target, size);
    if (target[0] == '\0') { /* the system's are better than none */
        describe(result, stack, true, target, size);
    }
}
