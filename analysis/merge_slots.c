/* Finds which statements of three texts are versions of one: a slot. */
#include <string.h>

#include "analysis/merge_work.h"
#include "base/memory.h"
#include "base/vector.h"
#include "grammar/parse.h"

enum { NEAREST_MOST = 64 };

static size_t
line_end(const struct pn_source *source, size_t at)
{
    const char *newline =
        at < source->size ? memchr(source->text + at, '\n', source->size - at) : NULL;

    return newline ? (size_t)(newline + 1 - source->text) : source->size;
}

/* The number of a text of tokens with one blank between them: the same for statements
 * that say the same. */
static bool
key_add(struct pn_merge *m, const struct pn_tree *tree, struct pn_range range,
        const char *front, uint32_t *out)
{
    struct pn_buffer text = { 0 };
    bool good;

    pn_buffer_add_text(&text, front);
    for (uint32_t i = range.first; i <= range.last; i++) {
        struct pn_str word = pn_merge_token(tree, i);

        if (word.len &&
            strchr("\r\n", word.ptr[0])) /* a newline in braces means nothing */
            continue;
        pn_buffer_add(&text, word.ptr, word.len);
        pn_buffer_add(&text, " ", 1);
    }
    good = !text.failed && pn_intern_add(&m->keys, text.bytes, text.size, out);
    pn_buffer_free(&text);
    return good;
}

/* The tokens that say what a statement is about: the name that it defines, or all
 * before its colon. */
static struct pn_range
subject_of(const struct pn_node *n)
{
    struct pn_range range = n->range;
    uint32_t last = range.first;

    switch (n->kind) {
    case PN_NODE_SET:
    case PN_NODE_ENV:
        range.last = n->token;
        break;
    case PN_NODE_RULE:
    case PN_NODE_EXPECT:
    case PN_NODE_ALWAYS:
        for (const struct pn_node *c = n->children.head; c; c = c->next)
            if (c->kind == PN_NODE_TARGET || c->kind == PN_NODE_LIST ||
                c->kind == PN_NODE_EXCEPT)
                last = c->range.last;
        range.last = last;
        break;
    default:
        break;
    }
    return range;
}

static bool
statement_add(struct pn_merge *m, struct pn_merge_text *v, const struct pn_node *n)
{
    struct pn_span span = pn_tree_span(&v->tree, n->range);
    size_t last = span.offset + (span.size ? span.size - 1 : 0);
    struct pn_merge_statement statement = { .from = v->rest,
                                            .start = span.offset,
                                            .to = line_end(v->source, last),
                                            .slot = UINT32_MAX,
                                            .node = n };
    char front[8] = { (char)('a' + n->kind),
                      n->action && n->kind == PN_NODE_ALWAYS ? '!' : ' ', '\0' };

    while (statement.start > statement.from &&
           v->source->text[statement.start - 1] != '\n')
        statement.start--;
    if (statement.to <= v->rest)
        return true;
    if (!key_add(m, &v->tree, n->range, front, &statement.key) ||
        !key_add(m, &v->tree, subject_of(n), front, &statement.name) ||
        !pn_vector_add(&v->items, &v->count, &v->capacity, &statement,
                       sizeof(statement)))
        return false;
    v->rest = statement.to;
    return true;
}

bool
pn_merge_cut(struct pn_merge *m, struct pn_merge_text *v)
{
    struct pn_diags diags = { 0 };
    bool good = pn_parse_tree(v->source, pn_dialect_of(v->source, NULL), &diags,
                              m->arena, &v->tree);

    for (const struct pn_node *n = good ? v->tree.file->children.head : NULL; n && good;
         n = n->next)
        good = statement_add(m, v, n);
    pn_diags_clear(&diags);
    return good;
}

struct pn_merge_side
pn_merge_side(const struct pn_merge *m, const struct pn_merge_slot *slot,
              enum pn_merge_version v)
{
    const struct pn_merge_text *text = &m->texts[v];

    return (struct pn_merge_side){ text,
                                   slot->at[v] ? &text->items[slot->at[v] - 1] : NULL };
}

void
pn_merge_sides(const struct pn_merge *m, const struct pn_merge_slot *slot,
               struct pn_merge_side out[PN_MERGE_VERSIONS])
{
    for (size_t v = 0; v < PN_MERGE_VERSIONS; v++)
        out[v] = pn_merge_side(m, slot, (enum pn_merge_version)v);
}

static bool
slot_add(struct pn_merge *m, enum pn_merge_version v, size_t statement)
{
    struct pn_merge_slot slot = { .at = { 0 } };

    slot.at[v] = statement + 1;
    m->texts[v].items[statement].slot = (uint32_t)m->count;
    return pn_vector_add(&m->slots, &m->count, &m->capacity, &slot, sizeof(slot));
}

static uint32_t
word_of(const struct pn_merge_statement *statement, bool whole)
{
    return whole ? statement->key : statement->name;
}

bool
pn_merge_is_assertion(const struct pn_merge_statement *statement)
{
    return statement->node->kind == PN_NODE_EXPECT ||
           statement->node->kind == PN_NODE_ALWAYS;
}

/* The length of the common beginning of two statements. */
static size_t
common(const struct pn_merge *m, uint32_t left, uint32_t right)
{
    const char *a = m->keys.bytes.bytes + pn_intern_offset(&m->keys, left);
    const char *b = m->keys.bytes.bytes + pn_intern_offset(&m->keys, right);
    size_t size = pn_intern_size(&m->keys, left),
           other = pn_intern_size(&m->keys, right);
    size_t at = 0;

    size = other < size ? other : size;
    while (at < size && a[at] == b[at])
        at++;
    return at;
}

/* The version of a slot that is compared with others. */
static const struct pn_merge_statement *
model_of(const struct pn_merge *m, const struct pn_merge_slot *slot)
{
    enum pn_merge_version v = slot->at[PN_MERGE_BASE] ? PN_MERGE_BASE : PN_MERGE_OURS;

    return &m->texts[v].items[slot->at[v] - 1];
}

/* In a list of slots, the link to the one most like a statement; of equals the first.
 * Of very many with one subject the first ones are looked at. */
static size_t *
nearest(const struct pn_merge *m, const struct pn_merge_statement *statement,
        size_t *link, size_t *next)
{
    size_t *best = link, most = 0;

    for (unsigned n = 0; *link && n < NEAREST_MOST; link = &next[*link - 1], n++) {
        size_t alike =
            common(m, statement->key, model_of(m, &m->slots[*link - 1])->key);

        if (alike > most) {
            most = alike;
            best = link;
        }
    }
    return best;
}

/*
 * Gives statements without a slot one that has no statement of this version yet; among
 * equals in the order of the text. Assertions that only the sides have are matched as a
 * whole: two with one subject are two.
 */
static bool
match(struct pn_merge *m, enum pn_merge_version v, bool whole)
{
    struct pn_merge_text *text = &m->texts[v];
    size_t *first = pn_calloc(m->keys.count + 1, sizeof(*first));
    size_t *next = pn_calloc(m->count + 1, sizeof(*next));
    bool good = first && next;

    for (size_t i = m->count; good && i-- > 0;) {
        enum pn_merge_version from =
            m->slots[i].at[PN_MERGE_BASE] ? PN_MERGE_BASE : PN_MERGE_OURS;
        const struct pn_merge_statement *statement =
            &m->texts[from].items[m->slots[i].at[from] - 1];
        uint32_t word = word_of(statement, whole);

        if (m->slots[i].at[v] ||
            (!whole && from != PN_MERGE_BASE && pn_merge_is_assertion(statement)))
            continue;
        next[i] = first[word];
        first[word] = i + 1;
    }
    for (size_t k = 0; good && k < text->count; k++) {
        struct pn_merge_statement *statement = &text->items[k];
        size_t *link = &first[word_of(statement, whole)], at;

        if (statement->slot != UINT32_MAX || !*link)
            continue;
        if (!whole)
            link = nearest(m, statement, link, next);
        at = *link;
        statement->slot = (uint32_t)(at - 1);
        m->slots[at - 1].at[v] = k + 1;
        *link = next[at - 1];
    }
    pn_free(first);
    pn_free(next);
    return good;
}

/* A rule that has lost its version, or looks for one, by one of its targets. */
struct like_entry {
    size_t slot;
    size_t next; /* of the same word: the next entry plus 1, or 0 */
};

/* Rules of the base whose version is missing, by a target and what they give to it. */
struct likes {
    struct pn_intern words;
    size_t *first; /* by word: its first entry plus 1 */
    size_t first_capacity;
    struct like_entry *items;
    size_t count, capacity;
    struct pn_buffer word;
    size_t tail; /* the size of what is given, in `word` */
    bool failed;
};

/* What a rule gives, into the word. */
static void
like_begin(struct likes *likes, struct pn_merge_side side)
{
    const struct pn_node *node = side.statement->node;

    likes->word.size = 0;
    for (uint32_t i = subject_of(node).last + 1; i <= node->range.last; i++) {
        struct pn_str token = pn_merge_token(&side.text->tree, i);

        pn_buffer_add(&likes->word, token.ptr, token.len);
        pn_buffer_add(&likes->word, "", 1);
    }
    likes->tail = likes->word.size;
    likes->failed |= likes->word.failed;
}

/* And to whom: the whole word. */
static struct pn_str
like_word(struct likes *likes, struct pn_merge_side side, const struct pn_node *target)
{
    struct pn_str text = pn_source_slice(side.text->source,
                                         pn_tree_span(&side.text->tree, target->range));

    likes->word.size = likes->tail;
    pn_buffer_add(&likes->word, text.ptr, text.len);
    likes->failed |= likes->word.failed;
    return pn_str_of(&likes->word);
}

static bool
is_target(const struct pn_node *n)
{
    return n && (n->kind == PN_NODE_TARGET || n->kind == PN_NODE_LIST);
}

static void
like_add(struct likes *likes, struct pn_str word, size_t slot)
{
    struct like_entry entry = { slot, 0 };
    size_t before = likes->words.count;
    uint32_t number;

    if (likes->failed || !pn_intern_add(&likes->words, word.ptr, word.len, &number) ||
        !pn_vector_reserve(&likes->first, &likes->first_capacity, likes->words.count,
                           sizeof(*likes->first))) {
        likes->failed = true;
        return;
    }
    if (number == before)
        likes->first[number] = 0;
    entry.next = likes->first[number];
    if (pn_vector_add(&likes->items, &likes->count, &likes->capacity, &entry,
                      sizeof(entry)))
        likes->first[number] = likes->count;
    else
        likes->failed = true;
}

/* The first slot that still lacks version v, of those that have a word; m->count for
 * none. */
static size_t
like_find(const struct pn_merge *m, struct likes *likes, struct pn_str word,
          enum pn_merge_version v)
{
    uint32_t number;
    size_t *at;

    if (likes->failed || !pn_intern_find(&likes->words, word.ptr, word.len, &number))
        return m->count;
    at = &likes->first[number];
    while (*at && m->slots[likes->items[*at - 1].slot].at[v])
        *at = likes->items[*at - 1].next; /* and is not looked at again */
    return *at ? likes->items[*at - 1].slot : m->count;
}

static void
likes_make(const struct pn_merge *m, struct likes *likes, enum pn_merge_version v)
{
    for (size_t i = m->count; i-- > 0;) { /* so the first one stands first */
        const struct pn_merge_slot *slot = &m->slots[i];
        struct pn_merge_side side = pn_merge_side(m, slot, PN_MERGE_BASE);

        if (!side.statement || slot->at[v] ||
            side.statement->node->kind != PN_NODE_RULE)
            continue;
        like_begin(likes, side);
        for (const struct pn_node *n = side.statement->node->children.head; n;
             n = n->next)
            if (is_target(n))
                like_add(likes, like_word(likes, side, n), i);
    }
}

/*
 * A rule whose targets have changed is matched with one that is missing: the first that
 * gives the same to one of its targets.
 */
static bool
match_like(struct pn_merge *m, enum pn_merge_version v)
{
    struct pn_merge_text *text = &m->texts[v];
    struct likes likes = { 0 };

    likes_make(m, &likes, v);
    for (size_t k = 0; k < text->count && !likes.failed; k++) {
        struct pn_merge_side side = { text, &text->items[k] };
        size_t best = m->count;

        if (text->items[k].slot != UINT32_MAX ||
            text->items[k].node->kind != PN_NODE_RULE)
            continue;
        like_begin(&likes, side);
        for (const struct pn_node *n = text->items[k].node->children.head; is_target(n);
             n = n->next) {
            size_t found = like_find(m, &likes, like_word(&likes, side, n), v);

            best = found < best ? found : best;
        }
        if (best == m->count)
            continue;
        text->items[k].slot = (uint32_t)best;
        m->slots[best].at[v] = k + 1;
    }
    pn_intern_clear(&likes.words);
    pn_free(likes.first);
    pn_free(likes.items);
    pn_buffer_free(&likes.word);
    return !likes.failed;
}

bool
pn_merge_slots_make(struct pn_merge *m)
{
    bool good = true;

    for (size_t v = 0; v < PN_MERGE_VERSIONS && good; v++) {
        m->has[v] = pn_calloc(m->keys.count + 1, sizeof(*m->has[v]));
        good = m->has[v] != NULL;
        for (size_t i = 0; good && i < m->texts[v].count; i++)
            m->has[v][m->texts[v].items[i].key] = true;
    }
    for (size_t i = 0; i < m->texts[PN_MERGE_BASE].count && good; i++)
        good = slot_add(m, PN_MERGE_BASE, i);
    for (int v = PN_MERGE_OURS; v <= PN_MERGE_THEIRS && good; v++) {
        good = match(m, (enum pn_merge_version)v, true) &&
               match(m, (enum pn_merge_version)v, false) &&
               match_like(m, (enum pn_merge_version)v);
        for (size_t i = 0; i < m->texts[v].count && good; i++)
            if (m->texts[v].items[i].slot == UINT32_MAX)
                good = slot_add(m, (enum pn_merge_version)v, i);
    }
    return good;
}
