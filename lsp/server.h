/* The language server: what is open, what is known of it, and who asks. */
#ifndef PN_LSP_SERVER_H
#define PN_LSP_SERVER_H

#include "lsp/document.h"
#include "lsp/host.h"
#include "lsp/policies.h"
#include "lsp/progress.h"
#include "rpc/peer.h"

enum pn_lsp_state { PN_LSP_NEW, PN_LSP_READY, PN_LSP_SHUT };

/* What the editor said that it understands. */
struct pn_lsp_client {
    bool pulls;        /* asks for diagnostics: none are sent unasked then */
    bool refreshes;    /* may be told to ask again */
    bool has_tags;     /* of diagnostics */
    bool has_pages;    /* codeDescription */
    bool has_related;  /* relatedInformation */
    bool has_versions; /* of diagnostics, and of edits: documentChanges */
    bool has_changes;  /* documentChanges */
    bool has_progress; /* window/workDoneProgress/create */
    bool has_markdown;
    bool has_snippets;
    bool has_tree; /* hierarchical document symbols */
    bool has_lenses_refresh, has_hints_refresh;
    long pid; /* its process, which it ends with; 0: not known */
};

/* A path, which is its own. */
struct pn_lsp_folder {
    char *path;
    bool is_extra; /* of postern.roots: only to be read */
};

struct pn_lsp {
    const struct pn_lsp_host *host;
    struct pn_peer peer;
    struct pn_budget budget; /* of all that is done: how it is stopped */
    enum pn_lsp_state state;
    enum pn_encoding encoding;
    struct pn_lsp_client client;
    struct pn_lsp_folder *folders;
    size_t folder_count, folder_capacity;
    struct pn_documents documents;
    struct pn_lsp_roots roots;
    struct pn_lsp_progress progress;
    unsigned stopped; /* how often work was stopped in a row: then it is finished */
};

/* Tells the person: something went wrong that no answer can say. `why` is static. */
void
pn_lsp_complain(struct pn_lsp *server, const char *why);

/* The kinds of semantic tokens, as JSON; tokens.c has them in this order. */
#define PN_LSP_TOKEN_TYPES                                                           \
    "\"comment\", \"keyword\", \"string\", \"number\", \"operator\", \"variable\", " \
    "\"property\", \"enumMember\", \"type\", \"macro\""

/* What takes each method: a file for each kind of them. */
#define X(method, is_request, function, member, offered) \
    void function(void *server, struct pn_rpc_call *call);
#include "lsp/methods.def"
#undef X

/* An edit of files, of arrays of edits by their URIs, which are taken over. */
json_t *
pn_lsp_workspace_edit(const struct pn_lsp *server, json_t *changes);

/* folders.c: where files may be read, which follows from the folders. */
bool
pn_lsp_folder_add(struct pn_lsp *server, struct pn_str uri, bool is_extra);
void
pn_lsp_folder_remove(struct pn_lsp *server, struct pn_str uri);
void
pn_lsp_folders_apply(struct pn_lsp *server);
void
pn_lsp_folders_clear(struct pn_lsp *server);

/* A document that params name: textDocument.uri. NULL refuses the call. */
struct pn_document *
pn_lsp_document(struct pn_lsp *server, struct pn_rpc_call *call);

/* The text of a document as its editor counts it. */
struct pn_lsp_view
pn_lsp_view(const struct pn_lsp *server, const struct pn_document *document);

#endif
