/* Each target is parsed, changed in one way and printed in the dialect of its file. */
#include "analysis/mutants_words.h"

#include <string.h>

#include "compiler/literal.h"
#include "compiler/space.h"

/* Writes an IPv4 prefix as a classic key: whole octets, and a range in the next one. */
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
prefix_write(struct pn_buffer *out, const struct pn_mutants_work *w, uint8_t family,
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

/* The size of the ident of a word, with its @; 0 for none. */
static size_t
ident_size(const struct pn_mutants_work *w, struct pn_str word)
{
    size_t at = 0;

    if (w->classic) { /* an ident may hold an @, what follows it does not */
        at = word.len;
        while (at && word.ptr[at - 1] != '@')
            at--;
        return at == word.len ? 0 : at;
    }
    if (word.len && word.ptr[0] == '"')
        for (at = 1; at < word.len && word.ptr[at] != '"'; at++)
            at += word.ptr[at] == '\\';
    while (at < word.len && word.ptr[at] != '@')
        at++;
    return at < word.len ? at + 1 : 0;
}

/* Drops an ident, and changes it. */
static void
ident_mutate(struct pn_mutants_work *w, struct pn_span span, size_t size)
{
    struct pn_span ident = { span.offset, (uint32_t)size };
    const char *text = w->tree->source->text + span.offset;
    size_t at = span.offset + size - 1; /* of its @, or of the quote before that */

    if (!size)
        return;
    pn_mutants_drop(w, ident);
    if (!w->classic && size > 1 && text[size - 2] == '"')
        at--;
    pn_mutants_insert(w, PN_MUTANT_CHANGED, ident, at, PN_STR("x"));
}

/* Replaces a word without its ident by a prefix that is longer or shorter by a bit. */
static void
resized(struct pn_mutants_work *w, struct pn_span span, const struct pn_target *target,
        int by)
{
    bool exact = target->kind == PN_TARGET_ADDRESSES;
    unsigned length = exact ? pn_family_bits(target->family) : target->length;
    struct pn_buffer text = { 0 };
    pn_number first;

    if ((by > 0 && length == pn_family_bits(target->family)) ||
        (by < 0 && length <= (w->classic ? 1u : 0u)) ||
        (w->classic && (target->family == 6 || target->has_ident)))
        return;
    length = by > 0 ? length + 1 : length - 1;
    first = target->first & ~pn_host_mask(target->family, length);
    prefix_write(&text, w, target->family, first, length);
    w->out->failed |= text.failed;
    pn_mutants_add(w, by > 0 ? PN_MUTANT_LONGER : PN_MUTANT_SHORTER, span,
                   pn_str_of(&text));
    pn_buffer_free(&text);
}

/* Replaces the front of a name. */
static void
host_changed(struct pn_mutants_work *w, enum pn_mutation mutation, struct pn_span span,
             const char *front, size_t from)
{
    struct pn_str word = pn_source_slice(w->tree->source, span);
    struct pn_buffer text = { 0 };

    pn_buffer_add_text(&text, front);
    pn_buffer_add(&text, word.ptr + from, word.len - from);
    w->out->failed |= text.failed;
    if (!text.failed)
        pn_mutants_add(w, mutation, span, pn_str_of(&text));
    pn_buffer_free(&text);
}

/* Adds and removes a label of "=mx.example.com" or "=.example.com", and makes the one
 * the other. */
static void
host_mutate(struct pn_mutants_work *w, struct pn_span span)
{
    struct pn_str word = pn_source_slice(w->tree->source, span);
    bool suffix = word.len > 1 && word.ptr[1] == '.';
    size_t name = suffix ? 2 : 1, dot = name;

    if (word.len <= name) /* "=": any host */
        return;
    while (dot < word.len && word.ptr[dot] != '.')
        dot++;
    host_changed(w, PN_MUTANT_LONGER, span, suffix ? "=.x." : "=x.", name);
    if (dot + 1 < word.len)
        host_changed(w, PN_MUTANT_SHORTER, span, suffix ? "=." : "=", dot + 1);
    else if (suffix)
        host_changed(w, PN_MUTANT_SHORTER, span, "=", word.len);
    host_changed(w, suffix ? PN_MUTANT_EXACT : PN_MUTANT_SUFFIX, span,
                 suffix ? "=" : "=.", name);
}

void
pn_mutants_word(struct pn_mutants_work *w, struct pn_span span)
{
    struct pn_str word = pn_source_slice(w->tree->source, span);
    size_t ident = ident_size(w, word);
    struct pn_span rest = { span.offset + (uint32_t)ident,
                            span.size - (uint32_t)ident };
    struct pn_buffer scratch = { 0 };
    struct pn_target target;

    ident_mutate(w, span, ident);
    if (rest.size && word.ptr[ident] == '=') {
        host_mutate(w, rest);
    } else if (pn_literal_target(word, &scratch, &target) == PN_DIAG_NONE &&
               (target.kind == PN_TARGET_ADDRESSES ||
                target.kind == PN_TARGET_PREFIXES) &&
               target.count == 1) {
        resized(w, rest, &target, 1);
        resized(w, rest, &target, -1);
    }
    w->out->failed |= scratch.failed;
    pn_buffer_free(&scratch);
}

static bool
is_element(const struct pn_node *node)
{
    return node->kind == PN_NODE_TARGET || node->kind == PN_NODE_LIST;
}

/* Drops one of several elements, with one comma. */
static void
element_drop(struct pn_mutants_work *w, const struct pn_node *element)
{
    struct pn_range range = element->range;

    if (pn_mutants_is_comma(w, range.first - 1))
        range.first--;
    else if (pn_mutants_is_comma(w, range.last + 1))
        range.last++;
    pn_mutants_drop(w, pn_tree_span(w->tree, range));
}

static void
elements_mutate(struct pn_mutants_work *w, const struct pn_node *node)
{
    size_t count = 0;

    for (const struct pn_node *c = node->children.head; c; c = c->next)
        count += is_element(c);
    for (const struct pn_node *c = node->children.head; c; c = c->next) {
        w->element =
            node->kind == PN_NODE_SET || (node->kind == PN_NODE_RULE && count > 1)
                ? c
                : NULL;
        if (is_element(c) && count > 1)
            element_drop(w, c);
        if (c->kind == PN_NODE_TARGET)
            pn_mutants_word(w, pn_tree_span(w->tree, c->range));
    }
    w->element = NULL;
}

void
pn_mutants_targets(struct pn_mutants_work *w, const struct pn_node *node)
{
    elements_mutate(w, node);
    for (const struct pn_node *c = node->children.head; c; c = c->next)
        if (c->kind == PN_NODE_EXCEPT) {
            pn_mutants_drop(w, pn_tree_span(w->tree, c->range));
            elements_mutate(w, c);
        }
}
