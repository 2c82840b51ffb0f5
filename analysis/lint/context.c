/* Adds findings with their places, queries and edits. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "analysis/decide.h"
#include "analysis/lint/context.h"
#include "compiler/number_text.h"

uint32_t
pn_lint_file(const struct pn_lint *lint, uint32_t item)
{
    return lint->policy->nodes[lint->policy->items[item].rule].file;
}

bool
pn_lint_is_classic(const struct pn_lint *lint, uint32_t item)
{
    return lint->has_classic &&
           lint->unit->files[pn_lint_file(lint, item)]->dialect == PN_CLASSIC;
}

struct pn_span
pn_lint_span(const struct pn_lint *lint, uint32_t item)
{
    const struct pn_node *node = lint->policy->items[item].node;
    const struct pn_tree *tree = pn_unit_tree(lint->unit, pn_lint_file(lint, item));
    struct pn_span span = { 0, 0 };

    if (!node)
        return span;
    if (node->kind == PN_NODE_LIST)
        return pn_tree_span(tree, node->range);
    span = pn_token_span(tree->tokens[node->token]);
    if (node->kind == PN_NODE_RULE)
        span.size--; /* its colon */
    return span;
}

struct pn_str
pn_lint_text(const struct pn_lint *lint, uint32_t item)
{
    return pn_source_slice(pn_lint_source(lint, pn_lint_file(lint, item)),
                           pn_lint_span(lint, item));
}

void
pn_lint_fetch(const struct pn_lint *lint, uint32_t item, unsigned stage)
{
    const struct pn_policy *policy = lint->policy;
    const struct pn_rule_item *at;
    const struct pn_source *source;
    const struct pn_tree *tree;

    if (item == PN_RULE_NONE)
        return;
    at = &policy->items[item];
    if (stage == 0) {
        __builtin_prefetch(at);
        return;
    }
    if (!at->node)
        return;
    if (stage == 1) {
        __builtin_prefetch(at->node);
        __builtin_prefetch(&policy->rules[at->rule]);
        __builtin_prefetch(&policy->nodes[at->rule]);
        return;
    }
    tree = pn_unit_tree(lint->unit, policy->nodes[at->rule].file);
    source = tree->source;
    if (stage == 2) {
        __builtin_prefetch(&tree->tokens[at->node->token]);
        __builtin_prefetch(&source->line_starts[policy->rules[at->rule].line]);
        return;
    }
    __builtin_prefetch(source->text + tree->tokens[at->node->token].offset);
}

/* A baseline identifies a finding by its item and outcome, not by its line. */
static void
subject_set(struct pn_lint *lint, struct pn_finding *finding, uint32_t item)
{
    const struct pn_policy_rule *rule = pn_lint_rule(lint, item);
    struct pn_str text = pn_lint_text(lint, item);

    finding->subject =
        pn_report_format(lint->report, "%.*s %s", (int)text.len, text.ptr,
                         rule->block                      ? "block"
                         : rule->verdict == POSTERN_ALLOW ? "allow"
                                                          : "deny");
}

/* The place of an item, with its line as the hint. */
static struct pn_source_span
item_span(const struct pn_lint *lint, uint32_t item)
{
    return (struct pn_source_span){ pn_lint_source(lint, pn_lint_file(lint, item)),
                                    pn_lint_span(lint, item),
                                    pn_lint_rule(lint, item)->line };
}

struct pn_finding *
pn_lint_add_span(struct pn_lint *lint, enum pn_check check, uint32_t file,
                 struct pn_span span)
{
    return pn_report_add(
        lint->report, check,
        (struct pn_source_span){ pn_lint_source(lint, file), span, 0 });
}

struct pn_finding *
pn_lint_add(struct pn_lint *lint, enum pn_check check, uint32_t item)
{
    struct pn_finding *finding;

    if (!lint->report->on[check])
        return NULL;
    finding = pn_report_add(lint->report, check, item_span(lint, item));
    if (finding)
        subject_set(lint, finding, item);
    return finding;
}

struct pn_finding *
pn_lint_add_node(struct pn_lint *lint, enum pn_check check, uint32_t file,
                 const struct pn_node *node)
{
    return pn_lint_add_span(
        lint, check, file,
        pn_token_span(lint->unit->files[file]->tree.tokens[node->token]));
}

void
pn_lint_link(struct pn_lint *lint, struct pn_finding *finding, uint32_t item,
             const char *format, ...)
{
    char text[256];
    va_list args;

    if (!finding || !pn_lint_is_written(lint, item))
        return;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    pn_finding_link(lint->report, finding, item_span(lint, item),
                    pn_report_text_add(lint->report, pn_str_of_text(text)));
}

size_t
pn_lint_line(struct pn_lint *lint, const struct pn_finding *finding, uint32_t item)
{
    const struct pn_source *source;
    size_t line;

    if (item == PN_RULE_NONE || !pn_lint_is_written(lint, item))
        return pn_report_format(lint->report, "no rule");
    source = pn_lint_source(lint, pn_lint_file(lint, item));
    line = pn_source_position_near(source, pn_lint_span(lint, item).offset,
                                   pn_lint_rule(lint, item)->line)
               .line;
    if (finding &&
        strcmp(pn_report_text(lint->report, finding->at.file), source->name) == 0)
        return pn_report_format(lint->report, "line %zu", line);
    return pn_report_format(lint->report, "%s:%zu", source->name, line);
}

struct pn_str
pn_lint_ident(const struct pn_lint *lint, uint32_t group)
{
    const struct pn_intern *idents = &lint->policy->space.idents;

    if (group < PN_NATIVE_FIRST_GROUPS)
        return (struct pn_str){ NULL, 0 };
    group -= PN_NATIVE_FIRST_GROUPS;
    return (struct pn_str){ idents->bytes.bytes + pn_intern_offset(idents, group),
                            pn_intern_size(idents, group) };
}

/* The text of a candidate. One for all others is x, xx, ... before its suffix, the
 * first that no rule names. */
bool
pn_lint_host(const struct pn_lint *lint, uint32_t candidate, struct pn_buffer *out)
{
    const struct pn_hosts *hosts = &lint->survey.hosts;
    struct pn_str name = pn_host_name(hosts, candidate);
    uint32_t number;

    out->size = 0;
    if (candidate == PN_HOST_NONE)
        return false;
    if (candidate != PN_HOST_STRANGER && !pn_host_is_suffix(hosts, candidate)) {
        pn_buffer_add(out, name.ptr, name.len);
        return true;
    }
    if (candidate == PN_HOST_STRANGER)
        name = PN_STR(".invalid");
    for (size_t n = 1;; n++) {
        out->size = 0;
        for (size_t i = 0; i < n; i++)
            pn_buffer_add(out, "x", 1);
        pn_buffer_add(out, name.ptr, name.len);
        if (out->failed ||
            !pn_intern_find(&lint->policy->space.names, out->bytes, out->size, &number))
            return true;
    }
}

/* Adds a query, and the item that decides it as its answer. */
static void
query_report(struct pn_lint *lint, struct pn_finding *finding,
             struct pn_finding_query query, uint32_t item)
{
    struct pn_report *report = lint->report;

    pn_finding_query(report, finding, &query);
    if (item == PN_RULE_NONE)
        return;
    finding->answer = pn_lint_line(lint, finding, item);
    finding->answer = pn_report_format(
        report, "%s by %s", pn_lint_allows(lint, item) ? "allowed" : "denied",
        pn_report_text(report, finding->answer));
}

static struct pn_finding_query
query_make(struct pn_lint *lint, const struct pn_witness *witness, struct pn_str host,
           struct pn_str ident)
{
    return (struct pn_finding_query){ .address = pn_number_address(witness->address,
                                                                   witness->family),
                                      .host = pn_report_text_add(lint->report, host),
                                      .ident = pn_report_text_add(lint->report, ident),
                                      .has_host = host.ptr != NULL,
                                      .has_ident = ident.ptr != NULL };
}

void
pn_lint_query_text(struct pn_lint *lint, struct pn_finding *finding,
                   const struct pn_witness *witness, struct pn_str host,
                   struct pn_str ident)
{
    if (!finding || !witness->family)
        return;
    query_report(lint, finding, query_make(lint, witness, host, ident),
                 pn_space_decide(&lint->policy->space, witness->family,
                                 witness->address, host, ident));
}

/* The host text of a candidate; ptr NULL for none. It lives as long as the buffer. */
static struct pn_str
host_text(struct pn_lint *lint, uint32_t candidate, struct pn_buffer *out)
{
    bool good = pn_lint_host(lint, candidate, out);

    lint->failed |= out->failed;
    return good && !out->failed ? pn_str_of(out) : (struct pn_str){ NULL, 0 };
}

void
pn_lint_query(struct pn_lint *lint, struct pn_finding *finding,
              const struct pn_witness *witness, uint32_t candidate, uint32_t group)
{
    struct pn_buffer host = { 0 };

    if (finding)
        pn_lint_query_text(lint, finding, witness, host_text(lint, candidate, &host),
                           pn_lint_ident(lint, group));
    pn_buffer_free(&host);
}

void
pn_lint_query_of(struct pn_lint *lint, struct pn_finding *finding, uint32_t item)
{
    const struct pn_item_info *info = &lint->survey.infos[item];
    struct pn_buffer host = { 0 };

    if (finding && info->witness.family)
        query_report(lint, finding,
                     query_make(lint, &info->witness,
                                host_text(lint, info->host, &host),
                                pn_lint_ident(lint, info->group)),
                     item);
    pn_buffer_free(&host);
}

/* Is a file included twice? An edit of one copy would be an edit of the other. */
static bool
is_repeated(const struct pn_unit *unit, uint32_t file)
{
    for (uint32_t i = 0; i < unit->count; i++)
        if (i != file && unit->files[i]->identity == unit->files[file]->identity)
            return true;
    return false;
}

/* Of a span that a line, from 1, probably holds. */
static void
replace_near(struct pn_lint *lint, struct pn_finding *finding, uint32_t file,
             struct pn_source_span at, struct pn_str text, unsigned alternative)
{
    if (finding && !is_repeated(lint->unit, file))
        pn_finding_edit(lint->report, finding, file, at, text, alternative);
}

void
pn_lint_replace(struct pn_lint *lint, struct pn_finding *finding, uint32_t file,
                struct pn_span span, struct pn_str text, unsigned alternative)
{
    struct pn_source_span at = { pn_lint_source(lint, file), span,
                                 finding ? finding->at.line : 0 };

    replace_near(lint, finding, file, at, text, alternative);
}

/* Deletes whole lines, from the first to the last of the statement, which begins near a
 * line. */
static void
statement_delete(struct pn_lint *lint, struct pn_finding *finding, uint32_t file,
                 const struct pn_node *node, size_t near)
{
    const struct pn_tree *tree = pn_unit_tree(lint->unit, file);
    const struct pn_source *source = tree->source;
    struct pn_span span = pn_tree_span(tree, node->range);
    uint32_t first = span.offset, last = span.offset + span.size;

    while (first && source->text[first - 1] != '\n')
        first--;
    while (last < source->size && source->text[last - 1] != '\n')
        last++;
    replace_near(lint, finding, file,
                 (struct pn_source_span){ source, { first, last - first }, near },
                 PN_STR(""), 0);
}

void
pn_lint_delete_statement(struct pn_lint *lint, struct pn_finding *finding,
                         uint32_t file, const struct pn_node *node)
{
    if (finding)
        statement_delete(lint, finding, file, node, finding->at.line);
}

static bool
is_target(const struct pn_node *node)
{
    return node && (node->kind == PN_NODE_TARGET || node->kind == PN_NODE_LIST);
}

/* Is there only a comma between two targets? A comment must stay. */
static bool
is_plain_gap(const struct pn_source *source, uint32_t from, uint32_t to)
{
    for (; from < to; from++) {
        char c = source->text[from];

        if (c != ',' && c != ' ' && c != '\t')
            return false;
    }
    return true;
}

void
pn_lint_delete(struct pn_lint *lint, struct pn_finding *finding, uint32_t item)
{
    const struct pn_rule_item *written = &lint->policy->items[item];
    const struct pn_rule_node *rule = &lint->policy->nodes[written->rule];
    const struct pn_tree *tree = pn_unit_tree(lint->unit, rule->file);
    const struct pn_node *before = NULL, *after = NULL;
    struct pn_span span = pn_lint_span(lint, item), near;
    uint32_t first = span.offset, last = span.offset + span.size;

    if (!finding)
        return;
    for (const struct pn_node *n = rule->node->children.head;
         written->node != rule->node && is_target(n); n = n->next) {
        if (n->next == written->node && is_target(n->next))
            before = n;
        if (n == written->node && is_target(n->next))
            after = n->next;
    }
    if (!before && !after) {
        statement_delete(lint, finding, rule->file, rule->node,
                         pn_lint_rule(lint, item)->line);
        return;
    }
    near = pn_tree_span(tree, after ? after->range : before->range);
    if (after)
        last = near.offset;
    else
        first = near.offset + near.size;
    if (is_plain_gap(tree->source, after ? span.offset + span.size : first,
                     after ? last : span.offset))
        pn_lint_replace(lint, finding, rule->file,
                        (struct pn_span){ first, last - first }, PN_STR(""), 0);
}

size_t
pn_lint_number(struct pn_lint *lint, pn_number number)
{
    struct pn_buffer text = { 0 };
    size_t kept_at = 0;

    pn_number_write_people(&text, number);
    lint->failed |= text.failed;
    if (!text.failed)
        kept_at = pn_report_text_add(lint->report, pn_str_of(&text));
    pn_buffer_free(&text);
    return kept_at;
}

void
pn_lint_link_profile(struct pn_lint *lint, struct pn_finding *finding)
{
    const struct pn_lint_options *options = lint->options;

    if (finding && options->profile_source)
        pn_finding_link(
            lint->report, finding,
            (struct pn_source_span){ options->profile_source, options->profile_span,
                                     0 },
            pn_report_text_add(lint->report, PN_STR("the server runs with this")));
}
