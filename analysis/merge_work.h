/* What the files of the merge share. */
#ifndef PN_ANALYSIS_MERGE_WORK_H
#define PN_ANALYSIS_MERGE_WORK_H

#include "analysis/merge_text.h"
#include "base/arena.h"
#include "base/diagnostic.h"
#include "base/intern.h"
#include "grammar/tree.h"

/* A statement: its text from behind the one before, comments and all. */
struct pn_merge_statement {
    size_t from, start, to; /* offsets: of its comments, its line, and its end */
    uint32_t key, name;     /* equal for equal statements; for those of one subject */
    uint32_t slot;          /* what it is a version of */
    const struct pn_node *node; /* of its text's tree; NULL behind the last statement */
};

/* The source is the caller's, and outlives the merge; its nodes are in the arena. */
struct pn_merge_text {
    const struct pn_source *source;
    struct pn_tree tree;
    struct pn_merge_statement *items;
    size_t count, capacity;
    size_t rest; /* where what stands behind the last one begins */
};

/* What becomes of a statement. */
enum pn_merge_resolution {
    PN_RESOLUTION_NONE,
    PN_RESOLUTION_OURS,
    PN_RESOLUTION_THEIRS,
    PN_RESOLUTION_BOTH,
    PN_RESOLUTION_PARTS,
    PN_RESOLUTION_CONFLICT
};

/* A statement in the versions that have it: the number of its piece and 1, or 0. */
struct pn_merge_slot {
    size_t at[PN_MERGE_VERSIONS];
    enum pn_merge_resolution resolution;
    struct pn_buffer parts; /* of PN_RESOLUTION_PARTS */
    bool marked;
};

struct pn_merge {
    struct pn_merge_text texts[PN_MERGE_VERSIONS];
    struct pn_merge_statement tails[PN_MERGE_VERSIONS]; /* behind the last statements */
    struct pn_merge_slot *slots;
    size_t count, capacity;
    struct pn_intern keys;
    struct pn_arena *arena;
    bool *has[PN_MERGE_VERSIONS]; /* by key: is there such a statement? */
    bool failed;
};

/* Cuts a text into statements. */
bool
pn_merge_cut(struct pn_merge *merge, struct pn_merge_text *text);

/* Finds the statements that are versions of one, once all texts are cut. */
bool
pn_merge_slots_make(struct pn_merge *merge);

/* A piece of a version that may be none; both are of a merge, and as good as that. */
struct pn_merge_side {
    const struct pn_merge_text *text;
    const struct pn_merge_statement *statement; /* NULL: it is not there */
};

struct pn_merge_side
pn_merge_side(const struct pn_merge *merge, const struct pn_merge_slot *slot,
              enum pn_merge_version version);

void
pn_merge_sides(const struct pn_merge *merge, const struct pn_merge_slot *slot,
               struct pn_merge_side out[PN_MERGE_VERSIONS]);

bool
pn_merge_is_assertion(const struct pn_merge_statement *statement);

/*
 * Merges the parts of a statement that both sides changed: ours with what theirs did.
 * False when they changed one part otherwise, or there is no memory: out->failed.
 */
bool
pn_merge_parts(const struct pn_merge_side sides[PN_MERGE_VERSIONS],
               struct pn_buffer *out);

/* Do two statements have a part on their left in common? */
bool
pn_merge_shares(struct pn_merge_side a, struct pn_merge_side b);

/*
 * Appends a statement of a side with its comments, and with those that another side
 * added to it; what that side took out is left out. `text` is written in the place of
 * the statement's own when it is not NULL; without a chosen piece only what is new of
 * the other's comments is written.
 */
void
pn_merge_commented(const struct pn_merge_side sides[PN_MERGE_VERSIONS],
                   enum pn_merge_version chosen, const struct pn_buffer *text,
                   struct pn_buffer *out);

static inline struct pn_str
pn_merge_token(const struct pn_tree *tree, uint32_t token)
{
    return pn_source_slice(tree->source, pn_token_span(tree->tokens[token]));
}

#endif
