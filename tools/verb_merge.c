/* postern merge: a merge driver for git that merges by what is decided. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analysis/compiled.h"
#include "analysis/merge.h"
#include "analysis/merge_text.h"
#include "base/files.h"
#include "base/sizes.h"
#include "tools/input/drafts.h"
#include "tools/input/rules_file.h"
#include "tools/policy_size.h"
#include "tools/render/answer.h"
#include "tools/render/text.h"
#include "tools/test_name.h"
#include "tools/verbs.h"

enum { BASE, OURS, THEIRS, VERSIONS, MERGED = VERSIONS };

struct merge_config {
    struct pn_common common; /* first: see pn_tool_options() */
    const char *path;
    bool print;
};

static const struct pn_option rows[] = {
    PN_TEXT_OPTIONS,
    PN_ROOT_OPTION,
    { "path", 0, PN_OPTION_TEXT, offsetof(struct merge_config, path), "PATH", NULL,
      "where the file is: for what it includes, and messages" },
    { "print", 'p', PN_OPTION_FLAG, offsetof(struct merge_config, print), NULL, NULL,
      "write to standard output, not over OURS" },
};

const struct pn_option_table pn_options_merge = { rows, PN_COUNT_OF(rows) };

struct merge_run {
    struct pn_tool *tool;
    const struct merge_config *config;
    char **names;
    struct pn_source sources[VERSIONS];
    struct pn_compiled compiled[MERGED + 1]; /* the last is the merged one */
    struct pn_merge *merge;
    struct pn_buffer text;   /* of the merge, with a NUL behind it once it is checked */
    struct pn_source merged; /* that text as a source */
    struct pn_diags diags;   /* of it */
    bool reported;           /* of a conflict */
};

static int
versions_read(struct merge_run *run)
{
    for (size_t i = 0; i < VERSIONS; i++) {
        const char *name = run->names[i];
        int fd = pn_files_open(name, O_RDONLY | O_CLOEXEC, 0);
        bool good =
            fd >= 0 && pn_source_read(&run->sources[i], name, fd, PN_SOURCE_SIZE_MAX);

        if (!good) {
            int saved = errno;

            if (fd >= 0)
                close(fd);
            errno = saved;
            return pn_tool_fail_system(run->tool, PN_EXIT_USAGE, name);
        }
        close(fd);
        if (run->config->path) /* includes are relative to it */
            run->sources[i].name = run->config->path;
    }
    return PN_EXIT_OK;
}

static bool
texts_alike(const struct pn_source *a, const struct pn_source *b)
{
    return a->size == b->size && a->text && b->text &&
           memcmp(a->text, b->text, a->size) == 0;
}

static int
text_put(struct merge_run *run, char *text, size_t size)
{
    struct pn_draft draft = { .path = run->names[OURS] };
    struct pn_drafts drafts = { .items = &draft, .count = 1, .capacity = 1 };

    if (run->config->print) {
        pn_output_add(&run->tool->out, text, size);
        return PN_EXIT_OK;
    }
    draft.before = (struct pn_buffer){ .bytes = run->sources[OURS].text,
                                       .size = run->sources[OURS].size };
    draft.text = (struct pn_buffer){ .bytes = text, .size = size };
    return pn_drafts_write(run->tool, &drafts);
}

/* One that does not compile is merged as text; one that leads out of the root is not.
 */
static int
version_serve(struct merge_run *run, size_t number)
{
    struct pn_diags diags = { .limit = PN_DIAGS_LIMIT };
    const struct pn_source *source = &run->sources[number];
    const struct pn_compiled_options how = { .diags = &diags };
    int status = PN_EXIT_OK;

    if (!pn_source_index(&run->sources[number]) ||
        !pn_compiled_make(&run->compiled[number], source, &how))
        status = pn_tool_fail_system(run->tool, PN_EXIT_SYSTEM, source->name);
    for (size_t i = 0; i < diags.count && status == PN_EXIT_OK; i++)
        if (diags.items[i].id == PN_DIAG_OUTSIDE_ROOT)
            status = PN_EXIT_USAGE;
    if (status == PN_EXIT_USAGE)
        pn_tool_diagnostics(run->tool, &run->config->common, &diags);
    pn_diags_clear(&diags);
    return status;
}

static const char *
name_of(const struct merge_run *run)
{
    return run->config->path ? run->config->path : run->names[OURS];
}

static int
fail_memory(struct merge_run *run)
{
    return pn_tool_fail_memory(run->tool, run->names[OURS]);
}

/* What is marked, around the statements of both sides; then it is for a person. */
static int
marks_write(struct merge_run *run)
{
    int status;

    if (!pn_merge_is_marked(run->merge) || pn_merge_marks_alike(run->merge))
        pn_merge_mark_changed(run->merge);
    run->text.size = 0;
    pn_merge_write(run->merge, &run->text);
    if (run->text.failed)
        return fail_memory(run);
    status = text_put(run, run->text.bytes, run->text.size);
    return status == PN_EXIT_OK ? PN_EXIT_FINDINGS : status;
}

static void
case_report(struct merge_run *run, const struct pn_merge_case *c)
{
    static const char *const names[] = { "base", "ours", "theirs", "merged" };
    struct pn_output *err = &run->tool->err;
    size_t shown = c->verdict == PN_MERGE_CONFLICT ? VERSIONS : MERGED + 1;

    pn_output_format(
        err, "%s: %s: ", name_of(run),
        c->verdict == PN_MERGE_CONFLICT
            ? "conflict: both sides changed what is decided for"
            : "the changes do not go together: nobody wants what they come to for");
    pn_query_text(err, &c->query);
    pn_output_text(err, "\n");
    for (size_t i = 0; i < shown; i++) {
        struct pn_answer answer;

        if (pn_compiled_decide(&run->compiled[i], &c->query, &answer) != POSTERN_OK)
            continue;
        pn_output_format(err, "  %s: %s\n", names[i],
                         pn_verdict_text(answer.decision.verdict));
        pn_answer_details(err, &answer, "    ");
    }
}

/* The statements that decide a query, of both sides, where they stand in the file. */
static void
deciders_mark(struct merge_run *run, const struct postern_query *query)
{
    for (size_t i = OURS; i <= THEIRS; i++) {
        const struct pn_policy *policy = &run->compiled[i].loaded.policy;
        const struct pn_unit *unit = &run->compiled[i].loaded.unit;
        struct pn_answer answer;
        struct pn_rule_node at;

        if (pn_compiled_decide(&run->compiled[i], query, &answer) != POSTERN_OK ||
            answer.decision.rule >= policy->count)
            continue;
        at = policy->nodes[answer.decision.rule];
        if (at.node && !at.file)
            (void)pn_merge_mark(
                run->merge, (enum pn_merge_version)i,
                pn_source_position(
                    pn_unit_source(unit, 0),
                    pn_tree_span(pn_unit_tree(unit, 0), at.node->range).offset)
                    .line);
    }
}

/*
 * Holds the last of the images to the three versions. PN_EXIT_FINDINGS, reported and
 * marked, when it does not do what they did.
 */
static int
image_check(struct merge_run *run, size_t last)
{
    struct pn_merge_case c = { 0 };
    struct pn_image images[PN_MERGE_IMAGES];
    enum postern_status status;
    int result = PN_EXIT_OK;

    for (size_t i = 0; i < PN_MERGE_IMAGES; i++)
        images[i] = pn_compiled_image(&run->compiled[i == MERGED ? last : i]);
    pn_policy_size_add(&run->tool->size, images[PN_MERGE_IMAGES - 1].decoded);
    status = pn_merge_check(images, &run->tool->work, &c);
    if (status != POSTERN_OK) {
        result =
            pn_tool_failf(run->tool, PN_EXIT_SYSTEM, "%s", postern_status_text(status));
    } else if (c.verdict == PN_MERGE_CONFLICT ||
               (c.verdict == PN_MERGE_WRONG && last == MERGED)) {
        case_report(run, &c);
        deciders_mark(run, &c.query);
        result = PN_EXIT_FINDINGS;
    }
    pn_buffer_free(&c.host);
    pn_buffer_free(&c.ident);
    return result;
}

/* A pn_proof_fn: a claim that a side has, and that the other one breaks. */
static void
assertion_check(void *payload, const struct pn_prover *prover,
                const struct pn_proof *proof)
{
    static const char *const who[] = { "", "ours claims what theirs breaks",
                                       "theirs claims what ours breaks",
                                       "both claim what they break together" };
    struct merge_run *run = payload;
    const struct pn_unit *unit = prover->unit;
    const struct pn_tree *tree = pn_unit_tree(unit, 0);
    struct pn_str text;
    unsigned sides = 0;

    if (proof->holds)
        return;
    if (!proof->assertion->at.file) {
        text = pn_source_slice(tree->source, pn_assertion_span(unit, proof->assertion));
        pn_merge_mark_text(run->merge, text);
        sides = (pn_merge_has(run->merge, PN_MERGE_OURS, text) ? 1u : 0u) +
                (pn_merge_has(run->merge, PN_MERGE_THEIRS, text) ? 2u : 0u);
    }
    if (proof->decision.rule < prover->policy->count) {
        struct pn_rule_node at = prover->policy->nodes[proof->decision.rule];

        if (at.node && !at.file && at.node->range.last > at.node->range.first) {
            struct pn_range range = { at.node->range.first, at.node->range.last - 1 };

            pn_merge_mark_text(
                run->merge, pn_source_slice(tree->source, pn_tree_span(tree, range)));
        }
    }
    pn_output_format(&run->tool->err, "%s: conflict: %s:\n", name_of(run),
                     sides ? who[sides] : "what is claimed does not hold");
    pn_proof_diagnose(prover, proof, &run->diags);
    run->reported = true;
}

/* All that the merged text says of itself. */
static int
assertions_check(struct merge_run *run)
{
    enum postern_status status;

    status = pn_compiled_prove(&run->compiled[MERGED], assertion_check, run);
    if (status != POSTERN_OK)
        return pn_tool_failf(run->tool, PN_EXIT_SYSTEM, "%s",
                             postern_status_text(status));
    pn_tool_diagnostics(run->tool, &run->config->common, &run->diags);
    return run->reported ? PN_EXIT_FINDINGS : PN_EXIT_OK;
}

/* Reports what became of single statements; PN_EXIT_FINDINGS when one is in conflict.
 */
static int
events_report(struct merge_run *run)
{
    static const char *const events[] = {
        [PN_MERGE_DELETED_CHANGED] =
            "conflict: one side deleted what the other changed",
        [PN_MERGE_BOTH_CHANGED] = "conflict: both sides changed this, not alike",
        [PN_MERGE_BOTH_ADDED] = "conflict: both sides added this, not alike",
        [PN_MERGE_ASSERTION_DELETED] = "deleted claim",
    };
    static const char *const names[] = { "base", "ours", "theirs" };
    struct pn_output *err = &run->tool->err;
    struct pn_merge_event event;
    int status = PN_EXIT_OK;

    for (size_t at = 0; pn_merge_next_event(run->merge, &at, &event); at++) {
        bool deleted = event.kind == PN_MERGE_ASSERTION_DELETED;

        pn_output_format(err, "%s: %s%s%s\n", name_of(run), events[event.kind],
                         deleted ? ", by " : "", deleted ? names[event.side] : "");
        for (size_t i = 0; i < VERSIONS; i++) {
            if (!event.texts[i].ptr || (deleted && i != BASE))
                continue;
            pn_output_format(err, "  %s, line %zu: ", names[i], event.lines[i]);
            pn_render_bytes(err, event.texts[i]);
            pn_output_text(err, "\n");
        }
        if (!deleted)
            status = PN_EXIT_FINDINGS;
    }
    return status;
}

/* The text that is to be: a side's own where the other one did nothing. */
static bool
text_make(struct merge_run *run, bool *whole)
{
    const struct pn_source *s = run->sources, *side = NULL;

    if (texts_alike(&s[OURS], &s[THEIRS]) || texts_alike(&s[BASE], &s[THEIRS]))
        side = &s[OURS];
    else if (texts_alike(&s[BASE], &s[OURS]))
        side = &s[THEIRS];
    *whole = side != NULL;
    if (side)
        pn_buffer_add(&run->text, side->text, side->size);
    else
        pn_merge_write(run->merge, &run->text);
    pn_buffer_add(&run->text, "", 1);
    run->merged = (struct pn_source){ .name = s[OURS].name,
                                      .text = run->text.bytes,
                                      .size = run->text.size - 1 };
    return !run->text.failed && pn_source_index(&run->merged);
}

/* Where one version means nothing by itself, statements are all there is to go by. */
static int
statements_merge(struct merge_run *run, size_t odd, bool whole, int status)
{
    static const char *const names[] = { "base", "ours", "theirs" };
    bool tests = pn_name_ends_in(name_of(run), PN_TESTS_END);

    if (!whole && !tests)
        pn_tool_failf(run->tool, 0,
                      "%s: %s does not compile: nobody knows what it decides",
                      run->sources[odd].name, names[odd]);
    if (whole || (tests && status == PN_EXIT_OK))
        return text_put(run, run->merged.text, run->merged.size);
    pn_merge_mark_changed(run->merge);
    return marks_write(run);
}

/* The versions compile: what do they decide, and what does the merged text? */
static int
decisions_merge(struct merge_run *run, bool whole, int status)
{
    const struct pn_compiled_options how = { .diags = &run->diags };
    int checked = whole ? PN_EXIT_OK : image_check(run, OURS);

    status = checked > status ? checked : status;
    if (status == PN_EXIT_OK &&
        !pn_compiled_make(&run->compiled[MERGED], &run->merged, &how))
        return pn_tool_fail_system(run->tool, PN_EXIT_SYSTEM, run->merged.name);
    if (status == PN_EXIT_OK && !run->compiled[MERGED].rules) {
        pn_tool_failf(run->tool, 0,
                      "%s: conflict: the merged statements do not compile",
                      name_of(run));
        pn_tool_diagnostics(run->tool, &run->config->common, &run->diags);
        status = PN_EXIT_FINDINGS;
    }
    if (status == PN_EXIT_OK)
        status = image_check(run, MERGED);
    if (status == PN_EXIT_OK)
        status = assertions_check(run);
    if (status == PN_EXIT_OK)
        return text_put(run, run->merged.text, run->merged.size);
    return status == PN_EXIT_FINDINGS ? marks_write(run) : status;
}

static int
merge(struct merge_run *run)
{
    const struct pn_source *versions[VERSIONS];
    size_t odd = VERSIONS;
    bool whole;
    int status;

    for (size_t i = 0; i < VERSIONS; i++) {
        versions[i] = &run->sources[i];
        status = version_serve(run, i);
        if (status != PN_EXIT_OK)
            return status;
        if (!run->compiled[i].rules && odd == VERSIONS)
            odd = i;
    }
    run->merge = pn_merge_new(versions);
    if (!run->merge || !text_make(run, &whole))
        return fail_memory(run);
    status = events_report(run);
    if (odd < VERSIONS)
        return statements_merge(run, odd, whole, status);
    return decisions_merge(run, whole, status);
}

int
pn_verb_merge(struct pn_tool *tool, int argc, char **argv)
{
    struct merge_config config = { 0 };
    struct merge_run run = { .tool = tool,
                             .config = &config,
                             .diags = { .limit = PN_DIAGS_LIMIT } };
    int status, operands;

    if (!pn_tool_options(tool, argc, argv, &config, &operands, &status))
        return status;
    if (operands != VERSIONS)
        return pn_tool_usage(tool, "BASE, OURS and THEIRS are wanted");
    run.names = argv;
    for (size_t i = 0; i <= MERGED; i++)
        run.compiled[i] = PN_COMPILED_NONE;
    status = versions_read(&run);
    if (status == PN_EXIT_OK)
        status = merge(&run);
    for (size_t i = 0; i < VERSIONS; i++)
        pn_source_clear(&run.sources[i]);
    for (size_t i = 0; i <= MERGED; i++)
        pn_compiled_clear(&run.compiled[i]);
    pn_merge_free(run.merge);
    run.merged.text = NULL; /* it is the buffer's */
    pn_source_clear(&run.merged);
    pn_buffer_free(&run.text);
    pn_diags_clear(&run.diags);
    return status;
}
