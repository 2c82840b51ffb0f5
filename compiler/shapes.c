/*
 * The first of equal keys counts, so a rule adds nothing where an earlier rule of its
 * group has a part of a shape as a whole. What remains are the parts that an excluded
 * interval touches: of this rule, and of earlier ones that named a part first.
 */
#include "compiler/shapes.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/vector.h"

/*
 * Steps of work for a prefix that is added again: it is stored, sorted, and in the
 * image.
 */
enum { STEPS_A_PREFIX = 24 };

/* Numbers of prefixes. */
struct numbers {
    uint32_t *items;
    size_t count, capacity;
};

/* The prefixes of a family, and those of them that what is excluded touches. */
struct work {
    struct pn_names *names;
    const struct pn_shape_use *use;
    const struct pn_address_set *excluded;
    const struct pn_prefixes *list;
    uint8_t family;
    struct numbers touched;
};

static void
number_add(struct work *work, struct numbers *out, size_t number)
{
    if (!pn_vector_add(&out->items, &out->count, &out->capacity,
                       &(uint32_t){ (uint32_t)number }, sizeof(*out->items)))
        work->names->space->failed = true;
}

/* The prefixes that overlap an interval. */
static void
interval_touch(struct work *work, const struct pn_interval *interval)
{
    const struct pn_prefixes *list = work->list;
    unsigned bits = pn_family_bits(work->family);

    for (unsigned length = 0; length < bits; length++) {
        pn_number start = interval->first & ~pn_host_mask(work->family, length);
        size_t at;

        if (start == interval->first)
            break;
        for (at = pn_prefixes_place(list, start, length);
             at < list->count && list->items[at].start == start &&
             list->items[at].length == length;
             at++)
            number_add(work, &work->touched, at);
    }
    for (size_t at = pn_prefixes_place(list, interval->first, 0);
         at < list->count && list->items[at].start <= interval->last; at++)
        number_add(work, &work->touched, at);
}

static int
compare_numbers(const void *left, const void *right)
{
    const uint32_t *a = left, *b = right;

    return (*a > *b) - (*a < *b);
}

static void
excluded_touch(struct work *work)
{
    const struct pn_intervals *excluded =
        &work->excluded->families[pn_family_index(work->family)];
    struct numbers *out = &work->touched;
    size_t kept = 0;

    out->count = 0;
    if (!work->list->count)
        return;
    for (size_t i = 0; i < excluded->count && !work->names->space->failed; i++)
        interval_touch(work, &excluded->items[i]);
    if (out->count)
        qsort(out->items, out->count, sizeof(*out->items), compare_numbers);
    for (size_t i = 0; i < out->count; i++)
        if (!i || out->items[i] != out->items[i - 1])
            out->items[kept++] = out->items[i];
    out->count = kept;
}

static bool
is_touched(const struct work *work, uint32_t number)
{
    const struct numbers *in = &work->touched;

    return in->count &&
           bsearch(&number, in->items, in->count, sizeof(*in->items), compare_numbers);
}

static void
part_emit(const struct work *work, uint32_t number,
          const struct pn_address_set *excluded)
{
    struct pn_prefix prefix = work->list->items[number];

    prefix.rule = work->use->rule;
    pn_prefix_emit(&prefix, excluded, work->names->space, work->use->group,
                   work->family);
}

/* Adds the remaining parts that are not touched; touched ones remain. */
static void
left_emit(struct work *work, bool is_begun, uint32_t **left, size_t *left_count)
{
    static const struct pn_address_set none = { 0 };
    size_t count = is_begun ? *left_count : work->list->count;
    struct numbers rest = { 0 };

    for (size_t i = 0; i < count && !work->names->space->failed; i++) {
        uint32_t number = is_begun ? (*left)[i] : (uint32_t)i;

        if (is_touched(work, number))
            number_add(work, &rest, number);
        else
            part_emit(work, number, &none);
    }
    pn_free(*left);
    *left = rest.items;
    *left_count = rest.count;
}

/* The number of prefixes of a group in a family. */
static size_t
prefix_count(const struct work *work)
{
    const struct pn_group *g = &work->names->space->groups[work->use->group];

    return g->prefixes[pn_family_index(work->family)].count;
}

static void
family_emit(struct work *work, struct pn_shape_left *left)
{
    unsigned f = pn_family_index(work->family);
    size_t before;

    excluded_touch(work);
    left_emit(work, left->is_begun, &left->parts[f], &left->counts[f]);
    before = prefix_count(work);
    for (size_t i = 0; i < work->touched.count && !work->names->space->failed; i++)
        if (pn_names_take(work->names,
                          1 + STEPS_A_PREFIX * (prefix_count(work) - before))) {
            before = prefix_count(work);
            part_emit(work, work->touched.items[i], work->excluded);
        }
}

static void
hosts_emit(const struct work *work, const struct pn_group *from)
{
    struct pn_space *space = work->names->space;

    for (size_t i = 0; i < from->host_count; i++)
        pn_space_add_host(space, work->use->group, from->hosts[i].name,
                          work->use->rule);
    if (from->any_host != PN_RULE_NONE)
        pn_space_add_host(space, work->use->group, PN_NAME_ANY, work->use->rule);
    if (from->fallback != PN_RULE_NONE)
        pn_space_add_fallback(space, work->use->group, work->use->rule);
}

static void
shape_emit(struct pn_names *names, const struct pn_shape_use *use,
           const struct pn_shape *shape, struct pn_shape_left *left)
{
    const struct pn_group *from = &shape->space.groups[PN_GROUP_NO_IDENT];
    struct work work = { .names = names,
                         .use = use,
                         .excluded =
                             pn_set_pool_get(&names->pool, use->gathered->own) };

    if (!left->is_begun)
        hosts_emit(&work, from);
    for (work.family = 4; work.family <= 6; work.family += 2) {
        work.list = &from->prefixes[pn_family_index(work.family)];
        family_emit(&work, left);
    }
    left->is_begun = true;
    pn_free(work.touched.items);
}

/* The remaining parts of the first rule, which was added before the shape existed. */
static void
first_leave(const struct pn_shape *shape, struct pn_names *names,
            struct pn_shape_left *left)
{
    const struct pn_group *from = &shape->space.groups[PN_GROUP_NO_IDENT];
    struct work work = { .names = names,
                         .excluded = pn_set_pool_get(&names->pool, shape->own) };

    for (unsigned f = 0; f < PN_FAMILIES; f++) {
        work.family = pn_family_at(f);
        work.list = &from->prefixes[f];
        excluded_touch(&work);
        left->parts[f] = work.touched.items;
        left->counts[f] = work.touched.count;
        work.touched = (struct numbers){ 0 };
    }
    left->is_begun = true;
}

/* All elements of a use, less what is excluded, into a group. */
static void
elements_emit(struct pn_names *names, const struct pn_shape_use *use, uint32_t excluded,
              struct pn_space *out, uint32_t group, uint32_t rule)
{
    const struct pn_element *items = use->element;
    size_t count = 1;

    if (!items) {
        items = use->gathered->set->elements.items;
        count = use->gathered->set->elements.count;
    }
    for (size_t i = 0; i < count && !out->failed && !names->space->failed; i++) {
        struct pn_element element = items[i];

        if (pn_element_has_addresses(&element))
            element.excluded =
                pn_set_pool_union(&names->pool, element.excluded, excluded);
        pn_element_emit(&element, &names->pool, out, group, rule);
    }
}

static void
shape_make(struct pn_shape *shape, struct pn_names *names,
           const struct pn_shape_use *use)
{
    shape->is_made = true;
    pn_space_begin(&shape->space);
    if (!shape->space.failed)
        elements_emit(names, use, use->gathered->shared, &shape->space,
                      PN_GROUP_NO_IDENT, 0);
    if (!shape->space.failed)
        pn_space_finish(&shape->space);
    names->space->failed |= shape->space.failed;
    pn_free(
        shape->space.duplicates); /* a duplicate within a set is not the rule's fault */
    shape->space.duplicates = NULL;
    shape->space.duplicate_count = shape->space.duplicate_capacity = 0;
}

/* A number for a key, and whether it is new; false without memory. */
static bool
number_of(struct pn_intern *intern, const void *key, size_t size, uint32_t *out,
          bool *is_new)
{
    size_t before = intern->count;

    if (!pn_intern_add(intern, key, size, out))
        return false;
    *is_new = intern->count > before;
    return true;
}

/* How many prefixes and hosts a group has. */
static size_t
group_size(const struct pn_space *space, uint32_t group)
{
    const struct pn_group *g = &space->groups[group];

    return g->prefixes[PN_V4].count + g->prefixes[PN_V6].count + g->host_count;
}

/* The number of the shape that a target has; false without memory. */
static bool
shape_find(struct pn_shapes *shapes, struct pn_names *names,
           const struct pn_shape_use *use, uint32_t *number, bool *is_new)
{
    uint32_t shared = use->gathered->shared;
    struct pn_element key;

    memset(&key, 0, sizeof(key)); /* the key is compared by its bytes */
    if (use->element) {
        const struct pn_element *e = use->element;

        key.first = e->first;
        key.last = e->last;
        key.host = e->host;
        key.count = e->count;
        key.kind = e->kind;
        key.family = e->family;
        key.length = e->length;
        key.excluded = pn_set_pool_union(&names->pool, e->excluded, shared);
    } else {
        key.kind = PN_TARGET_SET;
        key.count = (uint32_t)(use->gathered->set - names->items);
        key.excluded = shared;
    }
    if (!number_of(&shapes->keys, &key, sizeof(key), number, is_new) ||
        !pn_vector_reserve(&shapes->items, &shapes->capacity, shapes->keys.count,
                           sizeof(*shapes->items)))
        return false;
    if (*is_new) {
        shapes->items[*number] =
            (struct pn_shape){ .group = use->group, .own = use->gathered->own };
        shapes->count = shapes->keys.count;
    }
    return true;
}

/* The remaining parts of a shape in a group; NULL without memory. */
static struct pn_shape_left *
left_find(struct pn_shapes *shapes, uint32_t shape, uint32_t group, bool *is_new)
{
    const uint32_t place[] = { shape, group };
    uint32_t number;

    if (!number_of(&shapes->places, place, sizeof(place), &number, is_new) ||
        !pn_vector_reserve(&shapes->lefts, &shapes->left_capacity, shapes->places.count,
                           sizeof(*shapes->lefts)))
        return NULL;
    if (*is_new) {
        shapes->lefts[number] = (struct pn_shape_left){ 0 };
        shapes->left_count = shapes->places.count;
    }
    return &shapes->lefts[number];
}

/* Taking a set out of many targets costs a product. */
static bool
first_emit(struct pn_shapes *shapes, struct pn_names *names,
           const struct pn_shape_use *use)
{
    uint32_t shared = use->gathered->shared, number;
    uint32_t excluded = pn_set_pool_union(&names->pool, shared, use->gathered->own);
    size_t before = group_size(names->space, use->group);
    bool is_first = true;

    elements_emit(names, use, excluded, names->space, use->group, use->rule);
    if (!number_of(&shapes->taken, &shared, sizeof(shared), &number, &is_first))
        return false;
    if (shared && !is_first) /* the caller reports it */
        (void)pn_names_take(names, STEPS_A_PREFIX *
                                       (group_size(names->space, use->group) - before));
    return true;
}

/* Adds the parts of a known shape that this rule is the first to name. */
static bool
again_emit(struct pn_shapes *shapes, struct pn_names *names,
           const struct pn_shape_use *use, uint32_t number)
{
    struct pn_shape *shape = &shapes->items[number];
    struct pn_shape_left *left;
    bool is_new;

    if (!shape->is_made) {
        shape_make(shape, names, use);
        left = names->space->failed ? NULL
                                    : left_find(shapes, number, shape->group, &is_new);
        if (!left)
            return false;
        first_leave(shape, names, left);
    }
    left = left_find(shapes, number, use->group, &is_new);
    if (!left)
        return false;
    if (!is_new || pn_names_take(names, STEPS_A_PREFIX * group_size(&shape->space,
                                                                    PN_GROUP_NO_IDENT)))
        shape_emit(names, use, shape, left);
    return true;
}

void
pn_shapes_use(struct pn_shapes *shapes, struct pn_names *names,
              const struct pn_shape_use *use)
{
    uint32_t place[] = { 0, use->group, use->gathered->own }, number;
    bool is_new_shape = false, is_new = false, good;

    good = shape_find(shapes, names, use, &place[0], &is_new_shape) &&
           number_of(&shapes->uses, place, sizeof(place), &number, &is_new);
    if (good && is_new && !names->work.spent)
        good = is_new_shape ? first_emit(shapes, names, use)
                            : again_emit(shapes, names, use, place[0]);
    names->space->failed |= !good || names->pool.failed;
}

void
pn_shapes_clear(struct pn_shapes *shapes)
{
    for (size_t i = 0; i < shapes->count; i++)
        pn_space_clear(&shapes->items[i].space);
    for (size_t i = 0; i < shapes->left_count; i++)
        for (unsigned f = 0; f < PN_FAMILIES; f++)
            pn_free(shapes->lefts[i].parts[f]);
    pn_free(shapes->items);
    pn_free(shapes->lefts);
    pn_intern_clear(&shapes->keys);
    pn_intern_clear(&shapes->places);
    pn_intern_clear(&shapes->uses);
    pn_intern_clear(&shapes->taken);
}
