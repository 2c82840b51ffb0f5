/* The rules of tcpserver: a cdb, and the source beside it. */
#ifndef PN_TOOLS_ADOPT_RULES_H
#define PN_TOOLS_ADOPT_RULES_H

#include "tools/adopt.h"

/*
 * Appends the policy of a compiled file: the source beside it when that compiles to the
 * very bytes, else what the file itself says. False when there is none to be had; a
 * note says why.
 */
bool
pn_adopt_rules_read(struct pn_adopt *adopt, const char *cdb, struct pn_buffer *policy);

#endif
