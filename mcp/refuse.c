/* What every method of the protocol may do: refuse. */
#include "mcp/server.h"

void
pn_mcp_refuse(struct pn_mcp_asked *asked, enum pn_rpc_code code, const char *why)
{
    asked->code = code;
    asked->why = why;
}
