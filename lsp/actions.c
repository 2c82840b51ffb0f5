/* What can be done about a finding, or with a rule. */
#include <stdio.h>
#include <string.h>

#include "analysis/dump.h"
#include "compiler/query_text.h"
#include "lsp/asked.h"
#include "lsp/names.h"
#include "lsp/root.h"

enum { TITLE_TEXT_MAX = 60 };

static const char quick[] = "quickfix", rewrite[] = "refactor.rewrite";

/* A request for actions at work. */
struct actions {
    struct pn_lsp *server;
    struct pn_rpc_call *call;
    struct pn_cursor cursor;
    struct pn_span wanted;
    struct pn_lsp_root *root;
    const char *name; /* of the document as the policy has it */
    uint32_t file;
};

/* Does the editor want actions of a kind? */
static bool
wants(const struct actions *actions, const char *kind)
{
    const json_t *only = pn_json_at(actions->call->params, "context.only"), *item;
    size_t i;

    if (!json_is_array(only))
        return true;
    json_array_foreach(only, i, item)
    {
        const char *word = json_string_value(item);
        size_t size = word ? strlen(word) : 0;

        if (word && strncmp(kind, word, size) == 0 &&
            (!kind[size] || kind[size] == '.' || !size))
            return true;
    }
    return false;
}

static bool
file_find(struct actions *actions)
{
    const struct pn_unit *unit = &actions->root->loaded.unit;

    for (uint32_t i = 0; i < unit->count; i++)
        if (pn_documents_at(&actions->server->documents, unit->files[i]->source.name) ==
            actions->cursor.document) {
            actions->file = i;
            actions->name = unit->files[i]->source.name;
            return true;
        }
    return false;
}

/* Adds an edit to those of its file. */
static bool
edit_add(json_t *changes, const char *uri, json_t *edit)
{
    json_t *edits = json_object_get(changes, uri);

    if (!edits) {
        edits = json_array();
        if (!pn_json_set(changes, uri, edits)) {
            json_decref(edit);
            return false;
        }
    }
    return pn_json_add(edits, edit);
}

/* An action; the changes are taken over. */
static json_t *
action_new(const struct actions *actions, const char *title, const char *kind,
           json_t *changes)
{
    return json_pack("{s:o, s:s, s:o}", "title", pn_json_words(title), "kind", kind,
                     "edit", pn_lsp_workspace_edit(actions->server, changes));
}

/* One edit of the document itself. */
static bool
document_action(struct actions *actions, const char *title, const char *kind,
                struct pn_span span, struct pn_str text)
{
    json_t *changes = json_object();

    (void)edit_add(changes, actions->cursor.document->uri,
                   pn_json_edit(&actions->cursor.view, span, text));
    return pn_call_add(actions->call, action_new(actions, title, kind, changes));
}

/* The editor's own diagnostic of a finding, where it sent that along; borrowed. */
static json_t *
diagnostic_of(const struct actions *actions, const struct pn_finding *f)
{
    const json_t *all = pn_json_at(actions->call->params, "context.diagnostics");
    const char *code = f->kind ? f->kind : pn_check_info[f->check].code;
    json_t *item, *range, *found = NULL;
    size_t i;

    range = pn_json_range(&actions->cursor.view,
                          (struct pn_span){ f->at.offset, f->at.size });
    json_array_foreach(
        all, i,
        item) if (pn_str_is(pn_json_read_text(json_object_get(item, "code")), code) &&
                  json_equal(json_object_get(item, "range"), range)) found = item;
    json_decref(range);
    return found;
}

/* What an action is for, so that the editor can tell. */
static void
diagnostic_set(const struct actions *actions, json_t *action,
               const struct pn_finding *f)
{
    json_t *item = diagnostic_of(actions, f);

    if (item)
        (void)pn_json_set(action, "diagnostics", json_pack("[O]", item));
}

/* What an edit does, in words. */
static void
title_write(struct pn_buffer *out, const struct actions *actions,
            const struct pn_finding *f, const struct pn_edit *first, size_t count)
{
    const struct pn_report *report = &actions->root->report;
    struct pn_str text = { pn_report_text(report, first->text), first->text_size };
    bool is_line =
        text.len && text.len <= TITLE_TEXT_MAX && !memchr(text.ptr, '\n', text.len);

    if (count == 1 && is_line) {
        pn_buffer_add_text(out, first->span.size ? "Write " : "Insert ");
        pn_buffer_add_str(out, text);
    } else
        pn_buffer_add_text(out, text.len ? "Mend it" : "Remove it");
    pn_buffer_add_format(out, " (%s)",
                         f->kind ? f->kind : pn_check_info[f->check].name);
    if (!f->safe)
        pn_buffer_add_text(out, ": may change decisions");
    pn_buffer_add(out, "", 1);
}

/* The edits of one alternative, as changes of files; NULL without any, or memory. */
static json_t *
edits_collect(struct actions *actions, const struct pn_finding *f, unsigned alternative,
              const struct pn_edit **first, size_t *count)
{
    const struct pn_report *report = &actions->root->report;
    json_t *changes = json_object();

    *count = 0;
    for (size_t i = 0; i < f->edit_count; i++) {
        const struct pn_edit *edit = &report->edits[f->first_edit + i];
        const char *path = pn_report_text(report, edit->at.file);
        struct pn_str text = { pn_report_text(report, edit->text), edit->text_size };
        struct pn_lsp_view view;
        json_t *uri;

        if (edit->alternative != alternative ||
            !pn_lsp_root_text(actions->server, actions->root, path, &view))
            continue;
        uri = pn_lsp_uri(actions->server, path);
        if (uri && edit_add(changes, json_string_value(uri),
                            pn_json_edit(&view, edit->span, text)))
            *first = (*count)++ ? *first : edit;
        json_decref(uri);
    }
    if (*count)
        return changes;
    json_decref(changes);
    return NULL;
}

static bool
fixes_add(struct actions *actions, const struct pn_finding *f)
{
    bool good = true;

    for (unsigned alternative = 0; good; alternative++) {
        const struct pn_edit *first = NULL;
        struct pn_buffer title = { 0 };
        size_t count;
        json_t *changes = edits_collect(actions, f, alternative, &first, &count), *made;

        if (!changes)
            return true;
        title_write(&title, actions, f, first, count);
        made = title.failed ? NULL : action_new(actions, title.bytes, quick, changes);
        if (made && f->safe && !alternative)
            (void)pn_json_set(made, "isPreferred", json_true());
        if (made)
            diagnostic_set(actions, made, f);
        good = pn_call_add(actions->call, made);
        pn_buffer_free(&title);
    }
    return good;
}

/* A comment above, for its author to say why. */
static bool
ignore_add(struct actions *actions, const struct pn_finding *f)
{
    const struct pn_check_info *check = &pn_check_info[f->check];
    const struct pn_lines *lines = actions->cursor.view.lines;
    uint32_t line = pn_lines_line(lines, f->at.offset);
    struct pn_buffer text = { 0 }, title = { 0 };
    bool good;

    if (f->kind || f->check == PN_CHECK_SYNTAX_ERROR || check->code[1] == '9')
        return true;
    pn_buffer_add_format(&text, "# postern: ignore %s -- say why\n", check->name);
    pn_buffer_add_format(&title, "Ignore %s here, with a reason", check->name);
    pn_buffer_add(&title, "", 1);
    good =
        !text.failed && !title.failed &&
        document_action(actions, title.bytes, quick,
                        (struct pn_span){ lines->starts[line], 0 }, pn_str_of(&text));
    pn_buffer_free(&text);
    pn_buffer_free(&title);
    return good;
}

static bool
touches(const struct actions *actions, uint32_t offset, uint32_t size)
{
    return offset <= actions->wanted.offset + actions->wanted.size &&
           actions->wanted.offset <= offset + size;
}

/* Some editors ask at the cursor, and send along what they show of its line. */
static bool
is_asked_for(const struct actions *actions, const struct pn_finding *f)
{
    return touches(actions, f->at.offset, f->at.size) || diagnostic_of(actions, f);
}

static bool
findings_add(struct actions *actions)
{
    const struct pn_report *report = &actions->root->report;
    bool good = true;

    for (size_t i = 0; i < report->count && good; i++) {
        const struct pn_finding *f = &report->items[i];

        if (f->state == PN_FINDING_NEW &&
            strcmp(pn_report_text(report, f->at.file), actions->name) == 0 &&
            is_asked_for(actions, f))
            good = fixes_add(actions, f) && ignore_add(actions, f);
    }
    return good;
}

/* A line at the end: what a client of the rule is answered today. */
static bool
expectation_add(struct actions *actions, const char *client)
{
    struct pn_asked *asked = pn_asked_for(actions->server, actions->root, NULL);
    struct pn_str all = actions->cursor.view.text;
    struct pn_buffer text = { 0 };
    struct postern_query query = POSTERN_QUERY_INIT;
    struct pn_buffer scratch = { 0 };
    struct pn_answer answer;
    bool good = true;

    if (asked && pn_client_read(pn_str_of_text(client), &scratch, &query) &&
        pn_asked_decide(asked, &query, NULL, NULL, &answer)) {
        if (all.len && all.ptr[all.len - 1] != '\n')
            pn_buffer_add_text(&text, "\n");
        pn_buffer_add_format(&text, "expect %s : ", client);
        pn_answer_write(&text, &answer);
        pn_buffer_add_text(&text, "\n");
        good =
            !text.failed &&
            document_action(actions, "Add an expectation for this rule", rewrite,
                            (struct pn_span){ (uint32_t)all.len, 0 }, pn_str_of(&text));
    }
    pn_buffer_free(&text);
    pn_buffer_free(&scratch);
    return good;
}

static bool
rule_add(struct actions *actions)
{
    const struct pn_facts *facts = &actions->root->facts;

    if (actions->cursor.document->dialect != PN_EXTENDED)
        return true;
    for (size_t i = 0; i < facts->count; i++) {
        const struct pn_fact *fact = &facts->items[i];

        if (fact->file == actions->file && fact->query &&
            actions->wanted.offset >= fact->statement &&
            actions->wanted.offset < fact->last)
            return expectation_add(actions, facts->text.bytes + fact->query);
    }
    return true;
}

/* The whole classic file in the extended language: what it decides, and no more. */
static bool
extended_add(struct actions *actions)
{
    const struct pn_compiled_options how = { .reading = pn_documents_reading(
                                                 &actions->server->documents) };
    struct pn_compiled compiled = PN_COMPILED_NONE;
    struct pn_buffer text = { 0 }, what = { 0 };
    const struct pn_document *document = actions->cursor.document;
    struct pn_source source = actions->root->source; /* borrowed */
    bool good = true;

    source.name = strrchr(source.name, '/') + 1; /* comments name lines by it */
    if (document->dialect != PN_CLASSIC || actions->file ||
        !document->tree.file->children.head)
        return true;
    if (pn_compiled_make(&compiled, &source, &how) && compiled.rules &&
        pn_dump_native(compiled.rules, &compiled.decoded, &text, &what) == PN_DUMP_OK &&
        !text.failed)
        good = document_action(
            actions, "Rewrite it as an extended file that decides the same", rewrite,
            (struct pn_span){ 0, (uint32_t)actions->cursor.view.text.len },
            pn_str_of(&text));
    pn_compiled_clear(&compiled);
    pn_buffer_free(&text);
    pn_buffer_free(&what);
    return good;
}

void
pn_lsp_actions(void *payload, struct pn_rpc_call *call)
{
    struct actions actions = { .server = payload, .call = call };

    if (!pn_cursor_document(payload, call, &actions.cursor))
        return;
    if (!pn_json_read_span(&actions.cursor.view, json_object_get(call->params, "range"),
                           &actions.wanted)) {
        pn_call_refuse(call, PN_RPC_INVALID_PARAMS, "a range is wanted");
        return;
    }
    actions.root = pn_lsp_root_for(payload, actions.cursor.document, call);
    if (call->code == PN_RPC_REQUEST_FAILED)
        call->code = 0; /* of a file that nobody reads nothing is known */
    if (call->code)
        return;
    pn_call_begin_array(call);
    if (!actions.root || !call->result || !file_find(&actions))
        return;
    if (wants(&actions, quick) && !findings_add(&actions))
        return;
    if (wants(&actions, rewrite) && rule_add(&actions))
        (void)extended_add(&actions);
}
