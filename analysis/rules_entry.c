/* The source is loaded once more, when the target of the rule may be a list. */
#include "analysis/rules_entry.h"

#include <string.h>

#include "compiler/listed.h"

/* A set or a list is among the targets, as they are written. */
static bool
may_be_listed(const struct pn_rules_file *file, const struct pn_answer *answer)
{
    struct postern_str target = answer->target;

    return file->source.text && target.ptr &&
           pn_dialect_of(&file->source, NULL) == PN_EXTENDED &&
           answer->decision.step <= POSTERN_STEP_PREFIX &&
           (memchr(target.ptr, '$', target.len) || memchr(target.ptr, '"', target.len));
}

enum pn_compile_result
pn_rules_lists_load(struct pn_rules_lists *lists, const struct pn_rules_file *file,
                    uint32_t as_of)
{
    const struct pn_policy_options options = { .as_of = as_of, .keep_lists = true };
    struct pn_reading reading = file->reading;
    struct pn_diags diags = { 0 }; /* reported already */

    if (lists->is_loaded)
        return lists->result;
    if (!reading.read)
        reading = PN_READING_FILES;
    lists->result = pn_loaded_policy_load_by(&lists->loaded, &file->source, NULL,
                                             &options, &diags, reading);
    lists->is_loaded =
        lists->result == PN_COMPILE_OK || lists->result == PN_COMPILE_REFUSED;
    if (!lists->is_loaded) /* another time there may be memory */
        pn_loaded_policy_clear(&lists->loaded);
    pn_diags_clear(&diags);
    return lists->result;
}

void
pn_rules_file_entry(const struct pn_rules_file *file, uint32_t as_of,
                    struct pn_rules_lists *lists, const struct postern_query *query,
                    struct pn_answer *answer)
{
    struct pn_policy *policy = &lists->loaded.policy;
    uint32_t rule = answer->decision.rule;
    struct pn_listed_entry entry;
    struct pn_str ident = { NULL, 0 }, text;

    if (rule == POSTERN_RULE_NONE || !may_be_listed(file, answer) ||
        pn_rules_lists_load(lists, file, as_of) != PN_COMPILE_OK)
        return;
    if (answer->decision.ident_rule)
        ident = (struct pn_str){ query->ident.ptr, query->ident.len };
    /* files may have changed since they were compiled */
    if (rule >= policy->count || policy->rules[rule].line != answer->line ||
        !pn_policy_listed(policy, rule, ident, &query->remote, &entry))
        return;
    text = pn_source_slice(&entry.list->source, entry.at);
    answer->entry = (struct postern_str){ text.ptr, text.len };
    answer->list = (struct postern_str){ entry.list->path, strlen(entry.list->path) };
    answer->entry_line = pn_source_position(&entry.list->source, entry.at.offset).line;
}

void
pn_rules_lists_clear(struct pn_rules_lists *lists)
{
    if (lists->is_loaded)
        pn_loaded_policy_clear(&lists->loaded);
    *lists = (struct pn_rules_lists){ 0 };
}
