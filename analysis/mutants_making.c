/* Which mutants are tried among all, and their texts. */
#include "analysis/mutants_making.h"

#include "base/memory.h"

enum { STEPS_A_BYTE = 32 };

bool
pn_claim_asks_for_target(const struct pn_assertion *s)
{
    bool asks = false;

    for (size_t i = 0; i < s->condition_count; i++)
        asks |= s->conditions[i].kind == PN_NODE_BY;
    return asks;
}

static bool
statements_number(struct pn_making *m)
{
    const struct pn_loaded_policy *loaded = &m->of->compiled->loaded;
    const struct pn_policy *policy = &loaded->policy;

    m->rules = pn_malloc((policy->count + 1) * sizeof(*m->rules));
    m->claims = pn_malloc((loaded->assertions.count + 1) * sizeof(*m->claims));
    if (!m->rules || !m->claims)
        return false;
    for (; m->rule_count < policy->count; m->rule_count++)
        m->rules[m->rule_count] =
            (struct pn_numbered){ policy->nodes[m->rule_count].node,
                                  (uint32_t)m->rule_count };
    for (; m->claim_count < loaded->assertions.count; m->claim_count++) {
        const struct pn_assertion *s = &loaded->assertions.items[m->claim_count];

        m->claims[m->claim_count] =
            (struct pn_numbered){ s->at.node, (uint32_t)m->claim_count };
        m->asks_for_targets |= pn_claim_asks_for_target(s);
    }
    m->has_implied = policy->count && !policy->nodes[policy->count - 1].node;
    pn_numbered_sort(m->rules, m->rule_count);
    pn_numbered_sort(m->claims, m->claim_count);
    return true;
}

/* A file that is there twice has each of its mutants twice. */
static bool
is_once(const struct pn_unit *unit, uint32_t file)
{
    for (size_t i = 0; i < unit->count; i++)
        if (i != file && unit->files[i]->identity == unit->files[file]->identity)
            return false;
    return true;
}

/* The rule whose target a mutant changes; its node is NULL when there is none, or when
 * that cannot be looked at by itself. */
static struct pn_rule_node
part_rule(struct pn_making *m, const struct pn_mutant *mutant)
{
    const struct pn_unit *unit = &m->of->compiled->loaded.unit;
    const struct pn_tree *tree = pn_unit_tree(unit, mutant->file);
    struct pn_rule_node at = { mutant->statement, mutant->file }, none = { NULL, 0 };

    if (!mutant->element || m->asks_for_targets ||
        !pn_behind_is_plain(tree, mutant->element) ||
        !pn_behind_rule(&m->root, tree, mutant->statement)->is_divisible)
        return none;
    if (mutant->statement->kind == PN_NODE_SET)
        at = pn_set_user(&m->uses, unit, mutant->file, mutant->statement);
    return at.node && is_once(unit, at.file) &&
                   pn_behind_rule(&m->tests, pn_unit_tree(unit, at.file), at.node)
                       ->is_divisible
               ? at
               : none;
}

static void
case_begin(struct pn_making *m, size_t number)
{
    const struct pn_unit *unit = &m->of->compiled->loaded.unit;
    const struct pn_mutant *mutant = &m->of->mutants->items[number];
    struct pn_trial_case *c = &m->trial->cases[number];
    struct pn_rule_node rule = part_rule(m, mutant);
    uint32_t claim = PN_RULE_NONE;

    *c = (struct pn_trial_case){ .fate = PN_FATE_UNKNOWN,
                                 .without = PN_RULE_NONE,
                                 .with = PN_RULE_NONE,
                                 .part = PN_RULE_NONE,
                                 .is_part = rule.node != NULL,
                                 .claim = SIZE_MAX };
    if (!rule.node && mutant->statement->kind == PN_NODE_RULE)
        rule = (struct pn_rule_node){ mutant->statement, mutant->file };
    if (!is_once(unit, mutant->file) ||
        pn_behind_rule(&m->root, pn_unit_tree(unit, mutant->file), mutant->statement)
            ->has_list)
        return;
    if (rule.node)
        c->without = pn_numbered_find(m->rules, m->rule_count, rule.node);
    else if (mutant->of_assertion)
        claim = pn_numbered_find(m->claims, m->claim_count, mutant->statement);
    if (c->without != PN_RULE_NONE &&
        unit->files[rule.file]->dialect == unit->files[0]->dialect)
        c->is_tried = true;
    if (claim != PN_RULE_NONE &&
        (unit->files[0]->dialect == PN_EXTENDED || m->is_in_tests)) {
        c->claim = claim;
        c->is_tried = true;
    }
}

static struct pn_behind *
behind_of(struct pn_making *m, const struct pn_trial_case *c)
{
    return c->claim != SIZE_MAX && m->is_in_tests ? &m->tests : &m->root;
}

static void
part_write(struct pn_making *m, size_t number)
{
    const struct pn_unit *unit = &m->of->compiled->loaded.unit;
    const struct pn_mutant *mutant = &m->of->mutants->items[number];
    struct pn_rule_node rule = part_rule(m, mutant);
    const struct pn_behind_part part = {
        .tree = pn_unit_tree(unit, mutant->file),
        .rule_source = pn_unit_source(unit, rule.file),
        .rule = pn_behind_rule(&m->tests, pn_unit_tree(unit, rule.file), rule.node)
    };

    pn_behind_add_part(&m->root, m->of->mutants, number, &part);
}

static void
case_write(struct pn_making *m, size_t number)
{
    const struct pn_mutant *mutant = &m->of->mutants->items[number];
    const struct pn_trial_case *c = &m->trial->cases[number];

    if (!c->is_tried || c->fate == PN_FATE_STILLBORN ||
        mutant->mutation == PN_MUTANT_DELETED)
        return;
    if (c->is_part)
        part_write(m, number);
    else
        pn_behind_add(behind_of(m, c), m->of->mutants, number,
                      pn_unit_source(&m->of->compiled->loaded.unit, mutant->file));
}

bool
pn_making_texts(struct pn_making *m)
{
    const struct pn_unit *unit = &m->of->compiled->loaded.unit;
    const struct pn_source *root = m->of->root;

    /* a classic policy says so what is decided where no rule is found */
    pn_behind_begin(&m->root, (struct pn_str){ root->text, root->size },
                    unit->files[0]->dialect == PN_CLASSIC ? ":allow\n" : "");
    for (size_t i = 0; m->is_in_tests && i < unit->count; i++)
        if (unit->files[i]->is_test && unit->files[i]->parent == i)
            pn_behind_begin(&m->tests,
                            (struct pn_str){ pn_unit_source(unit, (uint32_t)i)->text,
                                             pn_unit_source(unit, (uint32_t)i)->size },
                            "");
    for (size_t i = 0; i < m->of->mutants->count; i++)
        case_write(m, i);
    if (m->root.failed || m->root.text.failed || m->tests.failed ||
        m->tests.text.failed ||
        !pn_source_from_text(&m->trial->root, root->name, pn_str_of(&m->root.text)))
        return false;
    m->trial->tests_text.size = 0;
    if (m->is_in_tests)
        pn_buffer_add(&m->trial->tests_text, m->tests.text.bytes, m->tests.text.size);
    if (m->trial->tests_text.failed)
        return false;
    return pn_work_take(m->of->work, (uint64_t)STEPS_A_BYTE *
                                         (m->root.text.size + m->tests.text.size));
}

bool
pn_making_begin(struct pn_making *m)
{
    pn_set_uses_make(&m->uses, &m->of->compiled->loaded.unit);
    if (!statements_number(m) || m->uses.failed)
        return false;
    for (size_t i = 0; i < m->of->mutants->count; i++)
        case_begin(m, i);
    return true;
}
