/* Where a script or a unit starts a server of ours, and what stands around it. */
#define _XOPEN_SOURCE 700 /* S_ISVTX */
#include "tools/lint_server.h"

#include <errno.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/files.h"
#include "base/sizes.h"
#include "tools/input/rules_file.h"
#include "tools/lint_server_words.h"
#include "tools/script_words.h"

/* A script as it is looked at: its variables put in, as far as they are known. */
struct script {
    const char *text, *end;
    bool execline;
};

/* Where the command begins that something stands in. */
static const char *
command_start(const struct script *s, const char *at)
{
    while (at > s->text && (s->execline || !strchr(";|&", at[-1])) &&
           (s->execline || at[-1] != '\n' || (at - s->text > 1 && at[-2] == '\\')))
        at--;
    return at;
}

/* What stands between the program's name and its own words. */
struct front {
    bool name;   /* a word that is its argv[0] */
    bool daemon; /* words of another program, up to -- */
};

/* start-stop-daemon gives a user by --chuid USER, --chuid=USER or -c USER. */
static void
daemon_look(struct pn_server_flags *flags, bool daemon, const char *word)
{
    flags->drops |=
        daemon && (strncmp(word, "--chuid", 7) == 0 || strcmp(word, "-c") == 0);
}

/* What the server is started by. */
static struct front
front_apply(struct pn_server_flags *flags, struct pn_words words)
{
    struct pn_word word = { .unknown = false };
    struct front front = { false, false };

    while (words.at < words.end) {
        if (!pn_words_next(&words, &word)) {
            words.at++; /* a comment, or the end of a line of execline */
            continue;
        }
        pn_server_user_look(flags, word.text.bytes);
        front.name = strcmp(pn_word_base(word.text.bytes), "argv0") == 0;
        front.daemon |= strcmp(pn_word_base(word.text.bytes), "start-stop-daemon") == 0;
        daemon_look(flags, front.daemon, word.text.bytes);
    }
    pn_buffer_free(&word.text);
    return front;
}

/* Behind what is not the server's; false when that is all there is. */
static bool
front_pass(struct pn_server_flags *flags, struct front front, struct pn_words *words)
{
    struct pn_word word = { .unknown = false };
    bool good = true;

    if (front.daemon) {
        while ((good = pn_words_next(words, &word)) &&
               strcmp(word.text.bytes, "--") != 0)
            daemon_look(flags, true, word.text.bytes);
    } else if (front.name) {
        good = pn_words_next(words, &word);
    }
    pn_buffer_free(&word.text);
    return good;
}

/* The next name of a server; NULL when there is none. */
static const char *
name_find(const char *at, const struct pn_server_kind **kind)
{
    const char *first = NULL;

    for (size_t i = 0; i < PN_SERVER_KINDS; i++) {
        const char *found = strstr(at, pn_server_kinds[i].name);

        if (found && (!first || found < first)) {
            first = found;
            *kind = &pn_server_kinds[i];
        }
    }
    return first;
}

/* The place behind which the words of a server are. */
struct place {
    const char *behind; /* NULL: there is none */
    const struct pn_server_kind *kind;
};

/* The next one. */
static struct place
server_find(const struct script *s, const char *at)
{
    struct place place;

    while (at < s->end && (at = name_find(at, &place.kind))) {
        const char *line = at;

        place.behind = at + strlen(place.kind->name);
        while (line > s->text && line[-1] != '\n')
            line--;
        while (*line == ' ' || *line == '\t')
            line++;
        if (*line != '#' &&
            (strchr(" \t\\", *place.behind) ||
             (s->execline && *place.behind == '\n')) &&
            *place.behind && (at == s->text || strchr("/ \t\n=\"'@", at[-1])))
            return place;
        at = place.behind;
    }
    return (struct place){ NULL, NULL };
}

/* The words in front of a server, and its own. */
static bool
start_apply(const struct script *s, struct place place, struct pn_server_flags *flags)
{
    const char *word = place.behind - strlen(place.kind->name), *start;
    struct pn_words words = { place.behind, s->end, s->execline };
    struct front front;

    while (word > s->text && !strchr(" \t\n\"'", word[-1]))
        word--;
    start = command_start(s, word);
    front = front_apply(flags, (struct pn_words){ start, word, s->execline });
    front.name |= strncmp(word, "ExecStart=", 10) == 0 &&
                  memchr(word + 10, '@', strspn(word + 10, "@-:+!")) != NULL;
    return front_pass(flags, front, &words) &&
           pn_server_words_apply(flags, place.kind, words);
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
        if (strncmp(at, "DynamicUser=yes", 15) == 0)
            flags->drops = true;
        at = strchr(at, '\n');
        at = at ? at + 1 : NULL;
    }
}

/* Who may change a file that only its owner should. */
static void
writable_check(struct pn_server_flags *flags, const char *path)
{
    uid_t user = flags->user ? (uid_t)strtoul(flags->user, NULL, 10) : 0;
    struct stat st;

    if (!pn_files_stat(path, &st) || flags->problem.size)
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
static struct place
start_find(const struct script *s)
{
    struct place first = server_find(s, s->text);

    for (struct place at = first; at.behind; at = server_find(s, at.behind)) {
        struct pn_server_flags tried = { 0 };
        bool whole = start_apply(s, at, &tried);

        pn_server_flags_clear(&tried);
        if (whole)
            return at;
    }
    return first;
}

/* The words of a service of OpenRC: command="...tcpserver", command_args="...". */
static struct place
service_find(const struct script *s, struct pn_words *out)
{
    const struct place none = { NULL, NULL };
    const struct pn_server_kind *kind = NULL;
    static const char command[] = "\ncommand=", args[] = "\ncommand_args=";
    const char *at = strstr(s->text, command), *words = strstr(s->text, args);
    const char *end, *found = at ? name_find(at, &kind) : NULL;

    if (!found || !words || memchr(at + 1, '\n', (size_t)(found - at - 1)))
        return none;
    words += sizeof(args) - 1;
    end = *words == '"' || *words == '\'' ? strchr(words + 1, *words)
                                          : strchr(words, '\n');
    if (!end)
        return none;
    *out = (struct pn_words){ words + (*words == '"' || *words == '\''), end, true };
    return (struct place){ out->at, kind };
}

/* The line of the script that this line of the expanded text is. */
static struct pn_span
line_of(const struct pn_source *source, const struct script *s, const char *at)
{
    const char *line = source->text, *next;

    for (const char *c = s->text; c < at; c++)
        if (*c == '\n' && (next = strchr(line, '\n')))
            line = next + 1;
    return (struct pn_span){ (uint32_t)(line - source->text),
                             (uint32_t)strcspn(line, "\n") };
}

/* False when it starts no server. */
static bool
script_apply(struct pn_server_flags *out, const struct script *s)
{
    struct pn_words words;
    struct place at = start_find(s);

    if (at.behind) {
        (void)start_apply(s, at, out);
    } else {
        at = service_find(s, &words);
        if (at.behind)
            (void)pn_server_words_apply(out, at.kind, words);
    }
    if (at.behind)
        out->span = line_of(&out->source, s, at.behind);
    return at.behind != NULL;
}

bool
pn_server_flags_of(struct pn_source *text, struct pn_server_flags *out)
{
    struct pn_buffer expanded = { 0 };
    struct script s;
    bool found = false;

    out->source = *text;
    *text = (struct pn_source){ 0 };
    out->failed |=
        !pn_source_index(&out->source) ||
        !pn_script_expand((struct pn_str){ out->source.text, out->source.size },
                          &expanded);
    if (!out->failed) {
        s = (struct script){ expanded.bytes, expanded.bytes + expanded.size - 1,
                             false };
        s.execline = strncmp(s.text, "#!", 2) == 0 && strstr(s.text, "execlineb") &&
                     strstr(s.text, "execlineb") < s.text + strcspn(s.text, "\n");
        found = script_apply(out, &s);
    }
    pn_buffer_free(&expanded);
    return found;
}

static int
script_read(struct pn_tool *tool, const char *script, struct pn_server_flags *out)
{
    struct pn_source source = { 0 };
    int status = pn_text_open(tool, script, &source);

    if (status != PN_EXIT_OK)
        return status;
    if (!pn_server_flags_of(&source, out))
        return out->failed
                   ? pn_tool_fail_memory(tool, script)
                   : pn_tool_failf(tool, PN_EXIT_USAGE,
                                   "%s starts neither tcpserver nor udpserver", script);
    unit_apply(out);
    cdb_check(out);
    return PN_EXIT_OK;
}

int
pn_server_flags_read(struct pn_tool *tool, const char *text,
                     struct pn_server_flags *out)
{
    int status = PN_EXIT_OK;

    *out = (struct pn_server_flags){ .known = text != NULL };
    if (!text)
        return PN_EXIT_OK;
    if (text[0] != '-')
        status = script_read(tool, text, out);
    else
        (void)pn_server_words_apply(
            out, &pn_server_kinds[PN_SERVER_TCP],
            (struct pn_words){ text, text + strlen(text), false });
    if (status != PN_EXIT_OK || !out->failed)
        return status;
    return pn_tool_fail_memory(tool, text);
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
    pn_buffer_free(&flags->proxies);
    *flags = (struct pn_server_flags){ 0 };
}
