/* Cuts lines into words, by blanks and commas. */
#include "compiler/list_words.h"

#include <string.h>

enum { OCTETS = 4, OCTET_DIGITS = 3 };

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

struct pn_str
pn_list_trim(struct pn_str text)
{
    while (text.len && is_blank(text.ptr[text.len - 1]))
        text.len--;
    while (text.len && is_blank(*text.ptr)) {
        text.ptr++;
        text.len--;
    }
    return text;
}

static bool
is_apart(char c)
{
    return c == ',' || c == ';';
}

/*
 * Does a semicolon separate fields, as in spreadsheets of some countries? It touches
 * the field before it and the one behind it, which is an address or a length.
 */
static bool
is_separator(struct pn_str line, size_t at)
{
    struct pn_str field, found;
    unsigned length;

    if (!at || is_blank(line.ptr[at - 1]))
        return false;
    while (at < line.len && is_apart(line.ptr[at]))
        at++;
    field = (struct pn_str){ line.ptr + at, 0 };
    while (at < line.len && !is_blank(line.ptr[at]) && !is_apart(line.ptr[at])) {
        at++;
        field.len++;
    }
    while (field.len && memchr("\"'[/", *field.ptr, 4)) {
        field.ptr++;
        field.len--;
    }
    return pn_list_number_read(field, &length) ||
           (pn_list_address_find(field, &found) && found.ptr == field.ptr);
}

/* Where a remark begins: # ; or //. */
static size_t
remark_find(struct pn_str line)
{
    for (size_t i = 0; i < line.len; i++) {
        if (line.ptr[i] == '#' || (line.ptr[i] == ';' && !is_separator(line, i)) ||
            (line.ptr[i] == '/' && i + 1 < line.len && line.ptr[i + 1] == '/'))
            return i;
        while (line.ptr[i] == ';' && i + 1 < line.len && line.ptr[i + 1] == ';')
            i++;
    }
    return line.len;
}

void
pn_list_words_cut(struct pn_str line, struct pn_list_words *out)
{
    bool is_front = out->is_front;
    size_t at = 0;

    *out = (struct pn_list_words){ .is_front = is_front };
    out->line = pn_list_trim(line);
    out->text = pn_list_trim((struct pn_str){ out->line.ptr, remark_find(out->line) });
    while (at < out->text.len && out->count < PN_LIST_WORDS) {
        char apart = out->count ? ' ' : '\0';
        size_t start;

        while (at < out->text.len && is_blank(out->text.ptr[at]))
            at++;
        if (out->count && is_apart(out->text.ptr[at])) {
            apart = ',';
            for (at++; at < out->text.len && is_blank(out->text.ptr[at]); at++)
                continue;
        }
        for (start = at; at < out->text.len && !is_blank(out->text.ptr[at]) &&
                         !is_apart(out->text.ptr[at]);
             at++)
            continue;
        out->apart[out->count] = apart;
        out->items[out->count++] = (struct pn_str){ out->text.ptr + start, at - start };
    }
}

struct pn_str
pn_list_words_behind(const struct pn_list_words *words, unsigned number)
{
    const char *end = words->items[number].ptr + words->items[number].len;

    return (struct pn_str){ end, (size_t)(words->text.ptr + words->text.len - end) };
}

struct pn_str
pn_list_words_span(const struct pn_list_words *words, unsigned count)
{
    const struct pn_str *last = &words->items[count - 1];

    return (struct pn_str){ words->text.ptr,
                            (size_t)(last->ptr + last->len - words->text.ptr) };
}

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool
is_name_byte(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           c == '.' || c == '_' || c == '*';
}

/* Four numbers, too large ones among them, or fewer with a dot or a wildcard behind. */
static bool
is_octets(struct pn_str text)
{
    unsigned count = 0, wild = 0;
    size_t at = 0;

    for (;;) {
        size_t start = at;

        while (at < text.len && at - start < OCTET_DIGITS && is_digit(text.ptr[at]))
            at++;
        if (at == start && at < text.len && text.ptr[at] == '*') {
            wild++;
            at++;
        }
        if (at == start || ++count > OCTETS)
            return false;
        if (at == text.len)
            return count == OCTETS || (wild && wild < count);
        if (text.ptr[at++] != '.')
            return false;
        if (at == text.len)
            return count > 1;
    }
}

static struct pn_str
dots_trim(struct pn_str text, bool behind)
{
    while (text.len && (*text.ptr == '.' || *text.ptr == '_')) {
        text.ptr++;
        text.len--;
    }
    while (behind && text.len &&
           (text.ptr[text.len - 1] == '.' || text.ptr[text.len - 1] == '_'))
        text.len--;
    return text;
}

/* An IPv4 address, prefix or wildcard that is all of a name, but for dots around it. */
static bool
is_octets_within(struct pn_str name, struct pn_str *found)
{
    struct pn_str tight = dots_trim(name, true), loose = dots_trim(name, false);

    *found = is_octets(tight) ? tight : loose;
    return is_octets(*found);
}

/* An IPv6 address at the end of a run of names and colons: src:2001:db8::1 has one. */
static bool
six_find(struct pn_str run, struct pn_str *found)
{
    struct postern_addr addr;

    run = dots_trim(run, true);
    if (run.len > 1 && run.ptr[run.len - 1] == ':' && run.ptr[run.len - 2] != ':')
        run.len--;
    for (size_t at = 0; at < run.len; at++) {
        struct pn_str tail = { run.ptr + at, run.len - at };

        if (at && run.ptr[at - 1] != ':')
            continue;
        if (tail.len < POSTERN_ADDR_TEXT_SIZE && memchr(tail.ptr, ':', tail.len) &&
            postern_addr_parse(tail.ptr, tail.len, &addr)) {
            *found = tail;
            return true;
        }
    }
    return false;
}

/* An address in a run of names and colons. */
static bool
run_find(struct pn_str run, struct pn_str *found)
{
    const char *at = run.ptr, *end = run.ptr + run.len;

    if (memchr(run.ptr, ':', run.len) && six_find(run, found))
        return true;
    while (at < end) {
        const char *colon = memchr(at, ':', (size_t)(end - at));
        const char *stop = colon ? colon : end;

        if (is_octets_within((struct pn_str){ at, (size_t)(stop - at) }, found))
            return true;
        at = stop + 1;
    }
    return false;
}

bool
pn_list_address_find(struct pn_str text, struct pn_str *found)
{
    size_t at = 0;

    while (at < text.len) {
        size_t start = at, end;

        while (at < text.len && (is_name_byte(text.ptr[at]) || text.ptr[at] == ':'))
            at++;
        if (at == start) {
            at++;
            continue;
        }
        if (!run_find((struct pn_str){ text.ptr + start, at - start }, found))
            continue;
        end = (size_t)(found->ptr + found->len - text.ptr);
        if (end + 1 < text.len && text.ptr[end] == '/' && is_digit(text.ptr[end + 1]))
            for (end++; end < text.len && is_digit(text.ptr[end]); end++)
                continue;
        found->len = end - (size_t)(found->ptr - text.ptr);
        return true;
    }
    return false;
}

bool
pn_list_address_read(struct pn_str text, struct postern_addr *out)
{
    if (text.len > 1 && text.ptr[0] == '[' && text.ptr[text.len - 1] == ']')
        text = (struct pn_str){ text.ptr + 1, text.len - 2 };
    return postern_addr_parse(text.ptr, text.len, out) &&
           (out->family == 6 || !memchr(text.ptr, ':', text.len));
}

bool
pn_list_mask_length(const struct postern_addr *mask, unsigned *length)
{
    pn_number bits = pn_number_from(mask);

    for (unsigned l = 0; l <= pn_family_bits(mask->family); l++)
        if (bits == (pn_host_mask(mask->family, 0) ^ pn_host_mask(mask->family, l))) {
            *length = l;
            return true;
        }
    return false;
}

bool
pn_list_number_read(struct pn_str digits, unsigned *out)
{
    unsigned value = 0;

    if (!digits.len || digits.len > OCTET_DIGITS ||
        (digits.len > 1 && digits.ptr[0] == '0'))
        return false;
    for (size_t i = 0; i < digits.len; i++) {
        if (!is_digit(digits.ptr[i]))
            return false;
        value = value * 10 + (unsigned)(digits.ptr[i] - '0');
    }
    *out = value;
    return true;
}

enum pn_diag_id
pn_list_entry_read(struct pn_str word, struct pn_buffer *scratch, struct pn_target *out)
{
    enum pn_diag_id id;

    scratch->size = 0;
    id = pn_literal_target(word, scratch, out);
    if (out->has_ident)
        return PN_DIAG_BAD_TARGET;
    if (id == PN_DIAG_HOST_BITS)
        out->first &= ~pn_host_mask(out->family, out->length);
    if (id == PN_DIAG_NONE && out->kind > PN_TARGET_RANGE)
        return PN_DIAG_BAD_TARGET;
    return id;
}

bool
pn_list_words_join(const struct pn_list_words *words, unsigned count,
                   char text[PN_LIST_JOINED_MAX], struct pn_str *out)
{
    size_t size = 0;

    for (unsigned i = 0; i < count; i++) {
        if (words->items[i].len > PN_LIST_JOINED_MAX - size)
            return false;
        memcpy(text + size, words->items[i].ptr, words->items[i].len);
        size += words->items[i].len;
    }
    *out = (struct pn_str){ text, size };
    return true;
}

unsigned
pn_list_range_words(const struct pn_list_words *words)
{
    const struct pn_str *w = words->items;

    if (words->count > 2 && words->apart[1] == ' ' && words->apart[2] == ' ' &&
        pn_list_is(w[1], "-", 1))
        return 3;
    if (words->count > 1 && words->apart[1] == ' ' && w[0].len && w[1].len &&
        (w[0].ptr[w[0].len - 1] == '-' || (w[1].ptr[0] == '-' && w[1].len > 1)))
        return 2;
    return 0;
}
