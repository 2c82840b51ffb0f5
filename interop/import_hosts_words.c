/* The clients and the options of a line of hosts.allow or hosts.deny. */
#include "interop/import_hosts_words.h"

#include <string.h>

#include "base/ascii.h"
#include "base/buffer.h"
#include "base/sizes.h"
#include "compiler/list_words.h"

static bool
is_separator(char c)
{
    return c == ' ' || c == '\t' || c == ',' || c == '\r';
}

struct pn_str
pn_hosts_word(struct pn_str *rest)
{
    struct pn_str word;
    size_t size = 0;

    while (rest->len && is_separator(*rest->ptr))
        *rest = pn_str_from(*rest, 1);
    while (size < rest->len && !is_separator(rest->ptr[size]))
        size++;
    word = pn_str_to(*rest, size);
    *rest = pn_str_from(*rest, size);
    return word;
}

/* Digits alone, or digits and dots. */
static bool
is_digits(struct pn_str text, bool dots)
{
    for (size_t i = 0; i < text.len; i++)
        if (!pn_is_digit(text.ptr[i]) && !(dots && text.ptr[i] == '.'))
            return false;
    return true;
}

/* A pattern that ours cannot have: left out where that allows nobody more. */
static void
leave_out(struct pn_hosts_line *line, unsigned level, struct pn_str word,
          const char *why)
{
    if (line->allows == !(level % 2))
        pn_import_note(line->import, line->file, line->number,
                       "\"%.*s\" is left out: %s", PN_IMPORT_QUOTED(word), why);
    else
        pn_import_error(line->import, line->file, line->number,
                        "\"%.*s\" cannot be left out without allowing more: %s",
                        PN_IMPORT_QUOTED(word), why);
}

/* Faithful, and hardly what was meant. */
static void
nobody(struct pn_hosts_line *line, struct pn_str word, const char *why)
{
    pn_import_note(line->import, line->file, line->number,
                   "\"%.*s\" matches nobody: %s", PN_IMPORT_QUOTED(word), why);
}

static void
pattern_add(struct pn_hosts_line *line, struct pn_ladder_pattern pattern)
{
    pattern.ident = line->ident;
    line->import->failed |= !pn_ladder_pattern_add(line->ladder, pattern);
    line->count++;
}

static void
prefix_add(struct pn_hosts_line *line, unsigned level, pn_number first, uint8_t family,
           unsigned length)
{
    pn_number mask = pn_host_mask(family, length);

    pattern_add(line, (struct pn_ladder_pattern){ .kind = PN_LADDER_ADDRESSES,
                                                  .level = level,
                                                  .family = family,
                                                  .first = first & ~mask,
                                                  .last = first | mask });
}

/* Octets of a prefix, "10.1.", as the texts of addresses begin. */
static void
octets_add(struct pn_hosts_line *line, unsigned level, struct pn_str word)
{
    pn_number first = 0;
    unsigned octet, count = 0;
    struct pn_str rest = word;

    while (rest.len) {
        if (count == 3 || !pn_list_number_read(pn_str_cut(&rest, '.'), &octet) ||
            octet > 255) {
            nobody(line, word, "no address begins so");
            return;
        }
        first = first << 8 | octet;
        count++;
    }
    prefix_add(line, level, first << (32 - 8 * count), 4, 8 * count);
}

static void
host_add(struct pn_hosts_line *line, unsigned level, struct pn_str word)
{
    const bool below = word.ptr[0] == '.';
    struct pn_str name = pn_ladder_name(line->ladder, word);
    struct pn_str labels = pn_str_from(name, name.len ? below : 0), top = labels;

    while (pn_str_has(top, '.'))
        (void)pn_str_cut(&top, '.');
    if (below && top.len && is_digits(top, false))
        leave_out(line, level, word, "it matches the ends of addresses");
    else if (!pn_ladder_name_is(labels))
        nobody(line, word, "no name of a host is written so");
    else
        pattern_add(line, (struct pn_ladder_pattern){ .kind = below ? PN_LADDER_SUFFIX
                                                                    : PN_LADDER_HOST,
                                                      .level = level,
                                                      .name = name });
}

/* "[A]" and "[A]/LEN", bits behind the length set or not. */
static void
bracketed_add(struct pn_hosts_line *line, unsigned level, struct pn_str word)
{
    struct pn_import_prefix prefix;

    if (!pn_import_prefix_read(word, &prefix))
        leave_out(line, level, word,
                  "it is no IPv6 address, and no prefix of one, that ours reads");
    else if (prefix.family == 6)
        prefix_add(line, level, prefix.first, 6, prefix.length);
    else
        nobody(line, word, "it is no IPv6 address, and no prefix of one");
}

/* "A/N" and "A/MASK", of IPv4 alone. */
static void
net_add(struct pn_hosts_line *line, unsigned level, struct pn_str word, size_t slash)
{
    struct pn_str net = pn_str_to(word, slash), rest = pn_str_from(word, slash + 1);
    struct postern_addr addr, mask;
    unsigned length;

    if (!pn_list_address_read(net, &addr) || addr.family != 4 || net.ptr[0] == '[') {
        leave_out(
            line, level, word,
            "it is no IPv4 address and length; IPv6 wants brackets, and a zero in "
            "front of a number makes it octal");
        return;
    }
    if (pn_list_address_read(rest, &mask) && mask.family == 4) {
        if (!pn_list_mask_length(&mask, &length)) {
            leave_out(line, level, word, "the mask has holes");
            return;
        }
        if (length == 32) {
            nobody(line, word, "255.255.255.255 is no mask to tcp wrappers");
            return;
        }
    } else if (!pn_list_number_read(rest, &length)) {
        leave_out(line, level, word, "the length is no number as ours writes it");
        return;
    } else if (!length || length > 32) {
        nobody(line, word, "the length is none of 1 to 32");
        return;
    }
    if (pn_number_from(&addr) & pn_host_mask(4, length))
        nobody(line, word, "bits are set behind the length");
    else
        prefix_add(line, level, pn_number_from(&addr), 4, length);
}

/* Patterns with stars: those alone that are a suffix, octets or everybody. */
static void
wild_add(struct pn_hosts_line *line, unsigned level, struct pn_str word)
{
    struct pn_str front = pn_str_to(word, word.len - 1), back = pn_str_from(word, 1);
    struct pn_str top = back;

    while (pn_str_has(top, '.'))
        (void)pn_str_cut(&top, '.');
    if (pn_str_is(word, "*"))
        pattern_add(
            line, (struct pn_ladder_pattern){ .kind = PN_LADDER_ANY, .level = level });
    else if (word.ptr[0] == '*' && back.ptr[0] == '.' && top.len &&
             !pn_is_digit(top.ptr[0]) && !pn_str_has(back, '*') &&
             !pn_str_has(back, '?'))
        host_add(line, level, back);
    else if (pn_str_begins(pn_str_from(word, word.len - 1), "*") && front.len &&
             front.ptr[front.len - 1] == '.' && !pn_str_has(front, '*') &&
             is_digits(front, true)) {
        pn_import_note(line->import, line->file, line->number,
                       "\"%.*s\" is taken for addresses: names that begin so match it "
                       "too, whoever owns them",
                       PN_IMPORT_QUOTED(word));
        octets_add(line, level, front);
    } else
        leave_out(line, level, word, "ours has no such patterns");
}

/* Words that are what they are in whatever case. */
static bool
wildcard_add(struct pn_hosts_line *line, unsigned level, struct pn_str word)
{
    static const struct {
        const char *word;
        enum pn_ladder_kind kind;
    } rows[] = {
        { "ALL", PN_LADDER_ANY },
        { "KNOWN", PN_LADDER_NAMED },
        { "UNKNOWN", PN_LADDER_NAMELESS },
    };

    for (size_t i = 0; i < PN_COUNT_OF(rows); i++)
        if (pn_import_is(word, rows[i].word)) {
            pattern_add(line, (struct pn_ladder_pattern){ .kind = rows[i].kind,
                                                          .level = level });
            return true;
        }
    if (pn_import_is(word, "PARANOID")) {
        pn_import_note(
            line->import, line->file, line->number,
            "PARANOID is left out: whose name does not lead back has none for "
            "us");
        return true;
    }
    if (!pn_import_is(word, "LOCAL"))
        return false;
    leave_out(line, level, word, "ours cannot say names without a dot");
    return true;
}

/*
 * Can the part before an @ be an ident of ours? Those of tcp wrappers are alike in
 * whatever case, so that only what allows may be one: it allows less.
 */
static bool
user_read(struct pn_hosts_line *line, unsigned level, struct pn_str word,
          struct pn_str user)
{
    if (pn_import_is(user, "KNOWN") || pn_import_is(user, "UNKNOWN") ||
        pn_str_has(user, '*') || pn_str_has(user, '?') || user.ptr[0] == '@' ||
        user.ptr[0] == '.' || user.ptr[user.len - 1] == '.') {
        leave_out(line, level, word, "ours has no patterns of users");
        return false;
    }
    if (line->allows != !(level % 2)) {
        leave_out(line, level, word, "ours tells apart how a user is written");
        return false;
    }
    pn_import_note(line->import, line->file, line->number,
                   "\"%.*s\" is for a user as it is written: ours tells capitals apart",
                   PN_IMPORT_QUOTED(word));
    return true;
}

static void
host_pattern_add(struct pn_hosts_line *line, unsigned level, struct pn_str word)
{
    const char *slash = memchr(word.ptr, '/', word.len);

    if (word.ptr[0] == '@')
        leave_out(line, level, word, "a netgroup is not looked up");
    else if (word.ptr[0] == '/')
        leave_out(line, level, word, "put the lines of this file in its place");
    else if (wildcard_add(line, level, word))
        return;
    else if (pn_str_has(word, '*') || pn_str_has(word, '?'))
        wild_add(line, level, word);
    else if (word.ptr[0] == '[')
        bracketed_add(line, level, word);
    else if (slash)
        net_add(line, level, word, (size_t)(slash - word.ptr));
    else if (!is_digits(word, true))
        host_add(line, level, word);
    else if (word.ptr[0] == '.')
        leave_out(line, level, word, "it matches the ends of addresses");
    else if (word.ptr[word.len - 1] == '.')
        octets_add(line, level, word);
    else {
        struct postern_addr addr;

        if (pn_list_address_read(word, &addr))
            prefix_add(line, level, pn_number_from(&addr), 4, 32);
        else
            nobody(line, word, "no address is written so");
    }
}

static void
client_add(struct pn_hosts_line *line, unsigned level, struct pn_str word)
{
    const char *at = memchr(word.ptr + 1, '@', word.len - 1);
    struct pn_str user = pn_str_to(word, at ? (size_t)(at - word.ptr) : 0);
    struct pn_str host = pn_str_from(word, at ? user.len + 1 : 0);

    if (!host.len)
        leave_out(line, level, word, "there is nothing behind the @");
    else if (!at || pn_import_is(user, "ALL"))
        host_pattern_add(line, level, host);
    else if (user_read(line, level, word, user)) {
        line->ident = pn_ladder_ident(line->ladder, user);
        host_pattern_add(line, level, host);
        line->ident = (struct pn_str){ NULL, 0 };
    }
}

void
pn_hosts_clients(struct pn_hosts_line *line, struct pn_str list)
{
    struct pn_str word;
    unsigned level = 0;

    while ((word = pn_hosts_word(&list)).len && !line->import->failed)
        if (pn_import_is(word, "EXCEPT"))
            level++;
        else
            client_add(line, level, word);
}

/* The next option, with "\:" as a colon in it. */
static struct pn_str
option_cut(struct pn_str *rest, struct pn_buffer *scratch)
{
    size_t i = 0;

    scratch->size = 0;
    for (; i < rest->len && rest->ptr[i] != ':'; i++) {
        if (rest->ptr[i] == '\\' && i + 1 < rest->len && rest->ptr[i + 1] == ':')
            i++;
        pn_buffer_add(scratch, rest->ptr + i, 1);
    }
    *rest = pn_str_from(*rest, i < rest->len ? i + 1 : i);
    return pn_list_trim(pn_str_of(scratch));
}

/* Has a line set a variable? In its tail every value is in quotes. */
static bool
setenv_has(const struct pn_hosts_line *line, struct pn_str name)
{
    const struct pn_buffer *tails = &line->ladder->tails;
    struct pn_str rest = pn_str_from(pn_str_of(tails), line->tail);
    bool quoted = false;

    for (; rest.len; rest = pn_str_from(rest, 1)) {
        if (quoted && *rest.ptr == '\\')
            rest = pn_str_from(rest, 1);
        else if (*rest.ptr == '"')
            quoted = !quoted;
        else if (!quoted && *rest.ptr == ' ' && rest.len > name.len + 1 &&
                 pn_str_equal((struct pn_str){ rest.ptr + 1, name.len }, name) &&
                 rest.ptr[name.len + 1] == '=')
            return true;
    }
    return false;
}

static void
setenv_add(struct pn_hosts_line *line, struct pn_str value)
{
    struct pn_buffer *tails = &line->ladder->tails;
    struct pn_str rest = value, name = pn_import_word(&rest);

    if (!pn_import_variable_is(name) || pn_str_has(rest, '%')) {
        pn_import_note(line->import, line->file, line->number,
                       "setenv %.*s is left out: %s", PN_IMPORT_QUOTED(name),
                       pn_import_variable_is(name)
                           ? "ours puts nothing in the place of %"
                           : "it is no name of a variable");
        return;
    }
    if (setenv_has(line, name)) {
        pn_import_error(line->import, line->file, line->number, "%.*s is set twice",
                        PN_IMPORT_QUOTED(name));
        return;
    }
    pn_buffer_add_text(tails, ", ");
    pn_buffer_add_str(tails, name);
    pn_buffer_add_text(tails, "=");
    pn_import_value(tails, rest);
}

/* What options come to besides those that have an equivalent. */
enum option_kind { OPTION_LEFT_OUT, OPTION_DENIES };

static const struct {
    const char *word, *why;
    enum option_kind kind;
} options_known[] = {
    { "spawn", "ours runs nothing", OPTION_LEFT_OUT },
    { "twist", "its command is run in the server's place: denied here", OPTION_DENIES },
    { "aclexec", "its command decides: denied here", OPTION_DENIES },
    { "severity", "ours logs of all alike", OPTION_LEFT_OUT },
    { "banners", "ours sends no files", OPTION_LEFT_OUT },
    { "keepalive", "it is for the server", OPTION_LEFT_OUT },
    { "linger", "it is for the server", OPTION_LEFT_OUT },
    { "rfc931", "it is for the server", OPTION_LEFT_OUT },
    { "nice", "it is for the server", OPTION_LEFT_OUT },
    { "umask", "it is for the server", OPTION_LEFT_OUT },
    { "user", "it is for the server", OPTION_LEFT_OUT },
    { "group", "it is for the server", OPTION_LEFT_OUT },
};

static bool
option_known(struct pn_hosts_line *line, struct pn_str key)
{
    for (size_t i = 0; i < PN_COUNT_OF(options_known); i++)
        if (pn_import_is(key, options_known[i].word)) {
            pn_import_note(line->import, line->file, line->number,
                           "%s has no equivalent: %s", options_known[i].word,
                           options_known[i].why);
            line->allows &= options_known[i].kind != OPTION_DENIES;
            return true;
        }
    pn_import_error(
        line->import, line->file, line->number,
        "\"%.*s\" is no option, and tcp wrappers deny then; an IPv6 address "
        "wants brackets",
        PN_IMPORT_QUOTED(key));
    return false;
}

void
pn_hosts_options(struct pn_hosts_line *line, struct pn_str rest)
{
    struct pn_buffer scratch = { 0 };

    while (pn_list_trim(rest).len && !line->import->failed) {
        struct pn_str text = option_cut(&rest, &scratch), key = text;
        size_t size = 0;

        line->import->failed |= scratch.failed;
        while (size < text.len && text.ptr[size] != '=' && text.ptr[size] != ' ' &&
               text.ptr[size] != '\t')
            size++;
        key.len = size;
        text = pn_list_trim(pn_str_from(text, size < text.len ? size + 1 : size));
        if (pn_import_is(key, "allow") || pn_import_is(key, "deny")) {
            line->allows = pn_import_is(key, "allow");
            if (pn_list_trim(rest).len || text.len)
                pn_import_error(line->import, line->file, line->number,
                                "%.*s has to be the last option, and by itself",
                                PN_IMPORT_QUOTED(key));
        } else if (pn_import_is(key, "setenv"))
            setenv_add(line, text);
        else if (!option_known(line, key))
            break;
    }
    pn_buffer_free(&scratch);
}
