/* A rule at a time: its settings, then each of its targets into the space. */
#include "compiler/policy.h"

#include <stdlib.h>
#include <string.h>

#include "base/vector.h"
#include "compiler/literal.h"
#include "grammar/dialect.h"
#include "runtime/format/record.h"

/* What one rule is built with. */
struct work {
    struct pn_policy *policy;
    const struct pn_tree *tree;
    const struct pn_node *node;
    struct pn_diags *diags;
    struct pn_buffer scratch; /* decoded names of the target at hand */
    uint32_t rule;
};

static struct pn_span
node_span(const struct work *work, const struct pn_node *node)
{
    return pn_token_span(work->tree->tokens[node->token]);
}

static void
complain(const struct work *work, enum pn_diag_id id, const struct pn_node *node)
{
    pn_diags_add(work->diags, id, work->tree->source, node_span(work, node));
}

/* Does a setting before this one, of the same rule, have its name? */
static bool
is_repeated(const struct work *work, const struct pn_node *setting)
{
    struct pn_str name = pn_tree_name(work->tree, setting);

    for (const struct pn_node *n = work->node->children.head; n != setting;
         n = n->next) {
        struct pn_str other;

        if (n->kind != PN_NODE_ASSIGN)
            continue;
        other = pn_tree_name(work->tree, n);
        if (other.len == name.len && memcmp(other.ptr, name.ptr, name.len) == 0)
            return true;
    }
    return false;
}

/* "+NAME=value" and a NUL, as in a classic record. */
static void
setting_add(const struct work *work, const struct pn_node *setting)
{
    struct pn_buffer *text = &work->policy->text;
    struct pn_str name = pn_tree_name(work->tree, setting);
    struct pn_str quoted = pn_source_slice(
        work->tree->source, pn_token_span(work->tree->tokens[setting->token + 1]));
    enum pn_diag_id id;

    if (work->node->action != PN_ALLOW)
        complain(work, PN_DIAG_ENV_ON_DENY, setting);
    else if (is_repeated(work, setting))
        complain(work, PN_DIAG_ENV_TWICE, setting);
    pn_buffer_add(text, "+", 1);
    pn_buffer_add(text, name.ptr, name.len);
    pn_buffer_add(text, "=", 1);
    id = pn_literal_value(quoted, text);
    pn_buffer_add(text, "", 1);
    if (id != PN_DIAG_COUNT)
        pn_diags_add(work->diags, id, work->tree->source,
                     pn_token_span(work->tree->tokens[setting->token + 1]));
}

static void
target_addresses(const struct work *work, uint32_t group, const struct pn_target *t)
{
    struct pn_space *space = &work->policy->space;
    struct pn_prefix prefix = { t->first, work->rule, t->length, false };

    if (t->kind == PN_TARGET_RANGE) {
        pn_space_add_range(space, group, t->family, t->first, t->last, work->rule);
        return;
    }
    if (t->kind == PN_TARGET_ADDRESSES) {
        prefix.exact = true;
        prefix.length = (uint8_t)pn_family_bits(t->family);
    }
    for (unsigned i = 0; i < t->count && !space->failed; i++) {
        pn_space_add_prefix(space, group, t->family, prefix);
        prefix.start += pn_number_below(t->family, prefix.length) + 1;
    }
}

static uint32_t
target_group(const struct work *work, const struct pn_target *t)
{
    if (work->node->action == PN_BLOCK)
        return PN_GROUP_BLOCKS;
    if (t->has_ident)
        return pn_space_group(&work->policy->space, t->ident.ptr, t->ident.len);
    return PN_GROUP_NO_IDENT;
}

/* *ident tells whether the targets before this one had an ident; -1 before the first.
 */
static void
target_add(struct work *work, const struct pn_node *node, int *ident)
{
    struct pn_space *space = &work->policy->space;
    struct pn_target t;
    enum pn_diag_id id;

    work->scratch.size = 0;
    id = pn_literal_target(pn_source_slice(work->tree->source, node_span(work, node)),
                           &work->scratch, &t);
    if (id == PN_DIAG_COUNT && work->node->action == PN_BLOCK &&
        (t.has_ident || t.kind == PN_TARGET_DEFAULT))
        id = PN_DIAG_BLOCK_TARGET;
    if (id == PN_DIAG_COUNT && *ident >= 0 && *ident != t.has_ident)
        id = PN_DIAG_MIXED_IDENT;
    *ident = t.has_ident;
    if (id != PN_DIAG_COUNT) {
        complain(work, id, node);
        return;
    }
    if (t.kind == PN_TARGET_HOST)
        pn_space_add_host(space, target_group(work, &t), t.name.ptr, t.name.len,
                          work->rule);
    else if (t.kind == PN_TARGET_DEFAULT)
        pn_space_add_fallback(space, target_group(work, &t), work->rule);
    else
        target_addresses(work, target_group(work, &t), &t);
}

/* The targets as their author spelt them, with a comma and a blank between. */
static void
targets_text(const struct work *work)
{
    struct pn_buffer *text = &work->policy->text;
    const struct pn_node *first = work->node->children.head;

    for (const struct pn_node *n = first; n && n->kind == PN_NODE_TARGET; n = n->next) {
        struct pn_str word = pn_source_slice(work->tree->source, node_span(work, n));

        if (n != first)
            pn_buffer_add_text(text, ", ");
        pn_buffer_add(text, word.ptr, word.len);
    }
}

static void
rule_add(struct work *work)
{
    struct pn_policy *policy = work->policy;
    struct pn_policy_rule rule = {
        .verdict = work->node->action == PN_ALLOW ? POSTERN_ALLOW : POSTERN_DENY,
        .target = (uint32_t)policy->text.size,
        .line =
            (uint32_t)pn_source_position(
                work->tree->source, node_span(work, work->node->children.head).offset)
                .line,
    };
    int ident = -1;

    targets_text(work);
    rule.env = (uint32_t)policy->text.size;
    rule.target_size = rule.env - rule.target;
    work->rule = (uint32_t)policy->count;
    for (const struct pn_node *n = work->node->children.head; n; n = n->next) {
        if (n->kind == PN_NODE_TARGET)
            target_add(work, n, &ident);
        else
            setting_add(work, n);
    }
    rule.env_size = (uint32_t)policy->text.size - rule.env;
    if (pn_vector_reserve(&policy->rules, &policy->capacity, policy->count + 1,
                          sizeof(rule)))
        policy->rules[policy->count++] = rule;
    else
        policy->failed = true;
}

static void
header_check(const struct work *work)
{
    struct pn_header header;

    if (pn_dialect_of(work->tree->source, &header) == PN_EXTENDED &&
        (header.version.len != 1 || header.version.ptr[0] != '1'))
        pn_diags_add(work->diags, PN_DIAG_BAD_VERSION, work->tree->source, header.span);
}

void
pn_policy_build(struct pn_policy *policy, const struct pn_tree *tree,
                struct pn_diags *diags)
{
    struct work work = { .policy = policy, .tree = tree, .diags = diags };
    const struct pn_source *source = tree->source;

    *policy = (struct pn_policy){ .file_size = (uint32_t)strlen(source->name) };
    pn_space_begin(&policy->space);
    pn_buffer_add(&policy->text, source->name, policy->file_size);
    header_check(&work);
    for (const struct pn_node *n = tree->file->children.head; n; n = n->next) {
        work.node = n;
        if (n->kind == PN_NODE_RULE && !policy->space.failed)
            rule_add(&work);
    }
    if (!diags->total &&
        policy->space.groups[PN_GROUP_NO_IDENT].fallback == PN_NATIVE_NONE)
        pn_diags_add(diags, PN_DIAG_NO_DEFAULT, source,
                     (struct pn_span){ (uint32_t)source->size, 0 });
    pn_space_finish(&policy->space);
    policy->failed |=
        policy->text.failed || work.scratch.failed || policy->space.failed;
    pn_buffer_free(&work.scratch);
}

void
pn_policy_clear(struct pn_policy *policy)
{
    free(policy->rules);
    pn_buffer_free(&policy->text);
    pn_space_clear(&policy->space);
    *policy = (struct pn_policy){ 0 };
}
