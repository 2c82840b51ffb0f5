/* Names that are nearly known, names with a meaning elsewhere, and separators in
 * values. */
#include "analysis/lint/meanings.h"

#include <string.h>

#include "analysis/lint/variables.h"
#include "analysis/lint/walk.h"
#include "base/sizes.h"

static bool
is_digits(struct pn_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
    return text.len != 0;
}

static void
near_miss(struct pn_lint *lint, const struct pn_assignment *a)
{
    const char *near = pn_variable_near(a->name);
    struct pn_finding *f;

    if (!near || memchr(a->name.ptr, ' ', a->name.len) ||
        memchr(a->name.ptr, '\t', a->name.len))
        return;
    f = pn_lint_add_span(lint, PN_CHECK_ENV_NEAR_MISS, a->file, a->name_span);
    if (f)
        f->label = pn_report_format(lint->report, "did you mean %s?", near);
    pn_lint_replace(lint, f, a->file, a->name_span, pn_str_of_text(near), 0);
}

#define OBEYED "tcpserver --limits-patch obeys it; without that: "
#define WITH_THE_LIMIT                                                              \
    {                                                                               \
        OBEYED "in an extended policy, with the limit: reject \"", "\\r\\n\"", NULL \
    }

/* What replaces a variable of the limits patch in the extended language: its value goes
 * between the parts. */
static const struct meaning {
    const char *name;
    bool number; /* the value must be a number */
    const char *collections[3];
} meanings[] = {
    { "MAXCONNIP",
      true,
      { OBEYED "tcpserver -C ", ", or in an extended policy: limit ",
        " per /32,/64" } },
    { "MAXCONNC",
      true,
      { OBEYED "in an extended policy: limit ", " per /24,/48", NULL } },
    { "MAXLOAD",
      true,
      { OBEYED "there is no limit by load; tcpserver -c and limits bound how many "
               "programs run",
        NULL, NULL } },
    { "DIEMSG", false, WITH_THE_LIMIT },
    { "DIEMSG_MAXLOAD",
      false,
      { OBEYED "there is no limit by load, and nothing to say of it", NULL, NULL } },
    { "DIEMSG_MAXCONNIP", false, WITH_THE_LIMIT },
    { "DIEMSG_MAXCONNC", false, WITH_THE_LIMIT },
};

static void
meaning_offer(struct pn_lint *lint, struct pn_finding *f, const struct meaning *m,
              struct pn_str value)
{
    struct pn_buffer text = { 0 };

    if (m->number && !is_digits(value))
        value = PN_STR("N");
    for (size_t i = 0; i < PN_COUNT_OF(m->collections) && m->collections[i]; i++) {
        if (i)
            pn_buffer_add(&text, value.ptr, value.len);
        pn_buffer_add_text(&text, m->collections[i]);
    }
    if (!text.failed)
        f->help = pn_report_format(lint->report, "%.*s", (int)text.size, text.bytes);
    lint->failed |= text.failed;
    pn_buffer_free(&text);
}

/* Where the limits patch is obeyed, it reads the digits that a number begins with. */
static void
limit_check(struct pn_lint *lint, const struct pn_assignment *a, struct pn_str value)
{
    size_t digits = 0;
    struct pn_finding *f;

    while (digits < value.len && value.ptr[digits] >= '0' && value.ptr[digits] <= '9')
        digits++;
    if (digits && digits == value.len)
        return;
    f = pn_lint_add_span(lint, PN_CHECK_LIMIT_NOT_A_NUMBER, a->file, a->value_span);
    if (!f)
        return;
    f->label = pn_report_format(lint->report, "counts as %.*s",
                                digits ? (int)digits : 1, digits ? value.ptr : "0");
    if (pn_str_is(a->name, "MAXLOAD"))
        f->help = pn_report_text_add(
            lint->report, PN_STR("the load times 100: 350 for 3.50; 0 is no limit"));
    else if (!digits)
        f->help = pn_report_text_add(lint->report, PN_STR("0 refuses everybody"));
}

static void
no_such_meaning(struct pn_lint *lint, const struct pn_assignment *a)
{
    struct pn_str value = pn_source_slice(pn_lint_source(lint, a->file), a->value_span);
    const struct meaning *meaning = NULL;
    struct pn_finding *f;

    if (pn_variable_effect(a->name) != PN_EFFECT_NOTHING)
        return;
    for (size_t i = 0; i < PN_COUNT_OF(meanings); i++)
        if (pn_str_is(a->name, meanings[i].name))
            meaning = &meanings[i];
    if (lint->options->limits_patch) {
        if (meaning && meaning->number)
            limit_check(lint, a, value);
        return;
    }
    f = pn_lint_add_span(lint, PN_CHECK_NO_SUCH_MEANING, a->file, a->name_span);
    if (f && meaning)
        meaning_offer(lint, f, meaning, value);
}

/* Finds a comma or a blank where the program expects another separator. */
static void
wrong_separator(struct pn_lint *lint, const struct pn_assignment *a)
{
    struct pn_str value = pn_source_slice(pn_lint_source(lint, a->file), a->value_span);
    char separator = pn_variable_separator(a->name);
    struct pn_buffer text = { 0 };
    struct pn_finding *f;
    bool between = false, wrong = false;

    for (size_t i = 0; i < value.len && separator; i++) {
        bool sign = value.ptr[i] == separator || strchr(",;: \t", value.ptr[i]);

        wrong |= sign && value.ptr[i] != separator;
        if (!sign && between && text.size)
            pn_buffer_add(&text, &separator, 1);
        between = sign;
        if (!sign)
            pn_buffer_add(&text, &value.ptr[i], 1);
    }
    if (wrong && !text.failed) {
        f = pn_lint_add_span(lint, PN_CHECK_WRONG_SEPARATOR, a->file, a->value_span);
        if (f)
            f->label = pn_report_format(lint->report, "by %c", separator);
        pn_lint_replace(lint, f, a->file, a->value_span,
                        (struct pn_str){ text.bytes ? text.bytes : "", text.size }, 0);
    }
    lint->failed |= text.failed;
    pn_buffer_free(&text);
}

void
pn_meanings_lint(struct pn_lint *lint, const struct pn_assignment *a)
{
    near_miss(lint, a);
    if (a->around->kind == PN_NODE_RULE && a->around->action != PN_ALLOW)
        return; /* a denial sets no variables */
    no_such_meaning(lint, a);
    wrong_separator(lint, a);
}
