/* Elements, holes, and sets of both. */
#include "compiler/elements.h"

#include <stdlib.h>
#include <string.h>

#include "base/vector.h"

/* Holes of a set that is looked for among the others; and what one costs in a union. */
enum { KNOWN_MAX = 64, STEPS_A_HOLE = 16 };

void
pn_elements_add(struct pn_elements *list, struct pn_space *space,
                const struct pn_element *element)
{
    if (pn_vector_reserve(&list->items, &list->capacity, list->count + 1,
                          sizeof(*list->items)))
        list->items[list->count++] = *element;
    else
        space->failed = true;
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
    element.host = PN_NATIVE_NONE;
    if (target->kind == PN_TARGET_HOST && target->name.len &&
        !pn_intern_add(&space->names, target->name.ptr, target->name.len,
                       &element.host))
        space->failed = true;
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
    less = realloc(list->items, list->count * sizeof(*list->items));
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

const struct pn_holes *
pn_hole_sets_get(const struct pn_hole_sets *sets, uint32_t number)
{
    static const struct pn_holes none = { 0 };

    return number ? &sets->items[number - 1] : &none;
}

static void
hole_add(struct pn_holes *holes, struct pn_space *space, bool six, pn_number first,
         pn_number last)
{
    struct pn_hole **list = six ? &holes->v6 : &holes->v4;
    size_t *count = six ? &holes->v6_count : &holes->v4_count;

    if (pn_vector_reserve(list, six ? &holes->v6_capacity : &holes->v4_capacity,
                          *count + 1, sizeof(**list)))
        (*list)[(*count)++] = (struct pn_hole){ first, last };
    else
        space->failed = true;
}

size_t
pn_hole_find(const struct pn_hole *holes, size_t count, pn_number address)
{
    size_t low = 0, high = count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (holes[middle].last < address)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* What is left of a range when the inner holes are taken out. */
static void
range_add(struct pn_holes *holes, const struct pn_holes *inner, struct pn_space *space,
          bool six, pn_number first, pn_number last)
{
    const struct pn_hole *list = six ? inner->v6 : inner->v4;
    size_t count = six ? inner->v6_count : inner->v4_count;

    for (size_t i = pn_hole_find(list, count, first);
         i < count && list[i].first <= last; i++) {
        if (list[i].first > first)
            hole_add(holes, space, six, first, list[i].first - 1);
        if (list[i].last >= last)
            return;
        first = list[i].last + 1;
    }
    hole_add(holes, space, six, first, last);
}

bool
pn_holes_add(struct pn_holes *holes, const struct pn_hole_sets *sets,
             struct pn_space *space, const struct pn_element *element)
{
    const struct pn_holes *inner = pn_hole_sets_get(sets, element->holes);
    const struct pn_list_addresses *list;

    if (!pn_element_has_addresses(element))
        return false;
    if (element->kind != PN_TARGET_LIST) {
        range_add(holes, inner, space, element->family == 6, element->first,
                  pn_element_last(element));
        return true;
    }
    list = &sets->lists[element->count];
    for (size_t i = 0; i < list->v4_count && !space->failed; i++)
        range_add(holes, inner, space, false, list->v4[i].start,
                  list->v4[i].start | pn_host_mask(4, list->v4[i].length));
    for (size_t i = 0; i < list->v6_count && !space->failed; i++)
        range_add(holes, inner, space, true, list->v6[i].start,
                  list->v6[i].start | pn_host_mask(6, list->v6[i].length));
    return true;
}

static int
compare_holes(const void *left, const void *right)
{
    const struct pn_hole *a = left, *b = right;

    return (a->first > b->first) - (a->first < b->first);
}

static size_t
merge_holes(struct pn_hole *holes, size_t count)
{
    size_t kept = 0;

    if (!count)
        return 0;
    qsort(holes, count, sizeof(*holes), compare_holes);
    for (size_t i = 1; i < count; i++) {
        if (holes[i].first <= holes[kept].last ||
            holes[i].first - holes[kept].last == 1) {
            if (holes[i].last > holes[kept].last)
                holes[kept].last = holes[i].last;
        } else {
            holes[++kept] = holes[i];
        }
    }
    return kept + 1;
}

bool
pn_holes_hold(const struct pn_hole_sets *sets, uint32_t number, uint8_t family,
              pn_number address)
{
    const struct pn_holes *holes = pn_hole_sets_get(sets, number);
    const struct pn_hole *list = family == 6 ? holes->v6 : holes->v4;
    size_t count = family == 6 ? holes->v6_count : holes->v4_count;
    size_t at = pn_hole_find(list, count, address);

    return at < count && list[at].first <= address;
}

void
pn_holes_finish(struct pn_holes *holes)
{
    holes->v4_count = merge_holes(holes->v4, holes->v4_count);
    holes->v6_count = merge_holes(holes->v6, holes->v6_count);
}

void
pn_holes_clear(struct pn_holes *holes)
{
    free(holes->v4);
    free(holes->v6);
    *holes = (struct pn_holes){ 0 };
}

/*
 * Few holes that were there before are those, as what rules take out of a set is often:
 * their number, or 0.
 */
static uint32_t
holes_known(struct pn_hole_sets *sets, struct pn_space *space,
            const struct pn_holes *holes)
{
    size_t before = sets->known.count;
    struct pn_buffer key = { 0 };
    uint32_t number = 0;

    if (holes->v4_count + holes->v6_count > KNOWN_MAX)
        return 0;
    pn_buffer_add(&key, &holes->v4_count, sizeof(holes->v4_count));
    pn_buffer_add(&key, holes->v4, holes->v4_count * sizeof(*holes->v4));
    pn_buffer_add(&key, holes->v6, holes->v6_count * sizeof(*holes->v6));
    if (key.failed || !pn_intern_add(&sets->known, key.bytes, key.size, &number) ||
        !pn_vector_reserve(&sets->known_at, &sets->known_capacity, sets->known.count,
                           sizeof(*sets->known_at))) {
        space->failed = true;
        number = 0;
    } else if (sets->known.count > before) {
        sets->known_at[number] = (uint32_t)sets->count + 1; /* which it becomes */
        number = 0;
    } else {
        number = sets->known_at[number];
    }
    pn_buffer_free(&key);
    return number;
}

uint32_t
pn_hole_sets_add(struct pn_hole_sets *sets, struct pn_space *space,
                 struct pn_holes *holes)
{
    uint32_t known;

    if (!holes->v4_count && !holes->v6_count)
        return 0;
    known = holes_known(sets, space, holes);
    if (known)
        return known;
    if (!pn_vector_reserve(&sets->items, &sets->capacity, sets->count + 1,
                           sizeof(*sets->items))) {
        space->failed = true;
        return 0;
    }
    sets->items[sets->count++] = *holes;
    *holes = (struct pn_holes){ 0 };
    return (uint32_t)sets->count;
}

static void
holes_copy(struct pn_holes *out, struct pn_space *space, const struct pn_holes *from)
{
    for (size_t i = 0; i < from->v4_count; i++)
        hole_add(out, space, false, from->v4[i].first, from->v4[i].last);
    for (size_t i = 0; i < from->v6_count; i++)
        hole_add(out, space, true, from->v6[i].first, from->v6[i].last);
}

static uint64_t
holes_size(const struct pn_hole_sets *sets, uint32_t number)
{
    const struct pn_holes *holes = pn_hole_sets_get(sets, number);

    return holes->v4_count + holes->v6_count;
}

/* Both of them at once; their number, or that of one of them when steps are spent. */
static uint32_t
union_make(struct pn_hole_sets *sets, struct pn_space *space, uint32_t left,
           uint32_t right)
{
    struct pn_holes both = { 0 };
    uint32_t number;

    if (!pn_work_take(sets->work, STEPS_A_HOLE * (holes_size(sets, left) +
                                                  holes_size(sets, right))))
        return left;
    holes_copy(&both, space, pn_hole_sets_get(sets, left));
    holes_copy(&both, space, pn_hole_sets_get(sets, right));
    pn_holes_finish(&both);
    number = pn_hole_sets_add(sets, space, &both);
    pn_holes_clear(&both);
    return number;
}

uint32_t
pn_hole_sets_union(struct pn_hole_sets *sets, struct pn_space *space, uint32_t left,
                   uint32_t right)
{
    uint32_t pair[] = { left < right ? left : right, left < right ? right : left };
    size_t before = sets->pairs.count;
    uint32_t number;

    if (!left || !right || left == right)
        return left ? left : right;
    if (!pn_intern_add(&sets->pairs, pair, sizeof(pair), &number) ||
        !pn_vector_reserve(&sets->unions, &sets->union_capacity, sets->pairs.count,
                           sizeof(*sets->unions))) {
        space->failed = true;
        return left;
    }
    if (sets->pairs.count > before)
        sets->unions[number] = union_make(sets, space, pair[0], pair[1]);
    return sets->unions[number];
}

static void
listed_add(struct pn_list_addresses *list, struct pn_space *space, uint8_t family,
           struct pn_listed listed)
{
    bool good;

    if (family == 6) {
        good = pn_vector_reserve(&list->v6, &list->v6_capacity, list->v6_count + 1,
                                 sizeof(*list->v6));
        if (good)
            list->v6[list->v6_count++] = listed;
    } else {
        good = pn_vector_reserve(&list->v4, &list->v4_capacity, list->v4_count + 1,
                                 sizeof(*list->v4));
        if (good)
            list->v4[list->v4_count++] =
                (struct pn_listed4){ (uint32_t)listed.start, listed.length,
                                     listed.exact };
    }
    space->failed |= !good;
}

void
pn_list_add(struct pn_list_addresses *list, struct pn_space *space,
            const struct pn_target *target)
{
    bool exact = target->kind == PN_TARGET_ADDRESSES;
    uint8_t bits = (uint8_t)pn_family_bits(target->family);
    uint8_t length = exact ? bits : target->length;
    pn_number below = pn_host_mask(target->family, length), first = target->first;

    if (target->kind != PN_TARGET_RANGE) {
        for (unsigned i = 0; i < target->count; i++)
            listed_add(list, space, target->family,
                       (struct pn_listed){ first + i * (below + 1), length, exact });
        return;
    }
    while (!space->failed) { /* each prefix of a range has its own length */
        length = pn_prefix_at(target->family, first, target->last);
        below = pn_host_mask(target->family, length);
        listed_add(list, space, target->family,
                   (struct pn_listed){ first, length, false });
        if (target->last - first == below)
            return;
        first += below + 1;
    }
}

struct pn_element
pn_hole_sets_add_list(struct pn_hole_sets *sets, struct pn_space *space,
                      struct pn_list_addresses *list)
{
    struct pn_element element;

    memset(&element, 0, sizeof(element)); /* its padding too: it is compared as bytes */
    element.kind = PN_TARGET_LIST;
    element.host = PN_NATIVE_NONE;
    element.count = (uint32_t)sets->list_count;
    if (pn_vector_reserve(&sets->lists, &sets->list_capacity, sets->list_count + 1,
                          sizeof(*sets->lists))) {
        sets->lists[sets->list_count++] = *list;
        *list = (struct pn_list_addresses){ 0 };
    } else {
        space->failed = true;
    }
    return element;
}

void
pn_hole_sets_clear(struct pn_hole_sets *sets)
{
    for (size_t i = 0; i < sets->count; i++)
        pn_holes_clear(&sets->items[i]);
    for (size_t i = 0; i < sets->list_count; i++) {
        free(sets->lists[i].v4);
        free(sets->lists[i].v6);
    }
    free(sets->items);
    free(sets->lists);
    free(sets->known_at);
    free(sets->unions);
    pn_intern_clear(&sets->pairs);
    pn_intern_clear(&sets->known);
    *sets = (struct pn_hole_sets){ 0 };
}
