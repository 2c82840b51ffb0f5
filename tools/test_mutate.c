/*
 * test --mutate: most mutants are judged from one compile of them all; what cannot be
 * is compiled by itself. All cores, and an answer that does not show how many.
 */
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analysis/mutants_build.h"
#include "analysis/mutants_trial.h"
#include "base/side_by_side.h"
#include "tools/render/answer.h"
#include "tools/render/json.h"
#include "tools/render/snippet.h"
#include "tools/test.h"
#include "tools/test_mutant.h"

/* Who asks for mutants waits longer than for an answer: a few times as long. */
enum {
    MUTATE_LIMITS = 8,
    STEPS_A_BYTE = 6,
    MUTANTS_A_THREAD = 64,
    MUTANTS_AT_ONCE = 8
};

/* What is kept of a mutant. */
struct kept {
    enum pn_fate fate;
    struct pn_mutant_result *survivor; /* of a rule */
};

struct mutate_run {
    const struct pn_tested *tested;
    struct pn_mutants mutants;
    struct pn_buffer holds, deciders; /* of each claim, without a mutant */
    struct pn_trial trial;
    struct kept *results;
    uint64_t limit; /* of steps */
    atomic_size_t next;
    atomic_uint_fast64_t done; /* steps of what was judged */
    atomic_bool failed;
    const struct pn_mutant *mutant; /* the one that is told of */
};

static const struct pn_file *
file_of(const struct mutate_run *run)
{
    return run->tested->compiled->loaded.unit.files[run->mutant->file];
}

/* A pn_proof_fn of the policy as it is. */
static void
holds_add(void *payload, const struct pn_prover *prover, const struct pn_proof *proof)
{
    struct mutate_run *run = payload;

    (void)prover;
    pn_buffer_add(&run->holds, &proof->holds, 1);
    pn_buffer_add(&run->deciders, &proof->decision.rule, sizeof(proof->decision.rule));
}

/* "10.1.0.0/16 is shorter: 10.0.0.0/15", with its place. */
static void
name_text(struct mutate_run *run, struct pn_output *out)
{
    const struct pn_mutant *m = run->mutant;
    const struct pn_source *source = &file_of(run)->source;
    struct pn_position at = pn_source_position(source, m->span.offset);
    struct pn_str gone = pn_source_slice(source, m->span);
    struct pn_headline head = { .severity = "survived",
                                .paint = pn_severity_paint[PN_WARNING],
                                .file = source->name,
                                .line = at.line,
                                .column = at.column };
    struct pn_buffer text = { 0 };

    pn_buffer_add(&text, gone.ptr, gone.len);
    pn_buffer_add_format(&text, " is %s", pn_mutation_names[m->mutation]);
    if (m->text_size) {
        pn_buffer_add_text(&text, ": ");
        pn_buffer_add(&text, run->mutants.text.bytes + m->text, m->text_size);
    }
    pn_buffer_add(&text, "", 1);
    out->pending.failed |= text.failed;
    head.message = text.failed ? "" : text.bytes;
    pn_headline_write(out, &run->tested->style, &head);
    pn_buffer_free(&text);
}

static void
survivor_text(struct mutate_run *run, const struct pn_mutant_result *r)
{
    struct pn_output *out = &run->tested->tool->out;

    name_text(run, out);
    if (run->mutant->of_assertion) {
        pn_output_text(out, "  the claim holds all the same\n");
        return;
    }
    pn_output_text(out, "  nothing notices that ");
    pn_query_text(out, &r->judgement.difference.query);
    pn_output_text(out, " is answered otherwise\n");
    for (size_t i = 0; i < 2; i++) {
        const struct pn_style *style = &run->tested->style;

        pn_style_paint(out, style, i ? PN_PAINT_GREEN : PN_PAINT_RED);
        pn_output_text(out, i ? "  + then " : "  - before ");
        pn_output_add(out, r->answers[i].bytes, r->answers[i].size);
        pn_style_paint(out, style, PN_PAINT_RESET);
        pn_output_text(out, "\n");
    }
}

static void
survivor_json(struct mutate_run *run, const struct pn_mutant_result *r)
{
    struct pn_output *out = &run->tested->tool->out;
    const struct pn_mutant *m = run->mutant;
    const struct pn_source *source = &file_of(run)->source;
    struct pn_position at = pn_source_position(source, m->span.offset);
    struct pn_str text = pn_source_slice(source, m->span);

    pn_output_text(out, "{\"kind\": \"mutant\", \"file\": ");
    pn_json_string(out, source->name, strlen(source->name));
    pn_output_format(
        out,
        ", \"line\": %zu, \"column\": %zu, \"mutation\": \"%s\", \"from\": ", at.line,
        at.column, pn_mutation_names[m->mutation]);
    pn_json_string(out, text.ptr, text.len);
    pn_output_text(out, ", \"to\": ");
    pn_json_string(out, m->text_size ? run->mutants.text.bytes + m->text : "",
                   m->text_size);
    if (!m->of_assertion) {
        pn_output_text(out, ", \"query\": ");
        pn_query_json(out, &r->judgement.difference.query);
    }
    pn_output_text(out, "}\n");
}

static void
summary(const struct mutate_run *run, const size_t *counts)
{
    size_t killed = counts[PN_FATE_KILLED], survived = counts[PN_FATE_SURVIVED];
    size_t same = counts[PN_FATE_SAME], stillborn = counts[PN_FATE_STILLBORN];
    size_t score = killed + survived ? killed * 100 / (killed + survived) : 100;

    if (run->tested->json)
        pn_output_format(&run->tested->tool->out,
                         "{\"kind\": \"mutation\", \"killed\": %zu, \"survived\": %zu, "
                         "\"same\": %zu, \"stillborn\": %zu, \"score\": %zu}\n",
                         killed, survived, same, stillborn, score);
    else
        pn_output_format(
            &run->tested->tool->out,
            "mutation score: %zu %% (%zu of %zu mutant%s noticed; %zu change%s "
            "nothing, %zu do%s not compile)\n",
            score, killed, killed + survived, killed + survived == 1 ? "" : "s", same,
            same == 1 ? "s" : "", stillborn, stillborn == 1 ? "es" : "");
}

/* No claim, no mutant that one could notice. */
static void
nothing_expected(const struct pn_tested *tested)
{
    if (tested->json)
        pn_output_text(&tested->tool->out,
                       "{\"kind\": \"mutation\", \"killed\": 0, \"survived\": 0, "
                       "\"same\": 0, \"stillborn\": 0, \"score\": 0}\n");
    else
        pn_output_format(&tested->tool->out,
                         "mutation score: 0 %% (%s expects nothing, so that nothing "
                         "would be noticed; --suggest writes expectations)\n",
                         tested->root->name);
}

/* Keeps what is told of a result, and clears the rest; false without memory. */
static bool
result_keep(struct kept *kept, struct pn_mutant_result *result)
{
    kept->fate = result->judgement.fate;
    if (kept->fate == PN_FATE_SURVIVED && result->judgement.difference.found) {
        kept->survivor = malloc(sizeof(*kept->survivor));
        if (kept->survivor) {
            *kept->survivor = *result;
            return true;
        }
    }
    pn_mutant_result_clear(result);
    return kept->fate != PN_FATE_SURVIVED || !result->judgement.difference.found;
}

/* The judgement of one mutant; false when it cannot be had. */
static bool
mutant_judge(struct mutate_run *run, size_t number)
{
    const struct pn_mutated_alone alone = { run->tested, &run->mutants,
                                            &run->mutants.items[number], &run->holds };
    struct pn_work work = { .limit = run->limit };
    struct pn_mutant_result result = { 0 };
    bool good;

    if (run->trial.cases[number].fate == PN_FATE_UNKNOWN)
        good = pn_mutant_compile(&alone, &result, &work);
    else
        good = pn_trial_judge(&run->trial, number, &result.judgement, &work) &&
               pn_mutant_answers_write(&result);
    if (!result_keep(&run->results[number], &result))
        good = false;
    /* what all take together is the same in any order */
    return atomic_fetch_add(&run->done, work.done) + work.done <= run->limit && good &&
           !work.spent;
}

/* For pn_side_by_side(): takes some after some. */
static void
mutants_judge(void *payload)
{
    struct mutate_run *run = *(struct mutate_run **)payload;
    size_t at;

    while ((at = atomic_fetch_add(&run->next, MUTANTS_AT_ONCE)) < run->mutants.count)
        for (size_t i = at; i < run->mutants.count && i < at + MUTANTS_AT_ONCE; i++) {
            if (atomic_load(&run->failed))
                return;
            if (!mutant_judge(run, i))
                atomic_store(&run->failed, true);
            pn_progress_add(&run->tested->tool->progress, 1);
        }
}

static void
all_judge(struct mutate_run *run)
{
    struct mutate_run *threads[PN_SIDE_BY_SIDE_MAX];
    size_t most = run->mutants.count / MUTANTS_A_THREAD + 1, count = 0;
    long cores = sysconf(_SC_NPROCESSORS_ONLN);

    while (count < PN_SIDE_BY_SIDE_MAX && count < most &&
           (!count || (long)count < cores))
        threads[count++] = run;
    pn_side_by_side(mutants_judge, threads, sizeof(*threads), count);
}

/* Those that are compiled by themselves are a compile of the whole policy each, and are
 * held to all of its claims: what that comes to is known before the first one. */
static void
alone_count(struct mutate_run *run)
{
    const struct pn_unit *unit = &run->tested->compiled->loaded.unit;
    size_t size = 0, count = 0;

    for (size_t i = 0; i < unit->count; i++)
        size += pn_unit_source(unit, (uint32_t)i)->size;
    for (size_t i = 0; i < run->mutants.count; i++)
        count += run->trial.cases[i].fate == PN_FATE_UNKNOWN;
    run->done += (uint64_t)count * size * STEPS_A_BYTE;
}

static bool
trial_make(struct mutate_run *run)
{
    struct pn_work work = { .limit = run->limit };
    const struct pn_trial_of of = { .root = run->tested->root,
                                    .compiled = run->tested->compiled,
                                    .mutants = &run->mutants,
                                    .holds = (const uint8_t *)run->holds.bytes,
                                    .deciders =
                                        (const uint32_t *)(void *)run->deciders.bytes,
                                    .work = &work };
    bool good = pn_trial_make(&run->trial, &of);

    run->done += work.done;
    run->tested->tool->work.spent |= work.spent;
    if (good)
        alone_count(run);
    return good && run->done <= run->limit;
}

static void
results_write(struct mutate_run *run)
{
    size_t counts[PN_FATE_COUNT + 1] = { 0 };

    for (size_t i = 0; i < run->mutants.count; i++) {
        const struct kept *kept = &run->results[i];

        run->mutant = &run->mutants.items[i];
        counts[kept->fate]++;
        if (kept->fate == PN_FATE_SURVIVED)
            (run->tested->json ? survivor_json : survivor_text)(run, kept->survivor);
    }
    summary(run, counts);
}

static void
run_clear(struct mutate_run *run)
{
    for (size_t i = 0; run->results && i < run->mutants.count; i++)
        if (run->results[i].survivor) {
            pn_mutant_result_clear(run->results[i].survivor);
            free(run->results[i].survivor);
        }
    free(run->results);
    pn_trial_clear(&run->trial);
    pn_mutants_clear(&run->mutants);
    pn_buffer_free(&run->holds);
    pn_buffer_free(&run->deciders);
}

void
pn_test_mutate(const struct pn_tested *tested, int *status)
{
    struct mutate_run run = { .tested = tested,
                              .trial = { .all = PN_COMPILED_NONE },
                              .limit = MUTATE_LIMITS * PN_WORK_LIMIT };
    struct pn_progress *progress = &tested->tool->progress;
    enum postern_status done;
    bool good;

    if (!tested->compiled->loaded.assertions.count) {
        nothing_expected(tested);
        return;
    }
    done = pn_compiled_prove(tested->compiled, holds_add, &run);
    pn_mutants_make(&run.mutants, &tested->compiled->loaded.unit);
    run.results = calloc(run.mutants.count + 1, sizeof(*run.results));
    pn_progress_measure(progress, run.mutants.count, "mutants");
    good = done == POSTERN_OK && !run.mutants.failed && !run.holds.failed &&
           !run.deciders.failed && run.results && trial_make(&run);
    if (good)
        all_judge(&run);
    pn_progress_measure(progress, 0, NULL);
    tested->tool->work.spent |= run.done > run.limit;
    if (good && !run.failed)
        results_write(&run);
    else
        pn_test_fail(tested, done != POSTERN_OK ? done : POSTERN_E_NOMEM, status);
    run_clear(&run);
}
