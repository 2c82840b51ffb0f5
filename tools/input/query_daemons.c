/*
 * Lines of syslog, "... NAME[PID]: MESSAGE", of xinetd's own file, "DATE@TIME:
 * MESSAGE", and of servers under a logger, "NAME: info: MESSAGE". A message that is not
 * of one of the forms here is left to others: programs write what looks alike.
 */
#include "tools/input/query_daemons.h"

#include <string.h>

#include "base/ascii.h"
#include "base/sizes.h"

static const char untold[] = "this log line tells no address";

/* A message behind its first words; false when it is of another form. */
typedef bool (*message_fn)(struct pn_query_line *out, struct pn_str rest);

static struct pn_str
word_cut(struct pn_str *rest)
{
    return pn_str_cut(rest, ' ');
}

static void
text_set(struct postern_str *out, struct pn_str text)
{
    *out = (struct postern_str){ text.ptr, text.len };
}

/* The line tells of a connection, but not of whose. */
static void
client_miss(struct pn_query_line *out)
{
    out->kind = PN_QUERY_FAULTY;
    out->fault = untold;
}

/* The bytes that names have, and nothing else. */
static bool
is_name(struct pn_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!pn_is_letter(text.ptr[i]) && !pn_is_digit(text.ptr[i]) &&
            !memchr("-._:", text.ptr[i], 4))
            return false;
    return text.len;
}

/* What stands for a name or a user that is not known. */
static bool
is_unknown(struct pn_str text)
{
    return !text.len || pn_str_is(text, "unknown") || pn_str_is(text, "paranoid");
}

/*
 * "[USER@]CLIENT" and perhaps " (ADDRESS)", as libwrap writes them: the client is its
 * name where that is known, or else its address.
 */
static bool
wrapped_read(struct pn_query_line *out, struct pn_str rest)
{
    struct pn_str client = word_cut(&rest), user = { "", 0 }, told = client;

    if (pn_str_has(client, '@'))
        user = pn_str_cut(&client, '@');
    told = client;
    if (rest.len > 2 && *rest.ptr == '(' && rest.ptr[rest.len - 1] == ')')
        told = (struct pn_str){ rest.ptr + 1, rest.len - 2 };
    else if (rest.len)
        return false;
    if (!is_name(client) || !is_name(told))
        return false;
    pn_query_address(out, told);
    if (out->kind != PN_QUERY_READ) {
        client_miss(out);
        return true;
    }
    if (!pn_str_equal(client, told) && !is_unknown(client))
        text_set(&out->query.host, client);
    if (!is_unknown(user))
        text_set(&out->query.ident, user);
    return true;
}

/* "CLIENT, service NAME (PROTOCOL)", as the inetd of Debian and of NetBSD. */
static bool
inetd_read(struct pn_query_line *out, struct pn_str rest)
{
    static const char middle[] = ", service ";
    struct pn_str client = pn_str_to(rest, 0);

    while (client.len < rest.len && rest.ptr[client.len] != ',')
        client.len++;
    rest = pn_str_from(rest, client.len);
    if (!pn_str_begins(rest, middle) || !wrapped_read(out, client))
        return false;
    rest = pn_str_from(rest, sizeof(middle) - 1);
    out->service = word_cut(&rest);
    return true;
}

/*
 * "SERVICE [pid=PID] from=ADDRESS": xinetd has not looked at the address yet. What is
 * denied then has a line of its own.
 */
static bool
xinetd_start_read(struct pn_query_line *out, struct pn_str rest)
{
    struct pn_str word;

    out->service = word_cut(&rest);
    out->is_start = true;
    client_miss(out);
    while (rest.len) {
        word = word_cut(&rest);
        if (pn_str_begins(word, "from="))
            pn_query_address(out, pn_str_from(word, 5));
    }
    if (out->kind != PN_QUERY_READ)
        client_miss(out);
    return true;
}

/* "SERVICE REASON from=ADDRESS": what is no reason of the rules is no query. */
static bool
xinetd_fail_read(struct pn_query_line *out, struct pn_str rest)
{
    struct pn_str words = rest;

    (void)word_cut(&words);
    (void)xinetd_start_read(out, rest);
    out->is_start = false;
    if (!pn_str_begins(words, "address ") && !pn_str_begins(words, "libwrap ")) {
        out->kind = PN_QUERY_NONE;
        out->fault = NULL;
    }
    return true;
}

/* "METHOD for USER from ADDRESS port PORT ..."; a user has no blank. */
static bool
sshd_read(struct pn_query_line *out, struct pn_str rest)
{
    struct pn_str from, address;

    (void)word_cut(&rest);
    if (!pn_str_is(word_cut(&rest), "for"))
        return false;
    (void)word_cut(&rest);
    from = word_cut(&rest);
    address = word_cut(&rest);
    if (!pn_str_is(from, "from") || !pn_str_begins(rest, "port "))
        return false;
    pn_query_address(out, address);
    return out->kind == PN_QUERY_READ;
}

/* "PID LOCALHOST:LOCALIP :REMOTEHOST:REMOTEIP:PORT INSTRUCTION" of tcpsvd, udpsvd. */
static bool
ipsvd_read(struct pn_query_line *out, struct pn_str rest)
{
    struct pn_str remote, host;

    (void)word_cut(&rest);
    (void)word_cut(&rest);
    remote = word_cut(&rest);
    if (!remote.len || *remote.ptr != ':')
        return false;
    remote = pn_str_from(remote, 1);
    host = pn_str_cut(&remote, ':');
    pn_query_address(out, pn_str_cut(&remote, ':'));
    if (out->kind == PN_QUERY_READ && !is_unknown(host))
        text_set(&out->query.host, host);
    return out->kind == PN_QUERY_READ;
}

/* "PID ip ADDRESS" of s6-tcpserver-access. */
static bool
s6_read(struct pn_query_line *out, struct pn_str rest)
{
    (void)word_cut(&rest);
    if (!pn_str_is(word_cut(&rest), "ip"))
        return false;
    pn_query_address(out, word_cut(&rest));
    return out->kind == PN_QUERY_READ;
}

/* Who writes a line; "": anybody, and the name is the service. */
static const struct {
    const char *name, *front;
    message_fn read;
    enum pn_log_writer writer;
    bool denied;
} forms[] = {
    { "xinetd", "START: ", xinetd_start_read, PN_LOG_XINETD, false },
    { "xinetd", "FAIL: ", xinetd_fail_read, PN_LOG_XINETD, true },
    { "inetd", "connection from ", inetd_read, PN_LOG_WRAPPER, false },
    { "inetd", "refused connection from ", inetd_read, PN_LOG_WRAPPER, true },
    { "sshd", "Accepted ", sshd_read, PN_LOG_LOGIN, false },
    { "", "connect from ", wrapped_read, PN_LOG_WRAPPER, false },
    { "", "refused connect from ", wrapped_read, PN_LOG_WRAPPER, true },
    { "tcpsvd", "info: start ", ipsvd_read, PN_LOG_SERVER, false },
    { "tcpsvd", "info: exec ", ipsvd_read, PN_LOG_SERVER, false },
    { "tcpsvd", "info: deny ", ipsvd_read, PN_LOG_SERVER, true },
    { "udpsvd", "info: start ", ipsvd_read, PN_LOG_SERVER, false },
    { "udpsvd", "info: exec ", ipsvd_read, PN_LOG_SERVER, false },
    { "udpsvd", "info: deny ", ipsvd_read, PN_LOG_SERVER, true },
    { "s6-tcpserver-access", "info: allow pid ", s6_read, PN_LOG_SERVER, false },
    { "s6-tcpserver-access", "info: deny pid ", s6_read, PN_LOG_SERVER, true },
};

/* What stands in front of a message. */
struct tag {
    struct pn_str name;
    bool has_pid; /* "NAME[PID]" */
};

/* "26/11/30@19:53:14", as xinetd begins the lines of a file of its own. */
static bool
is_xinetd_time(struct pn_str word)
{
    size_t slashes = 0, ats = 0;

    for (size_t i = 0; i < word.len; i++) {
        slashes += word.ptr[i] == '/';
        ats += word.ptr[i] == '@';
        if (!pn_is_digit(word.ptr[i]) && !memchr("/@:", word.ptr[i], 3))
            return false;
    }
    return slashes == 2 && ats == 1;
}

static struct tag
tag_of(struct pn_str front)
{
    struct tag tag = { .has_pid = false };
    size_t at = front.len, open;

    while (at && front.ptr[at - 1] != ' ' && front.ptr[at - 1] != '\t')
        at--;
    tag.name = pn_str_from(front, at);
    for (open = 0; open < tag.name.len && tag.name.ptr[open] != '['; open++)
        ;
    if (open + 2 < tag.name.len && tag.name.ptr[tag.name.len - 1] == ']') {
        tag.has_pid = true;
        for (size_t i = open + 1; i + 1 < tag.name.len; i++)
            tag.has_pid &= pn_is_digit(tag.name.ptr[i]);
        tag.name.len = open;
        if (pn_str_is(tag.name, "sshd-session")) /* libwrap is asked of sshd */
            tag.name.len = 4;
    } else if (!at && is_xinetd_time(tag.name)) {
        tag.name = PN_STR("xinetd");
        tag.has_pid = true;
    }
    return tag;
}

/* Servers under a logger write no number behind their names; syslog does for all. */
static bool
is_of(const struct tag *tag, const char *name, const char *front)
{
    if (!*name)
        return tag->has_pid;
    return pn_str_is(tag->name, name) &&
           (tag->has_pid || strncmp(front, "info: ", 6) == 0);
}

bool
pn_query_parse_daemon(struct pn_query_line *out, struct pn_str line, size_t colon)
{
    const struct pn_query_line before = *out;
    struct pn_str message = pn_str_from(line, colon + 2);
    struct tag tag = tag_of(pn_str_to(line, colon));

    for (size_t i = 0; i < PN_COUNT_OF(forms); i++) {
        if (!pn_str_begins(message, forms[i].front) ||
            !is_of(&tag, forms[i].name, forms[i].front))
            continue;
        out->service = tag.has_pid ? tag.name : pn_str_to(tag.name, 0);
        out->is_log = true;
        out->writer = forms[i].writer;
        out->was_denied = forms[i].denied;
        if (forms[i].read(out, pn_str_from(message, strlen(forms[i].front))))
            return true;
        *out = before;
    }
    return false;
}
