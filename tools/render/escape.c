/* Escaping for GitHub's commands and for Markdown. */
#include "tools/render/escape.h"

#include <string.h>

void
pn_github_escape(struct pn_output *out, const char *text, bool property)
{
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;

        if (c == '%' || c < 0x20 || c == 0x7f || (property && (c == ':' || c == ',')))
            pn_output_format(out, "%%%02X", c);
        else
            pn_output_add(out, text, 1);
    }
}

void
pn_markdown_escape(struct pn_output *out, const char *text)
{
    for (; *text; text++) {
        if (strchr("|\\`*_<>[]", *text))
            pn_output_text(out, "\\");
        if ((unsigned char)*text < 0x20)
            pn_output_text(out, " ");
        else
            pn_output_add(out, text, 1);
    }
}

/* The longest run of backticks in a text. */
static size_t
longest_run(const char *text)
{
    size_t longest = 0, run = 0;

    for (; *text; text++) {
        run = *text == '`' ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    return longest;
}

/* A fence is longer than any run within; a bar would end the cell even in code. */
void
pn_markdown_code(struct pn_output *out, const char *text)
{
    size_t fence = longest_run(text) + 1;
    const char *blank = fence > 1 ? " " : "";

    for (size_t i = 0; i < fence; i++)
        pn_output_text(out, "`");
    pn_output_text(out, blank);
    for (; *text; text++) {
        if (*text == '|')
            pn_output_text(out, "\\");
        pn_output_add(out, (unsigned char)*text < 0x20 ? " " : text, 1);
    }
    pn_output_text(out, blank);
    for (size_t i = 0; i < fence; i++)
        pn_output_text(out, "`");
}
