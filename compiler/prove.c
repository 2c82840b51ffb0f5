/*
 * Rules that fulfil an assertion are one class, all others another, so that few areas
 * remain.
 */
#include "compiler/prove.h"

#include <string.h>

#include "base/memory.h"
#include "compiler/breakers.h"
#include "compiler/condition_target.h"
#include "compiler/image.h"
#include "compiler/query_text.h"
#include "runtime/format/record.h"

/* Memo of a rule: the lowest bit is the answer, the others the predicate. */
enum { BREAKS, FULFILS };

enum { BYTES_A_STEP = 64 }; /* for looking through an environment */

/* The best counterexample so far is the one with the lowest rank. */
#define RANK_IDENT 4u
#define RANK_HOST 2u
#define RANK_LOCAL 1u
#define RANK_NONE 8u

struct work {
    const struct pn_prover *prover;
    const struct pn_assertion *assertion;
    uint32_t *known;    /* for each rule, for the predicate checked last */
    uint32_t predicate; /* the predicate of the assertion, from 1 */
    struct pn_breakers breakers;
    struct pn_proof proof;
    struct pn_buffer host, ident; /* of its query */
    unsigned best;                /* its rank as an example: lower is better */
};

/* The value that a rule's environment has for a name; the last one counts. */
static bool
env_find(const struct pn_policy *policy, const struct pn_policy_rule *rule,
         struct pn_str name, struct pn_str *out)
{
    const uint8_t *at = (const uint8_t *)policy->text.bytes + rule->env;
    const uint8_t *end = at + rule->env_size;
    struct pn_item item;
    bool found = false;

    while (rule->env_size && pn_record_next(&at, end, &item)) {
        const char *text = (const char *)item.bytes + 1; /* behind its + */
        const char *sign = memchr(text, '=', item.size - 1);

        if (!sign || (size_t)(sign - text) != name.len ||
            memcmp(text, name.ptr, name.len) != 0)
            continue;
        *out = (struct pn_str){ sign + 1, item.size - name.len - 2 };
        found = true;
    }
    return found;
}

static bool
verdict_fulfils(const struct pn_condition *condition, const struct pn_policy_rule *rule)
{
    switch ((enum pn_action)condition->action) {
    case PN_ALLOW:
        return rule->verdict == POSTERN_ALLOW;
    case PN_DENY:
        return rule->verdict == POSTERN_DENY;
    case PN_BLOCK:
        return rule->block;
    }
    return false;
}

/* A denial has no penalties, and is not exempt. */
static bool
penalties_fulfil(const struct pn_policy *policy, const struct pn_condition *condition,
                 uint32_t number)
{
    size_t count;
    const struct pn_penalty *rows = pn_policy_penalties(policy, number, &count);

    if (policy->rules[number].verdict != POSTERN_ALLOW)
        count = 0;
    if (condition->action == PN_TERM_EXEMPT)
        return count && pn_penalty_is_none(rows);
    return pn_penalty_holds(&condition->penalty, rows, count);
}

static bool
term_fulfils(const struct pn_prover *p, const struct pn_condition *condition,
             uint32_t number)
{
    const struct pn_policy_rule *rule = &p->policy->rules[number];
    struct pn_terms terms =
        rule->terms == PN_TERMS_NONE ? pn_terms_none() : p->policy->terms[rule->terms];

    if (condition->action >= PN_TERM_COUNT)
        return penalties_fulfil(p->policy, condition, number);
    if (condition->action == PN_TERM_LIMIT && rule->terms != PN_TERMS_NONE)
        return pn_limit_is_among(p->policy->terms[rule->terms].columns,
                                 &condition->terms);
    return pn_term_same(condition->action, &terms, &p->policy->text, &condition->terms,
                        &p->assertions->text);
}

static bool
condition_is_fulfilled(const struct pn_prover *p, const struct pn_condition *condition,
                       uint32_t number)
{
    const struct pn_policy_rule *rule = &p->policy->rules[number];
    struct pn_str name = pn_assertions_text(p->assertions, condition->name),
                  value = { 0 }, wanted;
    bool set;

    if (condition->kind == PN_NODE_VERDICT)
        return verdict_fulfils(condition, rule);
    if (condition->kind == PN_NODE_BY)
        return pn_condition_target_is(condition, p->policy, p->unit, number);
    if (condition->kind == PN_NODE_TERM)
        return term_fulfils(p, condition, number);
    set = rule->verdict == POSTERN_ALLOW && env_find(p->policy, rule, name, &value);
    if (condition->kind == PN_NODE_UNSET)
        return !set;
    wanted = pn_assertions_text(p->assertions, condition->value);
    return set && value.len == wanted.len &&
           memcmp(value.ptr, wanted.ptr, value.len) == 0;
}

bool
pn_assertion_is_fulfilled(const struct pn_prover *prover,
                          const struct pn_assertion *assertion, uint32_t rule)
{
    for (size_t i = 0; i < assertion->condition_count; i++)
        if (!condition_is_fulfilled(prover, &assertion->conditions[i], rule))
            return false;
    return true;
}

static bool
fulfils(struct work *work, uint32_t rule)
{
    if (rule >= work->prover->policy->count)
        return false;
    if (work->known[rule] >> 1 != work->predicate) {
        (void)pn_work_take(
            work->prover->work,
            work->assertion->condition_count *
                (1 + work->prover->policy->rules[rule].env_size / BYTES_A_STEP));
        work->known[rule] =
            work->predicate << 1 |
            (pn_assertion_is_fulfilled(work->prover, work->assertion, rule) ? FULFILS
                                                                            : BREAKS);
    }
    return (work->known[rule] & 1) == FULFILS;
}

static uint32_t
class_of(void *payload, uint32_t rule)
{
    return fulfils(payload, rule);
}

struct postern_query
pn_assertion_query(const struct pn_assertions *assertions,
                   const struct pn_assertion *expect)
{
    struct postern_query query = POSTERN_QUERY_INIT;
    struct pn_str host = pn_assertions_text(assertions, expect->host);
    struct pn_str ident = pn_assertions_text(assertions, expect->ident);

    query.remote = expect->address;
    if (expect->has_host)
        query.host = (struct postern_str){ host.ptr, host.len };
    if (expect->has_ident)
        query.ident = (struct postern_str){ ident.ptr, ident.len };
    return query;
}

bool
pn_assertion_scope(const struct pn_assertion *always, struct pn_regions *out)
{
    out->within = always->everything ? NULL : &always->within;
    out->outside = always->outside;
    out->host = always->no_host ? PN_ASK_NONE : PN_ASK_ALL;
    out->ident = always->no_ident ? PN_ASK_NONE : PN_ASK_ALL;
    return !always->everything || !always->outside; /* nothing is outside everything */
}

static enum postern_status
expect_prove(struct work *work)
{
    struct pn_proof *proof = &work->proof;
    enum postern_status status;

    proof->query = pn_assertion_query(work->prover->assertions, work->assertion);
    status = pn_image_decide(work->prover->rules, &proof->query, &proof->decision);
    proof->holds = status == POSTERN_OK && fulfils(work, proof->decision.rule);
    return status;
}

/* A pn_region_fn: keeps the best example of the queries that break the assertion. */
static bool
region_prove(void *payload, const struct pn_regions *r, const struct pn_region *region)
{
    struct postern_query query = region->query;
    struct work *work = payload;
    unsigned rank =
        (query.ident.ptr ? RANK_IDENT : 0) + (query.host.ptr ? RANK_HOST : 0);

    if (fulfils(work, region->decisions[0].rule))
        return true;
    work->proof.through_host &= query.host.ptr != NULL;
    work->proof.through_ident &= query.ident.ptr != NULL;
    if (r->prefer_global && !r->areas[region->area].is_global)
        rank += RANK_LOCAL;
    if (rank >= work->best)
        return true;
    work->best = rank;
    work->proof.query = pn_query_keep(&query, &work->host, &work->ident);
    work->proof.decision = region->decisions[0];
    return true;
}

static bool
any_breaks(struct work *work, const struct pn_rule_list *rules, bool *asked,
           bool *result)
{
    for (size_t i = 0; i < rules->count && !*asked && !*result; i++)
        *result = !fulfils(work, rules->items[i]);
    *asked = true;
    return *result;
}

/*
 * If no rule with a host breaks it, a client with a host can break it only by a rule
 * that would decide without the host too; likewise for idents.
 */
static void
scope_narrow(struct work *work, struct pn_regions *r)
{
    struct pn_predicate *p = &work->breakers.items[work->predicate - 1];

    if (r->host == PN_ASK_ALL &&
        !any_breaks(work, &work->breakers.hosts, &p->hosts_asked, &p->hosts_break))
        r->host = PN_ASK_NONE;
    if (r->ident == PN_ASK_ALL &&
        !any_breaks(work, &work->breakers.idents, &p->idents_asked, &p->idents_break))
        r->ident = PN_ASK_NONE;
}

static enum postern_status
always_prove(struct work *work)
{
    const struct pn_assertion *s = work->assertion;
    struct pn_regions r = {
        .sides = { { work->prover->rules, work->prover->decoded, class_of, work } },
        .side_count = 1,
        .prefer_global = s->everything || s->outside,
        .work = work->prover->work,
    };
    enum postern_status status;

    if (!pn_assertion_scope(s, &r) ||
        !pn_breakers_any(&work->breakers, work->prover->assertions, s)) {
        work->proof.holds = true;
        return POSTERN_OK;
    }
    scope_narrow(work, &r);
    work->proof.through_host = work->proof.through_ident = true;
    work->best = RANK_NONE;
    status = pn_regions_each(&r, region_prove, work);
    work->proof.holds = work->best == RANK_NONE;
    pn_regions_clear(&r);
    return status;
}

/* Proves one assertion. */
static enum postern_status
statement_prove(struct work *work)
{
    enum postern_status status;

    work->predicate =
        1 + pn_breakers_predicate(&work->breakers, work->prover->assertions,
                                  work->assertion);
    if (work->breakers.failed)
        return POSTERN_E_NOMEM;
    work->proof = (struct pn_proof){ .assertion = work->assertion,
                                     .query = POSTERN_QUERY_INIT,
                                     .decision = POSTERN_DECISION_INIT };
    status = work->assertion->at.node->kind == PN_NODE_EXPECT ? expect_prove(work)
                                                              : always_prove(work);
    if (work->prover->work && work->prover->work->spent) {
        work->proof.is_too_much = true;
        work->proof.holds = false;
        return POSTERN_OK;
    }
    if (work->host.failed || work->ident.failed || work->prover->policy->failed)
        status = POSTERN_E_NOMEM;
    return status;
}

enum postern_status
pn_prove(const struct pn_prover *prover, pn_proof_fn take, void *payload)
{
    struct work work = { .prover = prover };
    enum postern_status status = POSTERN_OK;

    work.known = pn_calloc(prover->policy->count + 1, sizeof(*work.known));
    pn_breakers_make(&work.breakers, prover->policy, prover->decoded);
    if (!work.known || work.breakers.failed)
        status = POSTERN_E_NOMEM;
    for (size_t i = 0; i < prover->assertions->count && status == POSTERN_OK; i++) {
        work.assertion = &prover->assertions->items[i];
        status = statement_prove(&work);
        if (status == POSTERN_OK)
            take(payload, prover, &work.proof);
        if (work.proof.is_too_much)
            break;
    }
    pn_breakers_clear(&work.breakers);
    pn_buffer_free(&work.host);
    pn_buffer_free(&work.ident);
    pn_free(work.known);
    return status;
}

/* "allow, NAME="value", limit 3" */
static void
decision_write(struct pn_buffer *out, const struct postern_decision *decision)
{
    pn_buffer_add_text(out, decision->step == POSTERN_STEP_BLOCK ? "block"
                            : decision->verdict == POSTERN_ALLOW ? "allow"
                                                                 : "deny");
    pn_env_write(out, decision->env);
    pn_admission_write(out, decision);
}

static void
note_write(struct pn_buffer *note, const struct pn_proof *proof)
{
    bool always = proof->assertion->at.node->kind == PN_NODE_ALWAYS;

    pn_buffer_add_text(note, "  query: ");
    pn_query_write(note, &proof->query);
    pn_buffer_add_text(note, "\n answer: ");
    decision_write(note, &proof->decision);
    pn_buffer_add_text(note, "\n");
    if (always && proof->through_host)
        pn_buffer_add_text(note, "  it fails only through a host: end it with "
                                 "\"assuming no host\" if no server looks them up\n");
    if (always && proof->through_ident)
        pn_buffer_add_text(note, "  it fails only through an ident: end it with "
                                 "\"assuming no ident\" if no server asks for them\n");
}

struct pn_span
pn_targets_span(const struct pn_tree *tree, const struct pn_node *rule)
{
    struct pn_range range = { rule->token, rule->token };

    for (const struct pn_node *n = rule->children.head; n; n = n->next)
        if (n->kind == PN_NODE_TARGET || n->kind == PN_NODE_LIST ||
            n->kind == PN_NODE_EXCEPT)
            range.last = n->range.last;
    return pn_tree_span(tree, range);
}

struct pn_span
pn_assertion_span(const struct pn_unit *unit, const struct pn_assertion *assertion)
{
    struct pn_range range = assertion->at.node->range;

    range.last--;
    return pn_tree_span(pn_unit_tree(unit, assertion->at.file), range);
}

static void
too_much_report(const struct pn_prover *prover, const struct pn_assertion *s,
                struct pn_diags *diags)
{
    static const char note[] =
        "  the claims up to here, by the rules that could break them, are more than is "
        "looked at:\n  let fewer of them be about everybody, or end them with "
        "\"assuming "
        "no host\" or\n  \"assuming no ident\" where no server looks those up\n";
    struct pn_diag *diag = pn_diags_add(diags, PN_DIAG_TOO_MUCH,
                                        prover->unit->files[s->at.file]->tree.source,
                                        pn_assertion_span(prover->unit, s));

    pn_diag_note(diags, diag, (struct pn_str){ note, sizeof(note) - 1 });
}

void
pn_proof_diagnose(const struct pn_prover *prover, const struct pn_proof *proof,
                  struct pn_diags *diags)
{
    const struct pn_assertion *s = proof->assertion;
    const struct pn_tree *tree = pn_unit_tree(prover->unit, s->at.file);
    bool always = s->at.node->kind == PN_NODE_ALWAYS;
    struct pn_rule_node rule = { NULL, 0 };
    bool is_kept = pn_diags_has_room(diags);
    struct pn_buffer note = { 0 };
    struct pn_diag *diag;

    if (proof->is_too_much) {
        too_much_report(prover, s, diags);
        return;
    }
    if (proof->decision.rule < prover->policy->count)
        rule = prover->policy->nodes[proof->decision.rule];
    diag = pn_diags_add(diags, always ? PN_DIAG_PROOF_FAILS : PN_DIAG_EXPECTATION_FAILS,
                        tree->source, pn_assertion_span(prover->unit, s));
    if (is_kept)
        note_write(&note, proof);
    pn_diag_note(diags, diag, (struct pn_str){ note.bytes, note.size });
    if (rule.node) {
        const struct pn_tree *home = pn_unit_tree(prover->unit, rule.file);

        pn_diag_relate(diags, diag, home->source, pn_targets_span(home, rule.node),
                       "decides it");
    }
    pn_diags_fail(diags, note.failed);
    pn_buffer_free(&note);
}
