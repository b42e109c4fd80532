#include "os/windows/private.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <sddl.h>

/* Room for a list of three entries with the longest identifiers. */
#define LIST_SIZE 512

static struct {
    bool ready;
    SECURITY_ATTRIBUTES attributes;
    SECURITY_DESCRIPTOR descriptor;
    union {
        ACL acl;
        unsigned char bytes[LIST_SIZE];
    } list;
} shared;

/* A token of user and identifier; aligned for both. */
union user_buffer {
    TOKEN_USER user;
    unsigned char bytes[sizeof(TOKEN_USER) + SECURITY_MAX_SID_SIZE];
};

static bool read_user(union user_buffer *out_user)
{
    HANDLE token = NULL;
    DWORD size = 0;

    if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token)) {
        return false;
    }
    BOOL ok = GetTokenInformation(token, TokenUser, out_user, sizeof(*out_user),
                                  &size);
    (void)CloseHandle(token);
    return ok != FALSE;
}

static bool allow(ACL *acl, SID *sid)
{
    return AddAccessAllowedAceEx(acl, ACL_REVISION,
                                 OBJECT_INHERIT_ACE | CONTAINER_INHERIT_ACE,
                                 GENERIC_ALL, sid) != FALSE;
}

static bool allow_known(ACL *acl, WELL_KNOWN_SID_TYPE which)
{
    union {
        SID sid;
        unsigned char bytes[SECURITY_MAX_SID_SIZE];
    } known;
    DWORD size = sizeof(known);

    return CreateWellKnownSid(which, NULL, &known, &size) &&
           allow(acl, &known.sid);
}

static bool make_attributes(void)
{
    union user_buffer user;
    SECURITY_DESCRIPTOR *descriptor = &shared.descriptor;
    ACL *acl = &shared.list.acl;

    if (!read_user(&user) ||
        !InitializeSecurityDescriptor(descriptor,
                                      SECURITY_DESCRIPTOR_REVISION) ||
        !InitializeAcl(acl, LIST_SIZE, ACL_REVISION) ||
        !allow(acl, user.user.User.Sid) ||
        !allow_known(acl, WinLocalSystemSid) ||
        !allow_known(acl, WinBuiltinAdministratorsSid) ||
        !SetSecurityDescriptorDacl(descriptor, TRUE, acl, FALSE) ||
        !SetSecurityDescriptorControl(descriptor, SE_DACL_PROTECTED,
                                      SE_DACL_PROTECTED)) {
        return false;
    }
    shared.attributes.nLength = sizeof(shared.attributes);
    shared.attributes.lpSecurityDescriptor = descriptor;
    shared.attributes.bInheritHandle = FALSE;
    return true;
}

SECURITY_ATTRIBUTES *hb_private_attributes(void)
{
    if (!shared.ready) {
        shared.ready = make_attributes();
    }
    return shared.ready ? &shared.attributes : NULL;
}

bool hb_private_user(wchar_t text[HB_PRIVATE_USER_MAX])
{
    union user_buffer user;
    wchar_t *found = NULL;

    if (!read_user(&user) ||
        !ConvertSidToStringSidW(user.user.User.Sid, &found)) {
        return false;
    }
    int length = _snwprintf(text, HB_PRIVATE_USER_MAX, L"%ls", found);

    (void)LocalFree(found);
    return length > 0 && length < HB_PRIVATE_USER_MAX;
}
