/* The table of verbs, made from the rows of verbs.def. */
#include "tools/verbs.h"

#include <string.h>

#include "base/sizes.h"

const struct pn_verb pn_verbs[] = {
#define X(name, operands, summary) \
    { #name, operands, summary, &pn_options_##name, pn_verb_##name },
#include "tools/verbs.def"
#undef X
};

const size_t pn_verb_count = PN_COUNT_OF(pn_verbs);

const struct pn_verb *
pn_verb_find(const char *name)
{
    for (size_t i = 0; i < pn_verb_count; i++)
        if (strcmp(pn_verbs[i].name, name) == 0)
            return &pn_verbs[i];
    return NULL;
}
