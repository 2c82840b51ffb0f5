/* The settings by which a language server lints a policy: those of postern lint. */
#ifndef PN_TOOLS_LSP_SETTINGS_H
#define PN_TOOLS_LSP_SETTINGS_H

#include "lsp/host.h"
#include "tools/lint_operands.h"

/* Those of the root that was asked for last. It stays where it is. */
struct pn_lsp_linter {
    struct pn_tool tool;   /* what it says is kept, and not printed */
    struct pn_words words; /* of POSTERN_OPTS, */
    char *fault;           /* and what is wrong with them, or NULL */
    struct pn_lint_config given;
    struct pn_watched watched;
    struct pn_notices notices;
    struct pn_lint_operands operands;
    struct pn_lsp_fault *faults; /* their texts are ours */
    size_t fault_count, fault_capacity;
    bool failed; /* out of memory */
};

/* `options` is POSTERN_OPTS, or NULL. False without memory; clear it in any case. */
bool
pn_lsp_linter_begin(struct pn_lsp_linter *linter, const char *options);

/* As pn_lsp_host.settings and pn_lsp_host.complete. */
bool
pn_lsp_linter_settings(struct pn_lsp_linter *linter, const char *root,
                       struct pn_lsp_settings *out);

bool
pn_lsp_linter_complete(struct pn_lsp_linter *linter, struct pn_report *report,
                       struct pn_lsp_settings *out);

void
pn_lsp_linter_clear(struct pn_lsp_linter *linter);

#endif
