/*
 * Which queries a change of policy affects: all that two images decide differently, as
 * few blocks, each with the statements that decide it before and after. No blocks prove
 * that the images decide alike.
 */
#ifndef PN_ANALYSIS_DIFFERENCE_H
#define PN_ANALYSIS_DIFFERENCE_H

#include "analysis/blocks.h"
#include "compiler/images.h"

/* What a change means for the clients that it affects. */
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
    bool no_host, no_ident; /* for a server that does not look it up */
    struct pn_work *work;   /* limits what it may take; NULL: no limit */
};

struct pn_changes {
    struct pn_blocks blocks; /* the class of each is a number in `effects` */
    uint8_t *effects;        /* enum pn_effect */
    size_t effect_count, effect_capacity;
    size_t counts[PN_EFFECT_COUNT]; /* the number of blocks of each effect */
    enum pn_direction direction;
};

/* The effect of two different decisions, before and after. */
enum pn_effect
pn_effect_of(const struct postern_decision decisions[2]);

/*
 * Compares two images, by the classes of their rules: the statements that they come
 * from. POSTERN_OK when all was compared; pn_changes_clear() in any case.
 */
enum postern_status
pn_changes_find(struct pn_changes *out, const struct pn_side sides[2],
                const struct pn_change_question *question);

/* A query that a change affects although it is not permitted to; its texts are in the
 * buffers. */
struct pn_outside {
    bool found;
    struct postern_query query;
    struct pn_buffer host, ident;
};

/*
 * Looks for a query that the first two images decide differently and the third one
 * allows: the third denies exactly what may change. Status as pn_changes_find(); free
 * the buffers in any case.
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

/* The number of addresses that a change of this effect affects for some host or ident,
 * by family. Addresses in several blocks count once. False without memory. */
bool
pn_changes_count(const struct pn_changes *changes, enum pn_effect effect,
                 pn_number counts[2]);

#endif
