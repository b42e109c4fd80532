#include "os/windows/tree.h"

#include <stdlib.h>
#include <string.h>

#include "os/clock.h"
#include "os/windows/member.h"

/* The status of what we end ourselves (HB_OWN_KILL_STATUS of core/status.h):
 * closing the job would give 0, which looks like success. */
#define KILL_STATUS 0xC0DE0137u

/* How long a new process may take to get a name and a thread. On Windows it has
 * both from birth, under Wine some milliseconds later. */
#define SETTLE_MS 500

static bool limit_job(HANDLE job, DWORD flags)
{
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = { .BasicLimitInformation = {
                                                        .LimitFlags = flags } };

    return SetInformationJobObject(job, JobObjectExtendedLimitInformation,
                                   &limits, sizeof(limits)) != FALSE;
}

/* The port must be there before the first process, or its message is lost. */
static bool listen_to_job(HANDLE job, HANDLE port, ULONG_PTR key)
{
    JOBOBJECT_ASSOCIATE_COMPLETION_PORT ear = { (void *)key, port };

    return SetInformationJobObject(job,
                                   JobObjectAssociateCompletionPortInformation,
                                   &ear, sizeof(ear)) != FALSE;
}

bool hb_tree_open(struct hb_tree *tree, HANDLE port, ULONG_PTR job_key,
                  ULONG_PTR end_key)
{
    tree->members = calloc(HB_TREE_ROOM, sizeof(*tree->members));
    if (tree->members == NULL) {
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
        return false;
    }
    tree->port = port;
    tree->key = end_key;
    tree->high = 1;
    tree->job = CreateJobObjectW(NULL, NULL);
    return tree->job != NULL &&
           limit_job(tree->job, JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE) &&
           listen_to_job(tree->job, port, job_key);
}

bool hb_tree_add_first(struct hb_tree *tree, uint32_t pid, HANDLE handle)
{
    struct hb_member *first = &tree->members[0];

    *first = (struct hb_member){ .pid = pid,
                                 .handle = handle,
                                 .port = tree->port,
                                 .key = tree->key,
                                 .told = true };
    (void)hb_member_describe(first);
    return hb_member_watch(first);
}

static struct hb_member *find(struct hb_tree *tree, uint32_t pid)
{
    for (size_t i = 0; i < tree->high; i++) {
        if (tree->members[i].pid == pid) {
            return &tree->members[i];
        }
    }
    return NULL;
}

static struct hb_member *free_place(struct hb_tree *tree)
{
    for (size_t i = 1; i < tree->high; i++) {
        if (tree->members[i].pid == 0) {
            return &tree->members[i];
        }
    }
    return tree->high < HB_TREE_ROOM ? &tree->members[tree->high++] : NULL;
}

/* On Windows the limited right is enough for all that we ask, and the other one
 * includes it; Wine wants both. */
static HANDLE open_process(uint32_t pid)
{
    DWORD limited = PROCESS_QUERY_LIMITED_INFORMATION | SYNCHRONIZE;
    HANDLE handle =
        OpenProcess(limited | PROCESS_QUERY_INFORMATION, FALSE, pid);

    if (handle == NULL && GetLastError() == ERROR_ACCESS_DENIED) {
        handle = OpenProcess(limited, FALSE, pid);
    }
    return handle;
}

/* An id in a message may already belong to somebody else; who is in the job is
 * ours. */
static HANDLE open_member(const struct hb_tree *tree, uint32_t pid,
                          bool *out_gone)
{
    HANDLE handle = open_process(pid);
    BOOL inside = TRUE;

    *out_gone = handle == NULL && GetLastError() != ERROR_ACCESS_DENIED;
    if (handle != NULL && IsProcessInJob(handle, tree->job, &inside) &&
        !inside) {
        (void)CloseHandle(handle);
        *out_gone = true;
        return NULL;
    }
    return handle;
}

static void add(struct hb_tree *tree, uint32_t pid)
{
    struct hb_member *member = find(tree, pid);

    if (member != NULL) {
        return;
    }
    member = free_place(tree);
    if (member == NULL) {
        return; /* the job holds it all the same */
    }
    bool gone = false;
    HANDLE handle = open_member(tree, pid, &gone);
    *member = (struct hb_member){ .pid = pid,
                                  .handle = handle,
                                  .port = tree->port,
                                  .key = tree->key,
                                  .ended = gone,
                                  .about = { .pid = pid } };
    if (handle != NULL) {
        member->nameless = !hb_member_describe(member);
        member->settle_ms = hb_clock_ms() + SETTLE_MS;
        (void)hb_member_watch(member); /* else the job tells */
    }
}

/* 7 and 8 mean the same: which of the two comes for which status is written
 * nowhere. A member that has a handle says it better itself. */
void hb_tree_message(struct hb_tree *tree, DWORD message, uint32_t pid)
{
    if (message == JOB_OBJECT_MSG_NEW_PROCESS) {
        add(tree, pid);
    } else if (message == JOB_OBJECT_MSG_EXIT_PROCESS ||
               message == JOB_OBJECT_MSG_ABNORMAL_EXIT_PROCESS) {
        struct hb_member *member = find(tree, pid);

        if (member != NULL && member->wait == NULL) {
            member->ended = true;
        }
    }
}

void hb_tree_ended(struct hb_tree *tree, struct hb_member *member)
{
    if (member->pid == 0 || member->ended || member->handle == NULL) {
        return;
    }
    if (!hb_member_has_ended(member) && hb_clock_ms() < member->settle_ms) {
        member->doubtful = true;
        return;
    }
    /* Only now: before the end the status reads 259, which is also a status
     * that a program may choose. */
    member->ended = true;
    member->has_status =
        GetExitCodeProcess(member->handle, &member->status) != FALSE;
    if (member != &tree->members[0]) {
        hb_member_time(member, &tree->ended_user, &tree->ended_kernel);
        hb_member_close(member);
    }
}

/* Room for the list of a job with many processes. */
struct pid_list {
    JOBOBJECT_BASIC_PROCESS_ID_LIST head;
    ULONG_PTR more[HB_TREE_ROOM];
};

void hb_tree_refresh(struct hb_tree *tree)
{
    static struct pid_list list;

    memset(&list.head, 0, sizeof(list.head));
    /* Beyond the room this fails, with what fits filled in. */
    if (!QueryInformationJobObject(tree->job, JobObjectBasicProcessIdList,
                                   &list, sizeof(list), NULL) &&
        GetLastError() != ERROR_MORE_DATA) {
        return;
    }
    for (DWORD i = 0; i < list.head.NumberOfProcessIdsInList; i++) {
        add(tree, (uint32_t)list.head.ProcessIdList[i]);
    }
}

static void settle(struct hb_tree *tree, struct hb_member *member)
{
    if (hb_clock_ms() >= member->settle_ms) {
        member->nameless = false;
    }
    if (member->nameless) {
        member->nameless = !hb_member_describe(member);
    }
    if (member->doubtful) {
        member->doubtful = false;
        if (WaitForSingleObject(member->handle, 0) == WAIT_OBJECT_0) {
            hb_tree_ended(tree, member);
        } else {
            (void)hb_member_watch(member); /* it has begun */
        }
    }
}

bool hb_tree_settle(struct hb_tree *tree)
{
    bool some = false;

    for (size_t i = 0; i < tree->high; i++) {
        struct hb_member *member = &tree->members[i];

        if (member->pid == 0 || member->ended || member->handle == NULL ||
            !(member->nameless || member->doubtful)) {
            continue;
        }
        settle(tree, member);
        some = true;
    }
    return some;
}

void hb_tree_forget(struct hb_tree *tree, struct hb_member *member)
{
    hb_member_close(member);
    if (member != &tree->members[0]) {
        *member = (struct hb_member){ 0 };
    }
}

bool hb_member_is_alive(const struct hb_member *member)
{
    return member->pid != 0 && !member->ended &&
           (member->handle == NULL || !hb_member_has_ended(member));
}

uint64_t hb_tree_time(const struct hb_tree *tree, uint64_t *out_user,
                      uint64_t *out_kernel)
{
    uint64_t user = tree->ended_user;
    uint64_t kernel = tree->ended_kernel;
    JOBOBJECT_BASIC_ACCOUNTING_INFORMATION job = { 0 };

    for (size_t i = 0; i < tree->high; i++) {
        if (tree->members[i].handle != NULL) {
            hb_member_time(&tree->members[i], &user, &kernel);
        }
    }
    /* The job also knows those that came and went unseen; Wine's is empty. */
    if (QueryInformationJobObject(tree->job,
                                  JobObjectBasicAccountingInformation, &job,
                                  sizeof(job), NULL) &&
        (uint64_t)(job.TotalUserTime.QuadPart + job.TotalKernelTime.QuadPart) >
            user + kernel) {
        user = (uint64_t)job.TotalUserTime.QuadPart;
        kernel = (uint64_t)job.TotalKernelTime.QuadPart;
    }
    *out_user = user;
    *out_kernel = kernel;
    return user + kernel;
}

static struct hb_member *any_alive(const struct hb_tree *tree)
{
    for (size_t i = 0; i < tree->high; i++) {
        if (hb_member_is_alive(&tree->members[i])) {
            return &tree->members[i];
        }
    }
    return NULL;
}

bool hb_tree_is_empty(const struct hb_tree *tree)
{
    JOBOBJECT_BASIC_ACCOUNTING_INFORMATION job = { 0 };

    (void)QueryInformationJobObject(tree->job,
                                    JobObjectBasicAccountingInformation, &job,
                                    sizeof(job), NULL);
    return job.ActiveProcesses == 0 && any_alive(tree) == NULL;
}

void hb_tree_terminate(struct hb_tree *tree, DWORD limit_ms)
{
    (void)TerminateJobObject(tree->job, KILL_STATUS);
    struct hb_member *member = any_alive(tree);

    if (member != NULL && member->handle != NULL && !member->doubtful) {
        (void)WaitForSingleObject(member->handle, limit_ms);
    } else if (!hb_tree_is_empty(tree)) {
        /* No handle that could tell: nothing to wait for but a moment. */
        (void)SleepEx(1, FALSE);
    }
}

void hb_tree_release(struct hb_tree *tree)
{
    (void)limit_job(tree->job, 0);
}

void hb_tree_close(struct hb_tree *tree)
{
    for (size_t i = 0; tree->members != NULL && i < tree->high; i++) {
        hb_member_close(&tree->members[i]);
    }
    if (tree->job != NULL) {
        (void)CloseHandle(tree->job);
        tree->job = NULL;
    }
    free(tree->members);
    tree->members = NULL;
}
