/*
 * Preloaded into a server: /etc/resolv.conf is the file that ELSEWHERE names, so that a
 * test can change it without a mount.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char *
place(const char *path)
{
    const char *elsewhere = getenv("ELSEWHERE");

    return elsewhere && strcmp(path, "/etc/resolv.conf") == 0 ? elsewhere : path;
}

FILE *
fopen(const char *path, const char *mode)
{
    FILE *(*real)(const char *, const char *) = dlsym(RTLD_NEXT, "fopen");

    return real(place(path), mode);
}

FILE *
fopen64(const char *path, const char *mode)
{
    return fopen(path, mode);
}

int
stat(const char *path, struct stat *out)
{
    int (*real)(const char *, struct stat *) = dlsym(RTLD_NEXT, "stat");

    return real(place(path), out);
}

int
stat64(const char *path, struct stat64 *out)
{
    int (*real)(const char *, struct stat64 *) = dlsym(RTLD_NEXT, "stat64");

    return real(place(path), out);
}
