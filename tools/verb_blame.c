/* postern blame: since which commit a client is answered as it is. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/compiled.h"
#include "base/sizes.h"
#include "base/vector.h"
#include "compiler/outcomes.h"
#include "tools/blame_git.h"
#include "tools/input/folders.h"
#include "tools/input/query.h"
#include "tools/input/rules_file.h"
#include "tools/render/answer.h"
#include "tools/render/json.h"
#include "tools/render/text.h"
#include "tools/verbs.h"

struct blame_config {
    struct pn_common common; /* first: see pn_tool_options() */
    const char *ident;
};

static const struct pn_option rows[] = {
    PN_COMMON_OPTIONS,
    PN_ROOT_OPTION,
    { "ident", 0, PN_OPTION_TEXT, offsetof(struct blame_config, ident), "IDENT", NULL,
      "what the client's ident server says" },
};

const struct pn_option_table pn_options_blame = { rows, PN_COUNT_OF(rows) };

/* What becomes of the client in one commit, by a file of some name. */
struct blame_state {
    char *commit, *file;
    struct pn_buffer key;  /* equal for equal answers by equal rules */
    struct pn_buffer text; /* for people */
    bool allows, there;    /* there: the file is, and compiles */
    bool exists;
};

struct blame_run {
    struct pn_tool *tool;
    const struct blame_config *config;
    struct postern_query query;
    struct pn_blame_git git;
    uint32_t file; /* its path today */
    struct blame_state *states;
    size_t count, capacity;
    struct pn_intern known; /* "COMMIT PATH", by their numbers in `states` */
    uint32_t *visits;       /* states of this walk, in the order they were reached */
    size_t visit_count, visit_capacity;
    size_t events;
    struct pn_buffer cuts; /* commits at which the history ends, for JSON */
};

static bool
fail(struct blame_run *run, const char *why)
{
    run->git.status = pn_tool_fail_of(run->tool, PN_EXIT_SYSTEM, "blame", why);
    return false;
}

static bool
fail_memory(struct blame_run *run)
{
    return fail(run, strerror(ENOMEM));
}

/* The place without the commit, so that a rule that stays is the same. */
static void
state_fill(struct blame_state *state, const struct pn_answer *answer)
{
    struct pn_output text = { .fd = -1 };

    state->allows = answer->decision.verdict == POSTERN_ALLOW;
    pn_outcome_write(&state->key, &answer->decision, 0);
    pn_buffer_add(&state->key, "", 1);
    pn_buffer_add(&state->key, answer->target.ptr, answer->target.len);
    pn_output_format(&text, "%s\n", pn_verdict_text(answer->decision.verdict));
    pn_answer_details(&text, answer, "      ");
    state->text = text.pending;
}

static bool
state_make(struct blame_run *run, struct blame_state *state)
{
    const struct pn_compiled_options how = { .reading = { .read = pn_blame_git_read,
                                                          .payload = &run->git } };
    struct pn_source source;
    struct pn_compiled compiled;
    struct pn_answer answer;
    bool good = true;

    run->git.commit = state->commit;
    run->git.is_root = true; /* one that no commit has is no file of git's */
    if (!pn_blame_git_read(&run->git, state->file, PN_SOURCE_SIZE_MAX, &source)) {
        pn_buffer_add_text(&state->text, "there is no such file\n");
        return errno == ENOENT || fail(run, strerror(errno));
    }
    run->git.is_root = false;
    source.name = state->file;
    state->exists = true;
    if (!pn_compiled_make(&compiled, &source, &how))
        good = fail(run, strerror(errno));
    if (good && !compiled.rules)
        pn_buffer_add_text(&state->text, "the file does not compile\n");
    if (good && compiled.rules) {
        state->there = true;
        if (pn_compiled_decide(&compiled, &run->query, &answer) == POSTERN_OK)
            state_fill(state, &answer);
        else
            good = fail_memory(run);
    }
    pn_compiled_clear(&compiled);
    pn_source_clear(&source);
    return good && run->git.status == PN_EXIT_OK;
}

/* The state of a file in a commit, made when it is asked for first; false, reported,
 * when it cannot be. */
static bool
state_of(struct blame_run *run, const char *commit, size_t len, uint32_t path,
         uint32_t *out)
{
    struct pn_str name = pn_intern_text(&run->git.paths, path);
    size_t before = run->known.count;
    struct pn_buffer key = { 0 };
    struct blame_state state = { 0 };
    bool good;

    pn_buffer_add(&key, commit, len);
    pn_buffer_add_text(&key, " ");
    pn_buffer_add(&key, name.ptr, name.len);
    good = !key.failed && pn_intern_add(&run->known, key.bytes, key.size, out) &&
           pn_vector_reserve(&run->states, &run->capacity, run->known.count,
                             sizeof(*run->states));
    pn_buffer_free(&key);
    if (!good)
        return fail_memory(run);
    if (*out != before)
        return true;
    state.commit = strndup(commit, len);
    state.file = strndup(name.ptr, name.len);
    run->states[run->count++] = state;
    if (!state.commit || !state.file)
        return fail_memory(run);
    return state_make(run, &run->states[*out]);
}

static bool
alike(const struct blame_state *a, const struct blame_state *b)
{
    return a->there == b->there && a->key.size == b->key.size &&
           (!a->key.size || memcmp(a->key.bytes, b->key.bytes, a->key.size) == 0) &&
           (a->there || (a->text.size == b->text.size &&
                         memcmp(a->text.bytes, b->text.bytes, a->text.size) == 0));
}

static void
event_json(struct blame_run *run, const struct blame_state *now,
           const struct blame_state *was, char *fields[4])
{
    struct pn_output *out = &run->tool->out;
    static const char *const names[] = { "commit", "date", "author", "subject" };

    pn_output_text(out, run->events++ ? ",\n{" : "\n{");
    for (size_t i = 0; i < 4; i++) {
        pn_output_format(out, "%s\"%s\": ", i ? ", " : "", names[i]);
        pn_json_string(out, fields[i], strlen(fields[i]));
    }
    for (size_t i = 0; i < 2; i++) {
        const struct blame_state *s = i ? now : was;

        if (!s || !s->there)
            continue;
        pn_output_format(out, ", \"%s\": \"%s\"", i ? "now" : "was",
                         s->allows ? "allow" : "deny");
    }
    pn_output_text(out, "}");
}

static void
event_text(struct blame_run *run, const struct blame_state *now,
           const struct blame_state *was, char *fields[4])
{
    struct pn_output *out = &run->tool->out;

    run->events++;
    for (size_t i = 0; i < 4; i++) {
        pn_render_bytes(out, (struct pn_str){ fields[i], strlen(fields[i]) });
        pn_output_text(out, i == 3 ? "\n" : " ");
    }
    if (was)
        pn_output_text(out, "  was ");
    if (was)
        pn_output_add(out, was->text.bytes, was->text.size);
    pn_output_text(out, "  now ");
    pn_output_add(out, now->text.bytes, now->text.size);
}

/* Nothing is said of who did what before. */
static void
cut_show(struct blame_run *run, const struct blame_state *now)
{
    bool json = run->config->common.format == PN_FORMAT_JSON;
    struct pn_output *out = &run->tool->out;

    pn_buffer_add_format(&run->cuts, "%s\"%s\"", run->cuts.size ? ", " : "",
                         now->commit);
    if (json)
        return;
    pn_output_format(
        out,
        "the history is cut at %.12s, in a shallow clone: what is so there "
        "has a cause that is not known\n  now ",
        now->commit);
    pn_output_add(out, now->text.bytes, now->text.size);
}

static bool
event_show(struct blame_run *run, const struct blame_state *now,
           const struct blame_state *was)
{
    struct pn_buffer line = { 0 };
    char *fields[4], *at;
    bool good = pn_blame_git_run(
        &run->git,
        (const char *const[]){ "git", "show", "-s", "--format=%h%x09%as%x09%an%x09%s",
                               now->commit, NULL },
        &line);

    at = line.bytes;
    for (size_t i = 0; good && i < 4; i++) {
        char *end = at + strcspn(at, i < 3 ? "\t\n" : "\n");

        fields[i] = at;
        at = *end ? end + 1 : end;
        *end = '\0';
    }
    if (good)
        (run->config->common.format == PN_FORMAT_JSON ? event_json : event_text)(
            run, now, was, fields);
    pn_buffer_free(&line);
    return good;
}

/* Puts a file of a commit on the list of what the walk is to look at. */
static bool
visit_add(struct blame_run *run, uint32_t state)
{
    for (size_t i = 0; i < run->visit_count; i++)
        if (run->visits[i] == state)
            return true;
    if (!pn_vector_reserve(&run->visits, &run->visit_capacity, run->visit_count + 1,
                           sizeof(*run->visits)))
        return fail_memory(run);
    run->visits[run->visit_count++] = state;
    return true;
}

/* The number of a state's path. */
static uint32_t
path_of(const struct blame_run *run, uint32_t state)
{
    const char *file = run->states[state].file;
    uint32_t path = run->file;

    (void)pn_intern_find(&run->git.paths, file, strlen(file), &path);
    return path;
}

/* The file of a state in a parent: under its name there. */
static bool
parent_state(struct blame_run *run, uint32_t state, const char *parent, size_t len,
             uint32_t *out)
{
    uint32_t path = path_of(run, state), source = path;
    char *name;
    bool good = state_of(run, parent, len, path, out);

    if (!good || run->states[*out].exists || !run->states[state].exists)
        return good;
    name = strndup(parent, len);
    good = name ? pn_blame_git_source(&run->git, name, run->states[state].commit, path,
                                      &source)
                : fail_memory(run);
    free(name);
    return good && (source == path || state_of(run, parent, len, source, out));
}

/* Where the history begins: with the file, with what it was made of, or with a cut. */
static bool
first_look(struct blame_run *run, uint32_t state, bool show, bool *changed)
{
    struct blame_state *s = &run->states[state];
    uint32_t ignored;

    *changed = s->there;
    if (!s->exists)
        return true;
    if (!pn_intern_find(&run->git.cut, s->commit, strlen(s->commit), &ignored))
        return pn_blame_git_source(&run->git, NULL, s->commit, path_of(run, state),
                                   &ignored);
    *changed = false;
    if (show)
        cut_show(run, s);
    return true;
}

/* A file of a commit, beside those of the parents, which stand behind it in the line.
 */
static bool
visit_look(struct blame_run *run, uint32_t state, const char *parents, bool show)
{
    uint32_t number, first = UINT32_MAX;
    bool changed = true;

    for (const char *at = parents; *at == ' ';) {
        size_t size = strcspn(at + 1, " \n");

        if (!parent_state(run, state, at + 1, size, &number) || !visit_add(run, number))
            return false;
        first = first == UINT32_MAX ? number : first;
        changed &= !alike(&run->states[state], &run->states[number]);
        at += size + 1;
    }
    if (first == UINT32_MAX && !first_look(run, state, show, &changed))
        return false;
    return !show || !changed ||
           event_show(run, &run->states[state],
                      first == UINT32_MAX ? NULL : &run->states[first]);
}

/* Goes through the list; with `show`, prints the commits that differ from all their
 * parents. */
static bool
commits_walk(struct blame_run *run, const struct pn_buffer *list, bool show)
{
    const char *at = list->bytes;

    run->visit_count = 0;
    for (const char *end; *at; at = *end ? end + 1 : end) {
        size_t size = strcspn(at, " \n"), count = run->visit_count;
        bool met = false;
        uint32_t state;

        end = at + strcspn(at, "\n");
        for (size_t i = 0; i < count; i++) {
            if (strncmp(run->states[run->visits[i]].commit, at, size) != 0)
                continue;
            met = true;
            if (!visit_look(run, run->visits[i], at + size, show))
                return false;
        }
        if (!met && (!state_of(run, at, size, run->file, &state) ||
                     !visit_look(run, state, at + size, show)))
            return false;
    }
    return true;
}

static void
strays_json(struct blame_run *run)
{
    struct pn_output *out = &run->tool->out;

    if (run->cuts.size)
        pn_output_format(out, ", \"cut\": [%.*s]", (int)run->cuts.size,
                         run->cuts.bytes);
    if (run->git.strays.count)
        pn_output_text(out, ", \"not_in_git\": [");
    for (uint32_t i = 0; i < run->git.strays.count; i++) {
        struct pn_str name = pn_intern_text(&run->git.strays, i);

        pn_output_text(out, i ? ", " : "");
        pn_json_string(out, name.ptr, name.len);
    }
    pn_output_text(out, run->git.strays.count ? "]}\n" : "}\n");
}

/* What the policy is made of changes from commit to commit: until no path is new. */
static void
blame(struct blame_run *run, const char *file)
{
    struct pn_buffer list = { 0 };
    bool json = run->config->common.format == PN_FORMAT_JSON, good;
    size_t before;

    good = pn_blame_git_path(&run->git, file, &run->file);
    do {
        before = run->git.paths.count;
        list.size = 0;
        good = good && pn_blame_git_list(&run->git, &list) &&
               commits_walk(run, &list, false);
    } while (good && run->git.paths.count != before);
    if (good && json)
        pn_output_text(&run->tool->out, "{\"schema\": 1, \"commits\": [");
    good = good && commits_walk(run, &list, true);
    if (good && json) {
        pn_output_text(&run->tool->out, "]");
        strays_json(run);
    }
    if (good && !run->events && !run->cuts.size && !json)
        pn_output_text(&run->tool->out, "no commit has this file\n");
    pn_buffer_free(&list);
}

static void
run_clear(struct blame_run *run)
{
    for (size_t i = 0; i < run->count; i++) {
        free(run->states[i].commit);
        free(run->states[i].file);
        pn_buffer_free(&run->states[i].key);
        pn_buffer_free(&run->states[i].text);
    }
    free(run->states);
    pn_intern_clear(&run->known);
    free(run->visits);
    pn_buffer_free(&run->cuts);
    pn_blame_git_clear(&run->git);
}

int
pn_verb_blame(struct pn_tool *tool, int argc, char **argv)
{
    struct blame_config config = { 0 };
    struct blame_run run = { .tool = tool,
                             .config = &config,
                             .query = POSTERN_QUERY_INIT };
    int status, operands;

    if (!pn_tool_options(tool, argc, argv, &config, &operands, &status))
        return status;
    if (operands < 2 || operands > 3)
        return pn_tool_usage(tool, "FILE, ADDRESS and perhaps HOST are wanted");
    if (pn_is_folder(argv[0])) {
        errno = EISDIR;
        return pn_tool_fail_system(tool, PN_EXIT_USAGE, argv[0]);
    }
    if (!postern_addr_parse(argv[1], strlen(argv[1]), &run.query.remote))
        return pn_tool_usage(tool, "this is no IPv4 or IPv6 address");
    if (operands == 3)
        run.query.host = (struct postern_str){ argv[2], strlen(argv[2]) };
    if (config.ident)
        run.query.ident = (struct postern_str){ config.ident, strlen(config.ident) };
    if (pn_blame_git_begin(&run.git, tool))
        blame(&run, argv[0]);
    status = run.git.status;
    run_clear(&run);
    return status;
}
