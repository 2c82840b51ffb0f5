/* What a server is started with: its flags by hand, or from where it is started. */
#ifndef PN_TOOLS_LINT_SERVER_H
#define PN_TOOLS_LINT_SERVER_H

#include "analysis/lint/lint.h"
#include "tools/tool.h"

struct pn_server_flags {
    struct pn_profile profile;
    bool known;
    struct pn_source source;  /* of a run script or unit; all zero for flags by hand */
    struct pn_span span;      /* the line that starts the server */
    char *cdb, *user;         /* of -x and -u; NULL for none */
    struct pn_buffer problem; /* who may write the cdb; empty for nobody */
};

/*
 * `text` is "-RH" and its like, or the name of a run script or a systemd unit. Returns
 * an enum pn_exit, and tells what is wrong; clear it in any case.
 */
int
pn_server_flags_read(struct pn_tool *tool, const char *text,
                     struct pn_server_flags *out);

void
pn_server_flags_clear(struct pn_server_flags *flags);

#endif
