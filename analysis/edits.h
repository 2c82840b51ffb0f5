/* Edits of a source that turn what it decides for a client, and whom else each changes.
 */
#ifndef PN_ANALYSIS_EDITS_H
#define PN_ANALYSIS_EDITS_H

#include "analysis/compiled.h"
#include "analysis/difference.h"

enum { PN_EDITS_MAX = 8 };

/* One way to do it. */
struct pn_edit {
    struct pn_buffer says;     /* what is done, on a line: no words of the source */
    struct pn_buffer text;     /* the source then, and a NUL */
    struct pn_changes changes; /* of one that works */
    pn_number size;            /* so many addresses change */
    size_t regions;
    bool works;
};

/* What is asked, and what is found. All zero but for the question. */
struct pn_edits {
    const struct pn_source *source; /* indexed */
    const struct postern_query *query;
    enum postern_verdict verdict; /* the wanted one */
    const char *outcome;  /* that, and what follows it in a rule that is written */
    bool anyway;          /* also where the verdict is that already */
    struct pn_work *work; /* limits what it may take; NULL: no limit */
    /* Filled: */
    struct pn_compiled before;
    struct pn_answer answer; /* the decision now */
    struct pn_edit items[PN_EDITS_MAX];
    size_t count;
    bool classic, failed;
};

enum pn_edits_result {
    PN_EDITS_FOUND,       /* those that work stand first, the smallest of them first */
    PN_EDITS_NONE_NEEDED, /* it is decided so already */
    PN_EDITS_FAILED       /* no memory, or the work was spent */
};

/*
 * Looks for edits, each of which is compiled, asked and compared with the source.
 * pn_edits_clear() in any case.
 */
enum pn_edits_result
pn_edits_find(struct pn_edits *edits);

void
pn_edits_clear(struct pn_edits *edits);

#endif
