/*
 * A round lints the drafts, takes all mends that do not touch one another, and compares
 * the policies of before and after. What decides nothing goes first, for others may be
 * needed only then. Mends that are proven only alone are found by halving.
 */
#include "tools/lint_fix.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/lint/ignores.h"
#include "base/vector.h"
#include "tools/fix_proof.h"

enum { ROUNDS = 200, DIAGS_MAX = 1000000 };

/*
 * Guesses are proven by nothing. So a guess about a file that several operands are made
 * of is made where each of them would make it: edits by file, place and text, and how
 * many operands have one.
 */
struct agreed {
    struct pn_intern edits;
    uint32_t *counts;
    size_t capacity;
};

/* What one round works with. */
struct round {
    struct pn_fixing *fixing;
    struct pn_fix_operand *operand; /* the one at hand */
    const struct agreed *agreed;    /* NULL in a safe round */
    struct pn_drafts *drafts;
    struct pn_report report;
    struct pn_program program;
    struct pn_diags diags;
    struct pn_source root;
    size_t *chosen; /* findings */
    size_t count, capacity;
};

/* An edit of a chosen finding. */
struct cut {
    size_t finding; /* in round->chosen */
    const struct pn_edit *edit;
};

/* What was lost in the rounds before, when a root is read again. */
static bool
round_begin(struct round *r)
{
    struct pn_lint_options options = *r->operand->options;
    bool good;

    options.reading = pn_drafts_reading(r->drafts);
    pn_report_begin(&r->report);
    memcpy(r->report.on, r->operand->on, sizeof(r->report.on));
    r->diags = (struct pn_diags){ .limit = DIAGS_MAX };
    good = pn_drafts_read(r->drafts, r->operand->name, PN_SOURCE_SIZE_MAX, &r->root);
    if (!good)
        return false;
    good = pn_lint_run(&options, &r->root, r->operand->tests, &r->program, &r->diags,
                       &r->report);
    if (good)
        pn_ignores_apply(&r->report, &r->program.unit, 0);
    return good && !r->report.failed;
}

static void
round_end(struct round *r)
{
    pn_program_clear(&r->program);
    pn_report_clear(&r->report);
    pn_diags_clear(&r->diags);
    pn_source_clear(&r->root);
    free(r->chosen);
}

static bool
is_dead(const struct pn_finding *f)
{
    return f->check == PN_CHECK_DUPLICATE_KEY || f->check == PN_CHECK_COVERED ||
           f->check == PN_CHECK_BLOCKED || f->check == PN_CHECK_DEAD_HOST_STEPS;
}

/* Is another policy that has the file one of which nothing can be proven? */
static bool
is_unprovable(const struct round *r, const struct pn_buffer *key)
{
    uint32_t number;

    for (size_t i = 0; i < r->fixing->count; i++) {
        const struct pn_fix_operand *o = &r->fixing->operands[i];

        if (o != r->operand && o->broken &&
            pn_intern_find(&o->files, key->bytes, key->size, &number))
            return true;
    }
    return false;
}

/* An edit as all operands see it, appended to the key of its file. */
static void
edit_write(const struct round *r, const struct pn_edit *e, struct pn_buffer *key)
{
    const struct pn_source *source = &r->program.unit.files[e->file]->source;

    pn_buffer_add_format(key, "\n%u %u\n", e->span.offset, e->span.size);
    pn_buffer_add(key, source->text + e->span.offset, e->span.size);
    if (e->text_size)
        pn_buffer_add(key, pn_report_text(&r->report, e->text), e->text_size);
}

/* A guess about a shared file is the first operand's to make, where all would. */
static bool
is_agreed(const struct round *r, const struct pn_edit *e, struct pn_buffer *key)
{
    size_t first = 0, users = pn_fix_users(r->fixing, key, &first);
    uint32_t number;

    if (users < 2)
        return true;
    edit_write(r, e, key);
    return first == (size_t)(r->operand - r->fixing->operands) && !key->failed &&
           pn_intern_find(&r->agreed->edits, key->bytes, key->size, &number) &&
           r->agreed->counts[number] == users;
}

static bool
may_edit(const struct round *r, const struct pn_edit *e)
{
    const struct pn_unit *unit = &r->program.unit;
    struct pn_buffer key = { 0 };
    bool may = !e->reading && (!r->fixing->root_only || !e->file) &&
               pn_fix_file_key(unit, e->file, &key);

    if (may && r->agreed)
        may = is_agreed(r, e, &key);
    else if (may)
        may = !is_unprovable(r, &key) && pn_fix_may_edit(r->fixing, unit, e->file);
    pn_buffer_free(&key);
    return may;
}

/* Is a finding mended by a round of this kind? Not when it would be of another. */
static bool
is_safe(const struct round *r, const struct pn_finding *f)
{
    for (size_t i = 0; i < f->edit_count; i++)
        if (!pn_fix_may_edit(r->fixing, &r->program.unit,
                             r->report.edits[f->first_edit + i].file))
            return false;
    return f->safe;
}

/* May a finding be mended now? Of two readings neither is ours to choose. */
static bool
is_wanted(const struct round *r, const struct pn_finding *f, bool unsafe)
{
    if (f->state != PN_FINDING_NEW || !f->edit_count || is_safe(r, f) == unsafe)
        return false;
    for (size_t i = 0; i < f->edit_count; i++)
        if (!may_edit(r, &r->report.edits[f->first_edit + i]))
            return false;
    return true;
}

static bool
choose(struct round *r, bool unsafe, const struct pn_intern *refused)
{
    bool dead = false;

    r->count = 0;
    for (size_t i = 0; i < r->report.count && !unsafe; i++)
        dead |=
            is_dead(&r->report.items[i]) && is_wanted(r, &r->report.items[i], false);
    for (size_t i = 0; i < r->report.count; i++) {
        const struct pn_finding *f = &r->report.items[i];
        struct pn_str target = pn_finding_target(&r->report, f);
        uint32_t number;

        if (!is_wanted(r, f, unsafe) || (dead && !is_dead(f)) ||
            pn_intern_find(refused, target.ptr, target.len, &number))
            continue;
        if (!pn_vector_reserve(&r->chosen, &r->capacity, r->count + 1,
                               sizeof(*r->chosen)))
            return false;
        r->chosen[r->count++] = i;
    }
    return true;
}

static int
by_place(const void *left, const void *right)
{
    const struct cut *a = left, *b = right;

    if (a->edit->file != b->edit->file)
        return a->edit->file < b->edit->file ? -1 : 1;
    if (a->edit->span.offset != b->edit->span.offset)
        return a->edit->span.offset < b->edit->span.offset ? -1 : 1;
    if (a->edit->span.size != b->edit->span.size)
        return a->edit->span.size > b->edit->span.size ? -1 : 1;
    return (a->finding > b->finding) - (a->finding < b->finding);
}

/* Findings whose edits touch those of another are left for the next round. */
static void
drop_touching(const struct cut *cuts, size_t count, bool *dropped)
{
    uint32_t end = 0, file = UINT32_MAX;
    size_t owner = 0;

    for (size_t i = 0; i < count; i++) {
        const struct pn_edit *e = cuts[i].edit;

        if (dropped[cuts[i].finding])
            continue;
        if (e->file == file && e->span.offset < end && cuts[i].finding != owner) {
            dropped[cuts[i].finding] = true;
            continue;
        }
        file = e->file;
        end = e->span.offset + e->span.size;
        owner = cuts[i].finding;
    }
}

static bool
apply(const struct round *r, const struct cut *cuts, size_t count, const bool *dropped,
      struct pn_drafts *out)
{
    for (size_t i = 0, end; i < count; i = end) {
        uint32_t file = cuts[i].edit->file, at = 0;
        const struct pn_source *source = &r->program.unit.files[file]->source;
        struct pn_buffer text = { 0 };
        struct pn_draft *draft;

        for (end = i; end < count && cuts[end].edit->file == file; end++) {
            const struct pn_edit *e = cuts[end].edit;

            if (dropped[cuts[end].finding] || e->span.offset < at)
                continue;
            pn_buffer_add(&text, source->text + at, e->span.offset - at);
            if (e->text_size)
                pn_buffer_add(&text, pn_report_text(&r->report, e->text), e->text_size);
            at = e->span.offset + e->span.size;
        }
        pn_buffer_add(&text, source->text + at, source->size - at);
        draft = pn_drafts_get(out, source);
        if (!draft || text.failed) {
            pn_buffer_free(&text);
            return false;
        }
        pn_buffer_free(&draft->text);
        draft->text = text;
    }
    return true;
}

/* The drafts with the first `take` chosen findings mended; *used is how many were. */
static bool
drafts_make(const struct round *r, size_t take, struct pn_drafts *out, size_t *used)
{
    size_t total = 0, count = 0;
    struct cut *cuts;
    bool *dropped, good;

    for (size_t i = 0; i < take; i++)
        total += r->report.items[r->chosen[i]].edit_count;
    cuts = malloc((total + 1) * sizeof(*cuts));
    dropped = calloc(take + 1, sizeof(*dropped));
    good = cuts && dropped && pn_drafts_copy(r->drafts, out);
    for (size_t i = 0; i < take && good; i++) {
        const struct pn_finding *f = &r->report.items[r->chosen[i]];

        for (size_t k = 0; k < f->edit_count; k++)
            cuts[count++] = (struct cut){ i, &r->report.edits[f->first_edit + k] };
    }
    if (good && count) {
        qsort(cuts, count, sizeof(*cuts), by_place);
        drop_touching(cuts, count, dropped);
        good = apply(r, cuts, count, dropped, out);
    }
    *used = 0;
    for (size_t i = 0; i < take && dropped; i++)
        *used += !dropped[i];
    free(cuts);
    free(dropped);
    return good;
}

/* A finding whose mend cannot be proven even alone is not tried again. */
static bool
refuse(struct round *r, struct pn_intern *refused)
{
    struct pn_str target =
        pn_finding_target(&r->report, &r->report.items[r->chosen[0]]);
    uint32_t number;

    r->fixing->refused++;
    return pn_intern_add(refused, target.ptr, target.len, &number);
}

/* For the operand at hand, and for each other one that has a file that changes. */
static enum pn_sameness
prove(const struct round *r, struct pn_drafts *next)
{
    enum pn_sameness same = pn_fix_prove(r->operand, r->drafts, next);

    for (size_t i = 0; i < r->fixing->count && same == PN_SAME; i++) {
        const struct pn_fix_operand *o = &r->fixing->operands[i];

        if (o != r->operand && pn_fix_is_concerned(o, r->drafts, next))
            same = pn_fix_prove(o, r->drafts, next);
    }
    return same;
}

/* Takes as many of the chosen as can be proven together; false when the system fails.
 */
static bool
prove_and_take(struct round *r, struct pn_intern *refused)
{
    for (size_t take = r->count; take; take /= 2) {
        struct pn_drafts next = { 0 };
        enum pn_sameness same = PN_UNKNOWN;
        size_t used;

        if (drafts_make(r, take, &next, &used))
            same = r->agreed ? PN_SAME : prove(r, &next);
        if (same == PN_SAME) {
            pn_drafts_clear(r->drafts);
            *r->drafts = next;
            r->fixing->applied += used;
            return true;
        }
        pn_drafts_clear(&next);
        if (same == PN_UNKNOWN)
            return false;
    }
    return refuse(r, refused);
}

/* One round of an operand; *done when there was nothing to do. */
static bool
round_run(struct round *r, struct pn_intern *refused, bool *done)
{
    bool good = round_begin(r) && choose(r, r->agreed != NULL, refused);

    if (good && !r->agreed && r->diags.errors) { /* of this nothing can be proven */
        r->operand->broken = true;
        r->operand->unprovable |= r->count != 0;
        r->count = 0;
    }
    *done = !r->count;
    if (good && r->count)
        good = prove_and_take(r, refused);
    round_end(r);
    return good;
}

/* Safe rounds of one operand until nothing is left. */
static bool
operand_fix(struct pn_fixing *fixing, struct pn_fix_operand *operand,
            struct pn_drafts *drafts)
{
    struct pn_intern refused = { 0 };
    bool good = true, done = false;

    for (int n = 0; n < ROUNDS && good && !done; n++) {
        struct round r = { .fixing = fixing, .operand = operand, .drafts = drafts };

        good = round_run(&r, &refused, &done);
    }
    pn_intern_clear(&refused);
    return good;
}

/* Counts a guess of an operand, once, whoever of its findings has it. */
static bool
edit_count(const struct round *r, const struct pn_edit *e, struct pn_intern *own,
           struct agreed *agreed)
{
    struct pn_buffer key = { 0 };
    size_t before = own->count, all = agreed->edits.count;
    uint32_t number = 0;
    bool good = pn_fix_file_key(&r->program.unit, e->file, &key);

    edit_write(r, e, &key);
    good = good && !key.failed && pn_intern_add(own, key.bytes, key.size, &number) &&
           pn_intern_add(&agreed->edits, key.bytes, key.size, &number) &&
           pn_vector_reserve(&agreed->counts, &agreed->capacity, agreed->edits.count,
                             sizeof(*agreed->counts));
    if (good && number == all)
        agreed->counts[number] = 0;
    if (good && own->count > before)
        agreed->counts[number]++;
    pn_buffer_free(&key);
    return good;
}

static bool
edits_count(const struct round *r, struct agreed *agreed)
{
    struct pn_intern own = { 0 };
    bool good = true;

    for (size_t i = 0; i < r->report.count; i++) {
        const struct pn_finding *f = &r->report.items[i];

        for (size_t k = 0; k < f->edit_count && good && f->state == PN_FINDING_NEW; k++)
            good = edit_count(r, &r->report.edits[f->first_edit + k], &own, agreed);
    }
    pn_intern_clear(&own);
    return good;
}

/* What each operand is made of, and what it would guess if that is asked for. */
static bool
operands_survey(struct pn_fixing *fixing, struct pn_drafts *drafts,
                struct agreed *agreed)
{
    bool good = true;

    for (size_t i = 0; i < fixing->count && good; i++) {
        struct round r = { .fixing = fixing,
                           .operand = &fixing->operands[i],
                           .drafts = drafts };

        good = round_begin(&r) && pn_fix_operand_fill(r.operand, &r.program.unit) &&
               (!agreed || edits_count(&r, agreed));
        r.operand->broken = r.diags.errors != 0;
        round_end(&r);
    }
    return good;
}

/* Once: a guess is not guessed at again. */
static bool
guesses_make(struct pn_fixing *fixing, struct pn_drafts *drafts,
             const struct agreed *agreed)
{
    struct pn_intern none = { 0 };
    bool good = true, done;

    for (size_t i = 0; i < fixing->count && good; i++) {
        struct round r = { .fixing = fixing,
                           .operand = &fixing->operands[i],
                           .agreed = agreed,
                           .drafts = drafts };

        good = round_run(&r, &none, &done);
    }
    pn_intern_clear(&none);
    return good && (fixing->count == 1 || operands_survey(fixing, drafts, NULL));
}

int
pn_fix_run(struct pn_fixing *fixing, struct pn_drafts *drafts)
{
    struct agreed agreed = { 0 };
    /* one by itself has nobody to share with */
    bool good = fixing->count == 1 ||
                operands_survey(fixing, drafts, fixing->unsafe ? &agreed : NULL);
    size_t before = fixing->applied - 1; /* at least once */

    if (good && fixing->unsafe)
        good = guesses_make(fixing, drafts, &agreed);
    for (int n = 0; n < ROUNDS && good && before != fixing->applied; n++) {
        before = fixing->applied; /* a mend of one may be what another waits for */
        fixing->refused = 0;      /* what is left out now may not be in the end */
        for (size_t i = 0; i < fixing->count && good; i++)
            good = operand_fix(fixing, &fixing->operands[i], drafts);
        if (fixing->count == 1)
            break;
    }
    pn_intern_clear(&agreed.edits);
    free(agreed.counts);
    if (good)
        return PN_EXIT_OK;
    return pn_tool_fail(fixing->tool, PN_EXIT_SYSTEM,
                        (const char *const[]){ strerror(errno), NULL });
}
