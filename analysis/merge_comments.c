/* Comments mean nothing to the compiler, and are merged as lines. */
#include <stdlib.h>
#include <string.h>

#include "analysis/merge_work.h"

/* Called with a comment of a statement, from its # to the end of its line. */
typedef void (*comment_fn)(void *payload, struct pn_str comment);

static struct pn_str
trimmed(const char *text, size_t from, size_t to)
{
    while (to > from && strchr(" \t\r", text[to - 1]))
        to--;
    return (struct pn_str){ text + from, to - from };
}

/* The comments between two offsets with no token between them. */
static void
gap_comments(const struct pn_source *source, size_t from, size_t to, comment_fn take,
             void *payload)
{
    while (from < to) {
        const char *sign = memchr(source->text + from, '#', to - from), *end;

        if (!sign)
            return;
        end = memchr(sign, '\n', (size_t)(source->text + to - sign));
        end = end ? end : source->text + to;
        take(payload, trimmed(source->text, (size_t)(sign - source->text),
                              (size_t)(end - source->text)));
        from = (size_t)(end - source->text);
    }
}

static void
comments_each(struct pn_merge_side s, comment_fn take, void *payload)
{
    size_t at;

    if (!s.statement)
        return;
    at = s.statement->from;
    for (uint32_t i = s.statement->node ? s.statement->node->range.first : 1;
         s.statement->node && i <= s.statement->node->range.last; i++) {
        struct pn_token t = s.text->tree.tokens[i];

        gap_comments(s.text->source, at, t.offset, take, payload);
        at = t.offset + t.size;
    }
    gap_comments(s.text->source, at, s.statement->to, take, payload);
}

struct comment_search {
    struct pn_str wanted;
    bool found;
};

static void
comment_match(void *payload, struct pn_str comment)
{
    struct comment_search *s = payload;

    s->found |= pn_str_equal(comment, s->wanted);
}

static bool
has_comment(struct pn_merge_side side, struct pn_str comment)
{
    struct comment_search comment_search = { comment, false };

    comments_each(side, comment_match, &comment_search);
    return comment_search.found;
}

struct adding {
    const struct pn_merge_side *sides;
    enum pn_merge_version chosen;
    struct pn_buffer *out;
};

static void
comment_add(void *payload, struct pn_str comment)
{
    struct adding *a = payload;

    if (has_comment(a->sides[PN_MERGE_BASE], comment) ||
        has_comment(a->sides[a->chosen], comment))
        return;
    pn_buffer_add(a->out, comment.ptr, comment.len);
    pn_buffer_add_text(a->out, "\n");
}

/* Writes the comments above a statement, without those that the other side removed. */
static void
front_write(const struct pn_merge_side sides[PN_MERGE_VERSIONS],
            enum pn_merge_version chosen, enum pn_merge_version other,
            struct pn_buffer *out)
{
    const struct pn_merge_side *side = &sides[chosen];
    const char *text = side->text->source->text;
    size_t at = side->statement->from, end = side->statement->start;

    while (at < end) {
        const char *newline = memchr(text + at, '\n', end - at);
        size_t next = newline ? (size_t)(newline + 1 - text) : end, from = at;
        struct pn_str line;

        while (from < next && strchr(" \t", text[from]))
            from++;
        line = trimmed(text, from, newline ? next - 1 : next);
        if (!sides[other].statement || !line.len || line.ptr[0] != '#' ||
            !has_comment(sides[PN_MERGE_BASE], line) || has_comment(sides[other], line))
            pn_buffer_add(out, text + at, next - at);
        at = next;
    }
}

void
pn_merge_commented(const struct pn_merge_side sides[PN_MERGE_VERSIONS],
                   enum pn_merge_version chosen, const struct pn_buffer *text,
                   struct pn_buffer *out)
{
    enum pn_merge_version other =
        chosen == PN_MERGE_OURS ? PN_MERGE_THEIRS : PN_MERGE_OURS;
    const struct pn_merge_side *side = &sides[chosen];
    struct adding adding = { sides, chosen, out };

    if (side->statement)
        front_write(sides, chosen, other, out);
    comments_each(sides[other], comment_add, &adding);
    if (!side->statement)
        return;
    if (text)
        pn_buffer_add(out, text->bytes, text->size);
    else
        pn_buffer_add(out, side->text->source->text + side->statement->start,
                      side->statement->to - side->statement->start);
    if (side->statement->node && out->size && out->bytes[out->size - 1] != '\n')
        pn_buffer_add_text(out, "\n");
}
