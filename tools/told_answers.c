/* A table without collisions: the later answer takes the place of the one before. */
#include "tools/told_answers.h"

#include <stdlib.h>
#include <string.h>

#include "tools/render/answer.h"

enum { KNOWN_BITS = 9, LINE_MOST = 112 };

struct pn_told_line {
    uint32_t rule;
    uint8_t step, ident_rule;
    uint8_t size; /* 0: nothing is known */
    char text[LINE_MOST];
};

void
pn_told_begin(struct pn_told_answers *told, const struct pn_told_form *form)
{
    *told = (struct pn_told_answers){ .form = *form };
    pn_output_begin(&told->line, -1);
    told->known = calloc((size_t)1 << KNOWN_BITS, sizeof(*told->known));
}

void
pn_told_end(struct pn_told_answers *told)
{
    pn_buffer_free(&told->line.pending);
    free(told->known);
}

void
pn_told_forget(struct pn_told_answers *told)
{
    if (told->known)
        memset(told->known, 0, sizeof(*told->known) << KNOWN_BITS);
}

static void
line_make(struct pn_told_answers *told, struct pn_output *out,
          const struct pn_answer *answer)
{
    if (told->form.json) {
        pn_answer_json(out, answer);
        pn_output_text(out, "\n");
    } else if (told->form.columns)
        pn_columns_answer(told->form.columns, out, answer);
    else
        pn_answer_line(out, answer);
}

/* Rules of a classic file are positions, which are far apart. */
static struct pn_told_line *
place_of(const struct pn_told_answers *told, const struct postern_decision *d)
{
    uint32_t mixed = (d->rule * 8 + d->step) * UINT32_C(2654435769);

    return &told->known[mixed >> (32 - KNOWN_BITS)];
}

void
pn_told_answer(struct pn_told_answers *told, struct pn_output *out,
               const struct pn_answer *answer)
{
    const struct postern_decision *d = &answer->decision;
    struct pn_buffer *made = &told->line.pending;
    struct pn_told_line *known;

    if (!told->known) {
        line_make(told, out, answer);
        return;
    }
    known = place_of(told, d);
    if (known->size && known->rule == d->rule && known->step == d->step &&
        known->ident_rule == d->ident_rule) {
        pn_output_add(out, known->text, known->size);
        return;
    }
    made->size = 0;
    line_make(told, &told->line, answer);
    if (made->failed) { /* it is made once more, and written as it is made */
        *made = (struct pn_buffer){ 0 };
        line_make(told, out, answer);
        return;
    }
    pn_output_add(out, made->bytes, made->size);
    known->size = made->size <= LINE_MOST ? (uint8_t)made->size : 0;
    known->rule = d->rule;
    known->step = d->step;
    known->ident_rule = d->ident_rule;
    memcpy(known->text, made->bytes, known->size);
}
