/* A root compiled into memory, to be asked: what it decides, and whether claims hold.
 */
#ifndef PN_LSP_ASKED_H
#define PN_LSP_ASKED_H

#include "analysis/blocks.h"
#include "analysis/compiled.h"
#include "analysis/rules_entry.h"
#include "lsp/server.h"

/* Whether a claim holds, by where it stands. */
struct pn_asked_claim {
    uint32_t file, offset; /* of the unit of the claims; the file's number is the same
                              in a root that was loaded otherwise */
    bool holds, is_too_much;
    size_t query; /* in pn_asked.text: what breaks it, and a NUL; 0: nothing */
};

/*
 * Made when somebody asks first, and thrown away with what the root was loaded from.
 * All zero but `file.image`, which is -1, is not made.
 */
struct pn_asked {
    bool is_made;
    struct pn_rules_file file; /* rules NULL: it does not compile */
    struct pn_rules_lists lists;
    struct pn_decoded decoded;
    bool is_decoded;
    bool is_proven;
    struct pn_asked_claim *claims;
    size_t claim_count, claim_capacity;
    struct pn_buffer text;
};

/*
 * The rules of a root that is loaded; NULL refuses the call: it has errors, or there is
 * no memory. `call` NULL: nobody is told why.
 */
struct pn_asked *
pn_asked_for(struct pn_lsp *server, struct pn_lsp_root *root, struct pn_rpc_call *call);

/* The same, decoded, for questions about many clients. */
struct pn_asked *
pn_asked_decoded(struct pn_lsp *server, struct pn_lsp_root *root,
                 struct pn_rpc_call *call);

/* The same, with its claims held to it. */
struct pn_asked *
pn_asked_proven(struct pn_lsp *server, struct pn_lsp_root *root,
                struct pn_rpc_call *call);

/* Decides, and finds the rule and the entry of a list. */
bool
pn_asked_decide(struct pn_asked *asked, const struct postern_query *query,
                postern_trace_fn trace, void *payload, struct pn_answer *out);

/* Reads a client as expect takes it: "joe@192.0.2.7 =mx.example.com". Texts go to
 * `scratch`, or are parts of the text; false when it is none. */
bool
pn_client_read(struct pn_str text, struct pn_buffer *scratch,
               struct postern_query *out);

/* "allow, NAME="value", limit 3": what an answer comes to. */
void
pn_answer_write(struct pn_buffer *out, const struct pn_answer *answer);

void
pn_asked_clear(struct pn_asked *asked);

#endif
