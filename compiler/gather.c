/*
 * A set is resolved when it is first used, and once. What an EXCEPT excludes is kept as
 * an address set of its own, which the elements of all its targets refer to.
 */
#include "compiler/gather.h"

#include <string.h>

#include "base/memory.h"
#include "base/vector.h"
#include "compiler/alternatives.h"

enum {
    LARGE = 8,        /* a set of more elements is shared, or copied for a price: */
    STEPS_A_COPY = 32 /* of each element that is kept once more */
};

static enum pn_diag_id
accept_in_set(const struct pn_target *target)
{
    return target->has_ident || target->kind == PN_TARGET_DEFAULT ? PN_DIAG_SET_TARGET
                                                                  : PN_DIAG_NONE;
}

static void
elements_take(void *payload, const struct pn_node *node,
              const struct pn_gathered *gathered)
{
    struct pn_elements *elements = payload;

    (void)node;
    for (size_t i = 0; i < gathered->elements.count; i++)
        pn_elements_add(elements, &gathered->elements.items[i]);
}

static void
resolve(struct pn_names *names, struct pn_definition *definition)
{
    struct pn_elements *elements = &definition->elements;
    struct pn_place place = { .file = definition->file,
                              .nodes = definition->node->children.head,
                              .accept = accept_in_set,
                              .take = elements_take,
                              .payload = elements };

    definition->state = PN_NAME_OPEN;
    names->depth++;
    pn_targets_each(names, &place);
    names->depth--;
    names->space->failed |= elements->failed;
    pn_elements_finish(elements); /* so that sets of sets stay small */
    definition->addresses = true;
    for (size_t i = 0; i < elements->count; i++)
        definition->addresses &= pn_element_has_addresses(&elements->items[i]);
    definition->state = PN_NAME_DONE;
}

void
pn_sets_finish(struct pn_names *names)
{
    for (size_t i = 0; i < names->intern.count && !names->space->failed; i++)
        if (names->items[i].node->kind == PN_NODE_SET &&
            names->items[i].state == PN_NAME_NEW)
            resolve(names, &names->items[i]);
}

/* The set of this name, resolved; NULL after a diagnostic when there is none. */
static struct pn_definition *
set_find(struct pn_names *names, uint32_t file, struct pn_str name, struct pn_span span)
{
    struct pn_definition *set = pn_names_find(names, file, name, PN_NODE_SET, span);

    if (!set)
        return NULL;
    if (set->state == PN_NAME_OPEN) {
        pn_unit_report(names->unit, file, PN_DIAG_NAME_CYCLE, span);
        return NULL;
    }
    if (names->depth >= PN_NAME_DEPTH_MAX) {
        pn_unit_report(names->unit, file, PN_DIAG_NAME_DEPTH, span);
        return NULL;
    }
    if (set->state == PN_NAME_NEW)
        resolve(names, set);
    return set;
}

/* What a word says of itself, whatever its elements are. */
static bool
word_read(struct pn_names *names, uint32_t file, struct pn_span span,
          pn_accept_fn accept, struct pn_gathered *out, struct pn_target *target)
{
    struct pn_str word = pn_source_slice(pn_unit_source(names->unit, file), span);
    enum pn_diag_id id;

    names->scratch.size = 0;
    id = pn_literal_target(word, &names->scratch, target);
    if (id == PN_DIAG_NONE)
        id = accept(target);
    if (id != PN_DIAG_NONE) {
        pn_target_report(names->unit, file, id, span);
        return false;
    }
    out->has_ident = target->has_ident;
    out->is_default = target->kind == PN_TARGET_DEFAULT;
    if (target->has_ident)
        pn_buffer_add(&out->ident, target->ident.ptr, target->ident.len);
    names->space->failed |= out->ident.failed;
    return true;
}

/* The elements of a set, or the set itself where it is large and may be shared. */
static void
gather_set(struct pn_names *names, struct pn_definition *set, bool share,
           struct pn_gathered *out)
{
    const struct pn_elements *list = &set->elements;

    out->addresses = set->addresses;
    if (share && list->count > LARGE) {
        out->set = set;
        return;
    }
    if (list->count > LARGE && !pn_names_take(names, STEPS_A_COPY * list->count))
        return;
    for (size_t i = 0; i < list->count; i++)
        pn_elements_add(&out->elements, &list->items[i]);
}

static void
gather_word(struct pn_names *names, const struct pn_target_at *at, struct pn_span span,
            pn_accept_fn accept, struct pn_gathered *out)
{
    struct pn_target target;
    uint32_t file = at->file;

    out->good = word_read(names, file, span, accept, out, &target);
    if (out->good && target.kind == PN_TARGET_SET) {
        struct pn_definition *set = set_find(names, file, target.name, span);

        if (set)
            gather_set(names, set, at->share, out);
    } else if (out->good) {
        struct pn_element element = pn_element_from(names->space, &target);

        pn_elements_add(&out->elements, &element);
    }
}

/*
 * The path that a LIST names, to be freed; NULL after a diagnostic when there is none.
 */
static char *
list_path(struct pn_names *names, uint32_t file, struct pn_span span)
{
    struct pn_str quoted = pn_source_slice(pn_unit_source(names->unit, file), span);
    enum pn_diag_id id;
    char *path;

    names->scratch.size = 0;
    id = pn_literal_value(quoted, &names->scratch);
    if (id != PN_DIAG_NONE) {
        pn_unit_report(names->unit, file, id, span);
        return NULL;
    }
    path = pn_unit_path(names->unit, file,
                        (struct pn_str){ names->scratch.bytes, names->scratch.size });
    names->space->failed |= !path;
    return path;
}

/* A list has neither ident nor host, and is no default: it is asked for as any target.
 */
static void
gather_list(struct pn_names *names, uint32_t file, const struct pn_node *node,
            pn_accept_fn accept, struct pn_gathered *out)
{
    struct pn_span span = pn_tree_behind(pn_unit_tree(names->unit, file), node);
    const struct pn_target target = { .kind = PN_TARGET_LIST };
    const struct pn_lists_into into = { names->unit, names->space, &names->pool,
                                        &names->scratch };
    enum pn_diag_id id = accept(&target);
    const struct pn_list_file *list = NULL;
    char *path = NULL;

    out->good = id == PN_DIAG_NONE;
    if (out->good)
        path = list_path(names, file, span);
    else
        pn_unit_report(names->unit, file, id, pn_unit_span(names->unit, file, node));
    if (path)
        list = pn_lists_get(&names->lists, &into, path);
    if (list)
        pn_lists_use(&names->lists, &into, list,
                     (struct pn_list_use){ .node = node, .file = file });
    if (list && list->fault == PN_DIAG_NONE)
        pn_elements_add(&out->elements, &list->element);
    else if (list)
        pn_unit_report_unread(names->unit, file, list->fault, span, list->error);
    pn_free(path);
}

void
pn_target_gather(struct pn_names *names, struct pn_target_at at, pn_accept_fn accept,
                 struct pn_gathered *out)
{
    const struct pn_tree *tree = pn_unit_tree(names->unit, at.file);
    uint32_t token = at.node ? at.node->token : at.token;

    out->elements.count = out->ident.size = 0;
    out->has_ident = out->is_default = false;
    out->addresses = true;
    out->set = NULL;
    out->shared = at.shared;
    out->own = at.own;
    if (at.node && at.node->kind == PN_NODE_LIST)
        gather_list(names, at.file, at.node, accept, out);
    else
        gather_word(names, &at, pn_token_span(tree->tokens[token]), accept, out);
    for (size_t i = 0; i < out->elements.count; i++) {
        struct pn_element *element = &out->elements.items[i];

        if (!pn_element_has_addresses(element))
            out->addresses = false;
        else if (at.excluded)
            element->excluded =
                pn_set_pool_union(&names->pool, element->excluded, at.excluded);
    }
    names->space->failed |= out->elements.failed || names->pool.failed;
}

void
pn_gathered_clear(struct pn_gathered *gathered)
{
    pn_free(gathered->elements.items);
    pn_buffer_free(&gathered->ident);
    *gathered = (struct pn_gathered){ 0 };
}

static enum pn_diag_id
accept_in_except(const struct pn_target *target)
{
    return target->has_ident || target->kind == PN_TARGET_DEFAULT ||
                   target->kind == PN_TARGET_HOST
               ? PN_DIAG_EXCEPT_TARGET
               : PN_DIAG_NONE;
}

/* What the targets of an EXCEPT stand for. */
struct exclusion {
    struct pn_names *names;
    struct pn_address_set own; /* single targets and small sets */
    uint32_t shared;           /* in names->pool: large sets and lists */
    bool good;                 /* all of them have addresses alone */
};

/* The number of the address set of elements, which is 0 when one has no addresses. */
static uint32_t
elements_exclude(struct exclusion *e, const struct pn_element *items, size_t count)
{
    struct pn_address_set set = { 0 };
    uint32_t number;

    for (size_t i = 0; i < count && e->good; i++)
        e->good = pn_element_collect(&items[i], &e->names->pool, &set);
    pn_address_set_finish(&set);
    number = pn_set_pool_add(&e->names->pool, &set);
    pn_address_set_clear(&set);
    return number;
}

/* A set is an address set once, however many targets exclude it. */
static uint32_t
set_exclude(struct exclusion *e, struct pn_definition *set)
{
    if (!set->has_address_set)
        set->address_set =
            elements_exclude(e, set->elements.items, set->elements.count);
    set->has_address_set = true;
    e->good &= set->addresses;
    return set->address_set;
}

static uint32_t
list_exclude(struct exclusion *e, const struct pn_element *list)
{
    struct pn_names *names = e->names;
    size_t need = (size_t)list->count + 1;

    if (list->excluded)
        return elements_exclude(e, list, 1);
    if (!pn_vector_reserve(&names->list_sets, &names->list_set_capacity, need,
                           sizeof(*names->list_sets))) {
        names->space->failed = true;
        return 0;
    }
    while (names->list_set_count < need)
        names->list_sets[names->list_set_count++] = 0;
    if (!names->list_sets[list->count])
        names->list_sets[list->count] = elements_exclude(e, list, 1) + 1;
    return names->list_sets[list->count] - 1;
}

static void
exclusion_take(void *payload, const struct pn_node *node,
               const struct pn_gathered *gathered)
{
    struct exclusion *e = payload;
    struct pn_names *names = e->names;

    (void)node;
    if (gathered->set)
        e->shared = pn_set_pool_union(
            &names->pool, e->shared,
            set_exclude(e, &names->items[gathered->set - names->items]));
    for (size_t i = 0; i < gathered->elements.count && e->good; i++) {
        const struct pn_element *element = &gathered->elements.items[i];

        if (element->kind == PN_TARGET_LIST)
            e->shared =
                pn_set_pool_union(&names->pool, e->shared, list_exclude(e, element));
        else
            e->good = pn_element_collect(element, &names->pool, &e->own);
    }
}

/*
 * The addresses of an EXCEPT in out->file, as numbers of address sets: out->own and
 * out->shared, and out->excluded for both where nothing is shared.
 */
static void
except_gather(struct pn_names *names, const struct pn_node *except,
              struct pn_target_at *out)
{
    struct exclusion exclusion = { .names = names, .good = true };
    struct pn_place inner = { .file = out->file,
                              .nodes = except->children.head,
                              .accept = accept_in_except,
                              .take = exclusion_take,
                              .payload = &exclusion,
                              .share = true };

    pn_targets_each(names, &inner);
    if (!exclusion.good)
        pn_unit_report(names->unit, out->file, PN_DIAG_EXCEPT_TARGET,
                       pn_unit_span(names->unit, out->file, except));
    pn_address_set_finish(&exclusion.own);
    out->own = pn_set_pool_add(&names->pool, &exclusion.own);
    out->shared = exclusion.shared;
    if (!out->share)
        out->excluded = pn_set_pool_union(&names->pool, out->shared, out->own);
    pn_address_set_clear(&exclusion.own);
}

void
pn_targets_each(struct pn_names *names, const struct pn_place *place)
{
    const struct pn_node *except = NULL;
    struct pn_gathered gathered = { 0 };
    struct pn_target_at at = { .file = place->file, .share = place->share };
    bool addresses = true;

    for (const struct pn_node *n = place->nodes; n; n = n->next)
        if (n->kind == PN_NODE_EXCEPT)
            except = n;
    if (except)
        except_gather(names, except, &at);
    for (at.node = place->nodes; at.node; at.node = at.node->next) {
        if (at.node->kind != PN_NODE_TARGET && at.node->kind != PN_NODE_LIST)
            continue;
        pn_target_gather(names, at, place->accept, &gathered);
        if (except && gathered.has_ident) {
            pn_unit_report(names->unit, place->file, PN_DIAG_EXCEPT_TARGET,
                           pn_unit_span(names->unit, place->file, at.node));
            gathered.elements.count = 0;
            gathered.set = NULL;
        }
        addresses &= gathered.addresses;
        if (gathered.good)
            place->take(place->payload, at.node, &gathered);
        pn_names_report_spent(names, place->file, at.node);
    }
    if (except && !addresses)
        pn_unit_report(names->unit, place->file, PN_DIAG_EXCEPT_TARGET,
                       pn_unit_span(names->unit, place->file, except));
    names->space->failed |= names->pool.failed;
    pn_gathered_clear(&gathered);
}
