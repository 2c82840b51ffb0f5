/* Both sources once more, with all that they claim. */
#define _GNU_SOURCE /* memmem */
#include "tools/diff_assertions.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/files.h"
#include "base/sizes.h"
#include "tools/test_name.h"

/* Most policies claim nothing; those need not be read again. */
static bool
may_assertion(const struct pn_source *source)
{
    static const char *const words[] = { "expect", "always", "include" };

    for (size_t i = 0; i < PN_COUNT_OF(words); i++)
        if (source->size &&
            memmem(source->text, source->size, words[i], strlen(words[i])))
            return true;
    return false;
}

static enum pn_compile_result
load(struct pn_loaded_policy *loaded, const struct pn_rules_file *file,
     const char *tests, uint32_t as_of)
{
    const struct pn_policy_options options = { .as_of = as_of };
    struct pn_reading reading = file->reading.read ? file->reading : PN_READING_FILES;
    struct pn_diags diags = { 0 };
    enum pn_compile_result result;

    result = pn_loaded_policy_load_by(loaded, &file->source, tests, &options, &diags,
                                      reading);
    pn_diags_clear(&diags);
    return result;
}

/* Is there a file of tests, where the source is read from? */
static bool
is_there(const struct pn_rules_file *file, const char *tests)
{
    struct pn_reading reading = file->reading.read ? file->reading : PN_READING_FILES;
    struct pn_source source = { 0 };
    bool there = reading.read(reading.payload, tests, PN_SOURCE_SIZE_MAX, &source);

    pn_source_clear(&source);
    return there;
}

/* The files of tests. The new one's count; the old one's where the new source has some,
 * or is another version of the same file: else they are not of what is compared. */
static int
tests_find(struct pn_diff_assertions *c, struct pn_tool *tool,
           const struct pn_rules_pair *pair)
{
    const struct pn_rules_file *files = pair->files;
    bool there[2] = { false, false };
    int status = PN_EXIT_OK;

    for (size_t i = 0; i < 2; i++)
        if (pn_name_ends_in(files[i].name, PN_RULES_END)) {
            c->tests[i] = pn_name_renamed(files[i].name, PN_RULES_END, PN_TESTS_END);
            there[i] = c->tests[i] && is_there(&files[i], c->tests[i]);
            if (c->tests[i] && !there[i] && pn_files_is_outside(errno) && !status)
                status = pn_tool_fail_system(tool, PN_EXIT_USAGE, c->tests[i]);
        }
    if (strcmp(pn_git_base(files[0].name), pn_git_base(files[1].name)) != 0)
        there[0] &= there[1];
    for (size_t i = 0; i < 2; i++)
        if (!there[i]) {
            free(c->tests[i]);
            c->tests[i] = NULL;
        }
    return status;
}

static int
program_make(struct pn_diff_assertions *c, size_t side, struct pn_tool *tool,
             const struct pn_rules_file *file, uint32_t as_of)
{
    struct pn_loaded_policy *loaded = &c->loaded[side];
    const char *tests = c->tests[side];
    enum pn_compile_result result = PN_COMPILE_OK;

    if (tests || may_assertion(&file->source))
        result = load(loaded, file, tests, as_of);
    if (tests && (result == PN_COMPILE_REFUSED || result == PN_COMPILE_READ)) {
        pn_tool_failf(tool, 0, "%s has an error: its claims are not compared", tests);
        pn_loaded_policy_clear(loaded);
        result = load(loaded, file, NULL, as_of);
    }
    if (result == PN_COMPILE_OK)
        return PN_EXIT_OK;
    if (result == PN_COMPILE_MEMORY)
        return pn_tool_fail_memory(tool, file->name);
    return pn_tool_fail_system(tool, PN_EXIT_SYSTEM, file->name);
}

static bool
lines_make(struct pn_diff_assertions *c)
{
    static const char *const fates[] = {
        [PN_ASSERTION_REMOVED] = "removed", [PN_ASSERTION_WEAKENED] = "weakened"
    };
    const struct pn_unit *unit = &c->loaded[0].unit;

    c->lines = calloc(c->changes.count + 1, sizeof(*c->lines));
    for (size_t i = 0; c->lines && i < c->changes.count; i++) {
        const struct pn_assertion *s = c->changes.items[i].assertion;
        const struct pn_source *source = pn_unit_source(unit, s->at.file);

        c->lines[i] = (struct pn_assertion_line){
            .change = fates[c->changes.items[i].kind],
            .kind = s->at.node->kind == PN_NODE_ALWAYS ? "always" : "expect",
            .file = source->name,
            .line = s->line,
            .text = pn_source_slice(source, pn_assertion_span(unit, s)),
        };
    }
    return c->lines != NULL;
}

int
pn_diff_assertions_find(struct pn_diff_assertions *out, struct pn_tool *tool,
                        const struct pn_rules_pair *pair, uint32_t as_of)
{
    int status = PN_EXIT_OK;

    *out = (struct pn_diff_assertions){ 0 };
    if (!pair->files[0].source.text || !pair->files[1].source.text)
        return PN_EXIT_OK;
    status = tests_find(out, tool, pair);
    for (size_t i = 0; i < 2 && status == PN_EXIT_OK; i++)
        if (!i || out->loaded[0].assertions.count)
            status = program_make(out, i, tool, &pair->files[i], as_of);
    if (status == PN_EXIT_OK &&
        (!pn_assertions_compare(&out->loaded[0], &out->loaded[1], &out->changes) ||
         !lines_make(out))) {
        status = pn_tool_fail_memory(tool, pair->files[0].name);
    }
    return status;
}

void
pn_diff_assertions_clear(struct pn_diff_assertions *assertions)
{
    free(assertions->lines);
    pn_assertion_changes_clear(&assertions->changes);
    for (size_t i = 0; i < 2; i++) {
        pn_loaded_policy_clear(&assertions->loaded[i]);
        free(assertions->tests[i]);
    }
}
