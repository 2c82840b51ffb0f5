/*
 * Lists that were read for a policy that is gone, for whoever reads policies again and
 * again: what has not changed is not read anew.
 */
#ifndef PN_COMPILER_KEPT_LISTS_H
#define PN_COMPILER_KEPT_LISTS_H

#include "base/source.h"
#include "compiler/set_pool.h"

/* What a text is known by, while it is what it was. */
struct pn_list_stamp {
    uint64_t words[6];
};

/* False when nobody can say that the text will have another one as soon as it changes.
 */
typedef bool (*pn_stamp_fn)(void *payload, const char *path, struct pn_list_stamp *out);

/* Of a file: it must have been still for a while, or a change might show in nothing.
 * The payload is not looked at. */
bool
pn_stamp_file(void *payload, const char *path, struct pn_list_stamp *out);

/* A list without faults; all of it is its own. */
struct pn_kept_list {
    char *path;
    struct pn_list_stamp stamp;
    struct pn_source source;
    struct pn_list_addresses addresses;
};

/* Zeroed but for what the caller sets: stamp and payload, which outlive it. */
struct pn_kept_lists {
    pn_stamp_fn stamp;
    void *payload;
    struct pn_kept_list *items;
    size_t count, capacity;
};

/* Takes the list of a path out, if it has this stamp still. */
bool
pn_kept_lists_take(struct pn_kept_lists *kept, const char *path,
                   const struct pn_list_stamp *stamp, struct pn_kept_list *out);

/* Takes a list over, which without memory is given up. */
void
pn_kept_lists_give(struct pn_kept_lists *kept, struct pn_kept_list *list);

/* Gives up what is in it; it can be used again. */
void
pn_kept_lists_clear(struct pn_kept_lists *kept);

#endif
