/* P8: definitions, lists, includes, expectations and expiry. */
#include <stdlib.h>
#include <string.h>

#include "analysis/lint/context.h"
#include "analysis/lint/expectations.h"
#include "analysis/lint/passes.h"
#include "compiler/list_bounds.h"
#include "compiler/penalties.h"

enum { OLD_DAYS = 90, LATE_DAYS = 30 };

static void
unused(struct pn_lint *lint)
{
    const struct pn_names *names = &lint->policy->names;

    for (size_t i = 0; i < names->intern.count; i++) {
        const struct pn_definition *d = &names->items[i];
        struct pn_finding *f;

        if (lint->use_counts[i])
            continue;
        f = pn_lint_add_node(lint, PN_CHECK_UNUSED_DEFINITION, d->file, d->node);
        pn_lint_delete_statement(lint, f, d->file, d->node);
    }
}

/* Adds what kind of file it is, and links the line that shows it. */
static void
foreign_report(struct pn_lint *lint, const struct pn_list_file *list, uint32_t file,
               struct pn_span span)
{
    const struct pn_diag_info *info = &pn_diag_info[list->foreign];
    struct pn_finding *f = pn_lint_add_span(lint, PN_CHECK_LIST_NOT_A_LIST, file, span);

    if (!f)
        return;
    f->label = pn_report_format(lint->report, "%s", info->text);
    f->help = pn_report_format(lint->report, "%s", info->help);
    pn_finding_link(lint->report, f,
                    (struct pn_source_span){ &list->source, list->foreign_at, 0 },
                    pn_report_format(lint->report, "shows it"));
}

/* Reports a list outside of its bounds; does it say how few entries are too few? */
static bool
bounds_lint(struct pn_lint *lint, const struct pn_list_file *list,
            const struct pn_list_use *use, struct pn_span span)
{
    struct pn_list_bounds bounds;
    struct pn_buffer label = { 0 };
    struct pn_finding *f;

    if (!pn_list_bounds_read(pn_unit_tree(lint->unit, use->file), use->node, &bounds))
        return false; /* an error, which is told */
    if (pn_list_bounds_break(&bounds, list->entries)) {
        f = pn_lint_add_span(lint, PN_CHECK_LIST_OUT_OF_BOUNDS, use->file, span);
        pn_list_bounds_tell(&label, &bounds, list->entries);
        lint->report->failed |= label.failed;
        if (f && !label.failed)
            f->label = pn_report_text_add(lint->report, pn_str_of(&label));
        if (f)
            f->help = pn_report_format(lint->report, "see what was downloaded");
        pn_buffer_free(&label);
    }
    return bounds.has_least && !list->covered;
}

/* Reports faults of a list where the list is named. */
static void
list_lint(struct pn_lint *lint, const struct pn_list_use *use)
{
    const struct pn_list_file *list = &lint->policy->names.lists.items[use->list];
    struct pn_span span =
        pn_tree_span(pn_unit_tree(lint->unit, use->file), use->node->range);
    struct pn_finding *f;
    int age;

    if (list->fault != PN_DIAG_NONE)
        return;
    if (list->foreign != PN_DIAG_NONE) {
        foreign_report(lint, list, use->file, span);
        return;
    }
    if (bounds_lint(lint, list, use, span)) /* which tells of an empty one too */
        return;
    if (!list->covered && !list->refused) {
        f = pn_lint_add_span(lint, PN_CHECK_EMPTY_SET, use->file, span);
        if (f)
            f->help = pn_report_format(lint->report, "did a download fail?");
    }
    if (!lint->options->age_of || !lint->report->on[PN_CHECK_OLD_LIST])
        return;
    age = lint->options->age_of(lint->options->payload, list->path);
    if (age > OLD_DAYS) {
        f = pn_lint_add_span(lint, PN_CHECK_OLD_LIST, use->file, span);
        if (f)
            f->label = pn_report_format(lint->report, "for %d days", age);
    }
}

/* A place that is read twice is reported once: a set is resolved once, and so is a
 * rule. */
static void
lists(struct pn_lint *lint)
{
    const struct pn_lists *all = &lint->policy->names.lists;

    for (size_t i = 0; i < all->use_count; i++)
        list_lint(lint, &all->uses[i]);
}

/* Reports a set without elements, unless an empty list is the reason, which is reported
 * itself. */
static void
empty_sets(struct pn_lint *lint)
{
    const struct pn_names *names = &lint->policy->names;

    for (size_t i = 0; i < names->intern.count; i++) {
        const struct pn_definition *d = &names->items[i];

        if (d->node->kind == PN_NODE_SET && d->state == PN_NAME_DONE &&
            !d->elements.count && !lint->diags->errors)
            pn_lint_add_node(lint, PN_CHECK_EMPTY_SET, d->file, d->node);
    }
}

static void
included_twice(struct pn_lint *lint)
{
    for (uint32_t i = 1; i < lint->unit->count; i++)
        for (uint32_t k = 1; k < i; k++) {
            const struct pn_file *b = lint->unit->files[i], *a = lint->unit->files[k];
            const struct pn_node *second = NULL, *first = NULL;
            struct pn_finding *f;

            if (!a->path || !b->path || a->identity != b->identity)
                continue;
            for (size_t n = 0; n < lint->unit->files[b->parent]->include_count; n++)
                if (lint->unit->files[b->parent]->includes[n].file == i)
                    second = lint->unit->files[b->parent]->includes[n].node;
            for (size_t n = 0; n < lint->unit->files[a->parent]->include_count; n++)
                if (lint->unit->files[a->parent]->includes[n].file == k)
                    first = lint->unit->files[a->parent]->includes[n].node;
            if (!second || !first)
                continue;
            f = pn_lint_add_span(
                lint, PN_CHECK_INCLUDED_TWICE, b->parent,
                pn_tree_behind(pn_unit_tree(lint->unit, b->parent), second));
            pn_finding_link(
                lint->report, f,
                (struct pn_source_span){
                    pn_lint_source(lint, a->parent),
                    pn_tree_behind(pn_unit_tree(lint->unit, a->parent), first), 0 },
                0);
            pn_lint_delete_statement(lint, f, b->parent, second);
            break;
        }
}

/* Days since the first of March of the year 0 (H. Lichtenberg, E. G. Richards). */
static int
day_number(uint32_t date)
{
    int year = (int)(date / 10000), month = (int)(date / 100 % 100),
        day = (int)(date % 100);

    if (month <= 2) {
        year--;
        month += 12;
    }
    return 365 * year + year / 4 - year / 100 + year / 400 +
           (153 * (month - 3) + 2) / 5 + day;
}

static void
expired(struct pn_lint *lint, uint32_t rule)
{
    const struct pn_policy_rule *r = &lint->policy->rules[rule];
    const struct pn_rule_node *at = &lint->policy->nodes[rule];
    uint32_t until = r->terms == PN_TERMS_NONE
                         ? 0
                         : lint->policy->terms[r->terms].columns[PN_TERM_UNTIL_DATE];
    uint32_t today = lint->options->as_of ? lint->options->as_of : lint->options->today;
    const struct pn_node *term = NULL;
    struct pn_finding *f;

    if (!until || until >= today || !at->node)
        return;
    for (const struct pn_node *n = at->node->children.head; n; n = n->next)
        if (n->kind == PN_NODE_TERM && n->action == PN_TERM_UNTIL)
            term = n;
    if (!term)
        return;
    f = pn_lint_add_span(lint, PN_CHECK_EXPIRED, at->file,
                         pn_tree_span(pn_unit_tree(lint->unit, at->file), term->range));
    if (f && day_number(today) - day_number(until) > LATE_DAYS)
        f->severity = PN_ERROR;
    if (f)
        f->label = pn_report_format(lint->report, "%d days ago",
                                    day_number(today) - day_number(until));
    pn_lint_delete_statement(lint, f, at->file, at->node);
}

/* Who is denied has no program that could end badly, and is refused anyway; and a
 * server of datagrams obeys no penalty. */
static void
penalties_idle(struct pn_lint *lint, const struct pn_rule_node *at)
{
    bool by_server = lint->options->no_penalties;

    if (!at->node || (at->node->action == PN_ALLOW && !by_server))
        return;
    for (const struct pn_node *n = at->node->children.head; n; n = n->next) {
        const struct pn_tree *tree = pn_unit_tree(lint->unit, at->file);
        struct pn_finding *f;

        if (n->kind != PN_NODE_TERM || n->action < PN_TERM_PENALTY)
            continue;
        f = pn_lint_add_span(lint, PN_CHECK_IDLE_PENALTY, at->file,
                             pn_tree_span(tree, n->range));
        if (!f)
            continue;
        f->label = pn_report_format(lint->report, "%s",
                                    by_server ? "udpserver obeys no penalty"
                                              : "who is denied runs no program");
        if (by_server)
            pn_lint_link_profile(lint, f);
    }
}

/* What a penalty is cut to by a server whose options are known. */
static void
penalties_cut(struct pn_lint *lint, const struct pn_rule_node *at)
{
    const uint32_t most = lint->options->penalty_most;
    struct pn_diags none = { .limit = 0 };

    if (!most || lint->options->no_penalties || !at->node ||
        at->node->action != PN_ALLOW)
        return;
    for (const struct pn_node *n = at->node->children.head; n; n = n->next) {
        const struct pn_tree *tree = pn_unit_tree(lint->unit, at->file);
        const struct pn_terms_place place = { tree, at->node, &none };
        struct pn_penalty penalty = { { 0 } };
        struct pn_finding *f;

        if (n->kind != PN_NODE_TERM || n->action != PN_TERM_PENALTY ||
            !pn_penalty_read(&place, n, &penalty) ||
            penalty.columns[PN_PENALTY_SECONDS] <= most)
            continue;
        f = pn_lint_add_span(lint, PN_CHECK_PENALTY_CUT, at->file,
                             pn_token_span(tree->tokens[n->token + 2]));
        if (!f)
            continue;
        f->label = pn_report_format(lint->report, "counts as %u", (unsigned)most);
        f->help =
            pn_report_format(lint->report, "start the server with --penalty-max %u",
                             (unsigned)penalty.columns[PN_PENALTY_SECONDS]);
        pn_lint_link_profile(lint, f);
    }
    pn_diags_clear(&none);
}

void
pn_lint_definitions(struct pn_lint *lint)
{
    unused(lint);
    lists(lint);
    empty_sets(lint);
    included_twice(lint);
    pn_expectations_lint(lint);
    for (uint32_t i = 0; i < lint->policy->count; i++) {
        expired(lint, i);
        penalties_idle(lint, &lint->policy->nodes[i]);
        penalties_cut(lint, &lint->policy->nodes[i]);
    }
    pn_shrunk_definitions_lint(lint);
}
