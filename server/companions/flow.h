/*
 * Bytes on their way from one descriptor to another, several ways at once, in pieces of
 * 32 KiB; no way waits for another.
 */
#ifndef SRV_COMPANIONS_FLOW_H
#define SRV_COMPANIONS_FLOW_H

#include <stdbool.h>
#include <stddef.h>

#include "server/companions/filter.h"

enum { SRV_FLOW_PIECE = 32768 };

struct srv_flow {
    int from, to; /* -1 once it has ended, or nobody wants it any more */
    srv_filter_fn filter;
    /* Called with each piece that was read, and with none at the end; may be NULL. */
    void (*on_piece)(void *payload, const char *bytes, size_t size);
    void *payload;
    struct srv_filter state;
    bool closes;       /* close `to` at the end: the reader is to see it */
    bool socket;       /* found out at the beginning: what `to` is, */
    bool patient;      /* and whether a large write to it may wait */
    size_t begin, end; /* of what waits in `out` */
    char out[SRV_FLOW_PIECE * 2 + 1];
};

/* A flow that nobody sees and that leaves `to` open; its large `out` is not touched. */
void
srv_flow_init(struct srv_flow *flow, int from, int to, srv_filter_fn filter);

/*
 * Moves bytes until the flow `last` has ended and all of it is written. False with
 * errno set when polling or reading fails. A reader that is gone ends a flow quietly:
 * what still comes for it is read and dropped.
 */
bool
srv_flow_run(struct srv_flow *flows, size_t count, size_t last);

#endif
