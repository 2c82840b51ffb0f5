/*
 * The layout, as edits of what lies between tokens: the tokens themselves stay, but for
 * the header, in which there may be blanks, so that a part of the edits is as good as
 * all of them.
 */
#include "analysis/format.h"
#include "base/memory.h"
#include "grammar/lexer.h"
#include "grammar/parser.h"
#include "lsp/cursor.h"

enum { DIAGS = 1 };

/* Two texts with the same tokens, at work. */
struct layout {
    struct pn_rpc_call *call;
    const struct pn_cursor *cursor;
    struct pn_span wanted; /* what may be changed */
    struct pn_source laid; /* the text in its layout */
};

/* Replaces the part of a piece of a gap that differs. */
static bool
piece_edit(struct layout *layout, struct pn_span gap, struct pn_str laid)
{
    struct pn_str was = pn_source_slice(layout->cursor->document->tree.source, gap);
    size_t front = 0, back = 0;

    if (pn_str_equal(was, laid) || gap.offset < layout->wanted.offset ||
        gap.offset + gap.size > layout->wanted.offset + layout->wanted.size)
        return true;
    while (front < was.len && front < laid.len && was.ptr[front] == laid.ptr[front] &&
           (unsigned char)was.ptr[front] < 0x80)
        front++;
    while (back < was.len - front && back < laid.len - front &&
           was.ptr[was.len - back - 1] == laid.ptr[laid.len - back - 1] &&
           (unsigned char)was.ptr[was.len - back - 1] < 0x80)
        back++;
    gap.offset += (uint32_t)front;
    gap.size -= (uint32_t)(front + back);
    laid = pn_str_from(pn_str_to(laid, laid.len - back), front);
    return pn_call_add(layout->call, pn_json_edit(&layout->cursor->view, gap, laid));
}

/* Behind the first end of a line, and behind the last; false without one. */
static bool
line_ends(struct pn_str gap, size_t *first, size_t *last)
{
    const char *end = gap.len ? memchr(gap.ptr, '\n', gap.len) : NULL;

    if (!end)
        return false;
    *first = (size_t)(end - gap.ptr) + 1;
    for (*last = gap.len; gap.ptr[*last - 1] != '\n';)
        (*last)--;
    return true;
}

/* A gap is the rest of a line, lines of their own, and what a line begins with: each is
 * edited by itself, so that lines can be. */
static bool
gap_edit(struct layout *layout, struct pn_span gap, struct pn_str laid)
{
    struct pn_str was = pn_source_slice(layout->cursor->document->tree.source, gap);
    size_t from[2], to[2];

    if (!line_ends(was, &from[0], &from[1]) || !line_ends(laid, &to[0], &to[1]))
        return piece_edit(layout, gap, laid);
    return piece_edit(layout, (struct pn_span){ gap.offset, (uint32_t)from[0] },
                      pn_str_to(laid, to[0])) &&
           piece_edit(layout,
                      (struct pn_span){ gap.offset + (uint32_t)from[0],
                                        (uint32_t)(from[1] - from[0]) },
                      pn_str_from(pn_str_to(laid, to[1]), to[0])) &&
           piece_edit(layout,
                      (struct pn_span){ gap.offset + (uint32_t)from[1],
                                        gap.size - (uint32_t)from[1] },
                      pn_str_from(laid, to[1]));
}

/* Tokens that stand for no text, or for a line's end, are parts of gaps; so are commas,
 * which in braces come and go. */
static struct pn_token
next_word(struct pn_lexer *lexer)
{
    struct pn_token token;

    do
        token = pn_lexer_next(lexer);
    while (token.kind != PN_TOK_END &&
           (token.kind == PN_TOK_NEWLINE || token.kind == PN_TOK_COMMA || !token.size));
    return token;
}

static bool
gaps_edit(struct layout *layout)
{
    const struct pn_document *document = layout->cursor->document;
    struct pn_lexer before, after;
    uint32_t from = 0, to = 0;

    pn_lexer_begin(&before, &document->source, document->dialect);
    pn_lexer_begin(&after, &layout->laid, document->dialect);
    for (;;) {
        struct pn_token was = next_word(&before), is = next_word(&after);
        bool ends = was.kind == PN_TOK_END || is.kind == PN_TOK_END;
        struct pn_span gap = { from, was.offset - from };
        struct pn_span laid = { to, is.offset - to };

        if (was.kind == PN_TOK_END) {
            gap.size = (uint32_t)document->source.size - from;
            laid.size = (uint32_t)layout->laid.size - to;
        }
        if (!gap_edit(layout, gap, pn_source_slice(&layout->laid, laid)))
            return false;
        if (ends)
            return true;
        if (was.kind == PN_TOK_HEADER && is.kind == PN_TOK_HEADER &&
            !piece_edit(layout, pn_token_span(was),
                        pn_source_slice(&layout->laid, pn_token_span(is))))
            return false;
        from = was.offset + was.size;
        to = is.offset + is.size;
    }
}

/* Lays out the document, and keeps the edits within a part of it. */
static void
lay_out(struct pn_rpc_call *call, const struct pn_cursor *cursor, struct pn_span wanted)
{
    struct layout layout = { .call = call, .cursor = cursor, .wanted = wanted };
    struct pn_diags diags = { .limit = DIAGS };
    struct pn_buffer laid = { 0 };

    switch (pn_format_text(&cursor->document->source, &diags, &laid)) {
    case PN_FORMAT_OK:
        pn_call_begin_array(call);
        if (!pn_source_from_text(&layout.laid, "layout", pn_str_of(&laid)) ||
            (call->result && !gaps_edit(&layout)))
            pn_call_refuse(call, PN_RPC_INTERNAL_ERROR, "there is no memory");
        pn_source_clear(&layout.laid);
        break;
    case PN_FORMAT_REFUSED:
        pn_call_refuse(call, PN_RPC_REQUEST_FAILED,
                       "a file with errors has no layout: mend them first");
        break;
    case PN_FORMAT_MEMORY:
        pn_call_refuse(call, PN_RPC_INTERNAL_ERROR, "there is no memory");
        break;
    case PN_FORMAT_MISMATCH:
        pn_call_refuse(call, PN_RPC_INTERNAL_ERROR,
                       "its layout would have changed what it says");
        break;
    }
    pn_diags_clear(&diags);
    pn_buffer_free(&laid);
}

void
pn_lsp_format(void *payload, struct pn_rpc_call *call)
{
    struct pn_cursor cursor;

    if (pn_cursor_document(payload, call, &cursor))
        lay_out(call, &cursor, (struct pn_span){ 0, (uint32_t)cursor.view.text.len });
}

/* Whole lines: from the gap in front of the first to the one behind the last. */
static struct pn_span
whole_lines(const struct pn_cursor *cursor, struct pn_span span)
{
    const struct pn_lines *lines = cursor->view.lines;
    uint32_t first = pn_lines_line(lines, span.offset);
    uint32_t last = pn_lines_line(lines, span.offset + span.size);
    uint32_t from = lines->starts[first], to = (uint32_t)cursor->view.text.len;

    if (last + 1 < lines->count)
        to = lines->starts[last + 1];
    return (struct pn_span){ from, to - from };
}

void
pn_lsp_format_range(void *payload, struct pn_rpc_call *call)
{
    struct pn_cursor cursor;
    struct pn_span span;

    if (!pn_cursor_document(payload, call, &cursor))
        return;
    if (pn_json_read_span(&cursor.view, json_object_get(call->params, "range"), &span))
        lay_out(call, &cursor, whole_lines(&cursor, span));
    else
        pn_call_refuse(call, PN_RPC_INVALID_PARAMS, "a range is wanted");
}
