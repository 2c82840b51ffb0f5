/* Definitions are resolved when they are first used, each once. */
#include "compiler/names.h"

#include <stdlib.h>
#include <string.h>

#include "base/vector.h"
#include "compiler/mend.h"

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
                                .keep_lists = names->keep_lists };
    for (uint32_t i = 0; i < unit->count; i++) {
        const struct pn_node *file = unit->files[i]->tree.file;

        for (const struct pn_node *n = file ? file->children.head : NULL; n;
             n = n->next)
            if ((n->kind == PN_NODE_SET || n->kind == PN_NODE_ENV) && !space->failed)
                define(names, i, n);
    }
}

void
pn_names_clear(struct pn_names *names)
{
    for (size_t i = 0; names->items && i < names->intern.count; i++)
        free(names->items[i].elements.items);
    for (size_t i = 0; i < names->list_count; i++) {
        pn_source_clear(&names->lists[i].source);
        free(names->lists[i].path);
    }
    free(names->lists);
    free(names->items);
    pn_intern_clear(&names->intern);
    pn_hole_sets_clear(&names->holes);
    pn_buffer_free(&names->scratch);
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
    if (names->items[number].node->kind != kind) {
        complain(names, file, PN_DIAG_WRONG_KIND, span);
        return NULL;
    }
    return &names->items[number];
}

static enum pn_diag_id
accept_in_set(void *payload, const struct pn_target *target)
{
    (void)payload;
    return target->has_ident || target->kind == PN_TARGET_DEFAULT ? PN_DIAG_SET_TARGET
                                                                  : PN_DIAG_COUNT;
}

static enum pn_diag_id
accept_in_holes(void *payload, const struct pn_target *target)
{
    (void)payload;
    return target->has_ident || target->kind == PN_TARGET_DEFAULT ||
                   target->kind == PN_TARGET_HOST
               ? PN_DIAG_EXCEPT_TARGET
               : PN_DIAG_COUNT;
}

static void
resolve(struct pn_names *names, struct pn_definition *definition)
{
    struct pn_place place = { .file = definition->file,
                              .nodes = definition->node->children.head,
                              .accept = accept_in_set };

    definition->state = PN_NAME_OPEN;
    names->depth++;
    pn_names_gather(names, &place, &definition->elements);
    names->depth--;
    pn_elements_finish(&definition->elements); /* so that sets of sets stay small */
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

/* The elements of the set that `name` names; NULL, and told, when there is none. */
static const struct pn_elements *
set_elements(struct pn_names *names, uint32_t file, struct pn_str name,
             struct pn_span span)
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
    return &set->elements;
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
        names->unit->diags->failed |= fixes[i].failed;
        if (i < count && !fixes[i].failed)
            pn_diag_fix(names->unit->diags, diag, source, span,
                        (struct pn_str){ fixes[i].bytes, fixes[i].size });
        pn_buffer_free(&fixes[i]);
    }
}

static void
gather_target(struct pn_names *names, const struct pn_place *place,
              const struct pn_node *node, struct pn_elements *out)
{
    struct pn_span span = node_span(names, place->file, node);
    struct pn_target target;
    enum pn_diag_id id;

    names->scratch.size = 0;
    id = pn_literal_target(node_text(names, place->file, node), &names->scratch,
                           &target);
    if (id == PN_DIAG_COUNT)
        id = place->accept(place->payload, &target);
    if (id != PN_DIAG_COUNT) {
        complain_target(names, place->file, id, span);
    } else if (target.kind == PN_TARGET_SET) {
        const struct pn_elements *set =
            set_elements(names, place->file, target.name, span);

        for (size_t i = 0; set && i < set->count; i++)
            pn_elements_add(out, names->space, &set->items[i]);
    } else {
        struct pn_element element = pn_element_from(names->space, &target);

        pn_elements_add(out, names->space, &element);
    }
}

/* A list that is read, and how many of its prefixes had bits beyond their length. */
struct reading {
    struct pn_source source;
    struct pn_list_addresses addresses;
    size_t masked;
    struct pn_span first_masked;
};

/* A line's first field; host bits are masked, as lists are written. */
static bool
read_list_field(struct pn_names *names, struct reading *list, struct pn_str field)
{
    struct pn_target target;
    enum pn_diag_id id;

    names->scratch.size = 0;
    id = pn_literal_target(field, &names->scratch, &target);
    if (id == PN_DIAG_HOST_BITS) {
        target.first &= ~pn_number_below(target.family, target.length);
        if (!list->masked++)
            list->first_masked =
                (struct pn_span){ (uint32_t)(field.ptr - list->source.text),
                                  (uint32_t)field.len };
    } else if (id != PN_DIAG_COUNT || target.has_ident || target.kind > PN_TARGET_RANGE)
        return false;
    pn_list_add(&list->addresses, names->space, &target);
    return true;
}

/* strchr(), but a NUL is in no set. */
static bool
is_among(char c, const char *set)
{
    return c && strchr(set, c);
}

/* The first field of a line that is neither blank nor a comment. */
static void
read_list_line(struct pn_names *names, struct reading *list, struct pn_str line)
{
    size_t start = 0, end;

    while (start < line.len && is_among(line.ptr[start], " \t\r"))
        start++;
    if (start == line.len || is_among(line.ptr[start], "#;"))
        return;
    for (end = start; end < line.len && !is_among(line.ptr[end], " \t\r#;,"); end++)
        continue;
    if (!read_list_field(names, list, (struct pn_str){ line.ptr + start, end - start }))
        pn_diags_add(names->unit->diags, PN_DIAG_LIST_LINE, &list->source,
                     (struct pn_span){ (uint32_t)(line.ptr + start - list->source.text),
                                       (uint32_t)(end > start ? end - start : 1) });
}

/* One warning a list. */
static void
warn_masked(struct pn_names *names, const struct reading *list)
{
    struct pn_diags *diags = names->unit->diags;
    struct pn_buffer note = { 0 };
    struct pn_diag *diag;

    if (!list->masked)
        return;
    diag =
        pn_diags_add(diags, PN_DIAG_LIST_HOST_BITS, &list->source, list->first_masked);
    if (list->masked > 1)
        pn_buffer_add_format(&note, "  so in %zu more lines of this list\n",
                             list->masked - 1);
    if (note.size)
        pn_diag_note(diags, diag, (struct pn_str){ note.bytes, note.size });
    diags->failed |= note.failed;
    pn_buffer_free(&note);
}

/* The text of a list stays, or goes; `path` likewise. */
static void
list_end(struct pn_names *names, const struct pn_place *place,
         const struct pn_node *node, struct reading *list, char *path)
{
    size_t covered = list->addresses.v4_count + list->addresses.v6_count;

    if (names->keep_lists &&
        pn_vector_reserve(&names->lists, &names->list_capacity, names->list_count + 1,
                          sizeof(*names->lists))) {
        names->lists[names->list_count++] =
            (struct pn_kept_list){ path, list->source, node, place->file, covered };
        return;
    }
    pn_source_clear(&list->source);
    free(path);
}

/* A list goes straight into elements: its lines make no nodes. */
static void
gather_list(struct pn_names *names, const struct pn_place *place,
            const struct pn_node *node, struct pn_elements *out)
{
    struct pn_span span = pn_tree_behind(&names->unit->files[place->file]->tree, node);
    struct pn_str quoted =
        pn_source_slice(&names->unit->files[place->file]->source, span);
    struct reading list = { 0 };
    struct pn_element element;
    enum pn_diag_id id;
    char *path = NULL;

    names->scratch.size = 0;
    id = pn_literal_value(quoted, &names->scratch);
    if (id == PN_DIAG_COUNT)
        path =
            pn_unit_path(names->unit, place->file,
                         (struct pn_str){ names->scratch.bytes, names->scratch.size });
    else
        complain(names, place->file, id, span);
    if (path && pn_unit_read(names->unit, place->file, span, path, &list.source)) {
        const char *at = list.source.text, *end = at + list.source.size;

        while (at < end && !names->space->failed) {
            const char *newline = memchr(at, '\n', (size_t)(end - at));
            size_t len = (size_t)((newline ? newline : end) - at);

            read_list_line(names, &list, (struct pn_str){ at, len });
            at += len + 1;
        }
        warn_masked(names, &list);
        list_end(names, place, node, &list, path);
        path = NULL;
        element = pn_hole_sets_add_list(&names->holes, names->space, &list.addresses);
        pn_elements_add(out, names->space, &element);
    }
    free(path);
}

/* The addresses of an EXCEPT, as holes; their number. */
static uint32_t
gather_holes(struct pn_names *names, const struct pn_place *place,
             const struct pn_node *except)
{
    struct pn_place inner = { .file = place->file,
                              .nodes = except->children.head,
                              .accept = accept_in_holes };
    struct pn_elements elements = { 0 };
    struct pn_holes holes = { 0 };
    uint32_t number;

    pn_names_gather(names, &inner, &elements);
    for (size_t i = 0; i < elements.count && !names->space->failed; i++)
        if (!pn_holes_add(&holes, &names->holes, names->space, &elements.items[i])) {
            complain(names, place->file, PN_DIAG_EXCEPT_TARGET,
                     node_span(names, place->file, except));
            break;
        }
    pn_holes_finish(&holes);
    number = pn_hole_sets_add(&names->holes, names->space, &holes);
    pn_holes_clear(&holes);
    free(elements.items);
    return number;
}

/* Holes are in what stands before them, and addresses alone have holes. */
static void
apply_holes(struct pn_names *names, const struct pn_place *place,
            const struct pn_node *except, struct pn_elements *list, size_t from)
{
    uint32_t number = gather_holes(names, place, except);

    for (size_t i = from; i < list->count; i++) {
        struct pn_element *element = &list->items[i];

        if (element->kind > PN_TARGET_LIST) {
            complain(names, place->file, PN_DIAG_EXCEPT_TARGET,
                     node_span(names, place->file, except));
            return;
        }
        element->holes =
            pn_hole_sets_union(&names->holes, names->space, element->holes, number);
    }
}

void
pn_names_gather(struct pn_names *names, const struct pn_place *place,
                struct pn_elements *out)
{
    size_t from = out->count;

    for (const struct pn_node *n = place->nodes; n; n = n->next) {
        if (n->kind == PN_NODE_TARGET)
            gather_target(names, place, n, out);
        else if (n->kind == PN_NODE_LIST)
            gather_list(names, place, n, out);
        else if (n->kind == PN_NODE_EXCEPT)
            apply_holes(names, place, n, out, from);
    }
}
