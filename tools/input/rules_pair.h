/* Two files of rules, to be compared. */
#ifndef PN_TOOLS_INPUT_RULES_PAIR_H
#define PN_TOOLS_INPUT_RULES_PAIR_H

#include "analysis/difference.h"
#include "tools/input/rules_file.h"

struct pn_rules_pair {
    struct pn_rules_file files[2];
    struct pn_decoded decoded[2];
    struct pn_side sides[2]; /* point into this struct, which must not move */
};

/* Opens and lifts both. Returns an enum pn_exit; to be closed in any case. */
int
pn_rules_pair_lift(struct pn_rules_pair *out, struct pn_tool *tool,
                   const struct pn_common *common, char *const names[2]);

/* The same for whoever asks them for decisions alone: nothing is decoded. */
int
pn_rules_pair_open(struct pn_rules_pair *out, struct pn_tool *tool,
                   const struct pn_common *common, char *const names[2]);

void
pn_rules_pair_close(struct pn_rules_pair *pair);

#endif
