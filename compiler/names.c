/* Definitions are resolved when they are first used, each once. */
#include "compiler/names.h"

#include <string.h>

#include "base/ascii.h"
#include "base/memory.h"
#include "base/nearest.h"
#include "base/vector.h"
#include "compiler/alternatives.h"
#include "grammar/parser.h"

enum {
    COMPARED_MOST = 4096,
    BROKEN_LOOK = 256 /* bytes of a statement that cannot be parsed */
};

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

/*
 * Keeps a statement that could not be parsed, and sees whether it may have been an
 * include, of a file whose names are unknown then.
 */
static void
broken_keep(struct pn_names *names, uint32_t file, const struct pn_node *node)
{
    const struct pn_tree *tree = pn_unit_tree(names->unit, file);
    const struct pn_token *first = &tree->tokens[node->range.first];

    if (node->range.last > node->range.first && first[1].kind == PN_TOK_VALUE)
        names->unit->incomplete = true;
    if (names->broken_count < PN_NAMES_BROKEN_MAX)
        names->broken[names->broken_count++] =
            (struct pn_definition){ .node = node, .file = file };
}

static bool
is_name_byte(char c)
{
    return pn_is_letter(c) || pn_is_digit(c) || c == '_' || c == '-';
}

/* Does a text hold a name, as a word of its own? */
static bool
holds_name(struct pn_str text, struct pn_str name)
{
    for (size_t i = 0; i + name.len <= text.len; i++)
        if (memcmp(text.ptr + i, name.ptr, name.len) == 0 &&
            (!i || !is_name_byte(text.ptr[i - 1])) &&
            (i + name.len == text.len || !is_name_byte(text.ptr[i + name.len])))
            return true;
    return false;
}

/*
 * Does a name that nothing defines stand in a statement that could not be parsed, as
 * the one that would define it? That one has been reported.
 */
static bool
is_broken_away(struct pn_names *names, uint32_t file, struct pn_str name,
               struct pn_span span)
{
    if (names->unit->incomplete)
        return true;
    if (names->broken_asked++ >= COMPARED_MOST)
        return false;
    for (size_t i = 0; i < names->broken_count && name.len; i++) {
        const struct pn_definition *d = &names->broken[i];
        struct pn_span at =
            pn_tree_span(pn_unit_tree(names->unit, d->file), d->node->range);

        if (at.size > BROKEN_LOOK)
            at.size = BROKEN_LOOK;
        if ((d->file != file || at.offset > span.offset ||
             at.offset + at.size <= span.offset) &&
            holds_name(pn_source_slice(pn_unit_source(names->unit, d->file), at), name))
            return true;
    }
    return false;
}

void
pn_names_collect(struct pn_names *names, struct pn_unit *unit, struct pn_space *space)
{
    *names = (struct pn_names){ .unit = unit,
                                .space = space,
                                .lists = { .keep = names->lists.keep,
                                           .kept = names->lists.kept,
                                           .refuses = names->lists.refuses },
                                .work = pn_work_for(unit->size) };
    names->pool.work = &names->work;
    for (uint32_t i = 0; i < unit->count; i++) {
        const struct pn_node *file = unit->files[i]->tree.file;

        names->lists.counts |= unit->files[i]->tree.has_bounds;
        for (const struct pn_node *n = file ? file->children.head : NULL; n;
             n = n->next) {
            if (n->kind == PN_NODE_ERROR || n->kind == PN_NODE_BROKEN)
                broken_keep(names, i, n);
            if ((n->kind == PN_NODE_SET || n->kind == PN_NODE_ENV ||
                 n->kind == PN_NODE_BROKEN) &&
                !space->failed)
                define(names, i, n);
        }
    }
}

void
pn_names_clear(struct pn_names *names)
{
    for (size_t i = 0; names->items && i < names->intern.count; i++)
        pn_free(names->items[i].elements.items);
    pn_lists_give(&names->lists, &names->pool);
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
        if (pn_diags_has_room(names->unit->diags) &&
            is_broken_away(names, file, name, span))
            return NULL;
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
