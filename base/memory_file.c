/* memfd_create(2), which is Linux's. */
#define _GNU_SOURCE
#include "base/memory_file.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/output.h"

int
pn_memory_file(void)
{
    return memfd_create("postern", MFD_CLOEXEC);
}

int
pn_memory_file_of(struct pn_str text)
{
    int fd = pn_memory_file();

    if (fd >= 0 &&
        (!pn_write_all(fd, text.ptr, text.len) || lseek(fd, 0, SEEK_SET) < 0)) {
        int saved_errno = errno;

        close(fd);
        errno = saved_errno;
        return -1;
    }
    return fd;
}
