/* The script for fish: a line for each verb, and for each option of it. */
#include "tools/completion.h"
#include "tools/verbs.h"

static const char front[] =
    "# completion for postern\n"
    "function __postern_verb_is\n"
    "    set -l words (commandline -opc)\n"
    "    test (count $words) -ge 2; and test $words[2] = $argv[1]\n"
    "end\n\n"
    "function __postern_no_verb\n"
    "    test (count (commandline -opc)) -eq 1\n"
    "end\n\n"
    "# what ends so, and folders\n"
    "function __postern_files\n"
    "    set -l word (commandline -ct | string replace -r '^--?[a-z-]*=' '')\n"
    "    for path in (complete -C \"__postern_none $word\" | string split -f 1 \\t)\n"
    "        if string match -q '*/' -- $path\n"
    "            echo $path\n"
    "        else\n"
    "            for ending in $argv\n"
    "                string match -q \"*.$ending\" -- $path; and echo $path\n"
    "            end\n"
    "        end\n"
    "    end\n"
    "end\n\n"
    "# words with commas between\n"
    "function __postern_list\n"
    "    set -l done (commandline -ct | string replace -r '^--?[a-z-]*=' '' | "
    "string match -r '.*,')\n"
    "    printf '%s\\n' \"$done\"$argv\n"
    "end\n\n"
    "complete -c postern -f\n";

struct line {
    struct pn_output *out;
    const char *condition;
    bool with_text;
};

static void
word_line(void *payload, const char *word, const char *text)
{
    const struct line *line = payload;

    pn_output_format(line->out, "complete -c postern -n '%s' -a %s", line->condition,
                     word);
    if (*text) {
        pn_output_text(line->out, " -d '");
        pn_completion_quoted(line->out, text);
        pn_output_text(line->out, "'");
    }
    pn_output_text(line->out, "\n");
}

static void
word_add(void *payload, const char *word, const char *text)
{
    struct pn_output *out = payload;

    (void)text;
    pn_output_text(out, " ");
    pn_output_text(out, word);
}

/* The arguments of complete(1) for a place, but for the operands that are words. */
static void
place(struct pn_output *out, const struct pn_completed *c, const struct pn_option *o)
{
    if (c->what == PN_COMPLETES_FILES && c->endings)
        pn_output_format(out, " -a '(__postern_files %s)'", c->endings);
    else if (c->what == PN_COMPLETES_FILES)
        pn_output_text(out, " -F");
    else if (c->what == PN_COMPLETES_FOLDERS)
        pn_output_text(out, " -a '(__fish_complete_directories)'");
    else if (c->what == PN_COMPLETES_CHECKS)
        pn_output_text(out, " -a '(__postern_list $__postern_checks)'");
    if (c->what != PN_COMPLETES_CHOICES)
        return;
    pn_output_text(out, o->kind == PN_OPTION_SET ? " -a '(__postern_list" : " -a '");
    for (size_t i = 0; o->choices[i]; i++)
        pn_output_format(out, "%s%s", i || o->kind == PN_OPTION_SET ? " " : "",
                         o->choices[i]);
    pn_output_text(out, o->kind == PN_OPTION_SET ? ")'" : "'");
}

static void
option_line(struct pn_output *out, const char *verb, const struct pn_option *o)
{
    const struct pn_completed c = pn_completed_argument(o);

    pn_output_format(out, "complete -c postern -n '__postern_verb_is %s'", verb);
    if (o->name)
        pn_output_format(out, " -l %s", o->name);
    if (o->letter)
        pn_output_format(out, " -s %c", o->letter);
    if (o->argument) {
        bool any_file = c.what == PN_COMPLETES_FILES && !c.endings;

        pn_output_text(out, any_file ? " -r" : " -x");
        place(out, &c, o);
    }
    pn_output_text(out, " -d '");
    pn_completion_quoted(out, o->help ? o->help : "see the manual");
    pn_output_text(out, "'\n");
}

static void
operand_line(struct pn_output *out, const char *verb)
{
    const struct pn_completed c = pn_completed_operand(verb);
    char condition[64] = "__postern_verb_is ";
    size_t at = sizeof("__postern_verb_is ") - 1;

    for (const char *v = verb; *v && at + 1 < sizeof(condition); v++)
        condition[at++] = *v;
    condition[at] = '\0';
    if (c.what == PN_COMPLETES_FILES) {
        pn_output_format(out, "complete -c postern -n '%s'", condition);
        place(out, &c, NULL);
        pn_output_text(out, "\n");
    } else {
        struct line line = { out, condition, true };

        pn_completed_words(c.what, word_line, &line);
    }
}

void
pn_completion_fish(struct pn_output *out)
{
    struct line verbs = { out, "__postern_no_verb", true };

    pn_output_text(out, front);
    pn_output_text(out, "set -g __postern_checks");
    pn_completed_words(PN_COMPLETES_CHECKS, word_add, out);
    pn_output_text(out, "\n");
    for (size_t i = 0; i < pn_verb_count; i++)
        word_line(&verbs, pn_verbs[i].name, pn_verbs[i].summary);
    pn_output_text(out, "complete -c postern -n __postern_no_verb -s h -l help "
                        "-d 'show the verbs'\n"
                        "complete -c postern -n __postern_no_verb -s V -l version "
                        "-d 'show the version'\n");
    for (size_t i = 0; i < pn_verb_count; i++) {
        for (size_t k = 0; k < pn_verbs[i].options->count; k++)
            option_line(out, pn_verbs[i].name, &pn_verbs[i].options->rows[k]);
        operand_line(out, pn_verbs[i].name);
    }
}
