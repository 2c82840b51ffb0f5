/*
 * Every host that can make a difference, as candidates: none, one that no rule names,
 * each that one does, and for each suffix one below it that no rule names (there always
 * is one, for names are endless).
 */
#ifndef PN_ANALYSIS_HOSTS_H
#define PN_ANALYSIS_HOSTS_H

#include "base/source.h"
#include "compiler/class.h"
#include "compiler/space.h"

enum { PN_HOST_NONE, PN_HOST_STRANGER, PN_HOST_FIRST_NAME };

/* The space is the caller's, and outlives these. */
struct pn_hosts {
    const struct pn_space *space;
    size_t count;     /* of candidates */
    uint32_t *parent; /* the next shorter suffix that is named, or 0 */
    bool *asked;      /* no block takes it, and the server looks hosts up */
};

/* False without memory; clear it in any case. */
bool
pn_hosts_begin(struct pn_hosts *hosts, const struct pn_space *space, bool no_host);

void
pn_hosts_clear(struct pn_hosts *hosts);

/* The candidate of a name of the space. */
static inline uint32_t
pn_host_candidate(uint32_t name)
{
    return name + PN_HOST_FIRST_NAME;
}

bool
pn_host_is_suffix(const struct pn_hosts *hosts, uint32_t candidate);

/* The name of a candidate: a suffix has its dot; of the first two it is empty. */
struct pn_str
pn_host_name(const struct pn_hosts *hosts, uint32_t candidate);

/* What a group says of each candidate: items, or PN_NATIVE_NONE. */
struct pn_host_rules {
    uint32_t *exact; /* the exact host's */
    uint32_t *wide;  /* where no prefix decides: suffix, any host or default */
    uint32_t *named; /* of each name of the space, what names it */
    uint32_t any_host, fallback;
};

/* False without memory; clear it in any case. */
bool
pn_host_rules_begin(struct pn_host_rules *rules, const struct pn_hosts *hosts,
                    const struct pn_group *group);

void
pn_host_rules_clear(struct pn_host_rules *rules);

/*
 * What would be `wide` of a candidate if names from `candidate` on up were of no use
 * that are of `item`, or are `name` itself (PN_NATIVE_NONE for neither).
 */
uint32_t
pn_host_wide_without(const struct pn_hosts *hosts, const struct pn_host_rules *rules,
                     uint32_t candidate, uint32_t item, uint32_t name);

#endif
