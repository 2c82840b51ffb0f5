/* Elements, holes, and what is left of one when the others are taken out. */
#include "compiler/elements.h"

#include <stdlib.h>
#include <string.h>

#include "base/vector.h"

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
    size_t kept = 0;

    if (!list->count)
        return;
    qsort(list->items, list->count, sizeof(*list->items), compare_elements);
    for (size_t i = 1; i < list->count; i++)
        if (compare_elements(&list->items[kept], &list->items[i]) != 0)
            list->items[++kept] = list->items[i];
    list->count = kept + 1;
}

/* The last address of an element that has addresses. */
static pn_number
last_of(const struct pn_element *element)
{
    pn_number one;

    if (element->kind == PN_TARGET_RANGE)
        return element->last;
    one = element->kind == PN_TARGET_ADDRESSES
              ? 0
              : pn_number_below(element->family, element->length);
    return element->first + (element->count - 1) * (one + 1) + one;
}

static bool
has_addresses(const struct pn_element *element)
{
    return element->kind <= PN_TARGET_LIST;
}

static const struct pn_holes *
holes_of(const struct pn_hole_sets *sets, uint32_t number)
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

/* What is left of a range when the inner holes are taken out. */
static void
range_add(struct pn_holes *holes, const struct pn_holes *inner, struct pn_space *space,
          bool six, pn_number first, pn_number last)
{
    const struct pn_hole *list = six ? inner->v6 : inner->v4;
    size_t count = six ? inner->v6_count : inner->v4_count;

    for (size_t i = 0; i < count && list[i].first <= last; i++) {
        if (list[i].last < first)
            continue;
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
    const struct pn_holes *inner = holes_of(sets, element->holes);
    const struct pn_list_addresses *list;

    if (!has_addresses(element))
        return false;
    if (element->kind != PN_TARGET_LIST) {
        range_add(holes, inner, space, element->family == 6, element->first,
                  last_of(element));
        return true;
    }
    list = &sets->lists[element->count];
    for (size_t i = 0; i < list->v4_count && !space->failed; i++)
        range_add(holes, inner, space, false, list->v4[i].start,
                  list->v4[i].start | pn_number_below(4, list->v4[i].length));
    for (size_t i = 0; i < list->v6_count && !space->failed; i++)
        range_add(holes, inner, space, true, list->v6[i].start,
                  list->v6[i].start | pn_number_below(6, list->v6[i].length));
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
    const struct pn_holes *holes = holes_of(sets, number);
    const struct pn_hole *list = family == 6 ? holes->v6 : holes->v4;
    size_t count = family == 6 ? holes->v6_count : holes->v4_count;

    for (size_t i = 0; i < count && list[i].first <= address; i++)
        if (address <= list[i].last)
            return true;
    return false;
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

uint32_t
pn_hole_sets_add(struct pn_hole_sets *sets, struct pn_space *space,
                 struct pn_holes *holes)
{
    if (!holes->v4_count && !holes->v6_count)
        return 0;
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

uint32_t
pn_hole_sets_union(struct pn_hole_sets *sets, struct pn_space *space, uint32_t left,
                   uint32_t right)
{
    struct pn_holes both = { 0 };

    if (!left || !right || left == right)
        return left ? left : right;
    if (sets->left != left || sets->right != right) {
        holes_copy(&both, space, holes_of(sets, left));
        holes_copy(&both, space, holes_of(sets, right));
        pn_holes_finish(&both);
        sets->left = left;
        sets->right = right;
        sets->both = pn_hole_sets_add(sets, space, &both);
        pn_holes_clear(&both);
    }
    return sets->both;
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
    pn_number below = pn_number_below(target->family, length), first = target->first;

    if (target->kind != PN_TARGET_RANGE) {
        for (unsigned i = 0; i < target->count; i++)
            listed_add(list, space, target->family,
                       (struct pn_listed){ first + i * (below + 1), length, exact });
        return;
    }
    while (!space->failed) { /* each prefix of a range has its own length */
        length = pn_prefix_at(target->family, first, target->last);
        below = pn_number_below(target->family, length);
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
    *sets = (struct pn_hole_sets){ 0 };
}

/* What an element is emitted with. */
struct emit {
    struct pn_space *space;
    const struct pn_hole *holes;
    size_t hole_count;
    uint32_t group, rule;
    uint8_t family;
};

/* A range in prefixes that all rank as `counts`. */
static void
emit_range(const struct emit *emit, pn_number first, pn_number last, uint8_t counts)
{
    while (!emit->space->failed) {
        uint8_t length = pn_prefix_at(emit->family, first, last);
        pn_number below = pn_number_below(emit->family, length);

        pn_space_add_prefix(emit->space, emit->group, emit->family,
                            (struct pn_prefix){ .start = first,
                                                .rule = emit->rule,
                                                .length = length,
                                                .counts = counts });
        if (last - first == below)
            return;
        first += below + 1;
    }
}

/* The first hole that ends at or behind an address: holes are sorted. */
static size_t
hole_find(const struct emit *emit, pn_number address)
{
    size_t low = 0, high = emit->hole_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (emit->holes[middle].last < address)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* One prefix, less the holes in it. */
static void
emit_prefix(const struct emit *emit, pn_number first, uint8_t length)
{
    pn_number last = first | pn_number_below(emit->family, length);

    for (size_t i = hole_find(emit, first); i < emit->hole_count; i++) {
        if (emit->holes[i].first > last)
            break;
        if (emit->holes[i].first > first)
            emit_range(emit, first, emit->holes[i].first - 1, length);
        if (emit->holes[i].last >= last)
            return;
        first = emit->holes[i].last + 1;
    }
    emit_range(emit, first, last, length);
}

static void
emit_address(const struct emit *emit, pn_number address)
{
    size_t hole = hole_find(emit, address);
    uint8_t bits = (uint8_t)pn_family_bits(emit->family);

    if (hole < emit->hole_count && emit->holes[hole].first <= address)
        return;
    pn_space_add_prefix(emit->space, emit->group, emit->family,
                        (struct pn_prefix){ .start = address,
                                            .rule = emit->rule,
                                            .length = bits,
                                            .counts = bits,
                                            .exact = true });
}

static void
emit_addresses(const struct emit *emit, const struct pn_element *element)
{
    pn_number first = element->first, last = last_of(element);

    if (element->kind == PN_TARGET_ADDRESSES) {
        for (uint32_t i = 0; i < element->count; i++)
            emit_address(emit, first + i);
        return;
    }
    while (!emit->space->failed) { /* each prefix of a range has its own length */
        uint8_t length = element->kind == PN_TARGET_RANGE
                             ? pn_prefix_at(emit->family, first, last)
                             : element->length;
        pn_number below = pn_number_below(emit->family, length);

        emit_prefix(emit, first, length);
        if (last - first == below)
            return;
        first += below + 1;
    }
}

static struct emit
emit_begin(const struct pn_holes *holes, struct pn_space *space, uint32_t group,
           uint32_t rule, uint8_t family)
{
    bool six = family == 6;

    return (struct emit){ .space = space,
                          .holes = six ? holes->v6 : holes->v4,
                          .hole_count = six ? holes->v6_count : holes->v4_count,
                          .group = group,
                          .rule = rule,
                          .family = family };
}

static void
emit_listed(const struct emit *emit, pn_number start, uint8_t length, bool exact)
{
    if (exact)
        emit_address(emit, start);
    else
        emit_prefix(emit, start, length);
}

static void
emit_list(const struct pn_list_addresses *list, const struct pn_holes *holes,
          struct pn_space *space, uint32_t group, uint32_t rule)
{
    struct emit emit = emit_begin(holes, space, group, rule, 4);

    if (!pn_space_reserve(space, group, list->v4_count, list->v6_count))
        return;
    for (size_t i = 0; i < list->v4_count && !space->failed; i++)
        emit_listed(&emit, list->v4[i].start, list->v4[i].length, list->v4[i].exact);
    emit = emit_begin(holes, space, group, rule, 6);
    for (size_t i = 0; i < list->v6_count && !space->failed; i++)
        emit_listed(&emit, list->v6[i].start, list->v6[i].length, list->v6[i].exact);
}

void
pn_element_emit(const struct pn_element *element, const struct pn_hole_sets *sets,
                struct pn_space *space, uint32_t group, uint32_t rule)
{
    const struct pn_holes *holes = holes_of(sets, element->holes);
    struct emit emit = emit_begin(holes, space, group, rule, element->family);

    if (element->kind == PN_TARGET_LIST)
        emit_list(&sets->lists[element->count], holes, space, group, rule);
    else if (has_addresses(element))
        emit_addresses(&emit, element);
    else if (element->kind == PN_TARGET_DEFAULT)
        pn_space_add_fallback(space, group, rule);
    else
        pn_space_add_host(space, group, element->host, rule);
}
