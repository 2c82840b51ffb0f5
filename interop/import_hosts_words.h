/* The words of hosts.allow and hosts.deny. */
#ifndef PN_INTEROP_IMPORT_HOSTS_WORDS_H
#define PN_INTEROP_IMPORT_HOSTS_WORDS_H

#include "interop/ladder.h"

/* A line under way. */
struct pn_hosts_line {
    struct pn_import *import;
    struct pn_ladder *ladder;
    uint32_t file;
    size_t number;
    bool allows;
    size_t count;        /* of its patterns */
    struct pn_str ident; /* of the client at hand; ptr NULL: of any */
    size_t tail;         /* where what it sets begins, in ladder->tails */
};

/* The next word of a list, cut by blanks and commas; empty at the end. */
struct pn_str
pn_hosts_word(struct pn_str *rest);

/* Reads what stands behind the second colon: the verdict, and what it sets. */
void
pn_hosts_options(struct pn_hosts_line *line, struct pn_str options);

/* Reads a list of clients into patterns. */
void
pn_hosts_clients(struct pn_hosts_line *line, struct pn_str list);

#endif
