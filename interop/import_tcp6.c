/*
 * The rules of ucspi-tcp6, as a source and as its tcprules compiles them. They are
 * those of ucspi-tcp, with prefixes of any length besides, which are looked for behind
 * the octets of IPv4 and before suffixes: a key of a sign, "_" for IPv4 and "^" for
 * IPv6, and the bits. IPv6 addresses are keys in full and in capitals.
 */
#include <string.h>

#include "compiler/classic_asks.h"
#include "compiler/expand.h"
#include "compiler/list_words.h"
#include "compiler/query_text.h"
#include "interop/classic_rules.h"
#include "interop/records.h"
#include "runtime/format/container.h"

/* A rule on its way, whether from a line or from a record. */
struct tcp6 {
    struct pn_classic_rules rules;
    struct pn_intern octets; /* keys that end in a dot, as their prefixes */
    bool gathers;            /* only those are looked for */
    uint32_t file;
    size_t line;
};

/* An address or a prefix that a sign and bits stand for. */
struct block {
    pn_number first;
    uint8_t family;
    unsigned length;
};

/* The octets that come before prefixes of any length, if some hold this one. */
static bool
octets_have(struct tcp6 *t, const struct block *block)
{
    for (unsigned length = 8; length <= 24 && length <= block->length; length += 8) {
        struct pn_buffer key = { 0 };
        uint32_t number;
        bool found;

        pn_classic_prefix_write(&key, block->first & ~pn_host_mask(4, length), 4,
                                length, false);
        t->rules.import->failed |= key.failed;
        found = !key.failed && pn_intern_find(&t->octets, key.bytes, key.size, &number);
        pn_buffer_free(&key);
        if (found)
            return true;
    }
    return false;
}

static void
block_take(struct tcp6 *t, const struct block *block, struct pn_str value)
{
    struct pn_import *import = t->rules.import;
    struct pn_buffer text = { 0 };
    struct pn_str prefix;

    pn_buffer_add_text(&text, "/");
    pn_classic_prefix_write(&text, block->first, block->family, block->length, false);
    import->failed |= text.failed;
    prefix = pn_str_from(pn_str_of(&text), 1);
    if (block->family == 6 && block->length >= 96 && pn_number_is_mapped(block->first))
        pn_import_note(import, t->file, t->line,
                       "\"%.*s\" matches nobody: tcpserver looks those up as IPv4",
                       PN_IMPORT_QUOTED(prefix));
    else if (block->family == 4 && octets_have(t, block))
        pn_import_note(import, t->file, t->line,
                       "no client comes to \"%.*s\": a rule of its octets counts first",
                       PN_IMPORT_QUOTED(prefix));
    else if (pn_classic_key_is_new(&t->rules, pn_str_of(&text), t->file, t->line))
        pn_classic_targets_write(&t->rules, t->file, t->line, prefix, value);
    pn_buffer_free(&text);
}

/* "10.1." as the prefix that it is. */
static void
octets_gather(struct tcp6 *t, struct pn_str key)
{
    struct pn_buffer text = { 0 };
    uint32_t number;

    if (key.len && key.ptr[key.len - 1] == '.' && *key.ptr != '=' &&
        pn_classic_target_write(key, &text) == PN_CLASSIC_TARGET)
        t->rules.import->failed |=
            !pn_intern_add(&t->octets, text.bytes, text.size, &number);
    t->rules.import->failed |= text.failed;
    pn_buffer_free(&text);
}

/* A key as ucspi-tcp has it, too. */
static void
key_take(struct tcp6 *t, struct pn_str key, struct pn_str value)
{
    if (t->gathers)
        octets_gather(t, key);
    else if (pn_classic_key_is_new(&t->rules, key, t->file, t->line))
        pn_classic_rule_write(&t->rules, t->file, t->line, key, PN_STR(""), value);
}

/* An address of IPv6 behind its ident and @, if there are any. */
static void
address_take(struct tcp6 *t, struct pn_str ident, const struct postern_addr *addr,
             struct pn_str value)
{
    struct pn_import *import = t->rules.import;
    struct pn_buffer target = { 0 };
    struct pn_str text;

    if (t->gathers)
        return;
    if (ident.len)
        pn_ident_write(&target, pn_str_to(ident, ident.len - 1));
    pn_classic_prefix_write(&target, pn_number_from(addr), addr->family, 0, true);
    import->failed |= target.failed;
    text = pn_str_of(&target);
    if (addr->family == 4 ||
        (ident.len && !pn_ident_is_asked(pn_str_to(ident, ident.len - 1))))
        pn_import_note(import, t->file, t->line, "\"%.*s\" matches nobody: %s",
                       PN_IMPORT_QUOTED(text),
                       addr->family == 4 ? "tcpserver looks a mapped address up as IPv4"
                                         : "no answer of an ident server is so");
    else if (pn_classic_key_is_new(&t->rules, text, t->file, t->line))
        pn_classic_targets_write(&t->rules, t->file, t->line, text, value);
    pn_buffer_free(&target);
}

/* A key up to its last @, if it has one. */
static struct pn_str
ident_of(struct pn_str key)
{
    size_t size = key.len;

    while (size && key.ptr[size - 1] != '@')
        size--;
    return pn_str_to(key, size);
}

/*
 * The sign of a bit that is set: for IPv4 it goes by its place, for IPv6 by how many
 * were set before; where tcprules was built without signs, it is a 1.
 */
static bool
bits_read(struct pn_str bits, bool plain, struct block *out)
{
    static const char places[] = "abcdefghijklmnopqrstuvwxyz123456";
    unsigned ones = 0;

    out->first = 0;
    out->length = (unsigned)bits.len;
    if (!bits.len || bits.len > pn_family_bits(out->family))
        return false;
    for (size_t i = 0; i < bits.len; i++) {
        unsigned char c = (unsigned char)bits.ptr[i];
        bool is_set = c != '0';
        unsigned char sign =
            out->family == 4 ? (unsigned char)places[i] : (unsigned char)('`' + ones);

        if (is_set && c != (plain ? '1' : sign))
            return false;
        ones += is_set;
        out->first = out->first << 1 | is_set;
    }
    out->first <<= pn_family_bits(out->family) - out->length;
    return true;
}

/* Four digits of each group, in capitals. */
static bool
is_full(struct pn_str text, const struct postern_addr *addr)
{
    static const char digits[] = "0123456789ABCDEF";
    size_t at = 0;

    for (unsigned i = 0; i < 16; i++) {
        if (i && i % 2 == 0 && (at >= text.len || text.ptr[at++] != ':'))
            return false;
        if (at + 2 > text.len || text.ptr[at] != digits[addr->bytes[i] >> 4] ||
            text.ptr[at + 1] != digits[addr->bytes[i] & 15])
            return false;
        at += 2;
    }
    return at == text.len;
}

static void
nobody_tell(const struct tcp6 *t, struct pn_str key)
{
    if (!t->gathers)
        pn_import_note(t->rules.import, t->file, t->line,
                       "\"%.*s\" matches nobody: no look-up asks for it",
                       PN_IMPORT_QUOTED(key));
}

static void
record_take(void *payload, struct pn_str key, struct pn_str value)
{
    struct tcp6 *t = payload;
    struct pn_str ident = ident_of(key), rest = pn_str_from(key, ident.len);
    char sign = key.len ? *key.ptr : '\0';
    struct block block = { .family = sign == '_' ? 4 : 6 };
    struct postern_addr addr;

    if ((sign == '_' || sign == '^') && !ident.len && !pn_str_has(key, '=')) {
        struct pn_str bits = pn_str_from(key, 1);

        if (!bits_read(bits, false, &block) && !bits_read(bits, true, &block))
            nobody_tell(t, key);
        else if (!t->gathers)
            block_take(t, &block, value);
    } else if (!pn_str_has(key, '=') && pn_str_has(rest, ':')) {
        /* 39 digits and colons, or none */
        if (postern_addr_parse(rest.ptr, rest.len, &addr) && addr.family == 6 &&
            is_full(rest, &addr))
            address_take(t, ident, &addr, value);
        else
            nobody_tell(t, key);
    } else
        key_take(t, key, value);
}

/* "A/N" of IPv4: its last octets may be left out. */
static bool
block4_read(struct pn_str address, struct block *out)
{
    struct pn_str length = address, front = pn_str_cut(&length, '/');
    unsigned octets = 0, octet;

    out->family = 4;
    out->first = 0;
    if (front.len && front.ptr[front.len - 1] == '.')
        front.len--;
    do {
        if (octets == 4 || !pn_list_number_read(pn_str_cut(&front, '.'), &octet) ||
            octet > 255)
            return false;
        out->first = out->first << 8 | octet;
        octets++;
    } while (front.ptr);
    out->first <<= 32 - 8 * octets;
    return pn_list_number_read(length, &out->length) && out->length &&
           out->length <= 32;
}

static bool
block6_read(struct pn_str address, struct block *out)
{
    struct pn_str length = address, front = pn_str_cut(&length, '/');
    struct postern_addr addr;

    if (!postern_addr_parse(front.ptr, front.len, &addr) ||
        !pn_list_number_read(length, &out->length) || !out->length || out->length > 128)
        return false;
    out->family = 6;
    out->first = pn_number_from(&addr);
    if (addr.family == 4)
        out->first |= PN_MAPPED_FIRST;
    return true;
}

static void
range_take(struct tcp6 *t, struct pn_str address, struct pn_str value)
{
    struct pn_import *import = t->rules.import;
    struct pn_expansion range = { .ranged = false };
    struct pn_buffer text = { 0 };
    bool written;
    char key[64];

    if (!pn_expand(address, &range) || pn_expansion_size(&range) > sizeof(key)) {
        pn_import_error(import, t->file, t->line, "\"%.*s\" is no range",
                        PN_IMPORT_QUOTED(address));
        return;
    }
    written = pn_classic_range_write(address, &text);
    import->failed |= text.failed;
    for (size_t i = 0; i < pn_expansion_count(&range) && !import->failed; i++) {
        struct pn_str one = { key, pn_expansion_key(&range, i, key) };

        if (!written || t->gathers) {
            key_take(t, one, value);
            continue;
        }
        (void)pn_classic_key_is_new(&t->rules, one, t->file, t->line); /* tells */
        if (!i)
            pn_classic_rule_write(&t->rules, t->file, t->line, one, pn_str_of(&text),
                                  value);
    }
    pn_buffer_free(&text);
}

/* In the order in which tcprules tells addresses apart. */
static void
address_read(struct tcp6 *t, struct pn_str address, struct pn_str value)
{
    struct pn_import *import = t->rules.import;
    struct pn_str ident = ident_of(address), rest = pn_str_from(address, ident.len);
    bool has_colon = pn_str_has(address, ':'), has_slash = pn_str_has(address, '/');
    struct block block;
    struct postern_addr addr;

    if (pn_str_has(address, '=') || (ident.len && (!has_colon || has_slash)))
        key_take(t, address, value);
    else if (has_slash && (has_colon ? block6_read(address, &block)
                                     : block4_read(address, &block))) {
        block.first &= ~pn_host_mask(block.family, block.length);
        if (!t->gathers)
            block_take(t, &block, value);
    } else if (has_slash)
        pn_import_error(import, t->file, t->line,
                        "\"%.*s\" is no address with a length from 1 on",
                        PN_IMPORT_QUOTED(address));
    else if (!has_colon && pn_str_has(address, '-'))
        range_take(t, address, value);
    else if (!has_colon)
        key_take(t, address, value);
    else if (postern_addr_parse(rest.ptr, rest.len, &addr))
        address_take(t, ident, &addr, value);
    else
        pn_import_error(
            import, t->file, t->line,
            "\"%.*s\" is no IPv6 address: a prefix is written 2001:db8::/32",
            PN_IMPORT_QUOTED(rest));
}

/* ",NAME=QvalueQ" again and again: the value of the record. */
static bool
assignments_read(struct pn_str rest, struct pn_buffer *value)
{
    while (rest.len) {
        struct pn_str name;

        if (*rest.ptr != ',' || !pn_str_has(rest, '='))
            return false;
        rest = pn_str_from(rest, 1);
        name = pn_str_cut(&rest, '=');
        if (!rest.len || !pn_str_has(pn_str_from(rest, 1), *rest.ptr))
            return false;
        pn_buffer_add_text(value, "+");
        pn_buffer_add_str(value, name);
        pn_buffer_add_text(value, "=");
        name = pn_str_from(rest, 1);
        pn_buffer_add_str(value, pn_str_cut(&name, *rest.ptr));
        pn_buffer_add(value, "", 1);
        rest = name;
    }
    return true;
}

/* Behind the colon. */
static bool
instructions_read(struct pn_str text, struct pn_buffer *value)
{
    if (pn_str_begins(text, "deny")) {
        pn_buffer_add(value, "D", sizeof("D"));
        return assignments_read(pn_str_from(text, 4), value);
    }
    return pn_str_begins(text, "allow") &&
           assignments_read(pn_str_from(text, 5), value);
}

/* The colon is the last before the first comma. */
static void
line_read(struct tcp6 *t, struct pn_str line)
{
    struct pn_import *import = t->rules.import;
    struct pn_str rest = line, front;
    struct pn_buffer value = { 0 };
    size_t colon;

    while (line.len &&
           (line.ptr[line.len - 1] == ' ' || line.ptr[line.len - 1] == '\t'))
        line.len--;
    rest = line;
    front = pn_str_cut(&rest, ',');
    for (colon = front.len; colon && front.ptr[colon - 1] != ':'; colon--)
        continue;
    if (!line.len || *line.ptr == '#')
        return;
    if (!colon && !rest.ptr) {
        if (!t->gathers)
            pn_import_note(import, t->file, t->line,
                           "without a colon: tcprules passes the line over");
    } else if (!colon || !instructions_read(pn_str_from(line, colon), &value))
        pn_import_error(import, t->file, t->line,
                        "tcprules refuses this line, and the file with it: an address, "
                        "a colon, allow or deny, and assignments are wanted");
    else
        address_read(t, pn_str_to(line, colon - 1), pn_str_of(&value));
    import->failed |= value.failed;
    pn_buffer_free(&value);
}

static void
source_read(struct tcp6 *t)
{
    struct pn_import_lines lines = pn_import_lines_of(&t->rules.import->files[t->file]);

    while (pn_import_line_next(&lines) && !t->rules.import->failed) {
        const char *end = lines.line.ptr + lines.line.len;

        if (*end == '\r') /* to tcprules it is a byte like any other */
            lines.line.len++;
        t->line = lines.number;
        line_read(t, lines.line);
    }
}

/* Octets first, since they hide prefixes wherever they stand. */
void
pn_import_tcp6(struct pn_import *import)
{
    struct tcp6 t = { .rules = { .import = import }, .gathers = true };
    struct pn_container container;
    bool is_database;

    if (!pn_import_is_one(import))
        return;
    is_database =
        pn_container_open(&container, import->files[0].text, import->files[0].size);
    if (!is_database)
        pn_import_text_check(import, 0);
    for (unsigned pass = 0; pass < 2 && !import->has_errors; pass++) {
        if (!is_database)
            source_read(&t);
        else
            (void)pn_import_records_each(import, 0, record_take, &t);
        t.gathers = false;
    }
    pn_classic_rules_end(&t.rules, 0);
    pn_intern_clear(&t.octets);
}
