/* A query as one JSON object. */
#ifndef PN_TOOLS_INPUT_QUERY_JSON_H
#define PN_TOOLS_INPUT_QUERY_JSON_H

#include "tools/input/query_line.h"

/* Reads one line that begins with {. The same results as pn_query_parse(). */
void
pn_query_parse_json(struct pn_query_line *out, struct pn_str line);

#endif
