/* Which policies there are, and loading them when something has changed. */
#include "lsp/root.h"

#include <errno.h>
#include <string.h>

#include "analysis/lint/ignores.h"
#include "base/files.h"
#include "base/memory.h"
#include "base/vector.h"
#include "lsp/asked.h"
#include "lsp/links.h"

/* Work that was stopped so often in a row is done, whatever comes meanwhile. */
enum { STOPPED_MAX = 6, DIAGS_MAX = 1000, MISSING_MAX = 2 * PN_UNIT_FILES_MAX };

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
    pn_lsp_root_texts_clear(root);
    if (root->asked)
        pn_asked_clear(root->asked);
    pn_facts_clear(&root->facts);
    pn_free(root->tests);
    root->tests = NULL;
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
    pn_kept_lists_clear(&root->kept);
    pn_kept_files_clear(&root->kept_files);
    paths_clear(root);
    for (size_t i = 0; i < root->found_count; i++) {
        pn_free(root->found[i].path);
        json_decref(root->found[i].items);
    }
    pn_free(root->asked);
    pn_free(root->asides);
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
    char *place = pn_documents_place(root->path);
    bool is = false;

    for (size_t i = 0; place && i < roots->count && !is; i++)
        is = roots->items[i] != root && roots->items[i]->is_wanted &&
             reads(roots->items[i], place);
    pn_free(place);
    return is;
}

/*
 * The policy that a document is a part of, whether it is open or not; NULL for none. It
 * is looked for once, and is forgotten when it does not read the document.
 */
static struct pn_lsp_root *
owner_of(struct pn_lsp *server, struct pn_document *document)
{
    struct pn_lsp_root *owner;
    char *place = NULL;

    if (!document->is_searched)
        document->owner = pn_lsp_owner(server, document->path);
    document->is_searched = true;
    owner = document->owner ? root_get(&server->roots, document->owner) : NULL;
    if (owner && owner->is_current) {
        place = pn_documents_place(document->path);
        if (place && !reads(owner, place)) {
            pn_free(document->owner);
            document->owner = NULL;
            owner = NULL;
        }
    }
    pn_free(place);
    return owner;
}

/* The root that a document makes wanted; NULL for none: a list that nobody reads. */
static struct pn_lsp_root *
wanted_by(struct pn_lsp *server, struct pn_document *document)
{
    struct pn_lsp_root *root = owner_of(server, document);
    char *path;

    if (root || document->is_list)
        return root;
    path = server->host->root_of(server->host->payload, document->path);
    root = path ? root_get(&server->roots, path) : NULL;
    pn_free(path);
    return root;
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
        struct pn_lsp_root *root = wanted_by(server, server->documents.items[i]);

        if (root)
            root->is_wanted = true;
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

/* Is a text open that the root reads, besides the one at `path`? */
static bool
has_another(const struct pn_lsp *server, const struct pn_lsp_root *root,
            const char *path)
{
    for (size_t i = 0; i < server->documents.count; i++) {
        const struct pn_document *document = server->documents.items[i];

        if (strcmp(document->path, path) != 0 &&
            (strcmp(document->path, root->path) == 0 ||
             (document->real && reads(root, document->real))))
            return true;
    }
    return false;
}

void
pn_lsp_roots_touch(struct pn_lsp *server, const char *path)
{
    char *place = pn_documents_place(path);

    for (size_t i = 0; place && i < server->roots.count; i++) {
        struct pn_lsp_root *root = server->roots.items[i];

        if (strcmp(root->path, path) != 0 && !reads(root, place))
            continue;
        root->is_current = false;
        if (has_another(server, root, path))
            server->roots.others_changed = true;
    }
    pn_free(place);
}

void
pn_lsp_roots_touch_all(struct pn_lsp *server)
{
    for (size_t i = 0; i < server->roots.count; i++)
        server->roots.items[i]->is_current = false;
    for (size_t i = 0; i < server->documents.count; i++)
        pn_document_disown(server->documents.items[i]);
    server->roots.is_chosen = false;
    server->roots.others_changed = true;
}

static bool
path_add(struct pn_lsp_root *root, const char *path)
{
    char *place = pn_documents_place(path);

    if (place && pn_vector_add(&root->paths, &root->path_count, &root->path_capacity,
                               &place, sizeof(char *)))
        return true;
    pn_free(place);
    return false;
}

/* Includes of a file that were not followed: whoever opens one makes it be there. */
static bool
missing_note(struct pn_lsp_root *root, const struct pn_file *file)
{
    const struct pn_node *node =
        file->tree.file ? file->tree.file->children.head : NULL;
    size_t followed = 0;
    bool good = true;

    for (; node && good && root->path_count < MISSING_MAX; node = node->next) {
        struct pn_buffer path = { 0 };

        if (node->kind != PN_NODE_INCLUDE)
            continue;
        if (followed < file->include_count && file->includes[followed].node == node)
            followed++;
        else if (pn_link_path(&file->tree, file->source.name, node, &path))
            good = path_add(root, path.bytes);
        pn_buffer_free(&path);
    }
    return good;
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
    for (size_t i = 0; good && i < unit->count; i++)
        good = missing_note(root, unit->files[i]);
    for (size_t i = 0; good && i < lists->count; i++)
        good = path_add(root, lists->items[i].path);
    return good;
}

/* What the linter ends for, before it has found anything. */
static struct pn_lsp_fault
fault_of(enum pn_diag_id id, const char *path, const char *message)
{
    const struct pn_diag_info *info = &pn_diag_info[id];

    return (struct pn_lsp_fault){ .path = path,
                                  .code = info->slug,
                                  .message = message ? message : info->text,
                                  .help = "" };
}

/* The text of the root; of one that cannot be read, empty, with why in *fault. */
static bool
source_read(struct pn_lsp *server, struct pn_lsp_root *root, struct pn_lsp_fault *fault)
{
    if (pn_documents_read(&server->documents, root->path, PN_SOURCE_SIZE_MAX,
                          &root->source))
        return true;
    *fault = fault_of(PN_DIAG_CANNOT_READ, root->path, pn_files_error(errno));
    return pn_source_from_text(&root->source, root->path, PN_STR(""));
}

/* False without memory. */
static bool
root_lint(struct pn_lsp *server, struct pn_lsp_root *root,
          struct pn_lsp_settings *settings, struct pn_lsp_fault *fault)
{
    struct pn_diags diags = { .limit = DIAGS_MAX };
    struct pn_work work = pn_work_for(root->source.size);
    bool good;

    settings->options.reading = pn_documents_reading(&server->documents);
    settings->options.kept_files = &root->kept_files;
    settings->options.work = &work;
    root->kept.stamp = pn_documents_stamp;
    root->kept.payload = &server->documents;
    settings->options.kept_lists = &root->kept;
    settings->options.look = pn_facts_take;
    settings->options.look_payload = &root->facts;
    pn_report_begin(&root->report);
    memcpy(root->report.on, settings->on, sizeof(root->report.on));
    root->is_loaded = true;
    good = pn_lint_run(&settings->options, &root->source, settings->tests,
                       &root->loaded, &diags, &root->report);
    pn_diags_clear(&diags);
    if (!good && work.spent)
        *fault = fault_of(PN_DIAG_TOO_MUCH, NULL, NULL);
    else if (!good && errno != ENOMEM)
        *fault = fault_of(PN_DIAG_CANNOT_READ, settings->tests, pn_files_error(errno));
    good = good || fault->message;
    if (good && !settings->no_ignores)
        pn_ignores_apply(&root->report, &root->loaded.unit, 0);
    if (good && server->host->complete)
        good = server->host->complete(server->host->payload, &root->report, settings);
    pn_report_sort(&root->report, false);
    return good && !root->report.failed;
}

/* Loads and lints a root from its texts as they are; false without memory, or stopped.
 */
static bool
root_load(struct pn_lsp *server, struct pn_lsp_root *root)
{
    struct pn_lsp_settings settings = { 0 };
    struct pn_lsp_fault fault = { 0 };

    unload(root);
    if (!server->host->settings(server->host->payload, root->path, &settings))
        return false;
    if (!source_read(server, root, &fault))
        return false;
    root->tests = settings.tests ? pn_strdup(settings.tests) : NULL;
    if (root_lint(server, root, &settings, &fault)) {
        paths_clear(root);
        pn_kept_lists_clear(&root->kept); /* what it does not name any more */
        pn_kept_files_clear(&root->kept_files);
        root->is_current = paths_note(root, settings.tests) &&
                           pn_lsp_diagnose(server, root, &settings, &fault);
    }
    /* What was stopped has ended early wherever it was, and looks as if it was whole.
     */
    if (atomic_load(&server->budget.cancelled))
        root->is_current = false;
    return root->is_current;
}

/* The same, stopped by what is behind the call, or by any message without one. */
static enum pn_letter_state
root_load_watched(struct pn_lsp *server, struct pn_lsp_root *root,
                  const struct pn_rpc_call *call)
{
    enum pn_letter_state state = PN_LETTER_GOOD;
    bool watched = call || server->stopped < STOPPED_MAX;

    if (watched)
        pn_inbox_watch(server->peer.inbox, call ? call->letter : NULL,
                       &server->budget.cancelled);
    pn_lsp_progress_begin(&server->progress, call, root->path);
    (void)root_load(server, root);
    pn_lsp_progress_end(&server->progress);
    if (watched)
        state = pn_inbox_unwatch(server->peer.inbox);
    server->stopped = root->is_current ? 0 : server->stopped + 1;
    return root->is_current ? PN_LETTER_GOOD : state;
}

bool
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
            return false;
        if (!root->is_current) {
            pn_lsp_complain(server, "there is no memory to look at these rules");
            root->is_current = true;
        }
        roots->is_chosen = false; /* it may read what was a root */
    }
    return true;
}

/* The root that reads a file: its own, or the first. */
static struct pn_lsp_root *
root_of(struct pn_lsp *server, const struct pn_document *document)
{
    struct pn_lsp_root *found = root_find(&server->roots, document->path);
    char *place;

    if (!found && document->owner)
        found = root_find(&server->roots, document->owner);
    place = found ? NULL : pn_documents_place(document->path);
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
        state = root_load_watched(server, root, call);
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
