/* Accounts of the system, for envuidgid and setuidgid. */
#ifndef SRV_ACCOUNT_H
#define SRV_ACCOUNT_H

#include <sys/types.h>

struct srv_account {
    const char *name;
    uid_t uid;
    gid_t gid;
};

/* 0, or after a message the exit status: 111. */
int
srv_account_find(const char *program, const char *name, struct srv_account *out);

#endif
