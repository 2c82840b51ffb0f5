/* What a classic key means: docs/classic.md, "Look-ups". */
#include "compiler/classic_rule.h"

#include <string.h>

#include "compiler/classic_asks.h"
#include "compiler/classic_six.h"
#include "compiler/env_item.h"
#include "compiler/expand.h"
#include "compiler/number.h"

enum { KEY_MAX = 512, OCTETS = 4 };

static bool
name_add(struct pn_space *space, uint32_t group, struct pn_str name, uint32_t rule)
{
    uint32_t number = PN_RULE_NONE;

    if (name.len && !pn_host_is_asked(name))
        return false;
    if (name.len && !pn_intern_add(&space->names, name.ptr, name.len, &number)) {
        space->failed = true;
        return true;
    }
    pn_space_add_host(space, group, number, rule);
    return true;
}

/* tcpserver looks addresses up in one spelling. */
static bool
address_read(struct pn_str key, struct postern_addr *out)
{
    char text[POSTERN_ADDR_TEXT_SIZE];

    return postern_addr_parse(key.ptr, key.len, out) &&
           postern_addr_spell(out, text) == key.len &&
           memcmp(text, key.ptr, key.len) == 0;
}

static bool
address_add(struct pn_space *space, uint32_t group, struct pn_str key, uint32_t rule)
{
    struct postern_addr addr;
    uint8_t bits;

    if (!address_read(key, &addr))
        return false;
    bits = (uint8_t)pn_family_bits(addr.family);
    pn_space_add_prefix(space, group, addr.family,
                        (struct pn_prefix){ .start = pn_number_from(&addr),
                                            .rule = rule,
                                            .length = bits,
                                            .rank_length = bits,
                                            .is_address = true });
    return true;
}

/* One to three octets, each with its dot, as addresses are printed. */
static bool
prefix4_add(struct pn_space *space, struct pn_str key, uint32_t rule)
{
    unsigned octets = 0, value = 0, digits = 0;
    pn_number front = 0;

    for (size_t i = 0; i < key.len; i++) {
        char c = key.ptr[i];

        if (c >= '0' && c <= '9' && digits < 3 && !(digits && !value)) {
            value = value * 10 + (unsigned)(c - '0');
            digits++;
        } else if (c == '.' && digits && value <= 255 && octets < OCTETS - 1) {
            front = front << 8 | value;
            octets++;
            value = digits = 0;
        } else {
            return false;
        }
    }
    if (digits || !octets)
        return false;
    pn_space_add_prefix(space, PN_GROUP_NO_IDENT, 4,
                        (struct pn_prefix){ .start = front << 8 * (OCTETS - octets),
                                            .rule = rule,
                                            .length = (uint8_t)(8 * octets),
                                            .rank_length = (uint8_t)(8 * octets) });
    return true;
}

/*
 * IPv6 text that ends in a colon. The text is kept even for several blocks, because it
 * expresses all of them.
 */
static bool
prefix6_add(struct pn_space *space, struct pn_str key, uint32_t rule)
{
    struct pn_six_piece pieces[PN_SIX_PIECES];
    size_t count = pn_six_pieces(key, pieces);
    uint32_t number;

    if (count > 1 && !pn_intern_add(&space->keys, key.ptr, key.len, &number))
        space->failed = true;

    for (size_t i = 0; i < count; i++) {
        struct pn_prefix prefix = { .start = pieces[i].start,
                                    .rule = rule,
                                    .length = pieces[i].length,
                                    .rank_length = pieces[i].counts };

        if (pieces[i].is_whole)
            pn_space_add_prefix(space, PN_GROUP_NO_IDENT, 6, prefix);
        else
            pn_space_add_spelt(
                space, PN_GROUP_NO_IDENT,
                (struct pn_spelt){ .prefix = prefix, .zeros = pieces[i].zeros },
                key.ptr, key.len);
    }
    return count > 0;
}

/* The part of a key behind its ident and @: an address, or a host with its sign. */
static bool
ident_key_add(struct pn_space *space, struct pn_str ident, struct pn_str rest,
              uint32_t rule)
{
    struct pn_str host = { rest.ptr + 1, rest.len - 1 };
    uint32_t group;

    if (!rest.len || !pn_ident_is_asked(ident))
        return false;
    if (rest.ptr[0] == '='
            ? !pn_host_is_asked(host) || pn_name_is_suffix(host.ptr, host.len)
            : !address_read(rest, &(struct postern_addr){ 0 }))
        return false;
    group = pn_space_group(space, ident.ptr, ident.len);
    return rest.ptr[0] == '=' ? name_add(space, group, host, rule)
                              : address_add(space, group, rest, rule);
}

/* An ident may contain an @: each @ may be the one that ends it. */
static bool
ident_keys_add(struct pn_space *space, struct pn_str key, uint32_t rule)
{
    bool found = false;

    for (size_t i = 0; i < key.len; i++)
        if (key.ptr[i] == '@')
            found |= ident_key_add(space, (struct pn_str){ key.ptr, i },
                                   (struct pn_str){ key.ptr + i + 1, key.len - i - 1 },
                                   rule);
    return found;
}

bool
pn_classic_key_add(struct pn_space *space, struct pn_str key, uint32_t rule)
{
    bool address, prefix;

    if (!key.len) {
        pn_space_add_fallback(space, PN_GROUP_NO_IDENT, rule);
        return true;
    }
    if (memchr(key.ptr, '@', key.len)) /* no address and no host contains it */
        return ident_keys_add(space, key, rule);
    if (key.ptr[0] == '=')
        return name_add(space, PN_GROUP_NO_IDENT,
                        (struct pn_str){ key.ptr + 1, key.len - 1 }, rule);
    address = address_add(space, PN_GROUP_NO_IDENT, key, rule);
    prefix = prefix4_add(space, key, rule) || prefix6_add(space, key, rule);
    return address || prefix; /* fe80:: is both */
}

bool
pn_classic_key_is_asked(struct pn_str key)
{
    struct pn_space space;
    bool asked;

    pn_space_begin(&space);
    asked = space.failed || pn_classic_key_add(&space, key, 0);
    pn_space_clear(&space);
    return asked;
}

/* In an included file, IPv6 text that no look-up asks for is an error. */
static bool
must_be_asked(const struct pn_classic_place *place, struct pn_str key)
{
    return !place->is_root && memchr(key.ptr, ':', key.len) &&
           !memchr(key.ptr, '@', key.len);
}

static void
keys_add(const struct pn_classic_place *place, struct pn_space *space,
         struct pn_str key, struct pn_span span)
{
    struct pn_expansion expansion;
    char text[KEY_MAX];

    if (!pn_expand(key, &expansion)) {
        pn_diags_add(place->diags, PN_DIAG_BAD_RANGE, place->tree->source, span);
        return;
    }
    if (pn_expansion_size(&expansion) > sizeof(text))
        return; /* longer than any address or name */
    for (size_t i = 0; i < pn_expansion_count(&expansion); i++) {
        size_t size = pn_expansion_key(&expansion, i, text);
        struct pn_str one = { text, size };

        if (!pn_classic_key_add(space, one, place->number) && must_be_asked(place, one))
            pn_diags_add(place->diags, PN_DIAG_UNREACHED_KEY, place->tree->source,
                         span);
    }
}

void
pn_classic_rule_add(const struct pn_classic_place *place, struct pn_space *space,
                    struct pn_buffer *text, struct pn_policy_rule *out)
{
    struct pn_span span = pn_token_span(place->tree->tokens[place->rule->token]);
    struct pn_str key = pn_tree_key(place->tree, place->rule);

    span.size--; /* its colon */
    out->verdict = place->rule->action == PN_ALLOW ? POSTERN_ALLOW : POSTERN_DENY;
    out->target = (uint32_t)text->size;
    out->target_size = (uint32_t)key.len;
    pn_buffer_add(text, key.ptr, key.len);
    out->env = (uint32_t)text->size;
    for (const struct pn_node *n = place->rule->children.head; n; n = n->next)
        (void)pn_env_item_add(text, pn_tree_name(place->tree, n),
                              pn_tree_value(place->tree, n)); /* text remembers */
    out->env_size = (uint32_t)text->size - out->env;
    if (space)
        keys_add(place, space, key, span);
}
