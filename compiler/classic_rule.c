/* What a classic key means: docs/classic.md, "Look-ups". */
#include "compiler/classic_rule.h"

#include <string.h>

#include "compiler/env_item.h"
#include "compiler/expand.h"
#include "compiler/number.h"

enum { KEY_MAX = 512, OCTETS = 4, GROUP_BITS = 16, GROUPS = 8 };

static bool
name_add(struct pn_space *space, uint32_t group, struct pn_str name, uint32_t rule)
{
    uint32_t number = PN_NATIVE_NONE;

    for (size_t i = 0; i < name.len; i++) /* a server asks in lower case */
        if (name.ptr[i] >= 'A' && name.ptr[i] <= 'Z')
            return false;
    if (name.len && !pn_intern_add(&space->names, name.ptr, name.len, &number)) {
        space->failed = true;
        return true;
    }
    pn_space_add_host(space, group, number, rule);
    return true;
}

/* An address that is asked for is spelt as tcpserver does. */
static bool
address_add(struct pn_space *space, uint32_t group, struct pn_str key, uint32_t rule)
{
    char text[POSTERN_ADDR_TEXT_SIZE];
    struct postern_addr addr;
    uint8_t bits;

    if (!postern_addr_parse(key.ptr, key.len, &addr) ||
        postern_addr_spell(&addr, text) != key.len ||
        memcmp(text, key.ptr, key.len) != 0)
        return false;
    bits = (uint8_t)pn_family_bits(addr.family);
    pn_space_add_prefix(space, group, addr.family,
                        (struct pn_prefix){ .start = pn_number_from(&addr),
                                            .rule = rule,
                                            .length = bits,
                                            .counts = bits,
                                            .exact = true });
    return true;
}

static void
prefix_add(struct pn_space *space, uint8_t family, pn_number front, unsigned length,
           uint32_t rule)
{
    pn_space_add_prefix(
        space, PN_GROUP_NO_IDENT, family,
        (struct pn_prefix){ .start = front << (pn_family_bits(family) - length),
                            .rule = rule,
                            .length = (uint8_t)length,
                            .counts = (uint8_t)length });
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
    prefix_add(space, 4, front, 8 * octets, rule);
    return true;
}

static int
hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Groups that are not zero, each with its colon: such text begins every address below.
 */
static bool
prefix6_add(struct pn_space *space, struct pn_str key, uint32_t rule)
{
    unsigned groups = 0, value = 0, digits = 0;
    pn_number front = 0;

    for (size_t i = 0; i < key.len; i++) {
        int digit = hex_digit(key.ptr[i]);

        if (digit >= 0 && digits < 4 && (digits == 0 || value)) {
            value = value << 4 | (unsigned)digit;
            digits++;
        } else if (key.ptr[i] == ':' && value && groups < GROUPS - 1) {
            front = front << GROUP_BITS | value;
            groups++;
            value = digits = 0;
        } else {
            return false;
        }
    }
    if (digits || !groups)
        return false;
    prefix_add(space, 6, front, GROUP_BITS * groups, rule);
    return true;
}

bool
pn_classic_key_add(struct pn_space *space, struct pn_str key, uint32_t rule)
{
    const char *at = memchr(key.ptr, '@', key.len);
    uint32_t group = PN_GROUP_NO_IDENT;

    if (at) {
        struct pn_str ident = { key.ptr, (size_t)(at - key.ptr) };

        key.len -= ident.len + 1;
        key.ptr = at + 1;
        group = pn_space_group(space, ident.ptr, ident.len);
        if (key.len > 1 && key.ptr[0] == '=' && key.ptr[1] != '.')
            return name_add(space, group, (struct pn_str){ key.ptr + 1, key.len - 1 },
                            rule);
        return address_add(space, group, key, rule);
    }
    if (!key.len) {
        pn_space_add_fallback(space, group, rule);
        return true;
    }
    if (key.ptr[0] == '=')
        return name_add(space, group, (struct pn_str){ key.ptr + 1, key.len - 1 },
                        rule);
    return address_add(space, group, key, rule) || prefix4_add(space, key, rule) ||
           prefix6_add(space, key, rule);
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
    bool left_out = place->is_left_out && place->is_left_out(key);
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

        if ((left_out || !pn_classic_key_add(space, one, place->number)) &&
            must_be_asked(place, one))
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
