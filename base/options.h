/* Command-line options from a table: the parser, the usage text and tests read it. */
#ifndef PN_BASE_OPTIONS_H
#define PN_BASE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

enum pn_option_kind {
    PN_OPTION_FLAG,   /* bool: set to true */
    PN_OPTION_TEXT,   /* const char *: the argument */
    PN_OPTION_CHOICE, /* int: the argument's place in `choices` */
    PN_OPTION_COUNT,  /* size_t: a decimal number, 1 or more */
    PN_OPTION_SET,    /* unsigned: a bit for each word that was given, by its place in
                         `choices`; words are joined by commas, or given again */
};

struct pn_option {
    const char *name; /* without its dashes; NULL when there is a letter only */
    char letter;      /* 0 when there is a name only */
    enum pn_option_kind kind;
    size_t field;               /* offset in the caller's struct */
    const char *argument;       /* its name in the usage text; NULL for flags */
    const char *const *choices; /* NULL-terminated; for CHOICE and SET */
    const char *help;           /* NULL: only in the manual page */
};

struct pn_option_table {
    const struct pn_option *rows;
    size_t count;
};

enum pn_option_fault {
    PN_OPTION_FINE,
    PN_OPTION_UNKNOWN,
    PN_OPTION_NO_ARGUMENT,
    PN_OPTION_ODD_ARGUMENT, /* an argument for a flag, or one that is no choice or
                               number */
};

struct pn_option_result {
    enum pn_option_fault fault;
    const char *word;               /* the word at fault; */
    char letter;                    /* which of its letters, when it has no name; */
    const struct pn_option *option; /* its row, unless it is unknown; */
    const char *argument;           /* and the argument that it does not take */
    int operands; /* how many operands now stand at the front of argv */
};

/*
 * Options and operands may come in any order; "--" ends the options, "-" is an
 * operand. Moves the operands to the front of argv and fills `config`. Stops at the
 * first fault.
 */
struct pn_option_result
pn_options_parse(struct pn_option_table table, int argc, char **argv, void *config);

/* Decimal digits and nothing else, from min to max; *out is untouched otherwise. */
bool
pn_count_parse(const char *text, size_t min, size_t max, size_t *out);

/* The same of a text that goes on behind `end`. */
bool
pn_count_parse_part(const char *text, const char *end, size_t min, size_t max,
                    size_t *out);

#endif
