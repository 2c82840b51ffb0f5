/* Pages for the eye: Markdown laid out, and the overstrikes of manual pages. */
#include <string.h>

#include "base/buffer.h"
#include "tools/render/pages.h"
#include "tools/render/style.h"

enum { WIDTH_MOST = 80, INDENT = 2, EXAMPLE_INDENT = 6, ITEM_INDENT = 4 };

/* What is in force; the bytes stand in a paragraph where it changes to it. */
enum style { STYLE_NORMAL = 1, STYLE_BOLD, STYLE_UNDERLINE };

static const char *const paints[] = { [STYLE_NORMAL] = PN_PAINT_RESET,
                                      [STYLE_BOLD] = PN_PAINT_BOLD,
                                      [STYLE_UNDERLINE] = PN_PAINT_UNDERLINE };

struct page {
    struct pn_output *out;
    bool styled, in_fence, any, blank_due;
    size_t width;
    struct pn_buffer paragraph;
};

static bool
is_style(char byte)
{
    return byte >= STYLE_NORMAL && byte <= STYLE_UNDERLINE;
}

static void
blanks(struct pn_output *out, size_t count)
{
    while (count--)
        pn_output_add(out, " ", 1);
}

/* Begins a line; the blank line that was due comes first. */
static void
line_begin(struct page *page, size_t indent)
{
    if (page->blank_due && page->any)
        pn_output_text(page->out, "\n");
    page->blank_due = false;
    page->any = true;
    blanks(page->out, indent);
}

/* A line as it stands, in one style. */
static void
line_add(struct page *page, size_t indent, struct pn_str line, enum style style)
{
    bool paint = page->styled && style != STYLE_NORMAL && line.len;

    line_begin(page, line.len ? indent : 0);
    if (paint)
        pn_output_paint(page->out, paints[style]);
    pn_output_add(page->out, line.ptr, line.len);
    if (paint)
        pn_output_paint(page->out, PN_PAINT_RESET);
    pn_output_text(page->out, "\n");
}

static void
style_add(struct pn_buffer *out, enum style style)
{
    char byte = (char)style;

    pn_buffer_add(out, &byte, 1);
}

/* Where the text of a link at the front ends, at its "]("; 0 when it is none. */
static size_t
link_end(struct pn_str text)
{
    size_t at = 1;

    while (at < text.len && text.ptr[at] != ']' && text.ptr[at] != '[')
        at++;
    return at + 1 < text.len && text.ptr[at] == ']' && text.ptr[at + 1] == '(' ? at : 0;
}

/* Ends what is in force, and begins another style. */
static void
style_turn(struct pn_buffer *out, enum style style)
{
    style_add(out, STYLE_NORMAL);
    if (style != STYLE_NORMAL)
        style_add(out, style);
}

/* The marks of a paragraph become styles; `around` is what is in force between them. */
static void
marks_take(struct pn_str text, enum style around, struct pn_buffer *out)
{
    bool code = false, strong = false;
    size_t target = 0; /* the end of the text of a link */

    for (size_t i = 0; i < text.len; i++) {
        struct pn_str rest = pn_str_from(text, i);

        if (text.ptr[i] == '`') {
            code = !code;
            style_turn(out, code || strong ? STYLE_BOLD : around);
        } else if (!code && pn_str_begins(rest, "**")) {
            strong = !strong;
            style_turn(out, strong ? STYLE_BOLD : around);
            i++;
        } else if (!code && !target && text.ptr[i] == '[' && link_end(rest)) {
            target = i + link_end(rest);
        } else if (target && i == target) {
            while (i + 1 < text.len && text.ptr[i] != ')')
                i++;
            target = 0;
        } else {
            pn_buffer_add(out, &text.ptr[i], 1);
        }
    }
}

/* How many columns a word takes: its characters that are no styles. */
static size_t
width_of(struct pn_str word)
{
    size_t width = 0;

    for (size_t i = 0; i < word.len; i++)
        width += !is_style(word.ptr[i]) && ((unsigned char)word.ptr[i] & 0xc0) != 0x80;
    return width;
}

static void
word_add(struct page *page, struct pn_str word)
{
    for (size_t i = 0; i < word.len; i++)
        if (!is_style(word.ptr[i]))
            pn_output_add(page->out, &word.ptr[i], 1);
        else if (page->styled)
            pn_output_paint(page->out, paints[(int)word.ptr[i]]);
}

/* Words in lines that are as wide as the page. */
static void
words_add(struct page *page, struct pn_str text, size_t first, size_t indent)
{
    size_t column = 0;

    while (text.len) {
        struct pn_str word = pn_str_cut(&text, ' ');
        size_t width = width_of(word);

        if (!word.len)
            continue;
        if (column && column + 1 + width > page->width) {
            pn_output_text(page->out, "\n");
            column = 0;
        } else if (column) {
            pn_output_text(page->out, " ");
            column++;
        }
        if (!column) {
            line_begin(page, first);
            column = first;
            first = indent;
        }
        word_add(page, word);
        column += width;
    }
    if (column)
        pn_output_text(page->out, "\n");
}

static void
paragraph_end(struct page *page)
{
    struct pn_str text = pn_str_of(&page->paragraph);
    struct pn_buffer marked = { 0 };
    bool is_item = pn_str_begins(text, "- "),
         is_facts = text.len > 2 && text.ptr[0] == '*' && text.ptr[1] != '*' &&
                    text.ptr[text.len - 1] == '*';

    if (!text.len)
        return;
    if (is_facts) {
        text = pn_str_to(pn_str_from(text, 1), text.len - 2);
        style_add(&marked, STYLE_UNDERLINE);
    }
    marks_take(text, is_facts ? STYLE_UNDERLINE : STYLE_NORMAL, &marked);
    if (is_facts)
        style_add(&marked, STYLE_NORMAL);
    words_add(page, pn_str_of(&marked), INDENT, is_item ? ITEM_INDENT : INDENT);
    if (marked.failed)
        page->paragraph.failed = true;
    pn_buffer_free(&marked);
    page->paragraph.size = 0;
}

/* "```rules NAME" begins an example; a file that has a name is told by it. */
static void
fence_turn(struct page *page, struct pn_str line)
{
    struct pn_str name = pn_str_from(line, 3);

    paragraph_end(page);
    page->in_fence = !page->in_fence;
    if (!page->in_fence)
        return;
    (void)pn_str_cut(&name, ' ');
    if (name.len) {
        line_begin(page, ITEM_INDENT);
        pn_output_add(page->out, name.ptr, name.len);
        pn_output_text(page->out, ":\n");
    }
}

static void
text_line(struct page *page, struct pn_str line)
{
    size_t depth = 0;

    while (depth < line.len && line.ptr[depth] == '#')
        depth++;
    if (!line.len || line.ptr[0] == '|' ||
        (depth && pn_str_begins(pn_str_from(line, depth), " ")) ||
        pn_str_begins(line, "- "))
        paragraph_end(page);
    if (!line.len) {
        page->blank_due = true;
    } else if (line.ptr[0] == '|') {
        line_add(page, INDENT, line, STYLE_NORMAL);
    } else if (depth && pn_str_begins(pn_str_from(line, depth), " ")) {
        line_add(page, 0, pn_str_from(line, depth + 1), STYLE_BOLD);
    } else {
        if (page->paragraph.size)
            pn_buffer_add_text(&page->paragraph, " ");
        pn_buffer_add_str(&page->paragraph, line);
    }
}

void
pn_page_write(struct pn_output *out, struct pn_str markdown, bool styled,
              size_t columns)
{
    struct page page = { .out = out,
                         .styled = styled,
                         .width =
                             columns && columns < WIDTH_MOST ? columns : WIDTH_MOST };

    while (markdown.len) {
        struct pn_str line = pn_str_cut(&markdown, '\n');

        if (pn_str_begins(line, "```"))
            fence_turn(&page, line);
        else if (page.in_fence)
            line_add(&page, EXAMPLE_INDENT, line,
                     pn_str_begins(line, "$ ") ? STYLE_BOLD : STYLE_NORMAL);
        else
            text_line(&page, line);
    }
    paragraph_end(&page);
    if (page.paragraph.failed)
        out->pending.failed = true;
    pn_buffer_free(&page.paragraph);
}

void
pn_manual_write(struct pn_output *out, struct pn_str text, bool styled)
{
    enum style style = STYLE_NORMAL;

    for (size_t i = 0; i < text.len; i++) {
        enum style wanted = STYLE_NORMAL;
        char byte = text.ptr[i];

        while (i + 2 < text.len && text.ptr[i + 1] == '\b') {
            i += 2;
            wanted = byte == '_' && text.ptr[i] != '_' ? STYLE_UNDERLINE : STYLE_BOLD;
            byte = text.ptr[i];
        }
        if (styled && wanted != style) {
            if (style != STYLE_NORMAL)
                pn_output_paint(out, PN_PAINT_RESET);
            if (wanted != STYLE_NORMAL)
                pn_output_paint(out, paints[wanted]);
            style = wanted;
        }
        pn_output_add(out, &byte, 1);
    }
    if (style != STYLE_NORMAL)
        pn_output_paint(out, PN_PAINT_RESET);
}
