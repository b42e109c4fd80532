#include "core/leaving.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "core/blame.h"
#include "core/record_cases.h"
#include "core/status.h"
#include "core/verdict.h"
#include "core/watch.h"

#define CALL_SIZE 64
/* So far at most lies a call before the address to which it returns. */
#define CALL_BYTES 16u

/* A program that finds that it cannot run says so by its skip status. */
static bool may_skip(const struct hb_result *result,
                     const struct hb_leaving *leaving)
{
    const struct hb_policy *policy = &result->header->policy;

    return policy->has_skip_code && leaving->kind == HB_LEAVING_CODE &&
           leaving->value == policy->skip_code && result->case_count == 0;
}

bool hb_leaving_is_early(const struct hb_result *result,
                         const struct hb_supervisor *supervisor,
                         const struct hb_leaving *leaving)
{
    if (leaving->kind == HB_LEAVING_SIGNAL) {
        return true;
    }
    return hb_judge_expects_completion(result) &&
           !hb_watch_is_complete(supervisor) && !may_skip(result, leaving);
}

bool hb_leaving_ended(const struct hb_result *result)
{
    return result->left_by_itself && result->leaving.pid == result->pid &&
           result->leaving.kind == HB_LEAVING_SIGNAL &&
           result->exit.kind == HB_EXIT_SIGNAL &&
           result->exit.value == result->leaving.value;
}

const struct hb_stack *hb_leaving_stack(const struct hb_result *result)
{
    return result->left_by_itself
               ? hb_stack_find(&result->finds, result->leaving.pid,
                               result->leaving.tid)
               : NULL;
}

/* What the test's own code calls to end. Where symbols are not known, these are
 * what tells our frames, above them, from its own. */
static bool is_the_call(const struct hb_stack_frame *frame)
{
    static const char *const names[] = {
        "exit",   "_exit", "_Exit",       "quick_exit",         "kill",
        "tgkill", "raise", "ExitProcess", "RtlExitUserProcess", "abort",
    };

    for (size_t i = 0;
         frame->symbol != NULL && i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(frame->symbol, names[i]) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_where_it_returns(const struct hb_leaving *leaving,
                                const struct hb_stack_frame *frame)
{
    return leaving->from != 0 && frame->address <= leaving->from &&
           leaving->from - frame->address < CALL_BYTES;
}

const struct hb_stack_frame *hb_leaving_caller(const struct hb_result *result)
{
    const struct hb_stack *stack = hb_leaving_stack(result);
    struct hb_stack below;

    for (size_t i = 0; stack != NULL && i < stack->frame_count; i++) {
        const struct hb_stack_frame *frame = &stack->frames[i];

        if (is_where_it_returns(&result->leaving, frame) ||
            is_the_call(frame)) {
            below = *stack;
            below.frames += i;
            below.frame_count -= i;
            return hb_blame_frame(result, &below);
        }
    }
    return hb_blame_frame(result, stack);
}

/* The main thread leaves, and no function of the test's own calls. */
static bool returned_from_main(const struct hb_result *result)
{
    const struct hb_stack *stack = hb_leaving_stack(result);

    return stack != NULL && stack->frame_count > 0 &&
           stack->tid == stack->pid &&
           result->leaving.kind != HB_LEAVING_SIGNAL &&
           hb_leaving_caller(result) == NULL;
}

/* What the test called, where only the system call at the end of it was
 * seen. */
static const char *called_function(const struct hb_result *result)
{
    static const char *const names[][2] = {
        { "exit", "exit" },           { "_exit", "_exit" },
        { "_Exit", "_Exit" },         { "quick_exit", "quick_exit" },
        { "abort", "abort" },         { "__new_quick_exit", "quick_exit" },
        { "raise", "raise" },         { "__GI_raise", "raise" },
        { "gsignal", "raise" },       { "__GI__exit", "_exit" },
        { "__GI_abort", "abort" },    { "__GI_exit", "exit" },
        { "__assert_fail", "assert" }
    };
    const char *call = result->leaving.call;
    const struct hb_stack *stack = hb_leaving_stack(result);
    const struct hb_stack_frame *caller = hb_leaving_caller(result);
    const char *symbol = NULL;

    if (strcmp(call, "exit_group") != 0 && strcmp(call, "tgkill") != 0) {
        return call;
    }
    if (caller != NULL && caller > stack->frames) {
        symbol = caller[-1].symbol;
    }
    for (size_t i = 0; symbol != NULL && i < sizeof(names) / sizeof(names[0]);
         i++) {
        if (strcmp(symbol, names[i][0]) == 0) {
            return names[i][1];
        }
    }
    return returned_from_main(result) ? "exit" : call;
}

/* "exit(0)", "kill(SIGKILL)", "quick_exit()" */
static void name_call(const struct hb_result *result, char target[CALL_SIZE])
{
    const struct hb_leaving *leaving = &result->leaving;
    const struct hb_exit signal = { .kind = HB_EXIT_SIGNAL,
                                    .value = leaving->value };
    const char *call = called_function(result);
    const char *name = hb_exit_name(signal);

    if (leaving->kind == HB_LEAVING_UNKNOWN) {
        (void)hb_text_format(target, CALL_SIZE, "%s()", call);
    } else if (leaving->kind == HB_LEAVING_SIGNAL && name != NULL) {
        (void)hb_text_format(target, CALL_SIZE, "%s(%s)", call, name);
    } else if (leaving->value > INT16_MAX) {
        (void)hb_text_format(target, CALL_SIZE, "%s(0x%" PRIx32 ")", call,
                             leaving->value);
    } else {
        (void)hb_text_format(target, CALL_SIZE, "%s(%" PRIu32 ")", call,
                             leaving->value);
    }
}

static void name_all(const struct hb_result *result, char *target, size_t size)
{
    const struct hb_stack_frame *frame = hb_leaving_caller(result);
    const char *after = result->cause == HB_CAUSE_EXIT_BEFORE_COMPLETION
                            ? " before the program said that it was done"
                            : "";
    char call[CALL_SIZE];
    char place[HB_PLACE_SIZE];

    name_call(result, call);
    if (frame != NULL) {
        hb_blame_place(result, frame, place);
        (void)hb_text_format(target, size, "%s called by %s%s", call, place,
                             after);
    } else if (returned_from_main(result)) {
        (void)hb_text_format(target, size, "%s: main() returned%s", call,
                             after);
    } else {
        (void)hb_text_format(target, size, "%s was called%s", call, after);
    }
}

void hb_leaving_explain(const struct hb_result *result, char *target,
                        size_t size)
{
    bool could_tell = !result->header->host.windows &&
                      result->header->policy.hold_exit != HB_HOLD_ON;

    target[0] = '\0';
    if (result->left_by_itself) {
        name_all(result, target, size);
    } else if (result->cause == HB_CAUSE_EXIT_BEFORE_COMPLETION) {
        (void)hb_text_format(
            target, size, "%s%s",
            result->exit_handlers_seen
                ? "exit() was called before the program said that it was done"
                : "the program never said that it was done",
            could_tell ? "; --hold-exit=on would name who made it end" : "");
    } else if (result->cause == HB_CAUSE_TERMINATED_BY_OTHER && could_tell) {
        (void)hb_text_copy(target, size,
                           "--hold-exit=on would tell whether it was itself");
    }
}
