/*
 * Says that a look takes long, and for how long it has: by a thread of its own, while
 * the server's thread works and sends nothing.
 */
#ifndef PN_LSP_PROGRESS_H
#define PN_LSP_PROGRESS_H

#include <pthread.h>

#include "rpc/peer.h"

/*
 * A token is made in advance, since an editor has to agree to it, and its answer would
 * wait behind the work. All zero but for the peer.
 */
struct pn_lsp_progress {
    struct pn_peer *peer;
    json_int_t asked; /* the id of the request for a token; 0: none */
    unsigned number;  /* of the token */
    bool is_agreed;   /* the editor shows what is said of it */
    /* of a look: */
    const json_t *token; /* the editor's own, of a request, or NULL */
    const char *name;    /* what is looked at */
    bool runs;           /* the thread */
    pthread_t thread;
    pthread_mutex_t lock; /* for these: */
    pthread_cond_t woken;
    bool is_over, is_begun;
};

/* Asks for a token. */
void
pn_lsp_progress_ask(struct pn_lsp_progress *progress);

/* An answer to a request; those to others are none of ours. */
void
pn_lsp_progress_answer(struct pn_lsp_progress *progress,
                       const struct pn_message *response);

/*
 * A look begins, for a call or, NULL, for nobody; `path` is what is looked at. Nothing
 * else is sent until it has ended.
 */
void
pn_lsp_progress_begin(struct pn_lsp_progress *progress, const struct pn_rpc_call *call,
                      const char *path);

void
pn_lsp_progress_end(struct pn_lsp_progress *progress);

#endif
