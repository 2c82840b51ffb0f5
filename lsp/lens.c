/* Lenses above statements, and hints at the ends of lines. */
#include <stdio.h>
#include <string.h>

#include "compiler/number_text.h"
#include "lsp/asked.h"
#include "lsp/names.h"
#include "lsp/root.h"

/* A line bears no more columns with its hint. */
enum { COLUMNS_MAX = 100 };

/* What is asked of a document whose root is loaded. */
struct lenses {
    struct pn_lsp *server;
    struct pn_rpc_call *call;
    struct pn_cursor cursor;
    struct pn_lsp_root *root;
    uint32_t file;
    struct pn_asked *asked; /* NULL: the rules have errors */
};

/* False when nothing is to be said, or the call was refused. */
static bool
lenses_begin(struct lenses *lenses, struct pn_lsp *server, struct pn_rpc_call *call)
{
    const struct pn_unit *unit;

    *lenses = (struct lenses){ .server = server, .call = call };
    if (!pn_cursor_document(server, call, &lenses->cursor))
        return false;
    lenses->root = pn_lsp_root_for(server, lenses->cursor.document, call);
    if (call->code == PN_RPC_REQUEST_FAILED)
        call->code = 0; /* a file that nobody reads */
    if (call->code)
        return false;
    pn_call_begin_array(call);
    if (!lenses->root || !call->result)
        return false;
    unit = &lenses->root->loaded.unit;
    for (uint32_t i = 0; i < unit->count; i++)
        if (pn_documents_at(&server->documents, unit->files[i]->source.name) ==
            lenses->cursor.document) {
            lenses->file = i;
            return true;
        }
    return false;
}

/* A lens at a span; a command "" is only read. */
static bool
lens_add(struct lenses *lenses, struct pn_span span, const char *title,
         const char *command, json_t *argument)
{
    json_t *made = json_pack("{s:o, s:{s:s, s:s}}", "range",
                             pn_json_range(&lenses->cursor.view, span), "command",
                             "title", title, "command", command);

    if (made && argument)
        (void)pn_json_set(json_object_get(made, "command"), "arguments",
                          json_pack("[o]", argument));
    else
        json_decref(argument);
    return pn_call_add(lenses->call, made);
}

/* Where it is asked: a document, and a place in it. */
static json_t *
here(const struct lenses *lenses, struct pn_span span)
{
    const struct pn_lsp_view *view = &lenses->cursor.view;

    return json_pack("{s:s, s:o, s:b}", "uri", lenses->cursor.document->uri, "position",
                     pn_json_place(pn_lines_place(view->lines, view->text,
                                                  view->encoding, span.offset)),
                     "show", 1);
}

/* How many rules take what a statement would decide, where it decides nothing. */
static size_t
shadows(const struct lenses *lenses, struct pn_span statement)
{
    const struct pn_report *report = &lenses->root->report;
    const char *name = pn_unit_source(&lenses->root->loaded.unit, lenses->file)->name;
    size_t found = 0;

    for (size_t i = 0; i < report->count; i++) {
        const struct pn_finding *f = &report->items[i];

        if (pn_check_info[f->check].removes == PN_REMOVES_DEAD &&
            f->at.offset >= statement.offset &&
            f->at.offset < statement.offset + statement.size &&
            strcmp(pn_report_text(report, f->at.file), name) == 0)
            found += f->link_count ? f->link_count : 1;
    }
    return found;
}

static bool
rule_lenses(struct lenses *lenses, struct pn_span span)
{
    size_t others = shadows(lenses, span);
    char title[64];

    if (lenses->asked &&
        !lens_add(lenses, span, "who", "postern.who", here(lenses, span)))
        return false;
    if (!others)
        return true;
    (void)snprintf(title, sizeof(title), "shadowed by %zu rule%s", others,
                   pn_plural(others));
    return lens_add(lenses, span, title, "", NULL);
}

static bool
claim_lens(struct lenses *lenses, struct pn_span span)
{
    const struct pn_asked *asked = lenses->asked;

    for (size_t i = 0; asked && i < asked->claim_count; i++) {
        const struct pn_asked_claim *claim = &asked->claims[i];
        struct pn_buffer title = { 0 };
        bool good;

        if (claim->file != lenses->file || claim->offset != span.offset)
            continue;
        pn_buffer_add_text(&title, claim->holds         ? "holds"
                                   : claim->is_too_much ? "too much to decide"
                                                        : "fails");
        if (claim->query)
            pn_buffer_add_format(&title, ": %s", asked->text.bytes + claim->query);
        pn_buffer_add(&title, "", 1);
        good = !title.failed && lens_add(lenses, span, title.bytes, "", NULL);
        pn_buffer_free(&title);
        return good;
    }
    return true;
}

void
pn_lsp_lenses(void *payload, struct pn_rpc_call *call)
{
    struct lenses lenses;
    const struct pn_tree *tree;
    bool good = true;

    if (!lenses_begin(&lenses, payload, call))
        return;
    lenses.asked = pn_asked_proven(payload, lenses.root, NULL);
    tree = &lenses.cursor.document->tree;
    for (const struct pn_node *node = tree->file->children.head; node && good;
         node = node->next) {
        struct pn_span span = pn_node_span(tree, node);

        if (node->kind == PN_NODE_RULE)
            good = rule_lenses(&lenses, span);
        else if (node->kind == PN_NODE_EXPECT || node->kind == PN_NODE_ALWAYS)
            good = claim_lens(&lenses, span);
    }
}

/* A hint behind an offset, if its line bears it. */
static bool
hint_add(struct lenses *lenses, uint32_t offset, struct pn_buffer *label)
{
    const struct pn_lsp_view *view = &lenses->cursor.view;
    struct pn_place end =
        pn_lines_place(view->lines, view->text, view->encoding, offset);
    uint32_t line_end = end.line + 1 < view->lines->count
                            ? view->lines->starts[end.line + 1]
                            : (uint32_t)view->text.len;
    size_t columns = line_end - view->lines->starts[end.line] + label->size;

    if (label->failed || columns > COLUMNS_MAX)
        return true;
    return pn_call_add(lenses->call,
                       json_pack("{s:o, s:o, s:b}", "position", pn_json_place(end),
                                 "label", pn_json_text(pn_str_of(label)), "paddingLeft",
                                 1));
}

static bool
ends_within(struct pn_span wanted, struct pn_span span)
{
    uint32_t end = span.offset + span.size;

    return end >= wanted.offset && end <= wanted.offset + wanted.size;
}

static bool
list_hints(struct lenses *lenses, struct pn_span wanted)
{
    const struct pn_lists *lists = &lenses->root->loaded.policy.names.lists;
    const struct pn_tree *tree = pn_unit_tree(&lenses->root->loaded.unit, lenses->file);
    bool good = true;

    for (size_t i = 0; i < lists->use_count && good; i++) {
        const struct pn_list_use *use = &lists->uses[i];
        struct pn_buffer label = { 0 };
        struct pn_span span;

        if (use->file != lenses->file)
            continue;
        span = pn_node_span(tree, use->node);
        if (!ends_within(wanted, span))
            continue;
        pn_number_write(&label, lists->items[use->list].covered);
        pn_buffer_add_text(&label, lists->items[use->list].covered == 1 ? " entry"
                                                                        : " entries");
        good = hint_add(lenses, span.offset + span.size, &label);
        pn_buffer_free(&label);
    }
    return good;
}

/* The addresses that all targets of a statement decide, at its end. */
static bool
rule_hints(struct lenses *lenses, struct pn_span wanted)
{
    const struct pn_facts *facts = &lenses->root->facts;
    bool good = true;

    for (size_t i = 0, next; i < facts->count && good; i = next) {
        const struct pn_fact *fact = &facts->items[i];
        struct pn_span all = { fact->statement, fact->last - fact->statement };
        pn_number decided = 0;
        bool any = false;
        struct pn_buffer label = { 0 };

        for (next = i; next < facts->count && facts->items[next].file == fact->file &&
                       facts->items[next].statement == fact->statement;
             next++) {
            decided += facts->items[next].decided;
            any |= facts->items[next].has_addresses;
        }
        if (fact->file != lenses->file || !any || decided == 1)
            continue;
        while (all.size &&
               strchr("\r\n", lenses->cursor.view.text.ptr[all.offset + all.size - 1]))
            all.size--;
        if (!ends_within(wanted, all))
            continue;
        (void)pn_decides_write(&label, decided);
        good = hint_add(lenses, all.offset + all.size, &label);
        pn_buffer_free(&label);
    }
    return good;
}

void
pn_lsp_hints(void *payload, struct pn_rpc_call *call)
{
    struct lenses lenses;
    struct pn_span wanted;

    if (!lenses_begin(&lenses, payload, call))
        return;
    if (!pn_json_read_span(&lenses.cursor.view, json_object_get(call->params, "range"),
                           &wanted)) {
        pn_call_refuse(call, PN_RPC_INVALID_PARAMS, "a range is wanted");
        return;
    }
    if (list_hints(&lenses, wanted))
        (void)rule_hints(&lenses, wanted);
}
