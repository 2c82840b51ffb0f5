/* Reads the terms of rules by the rows of terms.def. */
#include "compiler/terms.h"

#include <string.h>

#include "base/ascii.h"
#include "base/sizes.h"
#include "compiler/amounts.h"
#include "compiler/dates.h"
#include "compiler/literal.h"

enum { WIDTH4 = 32, WIDTH6 = 128, AMOUNT_MAX = 1000000000 };

/* How a term is read: false when the text is not what stands there. */
typedef bool (*read_fn)(struct pn_str text, uint32_t *columns);

static bool
limit_read(struct pn_str text, uint32_t *columns)
{
    columns[PN_TERM_LIMIT_PER] = PN_PER_V4 << 8 | PN_PER_V6;
    return pn_digits_read(text, AMOUNT_MAX, &columns[PN_TERM_LIMIT_N]);
}

static const struct {
    const char *name;
    uint32_t seconds;
} units[] = { { "sec", 1 }, { "min", 60 }, { "hour", 3600 } };

const char *
pn_rate_unit(uint32_t seconds)
{
    size_t i = 0;

    while (i + 1 < PN_COUNT_OF(units) && units[i].seconds != seconds)
        i++;
    return units[i].name;
}

static bool
rate_read(struct pn_str text, uint32_t *columns)
{
    struct pn_str unit = text, number = pn_str_cut(&unit, '/');

    columns[PN_TERM_RATE_PER] = PN_PER_V4 << 8 | PN_PER_V6;
    for (size_t i = 0; i < PN_COUNT_OF(units); i++)
        if (pn_str_is(unit, units[i].name)) {
            columns[PN_TERM_RATE_SECONDS] = units[i].seconds;
            return pn_digits_read(number, AMOUNT_MAX, &columns[PN_TERM_RATE_N]);
        }
    return false;
}

static bool
until_read(struct pn_str text, uint32_t *columns)
{
    columns[PN_TERM_UNTIL_DATE] = pn_date_read(text);
    return columns[PN_TERM_UNTIL_DATE] != 0;
}

/* "/A" or "/A,/B": the length for IPv4, and the one for IPv6. */
static bool
per_read(struct pn_str text, uint32_t *out)
{
    struct pn_str six = text, four = pn_str_cut(&six, ',');
    uint32_t length4, length6 = PN_PER_V6;

    if (!four.len || four.ptr[0] != '/' ||
        !pn_digits_read((struct pn_str){ four.ptr + 1, four.len - 1 }, WIDTH4,
                        &length4))
        return false;
    if (six.ptr && (!six.len || six.ptr[0] != '/' ||
                    !pn_digits_read((struct pn_str){ six.ptr + 1, six.len - 1 }, WIDTH6,
                                    &length6)))
        return false;
    *out = length4 << 8 | length6;
    return true;
}

enum verdict { ANY, ALLOW };

static const struct term {
    const char *word;
    read_fn read;                /* NULL: a quoted text */
    enum pn_native_term at, per; /* per 0: it has none */
    enum verdict verdict;
    bool is_asserted;
    const char *form; /* what is said of another amount */
} terms[PN_TERM_COUNT] = {
#define X(id, word, at, per, read, verdict, is_asserted, form) \
    [PN_TERM_##id] = { word, read, at, per, verdict, is_asserted, form },
#include "compiler/terms.def"
#undef X
};

static void
report(const struct pn_terms_place *place, enum pn_diag_id id, uint32_t token)
{
    pn_diags_add(place->diags, id, place->tree->source,
                 pn_token_span(place->tree->tokens[token]));
}

static struct pn_str
token_text(const struct pn_terms_place *place, uint32_t token)
{
    return pn_source_slice(place->tree->source,
                           pn_token_span(place->tree->tokens[token]));
}

static void
text_read(const struct pn_terms_place *place, const struct pn_node *node,
          struct pn_buffer *text, uint32_t *columns)
{
    size_t start = text->size;
    enum pn_diag_id id = pn_literal_value(token_text(place, node->token + 1), text);

    columns[0] = (uint32_t)start;
    columns[1] = (uint32_t)(text->size - start);
    if (id != PN_DIAG_NONE)
        report(place, id, node->token + 1);
}

/* An amount of another form, or the lengths behind its per. */
static void
amount_report(const struct pn_terms_place *place, const struct pn_node *node,
              uint32_t token)
{
    struct pn_span span = pn_token_span(place->tree->tokens[token]);
    struct pn_str text = token_text(place, token);
    bool per = token != node->token + 1;
    struct pn_buffer meant = { 0 };
    struct pn_diag *diag =
        pn_diags_add(place->diags, PN_DIAG_BAD_AMOUNT, place->tree->source, span);
    bool likely = per ? pn_amount_per_meant(text, &meant)
                      : pn_amount_meant(node->action, text, &meant);

    pn_diag_say(
        place->diags, diag,
        pn_str_of_text(per ? "a source is a network, by the length of its prefix"
                           : terms[node->action].form),
        NULL);
    if (likely && !meant.failed && !pn_str_equal(pn_str_of(&meant), text))
        pn_diag_fix(place->diags, diag, place->tree->source, span, pn_str_of(&meant));
    pn_diags_fail(place->diags, meant.failed);
    pn_buffer_free(&meant);
}

static void
amount_read(const struct pn_terms_place *place, const struct pn_node *node,
            const struct term *term, uint32_t *columns)
{
    uint32_t per = node->token + 3;

    if (!term->read(token_text(place, node->token + 1), columns))
        amount_report(place, node, node->token + 1);
    else if (!columns[term->at])
        report(place, PN_DIAG_ZERO_AMOUNT, node->token + 1);
    if (term->per && node->range.last == per &&
        !per_read(token_text(place, per), &columns[term->per]))
        amount_report(place, node, per);
}

/* What does not go with the verdict, or without another term. */
static void
verdict_check(const struct pn_terms_place *place, const struct pn_node *const *seen)
{
    bool allow = place->rule->action == PN_ALLOW;

    for (size_t i = 0; i < PN_TERM_COUNT; i++)
        if (!allow && terms[i].verdict == ALLOW && seen[i])
            report(place, PN_DIAG_TERM_ON_DENY, seen[i]->token);
    if (allow && seen[PN_TERM_REJECT] && !seen[PN_TERM_LIMIT] && !seen[PN_TERM_RATE])
        report(place, PN_DIAG_REJECT_ALONE, seen[PN_TERM_REJECT]->token);
}

struct pn_terms
pn_terms_none(void)
{
    struct pn_terms none = { 0 };

    for (size_t i = 0; i < PN_TERM_COUNT; i++)
        if (!terms[i].read)
            none.columns[terms[i].at] = PN_NATIVE_NONE;
    return none;
}

void
pn_term_read(const struct pn_terms_place *place, const struct pn_node *node,
             struct pn_buffer *text, struct pn_terms *out)
{
    const struct term *term = &terms[node->action];

    if (term->read)
        amount_read(place, node, term, out->columns);
    else
        text_read(place, node, text, &out->columns[term->at]);
}

enum pn_term
pn_term_named(struct pn_str word)
{
    size_t i = 0;

    if (pn_str_is(word, "penalty"))
        return PN_TERM_PENALTY;
    while (i < PN_TERM_COUNT &&
           (!terms[i].is_asserted || !pn_str_is(word, terms[i].word)))
        i++;
    return i < PN_TERM_COUNT ? (enum pn_term)i : PN_TERM_NONE;
}

bool
pn_term_same(enum pn_term term, const struct pn_terms *a,
             const struct pn_buffer *a_text, const struct pn_terms *b,
             const struct pn_buffer *b_text)
{
    const uint32_t *left = a->columns, *right = b->columns;
    uint32_t at = terms[term].at;

    if (term == PN_TERM_RATE &&
        left[PN_TERM_RATE_SECONDS] != right[PN_TERM_RATE_SECONDS])
        return false;
    if (terms[term].read) /* the columns of what a rule does not have are all 0 */
        return left[at] == right[at] &&
               (!terms[term].per || left[terms[term].per] == right[terms[term].per]);
    if (left[at] == PN_NATIVE_NONE || right[at] == PN_NATIVE_NONE)
        return left[at] == right[at];
    return left[at + 1] == right[at + 1] &&
           (!left[at + 1] || memcmp(a_text->bytes + left[at], b_text->bytes + right[at],
                                    left[at + 1]) == 0);
}

bool
pn_limit_is_among(const uint32_t *columns, const struct pn_terms *wanted)
{
    uint32_t n = wanted->columns[PN_TERM_LIMIT_N];
    uint32_t more = pn_terms_more(columns);

    if (!n || !columns[PN_TERM_LIMIT_N])
        return n == columns[PN_TERM_LIMIT_N];
    for (uint32_t i = 0; i <= more; i++) {
        const uint32_t *row = columns + (size_t)i * PN_TERM_COLUMNS;

        if (row[PN_TERM_LIMIT_N] == n && pn_limit_is_of(row, wanted->columns))
            return true;
    }
    return false;
}

/* The limits of a rule as they are read. */
struct limits {
    const struct pn_node *nodes[PN_LIMITS_MAX]; /* NULL for one that is faulty */
    size_t count;
};

/* A limit of the networks of another one, which would never count beside it. */
static void
limit_twice_report(const struct pn_terms_place *place, const struct pn_node *node,
                   const struct pn_node *before)
{
    const struct pn_tree *tree = place->tree;
    struct pn_diag *diag = pn_diags_add(place->diags, PN_DIAG_LIMIT_TWICE, tree->source,
                                        pn_tree_span(tree, node->range));

    pn_diag_relate(place->diags, diag, tree->source, pn_tree_span(tree, before->range),
                   "the other one");
}

/* The limits of a rule stand in rows of their own, the first in that of all terms. */
static void
limit_add(const struct pn_terms_place *place, const struct pn_node *node,
          struct limits *limits, struct pn_terms *rows)
{
    size_t at = limits->count++;
    size_t errors = place->diags ? place->diags->errors : 0;

    if (at >= PN_LIMITS_MAX) {
        if (at == PN_LIMITS_MAX)
            report(place, PN_DIAG_LIMIT_MANY, node->token);
        return;
    }
    if (at)
        rows[at] = pn_terms_none();
    pn_term_read(place, node, NULL, &rows[at]);
    if (place->diags && place->diags->errors != errors)
        return;
    limits->nodes[at] = node;
    for (size_t i = 0; i < at; i++)
        if (limits->nodes[i] && pn_limit_is_of(rows[i].columns, rows[at].columns)) {
            limit_twice_report(place, node, limits->nodes[i]);
            break;
        }
}

size_t
pn_terms_read(const struct pn_terms_place *place, struct pn_buffer *text,
              struct pn_terms out[PN_LIMITS_MAX])
{
    const struct pn_node *seen[PN_TERM_COUNT] = { NULL };
    struct limits limits = { .nodes = { NULL } };
    bool any = false;

    *out = pn_terms_none();
    for (const struct pn_node *n = place->rule->children.head; n; n = n->next) {
        if (n->kind != PN_NODE_TERM)
            continue;
        any = true;
        if (n->action >= PN_TERM_COUNT) /* it has rows of its own: penalties.c */
            continue;
        if (n->action == PN_TERM_LIMIT) {
            limit_add(place, n, &limits, out);
        } else {
            if (seen[n->action])
                report(place, PN_DIAG_TERM_TWICE, n->token);
            pn_term_read(place, n, text, out);
        }
        seen[n->action] = n;
    }
    verdict_check(place, seen);
    if (limits.count > PN_LIMITS_MAX)
        limits.count = PN_LIMITS_MAX;
    if (limits.count > 1)
        out->columns[PN_TERM_LIMIT_PER] += (uint32_t)(limits.count - 1) * PN_TERM_MORE;
    return limits.count > 1 ? limits.count : any;
}
