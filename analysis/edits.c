/* Candidates are made by the rule that decides, and each is compiled and asked. */
#include "analysis/edits.h"

#include <stdlib.h>
#include <string.h>

#include "base/sizes.h"
#include "compiler/query_text.h"

enum { HOLES_MAX = 64 };

/* The file with a span replaced; the next free edit, or NULL. */
static struct pn_edit *
edit_add(struct pn_edits *m, size_t from, size_t to, struct pn_str text)
{
    const struct pn_source *s = m->source;
    struct pn_edit *e;

    if (m->count == PN_EDITS_MAX)
        return NULL;
    e = &m->items[m->count++];
    pn_buffer_add(&e->text, s->text, from);
    pn_buffer_add(&e->text, text.ptr, text.len);
    pn_buffer_add(&e->text, s->text + to, s->size - to);
    pn_buffer_add(&e->text, "", 1);
    return e;
}

static size_t
rule_write(const struct pn_edits *m, struct pn_buffer *line, const char *target)
{
    size_t before = line->size;

    if (m->query->ident.ptr && !m->classic)
        pn_ident_write(line,
                       (struct pn_str){ m->query->ident.ptr, m->query->ident.len });
    pn_buffer_add_text(line, target);
    pn_buffer_add_text(line, m->classic ? ":" : " : ");
    pn_buffer_add_text(line, m->outcome);
    pn_buffer_add_text(line, "\n");
    return line->size - before;
}

/* Does the deciding rule stand in the file itself, and not in one that it includes? */
static bool
is_of_file(const struct pn_answer *answer, const struct pn_source *s)
{
    return answer->line && answer->line <= s->line_count && answer->file.ptr &&
           strlen(s->name) == answer->file.len &&
           memcmp(answer->file.ptr, s->name, answer->file.len) == 0;
}

static bool
is_of_root(const struct pn_edits *m)
{
    return is_of_file(&m->answer, m->source);
}

/* Before the rule that decides, where there is one: it stands beside its like. */
static size_t
place_of(const struct pn_edits *m)
{
    const struct pn_source *s = m->source; /* indexed when it was opened */

    return is_of_root(m) ? s->line_starts[m->answer.line - 1] : s->size;
}

static void
insert(struct pn_edits *m, const char *target)
{
    const struct pn_source *s = m->source;
    struct pn_buffer line = { 0 };
    size_t at = place_of(m);
    struct pn_edit *e;

    if (at == s->size && s->size && s->text[s->size - 1] != '\n')
        pn_buffer_add_text(&line, "\n");
    rule_write(m, &line, target);
    e = edit_add(m, at, at, (struct pn_str){ line.bytes, line.size });
    if (e) {
        pn_buffer_add_text(&e->says, "add the rule ");
        pn_buffer_add(&e->says, line.bytes, line.size - 1);
    }
    m->failed |= line.failed;
    pn_buffer_free(&line);
}

static void
say_rule(struct pn_edit *e, const char *what, size_t line, const char *more)
{
    if (e)
        pn_buffer_add_format(&e->says, "%s line %zu%s", what, line, more);
}

/* The last of a rule's targets, or its except: a hole goes behind it. */
static const struct pn_node *
targets_end(const struct pn_node *rule)
{
    const struct pn_node *behind = NULL;

    for (const struct pn_node *c = rule->children.head; c; c = c->next)
        if (c->kind == PN_NODE_TARGET || c->kind == PN_NODE_LIST ||
            c->kind == PN_NODE_EXCEPT)
            behind = c;
    return behind;
}

/* What leaves the address of the query out of a rule, to stand behind its targets. */
static void
hole_write(const struct pn_edits *m, const struct pn_node *behind,
           struct pn_buffer *out)
{
    char address[POSTERN_ADDR_TEXT_SIZE];

    postern_addr_print(&m->query->remote, address);
    pn_buffer_add_format(out, "%s %s ",
                         behind->kind == PN_NODE_EXCEPT ? "," : " except", address);
}

/* The deciding rule itself: without it, or with the other verdict, or with a hole. */
static void
statement_edits(struct pn_edits *m, const struct pn_tree *tree, const struct pn_node *n)
{
    const struct pn_node *behind = targets_end(n);
    struct pn_span whole = pn_tree_span(tree, n->range), left;
    struct pn_buffer hole = { 0 };
    uint32_t token;

    say_rule(edit_add(m, whole.offset, whole.offset + whole.size,
                      (struct pn_str){ "\n", 1 }),
             "delete", m->answer.line, "");
    if (m->classic) {
        left = pn_token_span(tree->tokens[n->token]);
        say_rule(edit_add(m, left.offset + left.size, whole.offset + whole.size - 1,
                          pn_str_of_text(m->outcome)),
                 "change", m->answer.line, " to the other verdict");
        return;
    }
    if (!behind)
        return;
    token = behind->range.last + 2; /* behind the colon */
    left = pn_token_span(tree->tokens[token]);
    say_rule(edit_add(m, left.offset, whole.offset + whole.size - 1,
                      pn_str_of_text(m->outcome)),
             "change", m->answer.line, " to the other verdict");
    left = pn_tree_span(tree, behind->range);
    hole_write(m, behind, &hole);
    say_rule(edit_add(m, left.offset + left.size, left.offset + left.size,
                      (struct pn_str){ hole.bytes, hole.size }),
             "leave the address out of", m->answer.line, " with except");
    m->failed |= hole.failed;
    pn_buffer_free(&hole);
}

static void
deciding_edits(struct pn_edits *m)
{
    const struct pn_source *s = m->source;
    struct pn_diags diags = { 0 };
    struct pn_unit unit = { 0 };
    const struct pn_tree *tree;

    pn_unit_load(&unit, s, &diags, PN_READING_FILES);
    m->failed |= unit.failed || !unit.count;
    tree = m->failed ? NULL : pn_unit_tree(&unit, 0);
    for (const struct pn_node *n = tree && tree->file ? tree->file->children.head
                                                      : NULL;
         n; n = n->next)
        if (n->kind == PN_NODE_RULE &&
            pn_source_position(s, pn_tree_span(tree, n->range).offset).line ==
                m->answer.line &&
            is_of_root(m))
            statement_edits(m, tree, n);
    pn_unit_clear(&unit);
    pn_diags_clear(&diags);
}

/* Compiles an edit, asks it, and counts what changes. */
static bool
edit_try(struct pn_edits *m, struct pn_edit *e)
{
    const struct pn_change_question question = { .work = m->work };
    struct pn_source source = { .name = m->source->name,
                                .text = e->text.bytes,
                                .size = e->text.size - 1 };
    struct pn_side sides[2];
    struct pn_compiled compiled = PN_COMPILED_NONE;
    struct pn_answer answer;
    bool good =
        !e->text.failed && !e->says.failed &&
        pn_compiled_make(&compiled, &source, &(struct pn_compiled_options){ 0 });

    if (!good) {
        pn_compiled_clear(&compiled);
        return false;
    }
    if (compiled.rules)
        good = pn_compiled_decide(&compiled, m->query, &answer) == POSTERN_OK;
    e->works = compiled.rules && good && answer.decision.verdict == m->verdict;
    sides[0] = (struct pn_side){ m->before.rules, &m->before.decoded, NULL, NULL };
    sides[1] = (struct pn_side){ compiled.rules, &compiled.decoded, NULL, NULL };
    if (e->works && good)
        good = pn_changes_find(&e->changes, sides, &question) == POSTERN_OK;
    for (size_t i = 0; good && e->works && i < PN_EFFECT_COUNT; i++) {
        pn_number counts[2];

        good = pn_changes_count(&e->changes, (enum pn_effect)i, counts);
        e->size += good ? counts[0] + counts[1] : 0;
    }
    e->regions = e->changes.blocks.count;
    pn_compiled_clear(&compiled);
    return good;
}

/* Leaves the address out of the rule at a line of this text. */
static bool
hole_cut(struct pn_edits *m, const struct pn_source *s, size_t line,
         struct pn_buffer *out)
{
    struct pn_diags diags = { 0 };
    struct pn_unit unit = { 0 };
    struct pn_buffer hole = { 0 };
    size_t at = 0;

    pn_unit_load(&unit, s, &diags, PN_READING_FILES);
    m->failed |= unit.failed;
    if (!unit.failed && unit.count && pn_unit_tree(&unit, 0)->file) {
        const struct pn_tree *tree = pn_unit_tree(&unit, 0);

        for (const struct pn_node *n = tree->file->children.head; n; n = n->next) {
            struct pn_span span = pn_tree_span(tree, n->range);
            const struct pn_node *behind = targets_end(n);

            if (n->kind != PN_NODE_RULE || !behind ||
                pn_source_position(s, span.offset).line != line)
                continue;
            span = pn_tree_span(tree, behind->range);
            at = span.offset + span.size;
            hole_write(m, behind, &hole);
        }
    }
    pn_unit_clear(&unit);
    pn_diags_clear(&diags);
    if (hole.size) {
        pn_buffer_add(out, s->text, at);
        pn_buffer_add(out, hole.bytes, hole.size);
        pn_buffer_add(out, s->text + at, s->size - at);
    }
    m->failed |= hole.failed || out->failed;
    pn_buffer_free(&hole);
    return out->size != 0 && !m->failed;
}

/* Which line of the file decides the other way; 0 when none does. */
static size_t
line_against(struct pn_edits *m, const struct pn_source *s)
{
    struct pn_compiled compiled = PN_COMPILED_NONE;
    struct pn_answer answer;
    size_t line = 0;

    if (!pn_compiled_make(&compiled, s, &(struct pn_compiled_options){ 0 }))
        m->failed = true;
    else if (compiled.rules &&
             pn_compiled_decide(&compiled, m->query, &answer) == POSTERN_OK &&
             is_of_file(&answer, s) && answer.decision.verdict != m->verdict)
        line = answer.line;
    pn_compiled_clear(&compiled);
    return line;
}

/* One more hole in the rule that decides this text: its line, or 0 for no more. */
static size_t
hole_next(struct pn_edits *m, struct pn_buffer *text)
{
    struct pn_buffer next = { 0 };
    struct pn_source s = { 0 };
    size_t line = 0;

    if (pn_source_from_text(&s, m->source->name,
                            (struct pn_str){ text->bytes, text->size }) &&
        pn_source_index(&s))
        line = line_against(m, &s);
    else
        m->failed = true;
    if (line && hole_cut(m, &s, line, &next)) {
        pn_buffer_free(text);
        *text = next;
    } else {
        pn_buffer_free(&next);
        line = 0;
    }
    pn_source_clear(&s);
    return line;
}

/*
 * Several rules hold the address, as those of overlapping lists do: it is left out of
 * each that decides, one after the other, until none does. One edit in the end.
 */
static void
holes_edit(struct pn_edits *m)
{
    struct pn_edit *e = &m->items[m->count++]; /* there are five at most before it */
    size_t line;

    pn_buffer_add(&e->text, m->source->text, m->source->size);
    for (size_t holes = 0; holes < HOLES_MAX; holes++) {
        line = hole_next(m, &e->text);
        if (!line)
            break;
        pn_buffer_add_format(&e->says,
                             holes ? ", line %zu"
                                   : "leave the address out, with except, of line %zu",
                             line);
    }
    pn_buffer_add(&e->text, "", 1);
}

static int
compare_edits(const void *left, const void *right)
{
    const struct pn_edit *a = left, *b = right;

    if (a->works != b->works)
        return a->works ? -1 : 1;
    if (a->size != b->size)
        return a->size < b->size ? -1 : 1;
    return (a->regions > b->regions) - (a->regions < b->regions);
}

static void
candidates_make(struct pn_edits *m)
{
    char address[POSTERN_ADDR_TEXT_SIZE];
    struct pn_buffer host = { 0 };

    (m->classic ? postern_addr_spell : postern_addr_print)(&m->query->remote, address);
    insert(m, address);
    if (m->query->host.ptr) {
        pn_buffer_add_text(&host, "=");
        pn_buffer_add(&host, m->query->host.ptr, m->query->host.len);
        pn_buffer_add(&host, "", 1);
        if (!host.failed)
            insert(m, host.bytes);
        m->failed |= host.failed;
        pn_buffer_free(&host);
    }
    deciding_edits(m);
}

/* Compiles what there is, and asks it. */
static bool
before_make(struct pn_edits *m)
{
    return pn_compiled_make(&m->before, m->source,
                            &(struct pn_compiled_options){ 0 }) &&
           m->before.rules &&
           pn_compiled_decide(&m->before, m->query, &m->answer) == POSTERN_OK;
}

enum pn_edits_result
pn_edits_find(struct pn_edits *m)
{
    bool any = false, good;

    m->before = PN_COMPILED_NONE;
    m->classic = pn_dialect_of(m->source, NULL) == PN_CLASSIC;
    if (!before_make(m))
        return PN_EDITS_FAILED;
    if (!m->anyway && m->answer.decision.verdict == m->verdict)
        return PN_EDITS_NONE_NEEDED;
    candidates_make(m);
    good = !m->failed;
    for (size_t i = 0; i < m->count && good; i++) {
        good = edit_try(m, &m->items[i]);
        any |= m->items[i].works;
    }
    if (!any && good && !m->classic) {
        size_t before = m->count;

        holes_edit(m);
        if (m->count > before && !m->failed)
            good = edit_try(m, &m->items[before]);
    }
    if (!good || m->failed)
        return PN_EDITS_FAILED;
    qsort(m->items, m->count, sizeof(*m->items), compare_edits);
    return PN_EDITS_FOUND;
}

void
pn_edits_clear(struct pn_edits *m)
{
    for (size_t i = 0; i < m->count; i++) {
        pn_buffer_free(&m->items[i].says);
        pn_buffer_free(&m->items[i].text);
        pn_changes_clear(&m->items[i].changes);
    }
    pn_compiled_clear(&m->before);
}
