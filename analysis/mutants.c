/* Walks the trees; each rule, prefix and variable is at fault once. */
#include "analysis/mutants.h"

#include <stdlib.h>
#include <string.h>

#include "base/vector.h"
#include "compiler/literal.h"
#include "compiler/space.h"

const char *const pn_mutation_names[] = { "deleted", "flipped", "longer", "shorter",
                                          "dropped" };

struct work {
    struct pn_mutants *out;
    const struct pn_tree *tree;
    uint32_t file;
    bool classic;
};

static void
add(struct work *w, enum pn_mutation mutation, struct pn_span span, struct pn_str text)
{
    struct pn_mutants *out = w->out;
    struct pn_mutant mutant = { mutation, w->file, span, out->text.size, text.len };

    pn_buffer_add(&out->text, text.ptr, text.len);
    if (out->text.failed ||
        !pn_vector_reserve(&out->items, &out->capacity, out->count + 1, sizeof(mutant)))
        out->failed = true;
    else
        out->items[out->count++] = mutant;
}

/* The classic spelling: whole octets, and a range in the next one. */
static void
octets_write(struct pn_buffer *out, uint32_t first, unsigned length)
{
    unsigned whole = length / 8, rest = length % 8;

    for (unsigned i = 0; i < whole; i++)
        pn_buffer_add_format(out, "%u%s", first >> (24 - 8 * i) & 255,
                             i < 3 ? "." : "");
    if (rest) {
        unsigned low = first >> (24 - 8 * whole) & 255;

        pn_buffer_add_format(out, "%u-%u%s", low, low + (1u << (8 - rest)) - 1,
                             whole < 3 ? "." : "");
    }
}

static void
prefix_write(struct pn_buffer *out, const struct work *w, uint8_t family,
             pn_number first, unsigned length)
{
    struct postern_addr addr = pn_number_address(first, family);
    char text[POSTERN_ADDR_TEXT_SIZE];

    if (w->classic) {
        octets_write(out, (uint32_t)first, length);
        return;
    }
    postern_addr_print(&addr, text);
    pn_buffer_add_format(out, "%s/%u", text, length);
}

/* A prefix of another length in the place of a word, behind its ident. */
static void
resized(struct work *w, struct pn_span span, const struct pn_target *target, int by)
{
    struct pn_str word = pn_source_slice(w->tree->source, span);
    const char *at = target->has_ident ? memchr(word.ptr, '@', word.len) : NULL;
    bool exact = target->kind == PN_TARGET_ADDRESSES;
    unsigned length = exact ? pn_family_bits(target->family) : target->length;
    struct pn_buffer text = { 0 };
    pn_number first;

    if ((by > 0 && length == pn_family_bits(target->family)) ||
        (by < 0 && length <= (w->classic ? 1u : 0u)) ||
        (w->classic && (target->family == 6 || target->has_ident)))
        return;
    length = by > 0 ? length + 1 : length - 1;
    first = target->first & ~pn_number_below(target->family, length);
    if (at)
        pn_buffer_add(&text, word.ptr, (size_t)(at + 1 - word.ptr));
    prefix_write(&text, w, target->family, first, length);
    w->out->failed |= text.failed;
    add(w, by > 0 ? PN_MUTANT_LONGER : PN_MUTANT_SHORTER, span,
        (struct pn_str){ text.bytes, text.size });
    pn_buffer_free(&text);
}

static void
word_mutate(struct work *w, struct pn_span span)
{
    struct pn_buffer scratch = { 0 };
    struct pn_target target;

    if (pn_literal_target(pn_source_slice(w->tree->source, span), &scratch, &target) ==
            PN_DIAG_COUNT &&
        (target.kind == PN_TARGET_ADDRESSES || target.kind == PN_TARGET_PREFIXES) &&
        target.count == 1) {
        resized(w, span, &target, 1);
        resized(w, span, &target, -1);
    }
    w->out->failed |= scratch.failed;
    pn_buffer_free(&scratch);
}

static void
targets_mutate(struct work *w, const struct pn_node *node)
{
    for (const struct pn_node *c = node->children.head; c; c = c->next)
        if (c->kind == PN_NODE_TARGET)
            word_mutate(w, pn_tree_span(w->tree, c->range));
}

/* The statement without its line's end. */
static struct pn_span
statement_span(const struct work *w, const struct pn_node *node)
{
    struct pn_range range = node->range;

    if (range.last > range.first)
        range.last--;
    return pn_tree_span(w->tree, range);
}

static struct pn_span
span_from(const struct work *w, uint32_t offset, const struct pn_node *rule)
{
    struct pn_span whole = statement_span(w, rule);

    return (struct pn_span){ offset, whole.offset + whole.size - offset };
}

/* Where a rule's verdict stands: behind its key, or behind the colon of its targets. */
static uint32_t
verdict_at(const struct work *w, const struct pn_node *rule)
{
    static const char *const words[] = { "allow", "deny", "block" };
    const char *word = words[rule->action];
    uint32_t token = w->classic ? rule->token + 1 : rule->range.first;
    const struct pn_token *t;

    for (const struct pn_node *c = rule->children.head; c && !w->classic; c = c->next)
        if (c->kind == PN_NODE_TARGET || c->kind == PN_NODE_LIST ||
            c->kind == PN_NODE_EXCEPT)
            token = c->range.last + 1;
    for (; token <= rule->range.last; token++) {
        t = &w->tree->tokens[token];
        if (t->size == strlen(word) &&
            memcmp(w->tree->source->text + t->offset, word, t->size) == 0)
            return t->offset;
    }
    return UINT32_MAX;
}

static void
variables_mutate(struct work *w, const struct pn_node *rule)
{
    for (const struct pn_node *c = rule->children.head; c; c = c->next) {
        struct pn_range range = c->range;

        if (c->kind != PN_NODE_ASSIGN && c->kind != PN_NODE_GROUP)
            continue;
        if (!w->classic)
            range.first--; /* its comma */
        add(w, PN_MUTANT_DROPPED, pn_tree_span(w->tree, range),
            (struct pn_str){ "", 0 });
    }
}

static void
rule_mutate(struct work *w, const struct pn_node *rule)
{
    uint32_t verdict = verdict_at(w, rule);

    add(w, PN_MUTANT_DELETED, statement_span(w, rule), (struct pn_str){ "", 0 });
    if (verdict != UINT32_MAX) /* what it is given belongs to its verdict */
        add(w, PN_MUTANT_FLIPPED, span_from(w, verdict, rule),
            rule->action == PN_ALLOW ? (struct pn_str){ "deny", 4 }
                                     : (struct pn_str){ "allow", 5 });
    if (w->classic)
        word_mutate(w, (struct pn_span){ w->tree->tokens[rule->token].offset,
                                         w->tree->tokens[rule->token].size - 1 });
    else
        targets_mutate(w, rule);
    if (rule->action == PN_ALLOW)
        variables_mutate(w, rule);
}

void
pn_mutants_make(struct pn_mutants *out, const struct pn_unit *unit)
{
    *out = (struct pn_mutants){ 0 };
    for (uint32_t i = 0; i < unit->count; i++) {
        const struct pn_file *file = unit->files[i];
        struct work w = { out, &file->tree, i, file->dialect == PN_CLASSIC };

        if (file->is_test || !file->tree.file)
            continue;
        for (const struct pn_node *n = file->tree.file->children.head; n; n = n->next)
            if (n->kind == PN_NODE_RULE)
                rule_mutate(&w, n);
            else if (n->kind == PN_NODE_SET)
                targets_mutate(&w, n);
    }
}

void
pn_mutants_clear(struct pn_mutants *mutants)
{
    free(mutants->items);
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
