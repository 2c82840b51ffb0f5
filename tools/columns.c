/* A table of columns, each with what writes it. */
#include "tools/columns.h"

#include <string.h>

#include "base/sizes.h"
#include "tools/render/answer.h"

/* How fields stand beside one another, and what stands for none. */
struct form {
    const char *open, *apart, *close, *absent, *quote;
};

static const struct form forms[] = {
    { "", "\t", "\n", "\\N", "" },
    { "(", ",", ")\n", "NULL", "'" },
};

/* The bytes that would end a field or a line, as escapes. */
static void
field_write(struct pn_output *out, const struct form *form, struct postern_str text)
{
    static const char plain[] = "\\\t\n\r\b\f'", letters[] = "\\tnrbf'";
    size_t from = 0;

    if (!text.ptr) {
        pn_output_text(out, form->absent);
        return;
    }
    pn_output_text(out, form->quote);
    for (size_t i = 0; i < text.len; i++) {
        const char *at = text.ptr[i] ? strchr(plain, text.ptr[i]) : NULL;
        const char pair[2] = { '\\', at ? letters[at - plain] : '0' };

        if (text.ptr[i] && (!at || (*at == '\'' && !*form->quote)))
            continue;
        pn_output_add(out, text.ptr + from, i - from);
        pn_output_add(out, pair, sizeof(pair));
        from = i + 1;
    }
    pn_output_add(out, text.ptr + from, text.len - from);
    pn_output_text(out, form->quote);
}

static void
word_write(struct pn_output *out, const struct form *form, const char *word)
{
    field_write(out, form, (struct postern_str){ word, strlen(word) });
}

static void
verdict_write(struct pn_output *out, const struct form *form,
              const struct pn_answer *answer)
{
    word_write(out, form, pn_verdict_text(answer->decision.verdict));
}

static void
step_write(struct pn_output *out, const struct form *form,
           const struct pn_answer *answer)
{
    word_write(out, form, postern_step_text(answer->decision.step));
}

static void
file_write(struct pn_output *out, const struct form *form,
           const struct pn_answer *answer)
{
    field_write(out, form, answer->file);
}

static void
line_write(struct pn_output *out, const struct form *form,
           const struct pn_answer *answer)
{
    if (answer->line)
        pn_output_number(out, answer->line);
    else
        pn_output_text(out, form->absent);
}

static void
target_write(struct pn_output *out, const struct form *form,
             const struct pn_answer *answer)
{
    field_write(out, form, answer->target);
}

static void
ident_rule_write(struct pn_output *out, const struct form *form,
                 const struct pn_answer *answer)
{
    (void)form;
    pn_output_text(out, answer->decision.ident_rule ? "1" : "0");
}

static void
absent_write(struct pn_output *out, const struct form *form,
             const struct pn_answer *answer)
{
    (void)answer;
    pn_output_text(out, form->absent);
}

static const struct {
    const char *name;
    void (*write)(struct pn_output *out, const struct form *form,
                  const struct pn_answer *answer);
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
    out->is_tuple = rest.len > 1 && *rest.ptr == '(' && rest.ptr[rest.len - 1] == ')';
    if (out->is_tuple)
        rest = (struct pn_str){ rest.ptr + 1, rest.len - 2 };
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
variable_write(struct pn_output *out, const struct form *form,
               const struct pn_environment *sets, struct pn_str name)
{
    struct postern_str value = POSTERN_STR_INIT;

    for (size_t i = 0; i < sets->count; i++)
        if (pn_str_equal(name, (struct pn_str){ sets->items[i].name.ptr,
                                                sets->items[i].name.len }))
            value = sets->items[i].value;
    field_write(out, form, value);
}

void
pn_columns_answer(const struct pn_columns *columns, struct pn_output *out,
                  const struct pn_answer *answer)
{
    const struct form *form = &forms[columns->is_tuple];
    struct pn_environment sets = pn_environment_of(answer);

    for (size_t i = 0; i < columns->count; i++) {
        const struct pn_column *column = &columns->items[i];

        pn_output_text(out, i ? form->apart : form->open);
        if (column->kind == KIND_VARIABLE)
            variable_write(out, form, &sets, column->name);
        else
            kinds[column->kind].write(out, form, answer);
    }
    pn_output_text(out, form->close);
    pn_environment_free(&sets);
}

void
pn_columns_fault(const struct pn_columns *columns, struct pn_output *out,
                 const char *fault)
{
    const struct form *form = &forms[columns->is_tuple];

    for (size_t i = 0; i < columns->count; i++) {
        pn_output_text(out, i ? form->apart : form->open);
        if (columns->items[i].kind == KIND_VERDICT)
            word_write(out, form, "error");
        else if (columns->items[i].kind == KIND_ERROR)
            word_write(out, form, fault);
        else
            absent_write(out, form, NULL);
    }
    pn_output_text(out, form->close);
}
