/*
 * check: the line of a list that decides. An image holds no lines of lists, so that the
 * source is loaded once more, when a rule is asked about whose target may be a list.
 */
#include <string.h>

#include "compiler/listed.h"
#include "tools/check.h"

/* A set or a list is among the targets, as they are written. */
static bool
may_be_listed(const struct pn_check *check, const struct pn_answer *answer)
{
    struct postern_str target = answer->target;

    return check->file.source.text && target.ptr &&
           pn_dialect_of(&check->file.source, NULL) == PN_EXTENDED &&
           answer->decision.step <= POSTERN_STEP_PREFIX &&
           (memchr(target.ptr, '$', target.len) || memchr(target.ptr, '"', target.len));
}

static bool
program_load(struct pn_check *check)
{
    const struct pn_policy_options options = { .as_of = check->common.as_of,
                                               .keep_lists = true };
    struct pn_reading reading = check->file.reading;
    struct pn_diags diags = { 0 }; /* reported already */
    enum pn_compile_result result;

    if (!reading.read)
        reading = PN_READING_FILES;
    result = pn_loaded_policy_load_by(&check->listed, &check->file.source, NULL,
                                      &options, &diags, reading);
    pn_diags_clear(&diags);
    return result == PN_COMPILE_OK;
}

void
pn_check_entry(struct pn_check *check, const struct postern_query *query,
               struct pn_answer *answer)
{
    const struct pn_policy *policy = &check->listed.policy;
    uint32_t rule = answer->decision.rule;
    struct pn_listed_entry entry;
    struct pn_str ident = { NULL, 0 }, text;

    if (rule == POSTERN_RULE_NONE || !may_be_listed(check, answer) ||
        !program_load(check))
        return;
    if (answer->decision.ident_rule)
        ident = (struct pn_str){ query->ident.ptr, query->ident.len };
    /* files may have changed since they were compiled */
    if (rule >= policy->count || policy->rules[rule].line != answer->line ||
        !pn_policy_listed(&check->listed.policy, rule, ident, &query->remote, &entry))
        return;
    text = pn_source_slice(&entry.list->source, entry.at);
    answer->entry = (struct postern_str){ text.ptr, text.len };
    answer->list = (struct postern_str){ entry.list->path, strlen(entry.list->path) };
    answer->entry_line = pn_source_position(&entry.list->source, entry.at.offset).line;
}
