/*
 * A search in breadth: of each text those edits of the first expectation that fails are
 * followed after which fewer fail, the few best at a time. So the number of edits is
 * the least that this finds, and of those with as many the smallest come first.
 */
#include "analysis/proposals.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/sizes.h"
#include "base/vector.h"
#include "compiler/query_text.h"

enum { FOLLOWED = 4, NEXT_MAX = FOLLOWED * PN_EDITS_MAX };

/* The first expectation of the wish that fails, and what would fulfil it. */
struct wanted {
    struct postern_query query; /* its texts are in the buffers */
    struct pn_buffer host, ident;
    struct pn_buffer outcome; /* as a rule has it, and a NUL */
    enum postern_verdict verdict;
};

/* A text held to the wish, and to its own claims. */
struct judged {
    const struct judged *before; /* of the policy as it is; NULL: this is that */
    bool classic;
    struct wanted wanted;
    size_t failing, broken;
    bool *holds; /* of its own claims, in their order */
    size_t count, capacity;
    bool is_refused; /* a wish is no expectation of a verdict */
    bool failed;
};

static void
judged_clear(struct judged *j)
{
    pn_buffer_free(&j->wanted.host);
    pn_buffer_free(&j->wanted.ident);
    pn_buffer_free(&j->wanted.outcome);
    pn_free(j->holds);
}

/* May a value stand in the quotes of a classic rule, which has no escapes? */
static bool
is_plain(struct pn_str value)
{
    for (size_t i = 0; i < value.len; i++)
        if (value.ptr[i] == '"' || value.ptr[i] == '\n' || value.ptr[i] == '\0')
            return false;
    return true;
}

static bool
setting_write(const struct judged *j, struct pn_buffer *out, struct pn_str name,
              struct pn_str value)
{
    pn_buffer_add_text(out, j->classic ? "," : ", ");
    pn_buffer_add_str(out, name);
    pn_buffer_add_text(out, "=");
    if (!j->classic) {
        pn_value_write(out, value);
        return true;
    }
    pn_buffer_add_text(out, "\"");
    pn_buffer_add_str(out, value);
    pn_buffer_add_text(out, "\"");
    return is_plain(value);
}

/* The verdict of an expectation, and the variables that it wants; false without one. */
static bool
outcome_make(struct judged *j, const struct pn_assertions *claims,
             const struct pn_assertion *wish)
{
    struct pn_buffer *out = &j->wanted.outcome;
    bool has_verdict = false, sets = false, good = true;

    j->wanted.verdict = POSTERN_ALLOW;
    for (size_t i = 0; i < wish->condition_count; i++) {
        const struct pn_condition *c = &wish->conditions[i];

        sets |= c->kind == PN_NODE_ASSIGN;
        if (c->kind != PN_NODE_VERDICT)
            continue;
        has_verdict = true;
        if (c->action != PN_ALLOW)
            j->wanted.verdict = POSTERN_DENY;
    }
    pn_buffer_add_text(out, j->wanted.verdict == POSTERN_ALLOW ? "allow" : "deny");
    for (size_t i = 0; i < wish->condition_count; i++) {
        const struct pn_condition *c = &wish->conditions[i];

        if (c->kind == PN_NODE_ASSIGN)
            good &= setting_write(j, out, pn_assertions_text(claims, c->name),
                                  pn_assertions_text(claims, c->value));
    }
    pn_buffer_add(out, "", 1);
    j->failed |= out->failed;
    return good && (has_verdict || sets);
}

/* A pn_proof_fn. */
static void
judge(void *payload, const struct pn_prover *prover, const struct pn_proof *proof)
{
    const struct pn_assertion *claim = proof->assertion;
    struct judged *j = payload;
    bool holds = proof->holds;

    if (!prover->unit->files[claim->at.file]->is_test) {
        if (j->before && j->count < j->before->count)
            j->broken += j->before->holds[j->count] && !holds;
        if (!pn_vector_add(&j->holds, &j->count, &j->capacity, &holds, sizeof(holds)))
            j->failed = true;
        return;
    }
    if (claim->at.node->kind != PN_NODE_EXPECT)
        j->is_refused = true;
    if (holds || j->failing++ || j->is_refused)
        return;
    j->wanted.query = pn_query_keep(&proof->query, &j->wanted.host, &j->wanted.ident);
    j->failed |= j->wanted.host.failed || j->wanted.ident.failed;
    j->is_refused |= !outcome_make(j, prover->assertions, claim);
}

/* Compiles a text with the wish beside it, and judges it. Clear both in any case. */
static bool
text_judge(const struct pn_proposals *p, const struct pn_source *source,
           struct pn_compiled *compiled, struct judged *j)
{
    const struct pn_compiled_options how = { .tests = p->wish,
                                             .diags = j->before ? NULL : p->diags };

    j->classic = pn_dialect_of(source, NULL) == PN_CLASSIC;
    if (!pn_compiled_make(compiled, source, &how))
        return false;
    return !compiled->rules ||
           (pn_compiled_prove(compiled, judge, j) == POSTERN_OK && !j->failed);
}

/* What is followed: proposals that do not fulfil it yet. */
struct followed {
    struct pn_proposal items[NEXT_MAX];
    size_t count;
};

static void
proposal_clear(struct pn_proposal *proposal)
{
    pn_buffer_free(&proposal->text);
    for (size_t i = 0; i < proposal->steps; i++)
        pn_buffer_free(&proposal->says[i]);
    pn_changes_clear(&proposal->changes);
    *proposal = (struct pn_proposal){ 0 };
}

static int
compare(const void *left, const void *right)
{
    const struct pn_proposal *a = left, *b = right;

    if (a->failing != b->failing)
        return a->failing < b->failing ? -1 : 1;
    if (a->broken != b->broken)
        return a->broken < b->broken ? -1 : 1;
    if (a->size != b->size)
        return a->size < b->size ? -1 : 1;
    return (a->changes.blocks.count > b->changes.blocks.count) -
           (a->changes.blocks.count < b->changes.blocks.count);
}

static bool
is_known(const struct followed *next, const struct pn_buffer *text)
{
    for (size_t i = 0; i < next->count; i++)
        if (pn_str_equal(pn_str_of(&next->items[i].text), pn_str_of(text)))
            return true;
    return false;
}

/* What an edit of a proposal becomes; taken when fewer fail then. */
static bool
edit_follow(struct pn_proposals *p, const struct judged *before,
            const struct pn_proposal *from, const struct pn_edit *edit,
            struct followed *next)
{
    struct pn_proposal *made = &next->items[next->count];
    const struct pn_source source = { .name = p->source->name,
                                      .text = edit->text.bytes,
                                      .size = edit->text.size - 1 };
    struct pn_compiled compiled = PN_COMPILED_NONE;
    struct judged judged = { .before = before };
    bool good;

    if (next->count == NEXT_MAX || is_known(next, &edit->text))
        return true;
    good = text_judge(p, &source, &compiled, &judged);
    if (good && compiled.rules && judged.failing < from->failing) {
        *made = (struct pn_proposal){ .steps = from->steps + 1,
                                      .failing = judged.failing,
                                      .broken = judged.broken,
                                      .size = from->size + edit->size };
        pn_buffer_add_str(&made->text, pn_str_of(&edit->text));
        good = !made->text.failed;
        for (size_t i = 0; i <= from->steps; i++) {
            pn_buffer_add_str(&made->says[i], pn_str_of(i < from->steps ? &from->says[i]
                                                                        : &edit->says));
            good &= !made->says[i].failed;
        }
        next->count++;
    }
    pn_compiled_clear(&compiled);
    judged_clear(&judged);
    return good;
}

/* Follows a proposal: by each edit that turns the first that fails. */
static bool
proposal_follow(struct pn_proposals *p, const struct judged *before,
                const struct pn_proposal *from, struct followed *next)
{
    struct pn_compiled compiled = PN_COMPILED_NONE;
    struct judged judged = { .before = before };
    struct pn_source source = { 0 };
    struct pn_edits edits = {
        .source = &source, .anyway = true, .work = p->work, .before = PN_COMPILED_NONE
    };
    bool good =
        pn_source_from_text(&source, p->source->name,
                            pn_str_to(pn_str_of(&from->text), from->text.size - 1)) &&
        pn_source_index(&source) && text_judge(p, &source, &compiled, &judged) &&
        compiled.rules;

    pn_compiled_clear(&compiled);
    edits.query = &judged.wanted.query;
    edits.verdict = judged.wanted.verdict;
    edits.outcome = judged.wanted.outcome.bytes;
    good = good && pn_edits_find(&edits) == PN_EDITS_FOUND;
    for (size_t i = 0; i < edits.count && edits.items[i].works && good; i++)
        good = edit_follow(p, before, from, &edits.items[i], next);
    pn_edits_clear(&edits);
    judged_clear(&judged);
    pn_source_clear(&source);
    return good;
}

/* Whom a proposal changes, of all there are. */
static bool
changes_make(struct pn_proposals *p, struct pn_proposal *proposal)
{
    const struct pn_change_question question = { .work = p->work };
    const struct pn_source source = { .name = p->source->name,
                                      .text = proposal->text.bytes,
                                      .size = proposal->text.size - 1 };
    struct pn_compiled compiled = PN_COMPILED_NONE;
    bool good =
        pn_compiled_make(&compiled, &source, &(struct pn_compiled_options){ 0 }) &&
        compiled.rules;
    struct pn_side sides[2] = {
        { p->before.rules, &p->before.decoded, NULL, NULL },
        { compiled.rules, &compiled.decoded, NULL, NULL },
    };

    good = good && pn_changes_find(&proposal->changes, sides, &question) == POSTERN_OK;
    proposal->size = 0;
    for (size_t i = 0; good && i < PN_EFFECT_COUNT; i++) {
        pn_number counts[2];

        good = pn_changes_count(&proposal->changes, (enum pn_effect)i, counts);
        proposal->size += good ? counts[0] + counts[1] : 0;
    }
    pn_compiled_clear(&compiled);
    return good;
}

/* Takes those that fulfil it; what is left of `next` stands at its front. */
static bool
fulfilled_take(struct pn_proposals *p, struct followed *next)
{
    size_t kept = 0;
    bool good = true;

    for (size_t i = 0; i < next->count; i++) {
        struct pn_proposal *item = &next->items[i];

        if (item->failing) {
            next->items[kept++] = *item;
        } else if (p->count < PN_PROPOSALS_MAX && good) {
            p->items[p->count] = *item;
            good = changes_make(p, &p->items[p->count++]);
        } else {
            proposal_clear(item);
        }
    }
    next->count = kept;
    return good;
}

static void
followed_clear(struct followed *followed)
{
    for (size_t i = 0; i < followed->count; i++)
        proposal_clear(&followed->items[i]);
    followed->count = 0;
}

static bool
search(struct pn_proposals *p, const struct judged *before, struct followed *now,
       struct followed *next)
{
    bool good = true;

    pn_buffer_add(&now->items[0].text, p->source->text, p->source->size);
    pn_buffer_add(&now->items[0].text, "", 1);
    now->items[0].failing = before->failing;
    now->count = 1;
    good = !now->items[0].text.failed;
    for (size_t step = 0; step < PN_PROPOSAL_STEPS && good && now->count; step++) {
        struct followed *free = now;

        for (size_t i = 0; i < now->count && i < FOLLOWED && good; i++)
            good = proposal_follow(p, before, &now->items[i], next);
        good = good && fulfilled_take(p, next);
        qsort(next->items, next->count, sizeof(*next->items), compare);
        followed_clear(now);
        now = next;
        next = free;
        if (p->count)
            break;
    }
    followed_clear(now);
    followed_clear(next);
    qsort(p->items, p->count, sizeof(*p->items), compare);
    return good;
}

enum pn_proposals_result
pn_proposals_find(struct pn_proposals *p)
{
    struct followed *both = pn_calloc(2, sizeof(*both));
    struct judged before = { 0 };
    enum pn_proposals_result result = PN_PROPOSALS_FAILED;

    p->before = PN_COMPILED_NONE;
    if (both && text_judge(p, p->source, &p->before, &before)) {
        p->holds = !before.failing;
        result = p->before.result != PN_COMPILE_OK ? PN_PROPOSALS_REFUSED
                 : before.is_refused               ? PN_PROPOSALS_ALWAYS
                 : p->holds || search(p, &before, &both[0], &both[1])
                     ? PN_PROPOSALS_DONE
                     : PN_PROPOSALS_FAILED;
    }
    judged_clear(&before);
    pn_free(both);
    return result;
}

void
pn_proposals_clear(struct pn_proposals *p)
{
    for (size_t i = 0; i < p->count; i++)
        proposal_clear(&p->items[i]);
    pn_compiled_clear(&p->before);
}
