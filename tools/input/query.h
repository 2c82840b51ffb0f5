/* Queries as lines of text: TSV, JSON, or the log of a server in one of its formats. */
#ifndef PN_TOOLS_INPUT_QUERY_H
#define PN_TOOLS_INPUT_QUERY_H

#include "tools/input/query_line.h"

/* Host and ident together, in bytes: what the matcher takes, less an address. */
#define PN_QUERY_TEXT_MAX (POSTERN_TEXT_MAX - POSTERN_ADDR_TEXT_SIZE)

/*
 * Reads one line, without its newline. A line with "tcpserver: " or "udpserver: " in it
 * is of a log: its ok and deny lines are queries, others give none. Lines of other
 * servers are read too, as query_daemons.h says. A line that begins with { is JSON:
 * {"address": ..., "host": ..., "ident": ...}, or an object of a log, which may have a
 * time in front: connections that were allowed or denied are queries. All else is TSV:
 * address, host, ident,
 * "-" for none, fields at the end may be left out. Too long a host or ident is a fault.
 */
void
pn_query_parse(struct pn_query_line *out, struct pn_str line);

#endif
