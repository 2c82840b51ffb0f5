/* Loads the policy, surveys it, and runs the passes. */
#include "analysis/lint/lint.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/classes.h"
#include "analysis/lint/list_dependence.h"
#include "analysis/lint/passes.h"
#include "analysis/lint/walk.h"
#include "analysis/survey_build.h"
#include "base/memory.h"

/* Checks without a pass are reported by ignores.c and by tools/. */
void
pn_lint_none(struct pn_lint *lint)
{
    (void)lint;
}

size_t
pn_lint_passes(pn_lint_pass_fn out[PN_CHECK_NONE])
{
    static const pn_lint_pass_fn of_checks[PN_CHECK_NONE] = {
#define X(id, code, name, severity, dialects, fix, removes, family, text) \
    pn_lint_##family,
#include "analysis/lint/checks.def"
#undef X
    };
    size_t count = 0;

    for (size_t c = 0; c < PN_CHECK_NONE; c++) {
        size_t k = 0;

        while (k < count && out[k] != of_checks[c])
            k++;
        if (k == count && of_checks[c] != pn_lint_none)
            out[count++] = of_checks[c];
    }
    return count;
}

/* A default that is missing through an error elsewhere has a class of its own, which no
 * rule has: then nothing is called redundant beside it. */
#define CLASS_OF_MISSING_DEFAULT (PN_CLASS_MIXED - 1)

static void
missing_default(struct pn_lint *lint)
{
    uint32_t fallback = lint->policy->space.groups[PN_GROUP_NO_IDENT].fallback;

    if (fallback != PN_RULE_NONE && !pn_lint_is_written(lint, fallback) &&
        lint->unit->files[0]->dialect == PN_EXTENDED)
        lint->classes[lint->policy->items[fallback].rule] = CLASS_OF_MISSING_DEFAULT;
}

static bool
surveys_make(struct pn_lint *lint)
{
    static const struct pn_profile all = { 0 };
    const struct pn_profile *profile = &lint->options->profile;

    lint->classes = pn_classes_of(lint->policy);
    if (!lint->classes)
        return false;
    missing_default(lint);
    pn_survey_make(&lint->survey, lint->policy, lint->classes, profile,
                   lint->options->work);
    lint->has_full =
        profile->no_host || profile->no_ident || profile->no_v4 || profile->no_v6;
    if (lint->has_full)
        pn_survey_make(&lint->full, lint->policy, lint->classes, &all,
                       lint->options->work);
    return !lint->survey.failed && !lint->full.failed &&
           pn_entries_make(&lint->entries, &lint->policy->space,
                           lint->policy->item_count);
}

static int
by_rule(const void *left, const void *right)
{
    const struct pn_duplicate *a = left, *b = right;

    if (a->rule != b->rule)
        return a->rule < b->rule ? -1 : 1;
    return (a->first > b->first) - (a->first < b->first);
}

/* Copies and sorts the duplicates; those of the space are in no order. */
static bool
duplicates_sort(struct pn_lint *lint)
{
    const struct pn_space *space = &lint->policy->space;

    lint->duplicates =
        pn_malloc((space->duplicate_count + 1) * sizeof(*lint->duplicates));
    if (!lint->duplicates)
        return false;
    lint->duplicate_count = space->duplicate_count;
    if (!lint->duplicate_count)
        return true;
    memcpy(lint->duplicates, space->duplicates,
           lint->duplicate_count * sizeof(*lint->duplicates));
    qsort(lint->duplicates, lint->duplicate_count, sizeof(*lint->duplicates), by_rule);
    return true;
}

bool
pn_lint_begin(struct pn_lint *lint, const struct pn_source *root, const char *tests)
{
    const struct pn_lint_options *o = lint->options;
    const struct pn_policy_options policy_options = { .by_target = true,
                                                      .kept_lists = o->kept_lists,
                                                      .kept_files = o->kept_files };
    enum pn_compile_result result;

    result = pn_loaded_policy_load_by(lint->loaded, root, tests, &policy_options,
                                      lint->diags, lint->options->reading);
    if (result == PN_COMPILE_READ)
        lint->tests_error = errno;
    lint->unit = &lint->loaded->unit;
    lint->policy = &lint->loaded->policy;
    lint->first_finding = lint->report->count;
    for (size_t i = 0; i < lint->unit->count; i++)
        lint->has_classic |= lint->unit->files[i]->dialect == PN_CLASSIC;
    lint->failed = result == PN_COMPILE_MEMORY || result == PN_COMPILE_READ;
    if (lint->policy->is_partial) { /* nothing is known of the rest */
        pn_lint_lines(lint);
        return false;
    }
    lint->failed = lint->failed || !surveys_make(lint) || !duplicates_sort(lint) ||
                   !pn_lint_count_uses(lint) ||
                   !pn_list_dependence_make(lint, root, tests);
    return !lint->failed;
}

/* Once a file, at its first line, when a finding of any pass depends on the flags. */
static void
profile_unknown(struct pn_lint *lint)
{
    struct pn_finding *f;

    if (!lint->assumes_all || lint->options->profile_known)
        return;
    f = pn_lint_add_span(lint, PN_CHECK_PROFILE_UNKNOWN, 0, (struct pn_span){ 0, 0 });
    if (f)
        f->help = pn_report_format(lint->report, "give the server's flags, or its run "
                                                 "script, with --server");
}

bool
pn_lint_end(struct pn_lint *lint)
{
    struct pn_report *report = lint->report;

    profile_unknown(lint);
    for (size_t i = 0; i < lint->policy->count; i++)
        report->rules += lint->policy->nodes[i].node != NULL;
    report->files++;
    pn_report_hide(report, lint->first_finding);
    pn_list_dependence_clear(lint);
    pn_survey_clear(&lint->survey);
    pn_survey_clear(&lint->full);
    pn_entries_clear(&lint->entries);
    pn_free(lint->duplicates);
    pn_free(lint->use_counts);
    pn_free(lint->classes);
    errno = lint->tests_error ? lint->tests_error : ENOMEM;
    return !lint->failed && !report->failed;
}

bool
pn_lint_run(const struct pn_lint_options *options, const struct pn_source *root,
            const char *tests, struct pn_loaded_policy *loaded, struct pn_diags *diags,
            struct pn_report *report)
{
    struct pn_lint lint = {
        .options = options, .report = report, .loaded = loaded, .diags = diags
    };
    pn_lint_pass_fn passes[PN_CHECK_NONE];

    bool good = pn_lint_begin(&lint, root, tests);

    if (good && lint.unit->files[0]->is_foreign)
        pn_lint_lines(&lint); /* nothing else is true of what is no rule file */
    else if (good)
        for (size_t i = 0, count = pn_lint_passes(passes); i < count; i++)
            passes[i](&lint);
    if (good && options->look && !lint.failed)
        options->look(options->look_payload, &lint);
    return pn_lint_end(&lint);
}
