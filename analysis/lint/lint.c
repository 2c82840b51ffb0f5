/* The passes, in the order of the catalogue. Each looks at what those before it made.
 */
#include "analysis/lint/lint.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/classes.h"
#include "analysis/lint/rests.h"
#include "base/sizes.h"

/* What changes nothing today may change something beside a rule that could not be read:
 * that is said of whole policies alone. What no client reaches none more will reach. */
static const struct {
    void (*run)(struct pn_lint *lint);
    bool whole;
} passes[] = {
    { pn_lint_lines, false },       { pn_lint_keys, false },
    { pn_lint_reach, false },       { pn_lint_redundancy, true },
    { pn_lint_surprises, false },   { pn_lint_security, false },
    { pn_lint_environment, false }, { pn_lint_form, false },
    { pn_lint_definitions, false },
};

/* No rule has the outcome of a default that is missing through an error elsewhere. */
static void
missing_default(struct pn_lint *lint)
{
    uint32_t fallback = lint->policy->space.groups[PN_GROUP_NO_IDENT].fallback;

    if (fallback != PN_NATIVE_NONE && !pn_lint_is_written(lint, fallback) &&
        lint->unit->files[0]->dialect == PN_EXTENDED)
        lint->classes[lint->policy->items[fallback].rule] = PN_CLASS_MIXED - 1;
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

bool
pn_lint_run(const struct pn_lint_options *options, const struct pn_source *root,
            const char *tests, struct pn_loaded_policy *loaded, struct pn_diags *diags,
            struct pn_report *report)
{
    struct pn_policy_options policy_options = { .by_target = true };
    struct pn_lint lint = { .options = options,
                            .report = report,
                            .loaded = loaded,
                            .unit = &loaded->unit,
                            .policy = &loaded->policy,
                            .diags = diags };
    enum pn_compile_result result = pn_loaded_policy_load_by(
        loaded, root, tests, &policy_options, diags, options->reading);
    bool good = result != PN_COMPILE_MEMORY && result != PN_COMPILE_READ;
    size_t first = report->count;

    for (size_t i = 0; i < loaded->unit.count; i++)
        lint.has_classic |= loaded->unit.files[i]->dialect == PN_CLASSIC;
    if (loaded->policy.is_partial) /* of the rest nothing is known */
        pn_lint_lines(&lint);
    else if (good)
        good = surveys_make(&lint) && pn_lint_count_uses(&lint) &&
               pn_rests_make(&lint, root, tests);
    for (size_t i = 0; i < PN_COUNT_OF(passes) && good && !loaded->policy.is_partial;
         i++)
        if (!passes[i].whole || !diags->errors)
            passes[i].run(&lint);
    for (size_t i = 0; i < loaded->policy.count; i++)
        report->rules += loaded->policy.nodes[i].node != NULL;
    report->files++;
    pn_report_hide(report, first);
    pn_rests_clear(&lint);
    pn_survey_clear(&lint.survey);
    pn_survey_clear(&lint.full);
    pn_entries_clear(&lint.entries);
    free(lint.use_counts);
    free(lint.classes);
    return good && !lint.failed && !report->failed;
}
