/* What blame asks git for: commits, files as they were, where they came from. */
#ifndef PN_TOOLS_BLAME_GIT_H
#define PN_TOOLS_BLAME_GIT_H

#include "base/buffer.h"
#include "base/intern.h"
#include "compiler/unit.h"
#include "tools/tool.h"

/* Paths are those in the repository, from its top. */
struct pn_blame_git {
    struct pn_tool *tool;
    int status;              /* enum pn_exit: what went wrong was reported */
    struct pn_buffer top;    /* of the working tree, with a NUL; empty for none */
    struct pn_buffer prefix; /* of the working directory in it, with a NUL */
    struct pn_intern paths;  /* that were read */
    struct pn_intern cut;    /* commits whose parents are not here */
    struct pn_intern
        strays;             /* files that are in no commit, and were read as they are */
    struct pn_intern asked; /* "PARENT COMMIT PATH", by their numbers in `sources` */
    uint32_t *sources;      /* paths: the one that was asked for when it has no other */
    size_t source_capacity;
    const char *commit; /* the one that is read, by pn_blame_git_read(), */
    bool is_root;       /* and whether the file that was asked for is */
};

/* False when there is no repository; pn_blame_git_clear() in any case. */
bool
pn_blame_git_begin(struct pn_blame_git *git, struct pn_tool *tool);

void
pn_blame_git_clear(struct pn_blame_git *git);

/* The path of a file that is named in the working directory. */
bool
pn_blame_git_path(struct pn_blame_git *git, const char *file, uint32_t *out);

/* Runs git, and puts a NUL behind its output. False when it fails, which is reported.
 */
bool
pn_blame_git_run(struct pn_blame_git *git, const char *const words[],
                 struct pn_buffer *out);

/* The commits that touch any of the paths, one a line, each with its parents among
 * them; later ones first. */
bool
pn_blame_git_list(struct pn_blame_git *git, struct pn_buffer *out);

/*
 * A pn_read_fn: reads from git->commit, and remembers the path. What no commit ever had
 * is read as it is now.
 */
bool
pn_blame_git_read(void *payload, const char *path, size_t limit, struct pn_source *out);

/*
 * Where a file of a commit came from, that its parent does not have: what was renamed
 * or copied, else the path itself. `parent` NULL: its first parent, if there is one.
 */
bool
pn_blame_git_source(struct pn_blame_git *git, const char *parent, const char *commit,
                    uint32_t path, uint32_t *out);

#endif
