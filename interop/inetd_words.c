/* One service a line; a blank in front joins a line to the one before. */
#include "interop/inetd_words.h"

#include <string.h>

#include "base/sizes.h"

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

/* A line without its newline; false at the end of the text. */
static bool
line_take(struct pn_inetd_reader *reader, struct pn_str *line)
{
    if (!reader->rest.len)
        return false;
    *line = pn_str_cut(&reader->rest, '\n');
    reader->line++;
    return true;
}

/* GNU inetutils reads on where the next line begins with a blank. */
static void
line_join(struct pn_inetd_reader *reader, struct pn_str *line)
{
    struct pn_str more;

    while (reader->rest.len &&
           (*reader->rest.ptr == ' ' || *reader->rest.ptr == '\t') &&
           line_take(reader, &more))
        line->len = (size_t)(more.ptr + more.len - line->ptr);
}

/* A word may stand in quotes; what is left of them is read as it is. */
static struct pn_str
word_take(struct pn_str *rest)
{
    struct pn_str word;
    size_t size = 0;

    while (rest->len && (is_blank(*rest->ptr) || *rest->ptr == '\n'))
        *rest = pn_str_from(*rest, 1);
    if (rest->len && (*rest->ptr == '"' || *rest->ptr == '\'')) {
        char quote = *rest->ptr;

        *rest = pn_str_from(*rest, 1);
        while (size < rest->len && rest->ptr[size] != quote)
            size++;
        word = pn_str_to(*rest, size);
        *rest = pn_str_from(*rest, size < rest->len ? size + 1 : size);
        return word;
    }
    while (size < rest->len && !is_blank(rest->ptr[size]) && rest->ptr[size] != '\n')
        size++;
    word = pn_str_to(*rest, size);
    *rest = pn_str_from(*rest, size);
    return word;
}

/* "ADDRESS:SERVICE": what stands before the last colon, brackets taken off. */
static void
host_cut(struct pn_inetd_service *out)
{
    const char *colon = NULL;

    for (size_t i = 0; i < out->port.len; i++)
        if (out->port.ptr[i] == ':')
            colon = out->port.ptr + i;
    if (!colon)
        return;
    out->host = pn_str_to(out->port, (size_t)(colon - out->port.ptr));
    out->port = pn_str_from(out->port, out->host.len + 1);
    if (out->host.len > 1 && *out->host.ptr == '[' && colon[-1] == ']')
        out->host = (struct pn_str){ out->host.ptr + 1, out->host.len - 2 };
}

static void
service_read(struct pn_inetd_service *out, struct pn_str line)
{
    struct pn_str *fields[PN_INETD_FIELDS] = {
        &out->port, &out->socket, &out->protocol, &out->wait, &out->user, &out->program
    };
    struct pn_str word;

    for (size_t i = 0; i < PN_COUNT_OF(fields); i++)
        *fields[i] = word_take(&line);
    host_cut(out);
    while ((word = word_take(&line)).len) {
        if (out->argument_count == PN_INETD_ARGUMENTS) {
            out->fault = "it has more than 64 words";
            return;
        }
        out->arguments[out->argument_count++] = word;
    }
    if (!out->program.len || !out->port.len)
        out->fault = "service, socket, protocol, wait, user and program are wanted";
}

struct pn_inetd_reader
pn_inetd_begin(const struct pn_source *file)
{
    return (struct pn_inetd_reader){ .rest = { file->text, file->size } };
}

/* "ADDRESS:" alone is the host of the lines that follow; "*:" is any again. */
static bool
host_set(struct pn_inetd_reader *reader, struct pn_str line)
{
    struct pn_str word = word_take(&line);

    if (!word.len || word_take(&line).len || word.ptr[word.len - 1] != ':')
        return false;
    reader->host = pn_str_to(word, word.len - 1);
    return true;
}

bool
pn_inetd_next(struct pn_inetd_reader *reader, struct pn_inetd_service *out)
{
    struct pn_str line;

    while (line_take(reader, &line)) {
        struct pn_str rest = line;

        if (!line.len || *line.ptr == '#' || !word_take(&rest).len ||
            host_set(reader, line))
            continue;
        *out = (struct pn_inetd_service){ .line = reader->line, .host = reader->host };
        line_join(reader, &line);
        if (memchr(line.ptr, '\0', line.len))
            out->fault = "there is a NUL in it";
        else
            service_read(out, line);
        return true;
    }
    return false;
}

/* "tcp" or "udp", perhaps with versions of IP behind it. */
static bool
is_protocol(struct pn_str word, const char *name)
{
    static const char *const versions[] = { "", "4", "6", "46" };
    bool found = false;

    for (size_t i = 0; i < PN_COUNT_OF(versions) && pn_str_begins(word, name); i++)
        found |= pn_str_is(pn_str_from(word, strlen(name)), versions[i]);
    return found;
}

bool
pn_inetd_is_udp(const struct pn_inetd_service *service)
{
    return pn_str_is(service->socket, "dgram") && is_protocol(service->protocol, "udp");
}

const char *
pn_inetd_stays(const struct pn_inetd_service *service)
{
    bool is_stream =
        pn_str_is(service->socket, "stream") && is_protocol(service->protocol, "tcp");

    if (pn_str_begins(service->protocol, "rpc/") || pn_str_has(service->port, '/'))
        return "it is a service of rpc, or of tcpmux";
    if (!is_stream && !pn_inetd_is_udp(service))
        return "it has neither streams of tcp nor datagrams of udp";
    if (is_stream && !pn_str_begins(service->wait, "nowait"))
        return "its program takes the socket itself (wait)";
    if (pn_str_is(service->program, "internal"))
        return "inetd itself does it (internal)";
    return NULL;
}

struct pn_str
pn_inetd_user(struct pn_str user, struct pn_str *group)
{
    size_t size = 0;

    while (size < user.len && !memchr(".:/", user.ptr[size], 3))
        size++;
    *group = pn_str_from(user, size < user.len ? size + 1 : size);
    return pn_str_to(user, size);
}

bool
pn_inetd_is_wrapped(const struct pn_inetd_service *service)
{
    static const char name[] = "tcpd";
    struct pn_str program = service->program;

    while (pn_str_has(program, '/'))
        (void)pn_str_cut(&program, '/');
    return pn_str_is(program, name) && service->argument_count;
}
