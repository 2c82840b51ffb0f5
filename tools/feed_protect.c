/* The policy is compiled with the new list in the place of the file that is OUT. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/compiled.h"
#include "base/files.h"
#include "base/vector.h"
#include "interop/spans.h"
#include "tools/feed.h"
#include "tools/input/rules_file.h"
#include "tools/test_name.h"

/* What reads the files of the policy: one of them is not as it is on disk. */
struct overlay {
    const struct pn_source *text;
    struct pn_buffer key; /* of the file that it stands for */
    bool is_used;
};

/*
 * What a name is known by: its folder, and its name there. Not its inode, for OUT is
 * replaced: a hard link is another file from then on. False without memory.
 */
static bool
key_make(const char *path, struct pn_buffer *out)
{
    char *real = pn_files_real(path);
    const char *place = real ? real : path, *slash = strrchr(place, '/');
    size_t size = slash ? (size_t)(slash - place) : 0;
    char *folder = slash ? strndup(place, size ? size : 1) : strdup(".");
    struct stat st = { 0 };

    if (folder && pn_files_stat(folder, &st)) {
        pn_buffer_add(out, &st.st_dev, sizeof(st.st_dev));
        pn_buffer_add(out, &st.st_ino, sizeof(st.st_ino));
        place = slash ? slash + 1 : place;
    }
    out->failed |= !folder;
    pn_buffer_add(out, place, strlen(place));
    free(folder);
    free(real);
    return !out->failed;
}

/* A pn_identify_fn. */
static bool
overlay_identify(void *payload, const char *path, struct pn_buffer *out)
{
    (void)payload;
    return key_make(path, out);
}

/* A pn_read_fn. */
static bool
overlay_read(void *payload, const char *path, size_t limit, struct pn_source *out)
{
    struct overlay *overlay = payload;
    struct pn_buffer key = { 0 };
    bool good = key_make(path, &key);
    bool is_it = good && key.size == overlay->key.size &&
                 memcmp(key.bytes, overlay->key.bytes, key.size) == 0;

    pn_buffer_free(&key);
    if (good && !is_it)
        return pn_read_file(NULL, path, limit, out);
    overlay->is_used |= is_it;
    if (good && overlay->text->size > limit) {
        errno = EFBIG;
        return false;
    }
    if (good &&
        pn_source_from_text(
            out, path, (struct pn_str){ overlay->text->text, overlay->text->size }))
        return true;
    errno = ENOMEM;
    return false;
}

/* Claims that do not hold. */
struct failing {
    struct pn_diags *diags;
    size_t count;
    bool is_too_much;
};

/* A pn_proof_fn. */
static void
proof_take(void *payload, const struct pn_prover *prover, const struct pn_proof *proof)
{
    struct failing *failing = payload;

    if (proof->holds)
        return;
    failing->count++;
    failing->is_too_much |= proof->is_too_much;
    pn_proof_diagnose(prover, proof, failing->diags);
}

static int
claims_hold(struct pn_feed *feed, struct pn_compiled *compiled)
{
    struct failing failing = { .diags = &feed->claims };
    enum postern_status done = pn_compiled_prove(compiled, proof_take, &failing);
    struct pn_buffer *text;

    if (done != POSTERN_OK)
        return pn_tool_fail_status(feed->tool, feed->protect, done);
    if (failing.is_too_much)
        return pn_tool_too_much(feed->tool, feed->common,
                                "the claims of the policy are not decided");
    if (!failing.count)
        return PN_EXIT_OK;
    text = pn_feed_break(feed, PN_BOUND_CLAIMS, 0);
    pn_buffer_add_format(text, "%zu claim%s of %s would fail", failing.count,
                         failing.count == 1 ? "" : "s", feed->protect);
    return PN_EXIT_OK;
}

/* The first denied address of a set; false when all of them are allowed. */
static bool
denied_find(const struct pn_spans *spans, const struct pn_address_set *set,
            struct pn_feed_met *met)
{
    for (size_t i = 0; i < spans->count; i++) {
        const struct pn_span_answer *span = &spans->items[i];
        const struct pn_intervals *list = &set->families[pn_family_index(span->family)];
        size_t at = span->allows ? list->count : pn_intervals_find(list, span->first);

        if (at == list->count || list->items[at].first > span->last)
            continue;
        met->family = span->family;
        met->client =
            list->items[at].first > span->first ? list->items[at].first : span->first;
        return true;
    }
    return false;
}

static void
client_first(struct pn_feed_met *met)
{
    for (unsigned f = PN_FAMILIES; f-- > 0;)
        if (met->where.families[f].count) {
            met->family = pn_family_at(f);
            met->client = met->where.families[f].items[0].first;
        }
}

/* Where policy, image and lists come together. */
struct meeting {
    struct pn_feed *feed;
    struct pn_compiled *compiled;
    struct pn_spans spans;
    bool *is_seen; /* by the number of a definition */
    bool failed;   /* out of memory */
};

/* What of a set its author wrote out: not what is in lists. */
static bool
written_collect(const struct pn_definition *definition, struct pn_set_pool *pool,
                struct pn_address_set *out)
{
    for (size_t i = 0; i < definition->elements.count; i++)
        if (definition->elements.items[i].kind != PN_TARGET_LIST)
            (void)pn_element_collect(&definition->elements.items[i], pool, out);
    pn_address_set_finish(out);
    return !pool->failed;
}

static bool
met_describe(struct meeting *m, struct pn_feed_met *met,
             const struct pn_definition *definition, struct pn_str name)
{
    const struct pn_source *source =
        pn_unit_source(&m->compiled->loaded.unit, definition->file);
    struct pn_span at =
        pn_unit_span(&m->compiled->loaded.unit, definition->file, definition->node);
    struct pn_address_set came = { 0 };
    bool good;

    met->line = pn_source_position(source, at.offset).line;
    met->set = strndup(name.ptr, name.len);
    met->file = strdup(source->name);
    good = met->set && met->file &&
           pn_address_set_meet(&came, &met->where, &m->feed->change.came);
    client_first(met);
    met->is_denied = good && denied_find(&m->spans, &came, met);
    pn_address_set_clear(&came);
    return good;
}

/* A set that a rule allows: does the new list have any of it? */
static void
set_meet(struct meeting *m, const struct pn_definition *definition, struct pn_str name)
{
    struct pn_feed *feed = m->feed;
    struct pn_address_set written = { 0 };
    struct pn_feed_met met = { 0 };
    bool good =
        written_collect(definition, &m->compiled->loaded.policy.names.pool, &written) &&
        pn_address_set_meet(&met.where, &written, &feed->after.read.set);

    pn_address_set_clear(&written);
    if (good && pn_address_set_is_empty(&met.where)) {
        pn_address_set_clear(&met.where);
        return;
    }
    good = good && met_describe(m, &met, definition, name) &&
           pn_vector_reserve(&feed->met, &feed->met_capacity, feed->met_count + 1,
                             sizeof(*feed->met));
    if (good) {
        feed->met[feed->met_count++] = met;
        return;
    }
    m->failed = true;
    free(met.set);
    free(met.file);
    pn_address_set_clear(&met.where);
}

/* A target of a rule that allows: $NAME, perhaps with an ident before it. */
static void
target_meet(struct meeting *m, uint32_t file, const struct pn_node *node)
{
    const struct pn_names *names = &m->compiled->loaded.policy.names;
    struct pn_str word = pn_unit_text(&m->compiled->loaded.unit, file, node), name;
    const char *sign = word.len ? memchr(word.ptr, '$', word.len) : NULL;
    uint32_t number;

    if (node->kind != PN_NODE_TARGET || !sign)
        return;
    name = (struct pn_str){ sign + 1, (size_t)(word.ptr + word.len - sign) - 1 };
    if (!pn_intern_find(&names->intern, name.ptr, name.len, &number) ||
        m->is_seen[number] || names->items[number].state != PN_NAME_DONE)
        return;
    m->is_seen[number] = true;
    set_meet(m, &names->items[number], name);
}

static int
spans_make(struct meeting *m)
{
    switch (pn_spans_collect(&m->spans, m->compiled->rules, &m->compiled->decoded)) {
    case PN_SPANS_OK:
        return PN_EXIT_OK;
    case PN_SPANS_SPELT:
        return pn_tool_fail_of(m->feed->tool, PN_EXIT_USAGE, m->feed->protect,
                               "it includes classic keys that match IPv6 addresses "
                               "by how they are written");
    case PN_SPANS_DAMAGED:
        return pn_tool_fail_status(m->feed->tool, m->feed->protect, POSTERN_E_FORMAT);
    case PN_SPANS_MEMORY:
        break;
    }
    return pn_tool_fail_memory(m->feed->tool, m->feed->protect);
}

static void
sets_break(struct pn_feed *feed)
{
    char client[POSTERN_ADDR_TEXT_SIZE];
    struct pn_buffer *text = NULL;

    for (size_t i = 0; i < feed->met_count; i++) {
        const struct pn_feed_met *met = &feed->met[i];
        struct postern_addr addr = pn_number_address(met->client, met->family);

        if (!met->is_denied)
            continue;
        postern_addr_print(&addr, client);
        if (text)
            pn_buffer_add_text(text, ", ");
        else
            text = pn_feed_break(feed, PN_BOUND_SETS, 0);
        pn_buffer_add_format(text, "%s of $%s", client, met->set);
    }
    if (text)
        pn_buffer_add_text(text, " would be denied");
}

static int
sets_hold(struct pn_feed *feed, struct pn_compiled *compiled)
{
    const struct pn_policy *policy = &compiled->loaded.policy;
    struct meeting m = { .feed = feed, .compiled = compiled };
    int status = spans_make(&m);

    m.is_seen = calloc(policy->names.intern.count + 1, sizeof(*m.is_seen));
    m.failed = !m.is_seen;
    for (uint32_t i = 0; status == PN_EXIT_OK && i < policy->count && !m.failed; i++) {
        const struct pn_rule_node *rule = &policy->nodes[i];

        if (policy->rules[i].verdict != POSTERN_ALLOW || policy->rules[i].block ||
            !rule->node)
            continue;
        for (const struct pn_node *n = rule->node->children.head; n; n = n->next)
            target_meet(&m, rule->file, n);
    }
    if (status == PN_EXIT_OK && m.failed)
        status = pn_tool_fail_memory(feed->tool, feed->protect);
    if (status == PN_EXIT_OK)
        sets_break(feed);
    free(m.is_seen);
    pn_spans_clear(&m.spans);
    return status;
}

/* A guard of the policy on how long its lists are is a bound of ours. */
static void
guards_hold(struct pn_feed *feed, const struct pn_diags *diags)
{
    for (size_t i = 0; i < diags->count; i++) {
        const struct pn_diag *diag = &diags->items[i];
        struct pn_str note = pn_str_of_text(diag->note ? diag->note : "");
        struct pn_buffer *text;

        if (diag->id != PN_DIAG_LIST_OUTSIDE)
            continue;
        while (note.len && *note.ptr == ' ')
            note = (struct pn_str){ note.ptr + 1, note.len - 1 };
        if (note.len && note.ptr[note.len - 1] == '\n')
            note.len--;
        text = pn_feed_break(feed, PN_BOUND_GUARD, 0);
        pn_buffer_add_format(text, "%s:%zu guards against it: ", diag->at.name,
                             diag->at.line);
        pn_buffer_add_str(text, note);
        return;
    }
}

enum { WARNINGS_LOOKED_AT = 1000 };

static int
policy_judge(struct pn_feed *feed, const struct pn_source *source,
             struct overlay *overlay, const char *tests)
{
    struct pn_diags diags = { .limit = WARNINGS_LOOKED_AT };
    const struct pn_compiled_options how = {
        .reading = { overlay_read, overlay, overlay_identify, 0 },
        .tests = tests,
        .diags = &diags,
    };
    struct pn_compiled compiled;
    int status = PN_EXIT_OK;

    if (!pn_compiled_make(&compiled, source, &how))
        status = pn_tool_fail_system(feed->tool, PN_EXIT_SYSTEM, feed->protect);
    else if (compiled.result == PN_COMPILE_REFUSED)
        status = pn_feed_unread(feed, &diags);
    else if (compiled.result != PN_COMPILE_OK)
        status = pn_tool_fail_compile(feed->tool, compiled.result, feed->protect,
                                      feed->protect);
    if (status == PN_EXIT_OK && !overlay->is_used)
        status = pn_tool_failf(feed->tool, PN_EXIT_USAGE,
                               "%s stays as it was: %s names no file that it is",
                               feed->out, feed->protect);
    if (status == PN_EXIT_OK) {
        guards_hold(feed, &diags);
        status = claims_hold(feed, &compiled);
    }
    if (status == PN_EXIT_OK)
        status = sets_hold(feed, &compiled);
    pn_compiled_clear(&compiled);
    pn_diags_clear(&diags);
    return status;
}

int
pn_feed_protect(struct pn_feed *feed)
{
    struct overlay overlay = { .text = &feed->after.text };
    struct pn_source source = { 0 };
    char *tests = NULL;
    bool has_tests = pn_name_ends_in(feed->protect, PN_RULES_END);
    int status =
        pn_source_open(feed->tool, feed->protect,
                       " is compiled: claims and sets stand in its source", &source);

    if (status != PN_EXIT_OK)
        return status;
    if (has_tests)
        tests = pn_name_renamed(feed->protect, PN_RULES_END, PN_TESTS_END);
    if ((has_tests && !tests) || !key_make(feed->place, &overlay.key))
        status = pn_tool_fail_memory(feed->tool, feed->protect);
    if (status == PN_EXIT_OK)
        status = policy_judge(feed, &source, &overlay, tests);
    free(tests);
    pn_buffer_free(&overlay.key);
    pn_source_clear(&source);
    return status;
}
