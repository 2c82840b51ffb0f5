/* Assertions: `expect` and `always` with names resolved and literals decoded. */
#ifndef PN_COMPILER_ASSERTIONS_H
#define PN_COMPILER_ASSERTIONS_H

#include "compiler/policy.h"

/* Texts are offsets in pn_assertions.text. */
struct pn_text_at {
    size_t offset, size;
};

/* A condition on a decision. */
struct pn_condition {
    uint8_t kind;                  /* PN_NODE_VERDICT, _ASSIGN, _UNSET, _BY or _TERM */
    uint8_t action;                /* enum pn_action of a VERDICT, pn_term of a TERM */
    struct pn_text_at name, value; /* of an ASSIGN; the name alone of an UNSET */
    const struct pn_space
        *meaning;              /* of a BY's target: one of pn_assertions.meanings */
    struct pn_terms terms;     /* of a TERM; none when the term must be absent */
    struct pn_penalty penalty; /* of a PENALTY; 0 seconds when there must be none */
};

struct pn_assertion {
    struct pn_rule_node at; /* valid as long as the unit */
    uint32_t line;
    struct pn_condition *conditions;
    size_t condition_count, condition_capacity;
    /* of an EXPECT */
    struct postern_addr address;
    bool has_host, has_ident;
    struct pn_text_at host, ident;
    /* of an ALWAYS */
    struct pn_address_set within;
    bool everything, outside, no_host, no_ident;
};

struct pn_assertions {
    struct pn_assertion *items;
    size_t count, capacity;
    struct pn_buffer text;
    struct pn_intern words; /* words of BYs, each with its meaning */
    struct pn_space **meanings;
    size_t meaning_count, meaning_capacity;
    bool failed; /* out of memory */
};

/*
 * Resolves the assertions of a policy and reports errors in them. Clear *out in any
 * case.
 */
void
pn_assertions_resolve(struct pn_assertions *out, struct pn_policy *policy,
                      struct pn_unit *unit);

void
pn_assertions_clear(struct pn_assertions *assertions);

static inline struct pn_str
pn_assertions_text(const struct pn_assertions *assertions, struct pn_text_at at)
{
    return (struct pn_str){ at.size && assertions->text.bytes
                                ? assertions->text.bytes + at.offset
                                : "",
                            at.size };
}

#endif
