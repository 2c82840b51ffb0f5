/* test --mutate: each mutant is compiled, compared, and held to the claims. */
#include <stdint.h>
#include <string.h>

#include "analysis/mutants_build.h"
#include "compiler/images_equivalent.h"
#include "tools/render/answer.h"
#include "tools/render/assertions.h"
#include "tools/render/json.h"
#include "tools/render/snippet.h"
#include "tools/test.h"

/* Who asks for mutants waits longer than for an answer: a few times as long. */
enum { MUTATE_LIMITS = 8, STEPS_A_BYTE = 6 };

enum fate {
    FATE_STILLBORN, /* it does not compile */
    FATE_SAME,      /* it decides alike: nothing could notice it */
    FATE_KILLED,    /* a claim breaks that held */
    FATE_SURVIVED,
    FATE_TOLD, /* a claim that is put otherwise breaks: that is no merit */
    FATE_COUNT
};

struct mutate_run {
    const struct pn_tested *tested;
    struct pn_mutants mutants;
    const struct pn_mutant *mutant; /* the one at hand, */
    struct pn_buffer text;          /* and its file */
    struct pn_buffer holds; /* of each claim, whether it does without a mutant */
    size_t assertion;       /* the next one to be looked at, */
    size_t only;            /* the one that a mutant is of, or SIZE_MAX for all, */
    bool killed;            /* and whether one broke */
    size_t counts[FATE_COUNT];
    enum postern_status status;
};

static const struct pn_file *
file_of(const struct mutate_run *run)
{
    return run->tested->compiled->loaded.unit.files[run->mutant->file];
}

/* Does a path lead to the mutant's file, by whatever name? */
static bool
is_mutant(const struct mutate_run *run, const char *path)
{
    const struct pn_reading files = PN_READING_FILES;
    struct pn_buffer key = { 0 }, other = { 0 };
    bool same;

    pn_reading_identify(&files, path, &key);
    pn_reading_identify(&files, file_of(run)->source.name, &other);
    same = !key.failed && !other.failed && key.size == other.size &&
           memcmp(key.bytes, other.bytes, key.size) == 0;
    pn_buffer_free(&key);
    pn_buffer_free(&other);
    return same;
}

/* A pn_read_fn: the mutant's file is another, all else is as it is. */
static bool
read_mutant(void *payload, const char *path, size_t limit, struct pn_source *out)
{
    const struct mutate_run *run = payload;

    if (!run->mutant->file || !is_mutant(run, path))
        return pn_read_file(NULL, path, limit, out);
    return pn_source_from_text(out, path,
                               (struct pn_str){ run->text.bytes, run->text.size });
}

/* A pn_proof_fn of the policy as it is. */
static void
holds_add(void *payload, const struct pn_prover *prover, const struct pn_proof *proof)
{
    struct mutate_run *run = payload;

    (void)prover;
    pn_buffer_add(&run->holds, &proof->holds, 1);
}

/* And of a mutant: a claim that does not hold anyway notices nothing. */
static void
holds_compare(void *payload, const struct pn_prover *prover,
              const struct pn_proof *proof)
{
    struct mutate_run *run = payload;
    size_t number = run->assertion++;

    (void)prover;
    if (run->only == SIZE_MAX || run->only == number)
        run->killed |=
            number < run->holds.size && run->holds.bytes[number] && !proof->holds;
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
survivor_text(struct mutate_run *run, const struct pn_difference *d)
{
    struct pn_output *out = &run->tested->tool->out;

    name_text(run, out);
    if (run->mutant->of_assertion) {
        pn_output_text(out, "  the claim holds all the same\n");
        return;
    }
    pn_output_text(out, "  nothing notices that ");
    pn_query_text(out, &d->query);
    pn_output_text(out, " is answered otherwise\n");
    for (size_t i = 0; i < 2; i++) {
        const struct pn_style *style = &run->tested->style;

        pn_style_paint(out, style, i ? PN_PAINT_GREEN : PN_PAINT_RED);
        pn_output_text(out, i ? "  + then " : "  - before ");
        pn_assertions_write(out, i ? &d->right : &d->left);
        pn_style_paint(out, style, PN_PAINT_RESET);
        pn_output_text(out, "\n");
    }
}

static void
survivor_json(struct mutate_run *run, const struct pn_difference *d)
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
        pn_query_json(out, &d->query);
    }
    pn_output_text(out, "}\n");
}

/* The number of the claim that a mutant is of; SIZE_MAX for a rule's. */
static size_t
assertion_of(const struct mutate_run *run)
{
    const struct pn_loaded_policy *loaded = &run->tested->compiled->loaded;
    const struct pn_mutant *m = run->mutant;

    for (size_t i = 0; m->of_assertion && i < loaded->assertions.count; i++) {
        const struct pn_assertion *s = &loaded->assertions.items[i];
        struct pn_span span = pn_assertion_span(&loaded->unit, s);

        if (s->at.file == m->file && m->span.offset - span.offset < span.size)
            return i;
    }
    return SIZE_MAX;
}

/* Would anybody notice? A claim that does not hold anyway says nothing. */
static bool
is_different(struct mutate_run *run, struct pn_compiled *mutant,
             struct pn_difference *d)
{
    if (run->only != SIZE_MAX)
        return run->only < run->holds.size && run->holds.bytes[run->only];
    run->status =
        pn_images_equivalent(pn_compiled_image(run->tested->compiled),
                             pn_compiled_image(mutant), d, &run->tested->tool->work);
    return run->status == POSTERN_OK && d->found;
}

/* Of a mutant that compiles. */
static enum fate
mutant_check(struct mutate_run *run, struct pn_compiled *mutant)
{
    const struct pn_tested *t = run->tested;
    struct pn_difference d = { 0 };
    enum fate fate = FATE_SAME;

    run->only = assertion_of(run);
    if (is_different(run, mutant, &d)) {
        run->assertion = 0;
        run->killed = false;
        run->status = pn_compiled_prove(mutant, holds_compare, run);
        fate = !run->killed            ? FATE_SURVIVED
               : run->only != SIZE_MAX ? FATE_TOLD
                                       : FATE_KILLED;
        if (fate == FATE_SURVIVED && run->status == POSTERN_OK)
            (t->json ? survivor_json : survivor_text)(run, &d);
    }
    pn_difference_clear(&d);
    return fate;
}

static enum fate
mutant_run(struct mutate_run *run)
{
    const struct pn_tested *t = run->tested;
    const struct pn_compiled_options how = {
        .reading = { read_mutant, run, pn_identify_file, 0 }, .tests = t->tests
    };
    struct pn_str text = { t->root->text, t->root->size };
    struct pn_source root = { 0 };
    struct pn_compiled compiled = PN_COMPILED_NONE;
    enum fate fate = FATE_STILLBORN;

    run->text.size = 0;
    pn_mutant_write(&run->mutants, run->mutant, &file_of(run)->source, &run->text);
    if (!run->mutant->file)
        text = (struct pn_str){ run->text.bytes, run->text.size };
    if (run->text.failed || !pn_source_from_text(&root, t->root->name, text) ||
        !pn_compiled_make(&compiled, &root, &how))
        run->status = POSTERN_E_NOMEM;
    else if (compiled.rules)
        fate = mutant_check(run, &compiled);
    pn_compiled_clear(&compiled);
    pn_source_clear(&root);
    return fate;
}

static void
summary(const struct mutate_run *run)
{
    size_t killed = run->counts[FATE_KILLED], survived = run->counts[FATE_SURVIVED];
    size_t same = run->counts[FATE_SAME], stillborn = run->counts[FATE_STILLBORN];
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

/* Each mutant is a compile of the whole policy, and is held to all of its claims: what
 * that comes to is known before the first one. */
static bool
are_few(const struct mutate_run *run)
{
    const struct pn_unit *unit = &run->tested->compiled->loaded.unit;
    struct pn_work work = { .limit = MUTATE_LIMITS * PN_WORK_LIMIT };
    size_t size = 0;

    for (size_t i = 0; i < unit->count; i++)
        size += pn_unit_source(unit, (uint32_t)i)->size;
    run->tested->tool->work.spent |=
        !pn_work_take(&work, (uint64_t)run->mutants.count * size * STEPS_A_BYTE);
    run->tested->tool->work.limit *= MUTATE_LIMITS; /* of what is compared */
    return !work.spent;
}

void
pn_test_mutate(const struct pn_tested *tested, int *status)
{
    struct mutate_run run = { .tested = tested };
    struct pn_progress *progress = &tested->tool->progress;

    run.status = pn_compiled_prove(tested->compiled, holds_add, &run);
    pn_mutants_make(&run.mutants, &tested->compiled->loaded.unit);
    if (run.mutants.failed || run.holds.failed || !are_few(&run))
        run.status = POSTERN_E_NOMEM;
    pn_progress_measure(progress, run.mutants.count, "mutants");
    for (size_t i = 0; i < run.mutants.count && run.status == POSTERN_OK; i++) {
        run.mutant = &run.mutants.items[i];
        run.counts[mutant_run(&run)]++;
        pn_progress_add(progress, 1);
    }
    pn_progress_measure(progress, 0, NULL);
    if (run.status == POSTERN_OK)
        summary(&run);
    else
        pn_test_fail(tested, run.status, status);
    pn_mutants_clear(&run.mutants);
    pn_buffer_free(&run.text);
    pn_buffer_free(&run.holds);
}
