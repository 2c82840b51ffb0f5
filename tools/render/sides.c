/* A sign stands before each side: colour alone says nothing. */
#include "tools/render/sides.h"

#include <stdio.h>
#include <string.h>

#include "tools/render/answer.h"

enum { INDENT_MAX = 16 };

const char *const pn_effect_names[] = { "loses", "gains", "other" };

size_t
pn_effect_text(struct pn_output *out, const struct pn_style *style,
               enum pn_effect effect)
{
    static const char *const paints[] = { [PN_EFFECT_GAINS] = PN_PAINT_GREEN,
                                          [PN_EFFECT_LOSES] = PN_PAINT_RED,
                                          [PN_EFFECT_OTHER] = PN_PAINT_YELLOW };

    pn_style_paint(out, style, PN_PAINT_BOLD);
    pn_style_text(out, style, paints[effect], pn_effect_names[effect]);
    pn_output_text(out, ": ");
    return strlen(pn_effect_names[effect]) + sizeof(": ") - 1;
}

/* Each line is painted by itself: pagers forget colours at the end of one. */
static void
lines_paint(struct pn_output *out, const struct pn_style *style, const char *paint,
            struct pn_str text)
{
    while (text.len) {
        const char *newline = memchr(text.ptr, '\n', text.len);
        size_t size = newline ? (size_t)(newline - text.ptr) : text.len;

        pn_style_paint(out, style, paint);
        pn_output_add(out, text.ptr, size);
        pn_style_paint(out, style, PN_PAINT_RESET);
        pn_output_text(out, "\n");
        size += newline != NULL;
        text.ptr += size;
        text.len -= size;
    }
}

static void
side_text(struct pn_output *out, const struct pn_style *style, bool now,
          const struct pn_answer *answer, const char *indent)
{
    struct pn_output text = { .fd = -1 };
    char inner[INDENT_MAX];

    snprintf(inner, sizeof(inner), "%s    ", indent);
    pn_output_format(&text, "%s%s %s\n", indent, now ? "+ now" : "- was",
                     pn_verdict_text(answer->decision.verdict));
    pn_answer_details(&text, answer, inner);
    lines_paint(out, style, now ? PN_PAINT_GREEN : PN_PAINT_RED,
                (struct pn_str){ text.pending.bytes, text.pending.size });
    out->pending.failed |= text.pending.failed;
    pn_buffer_free(&text.pending);
}

void
pn_sides_text(struct pn_output *out, const struct pn_style *style,
              const struct pn_answer answers[2], const char *indent)
{
    side_text(out, style, false, &answers[0], indent);
    side_text(out, style, true, &answers[1], indent);
}
