/*
 * Expresses IPv4 prefixes of any length by octets: a range of addresses that one rule
 * decides becomes a key, another is cut into its 256 parts, down to single addresses.
 */
#include "compiler/classic_keys.h"

#include <string.h>

#include "base/memory.h"
#include "base/vector.h"
#include "compiler/classic_six.h"
#include "compiler/regions.h"

enum { OCTET = 8, WIDTH4 = 32, WIDTH6 = 128 };

static void
fault(struct pn_classic_keys *k, enum pn_diag_id id, uint32_t rule)
{
    if (k->fault != PN_DIAG_NONE)
        return;
    k->fault = id;
    k->fault_rule = rule;
}

/* The first of equal keys is kept, so blocks are added first. */
static void
key_add(struct pn_classic_keys *k, const struct pn_buffer *key, uint32_t rule)
{
    size_t before = k->keys.count;
    uint32_t number;

    if (key->failed || !pn_intern_add(&k->keys, key->bytes, key->size, &number) ||
        !pn_vector_reserve(&k->rules, &k->capacity, k->keys.count, sizeof(*k->rules))) {
        k->failed = true;
        return;
    }
    if (number != before)
        return;
    k->rules[number] = rule;
    if (++k->counts[rule] > PN_CLASSIC_KEYS_MAX)
        fault(k, PN_DIAG_CLASSIC_WIDE, rule);
}

static bool
is_over(const struct pn_classic_keys *k)
{
    return k->failed || k->fault != PN_DIAG_NONE;
}

static void
address_key(struct pn_buffer *key, pn_number address, uint8_t family)
{
    struct postern_addr addr = pn_number_address(address, family);
    char text[POSTERN_ADDR_TEXT_SIZE];

    postern_addr_spell(&addr, text);
    pn_buffer_add_text(key, text);
}

/* What decides the prefix step of IPv4, and the blocks above it. */
struct ranges {
    struct pn_classic_keys *k;
    const struct pn_pieces *pieces;
    struct pn_buffer key;
    struct pn_str ident; /* ptr NULL: the rules without */
};

static uint32_t
rule_of(const struct pn_pieces *pieces, size_t piece)
{
    struct pn_native_entry entry = pn_pieces_entry(pieces, piece);

    if (entry.block != PN_RULE_NONE)
        return entry.block & ~PN_NATIVE_EXACT;
    return entry.prefix;
}

/* The piece that holds an address. */
static size_t
piece_at(const struct pn_pieces *pieces, pn_number address)
{
    size_t low = 0, high = pieces->count - 1;

    while (low < high) {
        size_t middle = low + (high - low + 1) / 2;

        if (pieces->items[middle].start <= address)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

/* The rules that decide in a range of addresses. */
struct survey {
    bool gap; /* some addresses have none */
    bool uniform;
    uint32_t rule; /* the one that decides most of them */
};

static pn_number
piece_last(const struct pn_pieces *pieces, size_t piece, pn_number last)
{
    if (piece + 1 < pieces->count && pieces->items[piece + 1].start - 1 < last)
        return pieces->items[piece + 1].start - 1;
    return last;
}

/* The largest piece represents the rest: a good guess of what most clients are. */
static struct survey
survey(const struct pn_pieces *pieces, pn_number first, pn_number last)
{
    struct survey s = { .uniform = true, .rule = PN_RULE_NONE };
    size_t piece = piece_at(pieces, first);
    pn_number best = 0;
    uint32_t one = rule_of(pieces, piece);

    for (;; piece++) {
        pn_number end = piece_last(pieces, piece, last);
        uint32_t rule = rule_of(pieces, piece);

        s.gap |= rule == PN_RULE_NONE;
        s.uniform &= rule == one;
        if (rule != PN_RULE_NONE && end - first + 1 > best) {
            best = end - first + 1;
            s.rule = rule;
        }
        if (end == last)
            return s;
        first = end + 1;
    }
}

/* The key of a prefix of so many bits; a whole address has no last dot. */
static void
range_key(struct ranges *r, pn_number first, unsigned length, uint32_t rule)
{
    r->key.size = 0;
    if (r->ident.ptr) {
        pn_buffer_add(&r->key, r->ident.ptr, r->ident.len);
        pn_buffer_add(&r->key, "@", 1);
    }
    if (length == WIDTH4) {
        address_key(&r->key, first, 4);
    } else {
        for (unsigned at = OCTET; at <= length; at += OCTET)
            pn_buffer_add_format(&r->key, "%u.",
                                 (unsigned)(first >> (WIDTH4 - at)) & 255);
    }
    key_add(r->k, &r->key, rule);
}

/* An ident can only stand before whole addresses: one key for each. */
static void
ident_addresses(struct ranges *r, pn_number first, pn_number last, uint32_t rule)
{
    if (last - first >= PN_CLASSIC_KEYS_MAX) {
        fault(r->k, PN_DIAG_CLASSIC_WIDE, rule);
        return;
    }
    for (; first <= last && !is_over(r->k); first++)
        range_key(r, first, WIDTH4, rule);
}

/* Adds the keys of a range; `around` is the rule of the wider key around it. */
static void
range_add(struct ranges *r, pn_number first, unsigned length, uint32_t around)
{
    pn_number last = first | pn_host_mask(4, length);
    struct survey s = survey(r->pieces, first, last);
    uint32_t cover = s.gap ? around : s.rule;

    if (s.uniform && s.gap)
        return;
    if (cover != around)
        range_key(r, first, length, cover);
    if (s.uniform || length == WIDTH4)
        return;
    for (unsigned part = 0; part < 256 && !is_over(r->k); part++) {
        pn_number start = first | (pn_number)part << (WIDTH4 - length - OCTET);
        pn_number end = start | pn_host_mask(4, length + OCTET);
        size_t piece = piece_at(r->pieces, start);

        if (piece_last(r->pieces, piece, end) == end) {
            uint32_t rule = rule_of(r->pieces, piece);

            if (rule != cover && rule != PN_RULE_NONE)
                range_key(r, start, length + OCTET, rule);
        } else {
            range_add(r, start, length + OCTET, cover);
        }
    }
}

/* Addresses written by themselves, unless they are blocked. */
static void
exacts_add(struct pn_classic_keys *k, const struct pn_prefixes *list, uint8_t family,
           const struct pn_pieces *blocks, struct pn_str ident)
{
    struct pn_buffer key = { 0 };

    for (size_t i = 0; i < list->count && !is_over(k); i++) {
        const struct pn_prefix *p = &list->items[i];

        if (!p->is_address ||
            pn_pieces_entry(blocks, piece_at(blocks, p->start)).block != PN_RULE_NONE)
            continue;
        key.size = 0;
        if (ident.ptr) {
            pn_buffer_add(&key, ident.ptr, ident.len);
            pn_buffer_add(&key, "@", 1);
        }
        address_key(&key, p->start, family);
        key_add(k, &key, p->rule);
        if (family == 6)
            k->six_rule = p->rule;
    }
    pn_buffer_free(&key);
}

/*
 * The text that every address of the prefix begins with: whole groups, none of them
 * zero, or a former classic key. A text with "::" may also be asked for by another
 * prefix, so it must be a key already.
 */
static bool
prefix6_key(const struct pn_space *space, struct pn_buffer *key,
            const struct pn_prefix *p)
{
    pn_number last = pn_prefix_last(p, 6);
    struct pn_zeros all = pn_zeros_within(p->start, last);
    struct pn_six_piece pieces[PN_SIX_PIECES];
    struct pn_str text;
    size_t count;
    uint32_t number;

    if (p->rank_length != p->length || !pn_six_text(p->start, last, &all, &all, key))
        return false;
    text = (struct pn_str){ key->bytes, key->size };
    count = pn_six_pieces(text, pieces);
    for (size_t i = 0; i < count; i++)
        if (pieces[i].start == p->start && pieces[i].length == p->length)
            return count == 1 ||
                   pn_intern_find(&space->keys, text.ptr, text.len, &number);
    return false;
}

static void
prefixes6_add(struct pn_classic_keys *k, const struct pn_space *space,
              const struct pn_prefixes *list)
{
    struct pn_buffer key = { 0 };

    for (size_t i = 0; i < list->count && !is_over(k); i++) {
        const struct pn_prefix *p = &list->items[i];

        key.size = 0;
        if (p->length == WIDTH6)
            address_key(&key, p->start, 6);
        if (p->length == WIDTH6 || prefix6_key(space, &key, p) || key.failed)
            key_add(k, &key, p->rule);
        else
            fault(k, PN_DIAG_CLASSIC_PREFIX6, p->rule);
        k->six_rule = p->rule;
    }
    pn_buffer_free(&key);
}

/* A former classic key becomes one again. */
static void
spelt_add(struct pn_classic_keys *k, const struct pn_space *space,
          const struct pn_group *group)
{
    for (size_t i = 0; i < group->spelt_count && !is_over(k); i++) {
        struct pn_str text = pn_intern_text(&space->keys, group->spelt[i].key);
        struct pn_buffer key = { 0 };

        pn_buffer_add(&key, text.ptr, text.len);
        key_add(k, &key, group->spelt[i].prefix.rule);
        pn_buffer_free(&key);
        k->six_rule = group->spelt[i].prefix.rule;
    }
}

static void
hosts_add(struct pn_classic_keys *k, const struct pn_space *space,
          const struct pn_group *group, struct pn_str ident)
{
    struct pn_buffer key = { 0 };

    for (size_t i = 0; i < group->host_count && !is_over(k); i++) {
        struct pn_str name = pn_intern_text(&space->names, group->hosts[i].name);

        if (ident.ptr && pn_name_is_suffix(name.ptr, name.len))
            fault(k, PN_DIAG_CLASSIC_IDENT, group->hosts[i].rule);
        key.size = 0;
        if (ident.ptr) {
            pn_buffer_add(&key, ident.ptr, ident.len);
            pn_buffer_add(&key, "@", 1);
        }
        pn_buffer_add(&key, "=", 1);
        pn_buffer_add(&key, name.ptr, name.len);
        key_add(k, &key, group->hosts[i].rule);
    }
    key.size = 0;
    pn_buffer_add(&key, "=", 1);
    if (group->any_host != PN_RULE_NONE && !ident.ptr)
        key_add(k, &key, group->any_host);
    key.size = 0;
    if (group->fallback != PN_RULE_NONE && !ident.ptr)
        key_add(k, &key, group->fallback);
    if (ident.ptr && group->any_host != PN_RULE_NONE)
        fault(k, PN_DIAG_CLASSIC_IDENT, group->any_host);
    if (ident.ptr && group->fallback != PN_RULE_NONE)
        fault(k, PN_DIAG_CLASSIC_IDENT, group->fallback);
    pn_buffer_free(&key);
}

static void
ident_add(struct pn_classic_keys *k, struct pn_policy *policy, uint32_t number,
          const struct pn_pieces *blocks)
{
    struct pn_group *group = &policy->space.groups[number];
    struct ranges r = { .k = k };
    struct pn_pieces pieces = { 0 };
    struct pn_str ident =
        pn_intern_text(&policy->space.idents, number - PN_NATIVE_FIRST_GROUPS);

    r.ident = ident.len ? ident : (struct pn_str){ "", 0 };
    exacts_add(k, &group->prefixes[PN_V4], 4, blocks, r.ident);
    exacts_add(k, &group->prefixes[PN_V6], 6, blocks + 1, r.ident);
    for (size_t i = 0; i < group->prefixes[PN_V6].count; i++)
        if (!group->prefixes[PN_V6].items[i].is_address)
            fault(k, PN_DIAG_CLASSIC_IDENT, group->prefixes[PN_V6].items[i].rule);
    pn_space_flatten(&policy->space, number, 4, 0, &pieces);
    for (size_t i = 0; i < pieces.count && !is_over(k); i++)
        if (pn_pieces_entry(&pieces, i).prefix != PN_RULE_NONE)
            ident_addresses(&r, pieces.items[i].start,
                            piece_last(&pieces, i, pn_host_mask(4, 0)),
                            pn_pieces_entry(&pieces, i).prefix);
    hosts_add(k, &policy->space, group, r.ident);
    pn_pieces_clear(&pieces);
    pn_buffer_free(&r.key);
}

static void
groups_add(struct pn_classic_keys *k, struct pn_policy *policy,
           const struct pn_pieces *pieces)
{
    struct pn_group *blocks = &policy->space.groups[PN_GROUP_BLOCKS];
    struct pn_group *all = &policy->space.groups[PN_GROUP_NO_IDENT];
    struct ranges r = { .k = k, .pieces = pieces };
    struct pn_str nobody = { NULL, 0 };

    hosts_add(k, &policy->space, blocks, nobody);
    prefixes6_add(k, &policy->space, &blocks->prefixes[PN_V6]);
    exacts_add(k, &all->prefixes[PN_V4], 4, pieces, nobody);
    exacts_add(k, &all->prefixes[PN_V6], 6, pieces + 1, nobody);
    for (unsigned part = 0; part < 256 && !is_over(k); part++)
        range_add(&r, (pn_number)part << (WIDTH4 - OCTET), OCTET, PN_RULE_NONE);
    prefixes6_add(k, &policy->space, &all->prefixes[PN_V6]);
    spelt_add(k, &policy->space, all);
    hosts_add(k, &policy->space, all, nobody);
    for (uint32_t i = PN_NATIVE_FIRST_GROUPS; i < policy->space.group_count; i++)
        ident_add(k, policy, i, pieces);
    pn_buffer_free(&r.key);
}

static void
terms_check(struct pn_classic_keys *k, const struct pn_policy *policy)
{
    for (uint32_t i = 0; i < policy->count; i++) {
        const uint32_t *columns = pn_policy_terms(policy, i);
        size_t penalties;

        if (!columns)
            continue;
        if (columns[PN_TERM_LIMIT_N] || columns[PN_TERM_RATE_N] ||
            columns[PN_TERM_REJECT_AT] != PN_NATIVE_NONE)
            fault(k, PN_DIAG_CLASSIC_TERM, i);
        (void)pn_policy_penalties(policy, i, &penalties);
        if (penalties)
            fault(k, PN_DIAG_CLASSIC_TERM, i);
    }
}

void
pn_classic_keys_make(struct pn_classic_keys *out, struct pn_policy *policy)
{
    struct pn_pieces pieces[2] = { { 0 }, { 0 } }; /* of either family */

    *out = (struct pn_classic_keys){ .fault = PN_DIAG_NONE, .six_rule = PN_RULE_NONE };
    out->counts = pn_calloc(policy->count + 1, sizeof(*out->counts));
    pn_space_flatten(&policy->space, PN_GROUP_NO_IDENT, 4, 0, &pieces[0]);
    pn_space_flatten(&policy->space, PN_GROUP_NO_IDENT, 6, 0, &pieces[1]);
    if (!out->counts || policy->space.failed) {
        out->failed = true;
    } else {
        terms_check(out, policy);
        groups_add(out, policy, pieces);
    }
    pn_pieces_clear(&pieces[0]);
    pn_pieces_clear(&pieces[1]);
}

void
pn_classic_keys_clear(struct pn_classic_keys *keys)
{
    pn_intern_clear(&keys->keys);
    pn_free(keys->rules);
    pn_free(keys->counts);
}
