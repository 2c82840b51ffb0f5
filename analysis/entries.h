/* Indexes the prefixes and host names of a space by item, with a counting sort. */
#ifndef PN_ANALYSIS_ENTRIES_H
#define PN_ANALYSIS_ENTRIES_H

#include <stdbool.h>

#include "compiler/space.h"

struct pn_entry_at {
    uint32_t index; /* in the group's list of the family, or, */
    uint8_t family;
    bool spelt; /* if this is set, in its list of keys that match by spelling */
};

struct pn_entries {
    size_t *firsts; /* of each item, its first entry in `items`; one more at the end */
    struct pn_entry_at *items;
    size_t *name_firsts; /* likewise, in `names`: hosts and suffixes, by their number in
                            the space */
    uint32_t *names;
};

/* False without memory; clear it in any case. */
bool
pn_entries_make(struct pn_entries *entries, const struct pn_space *space,
                size_t item_count);

void
pn_entries_clear(struct pn_entries *entries);

static inline const struct pn_prefix *
pn_entry(const struct pn_group *group, struct pn_entry_at at)
{
    if (at.spelt)
        return &group->spelt[at.index].prefix;
    return &group->prefixes[pn_family_index(at.family)].items[at.index];
}

#endif
