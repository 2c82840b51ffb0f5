/*
 * A merge of three versions of a text, statement by statement. What one side did to a
 * statement is done; what both did alike is done once; elements of sets and lists, and
 * settings of rules, are merged one by one.
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
 * Matches the statements of the versions, which stay the caller's. NULL without memory.
 * Texts that do not parse are merged as far as they do.
 */
struct pn_merge *
pn_merge_new(const struct pn_source *const versions[PN_MERGE_VERSIONS]);

void
pn_merge_free(struct pn_merge *merge);

/* What happened to a statement that the user must know of. */
enum pn_merge_event_kind {
    PN_MERGE_DELETED_CHANGED,  /* one side deleted what the other changed: a conflict */
    PN_MERGE_BOTH_CHANGED,     /* both sides changed it, not alike: a conflict */
    PN_MERGE_BOTH_ADDED,       /* both sides added it, not alike: a conflict */
    PN_MERGE_ASSERTION_DELETED /* one side deleted an assertion: `side` */
};

struct pn_merge_event {
    enum pn_merge_event_kind kind;
    enum pn_merge_version side; /* the one that deleted it; else ours */
    struct pn_str
        texts[PN_MERGE_VERSIONS];    /* as written; ptr NULL where there is none */
    size_t lines[PN_MERGE_VERSIONS]; /* from 1 */
};

/* The event of statement *at or of one after it; moves *at there. False when there is
 * none. Begin with 0, and add 1 to go on. */
bool
pn_merge_next_event(const struct pn_merge *merge, size_t *at,
                    struct pn_merge_event *out);

/* Marks the statement on a line of a version; false when there is none. */
bool
pn_merge_mark(struct pn_merge *merge, enum pn_merge_version version, size_t line);

/* Marks the statements with this text on both sides. */
void
pn_merge_mark_text(struct pn_merge *merge, struct pn_str text);

/* Does a version have a statement with this text? */
bool
pn_merge_has(const struct pn_merge *merge, enum pn_merge_version version,
             struct pn_str text);

/* Marks every statement that a side changed. */
void
pn_merge_mark_changed(struct pn_merge *merge);

/* Is anything marked, or in conflict? */
bool
pn_merge_is_marked(const struct pn_merge *merge);

/* Are the marked statements of both sides the same text? */
bool
pn_merge_marks_alike(const struct pn_merge *merge);

/* Appends the merged text; what is marked or in conflict, between markers, from both
 * sides. */
void
pn_merge_write(const struct pn_merge *merge, struct pn_buffer *out);

#endif
