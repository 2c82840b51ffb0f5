/* The words behind tcpserver and udpserver, as they cut them themselves. */
#include "tools/lint_server_words.h"

#include <stdlib.h>
#include <string.h>

#include "base/sizes.h"

/* The rows of the options that the servers have. */
#define X(letter, name, kind, field, min, max, preset, apply, argument, help) \
    { letter, name, (argument) != NULL },
static const struct pn_server_option tcpserver_options[] = {
#include "server/tables/tcpserver_options.def"
};
static const struct pn_server_option udpserver_options[] = {
#include "server/tables/udpserver_options.def"
};
#undef X

const struct pn_server_kind pn_server_kinds[PN_SERVER_KINDS] = {
    [PN_SERVER_TCP] = { "tcpserver", tcpserver_options, PN_COUNT_OF(tcpserver_options),
                        true, true, true },
    [PN_SERVER_UDP] = { "udpserver", udpserver_options, PN_COUNT_OF(udpserver_options),
                        false, false, false },
};

static bool
has_argument(const struct pn_server_kind *kind, char letter)
{
    for (size_t i = 0; i < kind->option_count; i++)
        if (kind->options[i].letter == letter)
            return kind->options[i].has_argument;
    return false;
}

/* Is this word a long option that has the next word for its argument? */
static bool
takes_next(const struct pn_server_kind *kind, const char *word)
{
    for (size_t i = 0; i < kind->option_count; i++)
        if (strncmp(word, "--", 2) == 0 && kind->options[i].name &&
            strcmp(kind->options[i].name, word + 2) == 0)
            return kind->options[i].has_argument;
    return false;
}

static void
flag_apply(struct pn_server_flags *flags, char letter)
{
    switch (letter) {
    case 'H':
        flags->profile.no_host = true;
        flags->asks_hosts = false;
        break;
    case 'h':
        flags->profile.no_host = false;
        flags->asks_hosts = true;
        break;
    case 'R':
        flags->profile.no_ident = true;
        break;
    case 'r':
        flags->profile.no_ident = !flags->kind->has_idents;
        break;
    case 'p':
        flags->profile.paranoid = true;
        break;
    case 'P':
        flags->profile.paranoid = false;
        break;
    case '4':
        flags->profile.no_v6 = true;
        break;
    case 'U':
        flags->env_ids = true;
        break;
    default:
        break;
    }
}

const char *
pn_word_base(const char *word)
{
    const char *slash = strrchr(word, '/');

    return slash ? slash + 1 : word;
}

void
pn_server_user_look(struct pn_server_flags *flags, const char *word)
{
    static const char *const naming[] = { "envuidgid", "s6-envuidgid" };
    static const char *const dropping[] = {
        "setuidgid", "s6-setuidgid", "s6-applyuidgid", "chpst", "setpriv",
        "sudo",      "su",           "runuser"
    };

    word = pn_word_base(word);
    for (size_t i = 0; i < PN_COUNT_OF(naming); i++)
        flags->names_ids |= strcmp(word, naming[i]) == 0;
    for (size_t i = 0; i < PN_COUNT_OF(dropping); i++)
        flags->drops |= strcmp(word, dropping[i]) == 0;
}

/* A host that it is bound to: an address is of one family. */
static void
host_apply(struct pn_server_flags *flags, const char *host)
{
    struct postern_addr addr;

    if (strcmp(host, "0") == 0 || !postern_addr_parse(host, strlen(host), &addr))
        return;
    if (addr.family == 4)
        flags->profile.no_v6 = true;
    else if (pn_number_from(&addr) != 0)
        flags->profile.no_v4 = true;
}

static void
text_keep(struct pn_server_flags *flags, char **field, const char *text)
{
    free(*field);
    *field = strdup(text);
    flags->failed |= !*field;
}

static void
list_keep(struct pn_server_flags *flags, const char *text)
{
    if (flags->proxies.size)
        pn_buffer_add(&flags->proxies, ",", 1);
    pn_buffer_add_text(&flags->proxies, text);
    flags->failed |= flags->proxies.failed;
}

/* Long options with an argument that is of use. */
static void
named_keep(struct pn_server_flags *flags, struct pn_str name, const char *text,
           bool unknown)
{
    enum { PENALTY_MOST = 86400 };

    if (pn_str_is(name, "proxy-from")) {
        list_keep(flags, text);
    } else if (pn_str_is(name, "penalty-max")) {
        flags->penalty_unknown = unknown;
        (void)pn_count_parse(text, 1, PENALTY_MOST, &flags->penalty_most);
    }
}

/* A long option, which may have the next word for its argument; false when it has none.
 */
static bool
name_apply(struct pn_server_flags *flags, struct pn_words *words, struct pn_word *word)
{
    struct pn_buffer option = { 0 };
    struct pn_str value, name;
    bool takes = false;

    if (strcmp(word->text.bytes, "--limits-patch") == 0)
        flags->limits_patch = true;
    pn_buffer_add_text(&option, word->text.bytes);
    if (option.failed || option.size < 2) {
        flags->failed |= option.failed;
        pn_buffer_free(&option);
        return false;
    }
    value = pn_str_from(pn_str_of(&option), 2);
    name = pn_str_cut(&value, '=');
    if (value.ptr) {
        named_keep(flags, name, strchr(word->text.bytes, '=') + 1, word->unknown);
    } else if (takes_next(flags->kind, word->text.bytes)) {
        takes = true;
        if (pn_words_next(words, word))
            named_keep(flags, name, word->text.bytes, word->unknown);
    }
    pn_buffer_free(&option);
    return takes;
}

static void
argument_keep(struct pn_server_flags *flags, char letter, const char *text)
{
    if (letter == 'x')
        text_keep(flags, &flags->cdb, text);
    else if (letter == 'u')
        text_keep(flags, &flags->user, text);
    else if (letter == 'g')
        text_keep(flags, &flags->group, text);
}

/* The letters of a word, of which the last may have the next word for its argument;
 * what is worked out among them may be any. */
static void
letters_apply(struct pn_server_flags *flags, struct pn_words *words,
              struct pn_word *word)
{
    for (size_t i = 1; word->text.bytes[1] != '-' && word->text.bytes[i]; i++) {
        char letter = word->text.bytes[i];

        if (letter == '$' || letter == '`') {
            flags->unsure = true;
            return;
        }
        if (!has_argument(flags->kind, letter)) {
            flag_apply(flags, letter);
            continue;
        }
        if (word->text.bytes[i + 1])
            argument_keep(flags, letter, word->text.bytes + i + 1);
        else if (pn_words_next(words, word))
            argument_keep(flags, letter, word->text.bytes);
        return;
    }
}

/* Options, up to the first word that is none: HOST. False when there is no such word.
 */
static bool
options_apply(struct pn_server_flags *flags, struct pn_words *words,
              struct pn_word *word)
{
    bool dashes = false;

    while (pn_words_next(words, word)) {
        bool option = word->text.bytes[0] == '-';

        if (word->several && !option)
            flags->unsure = true; /* taken for options, and may be HOST */
        else if (dashes || !option)
            return true;
        else if (strcmp(word->text.bytes, "--") == 0)
            dashes = true;
        else if (!name_apply(flags, words, word))
            letters_apply(flags, words, word);
    }
    return false;
}

bool
pn_server_words_apply(struct pn_server_flags *flags, const struct pn_server_kind *kind,
                      struct pn_words words)
{
    struct pn_word word = { .unknown = false };
    bool some, whole;

    flags->kind = kind;
    flags->profile.no_ident = !kind->has_idents;
    flags->asks_hosts = kind->has_hosts;
    some = options_apply(flags, &words, &word);
    if (some && !word.unknown)
        host_apply(flags, word.text.bytes);
    some = some && pn_words_next(&words, &word);
    if (some && !word.unknown)
        text_keep(flags, &flags->port, word.text.bytes);
    whole = some && pn_words_next(&words, &word);
    for (some = whole; some; some = pn_words_next(&words, &word))
        pn_server_user_look(flags, word.text.bytes); /* the program, and what it runs */
    pn_buffer_free(&word.text);
    return whole || flags->unsure;
}
