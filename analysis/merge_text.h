/*
 * Three versions of a text, merged statement by statement. What one side did to a
 * statement is done; what both did alike is done once; elements of sets and lists, and
 * what rules are given, are merged one by one.
 */
#ifndef PN_ANALYSIS_MERGE_TEXT_H
#define PN_ANALYSIS_MERGE_TEXT_H

#include "base/buffer.h"
#include "base/source.h"

enum pn_merge_version {
    PN_MERGE_BASE,
    PN_MERGE_OURS,
    PN_MERGE_THEIRS,
    PN_MERGE_VERSIONS
};

struct pn_merge;

/*
 * Finds out which statements are the same in the versions, which stay the caller's.
 * NULL without memory. Texts that cannot be parsed are merged as far as they can be.
 */
struct pn_merge *
pn_merge_new(const struct pn_source *const versions[PN_MERGE_VERSIONS]);

void
pn_merge_free(struct pn_merge *merge);

/* What there is to tell of a statement. */
enum pn_merge_event_kind {
    PN_MERGE_DELETED_CHANGED,  /* one side deleted what the other changed: a conflict */
    PN_MERGE_BOTH_CHANGED,     /* both sides changed it, not alike: a conflict */
    PN_MERGE_BOTH_ADDED,       /* both sides added it, not alike: a conflict */
    PN_MERGE_ASSERTION_DELETED /* one side deleted a claim: `side` */
};

struct pn_merge_event {
    enum pn_merge_event_kind kind;
    enum pn_merge_version side;             /* that deleted it; else ours */
    struct pn_str texts[PN_MERGE_VERSIONS]; /* as written; ptr NULL: not there */
    size_t lines[PN_MERGE_VERSIONS];        /* from 1 */
};

/* What is to be told of statement `at` and those behind it; false when that is nothing.
 * *at is where to go on. */
bool
pn_merge_next_event(const struct pn_merge *merge, size_t *at,
                    struct pn_merge_event *out);

/* Has a line of a version a statement in it that the merged text can mark? Marks it. */
bool
pn_merge_mark(struct pn_merge *merge, enum pn_merge_version version, size_t line);

/* The same of the statements that read so. */
void
pn_merge_mark_text(struct pn_merge *merge, struct pn_str text);

/* Does a version have a statement that reads so? */
bool
pn_merge_has(const struct pn_merge *merge, enum pn_merge_version version,
             struct pn_str text);

/* Marks every statement that a side changed. */
void
pn_merge_mark_changed(struct pn_merge *merge);

/* Is anything marked, or in conflict? */
bool
pn_merge_is_marked(const struct pn_merge *merge);

/* Would what is marked look alike on both sides? */
bool
pn_merge_marks_alike(const struct pn_merge *merge);

/* Appends the merged text, with both sides of what is marked or in conflict. */
void
pn_merge_write(const struct pn_merge *merge, struct pn_buffer *out);

#endif
