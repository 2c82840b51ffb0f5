/* What git knows: texts as they were, and its lists of commits. */
#ifndef PN_TOOLS_INPUT_GIT_H
#define PN_TOOLS_INPUT_GIT_H

#include "base/buffer.h"
#include "compiler/unit.h"

enum { PN_GIT_SAID_SIZE = 256, PN_GIT_PATH_MOST = 65536 };

/*
 * Runs git with these words (the first is "git", the last NULL), with no pager, hook,
 * monitor, network or program that its repository names, and takes what it
 * writes, at most `limit` bytes. `said` gets the first line of its standard error, as
 * much as fits. Its exit status; -1 with errno set when it could not be run or read,
 * EFBIG when it wrote too much, EXDEV when its repository leads out of the root
 * (base/files.h).
 */
int
pn_git_run(const char *const words[], size_t limit, struct pn_buffer *out,
           char said[PN_GIT_SAID_SIZE]);

/* From now on git is not run by this process: pn_git_run() fails with EPERM. */
void
pn_git_forbid(void);

/*
 * Is a name "REV:FILE"? A name that exists as a file is none, nor is one that begins as
 * no name of a commit can.
 */
bool
pn_git_is_revision(const char *name);

/* What of a name is a path: behind "REV:", if it has that. */
const char *
pn_git_path(const char *name);

/* And of that what stands behind its folders. */
const char *
pn_git_base(const char *name);

/*
 * Is it both: a file is there, and its REV a commit? A change that is judged could
 * bring the file in the place of what it is held to, so that is an error wherever
 * either may be named: PN_GIT_BOTH.
 */
bool
pn_git_is_both(const char *name);

#define PN_GIT_BOTH                                                        \
    "a file has this name, and git a commit that it begins with; with ./ " \
    "before it, it is the file"

/* A "REV:FILE", or "REV:"; and what git said when it could not be read. */
struct pn_git_revision {
    const char *name;
    char said[PN_GIT_SAID_SIZE];
    struct pn_buffer
        strays; /* paths that were taken as they are now, each with a NUL */
};

/*
 * A pn_read_fn: the payload is a struct pn_git_revision, and relative paths are read
 * from the commit it names. Paths that begin with / are files.
 */
bool
pn_git_read(void *payload, const char *path, size_t limit, struct pn_source *out);

/*
 * The same for what the file of the commit names. A list that is fetched by cron is
 * ignored by git: what the commit lacks and git does not follow is taken as it is now,
 * and noted in `strays`.
 */
bool
pn_git_read_named(void *payload, const char *path, size_t limit, struct pn_source *out);

/*
 * Where a REV:FILE would be in the working tree: its path, and a NUL. False with errno
 * set, ENOENT outside of one.
 */
bool
pn_git_here(const char *name, struct pn_buffer *out);

/* And a pn_identify_fn: in a commit a file is where it stands, by its tidy path. */
bool
pn_git_identify(void *payload, const char *path, struct pn_buffer *out);

#endif
