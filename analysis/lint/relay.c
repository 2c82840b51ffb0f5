/*
 * Finds the addresses beyond the trusted networks that rules with such a variable
 * decide for clients without ident. Names are P502's and idents P503's. When an
 * `always` of the policy proves that only some networks have the variable, these count
 * as trusted.
 */
#include "analysis/lint/relay.h"

#include <string.h>

#include "analysis/lint/beyond.h"
#include "analysis/lint/entry.h"
#include "analysis/lint/list_dependence.h"
#include "analysis/lint/treatment.h"
#include "base/memory.h"

/* This many addresses are few, like one customer's network. NETWORKS are named in a
 * help. */
enum { FEW4 = 256, NETWORKS = 3 };

#define FEW6 ((pn_number)1 << 64)

struct relay_work {
    struct pn_lint *lint;
    struct pn_str name; /* of the current variable */
    bool *marked,
        *reported; /* by rule: it sets the variable; by item: it has been reported */
    bool any;      /* a rule sets it */
};

static void
rules_mark(struct relay_work *w)
{
    const struct pn_policy *policy = w->lint->policy;

    memset(w->marked, false, policy->count);
    w->any = false;
    for (uint32_t t = 0; t < policy->item_count; t++)
        if (pn_lint_allows(w->lint, t) && pn_lint_value(w->lint, t, w->name).ptr)
            w->any = w->marked[policy->items[t].rule] = true;
}

/* always !X : !VARIABLE */
static bool
is_author_assertion(const struct relay_work *w, const struct pn_assertion *s)
{
    const struct pn_assertions *assertions = &w->lint->loaded->assertions;

    if (s->at.node->kind != PN_NODE_ALWAYS || !s->outside || s->everything)
        return false;
    for (size_t i = 0; i < s->condition_count; i++) {
        struct pn_str name = pn_assertions_text(assertions, s->conditions[i].name);

        if (s->conditions[i].kind == PN_NODE_UNSET && pn_str_equal(name, w->name))
            return true;
    }
    return false;
}

static bool
trusted_gather(const struct relay_work *w, struct pn_address_set *out)
{
    const struct pn_assertions *assertions = &w->lint->loaded->assertions;
    bool good = pn_networks_beyond(out, w->lint);

    for (size_t i = 0; i < assertions->count && good; i++)
        if (is_author_assertion(w, &assertions->items[i]))
            good = pn_address_set_add(out, &assertions->items[i].within);
    return good;
}

/* Writes the networks of an item as --trusted takes them; false when there are many, or
 * none. */
static bool
networks_write(const struct pn_lint *lint, uint32_t item, struct pn_buffer *out)
{
    size_t count = pn_lint_entry_count(lint, item);

    for (size_t i = 0; i < count && count <= NETWORKS; i++) {
        char text[POSTERN_ADDR_TEXT_SIZE];
        uint8_t family;
        const struct pn_prefix *p = pn_lint_entry(lint, item, i, &family);
        struct postern_addr addr = pn_number_address(p->start, family);

        postern_addr_print(&addr, text);
        pn_buffer_add_format(out, i ? ",%s" : "%s", text);
        if (!p->is_address)
            pn_buffer_add_format(out, "/%u", p->length);
    }
    pn_buffer_add(out, "", 1);
    return count && count <= NETWORKS && !out->failed;
}

static void
trusted_offer(struct pn_lint *lint, struct pn_finding *f, uint32_t item)
{
    struct pn_buffer text = { 0 };

    if (networks_write(lint, item, &text))
        f->help = pn_report_format(
            lint->report,
            "if these are yours: --trusted %s, or trusted = %s in .postern", text.bytes,
            text.bytes);
    else if (pn_lint_entry_count(lint, item))
        f->help = pn_report_format(lint->report,
                                   "if these are yours, name their networks with "
                                   "--trusted, or trusted = ... in .postern");
    lint->failed |= text.failed;
    pn_buffer_free(&text);
}

static void
relay_report(struct relay_work *w, uint32_t item, const struct pn_reach *reach,
             uint32_t candidate)
{
    pn_number sum = reach->counts[0] + reach->counts[1];
    struct pn_lint *lint = w->lint;
    struct pn_finding *f;
    size_t count;

    if (w->reported[item])
        return;
    w->reported[item] = true;
    f = pn_lint_add(lint, PN_CHECK_OPEN_RELAY, item);
    if (!f)
        return;
    if (reach->counts[0] <= FEW4 && reach->counts[1] <= FEW6)
        f->severity = PN_WARNING;
    count = pn_lint_number(lint, sum);
    f->label =
        pn_report_format(lint->report, "%s address%s beyond the trusted networks",
                         pn_report_text(lint->report, count), sum == 1 ? "" : "es");
    pn_lint_query(lint, f, &reach->witness, candidate, PN_GROUP_NO_IDENT);
    trusted_offer(lint, f, item);
    pn_depends_report(lint, f, pn_depends_item(lint, item));
}

/* The rule for any host: no name needs to be forged for that. */
static void
any_host(struct relay_work *w)
{
    const struct pn_lint *lint = w->lint;
    uint32_t item = lint->policy->space.groups[PN_GROUP_NO_IDENT].any_host;
    struct pn_reach reach = { 0 };

    if (item == PN_RULE_NONE || !(lint->survey.infos[item].flags & PN_ITEM_LIVES) ||
        !w->marked[lint->policy->items[item].rule])
        return;
    for (size_t f = 0; f < 2; f++) {
        const struct pn_family_info *ff =
            &lint->survey.groups[PN_GROUP_NO_IDENT].families[f];

        reach.counts[f] = ff->gap;
        if (!reach.witness.family)
            reach.witness = ff->gap_witness;
    }
    if (reach.counts[0] + reach.counts[1])
        relay_report(w, item, &reach, PN_HOST_STRANGER);
}

static void
variable_lint(struct relay_work *w)
{
    struct pn_address_set trusted = { 0 };
    struct pn_reach *reaches = NULL;

    if (trusted_gather(w, &trusted))
        reaches = pn_reaches_find(w->lint, w->marked, &trusted);
    for (uint32_t t = 0; t < w->lint->survey.count && reaches; t++)
        if (reaches[t].counts[0] + reaches[t].counts[1])
            relay_report(w, t, &reaches[t], PN_HOST_NONE);
    if (reaches)
        any_host(w);
    else
        w->lint->failed = true;
    pn_free(reaches);
    pn_address_set_clear(&trusted);
}

void
pn_relay_lint(struct pn_lint *lint)
{
    struct relay_work w = { .lint = lint };

    w.marked = pn_calloc(lint->policy->count + 1, sizeof(*w.marked));
    w.reported = pn_calloc(lint->survey.count + 1, sizeof(*w.reported));
    lint->failed |= !w.marked || !w.reported;
    for (const char *const *p = lint->options->privileged; p && *p && !lint->failed;
         p++) {
        w.name = pn_str_of_text(*p);
        rules_mark(&w);
        if (w.any)
            variable_lint(&w);
    }
    pn_free(w.marked);
    pn_free(w.reported);
}
