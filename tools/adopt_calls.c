/*
 * The options of tcpsvd(8) and udpsvd(8), and of s6-tcpserver and the
 * s6-tcpserver-access behind it. What has no equivalent keeps the script from being
 * exchanged.
 */
#define _GNU_SOURCE /* memmem */
#include "tools/adopt_calls.h"

#include <stddef.h>
#include <string.h>

#include "base/sizes.h"
#include "tools/adopt_script.h"
#include "tools/lint_server_words.h"

/* Which of the commands a word is an option of. */
enum command { TCPSVD, UDPSVD, S6_SERVER, S6_ACCESS };

static const struct {
    const char *name;
    const char *with, *without; /* letters, with and without an argument */
} commands[] = {
    [TCPSVD] = { "tcpsvd", "cCbulixt", "hpEv" },
    [UDPSVD] = { "udpsvd", "ulixt", "hpv" },
    [S6_SERVER] = { "s6-tcpserver", "cCbGgu", "qQvd146U" },
    [S6_ACCESS] = { "s6-tcpserver-access", "vlBtix", "WwDdHhRrPp" },
};

/* A script at hand. */
struct reading {
    struct pn_adopt *adopt;
    struct pn_str text;
    struct pn_words words;
    struct pn_word word;
    size_t start; /* of that word, in the text */
    struct pn_adopt_call *out;
    bool names, paranoid, ident, verbose, no_delay; /* as the options say */
    const char *local, *limit, *user;
    struct pn_buffer options; /* words, each with a blank in front */
};

/* The next word of the command, and where it begins. */
static bool
word_next(struct reading *r)
{
    while (r->words.at < r->words.end) {
        if (r->words.at + 1 < r->words.end && r->words.at[0] == '\\' &&
            r->words.at[1] == '\n')
            r->words.at += 2;
        else if (*r->words.at == ' ' || *r->words.at == '\t' ||
                 (r->words.lines && *r->words.at == '\n'))
            r->words.at++;
        else
            break;
    }
    r->start = (size_t)(r->words.at - r->text.ptr);
    return pn_words_next(&r->words, &r->word);
}

static bool
word_is(const struct reading *r, const char *name)
{
    return strcmp(pn_word_base(r->word.text.bytes), name) == 0;
}

static void
option_words_add(struct reading *r, char letter, const char *argument)
{
    pn_buffer_add_format(&r->options, argument ? " -%c " : " -%c", letter);
    if (argument && !pn_script_word_add(&r->options, pn_str_of_text(argument)))
        r->out->fault = "a word of it cannot stand in a script";
}

static void
rules_set(struct reading *r, char letter, const char *argument)
{
    r->out->fault = r->out->rules ? "it has two sorts of rules" : r->out->fault;
    r->out->rules = pn_adopt_copy(r->adopt, pn_str_of_text(argument));
    r->out->is_folder = letter == 'i';
}

/* Options that say yes or no, in the place of the one that was there. */
static const struct {
    char letter;
    size_t field; /* of struct reading */
    bool value;
} switches[] = {
    { 'h', offsetof(struct reading, names), true },
    { 'H', offsetof(struct reading, names), false },
    { 'p', offsetof(struct reading, paranoid), true },
    { 'P', offsetof(struct reading, paranoid), false },
    { 'r', offsetof(struct reading, ident), true },
    { 'R', offsetof(struct reading, ident), false },
    { 'D', offsetof(struct reading, no_delay), true },
    { 'd', offsetof(struct reading, no_delay), false },
};

static void
switch_apply(struct reading *r, char letter)
{
    for (size_t i = 0; i < PN_COUNT_OF(switches); i++)
        if (switches[i].letter == letter)
            *(bool *)((char *)r + switches[i].field) = switches[i].value;
}

/* The same letter says the same of all, but for -u and -v. */
static void
option_apply(struct reading *r, enum command command, char letter, const char *argument)
{
    const char *kept =
        argument ? pn_adopt_copy(r->adopt, pn_str_of_text(argument)) : NULL;

    if (letter == 'i' || letter == 'x')
        rules_set(r, letter, argument);
    else if (letter == 'c')
        r->limit = kept;
    else if (letter == 'l')
        r->local = kept;
    else if (letter == 'u' && command <= UDPSVD)
        r->user = kept;
    else if (letter == 'C' && strchr(argument, ':'))
        r->out->fault = "-C has a message";
    else if (strchr("GEB6", letter) || (letter == 't' && command <= UDPSVD))
        r->out->fault = "an option of it has no equivalent (-G, -E, -B, -6, -t)";
    else if (strchr("bguCU41", letter))
        option_words_add(r, letter, argument);
    else
        switch_apply(r, letter);
}

/* The letters of a word; false when one is not known. */
static bool
letters_read(struct reading *r, enum command command, const char *letters)
{
    for (; *letters; letters++) {
        char letter = *letters;

        if (strchr(commands[command].without, letter)) {
            option_apply(r, command, letter, NULL);
            continue;
        }
        if (!strchr(commands[command].with, letter))
            return false;
        if (letters[1]) {
            option_apply(r, command, letter, letters + 1);
            return true;
        }
        if (!word_next(r) || r->word.unknown)
            return false;
        option_apply(r, command, letter, r->word.text.bytes);
        return true;
    }
    return true;
}

/* Reads options; the word behind them is at hand then. */
static bool
options_read(struct reading *r, enum command command)
{
    while (word_next(r)) {
        const char *text = r->word.text.bytes;
        struct pn_buffer copy = { 0 };
        bool good;

        if (r->word.unknown) {
            r->out->fault = "what the script works out as it runs may be an option";
            return false;
        }
        if (text[0] != '-' || !text[1])
            return true;
        if (strcmp(text, "--") == 0)
            return word_next(r);
        pn_buffer_add(&copy, text,
                      strlen(text) + 1); /* the next word takes its place */
        good = !copy.failed && letters_read(r, command, copy.bytes + 1);
        r->adopt->failed |= copy.failed;
        pn_buffer_free(&copy);
        if (!good) {
            r->out->fault = "it has an option that is not known";
            return false;
        }
    }
    r->out->fault = "it starts no program";
    return false;
}

/* HOST and PORT, the first of which is at hand. */
static bool
place_read(struct reading *r)
{
    r->out->host = pn_adopt_copy(r->adopt, pn_str_of_text(r->word.text.bytes));
    if (!word_next(r) || r->word.unknown) {
        r->out->fault = "its port is known when it runs";
        return false;
    }
    r->out->port = pn_adopt_copy(r->adopt, pn_str_of_text(r->word.text.bytes));
    return true;
}

/* What stands for the options; a user without a group and numbers is looked up. */
static void
words_write(struct reading *r, enum command command)
{
    const char *server = command == UDPSVD ? "udpserver" : "tcpserver";
    /* with ipsvd -p is -h too */
    bool names = r->names || (r->paranoid && command != S6_SERVER);
    struct pn_buffer *out = &r->out->words;

    option_words_add(r, 'l', r->local);
    if (r->limit)
        option_words_add(r, 'c', r->limit);
    if (r->user) {
        pn_buffer_add_format(out, "%s/envuidgid ", r->adopt->programs);
        if (strpbrk(r->user, ":") || *r->user == '-' ||
            !pn_script_word_add(out, pn_str_of_text(r->user)))
            r->out->fault = "-u has a group, or numbers";
        pn_buffer_add_text(out, " ");
    }
    pn_buffer_add_format(out, "%s/%s -v%s%s%s%s", r->adopt->programs, server,
                         r->user ? "U" : "", names ? r->paranoid ? "p" : "" : "H",
                         r->ident ? "" : "R", r->no_delay ? "D" : "");
    pn_buffer_add_str(out, pn_str_of(&r->options));
}

/* All that stands between the server's name and the program. */
static void
call_read(struct reading *r, enum command command)
{
    static const char *const limits[] = {
        [TCPSVD] = "30", [UDPSVD] = NULL, [S6_SERVER] = "40"
    };

    r->names = command == S6_SERVER;
    r->paranoid = false;
    r->limit = limits[command];
    r->local = "0";
    if (!options_read(r, command) || !place_read(r))
        return;
    if (command == S6_SERVER) {
        if (!word_next(r) || !word_is(r, commands[S6_ACCESS].name)) {
            r->out->fault = "s6-tcpserver-access does not stand behind its port";
            return;
        }
        if (!options_read(r, S6_ACCESS))
            return;
    } else if (!word_next(r)) {
        r->out->fault = "it starts no program";
        return;
    }
    r->out->to = r->start;
    words_write(r, command);
}

/* Which of the servers the word at hand starts. */
static bool
server_find(const struct reading *r, enum command *out)
{
    static const enum command servers[] = { TCPSVD, UDPSVD, S6_SERVER };

    for (size_t i = 0; i < PN_COUNT_OF(servers); i++)
        if (word_is(r, commands[servers[i]].name)) {
            *out = servers[i];
            return true;
        }
    return false;
}

bool
pn_adopt_call_find(struct pn_adopt *adopt, struct pn_str text,
                   struct pn_adopt_call *out)
{
    struct reading r = { .adopt = adopt, .text = text, .out = out };
    enum command command = TCPSVD;
    bool found = false;

    *out = (struct pn_adopt_call){ .line = 1 };
    r.words = (struct pn_words){ text.ptr, text.ptr + text.len, false };
    r.words.lines =
        pn_str_begins(text, "#!") && memmem(text.ptr, text.len, "execlineb", 9);
    while (!found && r.words.at < r.words.end) {
        if (!word_next(&r)) {
            const char *end =
                memchr(r.words.at, '\n', (size_t)(r.words.end - r.words.at));

            if (r.words.at < r.words.end && *r.words.at == '#' && end)
                r.words.at = end; /* a remark */
            else if (r.words.at < r.words.end)
                r.words.at++;
            continue;
        }
        found = server_find(&r, &command);
    }
    if (found) {
        out->from = r.start;
        for (size_t i = 0; i < out->from; i++)
            out->line += text.ptr[i] == '\n';
        out->kind = command == S6_SERVER ? PN_ADOPT_S6 : PN_ADOPT_IPSVD;
        call_read(&r, command);
        if (pn_script_moves(text))
            out->fault = "it changes its folder (cd)";
    }
    adopt->failed |= r.word.text.failed || out->words.failed;
    adopt->failed |= r.options.failed;
    pn_buffer_free(&r.options);
    pn_buffer_free(&r.word.text);
    return found;
}
