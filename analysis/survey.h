/*
 * The survey of a policy: what each item (one target on a rule's left side) decides,
 * and which items would decide if it were gone. Exact, for all queries, by the order in
 * which a decision is looked for; docs/linting.md has the reasoning.
 */
#ifndef PN_ANALYSIS_SURVEY_H
#define PN_ANALYSIS_SURVEY_H

#include "analysis/hosts.h"
#include "analysis/sweep.h"
#include "base/work.h"
#include "compiler/policy.h"

/* Server profile: which look-ups and families are switched off. All zero: everything is
 * looked up. */
struct pn_profile {
    bool no_host, no_ident; /* -H, -R */
    bool paranoid;          /* -p */
    bool no_v4, no_v6;      /* families that the server is not bound to */
};

/* Is the server bound to a family at all? */
static inline bool
pn_profile_has(const struct pn_profile *profile, uint8_t family)
{
    return !(family == 6 ? profile->no_v6 : profile->no_v4);
}

/* The items that decide some queries when another item is gone. */
struct pn_successors {
    uint32_t class; /* of all of them: a class, PN_CLASS_NONE or PN_CLASS_MIXED */
    uint32_t one;   /* an item, or PN_RULE_NONE */
    bool more;      /* there are others than `one` */
} __attribute__((packed));

/* An example: an address, and the item that decides it for a client without host. */
struct pn_witness {
    pn_number address;
    uint8_t family; /* 0: there is none */
    uint32_t item;  /* or PN_RULE_NONE */
} __attribute__((packed));

enum pn_item_flag {
    PN_ITEM_EFFECTIVE = 1,    /* it is the first with one of its keys */
    PN_ITEM_DUPLICATE = 2,    /* one of its keys has an earlier item */
    PN_ITEM_ADDRESSES = 4,    /* it names addresses */
    PN_ITEM_HOSTS = 8,        /* it names hosts, suffixes or any host */
    PN_ITEM_DEFAULT = 16,     /* it is the default of its group */
    PN_ITEM_EXACT = 32,       /* one of its exact addresses decides something */
    PN_ITEM_PREFIX = 64,      /* one of its prefixes decides something */
    PN_ITEM_LIVES4 = 128,     /* it decides something for IPv4 */
    PN_ITEM_LIVES6 = 256,     /* it decides something for IPv6 */
    PN_ITEM_NOT_PREFIX = 512, /* a successor of it is no prefix */
    PN_ITEM_ALLOWS = 1024,
    PN_ITEM_CONTRADICTED =
        2048 /* a later item with one of its keys has another class */
};

enum { PN_ITEM_LIVES = PN_ITEM_LIVES4 | PN_ITEM_LIVES6, PN_ITEM_SIZE = 64 };

/* One cache line each: there may be millions, and they are visited in the order of
 * their addresses, which is not theirs. */
struct pn_item_info {
    pn_number decided;         /* addresses that its prefixes and addresses decide */
    struct pn_witness witness; /* a query that it decides */
    uint32_t group;
    uint32_t class;                  /* of its rule */
    uint32_t host;                   /* the candidate that belongs to the witness */
    uint32_t collection;             /* in survey->collections, or PN_RULE_NONE */
    uint16_t flags;                  /* enum pn_item_flag */
    struct pn_successors successors; /* without the exact hosts of its group */
} __attribute__((packed, aligned(PN_ITEM_SIZE)));

/* What a group says of a range of addresses that no block decides. */
struct pn_range_summary {
    struct pn_successors exact;  /* of its exact addresses */
    struct pn_successors prefix; /* of prefixes where there is no exact address */
    bool any_exact;
    bool any_other;           /* there is an address that is not exact */
    bool gap;                 /* there is one that is in no prefix either */
    pn_number denied;         /* addresses that prefixes deny */
    struct pn_witness denial; /* one of those */
};

/* What a group says of a set of hosts: by exact ones, and of the others where no prefix
 * decides. */
struct pn_host_sum {
    struct pn_successors exact, wide;
    bool any;       /* the set is not empty */
    bool any_other; /* it holds a host without an exact rule */
};

/* What a group says of the addresses of one family that no block decides. */
struct pn_family_info {
    struct pn_range_summary summary;
    pn_number gap;                     /* addresses in no prefix and no exact address */
    struct pn_witness gap_witness;     /* one of those, of no item */
    struct pn_witness allowance;       /* one that a prefix allows */
    struct pn_witness prefixes[2];     /* two with different classes, if there are */
    struct pn_range_summary under_gap; /* of a group with an ident: what the rules
                                          without ident say of the gap */
};

struct pn_group_info {
    struct pn_family_info families[2]; /* IPv4, IPv6 */
    struct pn_host_sum hosts;
};

/* An item that is a set or a list: how many elements (prefixes, addresses, names) it
 * has, and how many of them could go, one at a time, without a change. */
struct pn_collection {
    uint32_t item;
    size_t count, redundant;
};

/* A redundant prefix or address of a collection. There may be a million. */
struct pn_redundant_element {
    uint32_t item;
    uint32_t index : 31; /* in the item's group, in the list of the family */
    uint32_t six : 1;
};

/* Policy and classes are the caller's and must outlive the survey; all else is its own.
 */
struct pn_survey {
    struct pn_work *work; /* limits what it may take; NULL: no limit */
    const struct pn_policy *policy;
    const uint32_t *classes; /* of rules */
    struct pn_profile profile;
    struct pn_item_info *infos; /* of each item */
    size_t count;
    struct pn_group_info *groups; /* of each group of the space */
    struct pn_hosts hosts;
    struct pn_address_set covers; /* addresses that blocks decide, and mapped ones */
    struct pn_collection *collections;
    size_t collection_count, collection_capacity;
    struct pn_redundant_element *redundant; /* by item and family */
    size_t redundant_count, redundant_capacity;
    bool failed;
};

void
pn_survey_clear(struct pn_survey *survey);

static inline uint32_t
pn_survey_class(const struct pn_survey *survey, uint32_t item)
{
    return survey->infos[item].class;
}

/* Does an item name both addresses and hosts? */
static inline bool
pn_item_is_mixed(const struct pn_item_info *info)
{
    return info->flags & PN_ITEM_ADDRESSES && info->flags & PN_ITEM_HOSTS;
}

/* No successors yet. */
struct pn_successors
pn_successors_none(void);

/* Adds an item; PN_RULE_NONE is none. */
void
pn_successors_add(const struct pn_survey *survey, struct pn_successors *successors,
                  uint32_t item);

void
pn_successors_join(struct pn_successors *successors,
                   const struct pn_successors *others);

/* All successors of an item, exact hosts among them. */
struct pn_successors
pn_survey_successors(const struct pn_survey *survey, uint32_t item);

/* Is an item a set or a list, of any number of elements? */
bool
pn_item_is_collection(const struct pn_policy *policy, uint32_t item);

/*
 * The item decides something, and nothing changes when it is gone: its successors have
 * its class. Later items with the same keys are not among the successors; see
 * PN_ITEM_CONTRADICTED.
 */
bool
pn_survey_is_redundant(const struct pn_survey *survey, uint32_t item);

#endif
