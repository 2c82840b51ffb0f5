/* postern blame: since which commit a client is answered as it is. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/sizes.h"
#include "base/vector.h"
#include "compiler/outcomes.h"
#include "tools/git.h"
#include "tools/query.h"
#include "tools/render/answer.h"
#include "tools/render/json.h"
#include "tools/render/text.h"
#include "tools/served.h"

enum { OUTPUT_MAX = 1 << 28, PARENTS_MAX = 64 };

struct config {
    struct pn_common common; /* first: see pn_tool_options() */
    const char *ident;
};

static const struct pn_option rows[] = {
    PN_COMMON_OPTIONS,
    { "ident", 0, PN_OPTION_TEXT, offsetof(struct config, ident), "IDENT", NULL,
      "what the client's ident server says" },
};

/* What becomes of the client in one commit. */
struct state {
    char *commit;
    struct pn_buffer key;  /* equal for equal answers by equal rules */
    struct pn_buffer text; /* for people */
    bool allows, there;    /* there: the file is, and compiles */
};

struct run {
    struct pn_tool *tool;
    const struct config *config;
    const char *file;
    struct postern_query query;
    struct state *states;
    size_t count, capacity;
    struct pn_intern known; /* commits, by their numbers in `states` */
    struct pn_intern paths; /* that the policy was ever made of */
    const char *commit;     /* the one that is read */
    size_t events;
    int status;
};

static bool
fail(struct run *run, const char *what, const char *why)
{
    run->status = pn_tool_fail(run->tool, PN_EXIT_SYSTEM,
                               (const char *const[]){ what, ": ", why, NULL });
    return false;
}

/* A pn_read_fn that remembers what was read: those are the paths whose commits count.
 */
static bool
read_recorded(void *payload, const char *path, size_t limit, struct pn_source *out)
{
    struct run *run = payload;
    const char *colon = strchr(path, ':');
    uint32_t number;
    struct pn_buffer name = { 0 };
    struct pn_git_revision revision = { 0 };
    bool good;

    path = colon && strncmp(path, run->commit, (size_t)(colon - path)) == 0 ? colon + 1
                                                                            : path;
    if (path[0] != '/' && !pn_intern_add(&run->paths, path, strlen(path), &number)) {
        errno = ENOMEM;
        return false;
    }
    pn_buffer_add_format(&name, "%s:./", run->commit);
    pn_buffer_add(&name, "", 1);
    revision.name = name.bytes;
    good = !name.failed && pn_git_read(&revision, path, limit, out);
    pn_buffer_free(&name);
    return good;
}

/* The place without the commit, so that a rule that stays is the same. */
static void
state_fill(struct state *state, const struct pn_answer *answer)
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
state_make(struct run *run, struct state *state)
{
    struct pn_source source;
    struct pn_served served;
    struct pn_answer answer;
    bool good = true;

    run->commit = state->commit;
    if (!read_recorded(run, run->file, PN_SOURCE_SIZE_MAX, &source)) {
        pn_buffer_add_text(&state->text, "there is no such file\n");
        return errno == ENOENT || fail(run, run->file, strerror(errno));
    }
    source.name = run->file;
    if (!pn_served_make(
            &served, &source,
            &(struct pn_serving){ .reading = { read_recorded, run, NULL } }))
        good = fail(run, run->file, strerror(errno));
    if (good && !served.rules)
        pn_buffer_add_text(&state->text, "the file does not compile\n");
    if (good && served.rules) {
        state->there = true;
        if (pn_served_decide(&served, &run->query, &answer) == POSTERN_OK)
            state_fill(state, &answer);
        else
            good = fail(run, run->file, strerror(ENOMEM));
    }
    pn_served_clear(&served);
    pn_source_clear(&source);
    return good;
}

/* The state of a commit, made when it is asked for first; its number, or -1. */
static long
state_of(struct run *run, const char *commit, size_t len)
{
    size_t before = run->known.count;
    struct state state = { 0 };
    uint32_t number;

    if (!pn_intern_add(&run->known, commit, len, &number) ||
        !pn_vector_reserve(&run->states, &run->capacity, run->known.count,
                           sizeof(*run->states))) {
        fail(run, run->file, strerror(ENOMEM));
        return -1;
    }
    if (number != before)
        return (long)number;
    state.commit = strndup(commit, len);
    run->states[run->count++] = state;
    if (!state.commit) {
        fail(run, run->file, strerror(ENOMEM));
        return -1;
    }
    return state_make(run, &run->states[number]) ? (long)number : -1;
}

static bool
alike(const struct state *a, const struct state *b)
{
    return a->there == b->there && a->key.size == b->key.size &&
           (!a->key.size || memcmp(a->key.bytes, b->key.bytes, a->key.size) == 0) &&
           (a->there || (a->text.size == b->text.size &&
                         memcmp(a->text.bytes, b->text.bytes, a->text.size) == 0));
}

/* Runs git; its output ends in a NUL. */
static bool
git(struct run *run, const char *const words[], struct pn_buffer *out)
{
    char said[PN_GIT_SAID_SIZE];
    int status = pn_git_run(words, OUTPUT_MAX, out, said);

    pn_buffer_add(out, "", 1);
    if (status > 0)
        run->status = pn_tool_fail(run->tool, PN_EXIT_USAGE,
                                   (const char *const[]){ "git: ", said, NULL });
    else if (status < 0 || out->failed)
        return fail(run, "git", strerror(status < 0 ? errno : ENOMEM));
    return status == 0;
}

/* The commits that touch any of the paths, each with its parents among them. */
static bool
commits_list(struct run *run, struct pn_buffer *out)
{
    size_t count = run->paths.count;
    const char **words = calloc(count + 8, sizeof(*words));
    char **paths = calloc(count + 1, sizeof(*paths));
    bool good = words && paths;
    size_t n = 0;

    for (size_t i = 0; good && i < count; i++) {
        struct pn_str path = pn_lifted_name(&run->paths, (uint32_t)i);

        paths[i] = strndup(path.ptr, path.len);
        good = paths[i] != NULL;
    }
    if (good) {
        const char *const front[] = { "git",       "rev-list", "--topo-order",
                                      "--parents", "HEAD",     "--" };

        for (; n < PN_COUNT_OF(front); n++)
            words[n] = front[n];
        for (size_t i = 0; i < count; i++)
            words[n++] = paths[i];
        good = git(run, words, out);
    } else {
        fail(run, run->file, strerror(ENOMEM));
    }
    for (size_t i = 0; paths && i < count; i++)
        free(paths[i]);
    free(paths);
    free(words);
    return good;
}

/* "COMMIT PARENT...": the numbers of their states. How many; -1 when it fails. */
static long
line_states(struct run *run, const char *line, size_t len, long numbers[PARENTS_MAX])
{
    long count = 0;

    while (len && count < PARENTS_MAX) {
        size_t word = 0;

        while (word < len && line[word] != ' ')
            word++;
        numbers[count] = state_of(run, line, word);
        if (numbers[count++] < 0)
            return -1;
        word += word < len;
        line += word;
        len -= word;
    }
    return count;
}

static void
event_json(struct run *run, const struct state *now, const struct state *was,
           char *fields[4])
{
    struct pn_output *out = &run->tool->out;
    static const char *const names[] = { "commit", "date", "author", "subject" };

    pn_output_text(out, run->events++ ? ",\n{" : "\n{");
    for (size_t i = 0; i < 4; i++) {
        pn_output_format(out, "%s\"%s\": ", i ? ", " : "", names[i]);
        pn_json_string(out, fields[i], strlen(fields[i]));
    }
    for (size_t i = 0; i < 2; i++) {
        const struct state *s = i ? now : was;

        if (!s || !s->there)
            continue;
        pn_output_format(out, ", \"%s\": \"%s\"", i ? "now" : "was",
                         s->allows ? "allow" : "deny");
    }
    pn_output_text(out, "}");
}

static void
event_text(struct run *run, const struct state *now, const struct state *was,
           char *fields[4])
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

static bool
event_show(struct run *run, const struct state *now, const struct state *was)
{
    struct pn_buffer line = { 0 };
    char *fields[4], *at;
    bool good = git(run,
                    (const char *const[]){ "git", "show", "-s",
                                           "--format=%h%x09%as%x09%an%x09%s",
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

/* Goes through the list; with `show`, tells of the commits that differ from all their
 * parents. */
static bool
commits_walk(struct run *run, const struct pn_buffer *list, bool show)
{
    const char *at = list->bytes;

    for (const char *end; *at; at = *end ? end + 1 : end) {
        long numbers[PARENTS_MAX], count;
        bool changed = true;

        end = at + strcspn(at, "\n");
        count = line_states(run, at, (size_t)(end - at), numbers);
        if (count < 1)
            return false;
        for (long i = 1; i < count; i++)
            changed &= !alike(&run->states[numbers[0]], &run->states[numbers[i]]);
        if (count == 1) /* before the first commit there was no file */
            changed = run->states[numbers[0]].there;
        if (show && changed &&
            !event_show(run, &run->states[numbers[0]],
                        count > 1 ? &run->states[numbers[1]] : NULL))
            return false;
    }
    return true;
}

/* What the policy is made of changes from commit to commit: until no path is new. */
static void
blame(struct run *run)
{
    struct pn_buffer list = { 0 };
    bool json = run->config->common.format == PN_FORMAT_JSON, good;
    size_t before;
    uint32_t number;

    if (!pn_intern_add(&run->paths, run->file, strlen(run->file), &number)) {
        fail(run, run->file, strerror(ENOMEM));
        return;
    }
    do {
        before = run->paths.count;
        list.size = 0;
        good = commits_list(run, &list) && commits_walk(run, &list, false);
    } while (good && run->paths.count != before);
    if (good && json)
        pn_output_text(&run->tool->out, "{\"schema\": 1, \"commits\": [");
    good = good && commits_walk(run, &list, true);
    if (good && json)
        pn_output_text(&run->tool->out, "]}\n");
    if (good && !run->events && !json)
        pn_output_text(&run->tool->out, "no commit has this file\n");
    pn_buffer_free(&list);
}

static void
run_clear(struct run *run)
{
    for (size_t i = 0; i < run->count; i++) {
        free(run->states[i].commit);
        pn_buffer_free(&run->states[i].key);
        pn_buffer_free(&run->states[i].text);
    }
    free(run->states);
    pn_intern_clear(&run->known);
    pn_intern_clear(&run->paths);
}

static int
verb_blame(struct pn_tool *tool, int argc, char **argv)
{
    struct config config = { 0 };
    struct run run = { .tool = tool, .config = &config, .query = POSTERN_QUERY_INIT };
    int status, operands;

    if (!pn_tool_options(tool, argc, argv, &config, &operands, &status))
        return status;
    if (operands < 2 || operands > 3)
        return pn_tool_usage(tool, "FILE, ADDRESS and perhaps HOST are wanted");
    if (!postern_addr_parse(argv[1], strlen(argv[1]), &run.query.remote))
        return pn_tool_usage(tool, "this is no IPv4 or IPv6 address");
    run.file = argv[0];
    if (operands == 3)
        run.query.host = (struct postern_str){ argv[2], strlen(argv[2]) };
    if (config.ident)
        run.query.ident = (struct postern_str){ config.ident, strlen(config.ident) };
    blame(&run);
    run_clear(&run);
    return run.status;
}

extern const struct pn_verb pn_verb_blame;
const struct pn_verb pn_verb_blame = {
    .name = "blame",
    .operands = "FILE ADDRESS [HOST]",
    .summary = "Tell the commits that changed what a client is answered.",
    .options = &(const struct pn_option_table){ rows, PN_COUNT_OF(rows) },
    .run = verb_blame,
};
