/*
 * AllowUsers and DenyUsers of sshd_config(5): USER@HOST, where HOST is an address, a
 * prefix, octets with `*` behind them, or a name, which counts with UseDNS alone.
 */
#include "interop/import_sshd.h"

#include <string.h>

#include "base/ascii.h"
#include "compiler/list_words.h"
#include "interop/ladder.h"

struct reading {
    struct pn_import *import;
    struct pn_ladder ladder;
    uint32_t file;           /* at hand, */
    size_t line, match_line; /* its line; that of the Match around it, or 0 */
    bool uses_names;         /* UseDNS yes */
    bool any_allowed;        /* AllowUsers was given, */
    bool allows_everywhere;  /* and somebody may come from anywhere */
};

/* "KEYWORD VALUES" or "KEYWORD=VALUES"; a remark is no keyword. */
static bool
line_cut(struct pn_str line, struct pn_str *keyword, struct pn_str *values)
{
    size_t size = 0;

    line = pn_list_trim(line);
    if (!line.len || *line.ptr == '#')
        return false;
    while (size < line.len &&
           (pn_is_letter(line.ptr[size]) || pn_is_digit(line.ptr[size])))
        size++;
    *keyword = pn_str_to(line, size);
    *values = pn_list_trim(pn_str_from(line, size));
    if (values->len && *values->ptr == '=')
        *values = pn_list_trim(pn_str_from(*values, 1));
    return size;
}

/* "A B", with the rest behind it; an empty string where no such word stands here. */
static struct pn_str
quoted_take(struct pn_str *rest)
{
    struct pn_str word = pn_str_to(*rest, 0);
    size_t size = 1;

    if (!rest->len || *rest->ptr != '"')
        return word;
    while (size < rest->len && rest->ptr[size] != '"')
        size++;
    if (size + 1 < rest->len && rest->ptr[size + 1] != ' ' &&
        rest->ptr[size + 1] != '\t')
        return word; /* it goes on */
    if (size > 1 && size < rest->len) {
        word = (struct pn_str){ rest->ptr + 1, size - 1 };
        *rest = pn_list_trim(pn_str_from(*rest, size + 1));
    }
    return word;
}

/*
 * A word, perhaps in quotes with blanks between; a remark ends the line. A quote that
 * is not closed, or has nothing in it, is left in front.
 */
static struct pn_str
word_take(struct pn_str *rest)
{
    struct pn_str word = quoted_take(rest);

    if (word.len)
        return word;
    word = pn_import_word(rest);
    if (word.len && *word.ptr == '#') {
        *rest = pn_str_to(*rest, 0);
        return pn_str_to(word, 0);
    }
    return word;
}

/* Whom the word names: what stands behind its last @; false when it names none. */
static bool
host_of(struct pn_str word, struct pn_str *user, struct pn_str *host)
{
    size_t at = word.len;

    while (at && word.ptr[at - 1] != '@')
        at--;
    *user = pn_str_to(word, at ? at - 1 : word.len);
    *host = pn_str_from(word, at);
    return at;
}

static void
pattern_add(struct reading *r, struct pn_ladder_pattern pattern)
{
    r->import->failed |= !pn_ladder_pattern_add(&r->ladder, pattern);
}

/* "10.1.*": octets, and anything behind them. */
static bool
octets_add(struct reading *r, struct pn_str text)
{
    struct pn_str rest = text;
    unsigned octet, count = 0, stars = 0;
    pn_number first = 0, mask;

    while (rest.len) {
        struct pn_str part = pn_str_cut(&rest, '.');

        if (pn_str_is(part, "*"))
            stars++;
        else if (stars || !pn_list_number_read(part, &octet) || octet > 255)
            return false;
        else
            first = first << 8 | octet;
        count += !stars;
        if (count + stars > 4)
            return false;
    }
    if (!stars || !count)
        return false;
    mask = pn_host_mask(4, 8 * count);
    first <<= 32 - 8 * count;
    pattern_add(r, (struct pn_ladder_pattern){ .kind = PN_LADDER_ADDRESSES,
                                               .family = 4,
                                               .first = first,
                                               .last = first | mask });
    return true;
}

/* True when the host is one that somebody can have. */
static bool
name_add(struct reading *r, struct pn_str host)
{
    bool below = host.len > 2 && host.ptr[0] == '*' && host.ptr[1] == '.';
    struct pn_str name = pn_ladder_name(&r->ladder, pn_str_from(host, below));

    if (!pn_ladder_name_is(pn_str_from(name, name.len && below ? 1 : 0))) {
        pn_import_error(r->import, r->file, r->line,
                        "\"%.*s\" is no address, prefix, A.B.*, name or *.domain",
                        PN_IMPORT_QUOTED(host));
        return false;
    }
    if (!r->uses_names) {
        pn_import_note(r->import, r->file, r->line,
                       "\"%.*s\" matches nobody: sshd compares addresses without "
                       "UseDNS yes",
                       PN_IMPORT_QUOTED(host));
        return false;
    }
    pattern_add(r,
                (struct pn_ladder_pattern){
                    .kind = below ? PN_LADDER_SUFFIX : PN_LADDER_HOST, .name = name });
    return true;
}

static bool
one_host_add(struct reading *r, struct pn_str host)
{
    struct pn_import_prefix prefix;

    if (pn_str_is(host, "*")) {
        pattern_add(r, (struct pn_ladder_pattern){ .kind = PN_LADDER_ANY });
        return true;
    }
    if (host.len && *host.ptr != '[' && pn_import_prefix_read(host, &prefix)) {
        if (prefix.had_host_bits) {
            pn_import_error(r->import, r->file, r->line,
                            "\"%.*s\" has bits behind its length: sshd refuses it",
                            PN_IMPORT_QUOTED(host));
            return false;
        }
        pattern_add(r, (struct pn_ladder_pattern){ .kind = PN_LADDER_ADDRESSES,
                                                   .family = prefix.family,
                                                   .first = prefix.first,
                                                   .last = prefix.last });
        return true;
    }
    return octets_add(r, host) || name_add(r, host);
}

/* "10.0.0.0/8,192.0.2.7": how many patterns that has made. */
static size_t
host_add(struct reading *r, struct pn_str hosts)
{
    struct pn_str rest = hosts;
    size_t count = 0;

    do {
        struct pn_str host = pn_str_cut(&rest, ',');

        if (host.len && *host.ptr == '!')
            pn_import_error(r->import, r->file, r->line,
                            "\"%.*s\" has no equivalent: what is not meant",
                            PN_IMPORT_QUOTED(hosts));
        else
            count += one_host_add(r, host);
    } while (rest.len && !r->import->has_errors);
    return count;
}

static void
rule_add(struct reading *r, size_t count, bool allows)
{
    r->import->failed |= !pn_ladder_rule_add(
        &r->ladder,
        (struct pn_ladder_rule){
            .count = count, .allows = allows, .file = r->file, .line = r->line });
}

/* A word of DenyUsers counts when it is for every user. */
static size_t
deny_read(struct reading *r, struct pn_str word)
{
    struct pn_str user, host;

    if (host_of(word, &user, &host) && pn_str_is(user, "*"))
        return host_add(r, host);
    pn_import_note(
        r->import, r->file, r->line,
        "\"%.*s\" denies some users, and no address of all of them: left out",
        PN_IMPORT_QUOTED(word));
    return 0;
}

static size_t
allow_read(struct reading *r, struct pn_str word)
{
    struct pn_str user, host;

    if (host_of(word, &user, &host)) {
        if (!pn_str_is(user, "*"))
            pn_import_note(r->import, r->file, r->line,
                           "\"%.*s\" is for some users: here for whoever comes from "
                           "there",
                           PN_IMPORT_QUOTED(word));
        return host_add(r, host);
    }
    r->allows_everywhere = true;
    pn_import_note(r->import, r->file, r->line,
                   "\"%.*s\" may come from anywhere, so that no address is denied",
                   PN_IMPORT_QUOTED(word));
    return 0;
}

static void
users_read(struct reading *r, struct pn_str values, bool allows)
{
    struct pn_str word;
    size_t count = 0;

    r->any_allowed |= allows;
    while ((word = word_take(&values)).len && !r->import->failed) {
        if (*word.ptr == '"')
            pn_import_error(r->import, r->file, r->line,
                            "%.*s: a quote is not closed, or has nothing in it",
                            PN_IMPORT_QUOTED(word));
        else if (*word.ptr == '!')
            pn_import_error(r->import, r->file, r->line,
                            "\"%.*s\" has no equivalent: what is not meant",
                            PN_IMPORT_QUOTED(word));
        else
            count += allows ? allow_read(r, word) : deny_read(r, word);
    }
    if (count && !r->import->has_errors)
        rule_add(r, count, allows);
}

/*
 * "Match KIND VALUES KIND VALUES ...": the values of the next KIND, which "=" may
 * follow too. False at the end.
 */
static bool
criterion_take(struct pn_str *rest, struct pn_str *kind, struct pn_str *wanted)
{
    struct pn_str word = word_take(rest);
    size_t size = 0;

    while (size < word.len && word.ptr[size] != '=')
        size++;
    *kind = pn_str_to(word, size);
    if (size < word.len)
        *wanted = pn_str_from(word, size + 1);
    else
        *wanted = word_take(rest);
    return word.len;
}

/* Is it of clients by where they come from? Then `*wanted` says from where. */
static bool
match_is_of_clients(struct pn_str values, struct pn_str *wanted)
{
    struct pn_str kind;

    while (criterion_take(&values, &kind, wanted))
        if (pn_import_is(kind, "Address") || pn_import_is(kind, "Host"))
            return true;
    return false;
}

/* Blocks begin with Match, and end with the file or the next one. */
static void
match_read(struct reading *r, struct pn_str values, bool pass)
{
    struct pn_str wanted, rest = values;

    r->match_line = r->line;
    if (pn_import_is(word_take(&rest), "all") && !rest.len)
        r->match_line = 0;
    else if (pass && match_is_of_clients(values, &wanted))
        pn_import_note(r->import, r->file, r->line,
                       "what is set for clients from \"%.*s\" is not taken over",
                       PN_IMPORT_QUOTED(wanted));
}

/* `pass` 0: DenyUsers, which sshd asks first; 1: AllowUsers. */
static void
line_read(struct reading *r, struct pn_str keyword, struct pn_str values, bool pass)
{
    bool denies = pn_import_is(keyword, "DenyUsers");

    if (pn_import_is(keyword, "Match")) {
        match_read(r, values, pass);
        return;
    }
    if ((!denies && !pn_import_is(keyword, "AllowUsers")) || denies == pass)
        return;
    if (r->match_line)
        pn_import_error(r->import, r->file, r->line,
                        "rules of the Match of line %zu have no equivalent",
                        r->match_line);
    else
        users_read(r, values, !denies);
}

static void
files_read(struct reading *r, bool pass)
{
    struct pn_str keyword, values;

    for (r->file = 0; r->file < r->import->file_count; r->file++) {
        struct pn_import_lines lines = pn_import_lines_of(&r->import->files[r->file]);

        r->match_line = 0;
        while (pn_import_line_next(&lines) && !r->import->failed) {
            r->line = lines.number;
            if (line_cut(lines.line, &keyword, &values))
                line_read(r, keyword, values, pass);
        }
    }
}

/* Of the first UseDNS of all. */
static bool
names_are_used(const struct pn_import *import)
{
    struct pn_str keyword, values;

    for (size_t i = 0; i < import->file_count; i++) {
        struct pn_import_lines lines = pn_import_lines_of(&import->files[i]);

        while (pn_import_line_next(&lines))
            if (line_cut(lines.line, &keyword, &values) &&
                pn_import_is(keyword, "UseDNS"))
                return pn_import_is(word_take(&values), "yes");
    }
    return false;
}

struct pn_sshd_includes
pn_sshd_includes_of(const struct pn_source *file)
{
    return (struct pn_sshd_includes){ .lines = pn_import_lines_of(file) };
}

bool
pn_sshd_include_next(struct pn_sshd_includes *includes, struct pn_str *pattern)
{
    struct pn_str keyword, values;

    while (!(*pattern = word_take(&includes->rest)).len) {
        if (!pn_import_line_next(&includes->lines))
            return false;
        if (!line_cut(includes->lines.line, &keyword, &values))
            continue;
        if (pn_import_is(keyword, "Match"))
            includes->is_matched = !pn_import_is(word_take(&values), "all");
        else if (pn_import_is(keyword, "Include"))
            includes->rest = values;
    }
    return true;
}

bool
pn_sshd_has_rules(const struct pn_source *file)
{
    struct pn_import_lines lines = pn_import_lines_of(file);
    struct pn_str keyword, values, word;

    while (pn_import_line_next(&lines)) {
        if (!line_cut(lines.line, &keyword, &values))
            continue;
        if (pn_import_is(keyword, "Match") && match_is_of_clients(values, &word))
            return true;
        if (!pn_import_is(keyword, "AllowUsers") && !pn_import_is(keyword, "DenyUsers"))
            continue;
        while ((word = word_take(&values)).len)
            if (pn_str_has(word, '@'))
                return true;
    }
    return false;
}

void
pn_sshd_import(struct pn_import *import)
{
    struct reading r = { .import = import, .uses_names = names_are_used(import) };

    files_read(&r, false);
    files_read(&r, true);
    r.file = 0;
    r.line = 0;
    pattern_add(&r, (struct pn_ladder_pattern){ .kind = PN_LADDER_ANY });
    rule_add(&r, 1, !r.any_allowed || r.allows_everywhere);
    if (!import->has_errors && !import->failed)
        pn_ladder_write(&r.ladder, import);
    pn_ladder_clear(&r.ladder);
}
