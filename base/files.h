/*
 * All opening of files by name is here, so that a process can be confined to a folder.
 */
#ifndef PN_BASE_FILES_H
#define PN_BASE_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/str.h"

/*
 * Confines the process: from now on the functions below open, create and examine
 * nothing outside the folder. A path that leads out fails with EXDEV. As with
 * chroot(2), it concerns the whole process, so that no caller can forget it, and has to
 * be called before any thread starts. A second call replaces the folder. False with
 * errno set.
 */
bool
pn_files_confine(const char *folder);

/*
 * Confines the process to what lies in any of several folders, in the place of the one
 * before; with none to nothing at all. A folder that cannot be opened counts for
 * nothing, and what leads from one into another by a link leads out. For one thread
 * that opens files. False without memory: it is as it was.
 */
bool
pn_files_confine_to(const char *const *folders, size_t count);

/*
 * From now on this text stands for a file of this name, whether there is one or not:
 * for a process that was handed it. Before any thread starts. False with errno set:
 * EEXIST when another text has the name, EXDEV when it leads out of the root.
 */
bool
pn_files_overlay(const char *path, struct pn_str text);

/* Does a text stand for a file of this name? */
bool
pn_files_is_overlaid(const char *path);

/* From now on pn_files_open() opens nothing that could be written: EROFS. */
void
pn_files_forbid_writing(void);

/* The first folder as it was given; NULL when there is none. */
const char *
pn_files_root(void);

/*
 * open(2). Under a root, an absolute path must begin with it, as given or with links
 * resolved; a relative one is resolved from the working directory.
 */
int
pn_files_open(const char *path, int flags, mode_t mode);

/* stat(2): links are followed. */
bool
pn_files_stat(const char *path, struct stat *out);

/* realpath(3): an absolute path without links, to be freed; NULL with errno set. */
char *
pn_files_real(const char *path);

/*
 * Shortens the absolute path of a folder to its repository: the nearest folder at or
 * above it that contains a .git. Without one the path is unchanged.
 */
void
pn_files_repository(char *folder);

/* Does this errno mean that a name leads out of the root? */
bool
pn_files_is_outside(int error);

/* The text for such an error, and for a folder in the place of a file; strerror(3) for
 * any other. */
const char *
pn_files_error(int error);

/*
 * Is an open file one of /proc or /sys, by whatever name? Such a file is no rule file,
 * and its content may be confidential.
 */
bool
pn_files_is_of_kernel(int fd);

#endif
