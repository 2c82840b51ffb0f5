/*
 * cidr_table(5) of postfix, as an access table: the first pattern that matches gives an
 * action, and an address that none matches is nobody's business of the table.
 */
#include <string.h>

#include "base/ascii.h"
#include "base/memory.h"
#include "base/sizes.h"
#include "base/vector.h"
#include "compiler/list_words.h"
#include "interop/ordered.h"

enum { NESTED_MOST = 64 };

/* Addresses of one family: what a pattern, or all conditions around a line, leave. */
struct ranges {
    struct pn_interval *items;
    size_t count, capacity;
    uint8_t family; /* 0: all of both */
};

/* A table at hand. */
struct reading {
    struct pn_import *import;
    struct pn_ordered ordered;
    struct ranges scopes[NESTED_MOST]; /* the first one is of no condition */
    size_t depth;
    struct pn_import_lines lines;
    bool has_next;            /* `lines` has one that is not of the rule at hand */
    struct pn_buffer logical; /* a line, and those that go on with it */
    size_t line;              /* where it begins */
};

/* "PATTERN", perhaps with signs of "not" in front. */
struct pattern {
    struct pn_str text;
    struct pn_import_prefix prefix;
    bool negated;
};

/* What an action comes to for the client: access(5). */
static const struct {
    const char *word;
    bool allows, is_whole; /* else all that begins so, and a note says so */
} actions[] = {
    { "OK", true, true },
    { "DUNNO", true, true },
    { "RELAY", true, true },
    { "PERMIT", true, true },
    { "REJECT", false, true },
    { "DISCARD", false, true },
    { "DEFER", false, true },
    { "DEFER_IF_REJECT", true, true },
    { "DEFER_IF_PERMIT", false, true },
    { "BCC", true, false },
    { "FILTER", true, false },
    { "HOLD", true, false },
    { "INFO", true, false },
    { "PREPEND", true, false },
    { "REDIRECT", true, false },
    { "WARN", true, false },
    { "PERMIT_", true, false },
    { "REJECT_", false, false },
    { "DEFER_", false, false },
};

/* Three digits, the first of which is 4 or 5. */
static bool
is_refusal_code(struct pn_str word)
{
    return word.len == 3 && (word.ptr[0] == '4' || word.ptr[0] == '5') &&
           word.ptr[1] >= '0' && word.ptr[1] <= '9' && word.ptr[2] >= '0' &&
           word.ptr[2] <= '9';
}

static bool
is_number(struct pn_str word)
{
    for (size_t i = 0; i < word.len; i++)
        if (!pn_is_digit(word.ptr[i]))
            return false;
    return word.len;
}

/* What the first of some actions comes to; what is no verdict is told of. */
static bool
action_allows(struct reading *r, struct pn_str word)
{
    const struct pn_str first = pn_str_cut(&word, ',');

    if (is_refusal_code(first))
        return false;
    if (is_number(first))
        return true;
    for (size_t i = 0; i < PN_COUNT_OF(actions); i++) {
        size_t size = strlen(actions[i].word);

        if (actions[i].is_whole && pn_import_is(first, actions[i].word))
            return actions[i].allows;
        if (actions[i].is_whole || first.len < size ||
            !pn_import_is(pn_str_to(first, size), actions[i].word))
            continue;
        pn_import_note(r->import, 0, r->line,
                       "the action \"%.*s\" is no verdict: it is taken for one that %s",
                       PN_IMPORT_QUOTED(first),
                       actions[i].allows ? "allows" : "denies");
        return actions[i].allows;
    }
    pn_import_note(r->import, 0, r->line,
                   "the action \"%.*s\" is not known, and denied: postfix defers, or "
                   "main.cf says what it is",
                   PN_IMPORT_QUOTED(first));
    return false;
}

static bool
range_add(struct reading *r, struct ranges *out, pn_number first, pn_number last)
{
    const struct pn_interval range = { first, last };

    r->import->failed |=
        !pn_vector_add(&out->items, &out->count, &out->capacity, &range, sizeof(range));
    return !r->import->failed;
}

/* What a pattern has of a scope; a pattern is of one family, negated or not. */
static void
pattern_within(struct reading *r, const struct ranges *scope,
               const struct pattern *pattern, struct ranges *out)
{
    const struct pn_import_prefix *p = &pattern->prefix;
    const pn_number most = pn_host_mask(p->family, 0);
    struct pn_interval parts[2] = { { p->first, p->last } };
    size_t count = 1;

    out->family = p->family;
    if (pattern->negated) {
        count = 0;
        if (p->first)
            parts[count++] = (struct pn_interval){ 0, p->first - 1 };
        if (p->last < most)
            parts[count++] = (struct pn_interval){ p->last + 1, most };
    }
    for (size_t i = 0; i < count; i++) {
        if (!scope->family)
            (void)range_add(r, out, parts[i].first, parts[i].last);
        for (size_t k = 0; k < scope->count && scope->family == p->family; k++) {
            const struct pn_interval *have = &scope->items[k];

            if (parts[i].first <= have->last && have->first <= parts[i].last)
                (void)range_add(
                    r, out, parts[i].first > have->first ? parts[i].first : have->first,
                    parts[i].last < have->last ? parts[i].last : have->last);
        }
    }
}

/* What is behind the signs of a pattern; false, with an error, where it is none. */
static bool
pattern_read(struct reading *r, struct pn_str *rest, struct pattern *out)
{
    *out = (struct pattern){ .negated = false };
    while (rest->len && *rest->ptr == '!') {
        out->negated = !out->negated;
        *rest = pn_str_from(*rest, 1);
        while (rest->len && (*rest->ptr == ' ' || *rest->ptr == '\t'))
            *rest = pn_str_from(*rest, 1);
    }
    out->text = pn_import_word(rest);
    if (!pn_import_prefix_read(out->text, &out->prefix))
        pn_import_error(r->import, 0, r->line, "\"%.*s\" is no address and no prefix",
                        PN_IMPORT_QUOTED(out->text));
    else if (out->prefix.had_host_bits || out->prefix.has_mask)
        pn_import_error(r->import, 0, r->line, "%s, and postfix passes the line over",
                        out->prefix.has_mask ? "a mask is no length"
                                             : "bits are set behind the length");
    else
        return true;
    return false;
}

static void
condition_begin(struct reading *r, struct pn_str rest)
{
    struct pattern pattern;

    if (r->depth + 1 == NESTED_MOST) {
        pn_import_error(r->import, 0, r->line, "more than %d conditions around a line",
                        NESTED_MOST - 1);
        return;
    }
    if (!pattern_read(r, &rest, &pattern))
        return;
    pattern_within(r, &r->scopes[r->depth], &pattern, &r->scopes[r->depth + 1]);
    r->depth++;
    pn_import_native(r->import, "if %s%.*s", pattern.negated ? "!" : "",
                     PN_IMPORT_TEXT_OF(pattern.text));
}

static void
condition_end(struct reading *r)
{
    if (!r->depth) {
        pn_import_note(r->import, 0, r->line,
                       "endif without an if: postfix passes it over");
        return;
    }
    pn_free(r->scopes[r->depth].items);
    r->scopes[r->depth--] = (struct ranges){ .items = NULL };
    pn_import_native(r->import, "endif");
}

static void
rule_add(struct reading *r, const struct pattern *pattern, bool allows)
{
    struct ranges found = { .items = NULL };

    pattern_within(r, &r->scopes[r->depth], pattern, &found);
    for (size_t i = 0; i < found.count; i++) {
        const struct pn_interval *part = &found.items[i];

        r->import->failed |= !pn_ordered_add(
            &r->ordered, (struct pn_ordered_rule){
                             .first = part->first,
                             .last = part->last,
                             .family = found.family,
                             .allows = allows,
                             .is_prefix = !pattern->negated &&
                                          part->first == pattern->prefix.first &&
                                          part->last == pattern->prefix.last,
                             .line = r->line });
    }
    if (!found.count)
        pn_import_note(r->import, 0, r->line,
                       "no client comes to this rule: the conditions around it leave "
                       "nobody");
    pn_free(found.items);
}

/* "permit_mynetworks, reject": a condition, behind which the next one counts. */
static bool
begins_with_permit(struct pn_str action)
{
    static const char front[] = "permit_";

    return action.len >= sizeof(front) &&
           pn_import_is(pn_str_to(action, sizeof(front) - 1), front);
}

static void
rule_read(struct reading *r, struct pn_str rest)
{
    struct pattern pattern;
    struct pn_str action, more, next;
    bool allows;

    if (!pattern_read(r, &rest, &pattern))
        return;
    action = pn_import_word(&rest);
    more = rest;
    if (!action.len) {
        pn_import_note(r->import, 0, r->line,
                       "there is no action: postfix passes the line over");
        return;
    }
    allows = action_allows(r, action);
    while (allows && begins_with_permit(action) && (next = pn_import_word(&more)).len) {
        allows = action_allows(r, next); /* whom that permits is not known */
        action = next;
    }
    if (rest.len && !allows)
        pn_import_note(r->import, 0, r->line, "the text behind %.*s is left out",
                       PN_IMPORT_QUOTED(action));
    pn_import_native(r->import, "%s%.*s %s", pattern.negated ? "!" : "",
                     PN_IMPORT_TEXT_OF(pattern.text), allows ? "OK" : "REJECT");
    rule_add(r, &pattern, allows);
}

/* "WORD" as it begins a line, with none of its letters or digits behind. */
static bool
begins_with(struct pn_str text, const char *word)
{
    size_t size = strlen(word);

    return text.len >= size && pn_import_is(pn_str_to(text, size), word) &&
           (text.len == size ||
            (!pn_is_letter(text.ptr[size]) && !pn_is_digit(text.ptr[size])));
}

/* A line that is neither blank nor a remark; what is of no rule yet is told of. */
static bool
line_next(struct reading *r)
{
    while (pn_import_line_next(&r->lines)) {
        struct pn_str rest = r->lines.line;

        if (pn_import_word(&rest).len && *pn_list_trim(r->lines.line).ptr != '#')
            return true;
    }
    return false;
}

static bool
is_more(struct pn_str line)
{
    return *line.ptr == ' ' || *line.ptr == '\t';
}

/* A line, with those behind it that begin with a blank; false at the end. */
static bool
logical_next(struct reading *r)
{
    r->logical.size = 0;
    while (r->has_next && is_more(r->lines.line)) {
        pn_import_note(r->import, 0, r->lines.number,
                       "it begins with a blank, and there is no line to go on: postfix "
                       "passes it over");
        r->has_next = line_next(r);
    }
    r->line = r->lines.number;
    if (!r->has_next)
        return false;
    do {
        pn_buffer_add_str(&r->logical, r->lines.line);
        r->has_next = line_next(r);
    } while (r->has_next && is_more(r->lines.line));
    r->import->failed |= r->logical.failed;
    return true;
}

void
pn_import_postfix(struct pn_import *import)
{
    struct reading r = { .import = import,
                         .lines = pn_import_lines_of(&import->files[0]) };

    r.has_next = line_next(&r);
    while (!import->failed && logical_next(&r)) {
        const struct pn_str text = pn_str_of(&r.logical);

        if (begins_with(text, "if"))
            condition_begin(&r, pn_list_trim(pn_str_from(text, 2)));
        else if (begins_with(text, "endif"))
            condition_end(&r);
        else
            rule_read(&r, text);
    }
    if (r.depth)
        pn_import_note(import, 0, r.line, "an if has no endif: it ends with the table");
    pn_ordered_write(&r.ordered, import);
    pn_ordered_clear(&r.ordered);
    for (size_t i = 0; i <= r.depth; i++)
        pn_free(r.scopes[i].items);
    pn_buffer_free(&r.logical);
    pn_import_statement(import, 0, 0, pn_str_of_text("* : allow"));
}
