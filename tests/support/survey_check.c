/* See survey_check.h. */
#include "tests/support/survey_check.h"

#include <stdlib.h>

#include "analysis/classes.h"
#include "analysis/survey_build.h"
#include "compiler/loaded_policy.h"
#include "tests/support/harness.h"

static bool
is_asked(const struct pn_profile *profile, const struct pn_small_query *q)
{
    return !(profile->no_host && q->host) && !(profile->no_ident && q->ident) &&
           !(profile->no_v4 && q->family == 4) && !(profile->no_v6 && q->family == 6);
}

static bool
same_outcome(const struct pn_small_rule *a, const struct pn_small_rule *b)
{
    bool denies = a->deny || a->block;

    return denies == (b->deny || b->block) && (denies || a->value == b->value);
}

/* Elements that repeat an earlier one decide nothing. */
static void
drop_again(const struct pn_survey_case *w, bool *again)
{
    for (size_t i = 0; i < w->count; i++) {
        again[i] = false;
        for (size_t k = 0; k < i; k++)
            again[i] |= pn_small_same_key(&w->rules[i], &w->rules[k]);
    }
}

/* Do two prefixes of one key differ in their holes? Who says what again is moot then.
 */
static bool
is_moot(const struct pn_survey_case *w)
{
    for (size_t i = 0; i < w->count; i++)
        for (size_t k = 0; k < i; k++)
            if (pn_small_same_key(&w->rules[i], &w->rules[k]) &&
                (w->rules[i].hole || w->rules[k].hole))
                return true;
    return false;
}

struct verdict {
    bool lives, lives4, lives6, needed;
};

static void
judge_query(const struct pn_survey_case *w, const struct pn_small_query *q, size_t item,
            const bool *again, struct verdict *out)
{
    struct pn_small_rule rest[PN_SURVEY_RULES_MAX];
    const struct pn_small_rule *now, *then;
    size_t count = 0, decides = pn_small_decide(w->rules, w->count, q);

    if (w->items[decides] != item)
        return;
    out->lives = true;
    *(q->family == 6 ? &out->lives6 : &out->lives4) = true;
    for (size_t i = 0; i < w->count; i++)
        if (w->items[i] != item && !again[i])
            rest[count++] = w->rules[i];
    now = &w->rules[decides];
    if (now->kind == PN_SMALL_DEFAULT && !now->ident) { /* nothing is behind it */
        out->needed = true;
        return;
    }
    then = &rest[pn_small_decide(rest, count, q)];
    out->needed |= !same_outcome(now, then);
}

static struct verdict
judge(const struct pn_survey_case *w, size_t item, const bool *again)
{
    struct verdict verdict = { 0 };

    for (unsigned n = 0; n <= PN_SMALL_GAP; n++)
        for (size_t h = 0; h < w->host_count; h++)
            for (size_t i = 0; i < w->ident_count; i++)
                for (int family = 4; family <= (w->six ? 6 : 4); family += 2) {
                    struct pn_small_query q = { family, n, w->hosts[h], w->idents[i] };

                    if (is_asked(&w->profile, &q))
                        judge_query(w, &q, item, again, &verdict);
                }
    return verdict;
}

static void
check_target(const struct pn_survey_case *w, const struct pn_survey *survey,
             size_t item, const bool *again)
{
    const struct pn_item_info *info = &survey->infos[item];
    struct verdict want = judge(w, item, again);
    bool redundant = pn_survey_is_redundant(survey, (uint32_t)item);

    if (want.lives4 != !!(info->flags & PN_ITEM_LIVES4) ||
        (w->six && want.lives6 != !!(info->flags & PN_ITEM_LIVES6)))
        fail_msg("%.*s: target %zu lives %d %d, and %d is said (%d %d %d %d)",
                 (int)w->text.size, w->text.bytes, item, want.lives4, want.lives6,
                 info->flags, w->profile.no_host, w->profile.no_ident, w->profile.no_v4,
                 w->profile.no_v6);
    if (!(info->flags & PN_ITEM_DEFAULT && info->group == PN_GROUP_NO_IDENT) &&
        want.lives && redundant == want.needed)
        fail_msg("%.*s: target %zu is needed: %d, redundant: %d (%d %d %d %d)",
                 (int)w->text.size, w->text.bytes, item, want.needed, redundant,
                 w->profile.no_host, w->profile.no_ident, w->profile.no_v4,
                 w->profile.no_v6);
}

void
pn_survey_check(const struct pn_survey_case *w)
{
    struct pn_source source;
    struct pn_diags diags = { .limit = 5 };
    struct pn_policy_options options = { .by_target = true };
    struct pn_loaded_policy loaded;
    struct pn_survey survey;
    bool again[PN_SURVEY_RULES_MAX];
    uint32_t *classes;

    assert_true(pn_source_from_text(&source, "small.rules",
                                    (struct pn_str){ w->text.bytes, w->text.size }));
    assert_int_equal(pn_loaded_policy_load(&loaded, &source, NULL, &options, &diags),
                     PN_COMPILE_OK);
    assert_int_equal(loaded.policy.item_count, w->item_count);
    classes = pn_classes_of(&loaded.policy);
    assert_non_null(classes);
    pn_survey_make(&survey, &loaded.policy, classes, &w->profile, NULL);
    assert_false(survey.failed);
    drop_again(w, again);
    for (size_t i = 0; i < w->item_count && !is_moot(w); i++)
        check_target(w, &survey, i, again);
    pn_survey_clear(&survey);
    free(classes);
    pn_loaded_policy_clear(&loaded);
    pn_source_clear(&source);
    pn_diags_clear(&diags);
}
