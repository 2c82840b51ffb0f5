/*
 * Each mutant of policies twice: judged among all of them, and compiled by itself.
 * Tells how many there were of each fate; fails where the two are not of one mind, or
 * where a client that is said to be answered otherwise is not.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analysis/mutants_build.h"
#include "compiler/image.h"
#include "tools/test_mutant.h"

static const char *const fates[PN_FATE_COUNT] = { "stillborn", "same", "killed",
                                                  "survived",  "told", "alone" };

struct run {
    struct pn_source root;
    struct pn_tested tested;
    struct pn_compiled compiled;
    struct pn_mutants mutants;
    struct pn_buffer holds, deciders;
    struct pn_trial trial;
    size_t counts[PN_FATE_COUNT];
    const char *fault;
};

static void
holds_add(void *payload, const struct pn_prover *prover, const struct pn_proof *proof)
{
    struct run *run = payload;

    (void)prover;
    pn_buffer_add(&run->holds, &proof->holds, 1);
    pn_buffer_add(&run->deciders, &proof->decision.rule, sizeof(proof->decision.rule));
}

static void
fault(struct run *run, const struct pn_mutant *m, const char *what)
{
    struct pn_str gone =
        pn_source_slice(pn_unit_source(&run->compiled.loaded.unit, m->file), m->span);

    if (!run->fault)
        printf("%s: \"%.*s\" is %s: %s\n", run->root.name, (int)gone.len, gone.ptr,
               pn_mutation_names[m->mutation], what);
    run->fault = what;
}

/* What the policy answers with the mutant in it. */
static void
right_check(struct run *run, const struct pn_mutant *m, const struct pn_difference *d)
{
    const struct pn_compiled_options how = { .tests = run->tested.tests };
    struct postern_decision then = POSTERN_DECISION_INIT;
    struct pn_compiled compiled = PN_COMPILED_NONE;
    struct pn_buffer text = { 0 };
    struct pn_source root = { 0 };

    pn_mutant_write(&run->mutants, m, &run->root, &text);
    if (!pn_source_from_text(&root, run->root.name, pn_str_of(&text)) ||
        !pn_compiled_make(&compiled, &root, &how) || !compiled.rules ||
        pn_image_decide(compiled.rules, &d->query, &then) != POSTERN_OK)
        fault(run, m, "it cannot be compiled");
    else if (then.verdict != d->right.verdict || then.limit.n != d->right.limit.n ||
             (then.verdict == POSTERN_ALLOW &&
              then.env.end - then.env.at != d->right.env.end - d->right.env.at))
        fault(run, m, "the query is not answered so by the mutant");
    pn_compiled_clear(&compiled);
    pn_source_clear(&root);
    pn_buffer_free(&text);
}

/* The policy as it is answers the query as is said. */
static void
difference_check(struct run *run, const struct pn_mutant *m,
                 const struct pn_judgement *judged)
{
    const struct pn_difference *d = &judged->difference;
    struct postern_decision now = POSTERN_DECISION_INIT;

    if (m->of_assertion)
        return;
    if (!d->found ||
        pn_image_decide(run->compiled.rules, &d->query, &now) != POSTERN_OK)
        fault(run, m, "no query is told");
    else if (now.verdict != d->left.verdict ||
             (now.rule != d->left.rule && d->left.rule < run->trial.keys.base))
        fault(run, m, "the query is not answered so");
    else if (!m->file)
        right_check(run, m, d);
}

static void
mutant_check(struct run *run, size_t number)
{
    const struct pn_mutant *m = &run->mutants.items[number];
    const struct pn_mutated_alone alone = { &run->tested, &run->mutants, m,
                                            &run->holds };
    struct pn_mutant_result result;
    struct pn_judgement judged;
    struct pn_work work = { 0 };

    if (!pn_trial_judge(&run->trial, number, &judged, &work))
        fault(run, m, "it cannot be judged");
    run->counts[judged.fate]++;
    if (!pn_mutant_compile(&alone, &result, &work))
        fault(run, m, "it cannot be compiled");
    if (judged.fate != PN_FATE_UNKNOWN && judged.fate != result.judgement.fate) {
        printf("%s among all, %s alone\n", fates[judged.fate],
               fates[result.judgement.fate]);
        fault(run, m, "the fates differ");
    }
    if (judged.fate == PN_FATE_SURVIVED)
        difference_check(run, m, &judged);
    pn_difference_clear(&judged.difference);
    pn_mutant_result_clear(&result);
}

/* False when it does not compile, or expects nothing. */
static bool
policy_begin(struct run *run, const char *name)
{
    const struct pn_compiled_options how = { .tests = run->tested.tests };
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    bool good = fd >= 0 && pn_source_read(&run->root, name, fd, 1 << 20);

    if (fd >= 0)
        close(fd);
    run->tested.root = &run->root;
    run->tested.compiled = &run->compiled;
    return good && pn_compiled_make(&run->compiled, &run->root, &how) &&
           run->compiled.rules && run->compiled.loaded.assertions.count;
}

static void
policy_check(struct run *run)
{
    struct pn_work work = { 0 };
    struct pn_trial_of of = { .root = &run->root,
                              .compiled = &run->compiled,
                              .mutants = &run->mutants,
                              .work = &work };

    if (pn_compiled_prove(&run->compiled, holds_add, run) != POSTERN_OK)
        abort();
    pn_mutants_make(&run->mutants, &run->compiled.loaded.unit);
    of.holds = (const uint8_t *)run->holds.bytes;
    of.deciders = (const uint32_t *)(void *)run->deciders.bytes;
    if (run->mutants.failed || !pn_trial_make(&run->trial, &of))
        abort();
    for (size_t i = 0; i < run->mutants.count; i++)
        mutant_check(run, i);
}

int
main(int argc, char **argv)
{
    struct run run = { .compiled = PN_COMPILED_NONE,
                       .trial = { .all = PN_COMPILED_NONE } };

    if (argc < 2)
        return 2;
    run.tested.tests = argc > 2 ? argv[2] : NULL;
    if (policy_begin(&run, argv[1]))
        policy_check(&run);
    for (size_t i = 0; i < PN_FATE_COUNT; i++)
        printf("%s %zu\n", fates[i], run.counts[i]);
    pn_trial_clear(&run.trial);
    pn_mutants_clear(&run.mutants);
    pn_buffer_free(&run.holds);
    pn_buffer_free(&run.deciders);
    pn_compiled_clear(&run.compiled);
    pn_source_clear(&run.root);
    return run.fault ? 1 : 0;
}
