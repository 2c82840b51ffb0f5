/* What a classic file says that a person who compiles it is to be warned of. */
#ifndef PN_COMPILER_CLASSIC_WATCH_H
#define PN_COMPILER_CLASSIC_WATCH_H

#include "base/buffer.h"
#include "base/diagnostic.h"
#include "grammar/tree.h"

/* All zero at first; clear it in any case. */
struct pn_classic_watch {
    struct pn_diags *diags; /* receives the diagnostics; the caller's */
    bool any;               /* there was a rule, */
    bool denies;            /* one that denies somebody, */
    bool has_default;       /* one for everybody else */
    struct pn_span last;    /* the key of the last one of the text at hand, */
    bool in_text;           /* if that has one, */
    size_t line; /* or its line, and a copy of that, of a text that is gone */
    struct pn_buffer copy;
    size_t copy_key; /* bytes */
};

/* A statement, in the order of the file. Tells of what compiles to nothing. */
void
pn_classic_watch_statement(struct pn_classic_watch *watch, const struct pn_tree *tree,
                           const struct pn_node *statement);

/* The text that statements were of will be gone. */
void
pn_classic_watch_text(struct pn_classic_watch *watch, const struct pn_source *text);

/* At the end of a file, warns when all clients are allowed and no rule says so. */
void
pn_classic_watch_end(const struct pn_classic_watch *watch, const char *name);

void
pn_classic_watch_clear(struct pn_classic_watch *watch);

#endif
