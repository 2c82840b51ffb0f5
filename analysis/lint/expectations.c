/* Decides each expectation in the space, with the rule that decides it and without. */
#include "analysis/lint/expectations.h"

#include <string.h>

#include "analysis/decide.h"
#include "analysis/lint/list_dependence.h"
#include "base/memory.h"
#include "compiler/literal.h"

enum { SHRUNK_TO = 2 }; /* a list is reported below 1 / SHRUNK_TO of its former size */

struct expectations {
    struct pn_lint *lint;
    struct pn_prover prover;
    bool *tested; /* by item: it decides an expectation */
    struct pn_intern known;
};

static struct pn_span
assertion_span(const struct pn_lint *lint, const struct pn_assertion *s)
{
    return pn_assertion_span(lint->unit, s);
}

static struct pn_finding *
add(struct pn_lint *lint, enum pn_check check, const struct pn_assertion *s)
{
    return pn_lint_add_span(lint, check, s->at.file, assertion_span(lint, s));
}

/* Writes the words of a statement with one blank between them: equal texts for equal
 * statements. */
static void
words_write(const struct pn_lint *lint, const struct pn_assertion *s,
            struct pn_buffer *out)
{
    const struct pn_tree *tree = pn_unit_tree(lint->unit, s->at.file);
    struct pn_range range = s->at.node->range;

    for (uint32_t i = range.first; i <= range.last; i++) {
        struct pn_str word =
            pn_source_slice(tree->source, pn_token_span(tree->tokens[i]));

        while (word.len && strchr(" \t\n\r", word.ptr[word.len - 1]))
            word.len--;
        pn_buffer_add(out, word.ptr, word.len);
        pn_buffer_add_text(out, " ");
    }
}

static void
duplicate(struct expectations *e, size_t number)
{
    struct pn_lint *lint = e->lint;
    const struct pn_assertion *s = &lint->loaded->assertions.items[number];
    struct pn_buffer words = { 0 };
    uint32_t at, before = (uint32_t)e->known.count;
    struct pn_finding *f;

    words_write(lint, s, &words);
    if (words.failed || !pn_intern_add(&e->known, words.bytes, words.size, &at)) {
        lint->failed = true;
    } else if (at != before) {
        f = add(lint, PN_CHECK_DUPLICATE_EXPECT, s);
        pn_lint_delete_statement(lint, f, s->at.file, s->at.node);
    }
    pn_buffer_free(&words);
}

static void
idle_expect(struct expectations *e, const struct pn_assertion *s)
{
    struct pn_lint *lint = e->lint;
    const struct pn_space *space = &lint->policy->space;
    struct pn_str host = { NULL, 0 }, ident = { NULL, 0 };
    struct pn_witness witness = { pn_number_from(&s->address), s->address.family, 0 };
    uint32_t with, without;
    struct pn_finding *f;

    if (s->has_host)
        host = pn_assertions_text(&lint->loaded->assertions, s->host);
    if (s->has_ident)
        ident = pn_assertions_text(&lint->loaded->assertions, s->ident);
    with = pn_space_decide(space, witness.family, witness.address, host, ident);
    if (with == PN_RULE_NONE)
        return;
    e->tested[with] = true;
    without = pn_space_decide_without(space, witness.family, witness.address, host,
                                      ident, with);
    if (without == PN_RULE_NONE || !pn_lint_is_written(lint, without) ||
        !pn_assertion_is_fulfilled(&e->prover, s, lint->policy->items[with].rule) ||
        !pn_assertion_is_fulfilled(&e->prover, s, lint->policy->items[without].rule))
        return;
    f = add(lint, PN_CHECK_IDLE_EXPECT, s);
    pn_lint_link(lint, f, with, "this decides it now");
    pn_lint_link(lint, f, without, "this would, and it holds as well");
    pn_lint_query_text(lint, f, &witness, host, ident);
    if (f)
        f->help =
            pn_report_format(lint->report, "say by which rule, or with which variable");
}

static void
vacuous(struct pn_lint *lint, const struct pn_assertion *s)
{
    bool nothing = pn_address_set_is_empty(&s->within) && !s->everything;

    if (s->outside ? s->everything : nothing)
        pn_depends_report(
            lint, add(lint, PN_CHECK_VACUOUS_ALWAYS, s),
            pn_depends_nodes(lint, s->at.file, s->at.node->children.head));
}

/* Reports a rule that decides no expectation, and offers one that it would decide. */
static void
untested(struct pn_lint *lint, uint32_t item)
{
    const struct pn_item_info *info = &lint->survey.infos[item];
    const struct pn_source *root = pn_lint_source(lint, 0);
    struct pn_buffer host = { 0 }, text = { 0 };
    struct postern_addr addr;
    char address[POSTERN_ADDR_TEXT_SIZE];
    struct pn_finding *f;
    bool sayable = true;

    if (!pn_lint_is_written(lint, item) || !(info->flags & PN_ITEM_LIVES) ||
        !info->witness.family)
        return;
    f = pn_lint_add(lint, PN_CHECK_UNTESTED_RULE, item);
    pn_lint_query_of(lint, f, item);
    if (!f || info->group >= PN_NATIVE_FIRST_GROUPS)
        return;
    addr = pn_number_address(info->witness.address, info->witness.family);
    postern_addr_print(&addr, address);
    pn_buffer_add_format(&text, "%sexpect %s", root->size ? "\n" : "", address);
    if (pn_lint_host(lint, info->host, &host)) {
        pn_buffer_add_format(&text, " =%.*s", (int)host.size, host.bytes);
        sayable = !host.failed && pn_host_is_sayable(pn_str_of(&host));
    }
    pn_buffer_add_format(&text, " : %s\n",
                         pn_lint_allows(lint, item) ? "allow" : "deny");
    if (!text.failed && sayable)
        pn_lint_replace(lint, f, 0, (struct pn_span){ (uint32_t)root->size, 0 },
                        pn_str_of(&text), 0);
    lint->failed |= text.failed || host.failed;
    pn_buffer_free(&text);
    pn_buffer_free(&host);
}

void
pn_expectations_lint(struct pn_lint *lint)
{
    const struct pn_assertions *assertions = &lint->loaded->assertions;
    struct expectations e = { .lint = lint,
                              .prover = { .policy = lint->policy,
                                          .unit = lint->unit,
                                          .assertions = assertions } };

    if (lint->diags->errors) /* assertions may be about rules that were not read */
        return;
    e.tested = pn_calloc(lint->policy->item_count + 1, sizeof(*e.tested));
    if (!e.tested) {
        lint->failed = true;
        return;
    }
    for (size_t i = 0; i < assertions->count; i++) {
        const struct pn_assertion *s = &assertions->items[i];

        duplicate(&e, i);
        if (s->at.node->kind == PN_NODE_ALWAYS)
            vacuous(lint, s);
        else
            idle_expect(&e, s);
    }
    for (uint32_t t = 0;
         t < lint->survey.count && lint->report->on[PN_CHECK_UNTESTED_RULE]; t++)
        if (!e.tested[t] && !pn_lint_is_classic(lint, t))
            untested(lint, t);
    pn_free(e.tested);
    pn_intern_clear(&e.known);
}

/* The rule that decides a piece of the rules without ident; blocks come first. */
static uint32_t
rule_of(struct pn_native_entry entry)
{
    if (entry.block != PN_RULE_NONE)
        return entry.block & ~PN_NATIVE_EXACT;
    return entry.exact != PN_RULE_NONE ? entry.exact : entry.prefix;
}

/* The number of addresses that a list of pieces gives to rules with this text. */
static pn_number
size_in(const struct pn_lint_options *options, const struct pn_pieces *pieces,
        uint8_t family, const struct pn_weights *weights, struct pn_str text)
{
    pn_number sum = 0;

    for (size_t i = 0; i < pieces->count; i++) {
        uint32_t rule = rule_of(pn_pieces_entry(pieces, i));
        struct postern_origin origin = POSTERN_ORIGIN_INIT;
        pn_number first = pieces->items[i].start;
        pn_number last = i + 1 < pieces->count ? pieces->items[i + 1].start - 1
                                               : pn_host_mask(family, 0);

        if (rule != PN_RULE_NONE &&
            postern_rules_origin(options->against, rule, &origin) == POSTERN_OK &&
            pn_str_equal((struct pn_str){ origin.target.ptr, origin.target.len }, text))
            sum += weights ? pn_weights_count(weights, first, last) : last - first + 1;
    }
    return sum;
}

/* The number of addresses that an older file gives to rules with this text. */
static pn_number
size_of(const struct pn_lint_options *options, struct pn_str text)
{
    const struct pn_decoded *decoded = options->against_decoded;
    const struct pn_decoded_group *group = &decoded->groups[PN_GROUP_NO_IDENT];
    pn_number sum = size_in(options, group->pieces[PN_V4], 4, NULL, text);

    for (unsigned z = 0; z < decoded->zones.count; z++) {
        struct pn_zeros set = pn_zones_set(&decoded->zones, z);
        struct pn_weights weights;

        pn_weights_make(&weights, &set);
        sum += size_in(options, &group->pieces[PN_V6][z], 6,
                       decoded->zones.count > 1 ? &weights : NULL, text);
    }
    return sum;
}

void
pn_shrunk_definitions_lint(struct pn_lint *lint)
{
    if (!lint->options->against_decoded || !lint->report->on[PN_CHECK_LIST_SHRANK])
        return;
    for (size_t i = 0; i < lint->survey.collection_count; i++) {
        uint32_t item = lint->survey.collections[i].item;
        pn_number now = lint->survey.infos[item].decided;
        pn_number then = size_of(lint->options, pn_lint_text(lint, item));
        struct pn_finding *f;
        size_t before, after;

        if (now >= then / SHRUNK_TO)
            continue;
        f = pn_lint_add(lint, PN_CHECK_LIST_SHRANK, item);
        if (!f)
            continue;
        before = pn_lint_number(lint, then);
        after = pn_lint_number(lint, now);
        f->label = pn_report_format(lint->report, "%s addresses, and it had %s",
                                    pn_report_text(lint->report, after),
                                    pn_report_text(lint->report, before));
    }
}
