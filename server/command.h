/*
 * Options of the drop-ins, from tables: letters in clusters, as getopt(3) reads them,
 * up to the first word that is no option; what follows may be a program with options
 * of its own. Long names are ours alone.
 */
#ifndef SRV_COMMAND_H
#define SRV_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum srv_option_kind {
    SRV_OPTION_VALUE, /* int: set to `min` */
    SRV_OPTION_TEXT,  /* const char *: the argument */
    SRV_OPTION_COUNT, /* size_t: a decimal number from min to max */
    SRV_OPTION_OWN    /* `apply` reads the argument */
};

struct srv_option {
    const char *name; /* NULL when there is a letter only */
    size_t field;     /* offset in the caller's struct */
    size_t min, max;  /* of a COUNT; `min` is also what a VALUE sets, and OWN's tag */
    size_t preset;    /* what the field is before any option, or UNSET */
    /* For OWN: called with `min`; false for an argument it cannot read. */
    bool (*apply)(void *config, size_t tag, const char *text);
    const char *argument; /* its name in the help; NULL for none */
    const char *help;     /* without the preset, which is added */
    enum srv_option_kind kind;
    char letter; /* 0 when there is a name only */
};

#define UNSET SIZE_MAX /* a preset that is none */

/* A row, in the order in which tables are read; type_ is the struct of the fields. */
#define SRV_OPTION_ROW(type_, letter_, name_, kind_, field_, min_, max_, preset_, \
                       apply_, argument_, help_)                                  \
    {                                                                             \
        .letter = (letter_), .name = (name_), .kind = SRV_OPTION_##kind_,         \
        .field = offsetof(type_, field_), .min = (min_), .max = (max_),           \
        .preset = (preset_), .apply = (apply_), .argument = (argument_),          \
        .help = (help_)                                                           \
    }

struct srv_command {
    const char *name;
    const char *usage;   /* the original's line, with "name: usage: " and its newline */
    const char *summary; /* first line of --help */
    const struct srv_option *options;
    size_t option_count;
    const char *unit; /* of a server: what its clients come by */
};

/*
 * Sets the presets, then what the words say, and returns the index of the first
 * operand. On a fault it says so on standard error, with the usage line, and returns
 * -1: exit 100. --help and --version print, and return 0, which no operand has.
 */
int
srv_options_parse(const struct srv_command *program, int argc, char **argv,
                  void *config);

/* "N", or "N" and another number behind a sign; the second is untouched without it. */
bool
srv_counts_parse(const char *text, char sign, size_t *first, size_t *second);

/* The usage line on standard error, for too few operands; returns 100. */
int
srv_usage(const struct srv_command *program);

#endif
