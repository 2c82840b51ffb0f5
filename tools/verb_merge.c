/* postern merge: a merge driver for git that merges by what is decided. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analysis/merge.h"
#include "base/sizes.h"
#include "tools/drafts.h"
#include "tools/git.h"
#include "tools/render/answer.h"
#include "tools/served.h"

enum { BASE, OURS, THEIRS, VERSIONS, OUTPUT_MAX = 1 << 30 };

struct config {
    struct pn_common common; /* first: see pn_tool_options() */
    const char *path;
    bool print;
};

static const struct pn_option rows[] = {
    PN_COMMON_OPTIONS,
    { "path", 0, PN_OPTION_TEXT, offsetof(struct config, path), "PATH", NULL,
      "where the file is: for what it includes, and messages" },
    { "print", 'p', PN_OPTION_FLAG, offsetof(struct config, print), NULL, NULL,
      "write to standard output, not over OURS" },
};

struct run {
    struct pn_tool *tool;
    const struct config *config;
    char **names;
    struct pn_source sources[VERSIONS];
    struct pn_served served[VERSIONS + 1]; /* the last is the merged one */
    struct pn_buffer merged;
};

static int
versions_read(struct run *run)
{
    for (size_t i = 0; i < VERSIONS; i++) {
        const char *name = run->names[i];
        int fd = open(name, O_RDONLY | O_CLOEXEC);
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
text_put(struct run *run, char *text, size_t size)
{
    struct pn_draft draft = { .path = run->names[OURS] };
    struct pn_drafts drafts = { &draft, 1, 1 };

    if (run->config->print) {
        pn_output_add(&run->tool->out, text, size);
        return PN_EXIT_OK;
    }
    draft.before = (struct pn_buffer){ .bytes = run->sources[OURS].text,
                                       .size = run->sources[OURS].size };
    draft.text = (struct pn_buffer){ .bytes = text, .size = size };
    return pn_drafts_write(run->tool, &drafts);
}

static bool
serve(struct run *run, size_t number, const struct pn_source *source)
{
    pn_served_clear(&run->served[number]);
    return pn_served_make(&run->served[number], source, &(struct pn_serving){ 0 });
}

/* Lines with conflict marks, as git writes them; then it is for a person. */
static int
marks_write(struct run *run)
{
    struct pn_buffer out = { 0 };
    char said[PN_GIT_SAID_SIZE];
    int status =
        pn_git_run((const char *const[]){ "git", "merge-file", "-p", "-L", "ours", "-L",
                                          "base", "-L", "theirs", run->names[OURS],
                                          run->names[BASE], run->names[THEIRS], NULL },
                   OUTPUT_MAX, &out, said);
    int result = PN_EXIT_FINDINGS, put;

    if (status < 0 || status > 127)
        result = pn_tool_fail_system(run->tool, PN_EXIT_SYSTEM, "git merge-file");
    else if ((put = text_put(run, out.bytes, out.size)) != PN_EXIT_OK)
        result = put;
    pn_buffer_free(&out);
    return result;
}

/* A side was tried after the merged text, which is what is to be shown. */
static void
case_tell(struct run *run, const struct pn_merge_case *c,
          const struct pn_source *merged)
{
    static const char *const names[] = { "base", "ours", "theirs", "merged" };
    struct pn_output *err = &run->tool->err;
    size_t shown = c->verdict == PN_MERGE_CONFLICT ? 3 : 4;

    pn_output_format(
        err, "%s: %s: ", run->config->path ? run->config->path : run->names[OURS],
        c->verdict == PN_MERGE_CONFLICT
            ? "conflict: both sides changed what is decided for"
            : "no text was found that decides as it should for");
    pn_query_text(err, &c->query);
    pn_output_text(err, "\n");
    if (shown > VERSIONS &&
        (!serve(run, VERSIONS, merged) || !run->served[VERSIONS].rules))
        shown = VERSIONS;
    for (size_t i = 0; i < shown; i++) {
        struct pn_answer answer;

        if (pn_served_decide(&run->served[i], &c->query, &answer) != POSTERN_OK)
            continue;
        pn_output_format(err, "  %s: %s\n", names[i],
                         pn_verdict_text(answer.decision.verdict));
        pn_answer_details(err, &answer, "    ");
    }
}

/* How a text of the merge does; PN_EXIT_FINDINGS when not well. */
static int
candidate_judge(struct run *run, const struct pn_source *source,
                struct pn_merge_case *out)
{
    struct pn_side sides[VERSIONS + 1];
    enum postern_status status;

    out->verdict = PN_MERGE_WRONG;
    if (!serve(run, VERSIONS, source))
        return pn_tool_fail_system(run->tool, PN_EXIT_SYSTEM, source->name);
    if (!run->served[VERSIONS].rules)
        return PN_EXIT_FINDINGS;
    for (size_t i = 0; i <= VERSIONS; i++)
        sides[i] = (struct pn_side){ run->served[i].rules, &run->served[i].lifted, NULL,
                                     NULL };
    pn_buffer_free(&out->host);
    pn_buffer_free(&out->ident);
    status = pn_merge_judge(sides, out);
    if (status != POSTERN_OK)
        return pn_tool_fail(run->tool, PN_EXIT_SYSTEM,
                            (const char *const[]){ postern_status_text(status), NULL });
    return out->verdict == PN_MERGE_FINE ? PN_EXIT_OK : PN_EXIT_FINDINGS;
}

/* The merged statements; where those will not do, a side that decides as it should. */
static int
candidates_try(struct run *run)
{
    const struct pn_source *ours = &run->sources[OURS];
    struct pn_merge_case worst = { 0 }, c = { 0 };
    struct pn_source merged = { .name = ours->name };
    int status;

    pn_buffer_add(&run->merged, "", 1);
    merged.text = run->merged.bytes;
    merged.size = run->merged.size - 1;
    status = candidate_judge(run, &merged, &worst);
    if (status == PN_EXIT_OK)
        status = text_put(run, merged.text, merged.size);
    for (size_t i = OURS; i <= THEIRS && status == PN_EXIT_FINDINGS &&
                          worst.verdict != PN_MERGE_CONFLICT;
         i++) {
        status = candidate_judge(run, &run->sources[i], &c);
        if (status == PN_EXIT_OK)
            status = text_put(run, run->sources[i].text, run->sources[i].size);
    }
    if (status == PN_EXIT_FINDINGS) {
        if (!run->served[VERSIONS].rules && !worst.query.struct_size)
            pn_tool_fail(run->tool, 0,
                         (const char *const[]){ ours->name,
                                                ": the merged statements do "
                                                "not compile",
                                                NULL });
        else
            case_tell(run, worst.query.struct_size ? &worst : &c, &merged);
        status = marks_write(run);
    }
    pn_buffer_free(&worst.host);
    pn_buffer_free(&worst.ident);
    pn_buffer_free(&c.host);
    pn_buffer_free(&c.ident);
    return status;
}

static int
merge(struct run *run)
{
    static const char *const names[] = { "base", "ours", "theirs" };
    const struct pn_source *s = run->sources;

    if (texts_alike(&s[OURS], &s[THEIRS]) || texts_alike(&s[BASE], &s[THEIRS]))
        return text_put(run, s[OURS].text, s[OURS].size);
    if (texts_alike(&s[BASE], &s[OURS]))
        return text_put(run, s[THEIRS].text, s[THEIRS].size);
    for (size_t i = 0; i < VERSIONS; i++) {
        if (!serve(run, i, &s[i]))
            return pn_tool_fail_system(run->tool, PN_EXIT_SYSTEM, s[i].name);
        if (!run->served[i].rules) {
            pn_tool_fail(run->tool, 0,
                         (const char *const[]){ s[i].name, ": ", names[i],
                                                " does not compile: merged by lines",
                                                NULL });
            return marks_write(run);
        }
    }
    if (!pn_merge_texts(&s[BASE], &s[OURS], &s[THEIRS], &run->merged)) {
        errno = ENOMEM;
        return pn_tool_fail_system(run->tool, PN_EXIT_SYSTEM, s[OURS].name);
    }
    return candidates_try(run);
}

static int
verb_merge(struct pn_tool *tool, int argc, char **argv)
{
    struct config config = { 0 };
    struct run run = { .tool = tool, .config = &config };
    int status, operands;

    if (!pn_tool_options(tool, argc, argv, &config, &operands, &status))
        return status;
    if (operands != VERSIONS)
        return pn_tool_usage(tool, "BASE, OURS and THEIRS are wanted");
    run.names = argv;
    for (size_t i = 0; i <= VERSIONS; i++)
        run.served[i] = PN_SERVED_NONE;
    status = versions_read(&run);
    if (status == PN_EXIT_OK)
        status = merge(&run);
    for (size_t i = 0; i < VERSIONS; i++)
        pn_source_clear(&run.sources[i]);
    for (size_t i = 0; i <= VERSIONS; i++)
        pn_served_clear(&run.served[i]);
    pn_buffer_free(&run.merged);
    return status;
}

extern const struct pn_verb pn_verb_merge;
const struct pn_verb pn_verb_merge = {
    .name = "merge",
    .operands = "BASE OURS THEIRS",
    .summary = "Merge policies by what they decide, as a driver of git.",
    .options = &(const struct pn_option_table){ rows, PN_COUNT_OF(rows) },
    .run = verb_merge,
};
