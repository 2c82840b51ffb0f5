/* A row for each variable; a function for each effect says what a change of value
 * means. */
#include "analysis/lint/variables.h"

#include <string.h>

#include "base/nearest.h"
#include "base/sizes.h"

enum { SHORTEST_NEAR = 6, DIGITS_MAX = 18 };

struct variable {
    const char *name;
    enum pn_effect effect;
    char separator;
};

static const struct variable variables[] = {
#define X(name, effect, separator) { name, PN_EFFECT_##effect, separator },
#include "analysis/lint/variables.def"
#undef X
};

static const struct variable *
variable_find(struct pn_str name)
{
    for (size_t i = 0; i < PN_COUNT_OF(variables); i++)
        if (pn_str_is(name, variables[i].name))
            return &variables[i];
    return NULL;
}

enum pn_effect
pn_variable_effect(struct pn_str name)
{
    const struct variable *v = variable_find(name);

    return v ? v->effect : PN_EFFECT_UNKNOWN;
}

bool
pn_variable_by_effect(enum pn_effect effect, size_t index, struct pn_str *out)
{
    for (size_t i = 0; i < PN_COUNT_OF(variables); i++)
        if (variables[i].effect == effect && !index--) {
            *out = pn_str_of_text(variables[i].name);
            return true;
        }
    return false;
}

char
pn_variable_separator(struct pn_str name)
{
    const struct variable *v = variable_find(name);

    return v ? v->separator : '\0';
}

/* Compares ranks, by how much the client may do. */
static unsigned
by_rank(int before, int after)
{
    return after > before   ? PN_CHANGE_MORE
           : after < before ? PN_CHANGE_LESS
                            : PN_CHANGE_OTHER;
}

static unsigned
grants(struct pn_str before, struct pn_str after)
{
    return by_rank(before.ptr != NULL, after.ptr != NULL);
}

static unsigned
restricts(struct pn_str before, struct pn_str after)
{
    return grants(after, before);
}

/* A text refuses; an unset variable is between that and an empty value. */
static int
refusal_rank(struct pn_str value)
{
    return !value.ptr ? 1 : value.len ? 0 : 2;
}

static unsigned
refusal(struct pn_str before, struct pn_str after)
{
    return by_rank(refusal_rank(before), refusal_rank(after));
}

/* The number of some digits; -1 for anything else. */
static int64_t
number_of(struct pn_str value)
{
    int64_t number = 0;

    if (!value.len || value.len > DIGITS_MAX)
        return -1;
    for (size_t i = 0; i < value.len; i++) {
        if (value.ptr[i] < '0' || value.ptr[i] > '9')
            return -1;
        number = number * 10 + (value.ptr[i] - '0');
    }
    return number;
}

static unsigned
by_number(int64_t before, int64_t after)
{
    if (before < 0 || after < 0)
        return PN_CHANGE_OTHER;
    if (before == after) /* only written differently: 010 and 10 */
        return PN_CHANGE_NONE;
    return after > before ? PN_CHANGE_MORE : PN_CHANGE_LESS;
}

/* A limit of 0 is no limit. */
static int64_t
most(int64_t number)
{
    return number ? number : INT64_MAX;
}

static unsigned
bound(struct pn_str before, struct pn_str after)
{
    if (!before.ptr || !after.ptr)
        return PN_CHANGE_OTHER;
    return by_number(most(number_of(before)), most(number_of(after)));
}

static unsigned
ceiling(struct pn_str before, struct pn_str after)
{
    return by_number(before.ptr ? most(number_of(before)) : INT64_MAX,
                     after.ptr ? most(number_of(after)) : INT64_MAX);
}

static unsigned
requirement(struct pn_str before, struct pn_str after)
{
    return by_number(after.ptr ? number_of(after) : 0,
                     before.ptr ? number_of(before) : 0);
}

/* Cuts off the next part of a value; false at its end. */
static bool
part_next(struct pn_str *rest, char separator, struct pn_str *out)
{
    const char *end;

    while (rest->len && rest->ptr[0] == separator)
        *rest = (struct pn_str){ rest->ptr + 1, rest->len - 1 };
    if (!rest->len)
        return false;
    end = memchr(rest->ptr, separator, rest->len);
    *out = (struct pn_str){ rest->ptr, end ? (size_t)(end - rest->ptr) : rest->len };
    *rest = (struct pn_str){ rest->ptr + out->len, rest->len - out->len };
    return true;
}

static bool
has_part(struct pn_str value, struct pn_str wanted)
{
    struct pn_str collection;

    while (part_next(&value, '/', &collection))
        if (pn_str_equal(collection, wanted))
            return true;
    return false;
}

/* Does a value have all parts of another? */
static bool
has_parts(struct pn_str value, struct pn_str wanted)
{
    struct pn_str collection;

    while (part_next(&wanted, '/', &collection))
        if (!has_part(value, collection))
            return false;
    return true;
}

static unsigned
narrows(struct pn_str before, struct pn_str after)
{
    bool lost, won;

    if (!before.ptr || !after.ptr)
        return before.ptr ? PN_CHANGE_MORE : PN_CHANGE_LESS;
    lost = !has_parts(after, before);
    won = !has_parts(before, after);
    return (won ? PN_CHANGE_MORE : 0u) | (lost ? PN_CHANGE_LESS : 0u);
}

static unsigned
other(struct pn_str before, struct pn_str after)
{
    (void)before;
    (void)after;
    return PN_CHANGE_OTHER;
}

static unsigned
nothing(struct pn_str before, struct pn_str after)
{
    (void)before;
    (void)after;
    return PN_CHANGE_NONE;
}

unsigned
pn_variable_change(struct pn_str name, struct pn_str before, struct pn_str after)
{
    static unsigned (*const changes[])(struct pn_str before, struct pn_str after) = {
        [PN_EFFECT_UNKNOWN] = other,
        [PN_EFFECT_GRANTS] = grants,
        [PN_EFFECT_RESTRICTS] = restricts,
        [PN_EFFECT_REFUSAL] = refusal,
        [PN_EFFECT_CEILING] = ceiling,
        [PN_EFFECT_BOUND] = bound,
        [PN_EFFECT_REQUIREMENT] = requirement,
        [PN_EFFECT_NARROWS] = narrows,
        [PN_EFFECT_OTHER] = other,
        [PN_EFFECT_NOTHING] = nothing,
    };

    if (!before.ptr == !after.ptr && pn_str_equal(before, after))
        return PN_CHANGE_NONE;
    return changes[pn_variable_effect(name)](before, after);
}

/* Do names differ by one byte inserted, deleted or replaced, by two swapped, or by
 * case? */
static bool
is_near(struct pn_str name, const char *word)
{
    size_t size = strlen(word), most = size >= SHORTEST_NEAR;

    if (name.len > size + most || size > name.len + most)
        return false; /* so many bytes are missing alone */
    return pn_edits(name, (struct pn_str){ word, size }) <= most;
}

const char *
pn_variable_near(struct pn_str name)
{
    if (variable_find(name))
        return NULL;
    for (size_t i = 0; i < PN_COUNT_OF(variables); i++)
        if (variables[i].effect != PN_EFFECT_NOTHING &&
            is_near(name, variables[i].name))
            return variables[i].name;
    return NULL;
}
