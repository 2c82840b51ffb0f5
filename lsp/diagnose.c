/* Findings as diagnostics. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/vector.h"
#include "compiler/query_text.h"
#include "lsp/root.h"

/* So many of a file, and the last says that there are more: no editor shows them. */
enum { SHOWN_MAX = 1000 };

enum { TAG_UNNECESSARY = 1 };

/* A finding at work. */
struct at {
    struct pn_lsp *server;
    struct pn_lsp_root *root;
    const struct pn_finding *finding;
};

static const char *
words(const struct at *at, size_t offset)
{
    return pn_report_text(&at->root->report, offset);
}

/* The range of a span of a file, which may be one that no text is kept of. */
static json_t *
span_range(const struct at *at, const char *path, struct pn_span span)
{
    uint32_t start = 0;
    const struct pn_lines none = { &start, 1, 1 };
    struct pn_lsp_view view = { PN_STR(""), &none, at->server->encoding };

    if (!pn_lsp_root_text(at->server, at->root, path, &view))
        span = (struct pn_span){ 0, 0 };
    return pn_json_range(&view, span);
}

static json_t *
range(const struct at *at, const struct pn_finding_place *place)
{
    return span_range(at, words(at, place->file),
                      (struct pn_span){ place->offset, place->size });
}

/* The message, what stands at the place, and what to do. */
static json_t *
message(const struct at *at)
{
    const struct pn_finding *f = at->finding;
    const char *text = pn_finding_message(&at->root->report, f);
    struct pn_buffer whole = { 0 };
    json_t *made = NULL;

    if (f->kind && strcmp(f->kind, "outside-root") == 0)
        text = "this path leads out of the workspace: postern.roots adds folders";
    pn_buffer_add_text(&whole, text);
    if (*words(at, f->label))
        pn_buffer_add_format(&whole, "\n%s", words(at, f->label));
    if (*words(at, f->help))
        pn_buffer_add_format(&whole, "\nhelp: %s", words(at, f->help));
    if (!whole.failed)
        made = pn_json_text(pn_str_of(&whole));
    pn_buffer_free(&whole);
    return made;
}

/* The one name of a file: what the editor calls it, or without "x/../"; to be freed. */
static char *
name_of(const struct pn_lsp *server, const char *path)
{
    const struct pn_document *document = pn_documents_at(&server->documents, path);
    char *tidy;

    if (!document && path[0] != '/') /* files of the settings are named from here */
        return pn_documents_place(path);
    tidy = pn_strdup(document ? document->path : path);
    if (tidy && tidy[0] == '/')
        pn_path_tidy(tidy + 1);
    return tidy;
}

/* Only the settings have names that are no whole ones. */
static json_t *
uri_of(const char *path)
{
    char *place = path[0] == '/' ? NULL : pn_documents_place(path);
    json_t *uri = pn_json_uri(pn_str_of_text(place ? place : path));

    pn_free(place);
    return uri;
}

static json_t *
related(const struct at *at)
{
    const struct pn_report *report = &at->root->report;
    json_t *made = json_array();

    for (size_t i = 0; i < at->finding->link_count; i++) {
        const struct pn_finding_link *link =
            &report->links[at->finding->first_link + i];
        json_t *place = json_pack("{s:o, s:o}", "uri", uri_of(words(at, link->at.file)),
                                  "range", range(at, &link->at));

        if (!pn_json_add(made, json_pack("{s:o, s:o}", "location", place, "message",
                                         pn_json_words(words(at, link->message)))))
            break;
    }
    return made;
}

/* Where the page of a finding is installed, if it is. */
static void
page_set(const struct at *at, json_t *item, const char *name)
{
    const struct pn_lsp_host *host = at->server->host;
    char *path = host->page_path(host->payload, name);

    if (path)
        (void)pn_json_set(
            item, "codeDescription",
            json_pack("{s:o}", "href", pn_json_uri(pn_str_of_text(path))));
    pn_free(path);
}

static json_t *
diagnostic(const struct at *at)
{
    static const int severities[] = { [PN_ERROR] = 1, [PN_WARNING] = 2, [PN_NOTE] = 3 };
    const struct pn_finding *f = at->finding;
    const struct pn_check_info *check = &pn_check_info[f->check];
    const struct pn_lsp_client *client = &at->server->client;
    const char *code = f->kind ? f->kind : check->code;
    json_t *made = json_pack("{s:o, s:i, s:s, s:s, s:o}", "range", range(at, &f->at),
                             "severity", severities[f->severity], "code", code,
                             "source", "postern", "message", message(at));

    if (made && client->has_pages)
        page_set(at, made, code);
    if (made && client->has_related && f->link_count)
        (void)pn_json_set(made, "relatedInformation", related(at));
    if (made && client->has_tags && check->removes != PN_REMOVES_NO && f->safe)
        (void)pn_json_set(made, "tags", json_pack("[i]", TAG_UNNECESSARY));
    return made;
}

/* A fault of the settings; one that has no place is told at the head of the rules. */
static json_t *
fault_diagnostic(struct pn_lsp *server, struct pn_lsp_root *root,
                 const struct pn_lsp_fault *fault)
{
    struct at at = { server, root, NULL };
    struct pn_buffer text = { 0 };
    json_t *made = NULL;

    pn_buffer_add_text(&text, fault->message);
    if (*fault->help)
        pn_buffer_add_format(&text, "\nhelp: %s", fault->help);
    if (!text.failed)
        made = json_pack(
            "{s:o, s:i, s:s, s:s, s:o}", "range",
            span_range(&at, fault->path ? fault->path : root->path, fault->span),
            "severity", 1, "code", fault->code, "source", "postern", "message",
            pn_json_text(pn_str_of(&text)));
    pn_buffer_free(&text);
    if (made && server->client.has_pages)
        page_set(&at, made, fault->code);
    return made;
}

/* The list of a file, made if there is none; NULL without memory. */
static struct pn_lsp_found *
found_get(const struct pn_lsp *server, struct pn_lsp_root *root, const char *path)
{
    struct pn_lsp_found made = { .path = name_of(server, path) };

    for (size_t i = root->found_count; made.path && i--;)
        if (strcmp(root->found[i].path, made.path) == 0) {
            pn_free(made.path);
            return &root->found[i];
        }
    made.items = json_array();
    if (made.path && made.items &&
        pn_vector_add(&root->found, &root->found_count, &root->found_capacity, &made,
                      sizeof(made)))
        return &root->found[root->found_count - 1];
    pn_free(made.path);
    json_decref(made.items);
    return NULL;
}

/* The last that is shown says how many are not. */
static bool
more_say(struct pn_lsp_found *file)
{
    char text[96];
    json_t *last = json_array_get(file->items, SHOWN_MAX - 1);

    if (!file->more)
        return true;
    (void)snprintf(text, sizeof(text), "and %zu more: postern lint lists them all",
                   file->more + 1);
    return json_object_set_new(last, "message", json_string(text)) == 0;
}

static void
found_clear(struct pn_lsp_root *root)
{
    for (size_t i = 0; i < root->found_count; i++) {
        pn_free(root->found[i].path);
        json_decref(root->found[i].items);
    }
    root->found_count = 0;
}

static bool
fault_add(struct pn_lsp *server, struct pn_lsp_root *root,
          const struct pn_lsp_fault *fault)
{
    struct pn_lsp_found *in =
        found_get(server, root, fault->path ? fault->path : root->path);

    return in && pn_json_add(in->items, fault_diagnostic(server, root, fault));
}

bool
pn_lsp_diagnose(struct pn_lsp *server, struct pn_lsp_root *root,
                const struct pn_lsp_settings *settings,
                const struct pn_lsp_fault *besides)
{
    struct at at = { server, root, NULL };
    struct pn_lsp_found *file = NULL;
    size_t name = 0; /* of the file at hand: to look one up asks the system */
    bool good = true;

    found_clear(root);
    if (besides->message)
        good = fault_add(server, root, besides);
    for (size_t i = 0; good && i < settings->fault_count; i++)
        good = fault_add(server, root, &settings->faults[i]);
    for (size_t i = 0; good && i < root->report.count; i++) {
        at.finding = &root->report.items[i];
        if (at.finding->state != PN_FINDING_NEW)
            continue;
        if (!file || name != at.finding->at.file) {
            name = at.finding->at.file;
            file = found_get(server, root, words(&at, name));
        }
        if (!file)
            good = false;
        else if (json_array_size(file->items) == SHOWN_MAX)
            file->more++;
        else
            good = pn_json_add(file->items, diagnostic(&at));
    }
    for (size_t i = 0; good && i < root->found_count; i++)
        good = more_say(&root->found[i]);
    return good;
}
