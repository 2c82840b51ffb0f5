/* P5: clients that are given more than intended, and by what. */
#include <libpsl.h>
#include <string.h>

#include "analysis/decide.h"
#include "analysis/lint/context.h"
#include "analysis/lint/entry.h"
#include "analysis/lint/grants.h"
#include "analysis/lint/list_dependence.h"
#include "analysis/lint/passes.h"
#include "analysis/lint/relay.h"
#include "analysis/lint/secrets.h"
#include "analysis/lint/tables.h"
#include "analysis/lint/treatment.h"
#include "analysis/lint/walk.h"
#include "base/memory.h"

enum { BROAD4 = 8, BROAD6 = 19, QUARTER = 3 };

static const unsigned broad_length[PN_FAMILIES] = { BROAD4, BROAD6 };

/* A public suffix such as com or co.uk: anybody who registers a name has one below it
 * (publicsuffix.org). */
static bool
public_suffix(struct pn_lint *lint, uint32_t item, uint32_t candidate)
{
    struct pn_str name = pn_host_name(&lint->survey.hosts, candidate);
    struct pn_buffer text = { 0 };
    bool is_public;

    if (!pn_lint_allows(lint, item) ||
        !pn_host_is_suffix(&lint->survey.hosts, candidate))
        return false;
    pn_buffer_add(&text, name.ptr + 1, name.len - 1);
    pn_buffer_add(&text, "", 1);
    lint->failed |= text.failed;
    is_public =
        !text.failed && psl_is_public_suffix2(psl_builtin(), text.bytes,
                                              PSL_TYPE_ICANN | PSL_TYPE_NO_STAR_RULE);
    if (is_public)
        pn_lint_add(lint, PN_CHECK_PUBLIC_SUFFIX_GRANT, item);
    pn_buffer_free(&text);
    return is_public;
}

/* Reports an item once, though it may have many names. */
static void
suffixes_lint(struct pn_lint *lint)
{
    const struct pn_group *g = &lint->policy->space.groups[PN_GROUP_NO_IDENT];
    bool *reported = pn_calloc(lint->survey.count + 1, 1);

    for (size_t i = 0; i < g->host_count && reported; i++) {
        uint32_t item = g->hosts[i].rule;

        if (reported[item] || !(lint->survey.infos[item].flags & PN_ITEM_LIVES))
            continue;
        reported[item] = public_suffix(lint, item, pn_host_candidate(g->hosts[i].name));
    }
    lint->failed |= !reported;
    pn_free(reported);
}

/* Is a line that could not be parsed just the default that seems to be missing? */
static bool
default_is_broken(const struct pn_lint *lint)
{
    const struct pn_tree *tree = pn_unit_tree(lint->unit, 0);

    for (const struct pn_node *n = tree->file ? tree->file->children.head : NULL; n;
         n = n->next)
        if (n->kind == PN_NODE_ERROR &&
            tree->source->text[tree->tokens[n->range.first].offset] == ':')
            return true;
    return false;
}

/* A classic file without a default allows all clients without a rule. */
static void
no_default(struct pn_lint *lint)
{
    const struct pn_group_info *infos = &lint->survey.groups[PN_GROUP_NO_IDENT];
    uint32_t fallback = lint->policy->space.groups[PN_GROUP_NO_IDENT].fallback;
    pn_number count = infos->families[0].gap + infos->families[1].gap;
    const struct pn_source *root = pn_lint_source(lint, 0);
    struct pn_span span = { 0, 0 };
    struct pn_finding *f;
    /* a count of 0 with a gap is 2^128, all addresses of both families */
    bool all = !count && infos->families[0].gap;
    bool open = root->size && root->text[root->size - 1] != '\n';

    if (lint->unit->files[0]->dialect != PN_CLASSIC || fallback == PN_RULE_NONE ||
        pn_lint_is_written(lint, fallback) || (!count && !all) ||
        default_is_broken(lint))
        return;
    for (uint32_t t = 0; t < lint->survey.count; t++)
        if (pn_lint_is_written(lint, t))
            span = pn_lint_span(lint, t);
    f = pn_lint_add_span(lint, PN_CHECK_NO_DEFAULT, 0, span);
    if (!f)
        return;
    f->label = all ? pn_report_format(lint->report, "everybody falls through to allow")
                   : pn_report_format(
                         lint->report, "%s addresses fall through to allow",
                         pn_report_text(lint->report, pn_lint_number(lint, count)));
    f->subject = pn_report_format(lint->report, ": allow");
    pn_lint_query(lint, f,
                  infos->families[0].gap ? &infos->families[0].gap_witness
                                         : &infos->families[1].gap_witness,
                  PN_HOST_NONE, PN_GROUP_NO_IDENT);
    pn_lint_replace(lint, f, 0, (struct pn_span){ (uint32_t)root->size, 0 },
                    open ? PN_STR("\n:deny\n") : PN_STR(":deny\n"), 0);
    pn_lint_replace(lint, f, 0, (struct pn_span){ (uint32_t)root->size, 0 },
                    open ? PN_STR("\n:allow\n") : PN_STR(":allow\n"), 1);
}

/* The number of entries of a list that begin before an entry, or begin with it and
 * contain it. */
static size_t
place_of(const struct pn_prefixes *list, const struct pn_prefix *p)
{
    size_t at = pn_prefixes_from(list, 0, p->start);

    while (at < list->count && pn_prefix_compare(&list->items[at], p) < 0)
        at++;
    return at;
}

/* The item that would decide without an entry, for a client without name and ident. */
static uint32_t
around_of(const struct pn_lint *lint, uint32_t item, const struct pn_prefix *p,
          uint8_t family)
{
    uint32_t group = lint->survey.infos[item].group;
    const struct pn_prefixes *list = pn_lint_list(lint, group, family);
    pn_number last = pn_prefix_last(p, family);

    for (size_t i = place_of(list, p); i-- > 0;) {
        const struct pn_prefix *q = &list->items[i];

        if (q->rule != item && !q->is_address && pn_prefix_last(q, family) >= last)
            return q->rule;
    }
    if (group != PN_GROUP_NO_IDENT && group != PN_GROUP_BLOCKS)
        return pn_space_decide(&lint->policy->space, family, p->start,
                               (struct pn_str){ NULL, 0 }, (struct pn_str){ NULL, 0 });
    return lint->policy->space.groups[PN_GROUP_NO_IDENT].fallback;
}

/* Does an item give a client more than its rule would be without one of its entries? */
static bool
is_more(const struct pn_lint *lint, uint32_t item, const struct pn_prefix *p,
        uint8_t family)
{
    uint32_t around = around_of(lint, item, p, family);
    struct pn_treatment t = pn_lint_treatment(lint, item, around);

    return t.change & PN_CHANGE_MORE &&
           (around == PN_RULE_NONE || !pn_lint_serves(lint, around) || t.privileged);
}

/* The same for any of its entries, which for a range are few. */
static bool
any_is_more(const struct pn_lint *lint, uint32_t item)
{
    bool more = false;

    for (size_t i = 0; i < pn_lint_entry_count(lint, item) && !more; i++) {
        uint8_t family;
        const struct pn_prefix *p = pn_lint_entry(lint, item, i, &family);

        more = is_more(lint, item, p, family);
    }
    return more;
}

/* Reports addresses that are broad, of no client, or in use again. */
static void
addresses_lint(struct pn_lint *lint, uint32_t item)
{
    size_t count = pn_lint_entry_count(lint, item), unroutable = 0;
    bool allow = pn_lint_allows(lint, item), broad = false, listed;
    unsigned since = 0;
    pn_number sizes[2] = { 0, 0 };
    struct pn_finding *f;

    for (size_t i = 0; i < count; i++) {
        uint8_t family;
        const struct pn_prefix *p = pn_lint_entry(lint, item, i, &family);
        pn_number last = pn_prefix_last(p, family);
        unsigned year = family == 4 ? pn_range_used_since(p->start, last) : 0;

        unroutable += pn_range_is_unroutable(family, p->start, last);
        since = year > since ? year : since;
        broad = broad ||
                (allow && p->length < broad_length[pn_family_index(family)] &&
                 !pn_lint_entry_zeros(lint, item, i) && is_more(lint, item, p, family));
        sizes[family == 6] += pn_lint_entry_size(lint, item, i) - 1;
    }
    if (lint->survey.infos[item].collection == PN_RULE_NONE &&
        (sizes[0] > pn_host_mask(4, BROAD4) + (pn_number)count ||
         sizes[1] > pn_host_mask(6, BROAD6)))
        broad = broad || (allow && any_is_more(lint, item));
    listed = pn_depends_item(lint, item);
    if (broad) {
        f = pn_lint_add(lint, PN_CHECK_BROAD_ALLOW, item);
        pn_depends_report(lint, f, listed);
    }
    if (count && unroutable == count) {
        f = pn_lint_add(lint, PN_CHECK_UNROUTABLE, item);
        if (f && allow)
            f->severity = PN_WARNING;
        pn_depends_report(lint, f, listed);
    }
    if (!allow && since) {
        f = pn_lint_add(lint, PN_CHECK_STALE_BOGON, item);
        if (f)
            f->label = pn_report_format(lint->report, "in use since %u", since);
        pn_depends_report(lint, f, listed);
    }
}

/* Is a prefix worth a look by itself? */
static bool
is_odd(const struct pn_prefix *p, uint8_t family)
{
    pn_number last = pn_prefix_last(p, family);

    return p->length < broad_length[pn_family_index(family)] + QUARTER ||
           pn_range_is_unroutable(family, p->start, last);
}

static void
odd_mark(const struct pn_lint *lint, uint32_t group, uint8_t family, bool *odd)
{
    const struct pn_prefixes *list = pn_lint_list(lint, group, family);
    const struct pn_group *g = &lint->policy->space.groups[group];

    for (size_t i = 0; i < list->count; i++)
        if (is_odd(&list->items[i], family))
            odd[list->items[i].rule] = true;
    for (size_t i = 0; family == 6 && i < g->spelt_count; i++)
        if (is_odd(&g->spelt[i].prefix, family))
            odd[g->spelt[i].prefix.rule] = true;
}

/* Few items are worth a look: those are checked in the order of the file. A range that
 * is broad consists of prefixes of which one has at least a quarter of its size. */
static void
addresses_all(struct pn_lint *lint)
{
    bool *odd = pn_calloc(lint->survey.count + 1, 1);

    for (uint32_t g = 0; odd && g < lint->policy->space.group_count; g++) {
        odd_mark(lint, g, 4, odd);
        odd_mark(lint, g, 6, odd);
    }
    for (uint32_t t = 0; odd && t < lint->survey.count; t++)
        if (odd[t] && pn_lint_is_written(lint, t))
            addresses_lint(lint, t);
    lint->failed |= !odd;
    pn_free(odd);
}

static void
variable_lint(struct pn_lint *lint, const struct pn_assignment *a)
{
    bool server = pn_str_begins(a->name, "PROTO")
                      ? a->name.len == 5
                      : a->name.len > 3 && pn_str_begins(a->name, "TCP");

    if (a->around->kind == PN_NODE_RULE && a->around->action != PN_ALLOW)
        return; /* a denial sets no variables */
    if (pn_name_is_loader(a->name))
        pn_lint_add_span(lint, PN_CHECK_LOADER_VARIABLE, a->file, a->name_span);
    if (server)
        pn_lint_add_span(lint, PN_CHECK_OVERRIDES_SERVER, a->file, a->name_span);
    if (pn_name_is_secret(a->name) && a->value_span.size)
        pn_lint_add_span(lint, PN_CHECK_SECRET_IN_ENV, a->file, a->name_span);
}

void
pn_lint_security(struct pn_lint *lint)
{
    pn_relay_lint(lint);
    pn_grants_lint(lint);
    suffixes_lint(lint);
    addresses_all(lint);
    no_default(lint);
    pn_lint_assignments(lint, variable_lint);
}
