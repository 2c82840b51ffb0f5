/* A rule at a time: its targets into the space, its settings into the text. */
#include "compiler/policy_build.h"

#include <stdlib.h>
#include <string.h>

#include "base/vector.h"
#include "compiler/classic_rule.h"
#include "compiler/env_item.h"
#include "compiler/gather.h"
#include "compiler/policy_targets.h"
#include "compiler/policy_work.h"
#include "grammar/plain.h"

static uint32_t
line_of(struct pn_policy_work *work, const struct pn_node *node)
{
    const struct pn_source *source = pn_unit_source(work->unit, work->file);
    uint32_t offset = pn_policy_span(work, node).offset;
    size_t line = work->line;

    if (line >= source->line_count || source->line_starts[line] > offset)
        line = pn_source_position(source, offset).line - 1; /* another file */
    while (line + 1 < source->line_count && source->line_starts[line + 1] <= offset)
        line++;
    work->line = line;
    return (uint32_t)line + 1;
}

static bool
node_keep(struct pn_policy *policy, struct pn_rule_node **list, size_t *capacity,
          size_t count, struct pn_rule_node node)
{
    if (!pn_vector_reserve(list, capacity, count + 1, sizeof(**list))) {
        policy->failed = true;
        return false;
    }
    (*list)[count] = node;
    return true;
}

static void
rule_keep(struct pn_policy_work *work, const struct pn_policy_rule *rule)
{
    struct pn_policy *policy = work->policy;

    if (!pn_vector_reserve(&policy->rules, &policy->capacity, policy->count + 1,
                           sizeof(*rule)))
        policy->failed = true;
    else if (work->unit->parsing.detail == PN_DETAIL_RUNS ||
             node_keep(policy, &policy->nodes, &policy->node_capacity, policy->count,
                       (struct pn_rule_node){ work->node, work->file }))
        policy->rules[policy->count++] = *rule;
}

/* Of what is allowed: a denial starts nothing. */
static void
env_check(const struct pn_policy_work *work, const struct pn_policy_rule *rule)
{
    const struct pn_buffer *text = &work->policy->text;
    enum pn_diag_id id;

    if (text->failed || text->size == rule->env || rule->verdict != POSTERN_ALLOW)
        return;
    id = pn_env_items_fault(text->bytes + rule->env, text->size - rule->env);
    if (id != PN_DIAG_NONE)
        pn_policy_report(work, id, pn_policy_span(work, work->node));
}

/*
 * Equal environments are in the text once: the one that was added last, at its end.
 * True when it is new, and stays there.
 */
static bool
env_share(struct pn_policy *policy, struct pn_policy_rule *rule)
{
    size_t before = policy->envs.count;
    uint32_t number;

    rule->env_size = (uint32_t)policy->text.size - rule->env;
    if (!rule->env_size || policy->text.failed)
        return false;
    if (!pn_intern_add(&policy->envs, policy->text.bytes + rule->env, rule->env_size,
                       &number) ||
        !pn_vector_reserve(&policy->env_at, &policy->env_capacity, policy->envs.count,
                           sizeof(*policy->env_at))) {
        policy->failed = true;
        return false;
    }
    if (number == before) {
        policy->env_at[number] = rule->env;
        return true;
    }
    policy->text.size = rule->env;
    rule->env = policy->env_at[number];
    return false;
}

/* Of a rule that allows: elsewhere they are looked at, and mean nothing. */
static void
penalties_add(struct pn_policy_work *work, const struct pn_terms_place *place,
              const struct pn_policy_rule *rule)
{
    struct pn_policy *policy = work->policy;
    struct pn_penalty penalties[PN_PENALTIES_MAX];
    size_t count = pn_penalties_read(place, penalties);

    if (!count || rule->verdict != POSTERN_ALLOW)
        return;
    if (!pn_vector_reserve(&policy->penalties, &policy->penalty_capacity,
                           policy->penalty_count + count, sizeof(*penalties))) {
        policy->failed = true;
        return;
    }
    for (size_t i = 0; i < count; i++) {
        penalties[i].columns[PN_PENALTY_TERMS] = rule->terms;
        policy->penalties[policy->penalty_count++] = penalties[i];
    }
}

static void
terms_add(struct pn_policy_work *work, struct pn_policy_rule *rule)
{
    struct pn_policy *policy = work->policy;
    struct pn_terms_place place = { pn_policy_tree(work), work->node,
                                    work->unit->diags };
    struct pn_terms terms[PN_LIMITS_MAX];
    size_t count = pn_terms_read(&place, &policy->text, terms);

    rule->terms = PN_TERMS_NONE;
    if (!count)
        return;
    if (pn_vector_reserve(&policy->terms, &policy->term_capacity,
                          policy->term_count + count, sizeof(*terms))) {
        rule->terms = (uint32_t)policy->term_count;
        memcpy(policy->terms + policy->term_count, terms, count * sizeof(*terms));
        policy->term_count += count;
        penalties_add(work, &place, rule);
    } else {
        policy->failed = true;
    }
}

/* A rule is meant for the whole of its last day. */
static bool
is_expired(const struct pn_policy_work *work, const struct pn_policy_rule *rule)
{
    uint32_t until = 0;

    if (rule->terms != PN_TERMS_NONE)
        until = work->policy->terms[rule->terms].columns[PN_TERM_UNTIL_DATE];
    return until && until < work->options->as_of;
}

/* Is the space to hold the rule that comes next? */
static bool
is_wanted(const struct pn_policy_work *work)
{
    const struct pn_policy_options *o = work->options;

    return !o->only || work->policy->count == o->rule ||
           (o->and_before && work->policy->count < o->rule);
}

/* The variables of a rule, behind its targets; false when it has expired. */
static bool
settings_add(struct pn_policy_work *work, struct pn_policy_rule *rule)
{
    bool is_own;

    work->rule = rule;
    is_own = pn_policy_settings_add(work);
    if (is_own)
        env_check(work, rule);
    if (is_expired(work, rule))
        return false;
    if (is_own)
        pn_policy_settings_keep(work, env_share(work->policy, rule));
    return true;
}

static void
rule_add(struct pn_policy_work *work, struct pn_policy_rule rule)
{
    struct pn_buffer *text = &work->policy->text;
    const struct pn_node *first = work->node->children.head;
    size_t before = text->size, terms = work->policy->term_count;
    size_t penalties = work->policy->penalty_count;
    bool is_bare = !first->next && first->kind == PN_NODE_TARGET;

    rule.verdict = work->node->action == PN_ALLOW ? POSTERN_ALLOW : POSTERN_DENY;
    rule.block = work->node->action == PN_BLOCK;
    rule.line = line_of(work, first);
    rule.terms = PN_TERMS_NONE;
    if (!is_bare)
        terms_add(work, &rule);
    rule.target = (uint32_t)text->size;
    pn_policy_targets_text(work, first);
    rule.env = (uint32_t)text->size;
    rule.target_size = rule.env - rule.target;
    if (!is_bare && !settings_add(work, &rule)) { /* nothing stays to be shared */
        text->size = before;
        work->policy->term_count = terms;
        work->policy->penalty_count = penalties;
        return;
    }
    if (is_wanted(work))
        pn_policy_targets_add(work);
    rule_keep(work, &rule);
}

static void
classic_add(struct pn_policy_work *work, struct pn_policy_rule rule)
{
    struct pn_classic_place place = { .tree = pn_policy_tree(work),
                                      .rule = work->node,
                                      .diags = work->unit->diags,
                                      .number = pn_policy_number(work, work->node),
                                      .is_root = work->file == 0 };

    rule.line = line_of(work, work->node);
    rule.terms = PN_TERMS_NONE;
    pn_classic_rule_add(&place, is_wanted(work) ? work->space : NULL,
                        &work->policy->text, &rule);
    env_check(work, &rule);
    (void)env_share(work->policy, &rule); /* new or not, it is its own */
    rule_keep(work, &rule);
}

/* The rules of a run, each with nodes for the time that it takes. */
static void
run_add(struct pn_policy_work *work, const struct pn_policy_rule *rule)
{
    struct pn_tree *tree = &work->unit->files[work->file]->tree;
    struct pn_span span = pn_tree_span(tree, work->node->range);
    struct pn_plain_rule plain = { .end = span.offset };
    struct pn_plain_nodes nodes;

    work->node = &nodes.rule;
    while (plain.end < span.offset + span.size && !work->policy->failed &&
           pn_plain_read(tree->source, plain.end, &plain)) {
        pn_plain_nodes(tree, &plain, &nodes);
        rule_add(work, *rule);
    }
}

static void
assertion_keep(struct pn_policy_work *work)
{
    struct pn_policy *policy = work->policy;

    if (node_keep(policy, &policy->assertions, &policy->assertion_capacity,
                  policy->assertion_count,
                  (struct pn_rule_node){ work->node, work->file }))
        policy->assertion_count++;
}

static void
statement_add(struct pn_policy_work *work, const struct pn_policy_rule *rule)
{
    const struct pn_file *file = work->unit->files[work->file];

    if (work->node->kind == PN_NODE_EXPECT || work->node->kind == PN_NODE_ALWAYS)
        assertion_keep(work);
    else if (work->node->kind != PN_NODE_RULE && work->node->kind != PN_NODE_PLAINS)
        return;
    else if (file->is_test)
        pn_policy_report(work, PN_DIAG_TEST_RULE, pn_policy_span(work, work->node));
    else if (work->node->kind == PN_NODE_PLAINS)
        run_add(work, rule);
    else if (file->dialect == PN_EXTENDED)
        rule_add(work, *rule);
    else
        classic_add(work, *rule);
}

/* The name of a file, for the rules that come next. */
static uint32_t
file_name_add(struct pn_policy *policy, const char *name)
{
    struct pn_span at = { (uint32_t)policy->text.size, (uint32_t)strlen(name) };

    pn_buffer_add(&policy->text, name, at.size);
    if (!pn_vector_add(&policy->files, &policy->file_count, &policy->file_capacity, &at,
                       sizeof(at))) {
        policy->failed = true;
        return 0;
    }
    return (uint32_t)policy->file_count - 1;
}

/* The rules of a file, and where it includes another those of that one. */
static void
file_add(struct pn_policy_work *work, uint32_t number)
{
    const struct pn_file *file = work->unit->files[number];
    struct pn_policy_rule rule = { 0 };
    size_t include = 0;

    if (!file->tree.file)
        return;
    rule.file = file_name_add(work->policy, file->source.name);
    for (const struct pn_node *n = file->tree.file->children.head; n; n = n->next) {
        work->file = number;
        work->node = n;
        if (work->policy->space.failed || work->policy->failed)
            return;
        if (include < file->include_count && file->includes[include].node == n)
            file_add(work, file->includes[include++].file);
        else
            statement_add(work, &rule);
    }
}

static void
headers_check(struct pn_unit *unit)
{
    struct pn_header header;

    for (uint32_t i = 0; i < unit->count; i++)
        if (pn_dialect_of(pn_unit_source(unit, i), &header) == PN_EXTENDED &&
            (header.version.len != 1 || header.version.ptr[0] != '1'))
            pn_diags_add(unit->diags, PN_DIAG_BAD_VERSION, pn_unit_source(unit, i),
                         header.span);
}

/*
 * An extended policy says itself what happens to everybody else. A classic file that is
 * looked at as a policy allows them: a rule that stands nowhere, of a file without a
 * line.
 */
static void
default_check(struct pn_policy_work *work)
{
    struct pn_policy *policy = work->policy;
    const struct pn_source *root = pn_unit_source(work->unit, 0);
    struct pn_policy_rule nobody = { .verdict = POSTERN_ALLOW, .terms = PN_TERMS_NONE };

    if (work->options->only || work->unit->failed ||
        (work->unit->diags->errors && !work->options->by_target) ||
        policy->space.groups[PN_GROUP_NO_IDENT].fallback != PN_RULE_NONE)
        return;
    if (work->unit->files[0]->dialect == PN_EXTENDED) {
        if (!work->unit->diags->errors)
            pn_diags_add(work->unit->diags, PN_DIAG_NO_DEFAULT, root,
                         (struct pn_span){ (uint32_t)root->size, 0 });
        if (!work->options->by_target)
            return;
    }
    pn_space_add_fallback(&policy->space, PN_GROUP_NO_IDENT,
                          pn_policy_number(work, NULL));
    nobody.file = file_name_add(policy, root->name);
    work->node = NULL;
    rule_keep(work, &nobody);
}

/* What nothing uses is looked at too: it may be wrong. */
static void
definitions_check(struct pn_policy_work *work)
{
    struct pn_names *names = work->names;
    size_t before = work->policy->text.size;

    for (size_t i = 0;
         i < names->intern.count && !work->space->failed && !work->policy->failed;
         i++) {
        const struct pn_definition *d = &names->items[i];

        if (d->node->kind != PN_NODE_ENV || d->used)
            continue;
        work->file = d->file;
        pn_policy_group_check(work, (uint32_t)i);
        work->policy->text.size = before;
    }
    pn_sets_finish(names);
}

/* The root and what it includes, and then the files of tests beside it. */
static void
files_add(struct pn_policy_work *work)
{
    for (uint32_t i = 0; i < work->unit->count; i++)
        if (i == 0 ||
            (work->unit->files[i]->is_test && work->unit->files[i]->parent == i))
            file_add(work, i);
}

void
pn_policy_build(struct pn_policy *policy, struct pn_unit *unit,
                const struct pn_policy_options *options)
{
    static const struct pn_policy_options none = { 0 };
    struct pn_policy_work work = { .policy = policy,
                                   .unit = unit,
                                   .options = options ? options : &none,
                                   .names = &policy->names,
                                   .space = &policy->space };

    *policy = (struct pn_policy){ .failed = !unit->count };
    pn_space_begin(&policy->space);
    if (policy->failed || policy->space.failed) {
        policy->failed = true;
        return;
    }
    policy->space.keeps_equal = work.options->keep_equal;
    headers_check(unit);
    policy->names.lists.keep = work.options->by_target || work.options->keep_lists;
    policy->names.lists.kept = work.options->kept_lists;
    policy->names.lists.refuses = work.options->bounded;
    pn_names_collect(&policy->names, unit, &policy->space);
    policy->failed = !pn_env_groups_begin(&work.groups, &work);
    files_add(&work);
    definitions_check(&work);
    default_check(&work);
    policy->names.work.limit = 0; /* later questions report nothing */
    policy->is_partial = work.groups.work.spent || policy->names.work.spent;
    policy->failed |= work.groups.text.failed;
    pn_env_groups_clear(&work.groups);
    pn_shapes_clear(&work.shapes);
    pn_space_finish(&policy->space);
    policy->failed |= policy->text.failed || policy->names.scratch.failed ||
                      policy->names.pool.failed || policy->space.failed || unit->failed;
}
