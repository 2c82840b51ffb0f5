/* A folder that comes to be whole, with all that is in it, or not at all. */
#ifndef PN_TOOLS_FRESH_FOLDER_H
#define PN_TOOLS_FRESH_FOLDER_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/str.h"

/* One under way, beside its place by another name. All zero but `at` and `parent`, -1.
 */
struct pn_fresh_folder {
    int parent, at;  /* descriptors of where it will be, and of itself */
    char *name;      /* in the parent */
    char *temporary; /* likewise, now */
    char **made;     /* what is in it, for it to be removed */
    size_t count, capacity;
};

#define PN_FRESH_FOLDER_NONE   \
    (struct pn_fresh_folder)   \
    {                          \
        .parent = -1, .at = -1 \
    }

/*
 * Begins a folder of this path, whose parent is there. False with errno set: EEXIST
 * when something has its name. pn_fresh_folder_clear() it in any case.
 */
bool
pn_fresh_folder_begin(struct pn_fresh_folder *out, const char *path);

/* Makes a folder in it, whose own parent was made. False with errno set. */
bool
pn_fresh_folder_make(struct pn_fresh_folder *folder, const char *path);

/* Makes a file in it. False with errno set. */
bool
pn_fresh_folder_put(struct pn_fresh_folder *folder, const char *path,
                    struct pn_str text, mode_t mode);

/*
 * Puts it in its place, synced; never over anything that has come there meanwhile.
 * False with errno set.
 */
bool
pn_fresh_folder_end(struct pn_fresh_folder *folder);

/* Removes what was not put in place. Leaves errno as it is. */
void
pn_fresh_folder_clear(struct pn_fresh_folder *folder);

#endif
