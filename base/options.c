/* The option parser. It knows kinds of options, not single ones. */
#include "base/options.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Position of the parser in argv, and what it fills. */
struct cursor {
    int argc, at;
    char **argv;
    void *config;
};

static const struct pn_option *
find_name(struct pn_option_table table, const char *name, size_t len)
{
    const struct pn_option *row = table.rows, *end = row + table.count;

    for (; row < end; row++)
        if (row->name && strlen(row->name) == len && memcmp(row->name, name, len) == 0)
            return row;
    return NULL;
}

static const struct pn_option *
find_letter(struct pn_option_table table, char letter)
{
    const struct pn_option *row = table.rows, *end = row + table.count;

    for (; row < end; row++)
        if (row->letter == letter)
            return row;
    return NULL;
}

static bool
choice_apply(const char *const *choices, const char *text, int *field)
{
    for (int i = 0; choices[i]; i++) {
        if (strcmp(choices[i], text) == 0) {
            *field = i;
            return true;
        }
    }
    return false;
}

static bool
set_apply(const char *const *choices, const char *text, unsigned *field)
{
    unsigned bits = 0;

    for (;;) {
        size_t len = strcspn(text, ","), i = 0;

        while (choices[i] &&
               (strlen(choices[i]) != len || strncmp(choices[i], text, len) != 0))
            i++;
        if (!choices[i])
            return false;
        bits |= 1u << i;
        if (!text[len])
            break;
        text += len + 1;
    }
    *field |= bits;
    return true;
}

bool
pn_count_parse(const char *text, size_t min, size_t max, size_t *out)
{
    unsigned long long value;
    char *end;

    if (*text < '0' || *text > '9')
        return false;
    errno = 0;
    value = strtoull(text, &end, 10);
    if (errno || *end || value < min || value > max)
        return false;
    *out = (size_t)value;
    return true;
}

bool
pn_count_parse_part(const char *text, const char *end, size_t min, size_t max,
                    size_t *out)
{
    size_t len = (size_t)(end - text);
    char digits[24];

    if (len >= sizeof(digits))
        return false;
    memcpy(digits, text, len);
    digits[len] = '\0';
    return pn_count_parse(digits, min, max, out);
}

static bool
apply(const struct pn_option *option, const char *text, void *config)
{
    void *field = (char *)config + option->field;

    switch (option->kind) {
    case PN_OPTION_FLAG:
        *(bool *)field = true;
        return true;
    case PN_OPTION_TEXT:
        *(const char **)field = text;
        return true;
    case PN_OPTION_CHOICE:
        return choice_apply(option->choices, text, field);
    case PN_OPTION_SET:
        return set_apply(option->choices, text, field);
    case PN_OPTION_COUNT:
        return pn_count_parse(text, 1, SIZE_MAX, field);
    }
    return false;
}

/* `inline_text` is what stood behind "=" or behind the letter; NULL for none. */
static enum pn_option_fault
take(const struct pn_option *option, const char *inline_text, struct cursor *cursor,
     struct pn_option_result *result)
{
    const char *text = inline_text;

    result->option = option;
    if (!option)
        return PN_OPTION_UNKNOWN;
    if (option->kind != PN_OPTION_FLAG && !text) {
        if (cursor->at + 1 >= cursor->argc)
            return PN_OPTION_NO_ARGUMENT;
        text = cursor->argv[++cursor->at];
    }
    result->argument = text;
    if (option->kind == PN_OPTION_FLAG && text)
        return PN_OPTION_ODD_ARGUMENT;
    return apply(option, text, cursor->config) ? PN_OPTION_FINE
                                               : PN_OPTION_ODD_ARGUMENT;
}

static enum pn_option_fault
take_name(struct pn_option_table table, const char *word, struct cursor *cursor,
          struct pn_option_result *result)
{
    const char *sign = strchr(word, '=');
    size_t len = sign ? (size_t)(sign - word) : strlen(word);

    return take(find_name(table, word, len), sign ? sign + 1 : NULL, cursor, result);
}

static enum pn_option_fault
take_letters(struct pn_option_table table, const char *word, struct cursor *cursor,
             struct pn_option_result *result)
{
    enum pn_option_fault fault = PN_OPTION_FINE;

    for (; *word && fault == PN_OPTION_FINE; word++) {
        const struct pn_option *option = find_letter(table, *word);
        bool wants_text = option && option->kind != PN_OPTION_FLAG;

        result->letter = *word;
        fault = take(option, wants_text && word[1] ? word + 1 : NULL, cursor, result);
        if (wants_text)
            break;
    }
    return fault;
}

struct pn_option_result
pn_options_parse(struct pn_option_table table, int argc, char **argv, void *config)
{
    struct pn_option_result result = { .fault = PN_OPTION_FINE };
    struct cursor cursor = { argc, 0, argv, config };
    bool ended = false;

    for (; cursor.at < argc; cursor.at++) {
        char *word = argv[cursor.at];

        if (ended || word[0] != '-' || word[1] == '\0') {
            argv[result.operands++] = word;
            continue;
        }
        if (strcmp(word, "--") == 0) {
            ended = true;
            continue;
        }
        result.word = word;
        if (word[1] == '-')
            result.fault = take_name(table, word + 2, &cursor, &result);
        else
            result.fault = take_letters(table, word + 1, &cursor, &result);
        if (result.fault != PN_OPTION_FINE)
            break;
    }
    return result;
}
