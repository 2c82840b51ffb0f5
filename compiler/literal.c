/* Decodes words: a function for each form, which accepts the word or not. */
#include "compiler/literal.h"

#include <string.h>

#include "base/ascii.h"
#include "base/memory.h"
#include "compiler/idn.h"

enum {
    HOST_MAX = 253,
    LABEL_MAX = 63,
    OCTETS = 4,
    A_LABELS_MAX = 1024,
    TEXT_MAX = 1012
};

static struct pn_str
from(struct pn_str text, size_t at)
{
    return (struct pn_str){ text.ptr + at, text.len - at };
}

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* A number without leading zeros, at most `max`; how many digits, or 0. */
static size_t
scan_number(struct pn_str text, unsigned max, unsigned *out)
{
    size_t at = 0;
    unsigned value = 0;

    while (at < text.len && is_digit(text.ptr[at])) {
        value = value * 10 + (unsigned)(text.ptr[at++] - '0');
        if (value > max || (at > 1 && text.ptr[0] == '0'))
            return 0;
    }
    *out = value;
    return at;
}

/* Brackets separate an IPv6 address from the colon behind it. */
static struct pn_str
unbox(struct pn_str text)
{
    if (text.len > 1 && text.ptr[0] == '[' && text.ptr[text.len - 1] == ']')
        return (struct pn_str){ text.ptr + 1, text.len - 2 };
    return text;
}

/* Reads a whole address, as written: a mapped one stays IPv6 for its length to be read.
 */
static bool
read_address(struct pn_str text, struct postern_addr *out)
{
    text = unbox(text);
    return postern_addr_parse(text.ptr, text.len, out);
}

/* The fault of digits and dots that are no address, if a single number causes it. */
static enum pn_diag_id
octet_fault(struct pn_str word)
{
    enum pn_diag_id id = PN_DIAG_NONE;
    size_t digits = 0;

    for (size_t i = 0; i <= word.len; i++) {
        const char *octet = word.ptr + i - digits;
        unsigned value;

        if (i < word.len && is_digit(word.ptr[i])) {
            digits++;
            continue;
        }
        if (i < word.len && word.ptr[i] != '.')
            return PN_DIAG_BAD_TARGET;
        if (digits > 1 && octet[0] == '0' && id == PN_DIAG_NONE)
            id = PN_DIAG_LEADING_ZERO;
        else if (digits && octet[0] != '0' &&
                 !scan_number((struct pn_str){ octet, digits }, 255, &value))
            id = PN_DIAG_OCTET_RANGE;
        digits = 0;
    }
    return id == PN_DIAG_NONE ? PN_DIAG_BAD_TARGET : id;
}

static enum pn_diag_id
read_single(const struct postern_addr *addr, struct pn_target *out)
{
    out->kind = PN_TARGET_ADDRESSES;
    out->family = addr->family;
    out->first = pn_number_from(addr);
    out->count = 1;
    return PN_DIAG_NONE;
}

/* A mapped prefix, ::ffff:0:0/96 and longer, is the IPv4 prefix 96 bits shorter. */
static bool
unmap_length(struct pn_str text, const struct postern_addr *addr, unsigned *length)
{
    if (addr->family == 6 || !memchr(text.ptr, ':', text.len))
        return true;
    if (*length < 96)
        return false;
    *length -= 96;
    return true;
}

static enum pn_diag_id
read_slash(struct pn_str word, size_t slash, struct pn_target *out)
{
    struct pn_str digits = from(word, slash + 1), text = { word.ptr, slash };
    struct postern_addr addr;
    unsigned length;

    if (memchr(digits.ptr, '-', digits.len) && read_address(text, &addr))
        return PN_DIAG_RANGE_LENGTH;
    if (!read_address(text, &addr))
        return slash == 1 && word.ptr[0] == '0' ? PN_DIAG_FOREIGN_PATTERN
                                                : octet_fault(text);
    if (!digits.len || scan_number(digits, 128, &length) != digits.len ||
        !unmap_length(text, &addr, &length) || length > pn_family_bits(addr.family))
        return PN_DIAG_BAD_LENGTH;
    out->kind = PN_TARGET_PREFIXES;
    out->family = addr.family;
    out->length = (uint8_t)length;
    out->first = pn_number_from(&addr);
    out->count = 1;
    if (out->first & pn_host_mask(addr.family, length))
        return PN_DIAG_HOST_BITS;
    return PN_DIAG_NONE;
}

static enum pn_diag_id
read_range(const struct postern_addr *first, const struct postern_addr *last,
           struct pn_target *out)
{
    if (first->family != last->family)
        return PN_DIAG_MIXED_FAMILIES;
    out->kind = PN_TARGET_RANGE;
    out->family = first->family;
    out->first = pn_number_from(first);
    out->last = pn_number_from(last);
    return out->first > out->last ? PN_DIAG_REVERSED_RANGE : PN_DIAG_NONE;
}

/* Octets with dots between, one of which may be a range. */
struct octets {
    unsigned low, high; /* of the last one */
    pn_number front;    /* those before it */
    unsigned count;
    bool dot; /* it ends in one */
};

static bool
scan_octets(struct pn_str word, struct octets *out)
{
    size_t at = 0;

    *out = (struct octets){ 0 };
    while (at < word.len && out->count < OCTETS) {
        size_t digits = scan_number(from(word, at), 255, &out->low);

        if (!digits)
            return false;
        at += digits;
        out->high = out->low;
        if (at < word.len && word.ptr[at] == '-') {
            digits = scan_number(from(word, at + 1), 255, &out->high);
            if (!digits)
                return false;
            at += digits + 1;
        }
        out->count++;
        out->dot = at < word.len && word.ptr[at] == '.';
        at += out->dot;
        if (at == word.len)
            return true;
        if (!out->dot || out->low != out->high) /* a range stands last */
            return false;
        out->front = out->front << 8 | out->low;
    }
    return false;
}

/* 10.1-4. is four prefixes, 1.2.3.37-53 seventeen addresses. */
static enum pn_diag_id
read_octets(struct pn_str word, struct pn_target *out)
{
    struct octets o;
    unsigned bits;

    if (!scan_octets(word, &o))
        return octet_fault(word);
    if (o.count < OCTETS && !o.dot)
        return PN_DIAG_MISSING_DOT;
    if (o.count == OCTETS && o.dot)
        return PN_DIAG_BAD_TARGET;
    if (o.low > o.high)
        return PN_DIAG_REVERSED_RANGE;
    bits = 8 * o.count;
    out->kind = o.count == OCTETS ? PN_TARGET_ADDRESSES : PN_TARGET_PREFIXES;
    out->family = 4;
    out->length = (uint8_t)bits;
    out->first = (o.front << 8 | o.low) << (32 - bits);
    out->count = o.high - o.low + 1;
    return PN_DIAG_NONE;
}

static enum pn_diag_id
read_addresses(struct pn_str word, struct pn_target *out)
{
    const char *slash = memchr(word.ptr, '/', word.len);
    const char *dash = memchr(word.ptr, '-', word.len);
    struct postern_addr first, last;

    if (slash)
        return read_slash(word, (size_t)(slash - word.ptr), out);
    if (read_address(word, &first))
        return read_single(&first, out);
    if (dash &&
        read_address((struct pn_str){ word.ptr, (size_t)(dash - word.ptr) }, &first) &&
        read_address(from(word, (size_t)(dash - word.ptr) + 1), &last))
        return read_range(&first, &last, out);
    return read_octets(word, out);
}

static bool
is_label_byte(char c)
{
    return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-' || c == '_';
}

/* Labels of 1 to 63 bytes; a suffix begins with its dot. */
static bool
is_host_name(const char *name, size_t len)
{
    size_t label = 0, at = len && name[0] == '.' ? 1 : 0;

    if (len > HOST_MAX || at == len)
        return false;
    for (; at < len; at++) {
        if (name[at] == '.') {
            if (!label)
                return false;
            label = 0;
        } else if (!is_label_byte(name[at]) || ++label > LABEL_MAX) {
            return false;
        }
    }
    return label > 0;
}

/* A name beyond ASCII as its A-label (RFC 5890, UTS 46), appended to `out`. */
static enum pn_idn_status
add_a_label(struct pn_buffer *out, struct pn_str name)
{
    bool suffix = name.len && name.ptr[0] == '.';
    enum pn_idn_status status = PN_IDN_BAD;
    struct pn_buffer text = { 0 };
    char *label = NULL;

    pn_buffer_add(&text, name.ptr + suffix, name.len - suffix);
    pn_buffer_add(&text, "", 1);
    if (!text.failed && !memchr(text.bytes, '\0', text.size - 1))
        status = pn_idn_to_ascii(text.bytes, &label);
    if (status == PN_IDN_OK) {
        pn_buffer_add(out, ".", suffix);
        pn_buffer_add(out, label, strlen(label));
    }
    pn_free(label);
    pn_buffer_free(&text);
    return status;
}

static bool
is_ascii(struct pn_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.ptr[i] >= 0x80)
            return false;
    return true;
}

bool
pn_host_is_sayable(struct pn_str name)
{
    return is_host_name(name.ptr, name.len) && name.ptr[0] != '.';
}

static enum pn_diag_id
read_host(struct pn_str word, struct pn_buffer *scratch, struct pn_target *out)
{
    size_t start = scratch->size;
    struct pn_str name = from(word, 1);

    out->kind = PN_TARGET_HOST;
    if (name.len > 1 && name.ptr[name.len - 1] == '.')
        name.len--;
    if (!pn_buffer_reserve(scratch, name.len + A_LABELS_MAX))
        return PN_DIAG_NONE; /* remembered in scratch */
    if (!is_ascii(name)) {
        enum pn_idn_status status =
            name.len > TEXT_MAX ? PN_IDN_BAD : add_a_label(scratch, name);

        if (status != PN_IDN_OK)
            return status == PN_IDN_BAD ? PN_DIAG_BAD_HOST : PN_DIAG_NO_IDN;
        out->name = (struct pn_str){ scratch->bytes + start, scratch->size - start };
        return is_host_name(out->name.ptr, out->name.len) ? PN_DIAG_NONE
                                                          : PN_DIAG_BAD_HOST;
    }
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];

        if (c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        pn_buffer_add(scratch, &c, 1);
    }
    out->name = (struct pn_str){ scratch->bytes + start, name.len };
    if (name.len && !is_host_name(out->name.ptr, out->name.len))
        return PN_DIAG_BAD_HOST;
    return PN_DIAG_NONE;
}

bool
pn_literal_wildcard(struct pn_str word, struct pn_str *front)
{
    unsigned octets = 0, value;
    size_t at = 0, size;

    while (at < word.len && octets < OCTETS &&
           (size = scan_number(from(word, at), 255, &value)) && at + size < word.len &&
           word.ptr[at + size] == '.') {
        at += size + 1;
        octets++;
    }
    *front = (struct pn_str){ word.ptr, at };
    if (!octets || at == word.len)
        return false;
    for (; octets < OCTETS && at < word.len && memchr("*xX", word.ptr[at], 3); octets++)
        if (++at < word.len && word.ptr[at++] != '.')
            return false;
    return at == word.len;
}

/* What people write by habit from other tools, recognised for a better message. */
static enum pn_diag_id
read_habit(struct pn_str word)
{
    bool letters = false, dots = false;
    struct pn_str front;

    if (word.ptr[0] == '*' || pn_literal_anything(word) ||
        pn_literal_wildcard(word, &front))
        return PN_DIAG_FOREIGN_PATTERN;
    for (size_t i = 0; i < word.len; i++) {
        letters |= (word.ptr[i] | 0x20) >= 'a' && (word.ptr[i] | 0x20) <= 'z';
        dots |= word.ptr[i] == '.';
    }
    return letters && dots && !memchr(word.ptr, '/', word.len) ? PN_DIAG_MISSING_EQUALS
                                                               : PN_DIAG_NONE;
}

static enum pn_diag_id
read_rest(struct pn_str word, struct pn_buffer *scratch, struct pn_target *out)
{
    enum pn_diag_id habit;

    if (!word.len)
        return PN_DIAG_BAD_TARGET;
    if (word.len == 1 && word.ptr[0] == '*') {
        out->kind = PN_TARGET_DEFAULT;
        return PN_DIAG_NONE;
    }
    if (word.ptr[0] == '$') {
        out->kind = PN_TARGET_SET;
        out->name = from(word, 1);
        return PN_DIAG_NONE; /* the look-up of the name reports it */
    }
    if (word.ptr[0] == '=')
        return read_host(word, scratch, out);
    habit = memchr(word.ptr, ':', word.len) ? PN_DIAG_NONE : read_habit(word);
    return habit == PN_DIAG_NONE ? read_addresses(word, out) : habit;
}

/* The end of the quoted part of a word, or 0. An escaped quote does not end it. */
static size_t
quoted_len(struct pn_str word)
{
    if (!word.len || word.ptr[0] != '"')
        return 0;
    for (size_t at = 1; at < word.len; at++) {
        if (word.ptr[at] == '\\')
            at++;
        else if (word.ptr[at] == '"')
            return at + 1;
    }
    return 0;
}

enum pn_diag_id
pn_literal_ident(struct pn_str *word, struct pn_buffer *scratch, struct pn_str *ident)
{
    size_t quoted = quoted_len(*word), start = scratch->size, size;
    struct pn_str tail = from(*word, quoted);
    enum pn_diag_id id = PN_DIAG_NONE;
    const char *at = tail.len ? memchr(tail.ptr, '@', tail.len) : NULL;

    *ident = (struct pn_str){ NULL, 0 };
    if (!at)
        return quoted ? PN_DIAG_BAD_TARGET : PN_DIAG_NONE;
    size = (size_t)(at - word->ptr);
    if (quoted && quoted != size)
        return PN_DIAG_BAD_TARGET;
    if (!pn_buffer_reserve(scratch, size + 1))
        return PN_DIAG_NONE; /* remembered in scratch */
    if (quoted)
        id = pn_literal_value((struct pn_str){ word->ptr, quoted }, scratch);
    else
        pn_buffer_add(scratch, word->ptr, size);
    *ident = (struct pn_str){ scratch->bytes + start, scratch->size - start };
    *word = from(*word, size + 1);
    return id;
}

enum pn_diag_id
pn_literal_target(struct pn_str word, struct pn_buffer *scratch, struct pn_target *out)
{
    struct pn_str ident;
    enum pn_diag_id id;

    *out = (struct pn_target){ 0 };
    /* reserve room first, so that the texts do not move */
    if (!pn_buffer_reserve(scratch, 2 * word.len + A_LABELS_MAX))
        return PN_DIAG_NONE;
    id = pn_literal_ident(&word, scratch, &ident);
    if (id != PN_DIAG_NONE)
        return id;
    id = read_rest(word, scratch, out);
    out->has_ident = ident.ptr != NULL;
    out->ident = ident;
    return id;
}

static int
hex_digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = c ? strchr(digits, c >= 'A' && c <= 'F' ? c | 0x20 : c) : NULL;

    return at ? (int)(at - digits) : -1;
}

/* One escape behind its backslash; how many bytes it has, or 0. */
static size_t
decode_escape(struct pn_str text, char *out)
{
    static const char letters[] = "\"\\nrt", values[] = "\"\\\n\r\t";
    const char *at = text.len && text.ptr[0] ? strchr(letters, text.ptr[0]) : NULL;

    if (at) {
        *out = values[at - letters];
        return 1;
    }
    if (text.len < 3 || text.ptr[0] != 'x' || hex_digit(text.ptr[1]) < 0 ||
        hex_digit(text.ptr[2]) < 0)
        return 0;
    *out = (char)(hex_digit(text.ptr[1]) * 16 + hex_digit(text.ptr[2]));
    return 3;
}

enum pn_diag_id
pn_literal_value(struct pn_str quoted, struct pn_buffer *out)
{
    struct pn_str inner = { quoted.ptr + 1, quoted.len - 2 };
    size_t start = out->size;

    for (size_t at = 0; at < inner.len;) {
        char c = inner.ptr[at++];

        if (c == '\\' && quoted.ptr[0] == '"') {
            size_t size = decode_escape(from(inner, at), &c);

            if (!size)
                return PN_DIAG_BAD_ESCAPE;
            at += size;
        }
        pn_buffer_add(out, &c, 1);
    }
    if (out->size > start && memchr(out->bytes + start, '\0', out->size - start))
        return PN_DIAG_NUL_IN_VALUE;
    return PN_DIAG_NONE;
}
