/* Definitions are resolved when they are first used, each once. */
#include "compiler/names.h"

#include <string.h>

#include "base/memory.h"
#include "base/nearest.h"
#include "base/vector.h"
#include "compiler/alternatives.h"

enum { COMPARED_MOST = 4096 };

static void
redefined_report(struct pn_names *names, uint32_t file, const struct pn_node *node,
                 const struct pn_definition *first)
{
    struct pn_diags *diags = names->unit->diags;
    struct pn_diag *diag =
        pn_diags_add(diags, PN_DIAG_REDEFINED, pn_unit_source(names->unit, file),
                     pn_unit_span(names->unit, file, node));

    pn_diag_relate(diags, diag, pn_unit_source(names->unit, first->file),
                   pn_unit_span(names->unit, first->file, first->node),
                   "it is defined here");
}

static void
define(struct pn_names *names, uint32_t file, const struct pn_node *node)
{
    struct pn_str name = pn_unit_text(names->unit, file, node);
    size_t before = names->intern.count;
    uint32_t number;

    if (!pn_intern_add(&names->intern, name.ptr, name.len, &number) ||
        !pn_vector_reserve(&names->items, &names->capacity, names->intern.count,
                           sizeof(*names->items))) {
        names->space->failed = true;
        return;
    }
    if (names->intern.count == before)
        redefined_report(names, file, node, &names->items[number]);
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
    names->pool.work = &names->work;
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
        pn_free(names->items[i].elements.items);
    pn_lists_clear(&names->lists);
    pn_free(names->items);
    pn_intern_clear(&names->intern);
    pn_set_pool_clear(&names->pool);
    pn_free(names->list_sets);
    pn_buffer_free(&names->scratch);
}

bool
pn_names_take(struct pn_names *names, uint64_t steps)
{
    if (names->work.limit) /* lists are read by and by */
        names->work.limit = pn_work_for(names->unit->size).limit;
    return pn_work_take(&names->work, steps);
}

/*
 * The nearest name of the kind, as the fix. Only the first definitions are compared,
 * for a policy may have a million.
 */
static void
near_offer(struct pn_names *names, struct pn_diag *diag, uint32_t file,
           struct pn_str name, enum pn_node_kind kind, struct pn_span span)
{
    const struct pn_source *source = pn_unit_source(names->unit, file);
    size_t front = span.size > name.len ? span.size - name.len : 0; /* its $ */
    struct pn_buffer text = { 0 };
    struct pn_nearest nearest;

    pn_nearest_begin(&nearest, name);
    for (uint32_t i = 0; diag && i < names->intern.count && i < COMPARED_MOST; i++)
        if (names->items[i].node->kind == kind &&
            !pn_unit_source(names->unit, names->items[i].file)->hidden)
            pn_nearest_offer(&nearest, pn_intern_text(&names->intern, i));
    if (!nearest.best.ptr)
        return;
    pn_buffer_add(&text, source->text + span.offset, front);
    pn_buffer_add_str(&text, nearest.best);
    pn_diags_fail(names->unit->diags, text.failed);
    if (!text.failed)
        pn_diag_fix(names->unit->diags, diag, source, span, pn_str_of(&text));
    pn_buffer_free(&text);
}

struct pn_definition *
pn_names_find(struct pn_names *names, uint32_t file, struct pn_str name,
              enum pn_node_kind kind, struct pn_span span)
{
    struct pn_diag *diag;
    uint32_t number;

    if (!pn_intern_find(&names->intern, name.ptr, name.len, &number)) {
        diag = pn_diags_add(names->unit->diags, PN_DIAG_UNKNOWN_NAME,
                            pn_unit_source(names->unit, file), span);
        near_offer(names, diag, file, name, kind, span);
        return NULL;
    }
    if (names->items[number].node->kind == PN_NODE_BROKEN)
        return NULL; /* which was reported */
    if (names->items[number].node->kind != kind) {
        pn_unit_report(names->unit, file, PN_DIAG_WRONG_KIND, span);
        return NULL;
    }
    return &names->items[number];
}

void
pn_names_report_spent(struct pn_names *names, uint32_t file, const struct pn_node *node)
{
    static const char note[] =
        "  here what sets stand for, by all that name them, comes to more than there "
        "is "
        "room for:\n  let fewer rules, sets, idents and claims name large sets, or one "
        "rule name several\n";
    struct pn_diag *diag;

    if (!names->work.spent || names->is_reported)
        return;
    names->is_reported = true;
    diag = pn_diags_add(names->unit->diags, PN_DIAG_TOO_MUCH,
                        pn_unit_source(names->unit, file),
                        pn_unit_span(names->unit, file, node));
    pn_diag_note(names->unit->diags, diag, (struct pn_str){ note, sizeof(note) - 1 });
}
