/* What expect and always say, with names resolved and literals decoded. */
#ifndef PN_COMPILER_CLAIMS_H
#define PN_COMPILER_CLAIMS_H

#include "compiler/policy.h"

/* Texts are offsets in pn_claims.text. */
struct pn_text_at {
    size_t offset, size;
};

/* One thing that is said of a decision. */
struct pn_claim {
    uint8_t kind;                   /* PN_NODE_VERDICT, _ASSIGN, _UNSET, _BY or _TERM */
    uint8_t action;                 /* enum pn_action of a VERDICT, pn_term of a TERM */
    struct pn_text_at name, value;  /* of an ASSIGN; the name alone of an UNSET */
    const struct pn_space *meaning; /* of a BY's target: one of pn_claims.meanings */
    struct pn_terms terms;          /* of a TERM; none for one that is said not to be */
};

struct pn_statement {
    struct pn_rule_node at; /* as good as the unit */
    uint32_t line;
    struct pn_claim *claims;
    size_t claim_count, claim_capacity;
    /* of an EXPECT */
    struct postern_addr address;
    bool has_host, has_ident;
    struct pn_text_at host, ident;
    /* of an ALWAYS */
    struct pn_holes within;
    bool everything, outside, no_host, no_ident;
};

struct pn_claims {
    struct pn_statement *items;
    size_t count, capacity;
    struct pn_buffer text;
    struct pn_intern words; /* of BYs, and what each of them means */
    struct pn_space **meanings;
    size_t meaning_count, meaning_capacity;
    bool failed; /* out of memory */
};

/* Resolves a policy's claims; what is wrong is told. Clear it in any case. */
void
pn_claims_resolve(struct pn_claims *out, struct pn_policy *policy,
                  struct pn_unit *unit);

void
pn_claims_clear(struct pn_claims *claims);

static inline struct pn_str
pn_claims_text(const struct pn_claims *claims, struct pn_text_at at)
{
    return (struct pn_str){
        at.size && claims->text.bytes ? claims->text.bytes + at.offset : "", at.size
    };
}

#endif
