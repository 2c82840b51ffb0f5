/* The state of a merge: statements, and slots that hold their versions. */
#ifndef PN_ANALYSIS_MERGE_WORK_H
#define PN_ANALYSIS_MERGE_WORK_H

#include "analysis/merge_text.h"
#include "base/arena.h"
#include "base/diagnostic.h"
#include "base/intern.h"
#include "grammar/tree.h"

/* A statement with the text before it, comments and all. */
struct pn_merge_statement {
    size_t from, start, to; /* offsets: of its comments, of its line, and behind it */
    uint32_t key,
        name;      /* numbers of its tokens, and of those that say what it is about */
    uint32_t slot; /* the slot that it is a version of */
    const struct pn_node
        *node; /* in the tree of its text; NULL for what follows the last statement */
};

/* The source is the caller's and must outlive the merge; the nodes are in the arena. */
struct pn_merge_text {
    const struct pn_source *source;
    struct pn_tree tree;
    struct pn_merge_statement *items;
    size_t count, capacity;
    size_t rest; /* offset of what follows the last statement */
};

/* How a statement is resolved. */
enum pn_merge_resolution {
    PN_RESOLUTION_NONE,
    PN_RESOLUTION_OURS,
    PN_RESOLUTION_THEIRS,
    PN_RESOLUTION_BOTH,
    PN_RESOLUTION_PARTS,
    PN_RESOLUTION_CONFLICT
};

/* A statement in all versions that have it: its index in each plus 1, or 0. */
struct pn_merge_slot {
    size_t at[PN_MERGE_VERSIONS];
    enum pn_merge_resolution resolution;
    struct pn_buffer parts; /* the merged text, for PN_RESOLUTION_PARTS */
    bool marked;
};

struct pn_merge {
    struct pn_merge_text texts[PN_MERGE_VERSIONS];
    struct pn_merge_statement
        tails[PN_MERGE_VERSIONS]; /* what follows the last statement of each */
    struct pn_merge_slot *slots;
    size_t count, capacity;
    struct pn_intern keys;
    struct pn_arena *arena;
    bool *has[PN_MERGE_VERSIONS]; /* by key: has the version such a statement? */
    bool failed;
};

/* Cuts a text into statements. */
bool
pn_merge_cut(struct pn_merge *merge, struct pn_merge_text *text);

/* Matches statements to slots, once all texts are cut. */
bool
pn_merge_slots_make(struct pn_merge *merge);

/* A statement of one version, if that has it. It lives as long as the merge. */
struct pn_merge_side {
    const struct pn_merge_text *text;
    const struct pn_merge_statement *statement; /* NULL: the version does not have it */
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
 * Merges the parts of a statement that both sides changed: ours, with the changes of
 * theirs. False when they changed one part, not alike, or without memory: out->failed.
 */
bool
pn_merge_parts(const struct pn_merge_side sides[PN_MERGE_VERSIONS],
               struct pn_buffer *out);

/*
 * Appends the statement of the chosen side with its comments: without those that the
 * other side removed, and with those that it added. `text` replaces the statement's own
 * unless it is NULL. Where the chosen side has no statement, only new comments of the
 * other are written.
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
