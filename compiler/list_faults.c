/* Each fault that is known is a row: who recognises it, and of what it speaks. */
#include "compiler/list_faults.h"

#include <string.h>

#include "base/sizes.h"
#include "compiler/list_fixes.h"
#include "compiler/list_signs.h"

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool
is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* The line itself, the address that it begins with, and the words. */
struct line {
    const struct pn_list_words *words;
    struct pn_str first;   /* the first word */
    struct pn_str address; /* the first address; ptr NULL for none */
    bool at_front;         /* and it is what the line begins with */
    struct pn_target target;
    enum pn_diag_id word_fault; /* of the first word, or of a range with blanks */
    struct pn_str word;         /* that it is of */
};

typedef bool (*fault_fn)(const struct line *line, struct pn_str *at);

static bool
control_takes(const struct line *line, struct pn_str *at)
{
    struct pn_str text = line->words->text;

    for (size_t i = 0; i < text.len; i++)
        if (((unsigned char)text.ptr[i] < ' ' && text.ptr[i] != '\t') ||
            text.ptr[i] == 0x7f) {
            *at = (struct pn_str){ text.ptr + i, 1 };
            return true;
        }
    return false;
}

static bool
ipset_takes(const struct line *line, struct pn_str *at)
{
    static const char *const verbs[] = { "add", "create", "-A", "-N", NULL };
    static const char *const alone[] = { "COMMIT", "flush", "destroy", "swap", NULL };
    unsigned count = line->words->count;

    *at = line->words->text;
    if (count > 2 && line->words->items[2].len && *line->words->items[2].ptr == '-')
        return false; /* a rule of iptables */
    return (count > 2 && pn_list_is_among(line->first, verbs)) ||
           (count < 4 && pn_list_is_among(line->first, alone));
}

static bool
json_takes(const struct line *line, struct pn_str *at)
{
    *at = line->words->text;
    return *line->first.ptr == '{';
}

static bool
has_blank_or_comma(struct pn_str text)
{
    return memchr(text.ptr, '\t', text.len) || memchr(text.ptr, ',', text.len);
}

/* What the columns of a table are called. */
static bool
head_takes(const struct line *line, struct pn_str *at)
{
    static const char *const names[] = { "ip",     "IP",      "ips",     "address",
                                         "cidr",   "CIDR",    "network", "prefix",
                                         "subnet", "Start",   "start",   "ip_address",
                                         "host",   "Network", "Address", NULL };
    struct pn_str text = line->words->text, first = line->first;

    while (first.len && *first.ptr == '"') {
        first.ptr++;
        first.len--;
    }
    while (first.len && first.ptr[first.len - 1] == '"')
        first.len--;
    *at = text;
    return line->words->is_front && !line->address.ptr && first.len &&
           is_letter(*first.ptr) &&
           (has_blank_or_comma(text) || pn_list_is_among(first, names));
}

static bool
quotes_takes(const struct line *line, struct pn_str *at)
{
    *at = line->first;
    return *line->first.ptr == '"' || *line->first.ptr == '\'';
}

static bool
blank_takes(const struct line *line, struct pn_str *at)
{
    return pn_list_blank_find(line->words->text, at);
}

static bool
dash_takes(const struct line *line, struct pn_str *at)
{
    struct pn_str sign, rest = line->words->text, last;

    if (!line->at_front || !pn_list_dash_find(rest, &sign))
        return false;
    rest = (struct pn_str){ sign.ptr + sign.len,
                            (size_t)(rest.ptr + rest.len - sign.ptr) - sign.len };
    if (!pn_list_address_find(rest, &last))
        return false;
    *at = (struct pn_str){ line->address.ptr,
                           (size_t)(last.ptr + last.len - line->address.ptr) };
    return true;
}

/* A number of several digits that begins with 0 and is an octet. */
static bool
has_leading_zero(struct pn_str text)
{
    for (size_t i = 0; i + 1 < text.len; i++) {
        size_t end = i + 1;

        if (text.ptr[i] != '0' || !is_digit(text.ptr[end]) ||
            (i && (is_digit(text.ptr[i - 1]) || text.ptr[i - 1] == '/')))
            continue;
        while (end < text.len && is_digit(text.ptr[end]))
            end++;
        if ((i && text.ptr[i - 1] == '.') || (end < text.len && text.ptr[end] == '.'))
            return true;
    }
    return false;
}

static bool
zero_takes(const struct line *line, struct pn_str *at)
{
    *at = line->word;
    return line->at_front && !memchr(at->ptr, ':', at->len) && has_leading_zero(*at);
}

static bool
wildcard_takes(const struct line *line, struct pn_str *at)
{
    bool wild = false;

    *at = line->first;
    for (size_t i = 0; i < at->len; i++) {
        bool x = at->ptr[i] == '*' || (at->ptr[i] | 0x20) == 'x';

        if (!x && !strchr("0123456789abcdefABCDEF.:", at->ptr[i]))
            return false;
        wild |= x;
    }
    return wild &&
           (is_digit(*at->ptr) || *at->ptr == '*' || memchr(at->ptr, ':', at->len));
}

/* A.B.C.D:PORT and [ADDRESS]:PORT. */
static bool
port_takes(const struct line *line, struct pn_str *at)
{
    *at = line->first;
    return pn_list_port_cut(*at).len != 0;
}

static bool
zone_takes(const struct line *line, struct pn_str *at)
{
    *at = line->first;
    return pn_list_zone_cut(*at).len != 0;
}

/* NAME:A-B, whatever the name holds. */
static bool
p2p_takes(const struct line *line, struct pn_str *at)
{
    struct pn_str text = line->words->line, found, rest;
    size_t colon = text.len;

    while (colon && text.ptr[colon - 1] != ':')
        colon--;
    if (colon < 2)
        return false;
    rest = pn_list_trim((struct pn_str){ text.ptr + colon, text.len - colon });
    *at = text;
    return rest.len && is_digit(*rest.ptr) && pn_list_address_find(rest, &found) &&
           found.ptr == rest.ptr && memchr(rest.ptr, '-', rest.len) &&
           pn_list_address_find(
               (struct pn_str){ rest.ptr + found.len, rest.len - found.len }, &found);
}

/* daemon: A, and whatever else has a name and a colon first; but no URL. */
static bool
label_takes(const struct line *line, struct pn_str *at)
{
    struct pn_str first = line->first, behind;
    bool colon = first.ptr[first.len - 1] == ':' ||
                 (line->words->count > 1 && line->words->items[1].len &&
                  *line->words->items[1].ptr == ':');

    *at = line->words->text;
    behind = (struct pn_str){ at->ptr + at->len, line->words->line.len - at->len };
    return is_letter(*first.ptr) && colon &&
           !(at->len == first.len && behind.len && *behind.ptr == '/');
}

/* What stands right behind the address, in its word: not what goes on with it. */
static struct pn_str
glued(const struct line *line)
{
    const char *from = line->address.ptr + line->address.len;
    const char *end = line->first.ptr + line->first.len;

    if (from >= end || strchr("-./", *from))
        return (struct pn_str){ end, 0 };
    return (struct pn_str){ from, (size_t)(end - from) };
}

static bool
two_takes(const struct line *line, struct pn_str *at)
{
    struct pn_str behind = pn_list_words_behind(line->words, 0), found;

    *at = line->words->text;
    if (!line->at_front || (!pn_list_address_find(glued(line), &found) &&
                            !pn_list_address_find(behind, &found)))
        return false;
    at->len = (size_t)(found.ptr + found.len - at->ptr);
    return true;
}

static bool
mask_takes(const struct line *line, struct pn_str *at)
{
    const char *slash = memchr(line->first.ptr, '/', line->first.len);
    struct postern_addr mask;

    *at = line->first;
    return slash && line->at_front &&
           pn_list_address_read(
               (struct pn_str){ slash + 1, (size_t)(at->ptr + at->len - slash) - 1 },
               &mask);
}

/* These say themselves what is wrong with the word. */
static bool
word_takes(const struct line *line, enum pn_diag_id id, struct pn_str *at)
{
    *at = line->word;
    return line->word_fault == id && memchr(at->ptr, '.', at->len);
}

static bool
short_takes(const struct line *line, struct pn_str *at)
{
    return word_takes(line, PN_DIAG_MISSING_DOT, at);
}

static bool
octet_takes(const struct line *line, struct pn_str *at)
{
    return word_takes(line, PN_DIAG_OCTET_RANGE, at);
}

static bool
length_takes(const struct line *line, struct pn_str *at)
{
    bool apart = line->word_fault == PN_DIAG_NONE && pn_list_is_slash(line->words, 1);

    *at = apart ? pn_list_words_span(line->words, 2) : line->word;
    return apart || line->word_fault == PN_DIAG_BAD_LENGTH;
}

static bool
range_length_takes(const struct line *line, struct pn_str *at)
{
    *at = line->word;
    return line->word_fault == PN_DIAG_RANGE_LENGTH;
}

static bool
reversed_takes(const struct line *line, struct pn_str *at)
{
    *at = line->word;
    return line->word_fault == PN_DIAG_REVERSED_RANGE;
}

static bool
mixed_takes(const struct line *line, struct pn_str *at)
{
    *at = line->word;
    return line->word_fault == PN_DIAG_MIXED_FAMILIES;
}

static bool
range_sign_takes(const struct line *line, struct pn_str *at)
{
    for (unsigned i = 1; line->at_front && i < line->words->count; i++)
        if (pn_list_is_range_sign(line->words, i)) {
            *at = line->words->items[i];
            return true;
        }
    return false;
}

static bool
bare_length_takes(const struct line *line, struct pn_str *at)
{
    *at = pn_list_words_span(line->words, line->words->count > 1 ? 2 : 1);
    return line->word_fault == PN_DIAG_NONE &&
           pn_list_is_length(line->words, &line->target);
}

static bool
tail_takes(const struct line *line, struct pn_str *at)
{
    *at = line->first;
    return line->at_front;
}

static bool
front_takes(const struct line *line, struct pn_str *at)
{
    *at = line->words->text;
    at->len = line->address.ptr
                  ? (size_t)(line->address.ptr + line->address.len - at->ptr)
                  : 0;
    return at->len != 0;
}

static bool
name_takes(const struct line *line, struct pn_str *at)
{
    bool letter = false;

    *at = line->first;
    for (size_t i = 0; i < at->len; i++)
        letter |= is_letter(at->ptr[i]);
    return letter && memchr(at->ptr, '.', at->len) && !memchr(at->ptr, ':', at->len);
}

static bool
any_takes(const struct line *line, struct pn_str *at)
{
    *at = line->first.len ? line->first : line->words->text;
    return true;
}

/* The first that fits is reported. */
static const struct {
    enum pn_diag_id id;
    enum pn_list_scope scope;
    fault_fn takes;
} faults[] = {
    { PN_DIAG_LIST_CONTROL, PN_LIST_LINE, control_takes },
    { PN_DIAG_LIST_IPSET, PN_LIST_FOREIGN, ipset_takes },
    { PN_DIAG_LIST_JSON_LINES, PN_LIST_FOREIGN, json_takes },
    { PN_DIAG_LIST_HEAD, PN_LIST_LINE, head_takes },
    { PN_DIAG_LIST_QUOTES, PN_LIST_FORM, quotes_takes },
    { PN_DIAG_LIST_BLANK, PN_LIST_LINE, blank_takes },
    { PN_DIAG_LIST_DASH, PN_LIST_LINE, dash_takes },
    { PN_DIAG_LIST_P2P, PN_LIST_FOREIGN, p2p_takes },
    { PN_DIAG_LEADING_ZERO, PN_LIST_LINE, zero_takes },
    { PN_DIAG_LIST_WILDCARD, PN_LIST_LINE, wildcard_takes },
    { PN_DIAG_LIST_PORT, PN_LIST_LINE, port_takes },
    { PN_DIAG_LIST_ZONE, PN_LIST_LINE, zone_takes },
    { PN_DIAG_LIST_LABEL, PN_LIST_FOREIGN, label_takes },
    { PN_DIAG_REVERSED_RANGE, PN_LIST_LINE, reversed_takes },
    { PN_DIAG_RANGE_LENGTH, PN_LIST_LINE, range_length_takes },
    { PN_DIAG_MIXED_FAMILIES, PN_LIST_LINE, mixed_takes },
    { PN_DIAG_LIST_TWO, PN_LIST_LINE, two_takes },
    { PN_DIAG_LIST_RANGE_SIGN, PN_LIST_LINE, range_sign_takes },
    { PN_DIAG_LIST_MASK, PN_LIST_LINE, mask_takes },
    { PN_DIAG_OCTET_RANGE, PN_LIST_LINE, octet_takes },
    { PN_DIAG_BAD_LENGTH, PN_LIST_LINE, length_takes },
    { PN_DIAG_LIST_SHORT, PN_LIST_LINE, short_takes },
    { PN_DIAG_LIST_LENGTH, PN_LIST_LINE, bare_length_takes },
    { PN_DIAG_LIST_TAIL, PN_LIST_LINE, tail_takes },
    { PN_DIAG_LIST_FRONT, PN_LIST_LINE, front_takes },
    { PN_DIAG_LIST_NAME, PN_LIST_LINE, name_takes },
    { PN_DIAG_LIST_LINE, PN_LIST_LINE, any_takes },
    /* these pn_list_file_fault() finds, before there are lines */
    { PN_DIAG_LIST_JSON, PN_LIST_FOREIGN, NULL },
    { PN_DIAG_LIST_HTML, PN_LIST_FOREIGN, NULL },
    { PN_DIAG_LIST_PACKED, PN_LIST_FOREIGN, NULL },
    { PN_DIAG_LIST_UTF16, PN_LIST_FOREIGN, NULL },
    { PN_DIAG_LIST_BINARY, PN_LIST_FOREIGN, NULL },
    { PN_DIAG_COMPILED_FILE, PN_LIST_FOREIGN, NULL },
};

enum pn_list_scope
pn_list_fault_scope(enum pn_diag_id id)
{
    for (size_t i = 0; i < PN_COUNT_OF(faults); i++)
        if (faults[i].id == id)
            return faults[i].scope;
    return PN_LIST_LINE;
}

/* The range that the first words are, if they are one, else the first of them. */
static void
word_examine(struct line *line, struct pn_buffer *scratch)
{
    unsigned count = pn_list_range_words(line->words);
    char text[PN_LIST_JOINED_MAX];
    struct pn_str joined;

    line->word = line->first;
    if (count && pn_list_words_join(line->words, count, text, &joined)) {
        line->word_fault = pn_list_entry_read(joined, scratch, &line->target);
        if (line->word_fault == PN_DIAG_REVERSED_RANGE ||
            line->word_fault == PN_DIAG_MIXED_FAMILIES || has_leading_zero(joined)) {
            line->word = pn_list_words_span(line->words, count);
            return;
        }
    }
    line->word_fault = pn_list_entry_read(line->first, scratch, &line->target);
}

enum pn_diag_id
pn_list_fault_find(const struct pn_list_words *words, struct pn_buffer *scratch,
                   struct pn_str *at)
{
    struct line line = { .words = words, .first = words->items[0] };
    const char *front = words->text.ptr;
    struct pn_str found;

    if (pn_list_address_find(words->text, &found)) {
        line.address = found;
        line.at_front = found.ptr == front || (found.ptr == front + 1 && *front == '[');
    }
    if (!line.first.len) { /* a comma stands first */
        *at = words->text;
        return PN_DIAG_LIST_LINE;
    }
    word_examine(&line, scratch);
    for (size_t i = 0; i < PN_COUNT_OF(faults); i++)
        if (faults[i].takes && faults[i].takes(&line, at))
            return faults[i].id;
    return PN_DIAG_LIST_LINE;
}
