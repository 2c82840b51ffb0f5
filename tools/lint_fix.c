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
#include "tools/served.h"

enum { ROUNDS = 200, DIAGS_MAX = 1000000 };

/* What one round works with. */
struct round {
    struct pn_fixing *fixing;
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
    struct pn_lint_options options = *r->fixing->options;
    bool good;

    options.reading = pn_drafts_reading(r->drafts);
    pn_report_begin(&r->report);
    memcpy(r->report.on, r->fixing->on, sizeof(r->report.on));
    r->diags = (struct pn_diags){ .limit = DIAGS_MAX };
    good = pn_drafts_read(r->drafts, r->fixing->name, PN_SOURCE_SIZE_MAX, &r->root);
    if (!good)
        return false;
    good = pn_lint_run(&options, &r->root, r->fixing->tests, &r->program, &r->diags,
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

/* May a finding be mended now? Of two readings neither is ours to choose. */
static bool
is_wanted(const struct round *r, const struct pn_finding *f, bool unsafe)
{
    if (f->state != PN_FINDING_NEW || !f->edit_count || f->safe == unsafe)
        return false;
    for (size_t i = 0; i < f->edit_count; i++) {
        const struct pn_edit *e = &r->report.edits[f->first_edit + i];

        if (e->reading || e->file >= (r->fixing->root_only ? 1 : r->program.unit.count))
            return false;
    }
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

/* Drafts as they would be served. */
struct served {
    struct pn_source root;
    struct pn_served by;
    size_t broken; /* expectations and proofs that do not hold */
};

static void
count_broken(void *payload, const struct pn_prover *prover,
             const struct pn_proof *proof)
{
    (void)prover;
    *(size_t *)payload += !proof->holds;
}

/* False when the system fails; by.rules is NULL when they do not compile. */
static bool
serve(const struct pn_fixing *fixing, struct pn_drafts *drafts, struct served *out)
{
    const struct pn_serving how = { .reading = pn_drafts_reading(drafts),
                                    .tests = fixing->tests };

    *out = (struct served){ .by = PN_SERVED_NONE };
    if (!pn_drafts_read(drafts, fixing->name, PN_SOURCE_SIZE_MAX, &out->root) ||
        !pn_served_make(&out->by, &out->root, &how))
        return false;
    if (out->by.rules &&
        pn_served_prove(&out->by, count_broken, &out->broken) != POSTERN_OK) {
        errno = ENOMEM;
        return false;
    }
    pn_served_settle(&out->by); /* two large policies at once are enough */
    return true;
}

static void
served_clear(struct served *served)
{
    pn_served_clear(&served->by);
    pn_source_clear(&served->root);
}

enum sameness { SAME, OTHER, UNKNOWN }; /* errno says why */

static enum sameness
served_compare(const struct served *left, const struct served *right)
{
    struct pn_difference difference = { 0 };
    enum postern_status status = pn_images_compare(
        pn_served_image(&left->by), pn_served_image(&right->by), &difference);
    bool found = difference.found || right->broken > left->broken;

    pn_difference_clear(&difference);
    if (status != POSTERN_OK) {
        errno = ENOMEM;
        return UNKNOWN;
    }
    return found ? OTHER : SAME;
}

/* Do both decide every query alike, and does no expectation break? */
static enum sameness
compare(const struct pn_fixing *fixing, struct pn_drafts *before,
        struct pn_drafts *after)
{
    struct served left = { .by = PN_SERVED_NONE }, right = { .by = PN_SERVED_NONE };
    enum sameness same = UNKNOWN;

    if (serve(fixing, before, &left) &&
        (!left.by.rules || serve(fixing, after, &right)))
        same = left.by.rules && right.by.rules ? served_compare(&left, &right) : OTHER;
    served_clear(&left);
    served_clear(&right);
    return same;
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

/* Takes as many of the chosen as can be proven together; false when the system fails.
 */
static bool
prove_and_take(struct round *r, struct pn_intern *refused, bool unsafe)
{
    for (size_t take = r->count; take; take /= 2) {
        struct pn_drafts next = { 0 };
        enum sameness same = UNKNOWN;
        size_t used;

        if (drafts_make(r, take, &next, &used))
            same = unsafe ? SAME : compare(r->fixing, r->drafts, &next);
        if (same == SAME) {
            pn_drafts_clear(r->drafts);
            *r->drafts = next;
            r->fixing->applied += used;
            return true;
        }
        pn_drafts_clear(&next);
        if (same == UNKNOWN)
            return false;
    }
    return refuse(r, refused);
}

int
pn_fix_run(struct pn_fixing *fixing, struct pn_drafts *drafts)
{
    struct pn_intern refused = { 0 };
    bool unsafe = fixing->unsafe, good = true, done = false;

    for (int n = 0; n < ROUNDS && good && !done; n++) {
        struct round r = { .fixing = fixing, .drafts = drafts };

        good = round_begin(&r) && choose(&r, unsafe, &refused);
        if (good && unsafe && !r.count) { /* then what is safe */
            unsafe = false;
            good = choose(&r, false, &refused);
        }
        if (good && !unsafe && r.diags.errors) { /* of this nothing can be proven */
            fixing->unprovable = r.count != 0;
            r.count = 0;
        }
        done = !r.count;
        if (good && !done)
            good = prove_and_take(&r, &refused, unsafe);
        if (unsafe) /* once: a guess is not guessed at again */
            unsafe = false;
        round_end(&r);
    }
    pn_intern_clear(&refused);
    if (good)
        return PN_EXIT_OK;
    return pn_tool_fail(
        fixing->tool, PN_EXIT_SYSTEM,
        (const char *const[]){ fixing->name, ": ", strerror(errno), NULL });
}
