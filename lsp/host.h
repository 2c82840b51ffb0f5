/* What the server is given by the program that it is a part of. */
#ifndef PN_LSP_HOST_H
#define PN_LSP_HOST_H

#include "analysis/lint/options.h"
#include "base/str.h"

/* How a policy is linted; all of it is the host's, until it is asked again. */
struct pn_lsp_settings {
    struct pn_lint_options options; /* but for reading and work */
    const bool *on;                 /* by enum pn_check */
    const char *tests;              /* a file of claims beside it, or NULL */
    bool no_ignores;
    const char *fault; /* what is wrong with the settings, or NULL */
};

struct pn_lsp_host {
    void *payload;
    const char *version;
    /* The file that a rule file is linted as: of tests the rules that they are of. To
     * be freed; NULL without memory. */
    char *(*root_of)(void *payload, const char *path);
    /* The settings of a root; false without memory. */
    bool (*settings)(void *payload, const char *root, struct pn_lsp_settings *out);
    /* The page of a code or of a kind, as Markdown; ptr NULL when there is none. */
    struct pn_str (*page)(void *payload, const char *name);
    /* The path of that page where it is installed, to be freed; NULL when it is not. */
    char *(*page_path)(void *payload, const char *name);
};

/*
 * Serves an editor at two descriptors until it has enough, or is gone. What it reads it
 * reads beneath the folders of the workspace: the process is confined to them. Returns
 * an exit status: 0 after shutdown.
 */
int
pn_lsp_serve(const struct pn_lsp_host *host, int in, int out);

#endif
