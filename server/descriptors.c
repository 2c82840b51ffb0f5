/* close_range(2), of which old libraries know nothing. */
#define _GNU_SOURCE
#include "server/descriptors.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

void
srv_descriptors_close_others(int one, int two)
{
    int low = one < two ? one : two, high = one < two ? two : one;

    if (low > 3)
        (void)syscall(SYS_close_range, 3U, (unsigned)low - 1, 0);
    if (high > low + 1)
        (void)syscall(SYS_close_range, (unsigned)low + 1, (unsigned)high - 1, 0);
    (void)syscall(SYS_close_range, (unsigned)high + 1, ~0U, 0);
}

void
srv_descriptors_close_standard(void)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);

    for (int fd = 0; fd < 3 && null >= 0; fd++)
        (void)dup2(null, fd);
    if (null > 2)
        close(null);
}
