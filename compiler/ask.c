/* Only very long names want memory. */
#include "compiler/ask.h"

#include <stdlib.h>

enum { KEY_MARKS = 8 }; /* what keys have besides the texts; see struct postern_query */

enum postern_status
pn_ask(const struct postern_rules *rules, const struct postern_query *query,
       struct postern_decision *out)
{
    size_t address =
        query->remote_text.ptr ? query->remote_text.len : POSTERN_ADDR_TEXT_SIZE;
    size_t size = address + query->host.len + query->ident.len;
    struct postern_query asked = *query;
    enum postern_status status;

    *out = (struct postern_decision)POSTERN_DECISION_INIT;
    if (size <= POSTERN_TEXT_MAX)
        return postern_rules_decide(rules, query, out);
    asked.scratch_size = size + KEY_MARKS;
    asked.scratch = malloc(asked.scratch_size);
    status = asked.scratch ? postern_rules_decide(rules, &asked, out) : POSTERN_E_NOMEM;
    free(asked.scratch);
    return status;
}
