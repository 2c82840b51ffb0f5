/* Statuses and seconds, and what of a rule does not go together. */
#include "compiler/penalties.h"

#include <stdlib.h>

#include "compiler/literal.h"
#include "grammar/parser.h"

enum { STATUS_MAX = 255, SIGNAL = PN_PENALTY_SIGNAL };

static struct pn_span
token_span(const struct pn_tree *tree, uint32_t token)
{
    return pn_token_span(tree->tokens[token]);
}

/* "1" or "1-99": from 1 to 255. */
static bool
range_read(struct pn_str text, uint32_t *first, uint32_t *last)
{
    struct pn_str high = text, low = pn_str_cut(&high, '-');

    if (!pn_digits_read(low, STATUS_MAX, first))
        return false;
    *last = *first;
    return (!high.ptr || pn_digits_read(high, STATUS_MAX, last)) && *first &&
           *first <= *last;
}

bool
pn_penalty_statuses(const struct pn_tree *tree, const struct pn_node *node,
                    uint32_t *out)
{
    struct pn_token token = tree->tokens[node->token + 1];
    uint32_t first = SIGNAL, last = SIGNAL;

    if (token.kind != PN_TOK_SIGNAL &&
        !range_read(pn_source_slice(tree->source, pn_token_span(token)), &first, &last))
        return false;
    *out = first | last << PN_PENALTY_LAST;
    return true;
}

static void
amount_report(const struct pn_terms_place *place, uint32_t token, const char *form)
{
    struct pn_diag *diag =
        pn_diags_add(place->diags, PN_DIAG_BAD_AMOUNT, place->tree->source,
                     token_span(place->tree, token));

    pn_diag_say(place->diags, diag, pn_str_of_text(form), NULL);
}

bool
pn_penalty_read(const struct pn_terms_place *place, const struct pn_node *node,
                struct pn_penalty *out)
{
    uint32_t seconds = 0, at = node->token + 2;
    struct pn_str text =
        pn_source_slice(place->tree->source, token_span(place->tree, at));
    bool good = true;

    if (!pn_penalty_statuses(place->tree, node, &out->columns[PN_PENALTY_STATUSES])) {
        amount_report(place, node->token + 1,
                      "a status is a number from 1 to 255, two of them ascending with "
                      "a dash between them, or signal");
        good = false;
    }
    if (!pn_digits_read(text, PN_PENALTY_SECONDS_MAX, &seconds) || !seconds) {
        amount_report(place, at, "a penalty is 1 to 86400 seconds");
        good = false;
    }
    out->columns[PN_PENALTY_SECONDS] = seconds;
    return good;
}

static void
pair_report(const struct pn_terms_place *place, enum pn_diag_id id,
            const struct pn_node *node, const struct pn_node *before)
{
    const struct pn_tree *tree = place->tree;
    struct pn_diag *diag =
        pn_diags_add(place->diags, id, tree->source, pn_tree_span(tree, node->range));

    pn_diag_relate(place->diags, diag, tree->source, pn_tree_span(tree, before->range),
                   "the other one");
}

/* Those of a rule as they are read. */
struct penalties {
    struct pn_penalty *rows;
    const struct pn_node *nodes[PN_PENALTIES_MAX];
    const struct pn_node *exempt; /* the `no penalty`, or NULL */
    size_t count, seen;           /* rows; nodes, with those that are faulty */
};

bool
pn_penalties_overlap(const struct pn_penalty *a, const struct pn_penalty *b)
{
    uint32_t left = a->columns[PN_PENALTY_STATUSES];
    uint32_t right = b->columns[PN_PENALTY_STATUSES];

    return pn_penalty_first(left) <= pn_penalty_last(right) &&
           pn_penalty_first(right) <= pn_penalty_last(left);
}

bool
pn_penalty_holds(const struct pn_penalty *claimed, const struct pn_penalty *rows,
                 size_t count)
{
    uint32_t statuses = claimed->columns[PN_PENALTY_STATUSES];
    uint32_t next = pn_penalty_first(statuses); /* the first that is not known of */

    if (pn_penalty_is_none(claimed))
        return !count;
    for (size_t i = 0; i < count && next <= pn_penalty_last(statuses); i++) {
        const uint32_t *row = rows[i].columns;

        if (pn_penalty_last(row[PN_PENALTY_STATUSES]) < next)
            continue;
        if (pn_penalty_first(row[PN_PENALTY_STATUSES]) > next ||
            row[PN_PENALTY_SECONDS] != claimed->columns[PN_PENALTY_SECONDS])
            return false;
        next = pn_penalty_last(row[PN_PENALTY_STATUSES]) + 1;
    }
    return next > pn_penalty_last(statuses);
}

static void
penalty_add(const struct pn_terms_place *place, const struct pn_node *node,
            struct penalties *of)
{
    struct pn_penalty row = { { 0 } };

    if (of->seen++ >= PN_PENALTIES_MAX) {
        if (of->seen == PN_PENALTIES_MAX + 1)
            pn_diags_add(place->diags, PN_DIAG_PENALTY_MANY, place->tree->source,
                         token_span(place->tree, node->token));
        return;
    }
    if (!pn_penalty_read(place, node, &row))
        return;
    for (size_t i = 0; i < of->count; i++)
        if (pn_penalties_overlap(&of->rows[i], &row)) {
            pair_report(place, PN_DIAG_PENALTY_OVERLAP, node, of->nodes[i]);
            return;
        }
    of->nodes[of->count] = node;
    of->rows[of->count++] = row;
}

static int
compare(const void *left, const void *right)
{
    const struct pn_penalty *a = left, *b = right;
    uint32_t first = pn_penalty_first(a->columns[PN_PENALTY_STATUSES]);
    uint32_t other = pn_penalty_first(b->columns[PN_PENALTY_STATUSES]);

    return (first > other) - (first < other);
}

size_t
pn_penalties_read(const struct pn_terms_place *place,
                  struct pn_penalty out[PN_PENALTIES_MAX])
{
    struct penalties of = { .rows = out };
    const struct pn_node *first = NULL;

    for (const struct pn_node *n = place->rule->children.head; n; n = n->next) {
        if (n->kind != PN_NODE_TERM)
            continue;
        if (n->action == PN_TERM_PENALTY) {
            first = first ? first : n;
            penalty_add(place, n, &of);
        } else if (n->action == PN_TERM_EXEMPT) {
            if (of.exempt)
                pair_report(place, PN_DIAG_TERM_TWICE, n, of.exempt);
            of.exempt = n;
        }
    }
    if (of.exempt && first)
        pair_report(place, PN_DIAG_PENALTY_EXEMPT, of.exempt, first);
    if (of.exempt) {
        out[0] = (struct pn_penalty){ { 0 } };
        return 1;
    }
    if (of.count > 1)
        qsort(out, of.count, sizeof(*out), compare);
    return of.count;
}
