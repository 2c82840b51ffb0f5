/* What of a round is good, found by halving: it is proven, or at least does no harm. */
#include <string.h>

#include "tools/fix_guard.h"
#include "tools/fix_proof.h"
#include "tools/fix_round.h"

/* Says once why a fix is not made. */
static void
refusal_note(const struct pn_fix_round *r, const struct pn_finding *f, const char *why)
{
    struct pn_buffer *messages = &r->fixing->messages, line = { 0 };

    pn_buffer_add_format(&line,
                         "postern lint: %s:%u: %s is not mended, which would "
                         "bring in %s\n",
                         pn_report_text(&r->report, f->at.file), f->at.line,
                         pn_check_info[f->check].name, why);
    pn_buffer_add(&line, "", 1);
    if (!line.failed && (!messages->size || !strstr(messages->bytes, line.bytes))) {
        messages->size -= messages->size != 0; /* its NUL */
        pn_buffer_add(messages, line.bytes, line.size);
    }
    pn_buffer_free(&line);
}

/* A finding whose fix cannot be made even alone is not tried again. */
static bool
refuse(struct pn_fix_round *r, const char *why, size_t chosen,
       struct pn_intern *refused)
{
    const struct pn_finding *f = &r->report.items[r->chosen[chosen]];
    struct pn_str target = pn_finding_subject(&r->report, f);
    uint32_t number;

    if (why)
        refusal_note(r, f, why);
    else
        r->fixing->refused++;
    return pn_intern_add(refused, target.ptr, target.len, &number);
}

/* Is an operand blamed for more by what comes next? *why says for what. */
static enum pn_same_result
blame(const struct pn_fix_round *r, const struct pn_fix_operand *o,
      struct pn_drafts *next, const char **why)
{
    struct pn_blame before = { .defaults = 0 }, after = { .defaults = 0 };
    enum pn_same_result same = PN_UNKNOWN;

    if (pn_blame_find(&before, o, r->drafts, pn_fix_work(r->fixing)) &&
        pn_blame_find(&after, o, next, pn_fix_work(r->fixing))) {
        *why = pn_blame_new(&before, &after, !r->agreed);
        same = *why ? PN_OTHER : PN_SAME;
    }
    pn_blame_clear(&before);
    pn_blame_clear(&after);
    return same;
}

static enum pn_same_result
prove_one(const struct pn_fix_round *r, const struct pn_fix_operand *o,
          struct pn_drafts *next, const char **why)
{
    enum pn_same_result same = PN_SAME;

    if (!r->agreed)
        same = pn_fix_prove(o, r->drafts, next);
    return same == PN_SAME ? blame(r, o, next, why) : same;
}

/* For the operand at hand, and for each other one that has a file that changes. */
static enum pn_same_result
prove(const struct pn_fix_round *r, struct pn_drafts *next, const char **why)
{
    enum pn_same_result same = prove_one(r, r->operand, next, why);

    for (size_t i = 0; i < r->fixing->count && same == PN_SAME; i++) {
        const struct pn_fix_operand *o = &r->fixing->operands[i];

        if (o != r->operand && pn_fix_is_concerned(o, r->drafts, next))
            same = prove_one(r, o, next, why);
    }
    return same;
}

/* What the first `take` of the chosen come to, if it is good; *next is to be cleared.
 */
static enum pn_same_result
chosen_try(const struct pn_fix_round *r, size_t take, struct pn_drafts *next,
           size_t *used, const char **why)
{
    *why = NULL;
    if (!pn_fix_drafts_make(r, take, next, used))
        return PN_UNKNOWN;
    return prove(r, next, why);
}

static void
drafts_take(struct pn_fix_round *r, struct pn_drafts *next, size_t used)
{
    pn_drafts_clear(r->drafts);
    *r->drafts = *next;
    r->fixing->applied += used;
}

bool
pn_fix_take_safe(struct pn_fix_round *r, struct pn_intern *refused)
{
    const char *why = NULL;

    for (size_t take = r->count; take; take /= 2) {
        struct pn_drafts next = { 0 };
        size_t used;
        enum pn_same_result same = chosen_try(r, take, &next, &used, &why);

        if (same == PN_SAME) {
            drafts_take(r, &next, used);
            return true;
        }
        pn_drafts_clear(&next);
        if (same == PN_UNKNOWN)
            return false;
    }
    return refuse(r, why, 0, refused);
}

/*
 * Guesses are made once, so all that are good are taken at once: those in front have
 * been found to be, and of the rest as many are added as go, by halving.
 */
bool
pn_fix_take_guesses(struct pn_fix_round *r, struct pn_intern *refused)
{
    size_t good = 0, more = r->count, used = 0;
    struct pn_drafts best = { 0 };
    bool done = true;

    while (good < r->count && done) {
        struct pn_drafts next = { 0 };
        const char *why;
        size_t count;
        enum pn_same_result same = chosen_try(r, good + more, &next, &count, &why);

        if (same == PN_SAME) {
            pn_drafts_clear(&best);
            best = next;
            used = count;
            good += more;
            more = r->count - good;
            continue;
        }
        pn_drafts_clear(&next);
        done = same == PN_OTHER;
        if (done && more == 1) {
            done = refuse(r, why, good, refused);
            r->count--;
            memmove(&r->chosen[good], &r->chosen[good + 1],
                    (r->count - good) * sizeof(*r->chosen));
            more = r->count - good;
        } else {
            more /= 2;
        }
    }
    if (done && good)
        drafts_take(r, &best, used);
    else
        pn_drafts_clear(&best);
    return done;
}
