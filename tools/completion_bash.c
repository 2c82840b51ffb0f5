/* The script for bash: a case for each verb, and for each option that has an argument.
 */
#include "tools/completion.h"
#include "tools/verbs.h"

/*
 * Words are newlines apart, for names may have blanks. "--format=json" comes as three
 * words. Files are quoted by readline, which is told that they are some.
 */
static const char front[] =
    "# completion for postern, in bash 4.4 or later\n"
    "_postern_words() { mapfile -t COMPREPLY < <(compgen -W \"$1\" -- \"$2\"); }\n"
    "\n"
    "# what ends so, and folders; without endings all files\n"
    "_postern_files() {\n"
    "    local cur=$1 ending\n"
    "    shift\n"
    "    compopt -o filenames 2>/dev/null\n"
    "    [ $# -gt 0 ] || { mapfile -t COMPREPLY < <(compgen -f -- \"$cur\"); return; "
    "}\n"
    "    mapfile -t COMPREPLY < <(compgen -d -- \"$cur\"\n"
    "        for ending; do compgen -f -X \"!*.$ending\" -- \"$cur\"; done | sort -u)\n"
    "}\n"
    "\n"
    "_postern_folders() {\n"
    "    compopt -o filenames 2>/dev/null\n"
    "    mapfile -t COMPREPLY < <(compgen -d -- \"$1\")\n"
    "}\n"
    "\n"
    "# the last of several words with commas between\n"
    "_postern_list() {\n"
    "    local done=\n"
    "    [[ $2 != *,* ]] || done=${2%,*},\n"
    "    compopt -o nospace 2>/dev/null\n"
    "    mapfile -t COMPREPLY < <(compgen -P \"$done\" -W \"$1\" -- \"${2##*,}\")\n"
    "}\n\n";

static void
word_add(void *payload, const char *word, const char *text)
{
    struct pn_output *out = payload;

    (void)text;
    pn_output_text(out, word);
    pn_output_text(out, "\n");
}

static void
variable(struct pn_output *out, const char *name, enum pn_completes what)
{
    pn_output_format(out, "_postern_%s='", name);
    pn_completed_words(what, word_add, out);
    pn_output_text(out, "'\n");
}

/* What completes a place; `words` are the choices of its option. */
static void
place(struct pn_output *out, const struct pn_completed *c, const struct pn_option *o)
{
    static const char *const known[] = {
        [PN_COMPLETES_NOTHING] = "COMPREPLY=()",
        [PN_COMPLETES_FILES] = "_postern_files \"$cur\"",
        [PN_COMPLETES_FOLDERS] = "_postern_folders \"$cur\"",
        [PN_COMPLETES_CHOICES] = "",
        [PN_COMPLETES_CHECKS] = "_postern_list \"$_postern_checks\" \"$cur\"",
        [PN_COMPLETES_FINDINGS] = "_postern_words \"$_postern_findings\" \"$cur\"",
        [PN_COMPLETES_TOPICS] = "_postern_words \"$_postern_topics\" \"$cur\"",
        [PN_COMPLETES_SHELLS] = "_postern_words 'bash zsh fish' \"$cur\"",
    };

    pn_output_text(out, known[c->what]);
    if (c->endings) {
        pn_output_text(out, " ");
        pn_output_text(out, c->endings);
    }
    if (c->what != PN_COMPLETES_CHOICES)
        return;
    pn_output_text(out,
                   o->kind == PN_OPTION_SET ? "_postern_list '" : "_postern_words '");
    for (size_t i = 0; o->choices[i]; i++)
        pn_output_format(out, "%s%s", i ? " " : "", o->choices[i]);
    pn_output_text(out, "' \"$cur\"");
}

static void
option_case(struct pn_output *out, const char *verb, const struct pn_option *o)
{
    const struct pn_completed c = pn_completed_argument(o);

    if (!o->argument)
        return;
    pn_output_text(out, "    ");
    if (o->name)
        pn_output_format(out, "'%s --%s'%s", verb, o->name, o->letter ? " | " : "");
    if (o->letter)
        pn_output_format(out, "'%s -%c'", verb, o->letter);
    pn_output_text(out, ") ");
    place(out, &c, o);
    pn_output_text(out, "; return ;;\n");
}

static void
verb_case(struct pn_output *out, const struct pn_verb *verb)
{
    const struct pn_completed c = pn_completed_operand(verb->name);

    pn_output_format(out,
                     "    %s)\n        if [[ $cur == -* ]]; then\n"
                     "            _postern_words '",
                     verb->name);
    for (size_t k = 0; k < verb->options->count; k++)
        if (verb->options->rows[k].name)
            pn_output_format(out, "%s--%s", k ? " " : "", verb->options->rows[k].name);
    pn_output_text(out, "' \"$cur\"\n        else\n            ");
    place(out, &c, NULL);
    pn_output_text(out, "\n        fi ;;\n");
}

void
pn_completion_bash(struct pn_output *out)
{
    pn_output_text(out, front);
    variable(out, "checks", PN_COMPLETES_CHECKS);
    variable(out, "findings", PN_COMPLETES_FINDINGS);
    variable(out, "topics", PN_COMPLETES_TOPICS);
    pn_output_text(out, "\n_postern() {\n"
                        "    local cur=${COMP_WORDS[COMP_CWORD]} "
                        "prev=${COMP_WORDS[COMP_CWORD-1]} verb=${COMP_WORDS[1]}\n"
                        "    COMPREPLY=()\n"
                        "    if [ \"$COMP_CWORD\" = 1 ]; then\n"
                        "        _postern_words '");
    for (size_t i = 0; i < pn_verb_count; i++)
        pn_output_format(out, "%s ", pn_verbs[i].name);
    pn_output_text(out,
                   "--help --version' \"$cur\"\n        return\n    fi\n"
                   "    if [ \"$cur\" = = ]; then\n        cur=\n"
                   "    elif [ \"$prev\" = = ] && [ \"$COMP_CWORD\" -gt 2 ]; then\n"
                   "        prev=${COMP_WORDS[COMP_CWORD-2]}\n    fi\n"
                   "    case \"$verb $prev\" in\n");
    for (size_t i = 0; i < pn_verb_count; i++)
        for (size_t k = 0; k < pn_verbs[i].options->count; k++)
            option_case(out, pn_verbs[i].name, &pn_verbs[i].options->rows[k]);
    pn_output_text(out, "    esac\n    case $verb in\n");
    for (size_t i = 0; i < pn_verb_count; i++)
        verb_case(out, &pn_verbs[i]);
    pn_output_text(out, "    esac\n}\ncomplete -F _postern postern\n");
}
