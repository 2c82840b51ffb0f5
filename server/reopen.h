/* Non-blocking writes to a pipe that is shared with processes that expect to block. */
#ifndef SRV_REOPEN_H
#define SRV_REOPEN_H

/*
 * Opens the pipe that `fd` writes to a second time: non-blocking, close-on-exec. `fd`
 * itself is not changed. -1 when it is no pipe, or /proc is not there.
 */
int
srv_reopen_pipe(int fd);

#endif
