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
argument_keep(struct pn_server_flags *flags, char letter, const char *text)
{
    char **field = letter == 'x' ? &flags->cdb : letter == 'u' ? &flags->user : NULL;

    if (!field)
        return;
    free(*field);
    *field = strdup(text);
}

/* Words up to the first that is no option, which is the host. */
static void
words_apply(struct pn_server_flags *flags, const char *at, const char *end)
{
    struct pn_buffer word = { 0 };

    while (word_next(&at, end, &word) && word.bytes[0] == '-') {
        if (strcmp(word.bytes, "--") == 0) {
            (void)word_next(&at, end, &word);
            break;
        }
        for (size_t i = 1; word.bytes[1] != '-' && word.bytes[i]; i++) {
            char letter = word.bytes[i];

            if (!strchr(with_argument, letter)) {
                flag_apply(flags, letter);
                continue;
            }
            if (word.bytes[i + 1])
                argument_keep(flags, letter, word.bytes + i + 1);
            else if (word_next(&at, end, &word))
                argument_keep(flags, letter, word.bytes);
            break;
        }
    }
    if (word.size > 1 && word.bytes[0] != '-')
        host_apply(flags, word.bytes);
    pn_buffer_free(&word);
}

/* The first word of a line that is not a comment and ends in "tcpserver". */
static const char *
server_find(const struct pn_source *source)
{
    static const char name[] = "tcpserver";
    const char *at = source->text, *end = at + source->size;

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

static int
script_read(struct pn_tool *tool, const char *name, struct pn_server_flags *out)
{
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    const char *at, *end, *start;
    bool good = fd >= 0 && pn_source_read(&out->source, name, fd, PN_SOURCE_SIZE_MAX) &&
                pn_source_index(&out->source);

    if (fd >= 0)
        close(fd);
    if (!good)
        return pn_tool_fail(tool, PN_EXIT_USAGE,
                            (const char *const[]){ name, ": ", strerror(errno), NULL });
    at = server_find(&out->source);
    if (!at)
        return pn_tool_fail(
            tool, PN_EXIT_USAGE,
            (const char *const[]){ name, " starts no tcpserver", NULL });
    end = out->source.text + out->source.size;
    words_apply(out, at, end);
    start = at;
    while (start > out->source.text && start[-1] != '\n')
        start--;
    out->span = (struct pn_span){ (uint32_t)(start - out->source.text),
                                  (uint32_t)strcspn(start, "\n") };
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
    words_apply(out, text, text + strlen(text));
    return PN_EXIT_OK;
}

void
pn_server_flags_clear(struct pn_server_flags *flags)
{
    pn_source_clear(&flags->source);
    free(flags->cdb);
    free(flags->user);
    pn_buffer_free(&flags->problem);
    *flags = (struct pn_server_flags){ 0 };
}
