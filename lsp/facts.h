/* What the linter's survey knows of each target, kept for whoever asks of it. */
#ifndef PN_LSP_FACTS_H
#define PN_LSP_FACTS_H

#include "analysis/lint/context.h"

/* Of a target, list or classic rule. */
struct pn_fact {
    uint32_t file; /* of the unit */
    struct pn_span span;
    uint32_t statement; /* the offset that it begins at */
    uint32_t last;      /* and ends at */
    bool is_live;       /* it decides something */
    bool has_addresses;
    bool is_default;
    pn_number decided; /* addresses */
    size_t query;      /* in the text: a client that it decides, and a NUL; 0: none */
    size_t ident, ident_size; /* in the text: of its group; size 0: none */
};

/* By the numbers of items; all zero is empty. */
struct pn_facts {
    struct pn_fact *items;
    size_t count;
    struct pn_buffer text;
    bool failed;
};

/* As pn_lint_options.look; the payload is a struct pn_facts. */
void
pn_facts_take(void *payload, const struct pn_lint *lint);

void
pn_facts_clear(struct pn_facts *facts);

/* "decides 254 addresses"; false when there is nothing to count. */
bool
pn_decides_write(struct pn_buffer *out, pn_number decided);

/* Adds "s" to all but one. */
const char *
pn_plural(size_t count);

#endif
