/* Accounts of the system, for envuidgid and setuidgid. */
#ifndef SRV_COMPANIONS_ACCOUNT_H
#define SRV_COMPANIONS_ACCOUNT_H

#include <sys/types.h>

#include "server/command.h"

struct srv_account {
    const char *name;
    uid_t uid;
    gid_t gid;
};

/*
 * Reads "ACCOUNT PROGRAM ...", after the options, and looks the account up. *status is
 * the exit status when it returns NULL, after a message; else the program's words.
 */
char **
srv_account_begin(const struct srv_command *program, int argc, char **argv,
                  void *config, struct srv_account *out, int *status);

#endif
