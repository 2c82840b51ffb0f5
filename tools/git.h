/* What git knows: texts as they were, and its lists of commits. */
#ifndef PN_TOOLS_GIT_H
#define PN_TOOLS_GIT_H

#include "base/buffer.h"
#include "compiler/unit.h"

/*
 * Runs git with these words (the first is "git", the last NULL) and takes what it
 * writes. `out` and `err` get its standard output and error; at most `limit` bytes of
 * each. Its exit status; -1 with errno set when it could not be run or read, EFBIG when
 * it wrote too much.
 */
int
pn_git_run(const char *const words[], size_t limit, struct pn_buffer *out,
           struct pn_buffer *err);

/* Is a name "REV:FILE"? A file of that very name comes first. */
bool
pn_git_is_revision(const char *name);

/* A "REV:FILE", or "REV:". */
struct pn_git_revision {
    const char *name;
};

/*
 * A pn_read_fn: the payload is a struct pn_git_revision, and relative paths are read
 * from the commit it names. Paths that begin with / are files.
 */
bool
pn_git_read(void *payload, const char *path, size_t limit, struct pn_source *out);

#endif
