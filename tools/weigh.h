/* diff --weigh: how many connections of a log are in each region of a change. */
#ifndef PN_TOOLS_WEIGH_H
#define PN_TOOLS_WEIGH_H

#include "analysis/difference.h"
#include "tools/input/rules_pair.h"

/* A log, and the change that it weighs. */
struct pn_weighing {
    const struct pn_rules_pair *pair;
    const struct pn_changes *changes;
    bool all_count; /* the regions hold more than what both decide otherwise */
    uint64_t *weights, connections; /* for each block; and of the log */
};

/* Reads the log, and adds to the weights. Returns an enum pn_exit. */
int
pn_weigh(struct pn_weighing *weighing, struct pn_tool *tool, const char *log);

#endif
