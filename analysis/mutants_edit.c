/* Each mutant is a span of a file and the text that replaces it. */
#include "analysis/mutants_edit.h"

#include "base/vector.h"

void
pn_mutants_add(struct pn_mutants_work *w, enum pn_mutation mutation,
               struct pn_span span, struct pn_str text)
{
    struct pn_mutants *out = w->out;
    struct pn_mutant mutant = { .mutation = mutation,
                                .of_assertion = w->of_assertion,
                                .file = w->file,
                                .span = span,
                                .text = out->text.size,
                                .text_size = text.len,
                                .statement = w->statement,
                                .whole = w->whole,
                                .element = w->element };

    pn_buffer_add(&out->text, text.ptr, text.len);
    out->failed |=
        out->text.failed || !pn_vector_add(&out->items, &out->count, &out->capacity,
                                           &mutant, sizeof(mutant));
}

void
pn_mutants_drop(struct pn_mutants_work *w, struct pn_span span)
{
    pn_mutants_add(w, PN_MUTANT_DROPPED, span, PN_STR(""));
}

void
pn_mutants_insert(struct pn_mutants_work *w, enum pn_mutation mutation,
                  struct pn_span span, size_t at, struct pn_str what)
{
    struct pn_str whole = pn_source_slice(w->tree->source, span);
    struct pn_buffer text = { 0 };
    size_t front = at - span.offset;

    pn_buffer_add(&text, whole.ptr, front);
    pn_buffer_add(&text, what.ptr, what.len);
    pn_buffer_add(&text, whole.ptr + front, whole.len - front);
    w->out->failed |= text.failed;
    if (!text.failed)
        pn_mutants_add(w, mutation, span, pn_str_of(&text));
    pn_buffer_free(&text);
}

bool
pn_mutants_is_comma(const struct pn_mutants_work *w, uint32_t token)
{
    const struct pn_token *t = &w->tree->tokens[token];

    return t->size == 1 && w->tree->source->text[t->offset] == ',';
}
