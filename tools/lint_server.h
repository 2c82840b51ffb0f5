/* What a server is started with: its flags by hand, or from where it is started. */
#ifndef PN_TOOLS_LINT_SERVER_H
#define PN_TOOLS_LINT_SERVER_H

#include "analysis/lint/lint.h"
#include "tools/tool.h"

struct pn_server_kind;

struct pn_server_flags {
    const struct pn_server_kind
        *kind; /* of lint_server_words.h; NULL: nothing is known */
    struct pn_profile profile;
    bool known;
    struct pn_source source;  /* of a run script or unit; all zero for flags by hand */
    struct pn_span span;      /* the line that starts the server */
    char *cdb, *user, *group; /* of -x, -u and -g; NULL for none */
    char *port;               /* as it is written; NULL when it is not seen */
    struct pn_buffer proxies; /* of --proxy-from: its lists with commas between */
    bool asks_hosts;          /* of every client, whatever the rules need */
    bool env_ids;             /* -U */
    bool limits_patch;        /* --limits-patch */
    size_t penalty_most;      /* of --penalty-max; 0: it is not there, */
    bool penalty_unknown;     /* or worked out when the script runs */
    bool names_ids;           /* envuidgid, or what is like it, starts the server */
    bool drops;               /* something else makes the program another user's */
    bool unsure;              /* $VARIABLES may be options that are not seen */
    bool failed;              /* out of memory */
    struct pn_buffer problem; /* who else may write the cdb; empty for nobody */
};

/*
 * `text` is "-RH" and its like, or the name of a run script or a systemd unit. Returns
 * an enum pn_exit, and reports what is wrong; clear it in any case.
 */
int
pn_server_flags_read(struct pn_tool *tool, const char *text,
                     struct pn_server_flags *out);

/*
 * The same of a script or unit that was read, which becomes that of *out, all zero
 * before; no other file is looked at. False when it starts no server, or without
 * memory, which out->failed remembers.
 */
bool
pn_server_flags_of(struct pn_source *text, struct pn_server_flags *out);

/*
 * Adds what is wrong with the peers whose PROXY header the server believes, when these
 * files are its rules. False without memory.
 */
bool
pn_balancers_lint(struct pn_tool *tool, const struct pn_server_flags *flags,
                  char **names, size_t count, struct pn_report *report);

/*
 * Adds what a run script does wrong with the rules that these files compile into, once
 * for all of them; without a script nothing.
 */
int
pn_server_lint(struct pn_tool *tool, const struct pn_server_flags *flags, char **names,
               size_t count, struct pn_report *report);

void
pn_server_flags_clear(struct pn_server_flags *flags);

#endif
