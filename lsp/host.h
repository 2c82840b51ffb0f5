/* What the server is given by the program that it is a part of. */
#ifndef PN_LSP_HOST_H
#define PN_LSP_HOST_H

#include "analysis/lint/finding.h"
#include "analysis/lint/options.h"
#include "base/str.h"

/* Something is wrong with the settings: all of it is the host's. */
struct pn_lsp_fault {
    const char *path; /* absolute; NULL: no file says so, but the policy has it */
    struct pn_span span;
    const char *code, *message, *help; /* help "" for none */
};

/* How a policy is linted; all of it is the host's, until it is asked again. */
struct pn_lsp_settings {
    struct pn_lint_options options; /* but for reading and work */
    const bool *on;                 /* by enum pn_check */
    const char *tests;              /* a file of claims beside it, or NULL */
    bool no_ignores;
    const struct pn_lsp_fault *faults; /* then the settings are those without any */
    size_t fault_count;
};

struct pn_lsp_host {
    void *payload;
    const char *version;
    /* The file that a rule file is linted as: of tests the rules that they are of. To
     * be freed; NULL without memory. */
    char *(*root_of)(void *payload, const char *path);
    /* The settings of a root; false without memory. */
    bool (*settings)(void *payload, const char *root, struct pn_lsp_settings *out);
    /* Adds to what was found of that root what its run script does wrong, and marks
     * what its baseline knows; faults as those of the settings. False without memory.
     * May be NULL. */
    bool (*complete)(void *payload, struct pn_report *report,
                     struct pn_lsp_settings *out);
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

/* The same of a text that has all that is sent, without a thread: for tests. */
int
pn_lsp_serve_text(const struct pn_lsp_host *host, struct pn_str text, int out);

#endif
