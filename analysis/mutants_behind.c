/* Texts with the statements of mutants behind them, and where each stands. */
#include "analysis/mutants_behind.h"

#include <stdlib.h>

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
    pn_buffer_add(&behind->text, text.ptr, text.len);
    if (text.len && text.ptr[text.len - 1] != '\n')
        pn_buffer_add_text(&behind->text, "\n");
    behind->size = behind->text.size;
    pn_buffer_add_text(&behind->text, line);
}

void
pn_behind_add(struct pn_behind *behind, const struct pn_mutants *mutants, size_t number,
              const struct pn_source *source)
{
    const struct pn_behind_item item = { behind->text.size, number };

    pn_mutant_write_statement(mutants, &mutants->items[number], source, &behind->text);
    pn_buffer_add_text(&behind->text, "\n");
    behind->failed |=
        behind->text.failed || !pn_vector_add(&behind->items, &behind->count,
                                              &behind->capacity, &item, sizeof(item));
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
