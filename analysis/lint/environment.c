/* Checks P6xx: variables that rules set, and their effect on servers and programs. */
#include <string.h>

#include "analysis/classes.h"
#include "analysis/lint/absence.h"
#include "analysis/lint/meanings.h"
#include "analysis/lint/passes.h"
#include "analysis/lint/secrets.h"
#include "analysis/lint/variables.h"
#include "analysis/lint/walk.h"
#include "base/sizes.h"
#include "compiler/literal.h"

static const struct pn_tree *
tree_of(const struct pn_lint *lint, uint32_t file)
{
    return pn_unit_tree(lint->unit, file);
}

static bool
is_classic(const struct pn_lint *lint, uint32_t file)
{
    return lint->unit->files[file]->dialect == PN_CLASSIC;
}

/* The span of a setting with the comma before it, which is part of a classic name and
 * outside of an extended one. */
static struct pn_span
with_comma(const struct pn_lint *lint, uint32_t file, const struct pn_node *node)
{
    const struct pn_tree *tree = tree_of(lint, file);
    struct pn_span span = pn_tree_span(tree, node->range);
    uint32_t end = span.offset + span.size;

    if (!is_classic(lint, file) && node->range.first)
        span.offset = tree->tokens[node->range.first - 1].offset;
    return (struct pn_span){ span.offset, end - span.offset };
}

static bool
is_setting(const struct pn_node *node)
{
    return node->kind == PN_NODE_ASSIGN || node->kind == PN_NODE_GROUP;
}

/* Reports a rule once, at its first variable. */
static void
on_deny(struct pn_lint *lint, uint32_t file, const struct pn_node *rule)
{
    struct pn_finding *f = NULL;

    if (rule->action == PN_ALLOW || !lint->report->on[PN_CHECK_ENV_ON_DENY])
        return;
    for (const struct pn_node *n = rule->children.head; n; n = n->next) {
        if (!is_setting(n))
            continue;
        if (!f)
            f = pn_lint_add_span(lint, PN_CHECK_ENV_ON_DENY, file,
                                 pn_tree_span(tree_of(lint, file), n->range));
        pn_lint_replace(lint, f, file, with_comma(lint, file, n), PN_STR(""), 0);
    }
}

/* In a classic rule the last of equal names wins: the edit deletes the others. */
static void
set_twice(struct pn_lint *lint, const struct pn_assignment *a)
{
    const struct pn_tree *tree = tree_of(lint, a->file);
    struct pn_finding *f;

    for (const struct pn_node *n = a->node->next; n; n = n->next) {
        struct pn_str name;

        if (n->kind != PN_NODE_ASSIGN)
            continue;
        name = pn_tree_name(tree, n);
        if (!pn_str_equal(name, a->name))
            continue;
        f = pn_lint_add_span(lint, PN_CHECK_ENV_TWICE, a->file, a->name_span);
        pn_finding_link(
            lint->report, f,
            (struct pn_source_span){ tree->source, pn_tree_span(tree, n->range), 0 },
            0);
        pn_lint_replace(lint, f, a->file, with_comma(lint, a->file, a->node),
                        PN_STR(""), 0);
        return;
    }
}

static bool
is_name(struct pn_str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';

        if (!letter && !(i && c >= '0' && c <= '9'))
            return false;
    }
    return name.len > 0;
}

static bool
has_blank(struct pn_str name)
{
    return name.len &&
           (memchr(name.ptr, ' ', name.len) || memchr(name.ptr, '\t', name.len));
}

static void
classic_name(struct pn_lint *lint, const struct pn_assignment *a)
{
    struct pn_buffer text = { 0 };
    struct pn_finding *f;

    if (is_name(a->name))
        return;
    if (!has_blank(a->name)) {
        pn_lint_add_span(lint, PN_CHECK_ENV_NAME_ODD, a->file, a->name_span);
        return;
    }
    for (size_t i = 0; i < a->name.len; i++)
        if (a->name.ptr[i] != ' ' && a->name.ptr[i] != '\t')
            pn_buffer_add(&text, &a->name.ptr[i], 1);
    f = pn_lint_add_span(lint, PN_CHECK_ENV_NAME_SPACE, a->file, a->name_span);
    if (text.size && !text.failed)
        pn_lint_replace(lint, f, a->file, a->name_span, pn_str_of(&text), 0);
    lint->failed |= text.failed;
    pn_buffer_free(&text);
}

/* Any byte can be the quote: X=127.0.0.1 sets X to 27.0.0. */
static void
odd_quote(struct pn_lint *lint, const struct pn_assignment *a)
{
    const struct pn_source *source = pn_lint_source(lint, a->file);
    struct pn_span quoted = { a->value_span.offset - 1, a->value_span.size + 2 };
    unsigned char c = (unsigned char)source->text[quoted.offset];
    uint32_t end = quoted.offset;
    struct pn_buffer text = { 0 };
    struct pn_finding *f;

    if (c > ' ' && c < 0x7f && !((c | 0x20) >= 'a' && (c | 0x20) <= 'z') &&
        !(c >= '0' && c <= '9'))
        return;
    f = pn_lint_add_span(lint, PN_CHECK_ODD_QUOTE, a->file, quoted);
    if (!f)
        return;
    if (!pn_name_is_secret(a->name))
        f->label =
            pn_report_format(lint->report, "the value is %.*s", (int)a->value_span.size,
                             source->text + a->value_span.offset);
    while (end < source->size && !strchr(",\n", source->text[end]))
        end++;
    pn_buffer_add_text(&text, "\"");
    pn_buffer_add(&text, source->text + quoted.offset, end - quoted.offset);
    pn_buffer_add_text(&text, "\"");
    if (!text.failed && !memchr(text.bytes + 1, '"', text.size - 2))
        pn_lint_replace(lint, f, a->file,
                        (struct pn_span){ quoted.offset, end - quoted.offset },
                        pn_str_of(&text), 0);
    lint->failed |= text.failed;
    pn_buffer_free(&text);
}

/* The value that programs get; false when it is not known. */
static bool
value_of(struct pn_lint *lint, const struct pn_assignment *a, struct pn_buffer *out)
{
    struct pn_str quoted = pn_source_slice(
        pn_lint_source(lint, a->file),
        (struct pn_span){ a->value_span.offset - 1, a->value_span.size + 2 });

    if (!is_classic(lint, a->file))
        return pn_literal_value(quoted, out) == PN_DIAG_NONE && !out->failed;
    pn_buffer_add(out, quoted.ptr + 1, quoted.len - 2);
    return !out->failed;
}

static bool
is_word(struct pn_str name, const char *word)
{
    return pn_str_is(name, word);
}

static void
value_lint(struct pn_lint *lint, const struct pn_assignment *a)
{
    struct pn_buffer value = { 0 };
    unsigned char worst = 0;
    struct pn_finding *f;

    if (!value_of(lint, a, &value)) {
        pn_buffer_free(&value);
        return;
    }
    for (size_t i = 0; i < value.size; i++) {
        unsigned char c = (unsigned char)value.bytes[i];

        if ((c < 0x20 && c != '\t') || c == 0x7f) {
            if (!worst || c == '\0' || c == '\n')
                worst = c ? c : 0x80; /* a NUL, distinct from no byte */
        }
    }
    if (worst) {
        f = pn_lint_add_span(lint, PN_CHECK_CONTROL_BYTE, a->file, a->name_span);
        if (f && (worst == 0x80 || worst == '\n'))
            f->severity = PN_ERROR;
        if (f)
            f->label = pn_report_format(lint->report, "\\x%02x",
                                        worst == 0x80 ? 0u : (unsigned)worst);
    }
    if (is_word(a->name, "RELAYCLIENT") && value.size && value.bytes[0] != '@' &&
        a->around->action == PN_ALLOW) {
        f = pn_lint_add_span(
            lint, PN_CHECK_RELAYCLIENT_VALUE, a->file,
            (struct pn_span){ a->value_span.offset - 1, a->value_span.size + 2 });
        pn_lint_replace(lint, f, a->file, a->value_span, PN_STR(""), 0);
    }
    pn_buffer_free(&value);
}

/* Looks for a reject text or a limit written as in the extended language. */
static void
cannot_reject(struct pn_lint *lint, const struct pn_assignment *a)
{
    static const char *const extended_keywords[] = { "REJECT", "reject", "LIMIT",
                                                     "limit",  "RATE",   "rate",
                                                     "UNTIL",  "until" };
    bool denied = a->around->action != PN_ALLOW && is_word(a->name, "RBLSMTPD");
    struct pn_finding *f;

    for (size_t i = 0; i < PN_COUNT_OF(extended_keywords); i++)
        denied |= is_word(a->name, extended_keywords[i]);
    if (!denied)
        return;
    f = pn_lint_add_span(lint, PN_CHECK_CANNOT_REJECT, a->file, a->name_span);
    if (f)
        f->help = pn_report_format(
            lint->report,
            "it is a variable here, and nothing else; allow the client and "
            "let rblsmtpd refuse, or make the file an extended one");
}

static void
assignment_lint(struct pn_lint *lint, const struct pn_assignment *a)
{
    if (is_classic(lint, a->file)) {
        set_twice(lint, a);
        classic_name(lint, a);
        odd_quote(lint, a);
        cannot_reject(lint, a);
    }
    value_lint(lint, a);
    pn_meanings_lint(lint, a);
}

static bool
env_sets(struct postern_env_iter iter, struct pn_str name)
{
    struct postern_env env;

    while (postern_env_next(&iter, &env))
        if (pn_str_equal((struct pn_str){ env.name.ptr, env.name.len }, name))
            return true;
    return false;
}

/*
 * A rule for a longer prefix does not inherit variables: those that it does not repeat
 * are lost.
 */
static void
env_lost(struct pn_lint *lint, uint32_t item)
{
    const struct pn_item_info *info = &lint->survey.infos[item];
    const struct pn_policy *policy = lint->policy;
    uint32_t parent = info->successors.one;
    struct postern_env_iter iter;
    struct postern_env env;
    struct pn_finding *f;

    if (!pn_lint_is_written(lint, item) || !pn_lint_allows(lint, item) ||
        !(info->flags & PN_ITEM_LIVES) ||
        info->flags & (PN_ITEM_NOT_PREFIX | PN_ITEM_HOSTS) || info->successors.more ||
        parent == PN_RULE_NONE || !pn_lint_allows(lint, parent))
        return;
    iter = pn_policy_env(policy, policy->items[parent].rule);
    while (postern_env_next(&iter, &env)) {
        struct pn_str name = { env.name.ptr, env.name.len };

        if (env_sets(pn_policy_env(policy, policy->items[item].rule), name))
            continue;
        f = pn_lint_add(lint, PN_CHECK_ENV_LOST, item);
        if (f)
            f->label = pn_report_format(lint->report, "%.*s is not set here",
                                        (int)name.len, name.ptr);
        pn_lint_link(lint, f, parent, "it is set here");
        pn_lint_query_of(lint, f, item);
        return;
    }
}

void
pn_lint_environment(struct pn_lint *lint)
{
    for (uint32_t i = 0; i < lint->unit->count; i++) {
        const struct pn_node *file = lint->unit->files[i]->tree.file;

        for (const struct pn_node *n = file ? file->children.head : NULL; n;
             n = n->next)
            if (n->kind == PN_NODE_RULE)
                on_deny(lint, i, n);
    }
    pn_lint_assignments(lint, assignment_lint);
    for (uint32_t t = 0; t < lint->survey.count && lint->report->on[PN_CHECK_ENV_LOST];
         t++)
        env_lost(lint, t);
    pn_absence_lint(lint);
}
