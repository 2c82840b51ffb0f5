/* Holding the places of closed standard descriptors. */
#include "base/descriptors.h"

#include <fcntl.h>
#include <unistd.h>

bool
pn_standard_descriptors(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) >= 0)
            continue;
        /* the lowest closed one is what open(2) takes: all below are open by now */
        if (open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
            return false;
    }
    return true;
}
