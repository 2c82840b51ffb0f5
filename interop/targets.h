/* The programs whose rules a policy can be written as: targets.def has a row for each.
 */
#ifndef PN_INTEROP_TARGETS_H
#define PN_INTEROP_TARGETS_H

#include "base/output.h"
#include "interop/spans.h"

/* How rules are named where they go. */
struct pn_target_names {
    const char *name;   /* of sets, chains, variables: letters, digits and _ */
    const char *table;  /* nftables: of the family inet */
    const char *daemon; /* hosts.allow */
    uint8_t family;     /* iptables-restore: 4 or 6 */
    bool denied;        /* list: those that are denied, or those that are allowed */
};

struct pn_target {
    const char *name, *summary;
    uint8_t says; /* of enum pn_beyond: what it can say */
    /* Writes all of it; the spans say nothing beyond that. */
    void (*write)(struct pn_output *out, const struct pn_spans *spans,
                  const struct pn_target_names *names);
};

extern const struct pn_target pn_targets[];
extern const size_t pn_target_count;

/* NULL for none of that name. */
const struct pn_target *
pn_target_find(const char *name);

/* Is it a name that all targets take as it is? */
bool
pn_target_name_is_fine(const char *name);

/* One for each row of targets.def. */
#define X(id, name, says, summary)                                                 \
    void pn_target_write_##id(struct pn_output *out, const struct pn_spans *spans, \
                              const struct pn_target_names *names);
#include "interop/targets.def"
#undef X

#endif
