/*
 * A round lints the drafts, takes all fixes that do not touch one another, and compares
 * the policies of before and after. What decides nothing goes first, for others may be
 * needed only then. Fixes that are proven only alone are found by halving.
 */
#include "tools/lint_fix.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/lint/ignores.h"
#include "base/vector.h"
#include "tools/fix_layout.h"
#include "tools/fix_round.h"

enum { ROUNDS = 200, DIAGS_MAX = 1000000 };

const char pn_lint_too_much[] =
    "each host that rules name is looked at for each ident; fewer of either in a file "
    "make it less";

/* What was lost in the rounds before, when a root is read again. */
static bool
round_begin(struct pn_fix_round *r)
{
    struct pn_lint_options options = *r->operand->options;
    bool good;

    options.reading = pn_drafts_reading(r->drafts);
    options.work = pn_fix_work(r->fixing);
    pn_report_begin(&r->report);
    memcpy(r->report.on, r->operand->on, sizeof(r->report.on));
    r->diags = (struct pn_diags){ .limit = DIAGS_MAX };
    good = pn_drafts_read(r->drafts, r->operand->name, PN_SOURCE_SIZE_MAX, &r->root);
    if (!good)
        return false;
    good = pn_lint_run(&options, &r->root, r->operand->tests, &r->loaded, &r->diags,
                       &r->report);
    if (good)
        pn_ignores_apply(&r->report, &r->loaded.unit, 0);
    return good && !r->report.failed;
}

static void
round_end(struct pn_fix_round *r)
{
    pn_loaded_policy_clear(&r->loaded);
    pn_report_clear(&r->report);
    pn_diags_clear(&r->diags);
    pn_source_clear(&r->root);
    free(r->chosen);
}

static bool
is_dead(const struct pn_finding *f)
{
    return pn_check_info[f->check].removes == PN_REMOVES_DEAD;
}

/* Is another policy that has the file one of which nothing can be proven? */
static bool
is_unprovable(const struct pn_fix_round *r, const struct pn_buffer *key)
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
edit_write(const struct pn_fix_round *r, const struct pn_edit *e, struct pn_buffer *key)
{
    const struct pn_source *source = pn_unit_source(&r->loaded.unit, e->file);

    pn_buffer_add_format(key, "\n%u %u\n", e->span.offset, e->span.size);
    pn_buffer_add(key, source->text + e->span.offset, e->span.size);
    if (e->text_size)
        pn_buffer_add(key, pn_report_text(&r->report, e->text), e->text_size);
}

/* A guess about a shared file is the first operand's to make, where all would. */
static bool
is_agreed(const struct pn_fix_round *r, const struct pn_edit *e, struct pn_buffer *key)
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
may_edit(const struct pn_fix_round *r, const struct pn_edit *e)
{
    const struct pn_unit *unit = &r->loaded.unit;
    struct pn_buffer key = { 0 };
    bool may = !e->alternative && (!r->fixing->root_only || !e->file) &&
               pn_fix_file_key(unit, e->file, &key);

    if (may && r->agreed)
        may = is_agreed(r, e, &key);
    else if (may)
        may = !is_unprovable(r, &key) && pn_fix_may_edit(r->fixing, unit, e->file);
    pn_buffer_free(&key);
    return may;
}

/* Is a finding fixed by a round of this kind? Not when it would be of another. */
static bool
is_safe(const struct pn_fix_round *r, const struct pn_finding *f)
{
    for (size_t i = 0; i < f->edit_count; i++)
        if (!pn_fix_may_edit(r->fixing, &r->loaded.unit,
                             r->report.edits[f->first_edit + i].file))
            return false;
    return f->safe;
}

/* May a finding be fixed now? Between two alternatives only the author can choose. */
static bool
is_wanted(const struct pn_fix_round *r, const struct pn_finding *f, bool unsafe)
{
    if (f->state != PN_FINDING_NEW || !f->edit_count || is_safe(r, f) == unsafe)
        return false;
    for (size_t i = 0; i < f->edit_count; i++)
        if (!may_edit(r, &r->report.edits[f->first_edit + i]))
            return false;
    return true;
}

static bool
choose(struct pn_fix_round *r, bool unsafe, const struct pn_intern *refused)
{
    bool dead = false;

    r->count = 0;
    for (size_t i = 0; i < r->report.count && !unsafe; i++)
        dead |=
            is_dead(&r->report.items[i]) && is_wanted(r, &r->report.items[i], false);
    for (size_t i = 0; i < r->report.count; i++) {
        const struct pn_finding *f = &r->report.items[i];
        struct pn_str target = pn_finding_subject(&r->report, f);
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

/* One round of an operand; *done when there was nothing to do. */
static bool
round_run(struct pn_fix_round *r, struct pn_intern *refused, bool *done)
{
    bool good = round_begin(r) && choose(r, r->agreed != NULL, refused);

    if (good && !r->agreed && r->diags.errors) { /* of this nothing can be proven */
        r->operand->broken = true;
        r->operand->unprovable |= r->count != 0;
        r->count = 0;
    }
    *done = !r->count;
    if (good && r->count)
        good =
            r->agreed ? pn_fix_take_guesses(r, refused) : pn_fix_take_safe(r, refused);
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
        struct pn_fix_round r = { .fixing = fixing,
                                  .operand = operand,
                                  .drafts = drafts };

        good = round_run(&r, &refused, &done);
    }
    pn_intern_clear(&refused);
    return good;
}

/* Counts a guess of an operand once, for all of its findings. */
static bool
edit_count(const struct pn_fix_round *r, const struct pn_edit *e, struct pn_intern *own,
           struct pn_fix_agreed *agreed)
{
    struct pn_buffer key = { 0 };
    size_t before = own->count, all = agreed->edits.count;
    uint32_t number = 0;
    bool good = pn_fix_file_key(&r->loaded.unit, e->file, &key);

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
edits_count(const struct pn_fix_round *r, struct pn_fix_agreed *agreed)
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
                struct pn_fix_agreed *agreed)
{
    bool good = true;

    for (size_t i = 0; i < fixing->count && good; i++) {
        struct pn_fix_round r = { .fixing = fixing,
                                  .operand = &fixing->operands[i],
                                  .drafts = drafts };

        good = round_begin(&r) && pn_fix_operand_fill(r.operand, &r.loaded.unit) &&
               (!agreed || edits_count(&r, agreed));
        r.operand->broken = r.diags.errors != 0;
        round_end(&r);
    }
    return good;
}

/* Once: a guess is not guessed at again. */
static bool
guesses_make(struct pn_fixing *fixing, struct pn_drafts *drafts,
             const struct pn_fix_agreed *agreed)
{
    struct pn_intern refused = { 0 };
    bool good = true, done;

    for (size_t i = 0; i < fixing->count && good; i++) {
        struct pn_fix_round r = { .fixing = fixing,
                                  .operand = &fixing->operands[i],
                                  .agreed = agreed,
                                  .drafts = drafts };

        good = round_run(&r, &refused, &done);
    }
    pn_intern_clear(&refused);
    return good && (fixing->count == 1 || operands_survey(fixing, drafts, NULL));
}

int
pn_fix_run(struct pn_fixing *fixing, struct pn_drafts *drafts)
{
    struct pn_fix_agreed agreed = { 0 };
    /* a single operand shares nothing */
    bool good = fixing->count == 1 ||
                operands_survey(fixing, drafts, fixing->unsafe ? &agreed : NULL);
    size_t before = fixing->applied - 1; /* at least once */

    if (good && fixing->unsafe)
        good = guesses_make(fixing, drafts, &agreed);
    for (int n = 0; n < ROUNDS && good && before != fixing->applied; n++) {
        before = fixing->applied; /* a fix of one policy may allow that of another */
        fixing->refused = 0;      /* what is left out now may not be in the end */
        for (size_t i = 0; i < fixing->count && good; i++)
            good = operand_fix(fixing, &fixing->operands[i], drafts);
        if (fixing->count == 1)
            break;
    }
    good = good && pn_fix_layout(drafts);
    pn_intern_clear(&agreed.edits);
    free(agreed.counts);
    if (good)
        return PN_EXIT_OK;
    if (fixing->work.spent)
        return pn_tool_too_much(fixing->tool, fixing->common, pn_lint_too_much);
    return pn_tool_failf(fixing->tool, PN_EXIT_SYSTEM, "%s", strerror(errno));
}
