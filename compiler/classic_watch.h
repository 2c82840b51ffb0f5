/* Warnings about a classic file, for its author. */
#ifndef PN_COMPILER_CLASSIC_WATCH_H
#define PN_COMPILER_CLASSIC_WATCH_H

#include "base/buffer.h"
#include "base/diagnostic.h"
#include "grammar/tree.h"

/* All zero at first; clear it in any case. */
struct pn_classic_watch {
    struct pn_diags *diags; /* receives the diagnostics; the caller's */
    bool any;               /* there was a rule, */
    bool denies;            /* there was a rule that denies, */
    bool has_default;       /* one for everybody else */
    struct pn_span last;    /* the key of the last rule, in the current text, */
    bool in_text;           /* if that has one, */
    size_t line; /* or its line and a copy of it, when the text has been freed */
    struct pn_buffer copy;
    size_t copy_key; /* bytes */
};

/* Takes the next statement of the file. Warns about one that compiles to nothing. */
void
pn_classic_watch_statement(struct pn_classic_watch *watch, const struct pn_tree *tree,
                           const struct pn_node *statement);

/* Call before the text of the statements is freed. */
void
pn_classic_watch_text(struct pn_classic_watch *watch, const struct pn_source *text);

/* At the end of a file, warns when all clients are allowed and no rule says so. */
void
pn_classic_watch_end(const struct pn_classic_watch *watch, const char *name);

void
pn_classic_watch_clear(struct pn_classic_watch *watch);

#endif
