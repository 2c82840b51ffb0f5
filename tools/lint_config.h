/* The options of postern lint, as a person writes them and as the linter takes them. */
#ifndef PN_TOOLS_LINT_CONFIG_H
#define PN_TOOLS_LINT_CONFIG_H

#include "analysis/lint/lint.h"
#include "analysis/lint/settings.h"
#include "tools/input/rules_file.h"
#include "tools/lint_server.h"
#include "tools/tool.h"

enum pn_fail_level { PN_FAIL_ERROR, PN_FAIL_WARNING, PN_FAIL_NOTE, PN_FAIL_NEVER };

struct pn_lint_config {
    struct pn_common common; /* first: see pn_tool_options() */
    /* words of the command line and of .postern, which outlive it */
    const char *only, *ignore, *server, *as_of, *against, *baseline, *write_baseline;
    const char *privileged, *trusted, *config;
    int fail_level; /* enum pn_fail_level */
    size_t max;
    bool no_config, no_ignores, strict, fix, unsafe, all_users, diff, watch, list;
};

struct pn_lint_config
pn_lint_config_default(void);

/* What comes of the options: it points into them and to itself, and stays in place. */
struct pn_lint_setup {
    struct pn_lint_options options;
    bool on[PN_CHECK_NONE];
    struct pn_server_flags flags;
    struct pn_rules_file against;
    struct pn_decoded against_decoded;
    struct pn_privileged privileged;
    struct pn_trusted trusted;
};

/* Returns an enum pn_exit, and reports what is wrong; clear it in any case. */
int
pn_lint_setup_make(struct pn_lint_setup *setup, struct pn_tool *tool,
                   const struct pn_lint_config *config);

void
pn_lint_setup_clear(struct pn_lint_setup *setup);

#endif
