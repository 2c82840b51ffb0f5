/*
 * setuidgid ACCOUNT PROGRAM: runs a program as an account. initgroups(3) is not in
 * POSIX.
 */
#define _DEFAULT_SOURCE
#include <errno.h>
#include <grp.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/sizes.h"
#include "server/command.h"
#include "server/companions/account.h"
#include "server/fatal.h"
#include "server/spawn.h"

extern char **environ;

struct config {
    int supplementary;
};

static const struct srv_option options[] = {
    SRV_OPTION_ROW(struct config, 's', NULL, VALUE, supplementary, 1, 0, UNSET, NULL,
                   NULL, "with the supplementary groups of ACCOUNT, not without any"),
};

static const struct srv_command this = {
    .name = "setuidgid",
    .usage = "setuidgid: usage: setuidgid account child\n",
    .summary = "setuidgid [-s] ACCOUNT PROGRAM [ARGUMENT...]\n"
               "Runs PROGRAM with user and group of ACCOUNT.\n",
    .options = options,
    .option_count = PN_COUNT_OF(options),
};

static int
become(const struct srv_account *account, bool supplementary)
{
    int groups = supplementary ? initgroups(account->name, account->gid)
                               : setgroups(1, &account->gid);

    if (groups < 0 || setgid(account->gid) < 0)
        return srv_fatal(this.name, "unable to setgid", NULL, errno);
    if (setuid(account->uid) < 0)
        return srv_fatal(this.name, "unable to setuid", NULL, errno);
    return 0;
}

int
main(int argc, char **argv)
{
    struct config config = { 0 };
    struct srv_account account;
    int status;
    char **command = srv_account_begin(&this, argc, argv, &config, &account, &status);

    if (command)
        status = become(&account, config.supplementary);
    if (!command || status)
        return status;
    srv_exec(command, environ, getenv("PATH"));
    return srv_fatal(this.name, "unable to run", command[0], errno);
}
