/* The part of a query that all forms of a line share: its address. */
#include "tools/input/query_line.h"

void
pn_query_address(struct pn_query_line *out, struct pn_str text)
{
    if (!text.len) {
        out->kind = PN_QUERY_FAULTY;
        out->fault = "the address is missing";
    } else if (!postern_addr_parse(text.ptr, text.len, &out->query.remote)) {
        out->kind = PN_QUERY_FAULTY;
        out->fault = "this is no IPv4 or IPv6 address";
    } else {
        out->kind = PN_QUERY_READ;
        out->fault = NULL;
    }
}
