/* P4: decisions that the rule alone does not suggest. */
#include <string.h>

#include "analysis/decide.h"
#include "analysis/lint/context.h"
#include "analysis/lint/entry.h"
#include "analysis/lint/list_dependence.h"
#include "analysis/lint/overlaps.h"
#include "analysis/lint/passes.h"
#include "analysis/lint/treatment.h"
#include "base/memory.h"
#include "compiler/literal.h"
#include "compiler/unicast.h"

static const struct pn_family_info *
family_info(const struct pn_lint *lint, uint32_t group, size_t f)
{
    return &lint->survey.groups[group].families[f];
}

static bool
is_first_of(const struct pn_lint *lint, const struct pn_host *host)
{
    return lint->survey.infos[host->rule].flags & PN_ITEM_LIVES;
}

/* An allowed exact host, where prefixes deny addresses. */
static void
host_beats_deny(struct pn_lint *lint, uint32_t group, const struct pn_host *host)
{
    pn_number count = 0;
    const struct pn_witness *witness = NULL;
    struct pn_finding *f;
    size_t number;

    if (!pn_lint_serves(lint, host->rule))
        return;
    for (size_t i = 0; i < 2; i++) {
        const struct pn_family_info *ff = family_info(lint, group, i);
        bool fallthrough =
            group > PN_GROUP_NO_IDENT && /* and the ident has no default of its own */
            lint->policy->space.groups[group].fallback == PN_RULE_NONE;
        const struct pn_range_summary *summaries[] = { &ff->summary, &ff->under_gap };

        for (size_t k = 0; k < (fallthrough ? 2u : 1u); k++) {
            count += summaries[k]->denied;
            if (!witness && summaries[k]->denial.family)
                witness = &summaries[k]->denial;
        }
    }
    if (!witness)
        return;
    f = pn_lint_add(lint, PN_CHECK_HOST_BEATS_DENY, host->rule);
    if (!f)
        return;
    if (!lint->options->profile.paranoid) {
        f->severity = PN_ERROR;
        lint->assumes_all = true;
    }
    number = pn_lint_number(lint, count);
    f->label = pn_report_format(lint->report, "%s denied addresses pass with this name",
                                pn_report_text(lint->report, number));
    pn_lint_link(lint, f, witness->item, "this denies them without it");
    pn_lint_query(lint, f, witness, pn_host_candidate(host->name), group);
    f->help = pn_report_format(lint->report,
                               pn_lint_is_classic(lint, host->rule)
                                   ? "run the server with -p, or use block in an "
                                     "extended policy"
                                   : "write block for what no name may pass, or run "
                                     "the server with -p");
}

/* A denied suffix or any host, where prefixes allow addresses. */
static void
prefix_beats_deny(struct pn_lint *lint, uint32_t group, uint32_t item,
                  uint32_t candidate)
{
    struct pn_finding *f;

    if (pn_lint_allows(lint, item) || group == PN_GROUP_BLOCKS)
        return;
    for (size_t i = 0; i < 2; i++) {
        const struct pn_witness *witness = &family_info(lint, group, i)->allowance;

        if (!witness->family)
            continue;
        f = pn_lint_add(lint, PN_CHECK_PREFIX_BEATS_HOST_DENY, item);
        pn_lint_link(lint, f, witness->item, "this allows them all the same");
        pn_lint_query(lint, f, witness, candidate, group);
        return;
    }
}

/* A suffix whose domain itself has another outcome, and no rule of its own. */
static void
apex_missed(struct pn_lint *lint, uint32_t group, const struct pn_host *host)
{
    const struct pn_space *space = &lint->policy->space;
    uint32_t candidate = pn_host_candidate(host->name), other;
    struct pn_str name = pn_host_name(&lint->survey.hosts, candidate);
    struct pn_str apex = { name.ptr + 1, name.len - 1 };
    const struct pn_witness *witness = &family_info(lint, group, 0)->gap_witness;
    struct pn_finding *f;

    if (!lint->report->on[PN_CHECK_APEX_MISSED] || group == PN_GROUP_BLOCKS)
        return;
    if (!witness->family)
        witness = &family_info(lint, group, 1)->gap_witness;
    if (!witness->family || !memchr(apex.ptr, '.', apex.len) ||
        pn_space_rule_of_name(space, group, apex) != PN_RULE_NONE)
        return;
    other = pn_space_decide(space, witness->family, witness->address, apex,
                            pn_lint_ident(lint, group));
    if (other == PN_RULE_NONE || pn_survey_class(&lint->survey, other) ==
                                     pn_survey_class(&lint->survey, host->rule))
        return;
    f = pn_lint_add(lint, PN_CHECK_APEX_MISSED, host->rule);
    pn_lint_link(lint, f, other, "this decides it");
    pn_lint_query_text(lint, f, witness, apex, pn_lint_ident(lint, group));
    if (f)
        f->help = pn_report_format(lint->report, "write =%.*s as well, if it is meant",
                                   (int)apex.len, apex.ptr);
}

static void
single_label(struct pn_lint *lint, const struct pn_host *host)
{
    uint32_t candidate = pn_host_candidate(host->name);
    struct pn_str name = pn_host_name(&lint->survey.hosts, candidate);

    if (pn_host_is_suffix(&lint->survey.hosts, candidate) ||
        memchr(name.ptr, '.', name.len))
        return;
    pn_lint_add(lint, PN_CHECK_SINGLE_LABEL_HOST, host->rule);
}

/* Reports an item once, though it may have many names. */
static void
hosts_lint(struct pn_lint *lint, uint32_t group)
{
    const struct pn_group *g = &lint->policy->space.groups[group];
    bool *reported = pn_calloc(lint->survey.count + 1, 1);

    for (size_t i = 0; i < g->host_count && reported; i++) {
        const struct pn_host *host = &g->hosts[i];
        uint32_t candidate = pn_host_candidate(host->name);
        bool suffix = pn_host_is_suffix(&lint->survey.hosts, candidate);

        if (reported[host->rule])
            continue;
        single_label(lint, host);
        if (!is_first_of(lint, host))
            continue;
        reported[host->rule] = true;
        if (suffix) {
            prefix_beats_deny(lint, group, host->rule, candidate);
            apex_missed(lint, group, host);
        } else if (group != PN_GROUP_BLOCKS) {
            host_beats_deny(lint, group, host);
        }
    }
    lint->failed |= !reported;
    pn_free(reported);
    if (g->any_host != PN_RULE_NONE &&
        lint->survey.infos[g->any_host].flags & PN_ITEM_LIVES)
        prefix_beats_deny(lint, group, g->any_host, PN_HOST_STRANGER);
}

/* A set with single addresses and prefixes, where a host's rule decides between the
 * two. */
static void
split_step(struct pn_lint *lint, const struct pn_collection *collection)
{
    const struct pn_item_info *info = &lint->survey.infos[collection->item];
    const struct pn_group *g = &lint->policy->space.groups[info->group];
    uint32_t both = PN_ITEM_EXACT | PN_ITEM_PREFIX;
    struct pn_witness witness = { 0 };
    struct pn_finding *f;

    if ((info->flags & both) != both)
        return;
    for (size_t i = 0; i < pn_lint_entry_count(lint, collection->item); i++) {
        const struct pn_prefix *p =
            pn_lint_entry(lint, collection->item, i, &witness.family);

        witness.address = pn_example_address(witness.family, p->start,
                                             pn_prefix_last(p, witness.family));
        if (!p->is_address &&
            pn_space_decide(&lint->policy->space, witness.family, witness.address,
                            (struct pn_str){ NULL, 0 },
                            pn_lint_ident(lint, info->group)) == collection->item)
            break;
        witness.family = 0;
    }
    for (size_t i = 0; i < g->host_count && witness.family; i++) {
        uint32_t c = pn_host_candidate(g->hosts[i].name), rule = g->hosts[i].rule;

        if (pn_host_is_suffix(&lint->survey.hosts, c) ||
            !is_first_of(lint, &g->hosts[i]) ||
            pn_survey_class(&lint->survey, rule) ==
                pn_survey_class(&lint->survey, collection->item))
            continue;
        f = pn_lint_add(lint, PN_CHECK_SPLIT_STEP, collection->item);
        pn_lint_link(lint, f, rule, "for this host");
        pn_lint_query(lint, f, &witness, c, info->group);
        if (f)
            f->help = pn_report_format(lint->report, "write single addresses as /32 or "
                                                     "/128 to have all on one step");
        pn_depends_report(lint, f, pn_depends_item(lint, collection->item));
        return;
    }
}

/* All addresses of one family have a rule, and those of the other fall to the default.
 * */
static void
family_gap(struct pn_lint *lint)
{
    const struct pn_group *g = &lint->policy->space.groups[PN_GROUP_NO_IDENT];
    const struct pn_family_info *ff[2] = { family_info(lint, PN_GROUP_NO_IDENT, 0),
                                           family_info(lint, PN_GROUP_NO_IDENT, 1) };
    uint32_t rule;
    struct pn_finding *f;
    size_t full, gap;

    if (lint->options->profile.no_v4 || lint->options->profile.no_v6 ||
        g->fallback == PN_RULE_NONE)
        return;
    for (full = 0; full < 2; full++) {
        gap = 1 - full;
        if (!ff[full]->summary.any_other || ff[full]->summary.gap ||
            !ff[gap]->summary.gap)
            continue;
        rule = ff[full]->prefixes[0].item;
        if (!ff[full]->prefixes[1].family &&
            pn_survey_class(&lint->survey, rule) ==
                pn_survey_class(&lint->survey, g->fallback))
            continue; /* the default has the same outcome */
        f = pn_lint_add(lint, PN_CHECK_FAMILY_GAP, rule);
        if (!f)
            continue;
        if (pn_lint_allows(lint, g->fallback))
            f->severity = PN_ERROR;
        pn_depends_report(lint, f, pn_depends_gap(lint, full));
        f->label =
            pn_report_format(lint->report, "%s is decided by addresses, %s is not",
                             full ? "IPv6" : "IPv4", full ? "IPv4" : "IPv6");
        pn_lint_link(lint, f, g->fallback, "the other family falls to this");
        pn_lint_query(lint, f, &ff[gap]->gap_witness, PN_HOST_NONE, PN_GROUP_NO_IDENT);
    }
}

/* Of two equal keys in two files the one that is read first decides. */
static void
include_overrides(struct pn_lint *lint)
{
    for (size_t i = 0; i < lint->duplicate_count; i++) {
        uint32_t item = lint->duplicates[i].rule, first = lint->duplicates[i].first;
        struct pn_finding *f;

        if ((i && lint->duplicates[i - 1].rule == item) ||
            !pn_lint_is_written(lint, item) || !pn_lint_is_written(lint, first) ||
            pn_lint_file(lint, item) == pn_lint_file(lint, first) ||
            pn_survey_class(&lint->survey, item) ==
                pn_survey_class(&lint->survey, first))
            continue;
        f = pn_lint_add(lint, PN_CHECK_INCLUDE_OVERRIDES, item);
        pn_depends_report(lint, f,
                          pn_depends_item(lint, item) || pn_depends_item(lint, first));
        pn_lint_link(lint, f, first, "this wins");
        pn_lint_query_of(lint, f, first);
    }
}

/* IPv4 addresses written as IPv6, ::ffff:10.0.0.1. */
static void
mapped_address(struct pn_lint *lint, uint32_t item)
{
    struct pn_str word = pn_lint_text(lint, item), rest = word, ident;
    struct pn_buffer scratch = { 0 }, text = { 0 };
    struct pn_target meaning;
    char address[POSTERN_ADDR_TEXT_SIZE];
    struct postern_addr addr;
    struct pn_finding *f;

    if (!lint->policy->items[item].node ||
        lint->policy->items[item].node->kind != PN_NODE_TARGET ||
        !memchr(word.ptr, ':', word.len) ||
        pn_literal_ident(&rest, &scratch, &ident) != PN_DIAG_NONE ||
        pn_literal_target(rest, &scratch, &meaning) != PN_DIAG_NONE ||
        meaning.family != 4 || meaning.kind > PN_TARGET_PREFIXES) {
        pn_buffer_free(&scratch);
        return;
    }
    f = pn_lint_add(lint, PN_CHECK_MAPPED_ADDRESS, item);
    addr = pn_number_address(meaning.first, 4);
    postern_addr_print(&addr, address);
    pn_buffer_add(&text, word.ptr, word.len - rest.len);
    pn_buffer_add_text(&text, address);
    if (meaning.kind == PN_TARGET_PREFIXES)
        pn_buffer_add_format(&text, "/%u", meaning.length);
    if (!text.failed)
        pn_lint_replace(lint, f, pn_lint_file(lint, item), pn_lint_span(lint, item),
                        pn_str_of(&text), 0);
    lint->failed |= text.failed || scratch.failed;
    pn_buffer_free(&text);
    pn_buffer_free(&scratch);
}

void
pn_lint_surprises(struct pn_lint *lint)
{
    for (uint32_t g = 0; g < lint->policy->space.group_count; g++)
        hosts_lint(lint, g);
    for (size_t i = 0; i < lint->survey.collection_count; i++)
        split_step(lint, &lint->survey.collections[i]);
    family_gap(lint);
    include_overrides(lint);
    pn_overlaps_lint(lint);
    for (uint32_t t = 0; t < lint->survey.count; t++)
        if (!pn_lint_is_written(lint, t) || pn_lint_is_classic(lint, t))
            continue;
        else
            mapped_address(lint, t);
}
