/* What stands at a position: the smallest node of the tree there, and its definition.
 */
#include <string.h>

#include "compiler/literal.h"
#include "library/keep.h"
#include "library/policy.h"

/* What a node is called; the rest is POSTERN_SYMBOL_NONE. */
static const uint8_t kinds[] = {
    [PN_NODE_RULE] = POSTERN_SYMBOL_RULE,
    [PN_NODE_TARGET] = POSTERN_SYMBOL_TARGET,
    [PN_NODE_LIST] = POSTERN_SYMBOL_LIST,
    [PN_NODE_ASSIGN] = POSTERN_SYMBOL_VARIABLE,
    [PN_NODE_GROUP] = POSTERN_SYMBOL_ENV,
    [PN_NODE_SET] = POSTERN_SYMBOL_SET,
    [PN_NODE_ENV] = POSTERN_SYMBOL_ENV,
    [PN_NODE_INCLUDE] = POSTERN_SYMBOL_INCLUDE,
    [PN_NODE_TERM] = POSTERN_SYMBOL_TERM,
    [PN_NODE_EXPECT] = POSTERN_SYMBOL_CLAIM,
    [PN_NODE_ALWAYS] = POSTERN_SYMBOL_CLAIM,
    [PN_NODE_VERDICT] = POSTERN_SYMBOL_CLAIM,
    [PN_NODE_UNSET] = POSTERN_SYMBOL_VARIABLE,
    [PN_NODE_BY] = POSTERN_SYMBOL_TARGET,
    [PN_NODE_ASSUME] = POSTERN_SYMBOL_CLAIM,
    [PN_NODE_HEADER] = POSTERN_SYMBOL_HEADER,
    [PN_NODE_BROKEN] = POSTERN_SYMBOL_NONE,
};

/* A position in a file of a loaded policy. */
struct at {
    struct pn_loaded_policy *loaded;
    uint32_t file;
    uint32_t offset;
};

static const struct pn_source *
source_of(const struct at *at)
{
    return pn_unit_source(&at->loaded->unit, at->file);
}

static bool
is_in(const struct at *at, struct pn_span span)
{
    return at->offset >= span.offset && at->offset - span.offset <= span.size;
}

static struct pn_span
node_span(const struct at *at, const struct pn_node *node)
{
    return pn_tree_span(pn_unit_tree(&at->loaded->unit, at->file), node->range);
}

/* The child at the position: of two that meet there, the one that begins. */
static const struct pn_node *
child_at(const struct at *at, const struct pn_node *parent)
{
    const struct pn_node *found = NULL;

    for (const struct pn_node *node = parent->children.head; node; node = node->next)
        if (is_in(at, node_span(at, node)))
            found = node;
    return found;
}

/* The name that a word of rules refers to: of "$office" and "joe@$office". */
static struct pn_str
name_in(struct pn_str word)
{
    const char *sign = word.len ? memchr(word.ptr, '$', word.len) : NULL;

    return sign ? pn_str_from(word, (size_t)(sign - word.ptr) + 1)
                : (struct pn_str){ NULL, 0 };
}

/* Where a set or a group is defined; its kind, or POSTERN_SYMBOL_NONE. */
static uint32_t
define(const struct at *at, struct pn_str name, struct postern_place *out)
{
    const struct pn_names *names = &at->loaded->policy.names;
    const struct pn_definition *found;
    uint32_t number;

    if (!name.len || !pn_intern_find(&names->intern, name.ptr, name.len, &number))
        return POSTERN_SYMBOL_NONE;
    found = &names->items[number];
    *out = pn_place_at(pn_unit_source(&at->loaded->unit, found->file),
                       pn_unit_span(&at->loaded->unit, found->file, found->node));
    return kinds[found->node->kind];
}

/* The file that a LIST or an INCLUDE names, as the policy has read it. */
static enum postern_status
define_file(const struct at *at, const struct pn_snapshot *snapshot,
            const struct pn_node *node, struct postern_place *out)
{
    const struct pn_unit *unit = &at->loaded->unit;
    struct pn_span quoted = pn_tree_behind(pn_unit_tree(unit, at->file), node);
    struct pn_buffer written = { 0 };
    char *path = NULL;
    uint32_t number;

    if (pn_literal_value(pn_source_slice(source_of(at), quoted), &written) !=
        PN_DIAG_NONE) { /* which was reported */
        pn_buffer_free(&written);
        return POSTERN_OK;
    }
    if (!written.failed)
        path = pn_unit_path(unit, at->file,
                            (struct pn_str){ written.bytes, written.size });
    pn_buffer_free(&written);
    if (!path)
        return POSTERN_E_NOMEM;
    if (pn_intern_find(&snapshot->paths, path, strlen(path), &number))
        *out = (struct postern_place){ .file = snapshot->files[number]->shown.name,
                                       .line = 1,
                                       .column = 1 };
    pn_free(path);
    return POSTERN_OK;
}

/* The number of a rule in the image, which a statement makes. */
static uint32_t
rule_of(const struct postern_policy *policy, const struct at *at,
        const struct pn_node *statement)
{
    const struct pn_policy *rules = &at->loaded->policy;
    const struct pn_origins *origins = &policy->file.origins;
    struct pn_span key = pn_unit_span(&at->loaded->unit, at->file, statement);

    if (statement->kind != PN_NODE_RULE || !policy->file.rules)
        return POSTERN_RULE_NONE;
    for (size_t i = 0; i < origins->count; i++)
        if (origins->items[i].offset == key.offset)
            return origins->items[i].position;
    for (size_t i = 0; !origins->count && i < rules->count; i++)
        if (rules->nodes[i].node == statement && rules->nodes[i].file == at->file)
            return (uint32_t)i;
    return POSTERN_RULE_NONE;
}

/* The smallest node at the position below a statement. */
static const struct pn_node *
smallest(const struct at *at, const struct pn_node *statement)
{
    const struct pn_node *node = statement, *child = child_at(at, statement);

    while (child) { /* a tree is few levels deep */
        node = child;
        child = child_at(at, node);
    }
    if (node->kind == PN_NODE_EXCEPT)
        return statement;
    return node;
}

/* What of a node is the symbol: its name, its target, or all of it. */
static struct pn_span
symbol_span(const struct at *at, const struct pn_node *node)
{
    struct pn_span span = node_span(at, node);

    if (node->kind == PN_NODE_SET || node->kind == PN_NODE_ENV)
        return pn_unit_span(&at->loaded->unit, at->file, node);
    if (node->kind == PN_NODE_BY)
        return pn_tree_behind(pn_unit_tree(&at->loaded->unit, at->file), node);
    if (node->kind == PN_NODE_ASSIGN && source_of(at)->text[span.offset] == ',')
        return (struct pn_span){ span.offset + 1, span.size - 1 };
    return span;
}

/* Finds the definition of a node that names something, and with it what that is. */
static enum postern_status
definition_find(const struct postern_policy *policy, const struct at *at,
                const struct pn_node *node, struct postern_symbol *out)
{
    struct pn_str text = { out->text.ptr, out->text.len };
    uint32_t defined = POSTERN_SYMBOL_NONE;

    switch (node->kind) {
    case PN_NODE_LIST:
    case PN_NODE_INCLUDE:
        return define_file(at, &policy->snapshot, node, &out->definition);
    case PN_NODE_SET:
    case PN_NODE_ENV:
        (void)define(at, text, &out->definition);
        break;
    case PN_NODE_TARGET:
    case PN_NODE_GROUP:
    case PN_NODE_BY:
        defined = define(at, name_in(text), &out->definition);
        break;
    default:
        break;
    }
    if (defined != POSTERN_SYMBOL_NONE)
        out->kind = defined;
    return POSTERN_OK;
}

static enum postern_status
describe(const struct postern_policy *policy, const struct at *at,
         const struct pn_node *statement, struct postern_symbol *out)
{
    const struct pn_node *node = smallest(at, statement);
    struct pn_span span = symbol_span(at, node);

    out->statement = pn_place_at(source_of(at), node_span(at, statement));
    out->rule = rule_of(policy, at, statement);
    if (!is_in(at, span)) /* a word of the language, or a sign, beside it */
        return POSTERN_OK;
    out->kind = kinds[node->kind];
    out->at = pn_place_at(source_of(at), span);
    out->text = pn_public_str(pn_source_slice(source_of(at), span));
    return definition_find(policy, at, node, out);
}

/* The number of a rule file by its name. */
static bool
file_find(const struct pn_unit *unit, const char *name, uint32_t *out)
{
    *out = 0;
    if (!name)
        return unit->count > 0;
    for (uint32_t i = 0; i < unit->count; i++)
        if (strcmp(pn_unit_source(unit, i)->name, name) == 0) {
            *out = i;
            return true;
        }
    return false;
}

static enum postern_status
symbol_find(struct postern_policy *policy, const char *file, uint32_t offset,
            struct postern_symbol *out)
{
    struct at at = { .loaded = &policy->lists.loaded, .offset = offset };
    enum postern_status status = pn_status_of_compile(pn_rules_lists_load(
        &policy->lists, &policy->file, policy->compiler->options.as_of));
    const struct pn_node *statement;

    if (status != POSTERN_OK && status != POSTERN_E_REFUSED)
        return status;
    if (!file_find(&at.loaded->unit, file, &at.file) || offset > source_of(&at)->size)
        return POSTERN_E_ARG;
    statement = child_at(&at, pn_unit_tree(&at.loaded->unit, at.file)->file);
    if (!statement || statement->kind == PN_NODE_ERROR)
        return POSTERN_OK;
    return describe(policy, &at, statement, out);
}

enum postern_status
postern_policy_at(struct postern_policy *policy, const char *file, uint32_t offset,
                  struct postern_symbol *out)
{
    struct postern_symbol symbol = POSTERN_SYMBOL_INIT;
    struct pn_call call;
    enum postern_status status;

    if (!policy || !out || !PN_IS_KNOWN(out))
        return POSTERN_E_ARG;
    status = pn_call_begin(&call, policy->compiler);
    if (status != POSTERN_OK)
        return status;
    symbol.rule = POSTERN_RULE_NONE;
    status = symbol_find(policy, file, offset, &symbol);
    if (status == POSTERN_OK)
        *out = symbol;
    return pn_call_end(&call, status);
}
