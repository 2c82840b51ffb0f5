/*
 * Rules over addresses and names of which the first that matches decides, as rules of
 * ours, where an address counts before a host, a host before a prefix, and so on.
 */
#ifndef PN_INTEROP_LADDER_H
#define PN_INTEROP_LADDER_H

#include "base/arena.h"
#include "interop/import.h"

enum pn_ladder_kind {
    PN_LADDER_ADDRESSES,
    PN_LADDER_HOST,    /* this name */
    PN_LADDER_SUFFIX,  /* all names below it; begins with a dot */
    PN_LADDER_ANY,     /* everybody */
    PN_LADDER_NAMED,   /* who has a name */
    PN_LADDER_NAMELESS /* who has none */
};

/* What a rule matches: level 0, but not level 1, unless level 2, and so on. */
struct pn_ladder_pattern {
    enum pn_ladder_kind kind;
    unsigned level; /* never falls within a rule */
    uint8_t family;
    pn_number first, last;
    struct pn_str name;  /* lower case; lives as long as the ladder */
    struct pn_str ident; /* of this answer alone; ptr NULL: of any, and of none */
};

struct pn_ladder_rule {
    size_t patterns, count; /* of pn_ladder.patterns */
    size_t tail, tail_size; /* in pn_ladder.tails: what stands behind the verdict */
    bool allows;
    uint32_t file;
    size_t line;      /* 0: of nobody's line, */
    bool is_own;      /* unless it is a whole file, or a record */
    struct pn_str at; /* of which this is the key, if it is of one */
};

struct pn_ladder {
    struct pn_ladder_pattern *patterns;
    size_t pattern_count, pattern_capacity;
    struct pn_ladder_rule *rules;
    size_t rule_count, rule_capacity;
    struct pn_buffer tails;
    struct pn_arena *names;
};

/* A copy of a name in lower case; of no bytes without memory, which is remembered. */
struct pn_str
pn_ladder_name(struct pn_ladder *ladder, struct pn_str name);

/* A copy of an ident, as it is. */
struct pn_str
pn_ladder_ident(struct pn_ladder *ladder, struct pn_str ident);

/* False without memory. */
bool
pn_ladder_pattern_add(struct pn_ladder *ladder, struct pn_ladder_pattern pattern);

/*
 * Adds the patterns of a name and of all below it: how many. None, and a note, for what
 * is no name.
 */
size_t
pn_ladder_names_add(struct pn_ladder *ladder, struct pn_import *import, uint32_t file,
                    struct pn_str name);

/*
 * Adds the rule of the last `rule.count` patterns, if one is of level 0. The last rule
 * of all has to match everybody. False without memory.
 */
bool
pn_ladder_rule_add(struct pn_ladder *ladder, struct pn_ladder_rule rule);

/* How many idents may be told apart: for each, all of it is written once more. */
enum { PN_LADDER_IDENTS_MOST = 64 };

/*
 * Writes it as statements that decide alike. Where ours cannot tell apart what the
 * rules do, they deny more, and a note says whom.
 */
void
pn_ladder_write(const struct pn_ladder *ladder, struct pn_import *import);

void
pn_ladder_clear(struct pn_ladder *ladder);

/* Can this be a name of ours? Lower case, of labels with dots between. */
bool
pn_ladder_name_is(struct pn_str name);

#endif
