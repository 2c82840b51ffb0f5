/* Dropping the privileges that binding needed. */
#ifndef SRV_PRIVILEGES_H
#define SRV_PRIVILEGES_H

#include <stddef.h>
#include <sys/types.h>

/*
 * Becomes group `gid`, without any other, then user `uid`; 0 leaves either as it is.
 * NULL, or with errno set what could not be done: "unable to set gid".
 */
const char *
srv_privileges_drop(uid_t uid, gid_t gid);

#endif
