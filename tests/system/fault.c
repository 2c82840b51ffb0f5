/*
 * Preloaded into a program: makes one of its system calls fail, end short, or be its
 * last. FAULT_CALL names the call ("any" for all), FAULT_AT counts from 1, FAULT_HOW is
 * an errno number, "short", or "kill". With FAULT_ON all later calls fail too.
 * FAULT_MARK is a file that is created when it happens.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

enum how { PASS, FAIL, SHORT };

static long calls;

static void
mark(void)
{
    const char *path = getenv("FAULT_MARK");

    if (path)
        close((int)syscall(SYS_openat, AT_FDCWD, path, O_CREAT | O_WRONLY, 0600));
}

static enum how
fault(const char *call)
{
    const char *name = getenv("FAULT_CALL"), *at = getenv("FAULT_AT");
    const char *how = getenv("FAULT_HOW");
    long number;

    if (!name || !at || !how || (strcmp(name, "any") != 0 && strcmp(name, call) != 0))
        return PASS;
    number = atol(at);
    calls++;
    if (getenv("FAULT_ON") ? calls < number : calls != number)
        return PASS;
    mark();
    if (strcmp(how, "kill") == 0)
        raise(SIGKILL);
    if (strcmp(how, "short") == 0)
        return SHORT;
    errno = atoi(how);
    return FAIL;
}

#define REAL(type, name, ...) ((type(*)(__VA_ARGS__))(uintptr_t)dlsym(RTLD_NEXT, name))

ssize_t
write(int fd, const void *bytes, size_t size)
{
    enum how how = fault("write");

    if (how == FAIL)
        return -1;
    if (how == SHORT && size > 1)
        size /= 2;
    return syscall(SYS_write, fd, bytes, size);
}

ssize_t
read(int fd, void *bytes, size_t size)
{
    enum how how = fault("read");

    if (how == FAIL)
        return -1;
    if (how == SHORT && size > 1)
        size = 1;
    return syscall(SYS_read, fd, bytes, size);
}

ssize_t
pread64(int fd, void *bytes, size_t size, off_t offset)
{
    enum how how = fault("pread");

    if (how == FAIL)
        return -1;
    if (how == SHORT && size > 1)
        size = 1;
    return syscall(SYS_pread64, fd, bytes, size, offset);
}

static int
open_any(int folder, const char *path, int flags, mode_t mode)
{
    if (fault("open") == FAIL)
        return -1;
    return (int)syscall(SYS_openat, folder, path, flags, mode);
}

int
open64(const char *path, int flags, ...)
{
    va_list args;
    mode_t mode;

    va_start(args, flags);
    mode = flags & O_CREAT ? va_arg(args, mode_t) : 0;
    va_end(args);
    return open_any(AT_FDCWD, path, flags, mode);
}

int
openat64(int folder, const char *path, int flags, ...)
{
    va_list args;
    mode_t mode;

    va_start(args, flags);
    mode = flags & O_CREAT ? va_arg(args, mode_t) : 0;
    va_end(args);
    return open_any(folder, path, flags, mode);
}

int
fsync(int fd)
{
    return fault("fsync") == FAIL ? -1 : (int)syscall(SYS_fsync, fd);
}

int
rename(const char *from, const char *to)
{
    return fault("rename") == FAIL ? -1 : (int)syscall(SYS_rename, from, to);
}

int
renameat(int from_folder, const char *from, int to_folder, const char *to)
{
    return fault("rename") == FAIL
               ? -1
               : (int)syscall(SYS_renameat, from_folder, from, to_folder, to);
}

int
renameat2(int from_folder, const char *from, int to_folder, const char *to,
          unsigned flags)
{
    return fault("rename") == FAIL
               ? -1
               : (int)syscall(SYS_renameat2, from_folder, from, to_folder, to, flags);
}

int
ftruncate64(int fd, off_t size)
{
    return fault("ftruncate") == FAIL ? -1 : (int)syscall(SYS_ftruncate, fd, size);
}

int
flock(int fd, int operation)
{
    return fault("flock") == FAIL ? -1 : (int)syscall(SYS_flock, fd, operation);
}

off_t
lseek64(int fd, off_t offset, int whence)
{
    return fault("lseek") == FAIL ? -1 : syscall(SYS_lseek, fd, offset, whence);
}

off_t
lseek(int fd, off_t offset, int whence)
{
    return lseek64(fd, offset, whence);
}

int
fchmod(int fd, mode_t mode)
{
    return fault("fchmod") == FAIL ? -1 : (int)syscall(SYS_fchmod, fd, mode);
}

int
fstat64(int fd, struct stat64 *out)
{
    if (fault("fstat") == FAIL)
        return -1;
    return REAL(int, "fstat64", int, struct stat64 *)(fd, out);
}

int
stat64(const char *path, struct stat64 *out)
{
    if (fault("stat") == FAIL)
        return -1;
    return REAL(int, "stat64", const char *, struct stat64 *)(path, out);
}

void *
mmap64(void *address, size_t size, int protection, int flags, int fd, off_t offset)
{
    if (fault("mmap") == FAIL)
        return MAP_FAILED;
    return (void *)syscall(SYS_mmap, address, size, protection, flags, fd, offset);
}

int
memfd_create(const char *name, unsigned flags)
{
    return fault("memfd_create") == FAIL ? -1
                                         : (int)syscall(SYS_memfd_create, name, flags);
}

int
close(int fd)
{
    /* a close never fails here: fsync has reported the error before */
    (void)fault("close");
    return (int)syscall(SYS_close, fd);
}
