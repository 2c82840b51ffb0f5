/* A rule at a time: its targets into the space, its settings into the text. */
#include "compiler/policy.h"

#include <stdlib.h>
#include <string.h>

#include "base/vector.h"
#include "compiler/classic_rule.h"
#include "compiler/env_item.h"

/* What rules are built with. */
struct work {
    struct pn_policy *policy;
    struct pn_unit *unit;
    const struct pn_policy_options *options;
    struct pn_names *names;
    struct pn_space *space;      /* where the targets go */
    uint32_t file;               /* the one at hand, */
    const struct pn_node *node;  /* the rule, */
    struct pn_policy_rule *rule; /* and what becomes of it */
    int ident;                   /* have this rule's targets one? -1 before the first */
    struct pn_buffer ident_text;
};

static const struct pn_tree *
tree_of(const struct work *work)
{
    return &work->unit->files[work->file]->tree;
}

static void
complain(const struct work *work, enum pn_diag_id id, struct pn_span span)
{
    pn_diags_add(work->unit->diags, id, &work->unit->files[work->file]->source, span);
}

static struct pn_span
node_span(const struct work *work, const struct pn_node *node)
{
    return pn_token_span(tree_of(work)->tokens[node->token]);
}

static uint32_t
line_of(const struct work *work, const struct pn_node *node)
{
    const struct pn_source *source = &work->unit->files[work->file]->source;

    return (uint32_t)pn_source_position(source, node_span(work, node).offset).line;
}

/* The targets as their author spelt them, with a comma and a blank between. */
static void
targets_text(const struct work *work, const struct pn_node *nodes)
{
    struct pn_buffer *text = &work->policy->text;

    for (const struct pn_node *n = nodes; n; n = n->next) {
        struct pn_span span;
        struct pn_str word;

        if (n->kind != PN_NODE_TARGET && n->kind != PN_NODE_LIST &&
            n->kind != PN_NODE_EXCEPT)
            return;
        if (n != nodes)
            pn_buffer_add_text(text, n->kind == PN_NODE_EXCEPT ? " except " : ", ");
        if (n->kind == PN_NODE_EXCEPT) {
            targets_text(work, n->children.head);
            continue;
        }
        span = pn_tree_span(tree_of(work), n->range);
        word = pn_source_slice(&work->unit->files[work->file]->source, span);
        pn_buffer_add(text, word.ptr, word.len);
    }
}

static enum pn_diag_id
accept_in_rule(void *payload, const struct pn_target *target)
{
    struct work *work = payload;
    int before = work->ident;

    work->ident = target->has_ident;
    if (work->node->action == PN_BLOCK &&
        (target->has_ident || target->kind == PN_TARGET_DEFAULT))
        return PN_DIAG_BLOCK_TARGET;
    if (before >= 0 && before != target->has_ident)
        return PN_DIAG_MIXED_IDENT;
    if (target->has_ident) {
        work->ident_text.size = 0;
        pn_buffer_add(&work->ident_text, target->ident.ptr, target->ident.len);
    }
    return PN_DIAG_COUNT;
}

static void
elements_emit(struct work *work, struct pn_elements *elements)
{
    struct pn_space *space = work->space;
    uint32_t group = PN_GROUP_NO_IDENT;

    if (work->node->action == PN_BLOCK)
        group = PN_GROUP_BLOCKS;
    else if (work->ident > 0)
        group = pn_space_group(space, work->ident_text.bytes, work->ident_text.size);
    for (size_t i = 0; i < elements->count && !space->failed; i++)
        pn_element_emit(&elements->items[i], &work->names->holes, space, group,
                        (uint32_t)work->policy->count);
}

/* Each target with an ident is of that ident only; so they are taken one by one. */
static void
targets_add(struct work *work)
{
    const struct pn_node *except = NULL;
    struct pn_node single[2];
    struct pn_elements elements = { 0 };
    struct pn_place place = {
        .file = work->file, .nodes = single, .accept = accept_in_rule, .payload = work
    };

    work->ident = -1;
    for (const struct pn_node *n = work->node->children.head; n; n = n->next)
        if (n->kind == PN_NODE_EXCEPT)
            except = n;
    for (const struct pn_node *n = work->node->children.head; n; n = n->next) {
        if (n->kind != PN_NODE_TARGET && n->kind != PN_NODE_LIST)
            continue;
        single[0] = *n;
        single[0].next = except ? &single[1] : NULL;
        if (except)
            single[1] = *except;
        single[1].next = NULL;
        elements.count = 0;
        pn_names_gather(work->names, &place, &elements);
        if (except && work->ident > 0)
            complain(work, PN_DIAG_EXCEPT_TARGET, node_span(work, n));
        else
            elements_emit(work, &elements);
    }
    free(elements.items);
}

/* Does the environment that this rule has so far set the name? */
static bool
is_set(const struct work *work, struct pn_str name)
{
    const struct pn_buffer *text = &work->policy->text;
    size_t at = work->rule->env;

    while (at < text->size) {
        const char *item = text->bytes + at + 1;
        size_t len = strlen(item);

        if (len > name.len && item[name.len] == '=' &&
            memcmp(item, name.ptr, name.len) == 0)
            return true;
        at += len + 2;
    }
    return false;
}

/* "+NAME=value" and a NUL, as in a classic record; `use` is what is told to be twice.
 */
static void
setting_add(struct work *work, uint32_t file, const struct pn_node *setting,
            struct pn_span use)
{
    const struct pn_tree *tree = &work->unit->files[file]->tree;
    struct pn_buffer *decoded = &work->names->scratch;
    struct pn_str name = pn_tree_name(tree, setting);
    struct pn_span value = pn_tree_behind(tree, setting);
    enum pn_diag_id id;

    if (is_set(work, name))
        complain(work, PN_DIAG_ENV_TWICE, use);
    decoded->size = 0;
    id = pn_literal_value(pn_source_slice(&work->unit->files[file]->source, value),
                          decoded);
    if (id == PN_DIAG_COUNT)
        (void)pn_env_item_add(&work->policy->text, name,
                              (struct pn_str){ decoded->bytes, decoded->size });
    else
        pn_diags_add(work->unit->diags, id, &work->unit->files[file]->source, value);
}

static void
group_add(struct work *work, uint32_t file, const struct pn_node *node,
          struct pn_span use);

/* The settings among nodes of a file; what is twice is told where the rule has it. */
static void
settings_add(struct work *work, uint32_t file, const struct pn_node *nodes,
             const struct pn_span *use)
{
    for (const struct pn_node *n = nodes; n; n = n->next) {
        struct pn_span span =
            use ? *use : pn_token_span(work->unit->files[file]->tree.tokens[n->token]);

        if (n->kind == PN_NODE_ASSIGN)
            setting_add(work, file, n, span);
        else if (n->kind == PN_NODE_GROUP)
            group_add(work, file, n, span);
    }
}

/* A group may hold groups: each is open while it is walked, so that none holds itself.
 */
static void
group_add(struct work *work, uint32_t file, const struct pn_node *node,
          struct pn_span use)
{
    const struct pn_tree *tree = &work->unit->files[file]->tree;
    struct pn_span span = pn_token_span(tree->tokens[node->token]);
    struct pn_str name = pn_source_slice(tree->source, span);
    struct pn_definition *group;
    enum pn_diag_id id = PN_DIAG_COUNT;

    name.ptr++; /* its $ */
    name.len--;
    group = pn_names_find(work->names, file, name, PN_NODE_ENV, span);
    if (!group)
        return;
    if (group->state == PN_NAME_OPEN)
        id = PN_DIAG_NAME_CYCLE;
    else if (work->names->depth >= PN_NAME_DEPTH_MAX)
        id = PN_DIAG_NAME_DEPTH;
    if (id != PN_DIAG_COUNT) {
        pn_diags_add(work->unit->diags, id, tree->source, span);
        return;
    }
    group->state = PN_NAME_OPEN;
    work->names->depth++;
    settings_add(work, group->file, group->node->children.head, &use);
    work->names->depth--;
    group->state = PN_NAME_NEW;
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
rule_keep(struct work *work, const struct pn_policy_rule *rule)
{
    struct pn_policy *policy = work->policy;

    if (!pn_vector_reserve(&policy->rules, &policy->capacity, policy->count + 1,
                           sizeof(*rule)))
        policy->failed = true;
    else if (node_keep(policy, &policy->nodes, &policy->node_capacity, policy->count,
                       (struct pn_rule_node){ work->node, work->file }))
        policy->rules[policy->count++] = *rule;
}

/* Equal environments are in the text once: the one that was added last, at its end. */
static void
env_share(struct pn_policy *policy, struct pn_policy_rule *rule)
{
    size_t before = policy->envs.count;
    uint32_t number;

    rule->env_size = (uint32_t)policy->text.size - rule->env;
    if (!rule->env_size || policy->text.failed)
        return;
    if (!pn_intern_add(&policy->envs, policy->text.bytes + rule->env, rule->env_size,
                       &number) ||
        !pn_vector_reserve(&policy->env_at, &policy->env_capacity, policy->envs.count,
                           sizeof(*policy->env_at))) {
        policy->failed = true;
        return;
    }
    if (number == before) {
        policy->env_at[number] = rule->env;
        return;
    }
    policy->text.size = rule->env;
    rule->env = policy->env_at[number];
}

static void
terms_add(struct work *work, struct pn_policy_rule *rule)
{
    struct pn_policy *policy = work->policy;
    struct pn_terms_place place = { tree_of(work), work->node, work->unit->diags };
    struct pn_terms terms;

    rule->terms = PN_NATIVE_NONE;
    if (!pn_terms_read(&place, &policy->text, &terms))
        return;
    if (pn_vector_reserve(&policy->terms, &policy->term_capacity,
                          policy->term_count + 1, sizeof(terms))) {
        rule->terms = (uint32_t)policy->term_count;
        policy->terms[policy->term_count++] = terms;
    } else {
        policy->failed = true;
    }
}

/* A rule is meant for the whole of its last day. */
static bool
is_expired(const struct work *work, const struct pn_policy_rule *rule)
{
    uint32_t until = 0;

    if (rule->terms != PN_NATIVE_NONE)
        until = work->policy->terms[rule->terms].columns[PN_TERM_UNTIL_DATE];
    return until && until < work->options->as_of;
}

/* Is the space to hold the rule that comes next? */
static bool
is_wanted(const struct work *work)
{
    return !work->options->only || work->policy->count == work->options->rule;
}

static void
rule_add(struct work *work, struct pn_policy_rule rule)
{
    struct pn_buffer *text = &work->policy->text;
    const struct pn_node *first = work->node->children.head;
    size_t before = text->size;

    rule.verdict = work->node->action == PN_ALLOW ? POSTERN_ALLOW : POSTERN_DENY;
    rule.block = work->node->action == PN_BLOCK;
    rule.line = line_of(work, first);
    terms_add(work, &rule);
    rule.target = (uint32_t)text->size;
    targets_text(work, first);
    rule.env = (uint32_t)text->size;
    rule.target_size = rule.env - rule.target;
    work->rule = &rule;
    settings_add(work, work->file, first, NULL);
    env_share(work->policy, &rule);
    if (is_expired(work, &rule)) {
        text->size = before;
        return;
    }
    if (is_wanted(work))
        targets_add(work);
    rule_keep(work, &rule);
}

static void
classic_add(struct work *work, struct pn_policy_rule rule)
{
    struct pn_classic_place place = { .tree = tree_of(work),
                                      .rule = work->node,
                                      .diags = work->unit->diags,
                                      .number = (uint32_t)work->policy->count,
                                      .is_root = work->file == 0 };

    rule.line = line_of(work, work->node);
    rule.terms = PN_NATIVE_NONE;
    pn_classic_rule_add(&place, is_wanted(work) ? work->space : NULL,
                        &work->policy->text, &rule);
    env_share(work->policy, &rule);
    rule_keep(work, &rule);
}

static void
claim_keep(struct work *work)
{
    struct pn_policy *policy = work->policy;

    if (node_keep(policy, &policy->claims, &policy->claim_capacity, policy->claim_count,
                  (struct pn_rule_node){ work->node, work->file }))
        policy->claim_count++;
}

static void
statement_add(struct work *work, const struct pn_policy_rule *rule)
{
    const struct pn_file *file = work->unit->files[work->file];

    if (work->node->kind == PN_NODE_EXPECT || work->node->kind == PN_NODE_ALWAYS)
        claim_keep(work);
    else if (work->node->kind != PN_NODE_RULE)
        return;
    else if (file->is_test)
        complain(work, PN_DIAG_TEST_RULE, node_span(work, work->node));
    else if (file->dialect == PN_EXTENDED)
        rule_add(work, *rule);
    else
        classic_add(work, *rule);
}

/* The rules of a file, and where it includes another those of that one. */
static void
file_add(struct work *work, uint32_t number)
{
    const struct pn_file *file = work->unit->files[number];
    struct pn_policy_rule rule = { .file = (uint32_t)work->policy->text.size };
    size_t include = 0;

    if (!file->tree.file)
        return;
    rule.file_size = (uint32_t)strlen(file->source.name);
    pn_buffer_add(&work->policy->text, file->source.name, rule.file_size);
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

    for (size_t i = 0; i < unit->count; i++)
        if (pn_dialect_of(&unit->files[i]->source, &header) == PN_EXTENDED &&
            (header.version.len != 1 || header.version.ptr[0] != '1'))
            pn_diags_add(unit->diags, PN_DIAG_BAD_VERSION, &unit->files[i]->source,
                         header.span);
}

/*
 * An extended policy says itself what happens to everybody else. A classic file that is
 * looked at as a policy allows them: a rule that stands nowhere.
 */
static void
default_check(struct work *work)
{
    struct pn_policy *policy = work->policy;
    const struct pn_source *root = &work->unit->files[0]->source;

    if (work->options->only || work->unit->diags->errors || work->unit->failed ||
        policy->space.groups[PN_GROUP_NO_IDENT].fallback != PN_NATIVE_NONE)
        return;
    if (work->unit->files[0]->dialect == PN_EXTENDED) {
        pn_diags_add(work->unit->diags, PN_DIAG_NO_DEFAULT, root,
                     (struct pn_span){ (uint32_t)root->size, 0 });
        return;
    }
    pn_space_add_fallback(&policy->space, PN_GROUP_NO_IDENT, (uint32_t)policy->count);
    work->node = NULL;
    rule_keep(work, &(struct pn_policy_rule){ .verdict = POSTERN_ALLOW,
                                              .terms = PN_NATIVE_NONE });
}

/* The root and what it includes, and then the files of tests beside it. */
static void
files_add(struct work *work)
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
    struct work work = { .policy = policy,
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
    headers_check(unit);
    pn_names_collect(&policy->names, unit, &policy->space);
    files_add(&work);
    default_check(&work);
    pn_space_finish(&policy->space);
    policy->failed |= policy->text.failed || policy->names.scratch.failed ||
                      work.ident_text.failed || policy->space.failed || unit->failed;
    pn_buffer_free(&work.ident_text);
}

void
pn_policy_clear(struct pn_policy *policy)
{
    free(policy->rules);
    free(policy->nodes);
    free(policy->claims);
    free(policy->terms);
    free(policy->env_at);
    pn_intern_clear(&policy->envs);
    pn_buffer_free(&policy->text);
    pn_names_clear(&policy->names);
    pn_space_clear(&policy->space);
    *policy = (struct pn_policy){ 0 };
}

void
pn_policy_meaning(struct pn_policy *policy, struct pn_unit *unit,
                  struct pn_rule_node target, struct pn_space *out)
{
    struct pn_node node = *target.node, rule = { .kind = PN_NODE_RULE };
    struct work work = { .policy = policy,
                         .unit = unit,
                         .names = &policy->names,
                         .space = out,
                         .file = target.file,
                         .node = &rule };

    node.next = NULL;
    rule.children = (struct pn_list){ &node, &node };
    targets_add(&work);
    pn_buffer_free(&work.ident_text);
}
