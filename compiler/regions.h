/*
 * Divides all queries into few: addresses that no rule distinguishes are one area,
 * hosts that none distinguishes one candidate. The answer for one member is the answer
 * for all.
 */
#ifndef PN_COMPILER_REGIONS_H
#define PN_COMPILER_REGIONS_H

#include "base/work.h"
#include "compiler/elements.h"
#include "compiler/extents.h"
#include "compiler/image_decode.h"
#include "postern/rules.h"

/*
 * The class of a rule: the caller does not distinguish rules of one class. The rule may
 * be POSTERN_RULE_NONE: nothing matched a classic image. Without such a function, each
 * rule is a class.
 */
typedef uint32_t (*pn_class_fn)(void *payload, uint32_t rule);

/*
 * An image that is asked: the runtime answers, the lifted one says what to ask. All of
 * it is the caller's, and outlives the questions.
 */
struct pn_side {
    const struct postern_rules *rules;
    const struct pn_decoded *decoded;
    pn_class_fn class_of;
    void *payload;
};

static inline uint32_t
pn_side_class(const struct pn_side *side, uint32_t rule)
{
    return side->class_of ? side->class_of(side->payload, rule) : rule;
}

enum pn_ask { PN_ASK_NONE, PN_ASK_GIVEN, PN_ASK_ALL };

/* Addresses with one answer for each host. */
struct pn_area {
    struct postern_addr witness;
    bool is_global;            /* the witness is a global unicast address */
    struct pn_extent *extents; /* ascending, IPv4 first; none unless they are kept */
    size_t extent_count, extent_capacity;
};

enum pn_candidate_kind {
    PN_HOST_ABSENT,
    PN_HOST_EXACT,  /* one that a rule names */
    PN_HOST_SUFFIX, /* one below a suffix that a rule names, and not named itself */
    PN_HOST_OTHER   /* one that no rule names in any way but = */
};

struct pn_candidate {
    enum pn_candidate_kind kind;
    uint32_t name;    /* what to ask with: in pn_regions.hosts */
    uint32_t pattern; /* as rules write it, without =; a suffix with its dot */
    uint32_t
        representative; /* the first candidate that has the same answers everywhere */
};

enum { PN_REGION_SIDES = 4 };

/* One query that stands for a region, and what all sides answer to it. */
struct pn_region {
    size_t area, candidate;
    struct postern_query query; /* its texts are the regions' */
    struct postern_decision decisions[PN_REGION_SIDES];
};

/*
 * The class of a region: what the caller distinguishes in the decisions of all sides.
 */
typedef uint32_t (*pn_region_class_fn)(void *payload, const struct pn_region *region);

/* The part of an ident's rules that must be examined: see regions_scope.c. */
struct pn_ident_scope {
    bool sparse;    /* only where it may be decided differently from no ident */
    bool wide;      /* some side has rules of it without addresses */
    bool closed;    /* each side has a default of it, so nothing falls through */
    bool open;      /* the sides name other hosts with it */
    bool all_hosts; /* the candidates are those of all rules */
};

struct pn_regions;

enum pn_ident_part {
    PN_IDENT_WHOLE,   /* examine it; `within` may be set for it */
    PN_IDENT_NOTHING, /* nothing of it is of interest */
    PN_IDENT_AS_NONE  /* it is decided like no ident, where that is of interest */
};

/* Which part of the current ident, or of none, is of interest? */
typedef enum pn_ident_part (*pn_ident_fn)(void *payload, struct pn_regions *regions);

/* Is a candidate of interest? For callers that collect regions. */
typedef bool (*pn_host_fn)(void *payload, const struct pn_regions *regions,
                           size_t candidate);

struct pn_regions {
    /* set by the caller, who owns it; it outlives these */
    struct pn_side sides[PN_REGION_SIDES];
    size_t side_count;
    pn_region_class_fn class_of_region; /* for callers that collect regions; or NULL */
    void *region_payload;
    const struct pn_address_set *within; /* NULL for all addresses */
    bool outside;                        /* everything outside `within` */
    enum pn_ask host, ident;
    struct pn_str given_host, given_ident;
    bool keep_extents;
    bool prefer_global;     /* of witnesses */
    struct pn_work *work;   /* limit on the work; NULL: none */
    pn_ident_fn ident_part; /* called for each ident before it is examined; or NULL */
    pn_host_fn host_part;   /* of each candidate of it; or NULL */
    void *part_payload;     /* of both */

    /* the current ident */
    struct pn_str ident_text; /* ptr NULL: none */
    struct pn_area *areas;
    size_t area_count, area_capacity;
    struct pn_candidate *candidates;
    size_t candidate_count, candidate_capacity;
    struct pn_intern hosts;

    struct pn_intern zeros; /* sets of patterns of extents */

    /* internal */
    struct pn_zones zones;      /* that no side distinguishes */
    struct pn_weights *weights; /* of each, if there are several */
    struct pn_intern area_signatures, host_signatures, idents;
    uint32_t *representative_firsts; /* by host signature: its first candidate */
    size_t representative_capacity;
    uint32_t last_area; /* area of the last interval: often that of the next one too */
    size_t next_ident;  /* number of the next ident; 0 before the first */
    struct pn_buffer
        as_none;        /* numbers of idents (size_t), from 1, by PN_IDENT_AS_NONE */
    bool began, failed; /* failed: out of memory, or the work was spent */
    bool changes_only;  /* of idents; by pn_regions_each() */
    struct pn_ident_scope scope;
    bool areas_of_blocks; /* the current areas are the same for each ident without
                             addresses */
    struct pn_pieces *blocks[PN_REGION_SIDES]; /* of IPv4, and each zone of IPv6 */
    struct pn_pieces *bare[PN_REGION_SIDES];   /* of all rules without ident; or NULL */
    bool knows_blocks, blocks_differ;
    struct pn_intern base; /* hosts of rules without ident, of one side after another */
    size_t base_ends[PN_REGION_SIDES]; /* so many of the sides up to each */
};

/*
 * The next ident to ask with: first none, then each that a rule names; any other is
 * decided like none. False behind the last one, without memory, or when the work is
 * spent.
 */
bool
pn_regions_next(struct pn_regions *regions);

/* Asks all sides of an area with a candidate. POSTERN_OK, or what went wrong. */
enum postern_status
pn_regions_ask(const struct pn_regions *regions, size_t area, size_t candidate,
               struct pn_region *out);

/* Takes one region; false ends the walk. */
typedef bool (*pn_region_fn)(void *payload, const struct pn_regions *regions,
                             const struct pn_region *region);

/*
 * Asks all sides until `take` has seen every tuple of classes that some query has, and
 * where extents are kept each area that has it, by the first query in the order of
 * idents, areas and candidates; some are seen more often. POSTERN_OK, also when it was
 * ended, or what went wrong; pn_regions_clear() in any case.
 */
enum postern_status
pn_regions_each(struct pn_regions *regions, pn_region_fn take, void *payload);

/* For the current ident, by area and by candidate: is there a query that differs? */
struct pn_differing {
    bool *areas, *hosts;
    bool any;
};

/* Do the two sides differ here? */
typedef bool (*pn_differs_fn)(void *payload, const struct pn_regions *regions,
                              const struct pn_region *region);

/* Takes what differs; false ends the walk. */
typedef bool (*pn_differing_fn)(void *payload, const struct pn_regions *regions,
                                const struct pn_differing *differing);

/*
 * Finds the regions that two sides decide differently, ident by ident: first without
 * one, then for each ident whose rules decide something. The classes of the sides must
 * distinguish what `differs` does. As pn_regions_each(); extents are kept.
 */
enum postern_status
pn_regions_differing(struct pn_regions *regions, pn_differs_fn differs,
                     pn_differing_fn take, void *payload);

/* The query that pn_regions_ask() asks. */
struct postern_query
pn_regions_query(const struct pn_regions *regions, size_t area, size_t candidate);

/* Steps of struct pn_work: for an interval of addresses, a name, a label of one, and a
 * question. */
enum {
    PN_STEPS_INTERVAL = 4,
    PN_STEPS_NAME = 24,
    PN_STEPS_LABEL = 4,
    PN_STEPS_ASK = 12
};

/* The number of a rule in a signature: its class plus 1, or 0 for none. */
static inline uint32_t
pn_side_slot(const struct pn_side *side, uint32_t rule)
{
    return rule == PN_RULE_NONE ? 0 : pn_side_class(side, rule) + 1;
}

/* The rules of the current ident; NULL for none. */
static inline const struct pn_decoded_group *
pn_regions_group(const struct pn_regions *r, size_t side)
{
    return r->ident_text.ptr ? pn_decoded_ident(r->sides[side].decoded, r->ident_text)
                             : NULL;
}

/* Takes steps; spent steps count as a failure, like lack of memory. */
static inline bool
pn_regions_take(struct pn_regions *r, uint64_t steps)
{
    if (!pn_work_take(r->work, steps))
        r->failed = true;
    return !r->failed;
}

/* Clears the areas of the current ident. */
void
pn_regions_areas_clear(struct pn_regions *r);

void
pn_regions_clear(struct pn_regions *regions);

#endif
