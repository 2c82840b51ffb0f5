/* The option parser of the drop-ins. It knows kinds of options, not single ones. */
#include "server/command.h"

#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "base/nearest.h"
#include "base/options.h"
#include "base/output.h"
#include "base/sizes.h"
#include "postern/version.h"
#include "server/fatal.h"

bool
srv_counts_parse(const char *text, char sign, size_t *first, size_t *second)
{
    const char *at = strchr(text, sign);
    size_t len = at ? (size_t)(at - text) : strlen(text);
    char digits[24];

    if (len >= sizeof(digits))
        return false;
    memcpy(digits, text, len);
    digits[len] = '\0';
    return pn_count_parse(digits, 0, UINT32_MAX, first) &&
           (!at || pn_count_parse(at + 1, 0, UINT32_MAX, second));
}

static const struct srv_option *
option_find(const struct srv_command *program, char letter, const char *name,
            size_t len)
{
    for (size_t i = 0; i < program->option_count; i++) {
        const struct srv_option *row = &program->options[i];

        if (letter ? row->letter == letter
                   : name && row->name && strlen(row->name) == len &&
                         memcmp(row->name, name, len) == 0)
            return row;
    }
    return NULL;
}

static bool
apply(const struct srv_option *row, const char *text, void *config)
{
    void *field = (char *)config + row->field;

    switch (row->kind) {
    case SRV_OPTION_VALUE:
        *(int *)field = (int)row->min;
        return true;
    case SRV_OPTION_TEXT:
        *(const char **)field = text;
        return true;
    case SRV_OPTION_COUNT:
        return text && pn_count_parse(text, row->min, row->max, field);
    case SRV_OPTION_OWN:
        return row->apply(config, row->min, text);
    }
    return false;
}

static void
print_option(struct pn_output *out, const struct srv_option *row)
{
    char left[64] = "  ";
    size_t used = 2;
    char letter[3] = { '-', row->letter, '\0' };
    const char *parts[] = {
        row->letter ? letter : "", row->letter && row->name ? ", " : "",
        row->name ? "--" : "",     row->name ? row->name : "",
        row->argument ? " " : "",  row->argument ? row->argument : ""
    };

    for (size_t i = 0; i < PN_COUNT_OF(parts); i++)
        for (const char *c = parts[i]; *c && used + 1 < sizeof(left); c++)
            left[used++] = *c;
    left[used] = '\0';
    pn_output_format(out, "%-23s %s", left, row->help);
    if (row->kind == SRV_OPTION_COUNT && row->preset != UNSET)
        pn_output_format(out, " (%zu)", row->preset);
    else if (row->preset != UNSET)
        pn_output_text(out, " (default)");
    pn_output_text(out, "\n");
}

static void
print_help(const struct srv_command *program)
{
    struct pn_output out;

    pn_output_begin(&out, STDOUT_FILENO);
    pn_output_text(&out, program->summary);
    pn_output_text(&out, "\n");
    for (size_t i = 0; i < program->option_count; i++)
        print_option(&out, &program->options[i]);
    pn_output_text(&out, "      --help            this text\n"
                         "  -V, --version         the version\n");
    (void)pn_output_end(&out); /* the exit is the same */
}

static void
print_version(const struct srv_command *program)
{
    struct pn_output out;

    pn_output_begin(&out, STDOUT_FILENO);
    pn_output_format(&out, "%s (postern) %s\n", program->name, POSTERN_VERSION);
    (void)pn_output_end(&out); /* the exit is the same */
}

int
srv_usage(const struct srv_command *program)
{
    (void)pn_write_all(STDERR_FILENO, program->usage, strlen(program->usage));
    return SRV_EXIT_PERMANENT;
}

/* The long option that was likely meant by a name; one letter is near none. */
static struct pn_str
option_near(const struct srv_command *program, struct pn_str name)
{
    struct pn_nearest nearest;

    pn_nearest_begin(&nearest, name);
    for (size_t i = 0; name.len > 1 && i < program->option_count; i++)
        if (program->options[i].name)
            pn_nearest_offer(&nearest, pn_str_of_text(program->options[i].name));
    return nearest.best;
}

static int
usage_fail(const struct srv_command *program, const char *what, const char *word,
           size_t len)
{
    struct pn_str near = { NULL, 0 };
    struct pn_output err;

    if (!option_find(program, '\0', word, len))
        near = option_near(program, (struct pn_str){ word, len });
    pn_output_begin(&err, STDERR_FILENO);
    pn_output_format(&err, "%s: %s -- %.*s\n", program->name, what, (int)len, word);
    if (near.ptr)
        pn_output_format(&err, "%s: did you mean --%.*s?\n", program->name,
                         (int)near.len, near.ptr);
    (void)pn_output_end(&err); /* the exit tells too */
    (void)srv_usage(program);
    return -1;
}

/* A word from the command line, fit for a log. */
static void
add_quoted(struct pn_output *out, const char *text)
{
    pn_output_text(out, "\"");
    for (const char *c = text; *c; c++)
        pn_output_add(out, *c < ' ' || *c > '~' ? "?" : c, 1);
    pn_output_text(out, "\"");
}

/*
 * Says what an option expects and what it was given: often the output of a failed
 * command substitution.
 */
static int
argument_fail(const struct srv_command *program, const struct srv_option *row,
              const char *text)
{
    bool account = row->argument && (strcmp(row->argument, "UID") == 0 ||
                                     strcmp(row->argument, "GID") == 0);
    struct pn_output err;

    pn_output_begin(&err, STDERR_FILENO);
    if (row->letter)
        pn_output_format(&err, "%s: -%c wants ", program->name, row->letter);
    else
        pn_output_format(&err, "%s: --%s wants ", program->name, row->name);
    if (row->kind == SRV_OPTION_COUNT)
        pn_output_format(&err, "a number from %zu to %zu", row->min, row->max);
    else
        pn_output_text(&err, row->argument);
    if (*text) {
        pn_output_text(&err, ", not ");
        add_quoted(&err, text);
    } else {
        pn_output_text(&err, ", and its argument is empty");
    }
    if (account)
        pn_output_format(&err, " (for an account: envuidgid ACCOUNT %s -U)",
                         program->name);
    pn_output_text(&err, "\n");
    (void)pn_output_end(&err); /* the exit tells too */
    (void)srv_usage(program);
    return -1;
}

/*
 * Parses --name, --name=text or --name text. Returns the index of the last word used,
 * or -1 after a message.
 */
static int
take_name(const struct srv_command *program, int at, char **argv, void *config)
{
    const char *word = argv[at] + 2, *sign = strchr(word, '=');
    size_t len = sign ? (size_t)(sign - word) : strlen(word);
    const struct srv_option *row = option_find(program, '\0', word, len);
    const char *text = sign ? sign + 1 : NULL;

    if (!row)
        return usage_fail(program, "illegal option", word, len);
    if ((row->argument == NULL) != (text == NULL)) {
        if (row->argument == NULL)
            return usage_fail(program, "option takes no argument", word, len);
        text = argv[at + 1];
        if (!text)
            return usage_fail(program, "option requires an argument", word, len);
        at++;
    }
    if (!apply(row, text, config))
        return argument_fail(program, row, text);
    return at;
}

static int
letters_read(const struct srv_command *program, int at, char **argv, void *config)
{
    for (const char *c = argv[at] + 1; *c; c++) {
        const struct srv_option *row = option_find(program, *c, NULL, 0);
        const char *text = NULL;

        if (!row)
            return usage_fail(program, "illegal option", c, 1);
        if (row->argument) {
            text = c[1] ? c + 1 : argv[++at];
            if (!text)
                return usage_fail(program, "option requires an argument", c, 1);
        }
        if (!apply(row, text, config))
            return argument_fail(program, row, text);
        if (text)
            break;
    }
    return at;
}

static void
presets_set(const struct srv_command *program, void *config)
{
    for (size_t i = 0; i < program->option_count; i++) {
        const struct srv_option *row = &program->options[i];
        void *field = (char *)config + row->field;

        if (row->preset == UNSET)
            continue;
        if (row->kind == SRV_OPTION_COUNT)
            *(size_t *)field = row->preset;
        else
            *(int *)field = (int)row->preset;
    }
}

int
srv_options_parse(const struct srv_command *program, int argc, char **argv,
                  void *config)
{
    int at;

    presets_set(program, config);
    for (at = 1; at < argc && argv[at][0] == '-' && argv[at][1]; at++) {
        const char *word = argv[at];

        if (strcmp(word, "--") == 0)
            return at + 1;
        if (strcmp(word, "--help") == 0) {
            print_help(program);
            return 0;
        }
        if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0) {
            print_version(program);
            return 0;
        }
        at = word[1] == '-' ? take_name(program, at, argv, config)
                            : letters_read(program, at, argv, config);
        if (at < 0)
            return -1;
    }
    return at;
}
