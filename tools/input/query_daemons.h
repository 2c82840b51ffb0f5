/* Connections in the logs of other servers: xinetd, inetd, libwrap, sshd, ipsvd, s6. */
#ifndef PN_TOOLS_INPUT_QUERY_DAEMONS_H
#define PN_TOOLS_INPUT_QUERY_DAEMONS_H

#include "tools/input/query_line.h"

/*
 * Reads a line in which `colon` is the first one with a blank behind it: what stands in
 * front of it says whose line it is. False when it is nobody's of these; `out` is as it
 * was then.
 */
bool
pn_query_parse_daemon(struct pn_query_line *out, struct pn_str line, size_t colon);

#endif
