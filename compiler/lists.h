/*
 * The list files of a policy. Each is read once, by whatever path and how often it is
 * named.
 */
#ifndef PN_COMPILER_LISTS_H
#define PN_COMPILER_LISTS_H

#include "compiler/elements.h"
#include "compiler/kept_lists.h"
#include "compiler/unit.h"

/* A list that was asked for. */
struct pn_list_file {
    char *path; /* its name at first use; owned */
    struct pn_source
        source; /* named by `path`; has its text while pn_lists.keep is set */
    enum pn_diag_id fault;     /* why it could not be read, or PN_DIAG_NONE, */
    int error;                 /* and the errno of that */
    struct pn_element element; /* the number of its addresses in the space */
    size_t covered;            /* prefixes and addresses in it */
    size_t entries;            /* lines that gave an entry, equal ones once; 0 unless
                                  pn_lists.counts was set */
    size_t refused;            /* faulty lines; 1 for a file that is no list */
    enum pn_diag_id foreign;   /* why the file is no list, or PN_DIAG_NONE, */
    struct pn_span foreign_at; /* and where that shows */
    bool is_reported;          /* of that it has no entry */
    bool has_stamp; /* it can be kept for the next policy: it has no faults, and */
    struct pn_list_stamp stamp; /* this, taken before it was read */
};

/* A place that names one. */
struct pn_list_use {
    const struct pn_node
        *node;     /* a LIST in a tree of the unit, valid as long as that */
    uint32_t file; /* of the unit, which the node is in */
    uint32_t list; /* in pn_lists.items */
};

/*
 * Zeroed when empty. Owns its paths and texts; its uses are valid as long as the unit.
 */
struct pn_lists {
    bool keep;                  /* set before the first list: keep texts and uses, */
    bool counts;                /* and count entries: some list has bounds */
    bool refuses;               /* likewise: one outside of its bounds is an error */
    struct pn_kept_lists *kept; /* likewise: lists that were read before, or NULL */
    struct pn_list_file *items;
    size_t count, capacity;
    struct pn_list_use *uses;
    size_t use_count, use_capacity;
    uint32_t *numbers; /* by a file's identity in the unit: 1 more than its list's */
    size_t number_count, number_capacity;
    struct pn_intern
        paths; /* the order in which they were asked for, to recognise new ones */
    uint32_t *identities; /* of each of them, as it was when it was asked for first */
    size_t identity_capacity;
};

/* Where lists are read into. All of it is borrowed for the call. */
struct pn_lists_into {
    struct pn_unit *unit; /* receives their diagnostics, and counts their bytes */
    struct pn_space *space;
    struct pn_set_pool *pool;
    struct pn_buffer *scratch;
};

/*
 * The list at a path. It is read, and its faults reported, the first time. Valid until
 * the next call. NULL without memory, which sets space->failed.
 */
const struct pn_list_file *
pn_lists_get(struct pn_lists *lists, const struct pn_lists_into *into,
             const char *path);

/*
 * Notes that a place names a list: warns, the first time, when the list is empty, and
 * keeps the place when pn_lists.keep is set.
 */
void
pn_lists_use(struct pn_lists *lists, const struct pn_lists_into *into,
             const struct pn_list_file *list, struct pn_list_use at);

/* Hands what can be kept over to lists->kept, out of the pool, before all of it goes.
 */
void
pn_lists_give(struct pn_lists *lists, struct pn_set_pool *pool);

void
pn_lists_clear(struct pn_lists *lists);

#endif
