/* test --coverage, and --suggest, which answers what it lacks. */
#include <string.h>

#include "analysis/coverage.h"
#include "tools/render/answer.h"
#include "tools/render/assertions.h"
#include "tools/render/json.h"
#include "tools/test.h"

static void
untested_show(const struct pn_tested *t, uint32_t rule)
{
    struct pn_output *out = &t->tool->out;
    struct postern_origin origin = POSTERN_ORIGIN_INIT;

    if (postern_rules_origin(t->compiled->rules, rule, &origin) != POSTERN_OK)
        return;
    pn_output_add(out, origin.file.ptr, origin.file.len);
    if (!origin.line) {
        pn_output_text(out, ": no expectation or proof is about whom no rule is for\n");
        return;
    }
    pn_output_format(out,
                     ":%u: no expectation or proof is about this rule: ", origin.line);
    pn_output_add(out, origin.target.ptr, origin.target.len);
    pn_output_text(out, "\n");
}

static void
coverage_show(const struct pn_tested *t, const struct pn_coverage *c)
{
    size_t covered, live;
    unsigned rules = pn_coverage_rules(c, &covered, &live);
    unsigned v4 = pn_coverage_space(c, 0), v6 = pn_coverage_space(c, 1);

    if (t->json) {
        pn_output_format(&t->tool->out,
                         "{\"kind\": \"coverage\", \"rules\": %zu, \"tested\": %zu, "
                         "\"percent\": {\"rules\": %u, \"ipv4\": %u, \"ipv6\": %u}}\n",
                         live, covered, rules, v4, v6);
        return;
    }
    for (uint32_t i = 0; i < c->count; i++)
        if (c->live[i] && !c->covered[i])
            untested_show(t, i);
    pn_output_format(&t->tool->out,
                     "coverage: %zu of %zu rules (%u %%), %u %% of the IPv4 addresses, "
                     "%u %% of the IPv6 ones\n",
                     covered, live, rules, v4, v6);
}

bool
pn_test_coverage(const struct pn_tested *tested, size_t threshold, int *status)
{
    struct pn_prover prover = pn_compiled_prover(tested->compiled);
    struct pn_coverage c;
    size_t covered, live;
    enum postern_status made;
    bool enough = true;

    prover.work = &tested->tool->work;
    made = pn_coverage_make(&c, &prover);
    if (made != POSTERN_OK) {
        pn_test_fail(tested, made, status);
    } else {
        coverage_show(tested, &c);
        enough = pn_coverage_rules(&c, &covered, &live) >= threshold &&
                 pn_coverage_space(&c, 0) >= threshold &&
                 pn_coverage_space(&c, 1) >= threshold;
    }
    pn_coverage_clear(&c);
    return enough;
}

/* "by TARGET", of the first word of the rule. */
static void
by_write(const struct pn_tested *t, uint32_t rule)
{
    const struct pn_rule_node *at = &t->compiled->loaded.policy.nodes[rule];
    const struct pn_file *file = t->compiled->loaded.unit.files[at->file];
    const struct pn_node *first = at->node ? at->node->children.head : NULL;
    struct pn_str word;

    if (file->dialect == PN_CLASSIC || !first || first->kind != PN_NODE_TARGET ||
        first->next != NULL)
        return;
    word = pn_source_slice(&file->source, pn_tree_span(&file->tree, first->range));
    pn_output_text(&t->tool->out, ", by ");
    pn_output_add(&t->tool->out, word.ptr, word.len);
}

void
pn_test_suggest(const struct pn_tested *tested, int *status)
{
    struct pn_prover prover = pn_compiled_prover(tested->compiled);
    enum postern_status made;
    struct pn_coverage c;

    prover.work = &tested->tool->work;
    made = pn_coverage_make(&c, &prover);
    for (uint32_t i = 0; i < c.count && made == POSTERN_OK; i++) {
        struct postern_decision d = POSTERN_DECISION_INIT;

        if (!c.live[i] || c.covered[i])
            continue;
        if (!pn_assertion_query_is_fine(&c.examples[i])) {
            pn_assertion_unsayable_write(&tested->tool->out, &c.examples[i]);
            continue;
        }
        made = postern_rules_outcome(tested->compiled->rules, i, &d);
        pn_output_text(&tested->tool->out, "expect ");
        pn_query_text(&tested->tool->out, &c.examples[i]);
        pn_output_text(&tested->tool->out, " : ");
        pn_assertions_write(&tested->tool->out, &d);
        by_write(tested, i);
        pn_output_text(&tested->tool->out, "\n");
    }
    if (made != POSTERN_OK)
        pn_test_fail(tested, made, status);
    pn_coverage_clear(&c);
}
