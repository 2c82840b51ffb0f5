/* The script for zsh: specifications for _arguments. */
#include "tools/completion.h"
#include "tools/verbs.h"

static void
word_add(void *payload, const char *word, const char *text)
{
    struct pn_output *out = payload;

    pn_output_format(out, "    '%s", word);
    if (*text) {
        pn_output_text(out, ":");
        pn_completion_quoted(out, text);
    }
    pn_output_text(out, "'\n");
}

static void
list(struct pn_output *out, const char *name, enum pn_completes what)
{
    pn_output_format(out, "_postern_%s() {\n    local -a words\n    words=(\n", name);
    pn_completed_words(what, word_add, out);
    pn_output_format(out, "    )\n    _describe -t %s '%s' words%s\n}\n\n", name, name,
                     what == PN_COMPLETES_CHECKS ? " \"$@\"" : "");
}

/* "rules cdb" as a pattern. */
static void
endings(struct pn_output *out, const char *text)
{
    pn_output_text(out, " -g \"*.(");
    for (; *text; text++)
        pn_output_add(out, *text == ' ' ? "|" : text, 1);
    pn_output_text(out, ")(-.)\"");
}

/* The action behind a message: what completes a place. */
static void
action(struct pn_output *out, const struct pn_completed *c, const struct pn_option *o)
{
    static const char *const known[] = {
        [PN_COMPLETES_NOTHING] = " ",
        [PN_COMPLETES_FILES] = "_files",
        [PN_COMPLETES_FOLDERS] = "_files -/",
        [PN_COMPLETES_CHOICES] = "",
        [PN_COMPLETES_CHECKS] = "_sequence -s , _postern_checks",
        [PN_COMPLETES_FINDINGS] = "_postern_findings",
        [PN_COMPLETES_TOPICS] = "_postern_topics",
        [PN_COMPLETES_SHELLS] = "(bash zsh fish)",
    };

    pn_output_text(out, known[c->what]);
    if (c->endings)
        endings(out, c->endings);
    if (c->what != PN_COMPLETES_CHOICES)
        return;
    pn_output_text(out, o->kind == PN_OPTION_SET ? "_values -s , word" : "(");
    for (size_t i = 0; o->choices[i]; i++)
        pn_output_format(out, "%s%s", i || o->kind == PN_OPTION_SET ? " " : "",
                         o->choices[i]);
    pn_output_text(out, o->kind == PN_OPTION_SET ? "" : ")");
}

/* One spelling of an option: "--name" or "-n". */
static void
spelling(struct pn_output *out, const struct pn_option *o, bool is_name)
{
    const struct pn_completed c = pn_completed_argument(o);

    pn_output_text(out, " \\\n            '");
    if (is_name)
        pn_output_format(out, "--%s%s", o->name, o->argument ? "=" : "");
    else
        pn_output_format(out, "-%c%s", o->letter, o->argument ? "+" : "");
    pn_output_text(out, "[");
    pn_completion_quoted(out, o->help ? o->help : "see the manual");
    pn_output_text(out, "]");
    if (o->argument) {
        pn_output_text(out, ":");
        pn_completion_quoted(out, o->argument);
        pn_output_text(out, ":");
        action(out, &c, o);
    }
    pn_output_text(out, "'");
}

static void
verb_case(struct pn_output *out, const struct pn_verb *verb)
{
    const struct pn_completed c = pn_completed_operand(verb->name);

    pn_output_format(out, "    %s)\n        _arguments", verb->name);
    for (size_t k = 0; k < verb->options->count; k++) {
        const struct pn_option *o = &verb->options->rows[k];

        if (o->name)
            spelling(out, o, true);
        if (o->letter)
            spelling(out, o, false);
    }
    pn_output_text(out, " \\\n            '*:operand:");
    action(out, &c, NULL);
    pn_output_text(out, "' ;;\n");
}

void
pn_completion_zsh(struct pn_output *out)
{
    pn_output_text(out, "#compdef postern\n\n");
    list(out, "checks", PN_COMPLETES_CHECKS);
    list(out, "findings", PN_COMPLETES_FINDINGS);
    list(out, "topics", PN_COMPLETES_TOPICS);
    pn_output_text(out, "_postern() {\n    local -a verbs\n    verbs=(\n");
    for (size_t i = 0; i < pn_verb_count; i++)
        word_add(out, pn_verbs[i].name, pn_verbs[i].summary);
    pn_output_text(out,
                   "    )\n    if (( CURRENT == 2 )); then\n"
                   "        _describe -t verbs verb verbs\n"
                   "        [[ $PREFIX == -* ]] && _arguments "
                   "'--help[show the verbs]' '--version[show the version]'\n"
                   "        return\n    fi\n"
                   "    local verb=$words[2]\n    shift words\n    (( CURRENT-- ))\n"
                   "    case $verb in\n");
    for (size_t i = 0; i < pn_verb_count; i++)
        verb_case(out, &pn_verbs[i]);
    pn_output_text(out,
                   "    esac\n}\n\n"
                   "# a function of the completion, or a file that is sourced\n"
                   "if [[ $funcstack[1] == _postern ]]; then\n"
                   "    _postern \"$@\"\nelse\n    compdef _postern postern\nfi\n");
}
