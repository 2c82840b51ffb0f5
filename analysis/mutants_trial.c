/* The policy with all of its mutants behind it, and what each of them is there. */
#include "analysis/mutants_trial.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/mutants_making.h"
#include "base/memory.h"
#include "compiler/outcomes.h"
#include "compiler/policy_build.h"

/* Texts are compiled again without those that are no rules: so often. */
enum { ROUNDS = 3, ERRORS_MOST = 1 << 20 };

/* A pn_read_fn: the tests are those of the trial. */
static bool
read_tests(void *payload, const char *path, size_t limit, struct pn_source *out)
{
    const struct pn_trial *trial = payload;

    if (!trial->tests_text.size || strcmp(path, trial->tests) != 0)
        return pn_read_file(NULL, path, limit, out);
    return pn_source_from_text(out, path, pn_str_of(&trial->tests_text));
}

/* Each error is that of a mutant; false when one is not. */
static bool
errors_blame(struct pn_making *m)
{
    for (size_t i = 0; i < m->diags.count; i++) {
        const struct pn_diag *d = &m->diags.items[i];
        bool in_root = d->at.name && strcmp(d->at.name, m->trial->root.name) == 0;
        bool in_tests =
            m->is_in_tests && d->at.name && strcmp(d->at.name, m->trial->tests) == 0;
        size_t mutant = pn_behind_at(in_root ? &m->root : &m->tests, d->at.span.offset);

        if (pn_diag_info[d->id].severity != PN_ERROR)
            continue;
        if (!in_root && !in_tests)
            return false;
        if (mutant == SIZE_MAX)
            return false;
        m->trial->cases[mutant].fate = PN_FATE_STILLBORN;
    }
    return m->diags.errors > 0 && m->diags.total == m->diags.count;
}

/* Compiles it all; again without what does not compile. False: not to be had so. */
static bool
all_compile(struct pn_making *m)
{
    const struct pn_compiled_options how = { .reading = { read_tests, m->trial,
                                                          pn_identify_file, 0 },
                                             .tests = m->trial->tests,
                                             .diags = &m->diags };
    struct pn_compiled *all = &m->trial->all;

    for (unsigned round = 0; round < ROUNDS; round++) {
        pn_compiled_clear(all);
        pn_source_clear(&m->trial->root);
        pn_diags_clear(&m->diags);
        m->diags = (struct pn_diags){ .limit = ERRORS_MOST };
        if (!pn_making_texts(m) || !pn_compiled_make(all, &m->trial->root, &how) ||
            m->diags.failed) {
            m->trial->failed |= !m->of->work->spent;
            return false;
        }
        if (all->rules)
            return true;
        if (!errors_blame(m))
            return false;
    }
    return false;
}

/* The part of a rule stands there once, for all mutants of it that follow. */
static void
parts_number(struct pn_making *m)
{
    uint32_t part = PN_RULE_NONE;

    for (size_t i = 0; i < m->of->mutants->count; i++) {
        struct pn_trial_case *c = &m->trial->cases[i];

        if (!c->is_part)
            continue;
        if (c->part != PN_RULE_NONE)
            part = c->part;
        c->part = part;
    }
}

/* The rules of mutants stand behind those of the policy, in their order. */
static bool
rules_number(struct pn_making *m)
{
    const struct pn_loaded_policy *all = &m->trial->all.loaded;
    uint32_t next = (uint32_t)m->rule_count - m->has_implied;
    bool is_classic = all->unit.files[0]->dialect == PN_CLASSIC;

    m->trial->keys.base = next;
    m->trial->keys.implied = is_classic ? next : PN_RULE_NONE;
    next += is_classic;
    for (size_t i = 0; i < m->root.count; i++) {
        const struct pn_behind_item *item = &m->root.items[i];
        struct pn_trial_case *c = &m->trial->cases[item->mutant];

        if (item->is_part)
            c->part = next++;
        else if (c->claim == SIZE_MAX)
            c->with = next++;
    }
    parts_number(m);
    return next == all->policy.count;
}

/* Is a claim one that a mutant says? Then which. */
static size_t
claim_mutant(const struct pn_making *m, const struct pn_assertion *s)
{
    const struct pn_behind *b = m->is_in_tests ? &m->tests : &m->root;
    const struct pn_unit *unit = &m->trial->all.loaded.unit;
    const struct pn_file *file = unit->files[s->at.file];
    bool is_there =
        m->is_in_tests ? file->is_test && file->parent == s->at.file : s->at.file == 0;
    size_t offset = pn_unit_span(unit, s->at.file, s->at.node).offset;

    return is_there && offset >= b->size ? pn_behind_at(b, offset) : SIZE_MAX;
}

/* A pn_proof_fn: of a claim that is put otherwise. */
struct telling {
    struct pn_making *making;
    bool is_too_much;
};

static void
claim_tell(void *payload, const struct pn_prover *prover, const struct pn_proof *proof)
{
    struct telling *telling = payload;
    struct pn_making *m = telling->making;
    size_t mutant = claim_mutant(m, proof->assertion);
    struct pn_trial_case *c = &m->trial->cases[mutant];

    (void)prover;
    telling->is_too_much |= proof->is_too_much;
    c->fate = !m->of->holds[c->claim] ? PN_FATE_SAME /* it says nothing anyway */
              : proof->holds          ? PN_FATE_SURVIVED
                                      : PN_FATE_TOLD;
}

/* Takes the claims of mutants out from those of the policy, and proves them. */
static enum postern_status
claims_prove(struct pn_making *m, struct pn_assertions *all)
{
    struct telling telling = { m, false };
    struct pn_assertions mutated = *all;
    struct pn_work work = pn_prove_work(&m->trial->all.loaded.unit);
    struct pn_prover prover = pn_compiled_prover(&m->trial->all);
    struct pn_assertion *items;
    size_t kept = 0, count = 0;
    enum postern_status status;

    items = pn_malloc((all->count + 1) * sizeof(*items));
    if (!items)
        return POSTERN_E_NOMEM;
    for (size_t i = 0; i < all->count; i++)
        if (claim_mutant(m, &all->items[i]) != SIZE_MAX)
            items[count++] = all->items[i];
    for (size_t i = 0; i < all->count; i++)
        if (claim_mutant(m, &all->items[i]) == SIZE_MAX) {
            struct pn_assertion s = all->items[i];

            all->items[kept++] = s;
        }
    memcpy(all->items + kept, items, count * sizeof(*items)); /* for it to be cleared */
    mutated.items = items;
    mutated.count = count;
    prover.assertions = &mutated;
    prover.rules = m->of->compiled->rules;
    prover.decoded = &m->of->compiled->decoded;
    prover.work = &work;
    status = pn_prove(&prover, claim_tell, &telling);
    pn_free(items);
    m->of->work->spent |= telling.is_too_much;
    m->gave_up |= kept != m->claim_count;
    return status;
}

static bool
keys_make(struct pn_making *m)
{
    static const struct pn_policy_options options = { .keep_equal = true };
    struct pn_trial *trial = m->trial;
    struct pn_loaded_policy *all = &trial->all.loaded;
    struct pn_diags nobody = { 0 };
    uint32_t implied = trial->keys.implied;

    all->unit.diags = &nobody;
    pn_policy_build(&trial->keyed, &all->unit, &options);
    all->unit.diags = NULL;
    m->gave_up |= nobody.errors > 0;
    pn_diags_clear(&nobody);
    if (trial->keyed.failed)
        return false;
    if (m->gave_up || trial->keyed.count != all->policy.count)
        m->gave_up = true;
    else
        pn_keys_make(&trial->keys, &trial->keyed.space, trial->keys.base,
                     (uint32_t)trial->keyed.count);
    trial->keys.implied = implied;
    if (trial->keyed.space.zones.count > 1) /* IPv6 by how it is written */
        m->gave_up = true;
    return !trial->keys.failed;
}

static bool
classes_make(struct pn_trial *trial)
{
    struct pn_intern shared = { 0 };
    struct pn_outcomes outcomes = { .rules = trial->all.rules, .shared = &shared };
    bool good;

    trial->classes = pn_malloc((trial->keyed.count + 1) * sizeof(*trial->classes));
    for (uint32_t i = 0; trial->classes && i < trial->keyed.count; i++)
        trial->classes[i] = pn_outcome_of(&outcomes, i);
    good = trial->classes && !outcomes.failed;
    pn_outcomes_clear(&outcomes);
    pn_intern_clear(&shared);
    return good;
}

/* What is not judged by its text behind the policy. */
static void
rest_leave(struct pn_making *m)
{
    for (size_t i = 0; i < m->of->mutants->count; i++) {
        struct pn_trial_case *c = &m->trial->cases[i];
        const struct pn_swap swap = { c->without, c->with, c->part, false };

        if (m->gave_up || !c->is_tried)
            c->fate = PN_FATE_UNKNOWN;
        else if (c->fate == PN_FATE_UNKNOWN && c->claim == SIZE_MAX)
            c->fate = pn_keys_lack_default(&m->trial->keys, &swap) ? PN_FATE_STILLBORN
                                                                   : PN_FATE_COUNT;
    }
}

static bool
trial_fill(struct pn_making *m)
{
    struct pn_trial *trial = m->trial;
    enum postern_status status;

    if (!pn_making_begin(m))
        return false;
    if (!all_compile(m)) {
        m->gave_up = true;
        return !trial->failed && !m->of->work->spent;
    }
    m->gave_up = !rules_number(m);
    if (m->gave_up)
        return true;
    status = claims_prove(m, &trial->all.loaded.assertions);
    if (status != POSTERN_OK || m->of->work->spent)
        return false;
    trial->claims = trial->all.loaded.assertions;
    trial->claims.count = m->claim_count;
    trial->prover = pn_compiled_prover(&trial->all);
    trial->prover.assertions = &trial->claims;
    return keys_make(m) &&
           (m->gave_up || (pn_parts_mark(trial, m->of->mutants->count) &&
                           classes_make(trial) && pn_expectations_make(trial, m->of) &&
                           pn_trial_spans_make(trial) && pn_samples_make(trial)));
}

static const char *
tests_of(const struct pn_unit *unit)
{
    for (size_t i = 0; i < unit->count; i++)
        if (unit->files[i]->is_test && unit->files[i]->parent == i)
            return unit->files[i]->source.name;
    return NULL;
}

bool
pn_trial_make(struct pn_trial *out, const struct pn_trial_of *of)
{
    struct pn_making m = { .trial = out, .of = of };
    bool good;

    *out = (struct pn_trial){ .all = PN_COMPILED_NONE };
    out->has_lock = pthread_mutex_init(&out->lock, NULL) == 0;
    out->cases = pn_calloc(of->mutants->count + 1, sizeof(*out->cases));
    out->tests = tests_of(&of->compiled->loaded.unit);
    m.is_in_tests =
        out->tests && of->compiled->loaded.unit.files[0]->dialect == PN_CLASSIC;
    good = out->has_lock && out->cases && trial_fill(&m) && !of->work->spent;
    if (good)
        rest_leave(&m);
    pn_behind_clear(&m.root);
    pn_behind_clear(&m.tests);
    pn_diags_clear(&m.diags);
    pn_set_uses_clear(&m.uses);
    pn_free(m.rules);
    pn_free(m.claims);
    return good;
}

void
pn_trial_clear(struct pn_trial *trial)
{
    pn_keys_clear(&trial->keys);
    pn_policy_clear(&trial->keyed);
    pn_compiled_clear(&trial->all);
    pn_source_clear(&trial->root);
    pn_buffer_free(&trial->tests_text);
    pn_expectations_clear(&trial->expectations);
    pn_free(trial->proofs);
    pn_free(trial->spans[PN_V4]);
    pn_free(trial->spans[PN_V6]);
    pn_free(trial->wide);
    pn_samples_clear(&trial->samples);
    pn_free(trial->classes);
    pn_free(trial->cases);
    if (trial->has_lock)
        pthread_mutex_destroy(&trial->lock);
    *trial = (struct pn_trial){ .all = PN_COMPILED_NONE };
}
