/* getpwnam(3), with the words of the originals. */
#include "server/account.h"

#include <errno.h>
#include <pwd.h>

#include "server/fatal.h"

int
srv_account_find(const char *program, const char *name, struct srv_account *out)
{
    const struct passwd *entry;

    errno = 0;
    entry = getpwnam(name);
    if (!entry && errno && errno != ENOENT)
        return srv_fatal(program, "unable to look up account", name, errno);
    if (!entry)
        return srv_fatal(program, "unknown account", name, 0);
    *out = (struct srv_account){ name, entry->pw_uid, entry->pw_gid };
    return 0;
}
