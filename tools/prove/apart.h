/* Work in a process apart: without rights, in a network of its own where that is
 * wanted. */
#ifndef PN_TOOLS_PROVE_APART_H
#define PN_TOOLS_PROVE_APART_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/buffer.h"

struct pn_apart {
    bool network;  /* one with every address, which is this machine's own */
    bool as_owner; /* who owns that network, for programs that set it up */
    /* What is done there; writes to `out`, and returns what to leave with. */
    int (*work)(void *payload, int out);
    void *payload;
};

/* Who it is done as: nobody where this process is root, else who this process is. */
void
pn_apart_user(uid_t *user, gid_t *group);

/*
 * Does the work, and gathers what it writes. What it has started ends with it. Returns
 * what it left with; -1 with errno set when there is no such process or network, or it
 * was killed (ECHILD).
 */
int
pn_apart_run(const struct pn_apart *apart, struct pn_buffer *said);

#endif
