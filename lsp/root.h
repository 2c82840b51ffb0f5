/* Loading policies when something has changed, and asking of them. */
#ifndef PN_LSP_ROOT_H
#define PN_LSP_ROOT_H

#include "lsp/server.h"

/* Something has changed in a file: policies that read it are to be loaded again. */
void
pn_lsp_roots_touch(struct pn_lsp *server, const char *path);

/* Everything may have changed. */
void
pn_lsp_roots_touch_all(struct pn_lsp *server);

/* Loads what has changed; false when it was stopped before all was loaded. */
bool
pn_lsp_roots_work(struct pn_lsp *server);

/*
 * The root that a document is read by, loaded as it is now, while `call` is answered.
 * NULL refuses the call: there is none, or no memory, or it was taken back.
 */
struct pn_lsp_root *
pn_lsp_root_for(struct pn_lsp *server, const struct pn_document *document,
                struct pn_rpc_call *call);

/* The text of a file of a root, or of its settings, to count in; NULL when it is none.
 */
const struct pn_lsp_text *
pn_lsp_root_text(struct pn_lsp *server, struct pn_lsp_root *root, const char *path,
                 struct pn_lsp_view *out);

void
pn_lsp_root_texts_clear(struct pn_lsp_root *root);

void
pn_lsp_roots_clear(struct pn_lsp *server);

/* owner.c: the path of the policy of the workspace that reads a file, to be freed; NULL
 * where there is none. */
char *
pn_lsp_owner(struct pn_lsp *server, const char *path);

/* diagnose.c: makes root->found of root->report, of what is wrong with the settings,
 * and of a fault besides, whose message is NULL for none. False without memory. */
bool
pn_lsp_diagnose(struct pn_lsp *server, struct pn_lsp_root *root,
                const struct pn_lsp_settings *settings,
                const struct pn_lsp_fault *besides);

/* diagnostics.c: tells what changed of what is found in the files of all roots, and of
 * which the editor wants to ask again. */
void
pn_lsp_tell(struct pn_lsp *server);

#endif
