/* Resolves each statement by what both sides did to it, and writes the result. */
#include <string.h>

#include "base/memory.h"

#include "analysis/merge_work.h"

static uint32_t
key_of(struct pn_merge_side s)
{
    return s.statement ? s.statement->key : UINT32_MAX;
}

/* Is a statement a copy of one of the base that the other side has deleted? */
static bool
is_deleted(const struct pn_merge *m, struct pn_merge_side mine,
           enum pn_merge_version other)
{
    return mine.statement && m->has[PN_MERGE_BASE][mine.statement->key] &&
           !m->has[other][mine.statement->key];
}

static void
slot_decide(struct pn_merge *m, struct pn_merge_slot *slot)
{
    struct pn_merge_side sides[PN_MERGE_VERSIONS];
    uint32_t base, ours, theirs;

    pn_merge_sides(m, slot, sides);
    base = key_of(sides[PN_MERGE_BASE]);
    ours = key_of(sides[PN_MERGE_OURS]);
    theirs = key_of(sides[PN_MERGE_THEIRS]);
    if (!sides[PN_MERGE_BASE].statement &&
        (is_deleted(m, sides[PN_MERGE_OURS], PN_MERGE_THEIRS) ||
         is_deleted(m, sides[PN_MERGE_THEIRS], PN_MERGE_OURS)))
        slot->resolution = PN_RESOLUTION_NONE;
    else if (ours == theirs || base == theirs)
        slot->resolution =
            sides[PN_MERGE_OURS].statement ? PN_RESOLUTION_OURS : PN_RESOLUTION_NONE;
    else if (base == ours)
        slot->resolution = sides[PN_MERGE_THEIRS].statement ? PN_RESOLUTION_THEIRS
                                                            : PN_RESOLUTION_NONE;
    else if (!sides[PN_MERGE_OURS].statement || !sides[PN_MERGE_THEIRS].statement)
        slot->resolution = PN_RESOLUTION_CONFLICT;
    else if (pn_merge_is_assertion(sides[PN_MERGE_OURS].statement))
        slot->resolution = PN_RESOLUTION_BOTH;
    else if (sides[PN_MERGE_BASE].statement && pn_merge_parts(sides, &slot->parts))
        slot->resolution = PN_RESOLUTION_PARTS;
    else
        slot->resolution = PN_RESOLUTION_CONFLICT;
    m->failed |= slot->parts.failed;
}

struct pn_merge *
pn_merge_new(const struct pn_source *const versions[PN_MERGE_VERSIONS])
{
    struct pn_merge *m = pn_calloc(1, sizeof(*m));
    bool good = m && (m->arena = pn_arena_new());

    for (size_t v = 0; v < PN_MERGE_VERSIONS && good; v++) {
        m->texts[v].source = versions[v];
        good = pn_merge_cut(m, &m->texts[v]);
        m->tails[v] = (struct pn_merge_statement){ .from = m->texts[v].rest,
                                                   .start = versions[v]->size,
                                                   .to = versions[v]->size };
    }
    good = good && pn_merge_slots_make(m);
    for (size_t i = 0; good && i < m->count; i++)
        slot_decide(m, &m->slots[i]);
    if (!good || m->failed) {
        pn_merge_free(m);
        return NULL;
    }
    return m;
}

void
pn_merge_free(struct pn_merge *m)
{
    if (!m)
        return;
    for (size_t i = 0; i < m->count; i++)
        pn_buffer_free(&m->slots[i].parts);
    for (size_t v = 0; v < PN_MERGE_VERSIONS; v++) {
        pn_free(m->texts[v].tree.tokens);
        pn_free(m->texts[v].items);
        pn_free(m->has[v]);
    }
    pn_free(m->slots);
    pn_intern_clear(&m->keys);
    pn_arena_free(m->arena);
    pn_free(m);
}

static size_t
line_of(const struct pn_merge_text *text, size_t offset)
{
    return pn_source_position(text->source, (uint32_t)offset).line;
}

/* A statement as it is written, without its newline. */
static struct pn_str
statement_text(struct pn_merge_side s)
{
    struct pn_range range = s.statement->node->range;

    range.last -= range.last > range.first;
    return pn_source_slice(s.text->source, pn_tree_span(&s.text->tree, range));
}

bool
pn_merge_next_event(const struct pn_merge *m, size_t *at, struct pn_merge_event *out)
{
    for (; *at < m->count; ++*at) {
        const struct pn_merge_slot *slot = &m->slots[*at];
        bool conflict = slot->resolution == PN_RESOLUTION_CONFLICT;
        struct pn_merge_side sides[PN_MERGE_VERSIONS];

        pn_merge_sides(m, slot, sides);
        if (!conflict && (slot->resolution != PN_RESOLUTION_NONE ||
                          !sides[PN_MERGE_BASE].statement ||
                          !pn_merge_is_assertion(sides[PN_MERGE_BASE].statement)))
            continue;
        *out = (struct pn_merge_event){ .kind = PN_MERGE_ASSERTION_DELETED,
                                        .side = PN_MERGE_OURS };
        if (sides[PN_MERGE_OURS].statement && !sides[PN_MERGE_THEIRS].statement)
            out->side = PN_MERGE_THEIRS;
        if (conflict && !sides[PN_MERGE_BASE].statement)
            out->kind = PN_MERGE_BOTH_ADDED;
        else if (conflict)
            out->kind =
                sides[PN_MERGE_OURS].statement && sides[PN_MERGE_THEIRS].statement
                    ? PN_MERGE_BOTH_CHANGED
                    : PN_MERGE_DELETED_CHANGED;
        for (size_t v = 0; v < PN_MERGE_VERSIONS; v++) {
            if (!sides[v].statement)
                continue;
            out->texts[v] = statement_text(sides[v]);
            out->lines[v] = line_of(
                &m->texts[v], (size_t)(out->texts[v].ptr - m->texts[v].source->text));
        }
        return true;
    }
    return false;
}

bool
pn_merge_mark(struct pn_merge *m, enum pn_merge_version version, size_t line)
{
    const struct pn_merge_text *text = &m->texts[version];

    for (size_t i = 0; i < text->count; i++) {
        const struct pn_merge_statement *p = &text->items[i];
        size_t first = line_of(text, p->start);
        size_t last = line_of(text, p->to - 1);

        if (line < first || line > last)
            continue;
        m->slots[p->slot].marked = true;
        return true;
    }
    return false;
}

/* The slot of a statement of a version with this text; UINT32_MAX for none. */
static uint32_t
slot_of_text(const struct pn_merge *m, enum pn_merge_version v, struct pn_str wanted)
{
    for (size_t i = 0; i < m->texts[v].count; i++) {
        struct pn_merge_side side = { &m->texts[v], &m->texts[v].items[i] };
        struct pn_str text = statement_text(side);

        if (pn_str_equal(text, wanted))
            return side.statement->slot;
    }
    return UINT32_MAX;
}

void
pn_merge_mark_text(struct pn_merge *m, struct pn_str text)
{
    for (int v = PN_MERGE_OURS; v <= PN_MERGE_THEIRS; v++) {
        uint32_t slot = slot_of_text(m, (enum pn_merge_version)v, text);

        if (slot != UINT32_MAX)
            m->slots[slot].marked = true;
    }
}

bool
pn_merge_has(const struct pn_merge *m, enum pn_merge_version version,
             struct pn_str text)
{
    return slot_of_text(m, version, text) != UINT32_MAX;
}

void
pn_merge_mark_changed(struct pn_merge *m)
{
    for (size_t i = 0; i < m->count; i++) {
        struct pn_merge_side sides[PN_MERGE_VERSIONS];

        pn_merge_sides(m, &m->slots[i], sides);
        if (key_of(sides[PN_MERGE_OURS]) != key_of(sides[PN_MERGE_THEIRS]))
            m->slots[i].marked = true;
    }
}

bool
pn_merge_is_marked(const struct pn_merge *m)
{
    for (size_t i = 0; i < m->count; i++)
        if (m->slots[i].marked || m->slots[i].resolution == PN_RESOLUTION_CONFLICT)
            return true;
    return false;
}

/* Writes a statement of one side as it is. */
static void
statement_write(const struct pn_merge_text *v, const struct pn_merge_statement *p,
                struct pn_buffer *out)
{
    pn_buffer_add(out, v->source->text + p->from, p->to - p->from);
    if (p->to > p->from && v->source->text[p->to - 1] != '\n')
        pn_buffer_add_text(out, "\n");
}

/* Writes all marked statements of a side, in its order. */
static void
marked_write(const struct pn_merge *m, enum pn_merge_version v, struct pn_buffer *out)
{
    for (size_t i = 0; i < m->texts[v].count; i++)
        if (m->slots[m->texts[v].items[i].slot].marked)
            statement_write(&m->texts[v], &m->texts[v].items[i], out);
}

bool
pn_merge_marks_alike(const struct pn_merge *m)
{
    struct pn_buffer halves[2] = { { 0 }, { 0 } };
    bool alike;

    marked_write(m, PN_MERGE_OURS, &halves[0]);
    marked_write(m, PN_MERGE_THEIRS, &halves[1]);
    alike = halves[0].size == halves[1].size &&
            (!halves[0].size ||
             memcmp(halves[0].bytes, halves[1].bytes, halves[0].size) == 0);
    pn_buffer_free(&halves[0]);
    pn_buffer_free(&halves[1]);
    return alike;
}

/* The merged text while it is written. */
struct writing {
    const struct pn_merge *m;
    struct pn_buffer *out;
    bool marks_done;
};

/* Writes all marked statements at the place of the first one. */
static void
marks_write(struct writing *w)
{
    if (w->marks_done)
        return;
    w->marks_done = true;
    pn_buffer_add_text(w->out, "<<<<<<< ours\n");
    marked_write(w->m, PN_MERGE_OURS, w->out);
    pn_buffer_add_text(w->out, "=======\n");
    marked_write(w->m, PN_MERGE_THEIRS, w->out);
    pn_buffer_add_text(w->out, ">>>>>>> theirs\n");
}

static void
conflict_write(struct writing *w, const struct pn_merge_side sides[PN_MERGE_VERSIONS])
{
    pn_buffer_add_text(w->out, "<<<<<<< ours\n");
    if (sides[PN_MERGE_OURS].statement)
        statement_write(sides[PN_MERGE_OURS].text, sides[PN_MERGE_OURS].statement,
                        w->out);
    pn_buffer_add_text(w->out, "=======\n");
    if (sides[PN_MERGE_THEIRS].statement)
        statement_write(sides[PN_MERGE_THEIRS].text, sides[PN_MERGE_THEIRS].statement,
                        w->out);
    pn_buffer_add_text(w->out, ">>>>>>> theirs\n");
}

static void
slot_write(struct writing *w, const struct pn_merge_slot *slot)
{
    struct pn_merge_side sides[PN_MERGE_VERSIONS];

    pn_merge_sides(w->m, slot, sides);
    if (slot->marked) {
        marks_write(w);
        return;
    }
    switch (slot->resolution) {
    case PN_RESOLUTION_NONE:
        pn_merge_commented(
            sides, sides[PN_MERGE_OURS].statement ? PN_MERGE_THEIRS : PN_MERGE_OURS,
            NULL, w->out);
        break;
    case PN_RESOLUTION_OURS:
        pn_merge_commented(sides, PN_MERGE_OURS, NULL, w->out);
        break;
    case PN_RESOLUTION_THEIRS:
        pn_merge_commented(sides, PN_MERGE_THEIRS, NULL, w->out);
        break;
    case PN_RESOLUTION_BOTH:
        statement_write(sides[PN_MERGE_OURS].text, sides[PN_MERGE_OURS].statement,
                        w->out);
        statement_write(sides[PN_MERGE_THEIRS].text, sides[PN_MERGE_THEIRS].statement,
                        w->out);
        break;
    case PN_RESOLUTION_PARTS:
        pn_merge_commented(sides, PN_MERGE_OURS, &slot->parts, w->out);
        break;
    case PN_RESOLUTION_CONFLICT:
        conflict_write(w, sides);
        break;
    }
}

/* Writes the statements that only theirs has, up to the next that both have. */
static void
theirs_only_write(struct writing *w, size_t at)
{
    const struct pn_merge_text *theirs = &w->m->texts[PN_MERGE_THEIRS];

    for (; at < theirs->count; at++) {
        const struct pn_merge_slot *slot = &w->m->slots[theirs->items[at].slot];

        if (slot->at[PN_MERGE_OURS])
            return;
        slot_write(w, slot);
    }
}

void
pn_merge_write(const struct pn_merge *m, struct pn_buffer *out)
{
    struct writing w = { .m = m, .out = out };
    const struct pn_merge_text *ours = &m->texts[PN_MERGE_OURS];
    struct pn_merge_side tails[PN_MERGE_VERSIONS];

    theirs_only_write(&w, 0);
    for (size_t i = 0; i < ours->count; i++) {
        const struct pn_merge_slot *slot = &m->slots[ours->items[i].slot];

        slot_write(&w, slot);
        if (slot->at[PN_MERGE_THEIRS])
            theirs_only_write(&w, slot->at[PN_MERGE_THEIRS]);
    }
    for (size_t v = 0; v < PN_MERGE_VERSIONS; v++)
        tails[v] = (struct pn_merge_side){ &m->texts[v], &m->tails[v] };
    pn_merge_commented(tails, PN_MERGE_OURS, NULL, out);
}
