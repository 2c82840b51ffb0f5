/* setgroups(2) is not POSIX's. */
#define _DEFAULT_SOURCE
#include "server/privileges.h"

#include <grp.h>
#include <unistd.h>

const char *
srv_privileges_drop(uid_t uid, gid_t gid)
{
    if (gid && (setgroups(1, &gid) < 0 || setgid(gid) < 0))
        return "unable to set gid";
    if (uid && setuid(uid) < 0)
        return "unable to set uid";
    return NULL;
}
