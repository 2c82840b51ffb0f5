/* The list of mutants, and the text of each. */
#include "analysis/mutants.h"

#include "base/memory.h"

const char *const pn_mutation_names[] = { "deleted", "flipped", "longer",  "shorter",
                                          "suffix",  "exact",   "dropped", "changed" };

void
pn_mutants_clear(struct pn_mutants *mutants)
{
    pn_free(mutants->items);
    pn_buffer_free(&mutants->text);
    *mutants = (struct pn_mutants){ 0 };
}

void
pn_mutant_write(const struct pn_mutants *mutants, const struct pn_mutant *mutant,
                const struct pn_source *source, struct pn_buffer *out)
{
    size_t behind = mutant->span.offset + mutant->span.size;

    pn_buffer_add(out, source->text, mutant->span.offset);
    if (mutant->text_size)
        pn_buffer_add(out, mutants->text.bytes + mutant->text, mutant->text_size);
    pn_buffer_add(out, source->text + behind, source->size - behind);
}
