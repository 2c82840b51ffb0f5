/* Texts with the statements of mutants behind them, and where each stands. */
#include "analysis/mutants_behind.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/vector.h"

static int
compare_numbered(const void *left, const void *right)
{
    const struct pn_numbered *a = left, *b = right;

    if (a->node != b->node)
        return (uintptr_t)a->node < (uintptr_t)b->node ? -1 : 1;
    return (a->number > b->number) - (a->number < b->number);
}

void
pn_numbered_sort(struct pn_numbered *items, size_t count)
{
    if (count)
        qsort(items, count, sizeof(*items), compare_numbered);
}

uint32_t
pn_numbered_find(const struct pn_numbered *items, size_t count,
                 const struct pn_node *node)
{
    size_t low = 0, high = count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if ((uintptr_t)items[middle].node < (uintptr_t)node)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == count || items[low].node != node ||
        (low + 1 < count && items[low + 1].node == node))
        return UINT32_MAX;
    return items[low].number;
}

void
pn_behind_begin(struct pn_behind *behind, struct pn_str text, const char *line)
{
    behind->text.size = behind->count = 0;
    behind->element = NULL;
    pn_buffer_add(&behind->text, text.ptr, text.len);
    if (text.len && text.ptr[text.len - 1] != '\n')
        pn_buffer_add_text(&behind->text, "\n");
    behind->size = behind->text.size;
    pn_buffer_add_text(&behind->text, line);
}

static void
item_add(struct pn_behind *behind, size_t number, bool is_part)
{
    const struct pn_behind_item item = { behind->text.size, number, is_part };

    behind->failed |= !pn_vector_add(&behind->items, &behind->count, &behind->capacity,
                                     &item, sizeof(item));
}

void
pn_behind_add(struct pn_behind *behind, const struct pn_mutants *mutants, size_t number,
              const struct pn_source *source)
{
    item_add(behind, number, false);
    pn_mutant_write_statement(mutants, &mutants->items[number], source, &behind->text);
    pn_buffer_add_text(&behind->text, "\n");
    behind->failed |= behind->text.failed;
}

/* A target with an ident, or *, says something about the others, too. */
static bool
could_stand_alone(const struct pn_tree *tree, const struct pn_node *target)
{
    struct pn_str word =
        pn_source_slice(tree->source, pn_tree_span(tree, target->range));

    return target->kind == PN_NODE_TARGET && word.len &&
           !memchr(word.ptr, '@', word.len) && word.ptr[0] != '*' && word.ptr[0] != '"';
}

bool
pn_behind_is_plain(const struct pn_tree *tree, const struct pn_node *target)
{
    struct pn_str word =
        pn_source_slice(tree->source, pn_tree_span(tree, target->range));

    return could_stand_alone(tree, target) && word.ptr[0] != '$';
}

static bool
has_list(const struct pn_node *node)
{
    for (const struct pn_node *c = node->children.head; c; c = c->next)
        if (c->kind == PN_NODE_LIST || (c->kind == PN_NODE_EXCEPT && has_list(c)))
            return true;
    return false;
}

const struct pn_behind_rule *
pn_behind_rule(struct pn_behind *behind, const struct pn_tree *tree,
               const struct pn_node *node)
{
    struct pn_behind_rule *rule = &behind->rule;
    struct pn_span whole;

    if (rule->node == node)
        return rule;
    *rule = (struct pn_behind_rule){ .node = node, .has_list = has_list(node) };
    rule->is_divisible = true;
    for (const struct pn_node *c = node->children.head; c; c = c->next) {
        struct pn_span span = pn_tree_span(tree, c->range);

        if (c->kind == PN_NODE_TARGET)
            rule->tail = span.offset + span.size;
        rule->is_divisible &= c->kind != PN_NODE_EXCEPT && c->kind != PN_NODE_LIST &&
                              (c->kind != PN_NODE_TARGET || could_stand_alone(tree, c));
    }
    whole = pn_tree_span(
        tree,
        (struct pn_range){ node->range.first,
                           node->range.last - (node->range.last > node->range.first) });
    rule->end = whole.offset + whole.size;
    return rule;
}

/* What stands behind the targets of a rule. */
static void
tail_write(struct pn_behind *behind, const struct pn_behind_part *part)
{
    const struct pn_behind_rule *rule = part->rule;

    pn_buffer_add(&behind->text, part->rule_source->text + rule->tail,
                  rule->end - rule->tail);
    pn_buffer_add_text(&behind->text, "\n");
    behind->failed |= behind->text.failed;
}

void
pn_behind_add_part(struct pn_behind *behind, const struct pn_mutants *mutants,
                   size_t number, const struct pn_behind_part *part)
{
    const struct pn_mutant *m = &mutants->items[number];
    struct pn_span span = pn_tree_span(part->tree, m->element->range);
    const char *text = part->tree->source->text;
    size_t end = span.offset + span.size, at = m->span.offset + m->span.size;

    if (behind->element != m->element) {
        item_add(behind, number, true);
        pn_buffer_add(&behind->text, text + span.offset, span.size);
        tail_write(behind, part);
        behind->element = m->element;
    }
    if (m->mutation == PN_MUTANT_DROPPED)
        return;
    item_add(behind, number, false);
    pn_buffer_add(&behind->text, text + span.offset, m->span.offset - span.offset);
    if (m->text_size)
        pn_buffer_add(&behind->text, mutants->text.bytes + m->text, m->text_size);
    pn_buffer_add(&behind->text, text + at, end - at);
    tail_write(behind, part);
}

size_t
pn_behind_at(const struct pn_behind *behind, size_t offset)
{
    size_t low = 0, high = behind->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (behind->items[middle].offset <= offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? behind->items[low - 1].mutant : SIZE_MAX;
}

void
pn_behind_clear(struct pn_behind *behind)
{
    pn_buffer_free(&behind->text);
    pn_free(behind->items);
    *behind = (struct pn_behind){ 0 };
}
