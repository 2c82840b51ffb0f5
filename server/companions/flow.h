/*
 * Copies bytes between descriptors, several flows at once, in pieces of 32 KiB. No flow
 * blocks another.
 */
#ifndef SRV_COMPANIONS_FLOW_H
#define SRV_COMPANIONS_FLOW_H

#include <stdbool.h>
#include <stddef.h>

#include "server/companions/filter.h"

enum { SRV_FLOW_PIECE = 32768 };

struct srv_flow {
    int from, to; /* -1 once it has ended or its reader is gone */
    srv_filter_fn filter;
    /* Called with each piece that was read, and with none at the end; may be NULL. */
    void (*on_piece)(void *payload, const char *bytes, size_t size);
    void *payload;
    struct srv_filter state;
    bool closes;       /* close `to` at the end, so that its reader sees the end */
    bool socket;       /* `to` is a socket (found out at the start) */
    bool patient;      /* a large write to `to` may block */
    size_t begin, end; /* range of `out` that is not written yet */
    char out[SRV_FLOW_PIECE * 2 + 1];
};

/* A flow without `on_piece` that leaves `to` open. Does not touch the large `out`. */
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
