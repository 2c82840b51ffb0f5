/*
 * Files that were parsed for a policy that is gone, for whoever parses policies again
 * and again: what reads as before has the tree that it had.
 */
#ifndef PN_COMPILER_KEPT_FILES_H
#define PN_COMPILER_KEPT_FILES_H

#include "base/arena.h"
#include "base/source.h"
#include "grammar/tree.h"

/* A file without a fault; all of it is its own. */
struct pn_kept_file {
    char *path;
    struct pn_source source; /* the text, by which it is known, and its lines */
    struct pn_tree tree;     /* its source is whoever takes it to set */
    struct pn_arena *arena;  /* of its nodes */
};

/* All zero is none. */
struct pn_kept_files {
    struct pn_kept_file *items;
    size_t count, capacity;
    size_t next; /* behind the one that was taken last: they are asked for in order */
};

/* Takes a file of this path out, if it has the same text still. */
bool
pn_kept_files_take(struct pn_kept_files *kept, const char *path,
                   const struct pn_source *source, struct pn_kept_file *out);

/* Takes a file over, which without memory is given up; a NULL path is that, too. */
void
pn_kept_files_give(struct pn_kept_files *kept, struct pn_kept_file *file);

/* Gives up what is in it; it can be used again. */
void
pn_kept_files_clear(struct pn_kept_files *kept);

/* Frees what a file has. */
void
pn_kept_file_clear(struct pn_kept_file *file);

#endif
