/*
 * Preloaded into a server: while the file SHORTAGE names exists, the call that is its
 * first word ("accept4", "clone", "malloc") fails with the errno that is its second. So
 * a test can make something short, and end that, while the server runs.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

void *
__libc_malloc(size_t size);
void *
__libc_calloc(size_t count, size_t size);
void *
__libc_realloc(void *old, size_t size);

/* No library call that could come back here. */
static bool
is_short(const char *call)
{
    const char *path = getenv("SHORTAGE");
    char text[64] = "";
    size_t len = strlen(call);
    long fd, got;

    if (!path)
        return false;
    fd = syscall(SYS_openat, AT_FDCWD, path, O_RDONLY);
    if (fd < 0)
        return false;
    got = syscall(SYS_read, (int)fd, text, sizeof(text) - 1);
    syscall(SYS_close, (int)fd);
    if (got <= 0 || strncmp(text, call, len) != 0 || text[len] != ' ')
        return false;
    errno = atoi(text + len);
    return true;
}

int
accept4(int fd, struct sockaddr *address, socklen_t *size, int flags)
{
    if (is_short("accept4"))
        return -1;
    return (int)syscall(SYS_accept4, fd, address, size, flags);
}

int
clone(int (*function)(void *), void *stack, int flags, void *argument, ...)
{
    typedef int clone_fn(int (*)(void *), void *, int, void *, ...);
    clone_fn *real = (clone_fn *)(uintptr_t)dlsym(RTLD_NEXT, "clone");

    return is_short("clone") ? -1 : real(function, stack, flags, argument);
}

void *
malloc(size_t size)
{
    return is_short("malloc") ? NULL : __libc_malloc(size);
}

void *
calloc(size_t count, size_t size)
{
    return is_short("malloc") ? NULL : __libc_calloc(count, size);
}

void *
realloc(void *old, size_t size)
{
    return is_short("malloc") ? NULL : __libc_realloc(old, size);
}
