/* A table of columns, each with what writes it. */
#include "tools/columns.h"

#include <string.h>

#include "base/sizes.h"
#include "tools/render/answer.h"

/* The bytes that would end a field or a line, as escapes. */
static void
field_write(struct pn_output *out, struct postern_str text)
{
    static const char plain[] = "\\\t\n\r\b\f", letters[] = "\\tnrbf";
    size_t from = 0;

    if (!text.ptr) {
        pn_output_text(out, "\\N");
        return;
    }
    for (size_t i = 0; i < text.len; i++) {
        const char *at = text.ptr[i] ? strchr(plain, text.ptr[i]) : NULL;
        const char pair[2] = { '\\', at ? letters[at - plain] : '0' };

        if (text.ptr[i] && !at)
            continue;
        pn_output_add(out, text.ptr + from, i - from);
        pn_output_add(out, pair, sizeof(pair));
        from = i + 1;
    }
    pn_output_add(out, text.ptr + from, text.len - from);
}

static void
word_write(struct pn_output *out, const char *word)
{
    field_write(out, (struct postern_str){ word, strlen(word) });
}

static void
verdict_write(struct pn_output *out, const struct pn_answer *answer)
{
    word_write(out, pn_verdict_text(answer->decision.verdict));
}

static void
step_write(struct pn_output *out, const struct pn_answer *answer)
{
    word_write(out, postern_step_text(answer->decision.step));
}

static void
file_write(struct pn_output *out, const struct pn_answer *answer)
{
    field_write(out, answer->file);
}

static void
line_write(struct pn_output *out, const struct pn_answer *answer)
{
    if (answer->line)
        pn_output_number(out, answer->line);
    else
        pn_output_text(out, "\\N");
}

static void
target_write(struct pn_output *out, const struct pn_answer *answer)
{
    field_write(out, answer->target);
}

static void
ident_rule_write(struct pn_output *out, const struct pn_answer *answer)
{
    pn_output_text(out, answer->decision.ident_rule ? "1" : "0");
}

static void
absent_write(struct pn_output *out, const struct pn_answer *answer)
{
    (void)answer;
    pn_output_text(out, "\\N");
}

static const struct {
    const char *name;
    void (*write)(struct pn_output *out, const struct pn_answer *answer);
} kinds[] = {
    { "verdict", verdict_write }, { "step", step_write },
    { "file", file_write },       { "line", line_write },
    { "target", target_write },   { "ident_rule", ident_rule_write },
    { "error", absent_write },
};

enum { KIND_VERDICT = 0, KIND_ERROR = 6, KIND_VARIABLE = PN_COUNT_OF(kinds) };

static bool
column_read(struct pn_str word, struct pn_column *out)
{
    out->name = pn_str_from(word, 1);
    for (out->kind = 0; out->kind < KIND_VARIABLE; out->kind++)
        if (pn_str_is(word, kinds[out->kind].name))
            return true;
    return word.len > 1 && word.ptr[0] == '$' && !pn_str_has(word, '=');
}

bool
pn_columns_read(const char *text, struct pn_columns *out, struct pn_str *wrong)
{
    struct pn_str rest = pn_str_of_text(text);

    out->count = 0;
    do {
        struct pn_str word = pn_str_cut(&rest, ',');

        *wrong = word;
        if (!word.len || out->count == PN_COLUMNS_MOST ||
            !column_read(word, &out->items[out->count]))
            return false;
        out->count++;
    } while (rest.ptr);
    return true;
}

static void
variable_write(struct pn_output *out, const struct pn_environment *sets,
               struct pn_str name)
{
    struct postern_str value = POSTERN_STR_INIT;

    for (size_t i = 0; i < sets->count; i++)
        if (pn_str_equal(name, (struct pn_str){ sets->items[i].name.ptr,
                                                sets->items[i].name.len }))
            value = sets->items[i].value;
    field_write(out, value);
}

void
pn_columns_answer(const struct pn_columns *columns, struct pn_output *out,
                  const struct pn_answer *answer)
{
    struct pn_environment sets = pn_environment_of(answer);

    for (size_t i = 0; i < columns->count; i++) {
        const struct pn_column *column = &columns->items[i];

        if (i)
            pn_output_text(out, "\t");
        if (column->kind == KIND_VARIABLE)
            variable_write(out, &sets, column->name);
        else
            kinds[column->kind].write(out, answer);
    }
    pn_output_text(out, "\n");
    pn_environment_free(&sets);
}

void
pn_columns_fault(const struct pn_columns *columns, struct pn_output *out,
                 const char *fault)
{
    for (size_t i = 0; i < columns->count; i++) {
        if (i)
            pn_output_text(out, "\t");
        if (columns->items[i].kind == KIND_VERDICT)
            word_write(out, "error");
        else if (columns->items[i].kind == KIND_ERROR)
            word_write(out, fault);
        else
            absent_write(out, NULL);
    }
    pn_output_text(out, "\n");
}
