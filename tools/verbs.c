/* The table of verbs, made from the rows of verbs.def. */
#include "tools/verbs.h"

#include <string.h>

#include "base/nearest.h"
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

/* What other tools call what a verb does. */
static const struct {
    const char *word, *verb;
} habits[] = {
    { "build", "compile" },     { "make", "compile" }, { "verify", "test" },
    { "validate", "lint" },     { "query", "check" },  { "decompile", "dump" },
    { "optimize", "minimize" }, { "compare", "diff" }, { "man", "help" },
};

const char *
pn_verb_near(const char *name)
{
    struct pn_nearest nearest;

    for (size_t i = 0; i < PN_COUNT_OF(habits); i++)
        if (strcmp(habits[i].word, name) == 0)
            return habits[i].verb;
    pn_nearest_begin(&nearest, pn_str_of_text(name));
    for (size_t i = 0; i < pn_verb_count; i++)
        pn_nearest_offer(&nearest, pn_str_of_text(pn_verbs[i].name));
    return nearest.best.ptr;
}
