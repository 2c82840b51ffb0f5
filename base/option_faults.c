/* A sentence for each fault, and the nearest of what there is. */
#include "base/option_faults.h"

#include <string.h>

#include "base/ascii.h"
#include "base/nearest.h"

enum { SHOWN = 63 };

static void
add_str(struct pn_buffer *out, struct pn_str text)
{
    pn_buffer_add(out, text.ptr, text.len < SHOWN ? text.len : SHOWN);
}

static void
mean(struct pn_buffer *out, const char *front, struct pn_str near)
{
    if (!near.ptr)
        return;
    pn_buffer_add_text(out, "; did you mean ");
    pn_buffer_add_text(out, front);
    pn_buffer_add(out, near.ptr, near.len);
    pn_buffer_add_text(out, "?");
}

static struct pn_str
near_name(struct pn_option_table table, struct pn_str word)
{
    struct pn_nearest nearest;

    pn_nearest_begin(&nearest, word);
    for (size_t i = 0; i < table.count; i++)
        if (table.rows[i].name)
            pn_nearest_offer(&nearest, pn_str_of_text(table.rows[i].name));
    return nearest.best;
}

/* The one name that begins with a letter, or none. */
static struct pn_str
sole_name(struct pn_option_table table, char letter)
{
    struct pn_str sole = { NULL, 0 };

    for (size_t i = 0; i < table.count; i++) {
        const char *name = table.rows[i].name;

        if (!name || name[0] != letter)
            continue;
        if (sole.ptr)
            return (struct pn_str){ NULL, 0 };
        sole = pn_str_of_text(name);
    }
    return sole;
}

/* A letter that is none: it in its other case, else a name that begins with it. */
static void
letter_mean(struct pn_option_table table, char letter, struct pn_buffer *out)
{
    for (size_t i = 0; i < table.count; i++)
        if (table.rows[i].letter &&
            pn_lower(table.rows[i].letter) == pn_lower(letter)) {
            mean(out, "-", (struct pn_str){ &table.rows[i].letter, 1 });
            return;
        }
    mean(out, "--", sole_name(table, pn_lower(letter)));
}

static void
unknown(struct pn_option_table table, const struct pn_option_result *result,
        struct pn_buffer *out)
{
    static const char text[] = ": no such option";
    const char *word = result->word;
    bool is_name = word[1] == '-';
    struct pn_str name = pn_str_of_text(word + 1 + is_name), near;

    if (is_name)
        name.len = strcspn(name.ptr, "=");
    near = name.len > 1 ? near_name(table, name) : (struct pn_str){ NULL, 0 };
    if (is_name || near.ptr) {
        add_str(out, (struct pn_str){ word, name.len + 1 + is_name });
        pn_buffer_add_text(out, text);
        mean(out, "--", near);
        return;
    }
    pn_buffer_add_text(out, "-");
    pn_buffer_add(out, &result->letter, 1);
    pn_buffer_add_text(out, text);
    letter_mean(table, result->letter, out);
}

static void
option_name(const struct pn_option *option, struct pn_buffer *out)
{
    pn_buffer_add_text(out, option->name ? "--" : "-");
    if (option->name)
        pn_buffer_add_text(out, option->name);
    else
        pn_buffer_add(out, &option->letter, 1);
}

void
pn_choices_write(const char *const *choices, const char *last_between,
                 struct pn_buffer *out)
{
    for (size_t i = 0; choices[i]; i++) {
        pn_buffer_add_text(out, !i ? "" : choices[i + 1] ? ", " : last_between);
        pn_buffer_add_text(out, choices[i]);
    }
}

/* The word of a set that is none of its choices, else the whole text. */
static struct pn_str
odd_choice(const struct pn_option *option, struct pn_str text)
{
    struct pn_str rest = text;

    while (option->kind == PN_OPTION_SET && rest.ptr) {
        struct pn_str word = pn_str_cut(&rest, ',');
        size_t i = 0;

        while (option->choices[i] && !pn_str_is(word, option->choices[i]))
            i++;
        if (!option->choices[i])
            return word;
    }
    return text;
}

static void
odd_argument(const struct pn_option_result *result, struct pn_buffer *out)
{
    const struct pn_option *option = result->option;
    struct pn_str text = pn_str_of_text(result->argument);
    const char *near;

    option_name(option, out);
    if (option->kind == PN_OPTION_FLAG) {
        pn_buffer_add_text(out, ": this option takes no argument");
        return;
    }
    pn_buffer_add_text(out, " ");
    add_str(out, text);
    if (option->kind == PN_OPTION_COUNT) {
        pn_buffer_add_text(out, ": a number is wanted, 1 or more");
        return;
    }
    text = odd_choice(option, text);
    near = pn_nearest_of(text, option->choices);
    pn_buffer_add_text(out, option->choices[1] ? ": one of " : ": there is only ");
    pn_choices_write(option->choices, " and ", out);
    pn_buffer_add_text(out, option->choices[1] ? " is wanted" : "");
    mean(out, "", near ? pn_str_of_text(near) : (struct pn_str){ NULL, 0 });
}

void
pn_option_fault_write(struct pn_option_table table,
                      const struct pn_option_result *result, struct pn_buffer *out)
{
    switch (result->fault) {
    case PN_OPTION_FINE:
        return;
    case PN_OPTION_UNKNOWN:
        unknown(table, result, out);
        return;
    case PN_OPTION_NO_ARGUMENT:
        option_name(result->option, out);
        pn_buffer_add_text(out, ": this option wants an argument, ");
        if (result->option->choices)
            pn_choices_write(result->option->choices, " or ", out);
        else
            pn_buffer_add_text(out, result->option->argument);
        return;
    case PN_OPTION_ODD_ARGUMENT:
        odd_argument(result, out);
        return;
    }
}
