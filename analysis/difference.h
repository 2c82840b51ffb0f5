/*
 * Whom a change of policy changes: every query that two images answer otherwise, as few
 * blocks, each with the statements that decide it before and after. An empty answer is
 * a proof that they decide alike.
 */
#ifndef PN_ANALYSIS_DIFFERENCE_H
#define PN_ANALYSIS_DIFFERENCE_H

#include "analysis/blocks.h"
#include "compiler/images.h"

/* What a change is to those whom it is for. */
enum pn_effect {
    PN_EFFECT_LOSES, /* was allowed, is denied */
    PN_EFFECT_GAINS, /* was denied, is allowed */
    PN_EFFECT_OTHER, /* is allowed with other variables or terms, or denied with
                        another text */
    PN_EFFECT_COUNT
};

enum pn_direction { PN_SAME, PN_STRICTER, PN_LOOSER, PN_MIXED };

extern const char *const pn_direction_names[]; /* by enum pn_direction */

struct pn_change_question {
    bool no_host, no_ident; /* as servers that look up neither ask */
    struct pn_work *work;   /* what it may take; NULL: no end */
};

struct pn_changes {
    struct pn_blocks blocks; /* the class of each is a number in `effects` */
    uint8_t *effects;        /* enum pn_effect */
    size_t effect_count, effect_capacity;
    size_t counts[PN_EFFECT_COUNT]; /* of blocks */
    enum pn_direction direction;
};

/* What becomes of who is answered so before and after, where that differs. */
enum pn_effect
pn_effect_of(const struct postern_decision decisions[2]);

/*
 * Compares two images, whose classes are the statements that their rules are of.
 * POSTERN_OK when all was compared; pn_changes_clear() in any case.
 */
enum postern_status
pn_changes_find(struct pn_changes *out, const struct pn_side sides[2],
                const struct pn_change_question *question);

/* Somebody whom a change is for though it should not be; texts are in the buffers. */
struct pn_outside {
    bool found;
    struct postern_query query;
    struct pn_buffer host, ident;
};

/*
 * Looks for a query that both images answer otherwise, and that a third one allows: it
 * denies whom the change may be for. As pn_changes_find(); free the buffers in any
 * case.
 */
enum postern_status
pn_changes_outside(const struct pn_image images[3],
                   const struct pn_change_question *question, struct pn_outside *out);

void
pn_changes_clear(struct pn_changes *changes);

static inline enum pn_effect
pn_change_effect(const struct pn_changes *changes, const struct pn_block *block)
{
    return changes->effects[block->class];
}

/* How many addresses have a change of this effect, for some host or ident, by family.
 * Addresses of several blocks count once. False without memory. */
bool
pn_changes_count(const struct pn_changes *changes, enum pn_effect effect,
                 pn_number counts[2]);

#endif
