/* Compares verdicts first, then every variable that one of both sets, by its effect. */
#include "analysis/lint/treatment.h"

#include <string.h>

#include "analysis/classes.h"

bool
pn_lint_is_privileged(const struct pn_lint *lint, struct pn_str name)
{
    for (const char *const *p = lint->options->privileged; p && *p; p++)
        if (pn_str_is(name, *p))
            return true;
    return false;
}

static struct postern_env_iter
env_of(const struct pn_lint *lint, uint32_t item)
{
    return pn_policy_env(lint->policy, lint->policy->items[item].rule);
}

struct pn_str
pn_lint_value(const struct pn_lint *lint, uint32_t item, struct pn_str name)
{
    struct postern_env_iter iter = env_of(lint, item);
    struct pn_str value = { NULL, 0 };
    struct postern_env env;

    while (postern_env_next(&iter, &env)) /* the last one of equal names counts */
        if (pn_str_equal((struct pn_str){ env.name.ptr, env.name.len }, name))
            value =
                (struct pn_str){ env.value.len ? env.value.ptr : "", env.value.len };
    return value;
}

static const struct pn_str refusal = { "RBLSMTPD", 8 };

bool
pn_lint_serves(const struct pn_lint *lint, uint32_t item)
{
    return item != PN_RULE_NONE && pn_lint_allows(lint, item) &&
           !pn_lint_value(lint, item, refusal).len;
}

/* The change by a variable; another value of a privileged one that nobody knows is
 * more. */
static unsigned
change_of(const struct pn_lint *lint, struct pn_str name, struct pn_str before,
          struct pn_str after)
{
    unsigned change = pn_variable_change(name, before, after);
    enum pn_effect effect = pn_variable_effect(name);

    if (change != PN_CHANGE_OTHER || effect == PN_EFFECT_GRANTS ||
        !pn_lint_is_privileged(lint, name))
        return change;
    return after.ptr ? PN_CHANGE_MORE : PN_CHANGE_LESS;
}

/* The worst change: more before less, and less before other. */
static unsigned
worst_of(unsigned change)
{
    return change & PN_CHANGE_MORE   ? PN_CHANGE_MORE
           : change & PN_CHANGE_LESS ? PN_CHANGE_LESS
                                     : change;
}

static void
variable_add(const struct pn_lint *lint, struct pn_str name, struct pn_str before,
             struct pn_str after, struct pn_treatment *out)
{
    unsigned change = change_of(lint, name, before, after);
    unsigned worst = worst_of(change), so_far = worst_of(out->change);
    bool privileged = change & PN_CHANGE_MORE && pn_lint_is_privileged(lint, name);

    if (change && (!so_far || worst < so_far || (privileged && !out->privileged)))
        out->name = name;
    out->change |= change;
    out->privileged |= privileged;
}

/* Adds the changes by the variables of `from`; those that both set only when it is
 * `item`. */
static void
variables_add(const struct pn_lint *lint, uint32_t item, uint32_t other, uint32_t from,
              struct pn_treatment *out)
{
    struct postern_env_iter iter = env_of(lint, from);
    struct postern_env env;

    while (postern_env_next(&iter, &env)) {
        struct pn_str name = { env.name.ptr, env.name.len };
        struct pn_str after = pn_lint_value(lint, item, name);

        if (from == item || !after.ptr)
            variable_add(lint, name, pn_lint_value(lint, other, name), after, out);
    }
}

static void
all_variables_add(const struct pn_lint *lint, uint32_t item, uint32_t other,
                  struct pn_treatment *out)
{
    variables_add(lint, item, other, item, out);
    variables_add(lint, item, other, other, out);
}

static bool
gives_privileged(const struct pn_lint *lint, uint32_t item)
{
    struct postern_env_iter iter = env_of(lint, item);
    struct postern_env env;

    while (postern_env_next(&iter, &env))
        if (pn_lint_is_privileged(lint, (struct pn_str){ env.name.ptr, env.name.len }))
            return true;
    return false;
}

/* A client that is refused has no use of variables. */
struct pn_treatment
pn_lint_treatment(const struct pn_lint *lint, uint32_t item, uint32_t other)
{
    bool allows = pn_lint_allows(lint, item), serves = pn_lint_serves(lint, item);
    bool before = other != PN_RULE_NONE && pn_lint_allows(lint, other);
    bool compiled = pn_lint_serves(lint, other);
    struct pn_treatment treatment = { .change = PN_CHANGE_NONE };

    if (other == item || (!allows && !before) ||
        (before &&
         pn_survey_class(&lint->survey, item) == pn_survey_class(&lint->survey, other)))
        return treatment;
    if (allows && before && serves != compiled)
        treatment.name = refusal;
    if (serves && compiled) {
        all_variables_add(lint, item, other, &treatment);
    } else if (serves) {
        treatment.change = PN_CHANGE_MORE;
        treatment.privileged = gives_privileged(lint, item);
    } else if (compiled) {
        treatment.change = PN_CHANGE_LESS;
    } else {
        if (allows && before)
            all_variables_add(lint, item, other, &treatment);
        if (allows != before || treatment.change)
            treatment.change = PN_CHANGE_OTHER;
    }
    return treatment;
}
