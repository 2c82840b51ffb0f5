/* A set is edited only when nothing else uses it; a list file never is. */
#include "analysis/lint/redundant_elements.h"

#include <string.h>

#include "analysis/lint/list_dependence.h"
#include "compiler/listed.h"
#include "compiler/literal.h"
#include "compiler/unicast.h"

static const struct pn_prefix *
redundant_entry(const struct pn_lint *lint, const struct pn_redundant_element *found)
{
    uint32_t group = lint->survey.infos[found->item].group;

    return &pn_lint_list(lint, group, pn_family_at(found->six))->items[found->index];
}

/* The redundant elements of an item are neighbours, family by family. */
static const struct pn_redundant_element *
first_redundant(const struct pn_lint *lint, uint32_t item)
{
    for (size_t i = 0; i < lint->survey.redundant_count; i++)
        if (lint->survey.redundant[i].item == item)
            return &lint->survey.redundant[i];
    return NULL;
}

/* The single prefix or address that a word means; false for anything else. */
static bool
element_prefix(struct pn_lint *lint, struct pn_str word, struct pn_target *out)
{
    struct pn_buffer scratch = { 0 };
    enum pn_diag_id id = pn_literal_target(word, &scratch, out);

    lint->failed |= scratch.failed;
    pn_buffer_free(&scratch);
    if (id != PN_DIAG_NONE || out->count != 1 || out->has_ident ||
        out->kind > PN_TARGET_PREFIXES)
        return false;
    if (out->kind == PN_TARGET_ADDRESSES)
        out->length = (uint8_t)pn_family_bits(out->family);
    return true;
}

/* A prefix or address as a key: equal bytes for equal ones. */
struct prefix_key {
    pn_number first;
    uint32_t family, length, exact;
    uint32_t padding;
};

static struct prefix_key
key_of(const struct pn_target *element)
{
    struct prefix_key key;

    memset(&key, 0, sizeof(key)); /* it is compared as bytes */
    key.first = element->first;
    key.family = element->family;
    key.length = element->length;
    key.exact = element->kind == PN_TARGET_ADDRESSES;
    return key;
}

static bool
is_in(const struct pn_intern *keys, const struct pn_target *element)
{
    struct prefix_key key = key_of(element);
    uint32_t number;

    return pn_intern_find(keys, &key, sizeof(key), &number);
}

static void
keys_add(struct pn_lint *lint, struct pn_intern *keys, const struct pn_target *element)
{
    struct prefix_key key = key_of(element);
    uint32_t number;

    lint->failed |= !pn_intern_add(keys, &key, sizeof(key), &number);
}

/* Collects the redundant elements of an item that are words of its set. */
static void
redundant_collect(struct pn_lint *lint, uint32_t item, const struct pn_intern *among,
                  struct pn_intern *out)
{
    for (size_t i = 0; i < lint->survey.redundant_count; i++) {
        const struct pn_redundant_element *found = &lint->survey.redundant[i];
        const struct pn_prefix *entry;
        struct pn_target element = { .family = pn_family_at(found->six) };

        if (found->item != item)
            continue;
        entry = redundant_entry(lint, found);
        element.kind = entry->is_address ? PN_TARGET_ADDRESSES : PN_TARGET_PREFIXES;
        element.length = entry->length;
        element.first = entry->start;
        if (is_in(among, &element))
            keys_add(lint, out, &element);
    }
}

/* Is it inside a shorter prefix of the same set? That one stays, so this one may go. */
static bool
is_inside(const struct pn_intern *all, const struct pn_target *element)
{
    struct pn_target around = *element;

    around.kind = PN_TARGET_PREFIXES;
    for (unsigned length = element->length; length-- > 0;) {
        around.length = (uint8_t)length;
        around.first &= ~pn_host_mask(around.family, length);
        if (is_in(all, &around))
            return true;
    }
    return false;
}

/* Deletes an element up to the next one, or to the end of its line. */
static void
element_delete(struct pn_lint *lint, struct pn_finding *f, uint32_t file,
               const struct pn_node *node)
{
    const struct pn_tree *tree = pn_unit_tree(lint->unit, file);
    const struct pn_source *source = tree->source;
    struct pn_span span = pn_token_span(tree->tokens[node->token]);
    uint32_t first = span.offset, last = span.offset + span.size;

    while (last < source->size && strchr(" \t,", source->text[last]) &&
           source->text[last])
        last++;
    if (last < source->size && source->text[last] == '\n') {
        uint32_t start = first;

        while (start && strchr(" \t", source->text[start - 1]))
            start--;
        if (start && source->text[start - 1] == '\n') { /* it has a line of its own */
            first = start;
            last++;
        } else {
            last = span.offset + span.size; /* the comma before it may stay */
        }
    }
    pn_lint_replace(lint, f, file, (struct pn_span){ first, last - first }, PN_STR(""),
                    0);
}

/* An element of a set as a prefix or address; false for anything else. */
static bool
node_prefix(struct pn_lint *lint, uint32_t file, const struct pn_node *node,
            struct pn_target *out)
{
    const struct pn_tree *tree = pn_unit_tree(lint->unit, file);
    struct pn_span span = pn_token_span(tree->tokens[node->token]);

    return node->kind == PN_NODE_TARGET &&
           element_prefix(lint, pn_source_slice(tree->source, span), out);
}

/* Deletes the redundant elements that are inside others of their set. */
static void
elements_delete(struct pn_lint *lint, struct pn_finding *f,
                const struct pn_definition *set, uint32_t item)
{
    struct pn_intern redundant = { 0 }, all = { 0 };
    struct pn_target element;

    for (const struct pn_node *n = set->node->children.head; n; n = n->next)
        if (node_prefix(lint, set->file, n, &element))
            keys_add(lint, &all, &element);
    if (all.count) /* otherwise there are only lists */
        redundant_collect(lint, item, &all, &redundant);
    for (const struct pn_node *n = set->node->children.head; n; n = n->next)
        if (n->next && /* the last one has no comma */
            node_prefix(lint, set->file, n, &element) && is_in(&redundant, &element) &&
            is_inside(&all, &element))
            element_delete(lint, f, set->file, n);
    pn_intern_clear(&redundant);
    pn_intern_clear(&all);
}

static void
set_edit(struct pn_lint *lint, struct pn_finding *f, uint32_t item)
{
    struct pn_str word = pn_lint_text(lint, item);
    const char *sign = memchr(word.ptr, '$', word.len);
    struct pn_str name;
    uint32_t number;

    if (!sign)
        return;
    name = (struct pn_str){ sign + 1, word.len - (size_t)(sign + 1 - word.ptr) };
    if (!pn_intern_find(&lint->policy->names.intern, name.ptr, name.len, &number) ||
        lint->use_counts[number] != 1)
        return;
    elements_delete(lint, f, &lint->policy->names.items[number], item);
}

/* Links the line of a list that the entry comes from, if it does. */
static void
entry_link(struct pn_lint *lint, struct pn_finding *f, uint32_t item,
           const struct pn_listed_of *of)
{
    struct pn_listed_of at = *of;
    struct pn_listed_entry found;

    at.target = (struct pn_target_at){ .file = pn_lint_file(lint, item),
                                       .node = lint->policy->items[item].node };
    if (at.target.node && pn_policy_listed_as(lint->policy, &at, &found))
        pn_finding_link(lint->report, f,
                        (struct pn_source_span){ &found.list->source, found.at, 0 },
                        pn_report_format(lint->report, "is one of them"));
}

void
pn_redundant_elements_lint(struct pn_lint *lint, const struct pn_collection *collection)
{
    struct pn_finding *f = pn_lint_add(lint, PN_CHECK_IDLE_ELEMENTS, collection->item);
    const struct pn_redundant_element *found;
    char text[POSTERN_ADDR_TEXT_SIZE];

    if (!f)
        return;
    pn_depends_report(lint, f, pn_depends_redundant(lint, collection->item));
    f->label = pn_report_format(lint->report, "%zu of %zu elements",
                                collection->redundant, collection->count);
    found = first_redundant(lint, collection->item);
    if (found) {
        const struct pn_prefix *entry = redundant_entry(lint, found);
        uint8_t family = pn_family_at(found->six);
        struct postern_addr addr = pn_number_address(entry->start, family);
        pn_number last = pn_prefix_last(entry, family);
        struct pn_witness witness = { pn_example_address(family, entry->start, last),
                                      family, PN_RULE_NONE };

        postern_addr_print(&addr, text);
        f->label = pn_report_format(lint->report, "%zu of %zu elements, %s/%u for one",
                                    collection->redundant, collection->count, text,
                                    entry->length);
        pn_lint_query(lint, f, &witness, PN_HOST_NONE,
                      lint->survey.infos[collection->item].group);
        entry_link(lint, f, collection->item,
                   &(struct pn_listed_of){ .family = family, .entry = *entry });
    }
    set_edit(lint, f, collection->item);
}
