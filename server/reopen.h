/* Writing to a pipe without waiting, when it is shared with those who mean to wait. */
#ifndef SRV_REOPEN_H
#define SRV_REOPEN_H

/*
 * A descriptor of our own on the pipe that `fd` writes to: not blocking, close-on-exec,
 * while `fd` stays as it is. -1 when it is no pipe, or the system does not let us.
 */
int
srv_reopen_pipe(int fd);

#endif
