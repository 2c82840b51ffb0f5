/* Files beneath ROOT, as a process would see them that has ROOT for its "/". */
#ifndef PN_TOOLS_ADOPT_TREE_H
#define PN_TOOLS_ADOPT_TREE_H

#include <sys/types.h>

#include "tools/adopt.h"

enum {
    PN_ADOPT_TEXT_MOST = 1 << 20, /* bytes of a configuration */
    PN_ADOPT_LOG_MOST = 256 << 20,
    PN_ADOPT_NAMES_MOST = 4096 /* files of a folder that are looked at */
};

/* Which file it is, by whatever name. */
struct pn_adopt_identity {
    dev_t device;
    ino_t inode;
    mode_t mode;
};

/* What a path leads to; false when there is nothing, and without a word. */
bool
pn_adopt_look(struct pn_adopt *adopt, const char *path, struct pn_adopt_identity *out);

/* Is there certainly nothing of this name? */
bool
pn_adopt_is_absent(struct pn_adopt *adopt, const char *path);

/* A regular file, opened to be read; -1 when it is none, and a note says why. */
int
pn_adopt_open(struct pn_adopt *adopt, const char *path);

/*
 * Reads a regular file; false when there is none, or none that can be read: then a note
 * says why, but for one that is not there. Its name is the path.
 */
bool
pn_adopt_read(struct pn_adopt *adopt, const char *path, size_t limit,
              struct pn_source *out);

/* Names in a folder, sorted; those that begin with a dot are left out. */
struct pn_adopt_names {
    const char **items; /* of the arena */
    size_t count, capacity;
};

/* False when there is no such folder. pn_free() the items in any case. */
bool
pn_adopt_names_read(struct pn_adopt *adopt, const char *path,
                    struct pn_adopt_names *out);

#endif
