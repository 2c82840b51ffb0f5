/* postern completion: what a shell needs to complete verbs and options. */
#include <string.h>

#include "base/nearest.h"
#include "base/sizes.h"
#include "tools/tool.h"
#include "tools/verbs.h"

struct completion_config {
    struct pn_common common; /* first: see pn_tool_options() */
};

static const struct pn_option rows[] = { PN_TEXT_OPTIONS };

const struct pn_option_table pn_options_completion = { rows, PN_COUNT_OF(rows) };

/* In single quotes of any of the shells: what would end them is left out. */
static void
quoted(struct pn_output *out, const char *text)
{
    for (; *text; text++)
        if (*text != '\'' && *text != '\\' && *text != '[' && *text != ']' &&
            *text != ':')
            pn_output_add(out, text, 1);
}

static void
choices_text(struct pn_output *out, const struct pn_option *o, const char *between)
{
    for (size_t i = 0; o->choices[i]; i++) {
        pn_output_text(out, i ? between : "");
        pn_output_text(out, o->choices[i]);
    }
}

static void
bash(struct pn_output *out)
{
    pn_output_text(out, "_postern() {\n"
                        "    local cur=${COMP_WORDS[COMP_CWORD]} "
                        "prev=${COMP_WORDS[COMP_CWORD-1]} words=\n"
                        "    if [ \"$COMP_CWORD\" = 1 ]; then\n        words='");
    for (size_t i = 0; i < pn_verb_count; i++)
        pn_output_format(out, "%s%s", i ? " " : "", pn_verbs[i].name);
    pn_output_text(out, " --help --version'\n"
                        "    else\n        case ${COMP_WORDS[1]}:$prev in\n");
    for (size_t i = 0; i < pn_verb_count; i++)
        for (size_t k = 0; k < pn_verbs[i].options->count; k++) {
            const struct pn_option *o = &pn_verbs[i].options->rows[k];

            if (!o->choices || !o->name)
                continue;
            pn_output_format(out, "        %s:--%s) words='", pn_verbs[i].name,
                             o->name);
            choices_text(out, o, " ");
            pn_output_text(out, "' ;;\n");
        }
    for (size_t i = 0; i < pn_verb_count; i++) {
        pn_output_format(out, "        %s:*) [ \"${cur#-}\" = \"$cur\" ] || words='",
                         pn_verbs[i].name);
        for (size_t k = 0; k < pn_verbs[i].options->count; k++)
            if (pn_verbs[i].options->rows[k].name)
                pn_output_format(out, "%s--%s", k ? " " : "",
                                 pn_verbs[i].options->rows[k].name);
        pn_output_text(out, "' ;;\n");
    }
    pn_output_text(out,
                   "        esac\n    fi\n"
                   "    COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
                   "    [ -n \"$words\" ] || COMPREPLY=($(compgen -f -- \"$cur\"))\n"
                   "}\ncomplete -o filenames -F _postern postern\n");
}

static void
zsh_option(struct pn_output *out, const struct pn_option *o)
{
    if (!o->name)
        return;
    pn_output_format(out, " \\\n            '--%s[", o->name);
    quoted(out, o->help ? o->help : "see the manual");
    pn_output_text(out, "]");
    if (o->choices) {
        pn_output_format(out, ":%s:(", o->argument);
        choices_text(out, o, " ");
        pn_output_text(out, ")");
    } else if (o->argument) {
        pn_output_format(out, ":%s:_files", o->argument);
    }
    pn_output_text(out, "'");
}

static void
zsh(struct pn_output *out)
{
    pn_output_text(out,
                   "#compdef postern\n_postern() {\n    local -a verbs\n    verbs=(\n");
    for (size_t i = 0; i < pn_verb_count; i++) {
        pn_output_format(out, "        '%s:", pn_verbs[i].name);
        quoted(out, pn_verbs[i].summary);
        pn_output_text(out, "'\n");
    }
    pn_output_text(out,
                   "    )\n    if (( CURRENT == 2 )); then\n"
                   "        _describe verb verbs\n        return\n    fi\n"
                   "    local verb=$words[2]\n    shift words\n    (( CURRENT-- ))\n"
                   "    case $verb in\n");
    for (size_t i = 0; i < pn_verb_count; i++) {
        pn_output_format(out, "    %s)\n        _arguments", pn_verbs[i].name);
        for (size_t k = 0; k < pn_verbs[i].options->count; k++)
            zsh_option(out, &pn_verbs[i].options->rows[k]);
        pn_output_text(out, " \\\n            '*:file:_files' ;;\n");
    }
    pn_output_text(out, "    esac\n}\n_postern \"$@\"\n");
}

static void
fish_option(struct pn_output *out, const char *verb, const struct pn_option *o)
{
    pn_output_format(out, "complete -c postern -n '__fish_seen_subcommand_from %s'",
                     verb);
    if (o->name)
        pn_output_format(out, " -l %s", o->name);
    if (o->letter)
        pn_output_format(out, " -s %c", o->letter);
    if (o->choices) {
        pn_output_text(out, " -x -a '");
        choices_text(out, o, " ");
        pn_output_text(out, "'");
    } else if (o->argument) {
        pn_output_text(out, " -r");
    }
    pn_output_text(out, " -d '");
    quoted(out, o->help ? o->help : "see the manual");
    pn_output_text(out, "'\n");
}

static void
fish(struct pn_output *out)
{
    for (size_t i = 0; i < pn_verb_count; i++) {
        pn_output_format(out,
                         "complete -c postern -f -n __fish_use_subcommand -a %s -d '",
                         pn_verbs[i].name);
        quoted(out, pn_verbs[i].summary);
        pn_output_text(out, "'\n");
    }
    for (size_t i = 0; i < pn_verb_count; i++)
        for (size_t k = 0; k < pn_verbs[i].options->count; k++)
            fish_option(out, pn_verbs[i].name, &pn_verbs[i].options->rows[k]);
}

static const struct {
    const char *name;
    void (*write)(struct pn_output *out);
} shells[] = { { "bash", bash }, { "zsh", zsh }, { "fish", fish } };

int
pn_verb_completion(struct pn_tool *tool, int argc, char **argv)
{
    struct completion_config config = { 0 };
    int status, operands;

    if (!pn_tool_options(tool, argc, argv, &config, &operands, &status))
        return status;
    for (size_t i = 0; operands == 1 && i < PN_COUNT_OF(shells); i++)
        if (strcmp(argv[0], shells[i].name) == 0) {
            shells[i].write(&tool->out);
            return PN_EXIT_OK;
        }
    if (operands == 1) {
        static const char *const names[] = { "bash", "zsh", "fish", NULL };
        struct pn_str word = pn_str_of_text(argv[0]);

        return pn_tool_fail_unknown(tool, word, "one of bash, zsh and fish is wanted",
                                    pn_nearest_of(word, names));
    }
    return pn_tool_usage(tool, "bash, zsh or fish is wanted");
}
