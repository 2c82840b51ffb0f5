/* What an EXCEPT takes out: large sets and lists as holes by themselves, once. */
#include <stdlib.h>

#include "base/vector.h"
#include "compiler/names.h"

static enum pn_diag_id
accept_in_holes(const struct pn_target *target)
{
    return target->has_ident || target->kind == PN_TARGET_DEFAULT ||
                   target->kind == PN_TARGET_HOST
               ? PN_DIAG_EXCEPT_TARGET
               : PN_DIAG_NONE;
}

/* Holes, and what the names are that they are of. */
struct piercing {
    struct pn_names *names;
    struct pn_holes holes;
    uint32_t shared; /* those of large sets and of lists */
    bool good;
};

/* Elements as holes by themselves; their number. */
static uint32_t
elements_pierce(struct piercing *p, const struct pn_element *items, size_t count)
{
    struct pn_names *names = p->names;
    struct pn_holes holes = { 0 };
    uint32_t number;

    for (size_t i = 0; i < count && p->good; i++)
        p->good = pn_holes_add(&holes, &names->holes, names->space, &items[i]);
    pn_holes_finish(&holes);
    number = pn_hole_sets_add(&names->holes, names->space, &holes);
    pn_holes_clear(&holes);
    return number;
}

static uint32_t
set_pierce(struct piercing *p, struct pn_definition *set)
{
    if (!set->is_pierced)
        set->holes = elements_pierce(p, set->elements.items, set->elements.count);
    set->is_pierced = true;
    p->good &= set->addresses;
    return set->holes;
}

static uint32_t
list_pierce(struct piercing *p, const struct pn_element *list)
{
    struct pn_names *names = p->names;
    size_t need = (size_t)list->count + 1;

    if (list->holes)
        return elements_pierce(p, list, 1);
    if (!pn_vector_reserve(&names->list_holes, &names->list_hole_capacity, need,
                           sizeof(*names->list_holes))) {
        names->space->failed = true;
        return 0;
    }
    while (names->list_hole_count < need)
        names->list_holes[names->list_hole_count++] = 0;
    if (!names->list_holes[list->count])
        names->list_holes[list->count] = elements_pierce(p, list, 1) + 1;
    return names->list_holes[list->count] - 1;
}

static void
hole_take(void *payload, const struct pn_node *node, const struct pn_gathered *gathered)
{
    struct piercing *p = payload;
    struct pn_names *names = p->names;

    (void)node;
    if (gathered->set)
        p->shared = pn_hole_sets_union(
            &names->holes, names->space, p->shared,
            set_pierce(p, &names->items[gathered->set - names->items]));
    for (size_t i = 0; i < gathered->elements.count && p->good; i++) {
        const struct pn_element *element = &gathered->elements.items[i];

        if (element->kind == PN_TARGET_LIST)
            p->shared = pn_hole_sets_union(&names->holes, names->space, p->shared,
                                           list_pierce(p, element));
        else
            p->good = pn_holes_add(&p->holes, &names->holes, names->space, element);
    }
}

/* The addresses of an EXCEPT, as holes; their numbers. */
void
pn_names_pierce(struct pn_names *names, const struct pn_node *except,
                struct pn_target_at *out)
{
    const struct pn_tree *tree = &names->unit->files[out->file]->tree;
    struct piercing piercing = { .names = names, .good = true };
    struct pn_place inner = { .file = out->file,
                              .nodes = except->children.head,
                              .accept = accept_in_holes,
                              .take = hole_take,
                              .payload = &piercing,
                              .share = true };

    pn_names_each(names, &inner);
    if (!piercing.good)
        pn_diags_add(names->unit->diags, PN_DIAG_EXCEPT_TARGET, tree->source,
                     pn_token_span(tree->tokens[except->token]));
    pn_holes_finish(&piercing.holes);
    out->own = pn_hole_sets_add(&names->holes, names->space, &piercing.holes);
    out->shared = piercing.shared;
    if (!out->share)
        out->holes =
            pn_hole_sets_union(&names->holes, names->space, out->shared, out->own);
    pn_holes_clear(&piercing.holes);
}
