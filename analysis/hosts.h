/*
 * All hosts that can make a difference, as candidates: no host; one that no rule names;
 * each that a rule names; and for each suffix one below it that no rule names (there
 * always is one, for names are endless).
 */
#ifndef PN_ANALYSIS_HOSTS_H
#define PN_ANALYSIS_HOSTS_H

#include "base/source.h"
#include "compiler/class.h"
#include "compiler/space.h"

enum { PN_HOST_NONE, PN_HOST_STRANGER, PN_HOST_FIRST_NAME };

/* The space is the caller's, and must outlive these. */
struct pn_hosts {
    const struct pn_space *space;
    size_t count; /* of candidates */
    uint32_t *
        parent; /* of each candidate: the next shorter suffix that a rule names, or 0 */
    bool *asked; /* of each candidate: no block decides it, and the server looks hosts
                    up */
};

/* False without memory; clear it in any case. */
bool
pn_hosts_begin(struct pn_hosts *hosts, const struct pn_space *space, bool no_host);

void
pn_hosts_clear(struct pn_hosts *hosts);

/* The candidate for a name of the space, by its number. */
static inline uint32_t
pn_host_candidate(uint32_t name)
{
    return name + PN_HOST_FIRST_NAME;
}

bool
pn_host_is_suffix(const struct pn_hosts *hosts, uint32_t candidate);

/* The name of a candidate, of a suffix with its dot; empty for the first two. */
struct pn_str
pn_host_name(const struct pn_hosts *hosts, uint32_t candidate);

/* What a group says of each candidate: items, or PN_RULE_NONE. */
struct pn_host_rules {
    uint32_t *exact; /* by candidate: the rule of the exact host */
    uint32_t *wide;  /* by candidate: what decides where no address or prefix does: the
                        rule of a suffix, of any host, or the default */
    uint32_t *named; /* by name of the space: the rule that names it */
    uint32_t any_host, fallback;
};

/* False without memory; clear it in any case. */
bool
pn_host_rules_begin(struct pn_host_rules *rules, const struct pn_hosts *hosts,
                    const struct pn_group *group);

void
pn_host_rules_clear(struct pn_host_rules *rules);

/*
 * The fallback rule of a candidate, `wide`, ignoring every suffix on its parent chain
 * that belongs to `item`, and the suffix `name` (PN_RULE_NONE: ignore none).
 */
uint32_t
pn_host_wide_without(const struct pn_hosts *hosts, const struct pn_host_rules *rules,
                     uint32_t candidate, uint32_t item, uint32_t name);

#endif
