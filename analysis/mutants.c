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

/* A part of a text, from an offset to another one, with the mutant in it. */
static void
part_write(const struct pn_mutants *mutants, const struct pn_mutant *mutant,
           struct pn_str text, size_t from, struct pn_buffer *out)
{
    size_t behind = mutant->span.offset + mutant->span.size;

    pn_buffer_add(out, text.ptr + from, mutant->span.offset - from);
    if (mutant->text_size)
        pn_buffer_add(out, mutants->text.bytes + mutant->text, mutant->text_size);
    pn_buffer_add(out, text.ptr + behind, text.len - behind);
}

void
pn_mutant_write_statement(const struct pn_mutants *mutants,
                          const struct pn_mutant *mutant,
                          const struct pn_source *source, struct pn_buffer *out)
{
    size_t end = mutant->whole.offset + mutant->whole.size;

    part_write(mutants, mutant, (struct pn_str){ source->text, end },
               mutant->whole.offset, out);
}

void
pn_mutant_write(const struct pn_mutants *mutants, const struct pn_mutant *mutant,
                const struct pn_source *source, struct pn_buffer *out)
{
    part_write(mutants, mutant, (struct pn_str){ source->text, source->size }, 0, out);
}
