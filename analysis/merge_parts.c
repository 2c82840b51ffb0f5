/* A statement as a set of parts: elements or targets, and settings. Parts are merged as
 * sets. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/merge_work.h"
#include "base/memory.h"
#include "base/vector.h"
#include "compiler/terms.h"

/* One part of a statement. */
struct part {
    uint32_t key,
        text; /* what it is about, and all of it; equal numbers for equal words */
    struct pn_span span;
    bool left; /* it is left of the colon, or an element */
    bool except;
};

struct parts {
    struct part *items;
    size_t count, capacity;
    bool failed;
};

static bool
is_plain_element(const struct pn_node *n)
{
    return n->kind == PN_NODE_TARGET || n->kind == PN_NODE_LIST;
}

/* Writes the words of a range, each followed by a blank. */
static void
words_write(const struct pn_tree *tree, struct pn_range range, struct pn_buffer *out)
{
    for (uint32_t i = range.first; i <= range.last; i++) {
        struct pn_str word = pn_merge_token(tree, i);

        pn_buffer_add(out, word.ptr, word.len);
        pn_buffer_add(out, " ", 1);
    }
}

/* Of a limit, the networks that it counts: of others there may be another one. */
static void
networks_write(const struct pn_tree *tree, const struct pn_node *n,
               struct pn_buffer *out)
{
    struct pn_diags none = { .limit = 0 };
    const struct pn_terms_place place = { tree, n, &none };
    struct pn_terms terms = pn_terms_none();

    pn_term_read(&place, n, NULL, &terms);
    pn_buffer_add_format(out, " %" PRIu32, terms.columns[PN_TERM_LIMIT_PER]);
    pn_diags_clear(&none);
}

/* Writes what a part is about: a variable's name, the word of a term, the element
 * itself. */
static void
subject_write(const struct pn_tree *tree, const struct pn_node *n,
              struct pn_buffer *out)
{
    struct pn_str name;

    pn_buffer_add_format(out, "%d ", n->kind);
    if (n->kind == PN_NODE_ASSIGN) {
        name = pn_tree_name(tree, n);
        pn_buffer_add(out, name.ptr, name.len);
    } else if (n->kind == PN_NODE_TERM) {
        pn_buffer_add_format(out, "%d", n->action);
        if (n->action == PN_TERM_LIMIT)
            networks_write(tree, n, out);
        if (n->action == PN_TERM_PENALTY)
            words_write(tree, (struct pn_range){ n->token + 1, n->token + 1 }, out);
    } else if (n->kind != PN_NODE_EXCEPT) {
        words_write(tree, n->range, out);
    }
}

/* Adds a part. The first `subject` bytes of its text say what it is about. */
static void
part_keep(struct parts *parts, struct pn_intern *words, struct part part,
          struct pn_buffer *text, size_t subject)
{
    if (text->failed || !pn_intern_add(words, text->bytes, subject, &part.key) ||
        !pn_intern_add(words, text->bytes, text->size, &part.text) ||
        !pn_vector_add(&parts->items, &parts->count, &parts->capacity, &part,
                       sizeof(part)))
        parts->failed = true;
    pn_buffer_free(text);
}

static void
part_add(struct parts *parts, struct pn_intern *words, const struct pn_tree *tree,
         const struct pn_node *n)
{
    struct part part = { .span = pn_tree_span(tree, n->range),
                         .left = is_plain_element(n),
                         .except = n->kind == PN_NODE_EXCEPT };
    struct pn_buffer text = { 0 };
    size_t subject;

    subject_write(tree, n, &text);
    subject = text.size;
    words_write(tree, n->range, &text);
    part_keep(parts, words, part, &text, subject);
}

/* The verdict is no node of its own, but a part of a rule all the same. */
static void
verdict_add(struct parts *parts, struct pn_intern *words, const struct pn_merge_side *s)
{
    static const char subject[] = "verdict";
    struct pn_buffer text = { 0 };

    pn_buffer_add_format(&text, "%s %d", subject, s->statement->node->action);
    part_keep(parts, words, (struct part){ .left = false }, &text, sizeof(subject) - 1);
}

static struct parts
parts_of(const struct pn_merge_side *s, struct pn_intern *words)
{
    struct parts parts = { 0 };
    const struct pn_node *node = s->statement->node;

    if (node->kind == PN_NODE_RULE)
        verdict_add(&parts, words, s);
    for (const struct pn_node *n = node->children.head; n; n = n->next)
        part_add(&parts, words, &s->text->tree, n);
    return parts;
}

static const struct part *
part_find(const struct parts *parts, uint32_t key)
{
    for (size_t i = 0; i < parts->count; i++)
        if (parts->items[i].key == key)
            return &parts->items[i];
    return NULL;
}

/* An edit of our text: a span and its replacement. */
struct edit {
    struct pn_span span;
    struct pn_buffer text;
};

struct edits {
    struct edit *items;
    size_t count, capacity;
    bool failed;
};

static struct pn_buffer *
edit_add(struct edits *edits, size_t from, size_t to)
{
    const struct edit edit = { { (uint32_t)from, (uint32_t)(to - from) }, { 0 } };

    if (pn_vector_add(&edits->items, &edits->count, &edits->capacity, &edit,
                      sizeof(edit)))
        return &edits->items[edits->count - 1].text;
    edits->failed = true;
    return NULL;
}

/* Removes a part with one comma: the one before it, or after it when it is the first.
 * */
static void
part_remove(struct edits *edits, const struct pn_merge_side *ours, const struct part *p,
            bool first)
{
    const char *text = ours->text->source->text;
    size_t from = p->span.offset, to = from + p->span.size;
    size_t before = from, behind = to;

    while (before > ours->statement->start && strchr(" \t\r\n", text[before - 1]))
        before--;
    while (behind < ours->statement->to && strchr(" \t", text[behind]))
        behind++;
    if (p->except) {
        from = before;
    } else if (!first && before > ours->statement->start && text[before - 1] == ',') {
        from = before - 1;
    } else if (text[behind] == ',') {
        to = behind + 1 + strspn(text + behind + 1, " \t");
    } else if (before < from && strchr("\r\n", text[before]) &&
               strchr("\r\n", text[behind])) {
        from = before; /* it has a line of its own, in braces */
    }
    (void)edit_add(edits, from, to);
}

static bool
is_boxed(const struct pn_merge_side *s)
{
    struct pn_str open;

    if (s->statement->node->kind != PN_NODE_SET)
        return false;
    open = pn_merge_token(&s->text->tree, s->statement->node->token + 2);
    return open.len == 1 && open.ptr[0] == '{';
}

/* The offset for a new part after the last one of its kind; *line: it gets its own
 * line. */
static size_t
place_behind(const struct pn_merge_side *ours, const struct part *last, bool *line)
{
    const char *text = ours->text->source->text;
    size_t at = last->span.offset + last->span.size, end = ours->statement->to;
    size_t eol = at;

    *line = false;
    if (!is_boxed(ours))
        return at;
    while (eol < end && text[eol] != '\n' && text[eol] != '}')
        eol++;
    *line = eol < end &&
            text[eol] == '\n'; /* the comment of the last part stays on its line */
    if (*line && eol > at && text[eol - 1] == '\r')
        eol--;
    return *line ? eol : at;
}

static void
part_insert(struct edits *edits, const struct pn_merge_side *ours,
            const struct part *last, struct pn_str what, bool except)
{
    const char *text = ours->text->source->text;
    bool line;
    size_t at = place_behind(ours, last, &line), indent = last->span.offset;
    struct pn_buffer *out = edit_add(edits, at, at);

    if (!out)
        return;
    while (indent > ours->statement->start && text[indent - 1] != '\n')
        indent--;
    if (line && !except) {
        pn_buffer_add_text(out, text[at] == '\r' ? "\r\n" : "\n");
        pn_buffer_add(out, text + indent, strspn(text + indent, " \t"));
    } else {
        pn_buffer_add_text(out, except ? " " : ", ");
    }
    pn_buffer_add(out, what.ptr, what.len);
}

/* The last part of ours that stays, of the kind that a new part of theirs is. */
static const struct part *
last_of(const struct parts *ours, const struct parts *base, const struct parts *theirs,
        bool left)
{
    const struct part *last = NULL;

    for (size_t i = 0; i < ours->count; i++) {
        const struct part *p = &ours->items[i];
        bool stays = !part_find(base, p->key) || part_find(theirs, p->key);

        if (p->left == left && !p->except && p->span.size && stays)
            last = p;
    }
    return last;
}

/* The parts of all versions, and the edits so far. */
struct merging {
    struct parts all[PN_MERGE_VERSIONS];
    const struct pn_merge_side *sides;
    struct edits edits;
};

/* Are all elements before this one removed? */
static bool
is_first(const struct merging *m, const struct part *p)
{
    const struct parts *ours = &m->all[PN_MERGE_OURS];

    for (const struct part *o = ours->items; o < p; o++)
        if (o->left == p->left && !o->except &&
            (!part_find(&m->all[PN_MERGE_BASE], o->key) ||
             part_find(&m->all[PN_MERGE_THEIRS], o->key)))
            return false;
    return p->left || m->sides[PN_MERGE_OURS].statement->node->kind == PN_NODE_ENV;
}

/* Merges a part of the base. False when both sides changed it, not alike. */
static bool
part_merge(struct merging *m, const struct part *base)
{
    const struct part *o = part_find(&m->all[PN_MERGE_OURS], base->key);
    const struct part *t = part_find(&m->all[PN_MERGE_THEIRS], base->key);
    uint32_t mine = o ? o->text : UINT32_MAX, his = t ? t->text : UINT32_MAX;
    struct pn_buffer *text;
    struct pn_str what;

    if (mine == his || base->text == his)
        return true;
    if (base->text != mine || !o || !o->span.size) /* a verdict has no span to edit */
        return false;
    if (!t) {
        part_remove(&m->edits, &m->sides[PN_MERGE_OURS], o, is_first(m, o));
        return true;
    }
    what = pn_source_slice(m->sides[PN_MERGE_THEIRS].text->source, t->span);
    text = edit_add(&m->edits, o->span.offset, o->span.offset + o->span.size);
    if (text)
        pn_buffer_add(text, what.ptr, what.len);
    return true;
}

static int
by_offset(const void *left, const void *right)
{
    const struct edit *a = left, *b = right;

    if (a->span.offset != b->span.offset)
        return a->span.offset < b->span.offset ? -1 : 1;
    return (a > b) - (a < b);
}

/* Writes our statement with the edits made. */
static void
edits_write(struct edits *edits, const struct pn_merge_side *ours,
            struct pn_buffer *out)
{
    const char *text = ours->text->source->text;
    size_t at = ours->statement->start;

    if (edits->count)
        qsort(edits->items, edits->count, sizeof(*edits->items), by_offset);
    for (size_t i = 0; i < edits->count; i++) {
        const struct edit *e = &edits->items[i];
        size_t end = e->span.offset + e->span.size;

        if (e->span.offset > at)
            pn_buffer_add(out, text + at, e->span.offset - at);
        pn_buffer_add(out, e->text.bytes, e->text.size);
        out->failed |= e->text.failed;
        at = end > at ? end : at;
    }
    pn_buffer_add(out, text + at, ours->statement->to - at);
}

/* Adds the parts that only theirs has, after ours of the same kind. False when ours has
 * none of that kind. */
static bool
parts_insert(struct merging *m)
{
    const struct parts *all = m->all, *theirs = &all[PN_MERGE_THEIRS];

    for (size_t i = 0; i < theirs->count; i++) {
        const struct part *t = &theirs->items[i], *last;

        if (part_find(&all[PN_MERGE_BASE], t->key) ||
            part_find(&all[PN_MERGE_OURS], t->key))
            continue;
        last = last_of(&all[PN_MERGE_OURS], &all[PN_MERGE_BASE], theirs,
                       t->left || t->except);
        if (!last)
            return false;
        part_insert(&m->edits, &m->sides[PN_MERGE_OURS], last,
                    pn_source_slice(m->sides[PN_MERGE_THEIRS].text->source, t->span),
                    t->except);
    }
    return true;
}

/* Did the sides add no part that differs? The same part is fine. */
static bool
added_alike(const struct merging *m)
{
    const struct parts *ours = &m->all[PN_MERGE_OURS];

    for (size_t i = 0; i < ours->count; i++) {
        const struct part *o = &ours->items[i];
        const struct part *t = part_find(&m->all[PN_MERGE_THEIRS], o->key);

        if (t && o->text != t->text && !part_find(&m->all[PN_MERGE_BASE], o->key))
            return false;
    }
    return true;
}

bool
pn_merge_parts(const struct pn_merge_side sides[PN_MERGE_VERSIONS],
               struct pn_buffer *out)
{
    struct merging m = { .sides = sides };
    struct pn_intern words = { 0 };
    bool good;

    for (size_t i = 0; i < PN_MERGE_VERSIONS; i++) {
        m.all[i] = parts_of(&sides[i], &words);
        out->failed |= m.all[i].failed;
    }
    good = added_alike(&m);
    for (size_t i = 0; i < m.all[PN_MERGE_BASE].count && good; i++)
        good = part_merge(&m, &m.all[PN_MERGE_BASE].items[i]);
    good = good && parts_insert(&m);
    out->failed |= m.edits.failed;
    if (good)
        edits_write(&m.edits, &sides[PN_MERGE_OURS], out);
    for (size_t i = 0; i < m.edits.count; i++)
        pn_buffer_free(&m.edits.items[i].text);
    pn_free(m.edits.items);
    for (size_t i = 0; i < PN_MERGE_VERSIONS; i++)
        pn_free(m.all[i].items);
    pn_intern_clear(&words);
    return good && !out->failed;
}
