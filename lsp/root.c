/* Which policies there are, and loading them when something has changed. */
#include "lsp/root.h"

#include <errno.h>
#include <string.h>

#include "analysis/lint/ignores.h"
#include "base/files.h"
#include "base/memory.h"
#include "base/vector.h"
#include "lsp/asked.h"
#include "lsp/server.h"

/* Work that was stopped so often in a row is done, whatever comes meanwhile. */
enum { STOPPED_MAX = 6 };

/* The place of a file, links followed, or its name; to be freed. */
static char *
place_of(const char *path)
{
    char *real = pn_files_real(path), *tidy;

    if (real)
        return real;
    tidy = pn_strdup(path);
    if (tidy && tidy[0] == '/')
        pn_path_tidy(tidy + 1);
    return tidy;
}

static bool
reads(const struct pn_lsp_root *root, const char *place)
{
    for (size_t i = 0; i < root->path_count; i++)
        if (strcmp(root->paths[i], place) == 0)
            return true;
    return false;
}

static void
paths_clear(struct pn_lsp_root *root)
{
    for (size_t i = 0; i < root->path_count; i++)
        pn_free(root->paths[i]);
    root->path_count = 0;
}

/* Throws away what was loaded; what was found stays. */
static void
unload(struct pn_lsp_root *root)
{
    for (size_t i = 0; i < root->text_count; i++)
        pn_lines_clear(&root->texts[i].lines);
    if (root->asked)
        pn_asked_clear(root->asked);
    pn_facts_clear(&root->facts);
    pn_free(root->tests);
    root->tests = NULL;
    pn_free(root->texts);
    root->texts = NULL;
    root->text_count = 0;
    pn_report_clear(&root->report);
    pn_loaded_policy_clear(&root->loaded);
    pn_source_clear(&root->source);
    root->source = (struct pn_source){ 0 };
    root->loaded = (struct pn_loaded_policy){ 0 };
    root->is_loaded = root->is_current = false;
}

static void
root_free(struct pn_lsp_root *root)
{
    unload(root);
    paths_clear(root);
    for (size_t i = 0; i < root->found_count; i++) {
        pn_free(root->found[i].path);
        json_decref(root->found[i].items);
    }
    pn_free(root->asked);
    pn_free(root->found);
    pn_free(root->paths);
    pn_free(root->path);
    pn_free(root);
}

static struct pn_lsp_root *
root_find(const struct pn_lsp_roots *roots, const char *path)
{
    for (size_t i = 0; i < roots->count; i++)
        if (strcmp(roots->items[i]->path, path) == 0)
            return roots->items[i];
    return NULL;
}

/* The root of this path, made if there is none; NULL without memory. */
static struct pn_lsp_root *
root_get(struct pn_lsp_roots *roots, const char *path)
{
    struct pn_lsp_root *root = root_find(roots, path);

    if (root)
        return root;
    root = pn_calloc(1, sizeof(*root));
    if (root)
        root->path = pn_strdup(path);
    if (root && root->path &&
        pn_vector_add(&roots->items, &roots->count, &roots->capacity, &root,
                      sizeof(struct pn_lsp_root *)))
        return root;
    if (root)
        root_free(root);
    return NULL;
}

/* Is a root read by another one that is wanted? Of two that read one another, one is.
 */
static bool
is_part(const struct pn_lsp_roots *roots, const struct pn_lsp_root *root)
{
    char *place = place_of(root->path);
    bool is = false;

    for (size_t i = 0; place && i < roots->count && !is; i++)
        is = roots->items[i] != root && roots->items[i]->is_wanted &&
             reads(roots->items[i], place);
    pn_free(place);
    return is;
}

/* Each document that is no list is a root, but for what another one reads. */
static void
roots_choose(struct pn_lsp *server)
{
    struct pn_lsp_roots *roots = &server->roots;
    size_t kept = 0;

    for (size_t i = 0; i < roots->count; i++)
        roots->items[i]->is_wanted = false;
    for (size_t i = 0; i < server->documents.count; i++) {
        const struct pn_document *document = server->documents.items[i];
        char *path = document->is_list
                         ? NULL
                         : server->host->root_of(server->host->payload, document->path);
        struct pn_lsp_root *root = path ? root_get(roots, path) : NULL;

        if (root)
            root->is_wanted = true;
        pn_free(path);
    }
    for (size_t i = 0; i < roots->count; i++)
        if (roots->items[i]->is_wanted && is_part(roots, roots->items[i]))
            roots->items[i]->is_wanted = false;
    for (size_t i = 0; i < roots->count; i++)
        if (roots->items[i]->is_wanted)
            roots->items[kept++] = roots->items[i];
        else
            root_free(roots->items[i]);
    roots->count = kept;
    roots->is_chosen = true;
}

void
pn_lsp_roots_touch(struct pn_lsp *server, const char *path)
{
    char *place = place_of(path);

    for (size_t i = 0; place && i < server->roots.count; i++) {
        struct pn_lsp_root *root = server->roots.items[i];

        if (strcmp(root->path, path) == 0 || reads(root, place))
            root->is_current = false;
    }
    pn_free(place);
}

void
pn_lsp_roots_touch_all(struct pn_lsp *server)
{
    for (size_t i = 0; i < server->roots.count; i++)
        server->roots.items[i]->is_current = false;
    server->roots.is_chosen = false;
}

static bool
path_add(struct pn_lsp_root *root, const char *path)
{
    char *place = place_of(path);

    if (place && pn_vector_add(&root->paths, &root->path_count, &root->path_capacity,
                               &place, sizeof(char *)))
        return true;
    pn_free(place);
    return false;
}

/* All that the root reads, and what it would read if it was there. */
static bool
paths_note(struct pn_lsp_root *root, const char *tests)
{
    const struct pn_unit *unit = &root->loaded.unit;
    const struct pn_lists *lists = &root->loaded.policy.names.lists;
    bool good = path_add(root, root->path) && (!tests || path_add(root, tests));

    for (size_t i = 1; good && i < unit->count; i++)
        good = path_add(root, unit->files[i]->source.name);
    for (size_t i = 0; good && i < lists->count; i++)
        good = path_add(root, lists->items[i].path);
    return good;
}

/* Loads and lints a root from its texts as they are; false without memory, or stopped.
 */
static bool
root_load(struct pn_lsp *server, struct pn_lsp_root *root)
{
    struct pn_diags diags = { .limit = 1000 };
    struct pn_lsp_settings settings = { 0 };
    struct pn_work work;
    bool good;

    unload(root);
    if (!server->host->settings(server->host->payload, root->path, &settings))
        return false;
    if (!pn_documents_read(&server->documents, root->path, PN_SOURCE_SIZE_MAX,
                           &root->source) &&
        !pn_source_from_text(&root->source, root->path, PN_STR("")))
        return false;
    work = pn_work_for(root->source.size);
    settings.options.reading = pn_documents_reading(&server->documents);
    settings.options.work = &work;
    settings.options.look = pn_facts_take;
    settings.options.look_payload = &root->facts;
    root->tests = settings.tests ? pn_strdup(settings.tests) : NULL;
    pn_report_begin(&root->report);
    memcpy(root->report.on, settings.on, sizeof(root->report.on));
    root->is_loaded = true;
    good = pn_lint_run(&settings.options, &root->source, settings.tests, &root->loaded,
                       &diags, &root->report) ||
           work.spent || errno != ENOMEM;
    if (good && !settings.no_ignores)
        pn_ignores_apply(&root->report, &root->loaded.unit, 0);
    pn_report_sort(&root->report, false);
    pn_diags_clear(&diags);
    if (good && !root->report.failed) {
        paths_clear(root);
        root->is_current =
            paths_note(root, settings.tests) && pn_lsp_diagnose(server, root);
    }
    /* What was stopped has ended early wherever it was, and looks as if it was whole.
     */
    if (atomic_load(&server->budget.cancelled))
        root->is_current = false;
    return root->is_current;
}

/* The same, stopped by what is behind `letter`, or by any message without one. */
static enum pn_letter_state
root_load_watched(struct pn_lsp *server, struct pn_lsp_root *root,
                  const struct pn_letter *letter)
{
    enum pn_letter_state state = PN_LETTER_GOOD;
    bool watched = letter || server->stopped < STOPPED_MAX;

    if (watched)
        pn_inbox_watch(server->peer.inbox, letter, &server->budget.cancelled);
    (void)root_load(server, root);
    if (watched)
        state = pn_inbox_unwatch(server->peer.inbox);
    server->stopped = root->is_current ? 0 : server->stopped + 1;
    return root->is_current ? PN_LETTER_GOOD : state;
}

int
pn_lsp_roots_work(struct pn_lsp *server)
{
    struct pn_lsp_roots *roots = &server->roots;

    for (;;) {
        struct pn_lsp_root *root = NULL;

        if (!roots->is_chosen)
            roots_choose(server);
        for (size_t i = 0; i < roots->count && !root; i++)
            if (!roots->items[i]->is_current)
                root = roots->items[i];
        if (!root)
            break;
        if (root_load_watched(server, root, NULL) != PN_LETTER_GOOD)
            return 0;
        if (!root->is_current) {
            pn_lsp_complain(server, "there is no memory to look at these rules");
            root->is_current = true;
        }
        roots->is_chosen = false; /* it may read what was a root */
    }
    pn_lsp_tell(server);
    return -1;
}

/* The root that reads a file: its own, or the first. */
static struct pn_lsp_root *
root_of(struct pn_lsp *server, const struct pn_document *document)
{
    struct pn_lsp_root *found = root_find(&server->roots, document->path);
    char *place = found ? NULL : place_of(document->path);

    for (size_t i = 0; place && i < server->roots.count && !found; i++)
        if (reads(server->roots.items[i], place))
            found = server->roots.items[i];
    pn_free(place);
    return found;
}

struct pn_lsp_root *
pn_lsp_root_for(struct pn_lsp *server, const struct pn_document *document,
                struct pn_rpc_call *call)
{
    struct pn_lsp_root *root;
    enum pn_letter_state state = PN_LETTER_GOOD;

    do {
        if (!server->roots.is_chosen)
            roots_choose(server);
        root = root_of(server, document);
        if (!root || root->is_current)
            break;
        state = root_load_watched(server, root, call->letter);
        server->roots.is_chosen = false;
    } while (root->is_current);
    if (root && root->is_current && root->is_loaded)
        return root;
    if (state == PN_LETTER_CANCELLED)
        pn_call_refuse(call, PN_RPC_REQUEST_CANCELLED, "it was cancelled");
    else if (state == PN_LETTER_OUTDATED)
        pn_call_refuse(call, PN_RPC_CONTENT_MODIFIED, "the text has changed since");
    else if (root)
        pn_call_refuse(call, PN_RPC_INTERNAL_ERROR, "there is no memory");
    else
        pn_call_refuse(call, PN_RPC_REQUEST_FAILED,
                       "no rule file that is open reads this one");
    return NULL;
}

/* The source of a path in the policy, by the number of its text. */
static const struct pn_source *
source_at(const struct pn_lsp_root *root, size_t number)
{
    const struct pn_unit *unit = &root->loaded.unit;
    const struct pn_lists *lists = &root->loaded.policy.names.lists;

    if (number < unit->count)
        return pn_unit_source(unit, (uint32_t)number);
    return &lists->items[number - unit->count].source;
}

/* Room for each text that there is; false without memory. */
static bool
texts_make(struct pn_lsp_root *root)
{
    if (root->texts)
        return true;
    root->text_count = root->loaded.unit.count + root->loaded.policy.names.lists.count;
    root->texts = pn_calloc(root->text_count + 1, sizeof(*root->texts));
    for (size_t i = 0; root->texts && i < root->text_count; i++)
        root->texts[i].source = source_at(root, i);
    if (!root->texts)
        root->text_count = 0;
    return root->texts != NULL;
}

const struct pn_lsp_text *
pn_lsp_root_text(struct pn_lsp *server, struct pn_lsp_root *root, const char *path,
                 struct pn_lsp_view *out)
{
    if (!texts_make(root))
        return NULL;
    for (size_t i = 0; i < root->text_count; i++) {
        struct pn_lsp_text *text = &root->texts[i];
        struct pn_str bytes = { text->source->text, text->source->size };

        if (!text->source->name || !text->source->text ||
            strcmp(text->source->name, path) != 0)
            continue;
        if (!text->lines.starts && !pn_lines_make(&text->lines, bytes))
            return NULL;
        *out = (struct pn_lsp_view){ bytes, &text->lines, server->encoding };
        return text;
    }
    return NULL;
}

void
pn_lsp_roots_clear(struct pn_lsp *server)
{
    struct pn_lsp_roots *roots = &server->roots;

    for (size_t i = 0; i < roots->count; i++)
        root_free(roots->items[i]);
    for (size_t i = 0; i < roots->told_count; i++) {
        pn_free(roots->told[i].path);
        json_decref(roots->told[i].items);
    }
    pn_free(roots->items);
    pn_free(roots->told);
    *roots = (struct pn_lsp_roots){ 0 };
}
