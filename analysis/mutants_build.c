/* Walks the trees, and breaks each rule and each part of one once in each way. */
#include "analysis/mutants_build.h"

#include <stdio.h>
#include <string.h>

#include "analysis/mutants_words.h"
#include "compiler/penalties.h"

/* The span of a statement without its newline. */
static struct pn_span
statement_span(const struct pn_mutants_work *w, const struct pn_node *node)
{
    struct pn_range range = node->range;

    if (range.last > range.first)
        range.last--;
    return pn_tree_span(w->tree, range);
}

static struct pn_span
span_from(const struct pn_mutants_work *w, uint32_t offset, const struct pn_node *rule)
{
    struct pn_span whole = statement_span(w, rule);

    return (struct pn_span){ offset, whole.offset + whole.size - offset };
}

/* The offset of a rule's verdict: behind its key, or behind the colon of its targets.
 * */
static uint32_t
verdict_at(const struct pn_mutants_work *w, const struct pn_node *rule)
{
    static const char *const words[] = { "allow", "deny", "block" };
    const char *word = words[rule->action];
    uint32_t token = w->classic ? rule->token + 1 : rule->range.first;
    const struct pn_token *t;

    for (const struct pn_node *c = rule->children.head; c && !w->classic; c = c->next)
        if (c->kind == PN_NODE_TARGET || c->kind == PN_NODE_LIST ||
            c->kind == PN_NODE_EXCEPT)
            token = c->range.last + 1;
    for (; token <= rule->range.last; token++) {
        t = &w->tree->tokens[token];
        if (t->size == strlen(word) &&
            memcmp(w->tree->source->text + t->offset, word, t->size) == 0)
            return t->offset;
    }
    return UINT32_MAX;
}

/* Adds a byte at the end of a quoted text, other than its quote. */
static void
value_mutate(struct pn_mutants_work *w, struct pn_span quoted)
{
    char quote = w->tree->source->text[quoted.offset + quoted.size - 1];

    pn_mutants_insert(w, PN_MUTANT_CHANGED, quoted, quoted.offset + quoted.size - 1,
                      (struct pn_str){ quote == 'x' ? "y" : "x", 1 });
}

static void
number_mutate(struct pn_mutants_work *w, uint32_t token)
{
    struct pn_span span = pn_token_span(w->tree->tokens[token]);
    struct pn_str text = pn_source_slice(w->tree->source, span);
    uint32_t value = 0;
    size_t digits = 0;
    char number[16];

    for (; digits < text.len && digits < 9 && text.ptr[digits] >= '0' &&
           text.ptr[digits] <= '9';
         digits++)
        value = value * 10 + (uint32_t)(text.ptr[digits] - '0');
    span.size = (uint32_t)digits;
    if (digits)
        pn_mutants_add(
            w, PN_MUTANT_CHANGED, span,
            (struct pn_str){ number, (size_t)snprintf(number, sizeof(number), "%u",
                                                      value > 1 ? value - 1 : 2) });
}

/* The span of a part behind the verdict, with the comma before it. */
static struct pn_span
part_span(const struct pn_mutants_work *w, const struct pn_node *part)
{
    struct pn_range range = part->range;

    range.first -= !w->classic && pn_mutants_is_comma(w, range.first - 1);
    return pn_tree_span(w->tree, range);
}

/* One status less of several, which a claim would still be true of; another time. */
static void
penalty_change(struct pn_mutants_work *w, const struct pn_node *term)
{
    struct pn_span span = pn_token_span(w->tree->tokens[term->token + 1]);
    uint32_t statuses = 0, first, last;
    char text[24];

    if (!w->of_assertion && pn_penalty_statuses(w->tree, term, &statuses)) {
        first = pn_penalty_first(statuses);
        last = pn_penalty_last(statuses);
        if (first < last)
            pn_mutants_add(
                w, PN_MUTANT_CHANGED, span,
                (struct pn_str){
                    text, (size_t)snprintf(text, sizeof(text),
                                           first + 1 < last ? "%u-%u" : "%u",
                                           (unsigned)first, (unsigned)last - 1) });
    }
    number_mutate(w, term->token + 2);
}

static void
term_change(struct pn_mutants_work *w, const struct pn_node *term)
{
    if (term->action >= PN_TERM_COUNT) {
        if (term->action == PN_TERM_PENALTY)
            penalty_change(w, term);
        return;
    }
    if (term->action == PN_TERM_REJECT)
        value_mutate(w, pn_token_span(w->tree->tokens[term->token + 1]));
    else
        number_mutate(w, term->token + 1);
    if (term->range.last > term->token + 1) /* without "per" the usual networks apply */
        pn_mutants_drop(
            w, pn_tree_span(w->tree,
                            (struct pn_range){ term->token + 2, term->range.last }));
}

/* The term of a rule, or NULL. */
static const struct pn_node *
term_of(const struct pn_node *rule, enum pn_term term)
{
    for (const struct pn_node *c = rule->children.head; c; c = c->next)
        if (c->kind == PN_NODE_TERM && c->action == term)
            return c;
    return NULL;
}

/* Is this the only term that lets a reject text stand under an allow? */
static bool
is_only_admission(const struct pn_node *rule)
{
    size_t count = 0;

    for (const struct pn_node *c = rule->children.head; c; c = c->next)
        count += c->kind == PN_NODE_TERM &&
                 (c->action == PN_TERM_LIMIT || c->action == PN_TERM_RATE);
    return count == 1;
}

/* Dropping the only limit or rate of an allow drops its reject text, too, which would
 * be an error alone. */
static void
term_drop(struct pn_mutants_work *w, const struct pn_node *rule,
          const struct pn_node *term)
{
    const struct pn_node *reject = term_of(rule, PN_TERM_REJECT);
    struct pn_span span = part_span(w, term), other, whole, between;
    const char *text = w->tree->source->text;
    uint32_t end;

    if (rule->action != PN_ALLOW || !reject || reject == term ||
        term->action >= PN_TERM_COUNT || !is_only_admission(rule)) {
        pn_mutants_drop(w, span);
        return;
    }
    other = part_span(w, reject);
    whole = span.offset < other.offset ? span : other;
    between.offset = whole.offset + whole.size;
    end = span.offset < other.offset ? other.offset : span.offset;
    between.size = end - between.offset;
    whole.size =
        end + (span.offset < other.offset ? other.size : span.size) - whole.offset;
    pn_mutants_add(w, PN_MUTANT_DROPPED, whole,
                   (struct pn_str){ text + between.offset, between.size });
}

static bool
is_obeyed(const struct pn_node *term, bool allows)
{
    return term->action <= PN_TERM_REJECT || (allows && term->action >= PN_TERM_COUNT);
}

/* Breaks variables and terms. A denial has neither but its reject text. */
static void
parts_mutate(struct pn_mutants_work *w, const struct pn_node *node, bool variables)
{
    for (const struct pn_node *c = node->children.head; c; c = c->next) {
        if (variables && (c->kind == PN_NODE_ASSIGN || c->kind == PN_NODE_GROUP))
            pn_mutants_drop(w, part_span(w, c));
        if (variables && c->kind == PN_NODE_ASSIGN)
            value_mutate(w, pn_tree_behind(w->tree, c));
        if (c->kind == PN_NODE_TERM && is_obeyed(c, variables)) {
            term_drop(w, node, c);
            term_change(w, c);
        }
    }
}

static void
rule_mutate(struct pn_mutants_work *w, const struct pn_node *rule)
{
    uint32_t verdict = verdict_at(w, rule);

    pn_mutants_add(w, PN_MUTANT_DELETED, statement_span(w, rule), PN_STR(""));
    if (verdict != UINT32_MAX) /* the settings go with the verdict */
        pn_mutants_add(w, PN_MUTANT_FLIPPED, span_from(w, verdict, rule),
                       rule->action == PN_ALLOW ? PN_STR("deny") : PN_STR("allow"));
    if (w->classic)
        pn_mutants_word(w, (struct pn_span){ w->tree->tokens[rule->token].offset,
                                             w->tree->tokens[rule->token].size - 1 });
    else
        pn_mutants_targets(w, rule);
    parts_mutate(w, rule, rule->action == PN_ALLOW);
}

/* Makes a condition of an assertion say something else. */
static void
said_mutate(struct pn_mutants_work *w, const struct pn_node *said)
{
    struct pn_span span = pn_tree_span(w->tree, said->range);
    struct pn_str text = pn_source_slice(w->tree->source, span);

    switch (said->kind) {
    case PN_NODE_VERDICT:
        pn_mutants_add(w, PN_MUTANT_FLIPPED, span,
                       said->action == PN_ALLOW ? PN_STR("deny") : PN_STR("allow"));
        break;
    case PN_NODE_ASSIGN:
        value_mutate(w, pn_tree_behind(w->tree, said));
        break;
    case PN_NODE_TERM:
        if (said->action == PN_TERM_EXEMPT)
            pn_mutants_add(w, PN_MUTANT_CHANGED, span, PN_STR("!penalty"));
        else
            term_change(w, said);
        break;
    case PN_NODE_UNSET: {
        static const char *const there[] = { [PN_TERM_LIMIT] = "limit 1",
                                             [PN_TERM_RATE] = "rate 1/hour",
                                             [PN_TERM_REJECT] = "reject \"x\"",
                                             [PN_TERM_PENALTY] = "no penalty" };
        struct pn_str name = { text.ptr + 1, text.len - 1 };
        enum pn_term term = pn_term_named(name);
        struct pn_buffer other = { 0 };

        if (term == PN_TERM_NONE)
            pn_buffer_add_format(&other, "%.*s=\"x\"", (int)name.len, name.ptr);
        else
            pn_buffer_add_text(&other, there[term]);
        w->out->failed |= other.failed;
        pn_mutants_add(w, PN_MUTANT_CHANGED, span, pn_str_of(&other));
        pn_buffer_free(&other);
        break;
    }
    default:
        break;
    }
}

static void
assertion_mutate(struct pn_mutants_work *w, const struct pn_node *assertion)
{
    w->of_assertion = true;
    for (const struct pn_node *c = assertion->children.head; c; c = c->next)
        said_mutate(w, c);
    w->of_assertion = false;
}

static void
statement_mutate(struct pn_mutants_work *w, const struct pn_node *statement)
{
    w->statement = statement;
    w->whole = statement_span(w, statement);
    switch (statement->kind) {
    case PN_NODE_RULE:
        rule_mutate(w, statement);
        break;
    case PN_NODE_SET:
        pn_mutants_targets(w, statement);
        break;
    case PN_NODE_ENV:
        parts_mutate(w, statement, true);
        break;
    case PN_NODE_EXPECT:
    case PN_NODE_ALWAYS:
        assertion_mutate(w, statement);
        break;
    default:
        break;
    }
}

void
pn_mutants_make(struct pn_mutants *out, const struct pn_unit *unit)
{
    *out = (struct pn_mutants){ 0 };
    for (uint32_t i = 0; i < unit->count; i++) {
        const struct pn_file *file = unit->files[i];
        struct pn_mutants_work w = { .out = out,
                                     .tree = &file->tree,
                                     .file = i,
                                     .classic = file->dialect == PN_CLASSIC };

        for (const struct pn_node *n = file->tree.file ? file->tree.file->children.head
                                                       : NULL;
             n; n = n->next)
            statement_mutate(&w, n);
    }
}
