/* Targets of rules as words of the command line. */
#ifndef PN_TOOLS_TARGETS_H
#define PN_TOOLS_TARGETS_H

#include "compiler/elements.h"
#include "compiler/regions.h"

/* An address, a prefix or a range as the rules write it. False when it is none. */
bool
pn_extent_read(const char *text, struct pn_extent *out);

/* A list of targets: addresses, and names of hosts with their dot if they are suffixes,
 * empty for any. */
struct pn_targets {
    struct pn_holes addresses;
    struct pn_str *names;
    size_t name_count, name_capacity;
    struct pn_buffer text; /* that the names are in */
    bool everything;       /* "*" is among them */
    bool failed;           /* out of memory */
};

/*
 * Reads words that are joined by commas. False when one of them is no target, has an
 * ident or is a set: *odd is where it begins. Clear it in any case.
 */
bool
pn_targets_read(struct pn_targets *out, const char *text, const char **odd);

void
pn_targets_clear(struct pn_targets *targets);

#endif
