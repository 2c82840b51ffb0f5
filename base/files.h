/* Opening files by name, all of them here: so that a process can be kept in a folder.
 */
#ifndef PN_BASE_FILES_H
#define PN_BASE_FILES_H

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

/*
 * From now on nothing is opened, made or looked at by this process that does not lie
 * beneath the folder: what leads out fails with EXDEV, and the functions below say so.
 * Like chroot(2) it is of the whole process, so that nobody can forget to pass it on,
 * and like that it comes before any thread. Once for one folder; a second one replaces
 * it. False with errno set.
 */
bool
pn_files_confine(const char *folder);

/* The folder as it was given, or NULL: nothing is confined. */
const char *
pn_files_root(void);

/*
 * open(2). Under a root a path is taken that begins with it, as it was given or as it
 * is without links, and a relative one as if it stood behind the folder that we are in.
 */
int
pn_files_open(const char *path, int flags, mode_t mode);

/* stat(2): links are followed. */
bool
pn_files_stat(const char *path, struct stat *out);

/* realpath(3): a whole path without links; to be freed, NULL with errno set. */
char *
pn_files_real(const char *path);

/*
 * Cuts a whole path of a folder down to the nearest at or above it that has a .git in
 * it: its repository. The path stays as it is when there is none.
 */
void
pn_files_repository(char *folder);

/* Was a name refused because it leads out of the root? `error` is what errno was. */
bool
pn_files_is_outside(int error);

/* Why it was refused, strerror(3) else. */
const char *
pn_files_error(int error);

/*
 * Is what is open a file that the kernel makes up: of /proc or /sys, by whatever name?
 * It is no rule file, and may hold what nobody meant to show.
 */
bool
pn_files_is_of_kernel(int fd);

#endif
