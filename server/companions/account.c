/* getpwnam(3), with the words of the originals. */
#include "server/companions/account.h"

#include <errno.h>
#include <pwd.h>

#include "server/fatal.h"

static int
find(const char *program, const char *name, struct srv_account *out)
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

char **
srv_account_begin(const struct srv_command *program, int argc, char **argv,
                  void *config, struct srv_account *out, int *status)
{
    int at = srv_options_parse(program, argc, argv, config);

    if (at <= 0) {
        *status = at < 0 ? SRV_EXIT_PERMANENT : 0;
        return NULL;
    }
    *status = argc - at < 2 ? srv_usage(program) : find(program->name, argv[at], out);
    return *status ? NULL : argv + at + 1;
}
