/* Elements of sets and of the left sides of rules. */
#include "compiler/elements.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/vector.h"

void
pn_elements_add(struct pn_elements *list, const struct pn_element *element)
{
    if (!pn_vector_add(&list->items, &list->count, &list->capacity, element,
                       sizeof(*element)))
        list->failed = true;
}

struct pn_element
pn_element_from(struct pn_space *space, const struct pn_target *target)
{
    struct pn_element element;

    memset(&element, 0, sizeof(element)); /* its padding too: it is compared as bytes */
    element.kind = (uint8_t)target->kind;
    element.family = target->family;
    element.length = target->length;
    element.count = target->count;
    element.first = target->first;
    element.last = target->last;
    element.host = PN_NAME_ANY;
    if (target->kind == PN_TARGET_HOST && target->name.len &&
        !pn_intern_add(&space->names, target->name.ptr, target->name.len,
                       &element.host))
        space->failed = true;
    return element;
}

struct pn_element
pn_element_of_list(uint32_t number)
{
    struct pn_element element;

    memset(&element, 0, sizeof(element)); /* its padding too: it is compared as bytes */
    element.kind = PN_TARGET_LIST;
    element.host = PN_NAME_ANY;
    element.count = number;
    return element;
}

static int
compare_elements(const void *left, const void *right)
{
    return memcmp(left, right, sizeof(struct pn_element));
}

void
pn_elements_finish(struct pn_elements *list)
{
    struct pn_element *less;
    size_t kept = 0;

    if (!list->count)
        return;
    qsort(list->items, list->count, sizeof(*list->items), compare_elements);
    for (size_t i = 1; i < list->count; i++)
        if (compare_elements(&list->items[kept], &list->items[i]) != 0)
            list->items[++kept] = list->items[i];
    list->count = kept + 1;
    less = pn_realloc(list->items, list->count * sizeof(*list->items));
    if (less) { /* else what is too much stays */
        list->items = less;
        list->capacity = list->count;
    }
}

pn_number
pn_element_last(const struct pn_element *element)
{
    pn_number one;

    if (element->kind == PN_TARGET_RANGE)
        return element->last;
    one = element->kind == PN_TARGET_ADDRESSES
              ? 0
              : pn_host_mask(element->family, element->length);
    return element->first + (element->count - 1) * (one + 1) + one;
}

/* A range less what is excluded. */
static bool
range_collect(const struct pn_intervals *excluded, pn_number first, pn_number last,
              struct pn_intervals *out)
{
    struct pn_gaps gaps = pn_gaps_begin(excluded, first, last);
    struct pn_interval part;
    bool good = true;

    while (good && pn_gaps_next(&gaps, &part))
        good = pn_intervals_add(out, part.first, part.last);
    return good;
}

static bool
list_collect(const struct pn_list_addresses *list,
             const struct pn_address_set *excluded, struct pn_address_set *out)
{
    bool good = true;

    for (size_t i = 0; i < list->v4_count && good; i++)
        good = range_collect(&excluded->families[0], list->v4[i].start,
                             list->v4[i].start | pn_host_mask(4, list->v4[i].length),
                             &out->families[0]);
    for (size_t i = 0; i < list->v6_count && good; i++)
        good = range_collect(&excluded->families[1], list->v6[i].start,
                             list->v6[i].start | pn_host_mask(6, list->v6[i].length),
                             &out->families[1]);
    return good;
}

bool
pn_element_collect(const struct pn_element *element, struct pn_set_pool *pool,
                   struct pn_address_set *out)
{
    const struct pn_address_set *excluded = pn_set_pool_get(pool, element->excluded);
    unsigned f = pn_family_index(element->family);

    if (!pn_element_has_addresses(element))
        return false;
    if (element->kind == PN_TARGET_LIST)
        pool->failed |= !list_collect(&pool->lists[element->count], excluded, out);
    else
        pool->failed |= !range_collect(&excluded->families[f], element->first,
                                       pn_element_last(element), &out->families[f]);
    return true;
}
