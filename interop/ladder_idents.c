/* Who has an ident gets rules of his own: all of them, as they are for him. */
#include "base/intern.h"
#include "base/memory.h"
#include "interop/ladder_work.h"

/* What there is of a ladder for an ident. False without memory. */
static bool
ident_take(const struct pn_ladder *ladder, struct pn_str ident, struct pn_ladder *out)
{
    for (size_t i = 0; i < ladder->rule_count; i++) {
        struct pn_ladder_rule rule = ladder->rules[i];
        const struct pn_ladder_pattern *pattern = ladder->patterns + rule.patterns;
        size_t count = rule.count;

        rule.count = 0;
        for (; count--; pattern++) {
            if (pattern->ident.ptr &&
                (!ident.ptr || !pn_str_equal(pattern->ident, ident)))
                continue;
            if (!pn_ladder_pattern_add(out, *pattern))
                return false;
            rule.count++;
        }
        if (!pn_ladder_rule_add(out, rule))
            return false;
    }
    return true;
}

static void
ident_write(const struct pn_ladder *ladder, struct pn_import *import,
            struct pn_str ident)
{
    struct pn_ladder own = { .tails = ladder->tails }; /* borrowed */

    import->failed |= !ident_take(ladder, ident, &own);
    if (!import->failed)
        pn_ladder_write_for(&own, import, ident);
    pn_free(own.patterns);
    pn_free(own.rules);
}

void
pn_ladder_write(const struct pn_ladder *ladder, struct pn_import *import)
{
    struct pn_intern idents = { { 0 }, NULL, 0, 0, NULL, 0 };

    for (size_t i = 0; i < ladder->pattern_count && !import->failed; i++) {
        struct pn_str ident = ladder->patterns[i].ident;
        uint32_t number;

        if (ident.ptr)
            import->failed |= !pn_intern_add(&idents, ident.ptr, ident.len, &number);
    }
    if (idents.count > PN_LADDER_IDENTS_MOST)
        pn_import_error(import, 0, 0, "more than %d users are not told apart",
                        PN_LADDER_IDENTS_MOST);
    for (uint32_t i = 0; i < idents.count && !import->failed && !import->has_errors;
         i++)
        ident_write(ladder, import, pn_intern_text(&idents, i));
    if (!import->failed && !import->has_errors)
        ident_write(ladder, import, (struct pn_str){ NULL, 0 });
    pn_intern_clear(&idents);
}
