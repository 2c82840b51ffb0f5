/* envuidgid ACCOUNT PROGRAM: UID and GID of an account, in the environment. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "server/command.h"
#include "server/companions/account.h"
#include "server/fatal.h"
#include "server/spawn.h"

extern char **environ;

static const struct srv_command this = {
    .name = "envuidgid",
    .usage = "envuidgid: usage: envuidgid account child\n",
    .summary = "envuidgid ACCOUNT PROGRAM [ARGUMENT...]\n"
               "Runs PROGRAM with UID and GID set to those of ACCOUNT.\n",
};

static bool
set_number(const char *name, unsigned long number)
{
    char text[24];

    snprintf(text, sizeof(text), "%lu", number); /* any of them fits */
    return setenv(name, text, 1) == 0;
}

int
main(int argc, char **argv)
{
    struct srv_account account;
    int status;
    char **command = srv_account_begin(&this, argc, argv, NULL, &account, &status);

    if (!command)
        return status;
    if (!set_number("GID", account.gid) || !set_number("UID", account.uid))
        return srv_fatal(this.name, "out of memory", NULL, 0);
    srv_exec(command, environ, getenv("PATH"));
    return srv_fatal(this.name, "unable to run", command[0], errno);
}
