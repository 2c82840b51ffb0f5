/* Definitions are resolved when they are first used, each once. */
#include "compiler/names.h"

#include <stdlib.h>
#include <string.h>

#include "base/vector.h"
#include "compiler/mend.h"

/* A set of more elements is not copied for each rule, or each copy takes steps: what an
 * element costs that is kept once more. */
enum { LARGE = 8, STEPS_A_COPY = 32 };

static void
complain(const struct pn_names *names, uint32_t file, enum pn_diag_id id,
         struct pn_span span)
{
    pn_diags_add(names->unit->diags, id, &names->unit->files[file]->source, span);
}

static struct pn_span
node_span(const struct pn_names *names, uint32_t file, const struct pn_node *node)
{
    return pn_token_span(names->unit->files[file]->tree.tokens[node->token]);
}

static struct pn_str
node_text(const struct pn_names *names, uint32_t file, const struct pn_node *node)
{
    return pn_source_slice(&names->unit->files[file]->source,
                           node_span(names, file, node));
}

static void
complain_redefined(struct pn_names *names, uint32_t file, const struct pn_node *node,
                   const struct pn_definition *first)
{
    struct pn_diags *diags = names->unit->diags;
    struct pn_diag *diag =
        pn_diags_add(diags, PN_DIAG_REDEFINED, &names->unit->files[file]->source,
                     node_span(names, file, node));

    pn_diag_relate(diags, diag, &names->unit->files[first->file]->source,
                   node_span(names, first->file, first->node), "it is defined here");
}

static void
define(struct pn_names *names, uint32_t file, const struct pn_node *node)
{
    struct pn_str name = node_text(names, file, node);
    size_t before = names->intern.count;
    uint32_t number;

    if (!pn_intern_add(&names->intern, name.ptr, name.len, &number) ||
        !pn_vector_reserve(&names->items, &names->capacity, names->intern.count,
                           sizeof(*names->items))) {
        names->space->failed = true;
        return;
    }
    if (names->intern.count == before)
        complain_redefined(names, file, node, &names->items[number]);
    else
        names->items[number] = (struct pn_definition){ .node = node, .file = file };
}

void
pn_names_collect(struct pn_names *names, struct pn_unit *unit, struct pn_space *space)
{
    *names = (struct pn_names){ .unit = unit,
                                .space = space,
                                .lists = { .keep = names->lists.keep },
                                .work = pn_work_for(unit->size) };
    names->holes.work = &names->work;
    for (uint32_t i = 0; i < unit->count; i++) {
        const struct pn_node *file = unit->files[i]->tree.file;

        for (const struct pn_node *n = file ? file->children.head : NULL; n;
             n = n->next)
            if ((n->kind == PN_NODE_SET || n->kind == PN_NODE_ENV ||
                 n->kind == PN_NODE_BROKEN) &&
                !space->failed)
                define(names, i, n);
    }
}

void
pn_names_clear(struct pn_names *names)
{
    for (size_t i = 0; names->items && i < names->intern.count; i++)
        free(names->items[i].elements.items);
    pn_lists_clear(&names->lists);
    free(names->items);
    pn_intern_clear(&names->intern);
    pn_hole_sets_clear(&names->holes);
    free(names->list_holes);
    pn_buffer_free(&names->scratch);
}

bool
pn_names_take(struct pn_names *names, uint64_t steps)
{
    if (names->work.limit) /* lists are read by and by */
        names->work.limit = pn_work_for(names->unit->size).limit;
    return pn_work_take(&names->work, steps);
}

struct pn_definition *
pn_names_find(struct pn_names *names, uint32_t file, struct pn_str name,
              enum pn_node_kind kind, struct pn_span span)
{
    uint32_t number;

    if (!pn_intern_find(&names->intern, name.ptr, name.len, &number)) {
        complain(names, file, PN_DIAG_UNKNOWN_NAME, span);
        return NULL;
    }
    if (names->items[number].node->kind == PN_NODE_BROKEN)
        return NULL; /* which was told */
    if (names->items[number].node->kind != kind) {
        complain(names, file, PN_DIAG_WRONG_KIND, span);
        return NULL;
    }
    return &names->items[number];
}

static enum pn_diag_id
accept_in_set(const struct pn_target *target)
{
    return target->has_ident || target->kind == PN_TARGET_DEFAULT ? PN_DIAG_SET_TARGET
                                                                  : PN_DIAG_NONE;
}

/* The elements that a set gets. */
struct filling {
    struct pn_names *names;
    struct pn_elements *elements;
};

static void
set_fill(void *payload, const struct pn_node *node, const struct pn_gathered *gathered)
{
    const struct filling *set = payload;

    (void)node;
    for (size_t i = 0; i < gathered->elements.count; i++)
        pn_elements_add(set->elements, set->names->space, &gathered->elements.items[i]);
}

static void
resolve(struct pn_names *names, struct pn_definition *definition)
{
    struct filling filling = { names, &definition->elements };
    struct pn_place place = { .file = definition->file,
                              .nodes = definition->node->children.head,
                              .accept = accept_in_set,
                              .take = set_fill,
                              .payload = &filling };

    definition->state = PN_NAME_OPEN;
    names->depth++;
    pn_names_each(names, &place);
    names->depth--;
    pn_elements_finish(&definition->elements); /* so that sets of sets stay small */
    definition->addresses = true;
    for (size_t i = 0; i < definition->elements.count; i++)
        definition->addresses &=
            pn_element_has_addresses(&definition->elements.items[i]);
    definition->state = PN_NAME_DONE;
}

void
pn_names_finish(struct pn_names *names)
{
    for (size_t i = 0; i < names->intern.count && !names->space->failed; i++)
        if (names->items[i].node->kind == PN_NODE_SET &&
            names->items[i].state == PN_NAME_NEW)
            resolve(names, &names->items[i]);
}

/* The set that `name` names, resolved; NULL, and told, when there is none. */
static struct pn_definition *
set_find(struct pn_names *names, uint32_t file, struct pn_str name, struct pn_span span)
{
    struct pn_definition *set = pn_names_find(names, file, name, PN_NODE_SET, span);

    if (!set)
        return NULL;
    if (set->state == PN_NAME_OPEN) {
        complain(names, file, PN_DIAG_NAME_CYCLE, span);
        return NULL;
    }
    if (names->depth >= PN_NAME_DEPTH_MAX) {
        complain(names, file, PN_DIAG_NAME_DEPTH, span);
        return NULL;
    }
    if (set->state == PN_NAME_NEW)
        resolve(names, set);
    return set;
}

/* Tells of a word that is no target, or may not stand here, and how it may be mended.
 */
static void
complain_target(struct pn_names *names, uint32_t file, enum pn_diag_id id,
                struct pn_span span)
{
    const struct pn_source *source = &names->unit->files[file]->source;
    struct pn_buffer fixes[PN_DIAG_FIXES_MAX] = { { 0 } };
    struct pn_diag *diag = pn_diags_add(names->unit->diags, id, source, span);
    size_t count = pn_mend_target(id, pn_source_slice(source, span), fixes);

    for (size_t i = 0; i < PN_DIAG_FIXES_MAX; i++) {
        pn_diags_fail(names->unit->diags, fixes[i].failed);
        if (i < count && !fixes[i].failed)
            pn_diag_fix(names->unit->diags, diag, source, span,
                        (struct pn_str){ fixes[i].bytes, fixes[i].size });
        pn_buffer_free(&fixes[i]);
    }
}

/* What a word says of itself, whatever its elements are. */
static bool
word_read(struct pn_names *names, uint32_t file, struct pn_span span,
          pn_accept_fn accept, struct pn_gathered *out, struct pn_target *target)
{
    struct pn_str word = pn_source_slice(&names->unit->files[file]->source, span);
    enum pn_diag_id id;

    names->scratch.size = 0;
    id = pn_literal_target(word, &names->scratch, target);
    if (id == PN_DIAG_NONE)
        id = accept(target);
    if (id != PN_DIAG_NONE) {
        complain_target(names, file, id, span);
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
        pn_elements_add(&out->elements, names->space, &list->items[i]);
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

        pn_elements_add(&out->elements, names->space, &element);
    }
}

/* The path that a LIST names, to be freed; NULL when there is none, and that is told.
 */
static char *
list_path(struct pn_names *names, uint32_t file, struct pn_span span)
{
    struct pn_str quoted = pn_source_slice(&names->unit->files[file]->source, span);
    enum pn_diag_id id;
    char *path;

    names->scratch.size = 0;
    id = pn_literal_value(quoted, &names->scratch);
    if (id != PN_DIAG_NONE) {
        complain(names, file, id, span);
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
    struct pn_span span = pn_tree_behind(&names->unit->files[file]->tree, node);
    const struct pn_target target = { .kind = PN_TARGET_LIST };
    const struct pn_lists_into into = { names->unit, names->space, &names->holes,
                                        &names->scratch };
    enum pn_diag_id id = accept(&target);
    const struct pn_list_file *list = NULL;
    char *path = NULL;

    out->good = id == PN_DIAG_NONE;
    if (out->good)
        path = list_path(names, file, span);
    else
        complain(names, file, id, node_span(names, file, node));
    if (path)
        list = pn_lists_get(&names->lists, &into, path);
    if (list)
        pn_lists_use(&names->lists, &into, list,
                     (struct pn_list_use){ .node = node, .file = file });
    if (list && list->fault == PN_DIAG_NONE)
        pn_elements_add(&out->elements, names->space, &list->element);
    else if (list)
        complain(names, file, list->fault, span);
    free(path);
}

void
pn_names_gather(struct pn_names *names, struct pn_target_at at, pn_accept_fn accept,
                struct pn_gathered *out)
{
    const struct pn_tree *tree = &names->unit->files[at.file]->tree;
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
        else if (at.holes)
            element->holes = pn_hole_sets_union(&names->holes, names->space,
                                                element->holes, at.holes);
    }
}

void
pn_gathered_clear(struct pn_gathered *gathered)
{
    free(gathered->elements.items);
    pn_buffer_free(&gathered->ident);
    *gathered = (struct pn_gathered){ 0 };
}

void
pn_names_tell_spent(struct pn_names *names, uint32_t file, const struct pn_node *node)
{
    static const char note[] =
        "  here what sets stand for, by all that name them, comes to more than there "
        "is "
        "room for:\n  let fewer rules, sets, idents and claims name large sets, or one "
        "rule name several\n";
    struct pn_diag *diag;

    if (!names->work.spent || names->is_told)
        return;
    names->is_told = true;
    diag =
        pn_diags_add(names->unit->diags, PN_DIAG_TOO_MUCH,
                     &names->unit->files[file]->source, node_span(names, file, node));
    pn_diag_note(names->unit->diags, diag, (struct pn_str){ note, sizeof(note) - 1 });
}

void
pn_names_each(struct pn_names *names, const struct pn_place *place)
{
    const struct pn_node *except = NULL;
    struct pn_gathered gathered = { 0 };
    struct pn_target_at at = { .file = place->file, .share = place->share };
    bool addresses = true;

    for (const struct pn_node *n = place->nodes; n; n = n->next)
        if (n->kind == PN_NODE_EXCEPT)
            except = n;
    if (except)
        pn_names_pierce(names, except, &at);
    for (at.node = place->nodes; at.node; at.node = at.node->next) {
        if (at.node->kind != PN_NODE_TARGET && at.node->kind != PN_NODE_LIST)
            continue;
        pn_names_gather(names, at, place->accept, &gathered);
        if (except && gathered.has_ident) {
            complain(names, place->file, PN_DIAG_EXCEPT_TARGET,
                     node_span(names, place->file, at.node));
            gathered.elements.count = 0;
            gathered.set = NULL;
        }
        addresses &= gathered.addresses;
        if (gathered.good)
            place->take(place->payload, at.node, &gathered);
        pn_names_tell_spent(names, place->file, at.node);
    }
    if (except && !addresses)
        complain(names, place->file, PN_DIAG_EXCEPT_TARGET,
                 node_span(names, place->file, except));
    pn_gathered_clear(&gathered);
}
