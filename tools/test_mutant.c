/* What cannot be judged among all mutants: a compile of the whole policy for each. */
#include "tools/test_mutant.h"

#include <string.h>

#include "tools/render/assertions.h"

bool
pn_mutant_answers_write(struct pn_mutant_result *result)
{
    const struct pn_difference *d = &result->judgement.difference;

    if (result->judgement.fate != PN_FATE_SURVIVED || !d->found)
        return true;
    for (size_t i = 0; i < 2; i++) {
        struct pn_output text = { .fd = -1 };

        pn_assertions_write(&text, i ? &d->right : &d->left);
        result->answers[i] = text.pending;
    }
    return !result->answers[0].failed && !result->answers[1].failed;
}

void
pn_mutant_result_clear(struct pn_mutant_result *result)
{
    pn_difference_clear(&result->judgement.difference);
    pn_buffer_free(&result->answers[0]);
    pn_buffer_free(&result->answers[1]);
}

struct mutant_run {
    const struct pn_mutated_alone *alone;
    struct pn_buffer text; /* of the mutant's file */
    size_t assertion;      /* the next one to be looked at, */
    size_t only;           /* the one that a mutant is of, or SIZE_MAX for all, */
    bool killed;           /* and whether one broke */
    enum postern_status status;
};

static const struct pn_file *
file_of(const struct mutant_run *run)
{
    const struct pn_mutated_alone *a = run->alone;

    return a->tested->compiled->loaded.unit.files[a->mutant->file];
}

/* Does a path lead to the mutant's file, by whatever name? */
static bool
is_mutant(const struct mutant_run *run, const char *path)
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
    const struct mutant_run *run = payload;

    if (!run->alone->mutant->file || !is_mutant(run, path))
        return pn_read_file(NULL, path, limit, out);
    return pn_source_from_text(out, path,
                               (struct pn_str){ run->text.bytes, run->text.size });
}

static bool
has_held(const struct mutant_run *run, size_t claim)
{
    return claim < run->alone->holds->size && run->alone->holds->bytes[claim];
}

/* A pn_proof_fn of a mutant: a claim that does not hold anyway notices nothing. */
static void
holds_compare(void *payload, const struct pn_prover *prover,
              const struct pn_proof *proof)
{
    struct mutant_run *run = payload;
    size_t number = run->assertion++;

    (void)prover;
    if (run->only == SIZE_MAX || run->only == number)
        run->killed |= has_held(run, number) && !proof->holds;
}

/* The number of the claim that a mutant is of; SIZE_MAX for a rule's. */
static size_t
assertion_of(const struct mutant_run *run)
{
    const struct pn_loaded_policy *loaded = &run->alone->tested->compiled->loaded;
    const struct pn_mutant *m = run->alone->mutant;

    for (size_t i = 0; m->of_assertion && i < loaded->assertions.count; i++)
        if (loaded->assertions.items[i].at.node == m->statement)
            return i;
    return SIZE_MAX;
}

/* Would anybody notice? A claim that does not hold anyway says nothing. */
static bool
is_different(struct mutant_run *run, struct pn_compiled *mutant,
             struct pn_difference *d, struct pn_work *work)
{
    if (run->only != SIZE_MAX)
        return has_held(run, run->only);
    run->status = pn_images_equivalent(pn_compiled_image(run->alone->tested->compiled),
                                       pn_compiled_image(mutant), d, work);
    return run->status == POSTERN_OK && d->found;
}

/* Of a mutant that compiles. */
static void
mutant_check(struct mutant_run *run, struct pn_compiled *mutant,
             struct pn_mutant_result *out, struct pn_work *work)
{
    struct pn_judgement *j = &out->judgement;

    run->only = assertion_of(run);
    j->fate = PN_FATE_SAME;
    if (!is_different(run, mutant, &j->difference, work))
        return;
    run->status = pn_compiled_prove(mutant, holds_compare, run);
    j->fate = !run->killed            ? PN_FATE_SURVIVED
              : run->only != SIZE_MAX ? PN_FATE_TOLD
                                      : PN_FATE_KILLED;
    if (!pn_mutant_answers_write(out))
        run->status = POSTERN_E_NOMEM;
}

bool
pn_mutant_compile(const struct pn_mutated_alone *alone, struct pn_mutant_result *out,
                  struct pn_work *work)
{
    struct mutant_run run = { .alone = alone };
    const struct pn_tested *t = alone->tested;
    const struct pn_compiled_options how = {
        .reading = { read_mutant, &run, pn_identify_file, 0 }, .tests = t->tests
    };
    struct pn_str text = { t->root->text, t->root->size };
    struct pn_source root = { 0 };
    struct pn_compiled compiled = PN_COMPILED_NONE;

    *out = (struct pn_mutant_result){ .judgement = { .fate = PN_FATE_STILLBORN } };
    pn_mutant_write(alone->mutants, alone->mutant, &file_of(&run)->source, &run.text);
    if (!alone->mutant->file)
        text = pn_str_of(&run.text);
    if (run.text.failed || !pn_source_from_text(&root, t->root->name, text) ||
        !pn_compiled_make(&compiled, &root, &how))
        run.status = POSTERN_E_NOMEM;
    else if (compiled.rules)
        mutant_check(&run, &compiled, out, work);
    pn_compiled_clear(&compiled);
    pn_source_clear(&root);
    pn_buffer_free(&run.text);
    return run.status == POSTERN_OK;
}
