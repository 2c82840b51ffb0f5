/*
 * What each target of a policy decides, and who would decide if it were not there:
 * exact, for all queries, by the ladder. docs/linting.md has the reasoning.
 */
#ifndef PN_ANALYSIS_SURVEY_H
#define PN_ANALYSIS_SURVEY_H

#include "analysis/hosts.h"
#include "analysis/sweep.h"
#include "base/work.h"
#include "compiler/policy.h"

/* What a server asks with: all that can be known, but for what is said here. */
struct pn_profile {
    bool no_host, no_ident; /* -H, -R */
    bool paranoid;          /* -p */
    bool no_v4, no_v6;      /* families it is not bound to */
};

/* Targets that decide where another would not be: their classes joined, and one. */
struct pn_successors {
    uint32_t class; /* a join */
    uint32_t one;   /* a target, or PN_NATIVE_NONE */
    bool more;      /* there are others */
} __attribute__((packed));

/* An address, and the target that decides it for a client without host. */
struct pn_witness {
    pn_number address;
    uint8_t family; /* 0: there is none */
    uint32_t target;
} __attribute__((packed));

enum pn_item_flag {
    PN_ITEM_EFFECTIVE = 1,    /* something of it is in the space, said first */
    PN_ITEM_DUPLICATE = 2,    /* something of it was said before */
    PN_ITEM_ADDRESSES = 4,    /* it has addresses, */
    PN_ITEM_HOSTS = 8,        /* hosts, suffixes or any host */
    PN_ITEM_DEFAULT = 16,     /* it is a default, of its group */
    PN_ITEM_EXACT = 32,       /* an exact address of it decides something, */
    PN_ITEM_PREFIX = 64,      /* a prefix of it, */
    PN_ITEM_LIVES4 = 128,     /* something for IPv4, */
    PN_ITEM_LIVES6 = 256,     /* for IPv6 */
    PN_ITEM_NOT_PREFIX = 512, /* something but a prefix would take over */
    PN_ITEM_ALLOWS = 1024,
    PN_ITEM_CONTRADICTED = 2048 /* a later rule says otherwise of something of it */
};

enum { PN_ITEM_LIVES = PN_ITEM_LIVES4 | PN_ITEM_LIVES6, PN_ITEM_SIZE = 64 };

/* There may be millions, in another order than their addresses: each is one line of the
 * cache. */
struct pn_item_info {
    pn_number decided;         /* so many addresses; of its prefixes and addresses */
    struct pn_witness witness; /* something that it decides */
    uint32_t group;
    uint32_t class;                  /* of its rule */
    uint32_t host;                   /* a candidate, to ask the spot with */
    uint32_t part;                   /* in survey->parts, or PN_NATIVE_NONE */
    uint16_t flags;                  /* enum pn_item_flag */
    struct pn_successors successors; /* but for exact hosts of its group */
} __attribute__((packed, aligned(PN_ITEM_SIZE)));

/* What a group says over some addresses that no block takes. */
struct pn_range_summary {
    struct pn_successors exact, prefix; /* prefixes where no exact address is */
    bool any_exact, any_other, gap;     /* gap: neither */
    pn_number denied;                   /* so many addresses that prefixes deny, */
    struct pn_witness denial;           /* and one of them */
};

/* What a group says of hosts: of exact ones, and of the rest where no prefix is. */
struct pn_host_sum {
    struct pn_successors exact, wide;
    bool some, rest; /* there is a host at all; one that has no exact rule */
};

/* The addresses of one family that no block takes, by what a group says of them. */
struct pn_family_info {
    struct pn_range_summary summary;
    pn_number gap;                 /* so many that none is for */
    struct pn_witness allowance;   /* by a prefix */
    struct pn_witness prefixes[2]; /* two whose classes differ, if there are */
    struct pn_witness gap_witness; /* of no target */
    struct pn_range_summary
        under_gap; /* of a group with an ident: what those without say */
};

struct pn_group_info {
    struct pn_family_info families[2]; /* IPv4, IPv6 */
    struct pn_host_sum hosts;
};

/* The elements of a target that is a set or a list, as prefixes, addresses and hosts.
 */
struct pn_part {
    uint32_t target;
    size_t count, idle; /* idle: without it alone nothing changes */
};

/* An idle element's entry; of its target's group. There may be a million. */
struct pn_idle {
    uint32_t target;
    uint32_t index : 31; /* in the list of the family */
    uint32_t six : 1;
};

/* Policy and classes are the caller's, and outlive it; all else is its own. */
struct pn_survey {
    struct pn_work *work; /* what it may take; NULL: no end */
    const struct pn_policy *policy;
    const uint32_t *classes; /* of rules */
    struct pn_profile profile;
    struct pn_item_info *infos; /* of each target */
    size_t count;
    struct pn_group_info *groups; /* as many as the space has */
    struct pn_hosts hosts;
    struct pn_covers covers[2]; /* IPv4, IPv6 */
    struct pn_part *parts;
    size_t part_count, part_capacity;
    struct pn_idle *idle; /* elements of sets and lists that are idle, addresses only */
    size_t idle_count, idle_capacity;
    bool failed;
};

/* Clear it in any case; survey->failed tells of a failed allocation, or that the work
 * (NULL: without end) is spent. */
void
pn_survey_make(struct pn_survey *survey, const struct pn_policy *policy,
               const uint32_t *classes, const struct pn_profile *profile,
               struct pn_work *work);

void
pn_survey_clear(struct pn_survey *survey);

static inline uint32_t
pn_survey_class(const struct pn_survey *survey, uint32_t target)
{
    return survey->infos[target].class;
}

/* All who would take over, exact hosts among them. */
struct pn_successors
pn_survey_successors(const struct pn_survey *survey, uint32_t target);

/* Is it a set or a list, of any number of elements? */
bool
pn_target_is_many(const struct pn_policy *policy, uint32_t target);

/* Nothing changes when it goes: it decides something, and those who take over agree.
 * Who says again what it says is none of them: see PN_ITEM_CONTRADICTED. */
bool
pn_survey_is_redundant(const struct pn_survey *survey, uint32_t target);

#endif
