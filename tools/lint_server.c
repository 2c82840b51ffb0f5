/* The words behind tcpserver, as a shell or systemd would cut them. */
#define _XOPEN_SOURCE 700 /* S_ISVTX */
#include "tools/lint_server.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/sizes.h"

/* Letters of tcpserver that have an argument. */
static const char with_argument[] = "bBcCgIltux";

static void
flag_apply(struct pn_server_flags *flags, char letter)
{
    switch (letter) {
    case 'H':
        flags->profile.no_host = true;
        break;
    case 'h':
        flags->profile.no_host = false;
        break;
    case 'R':
        flags->profile.no_ident = true;
        break;
    case 'r':
        flags->profile.no_ident = false;
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

/* The next word of a text, with quotes taken off and line ends behind \ joined. */
static bool
word_next(const char **at, const char *end, struct pn_buffer *out)
{
    char quote = '\0';
    bool any = false;

    out->size = 0;
    while (*at < end && (**at == ' ' || **at == '\t' ||
                         (**at == '\\' && *at + 1 < end && (*at)[1] == '\n')))
        *at += **at == '\\' ? 2 : 1;
    for (; *at < end; (*at)++) {
        char c = **at;

        if (!quote && (c == ' ' || c == '\t' || c == '\n' || c == ';' || c == '|'))
            break;
        any = true;
        if (c == quote) {
            quote = '\0';
        } else if (!quote && (c == '"' || c == '\'')) {
            quote = c;
        } else if (c == '\\' && quote != '\'' && *at + 1 < end) {
            (*at)++;
            if (**at != '\n')
                pn_buffer_add(out, *at, 1);
        } else {
            pn_buffer_add(out, &c, 1);
        }
    }
    pn_buffer_add(out, "", 1);
    return any && !out->failed;
}

/* Programs that give what they run a user, and those that only name one. */
static void
user_look(struct pn_server_flags *flags, const char *word)
{
    static const char *const naming[] = { "envuidgid", "s6-envuidgid" };
    static const char *const dropping[] = {
        "setuidgid", "s6-setuidgid", "s6-applyuidgid", "chpst", "setpriv",
        "sudo",      "su",           "runuser"
    };
    const char *slash = strrchr(word, '/');

    word = slash ? slash + 1 : word;
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
text_keep(char **field, const char *text)
{
    free(*field);
    *field = strdup(text);
}

static void
argument_keep(struct pn_server_flags *flags, char letter, const char *text)
{
    if (letter == 'x')
        text_keep(&flags->cdb, text);
    else if (letter == 'u')
        text_keep(&flags->user, text);
    else if (letter == 'g')
        text_keep(&flags->group, text);
}

/* The letters of a word, of which the last may have the next word for its argument. */
static void
letters_apply(struct pn_server_flags *flags, const char **at, const char *end,
              struct pn_buffer *word)
{
    for (size_t i = 1; word->bytes[1] != '-' && word->bytes[i]; i++) {
        char letter = word->bytes[i];

        if (!strchr(with_argument, letter)) {
            flag_apply(flags, letter);
            continue;
        }
        if (word->bytes[i + 1])
            argument_keep(flags, letter, word->bytes + i + 1);
        else if (word_next(at, end, word))
            argument_keep(flags, letter, word->bytes);
        return;
    }
}

/* Does the word that comes next stand for none, or several? */
static bool
is_expanded(const char *at, const char *end)
{
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\\' || *at == '\n'))
        at++;
    return at < end && (*at == '$' || *at == '`');
}

/* Options, HOST, PORT and a program. False when they are not all there: then tcpserver
 * is only spoken of. */
static bool
words_apply(struct pn_server_flags *flags, const char *at, const char *end)
{
    struct pn_buffer word = { 0 };
    bool some, dashes = false, whole;

    for (;;) {
        bool expanded = is_expanded(at, end);

        some = word_next(&at, end, &word);
        if (!some || (!expanded && (dashes || word.bytes[0] != '-')))
            break;
        if (expanded) /* it is taken for options, and may be HOST */
            flags->unsure = true;
        else if (strcmp(word.bytes, "--") == 0)
            dashes = true;
        else
            letters_apply(flags, &at, end, &word);
    }
    if (some)
        host_apply(flags, word.bytes);
    some = some && word_next(&at, end, &word);
    if (some && word.bytes[0] != '$')
        text_keep(&flags->port, word.bytes);
    whole = some && word_next(&at, end, &word);
    for (; some; some = word_next(&at, end, &word)) /* the program, and what it runs */
        user_look(flags, word.bytes);
    pn_buffer_free(&word);
    return whole || flags->unsure;
}

/* Where the command begins that something stands in. */
static const char *
command_start(const char *text, const char *at)
{
    while (at > text && !strchr(";|&", at[-1]) &&
           (at[-1] != '\n' || (at - text > 1 && at[-2] == '\\')))
        at--;
    return at;
}

/* What the server is started by. */
static void
front_apply(struct pn_server_flags *flags, const char *at, const char *end)
{
    struct pn_buffer word = { 0 };

    while (at < end && word_next(&at, end, &word))
        user_look(flags, word.bytes);
    pn_buffer_free(&word);
}

static const char name[] = "tcpserver";

/* The next place behind which tcpserver's words are; NULL when there is none. */
static const char *
server_find(const struct pn_source *source, const char *at)
{
    const char *end = source->text + source->size;

    while (at < end && (at = strstr(at, name))) {
        const char *line = at, *behind = at + sizeof(name) - 1;

        while (line > source->text && line[-1] != '\n')
            line--;
        while (*line == ' ' || *line == '\t')
            line++;
        if (*line != '#' && (*behind == ' ' || *behind == '\t' || *behind == '\\') &&
            (at == source->text || strchr("/ \t\n=\"'", at[-1])))
            return behind;
        at = behind;
    }
    return NULL;
}

/* The user of a unit of systemd. */
static void
unit_apply(struct pn_server_flags *flags)
{
    const char *at = flags->source.text;

    while (at && *at) {
        if (strncmp(at, "User=", 5) == 0 && strcspn(at + 5, "\r\n") &&
            strncmp(at + 5, "root", strcspn(at + 5, "\r\n")) != 0)
            flags->drops = true;
        at = strchr(at, '\n');
        at += at != NULL;
    }
}

/* Who may change a file that only its owner should. */
static void
writable_check(struct pn_server_flags *flags, const char *path)
{
    uid_t user = flags->user ? (uid_t)strtoul(flags->user, NULL, 10) : 0;
    struct stat st;

    if (stat(path, &st) != 0 || flags->problem.size)
        return;
    if (st.st_mode & S_IWOTH && !(S_ISDIR(st.st_mode) && st.st_mode & S_ISVTX))
        pn_buffer_add_text(&flags->problem, "everybody may write ");
    else if (user && st.st_uid == user && st.st_mode & S_IWUSR)
        pn_buffer_add_text(&flags->problem,
                           "the user that the server runs as may write ");
    else
        return;
    pn_buffer_add(&flags->problem, path, strlen(path) + 1);
}

static void
cdb_check(struct pn_server_flags *flags)
{
    char *copy;

    if (!flags->cdb || strchr(flags->cdb, '$'))
        return;
    writable_check(flags, flags->cdb);
    copy = strdup(flags->cdb);
    if (copy)
        writable_check(flags, dirname(copy));
    free(copy);
}

/* The first place where it is started; or else where it is spoken of. */
static const char *
start_find(struct pn_server_flags *flags)
{
    const struct pn_source *source = &flags->source;
    const char *first = server_find(source, source->text), *at = first;
    const char *end = source->text + source->size;

    for (; at; at = server_find(source, at)) {
        struct pn_server_flags tried = { 0 };
        bool whole = words_apply(&tried, at, end);

        pn_server_flags_clear(&tried);
        if (whole)
            return at;
    }
    return first;
}

static int
script_read(struct pn_tool *tool, const char *script, struct pn_server_flags *out)
{
    int fd = open(script, O_RDONLY | O_CLOEXEC);
    const char *at, *end, *start, *text;
    bool good = fd >= 0 &&
                pn_source_read(&out->source, script, fd, PN_SOURCE_SIZE_MAX) &&
                pn_source_index(&out->source);

    if (fd >= 0)
        close(fd);
    if (!good)
        return pn_tool_fail(
            tool, PN_EXIT_USAGE,
            (const char *const[]){ script, ": ", strerror(errno), NULL });
    at = start_find(out);
    if (!at)
        return pn_tool_fail(
            tool, PN_EXIT_USAGE,
            (const char *const[]){ script, " starts no tcpserver", NULL });
    text = out->source.text;
    end = text + out->source.size;
    front_apply(out, command_start(text, at), at);
    (void)words_apply(out, at, end);
    unit_apply(out);
    start = at;
    while (start > text && start[-1] != '\n')
        start--;
    out->span =
        (struct pn_span){ (uint32_t)(start - text), (uint32_t)strcspn(start, "\n") };
    cdb_check(out);
    return PN_EXIT_OK;
}

int
pn_server_flags_read(struct pn_tool *tool, const char *text,
                     struct pn_server_flags *out)
{
    *out = (struct pn_server_flags){ .known = text != NULL };
    if (!text)
        return PN_EXIT_OK;
    if (text[0] != '-')
        return script_read(tool, text, out);
    (void)words_apply(out, text, text + strlen(text));
    return PN_EXIT_OK;
}

void
pn_server_flags_clear(struct pn_server_flags *flags)
{
    pn_source_clear(&flags->source);
    free(flags->cdb);
    free(flags->user);
    free(flags->group);
    free(flags->port);
    pn_buffer_free(&flags->problem);
    *flags = (struct pn_server_flags){ 0 };
}
