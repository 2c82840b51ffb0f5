/* Opening a descriptor a second time is Linux's way, through /proc. */
#include "server/reopen.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

int
srv_reopen_pipe(int fd)
{
    char path[32];
    struct stat st;

    if (fstat(fd, &st) < 0 || !S_ISFIFO(st.st_mode))
        return -1;
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd); /* any number fits */
    return open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
}
