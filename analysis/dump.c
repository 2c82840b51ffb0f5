/* Collects the pieces of a native image by rule; those of one rule need not touch. */
#include "analysis/dump.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/extent_text.h"
#include "base/memory.h"
#include "base/vector.h"
#include "compiler/query_text.h"

enum { LINE_MAX = 76 };

/* One target of a rule, as it is written out. */
struct item {
    uint32_t rule;
    uint32_t group;
    uint8_t family; /* 0: `name` is a host, a suffix, any host or the default */
    bool exact, fallback;
    uint32_t name; /* in decoded->names, or PN_RULE_NONE */
    pn_number first, last;
};

struct dump {
    const struct postern_rules *rules;
    const struct pn_decoded *decoded;
    struct item *items;
    size_t count, capacity;
    struct pn_buffer *out;
    bool failed;
};

static void
item_add(struct dump *d, struct item item)
{
    struct item *last = d->count ? &d->items[d->count - 1] : NULL;

    if (item.rule == PN_RULE_NONE)
        return;
    if (last && item.family && last->family == item.family && last->rule == item.rule &&
        last->group == item.group && !item.exact && !last->exact &&
        last->last + 1 == item.first) {
        last->last = item.last;
        return;
    }
    d->failed |=
        !pn_vector_add(&d->items, &d->count, &d->capacity, &item, sizeof(item));
}

/* Adds a piece. Neighbours that are exact become one piece, written as single
 * addresses. */
static void
addresses_add(struct dump *d, struct item item)
{
    pn_number last = item.last;

    for (;; item.first++) {
        item.last = item.first;
        item_add(d, item);
        if (item.first == last || d->failed)
            break;
    }
}

/* Below a block nothing else decides; at an exact address no prefix does. */
static void
pieces_add(struct dump *d, uint32_t group, uint8_t family)
{
    const struct pn_pieces *pieces =
        pn_decoded_pieces(&d->decoded->groups[group], family, 0);

    for (size_t i = 0; i < pieces->count; i++) {
        struct pn_native_entry entry = pn_pieces_entry(pieces, i);
        struct item item = { .group = group,
                             .family = family,
                             .rule = entry.prefix,
                             .first = pieces->items[i].start,
                             .last = pn_host_mask(family, 0) };

        if (i + 1 < pieces->count)
            item.last = pieces->items[i + 1].start - 1;
        if (entry.block != PN_RULE_NONE) {
            item.group = PN_GROUP_BLOCKS;
            item.rule = entry.block & ~PN_NATIVE_EXACT;
            item.exact = entry.block & PN_NATIVE_EXACT;
        } else if (entry.exact != PN_RULE_NONE) {
            item.rule = entry.exact;
            item.exact = true;
        }
        if (item.exact)
            addresses_add(d, item);
        else
            item_add(d, item);
    }
}

static void
group_add(struct dump *d, uint32_t group)
{
    const struct pn_decoded_group *g = &d->decoded->groups[group];
    struct item item = { .group = group, .name = PN_NAME_ANY };

    if (group !=
        PN_GROUP_BLOCKS) { /* the addresses of blocks are in the groups that follow */
        pieces_add(d, group, 4);
        pieces_add(d, group, 6);
    }
    for (size_t i = 0; i < g->host_count; i++)
        item_add(d, (struct item){ .group = group,
                                   .rule = g->hosts[i].rule,
                                   .name = g->hosts[i].name });
    item.rule = g->any_host;
    item_add(d, item);
    item.rule = g->fallback;
    item.fallback = true;
    item_add(d, item);
}

static int
compare_items(const void *left, const void *right)
{
    const struct item *a = left, *b = right;

    if (a->rule != b->rule)
        return a->rule < b->rule ? -1 : 1;
    if (a->group != b->group)
        return a->group < b->group ? -1 : 1;
    if (a->family != b->family)
        return a->family - b->family;
    if (a->first != b->first)
        return a->first < b->first ? -1 : 1;
    return (a->name > b->name) - (a->name < b->name);
}

/* A range counts as a prefix whatever its size; a single address does not. */
static void
range_write(struct pn_buffer *out, const struct item *item)
{
    pn_extent_write(out,
                    &(struct pn_extent){ item->first, item->last, item->family, 0 });
    if (!item->exact && item->first == item->last)
        pn_buffer_add_format(out, "/%u", pn_family_bits(item->family));
}

static void
target_write(struct dump *d, const struct item *item)
{
    struct pn_buffer *out = d->out;
    struct pn_str name = { "", 0 };

    if (item->group >= PN_NATIVE_FIRST_GROUPS)
        pn_ident_write(out, pn_intern_text(&d->decoded->idents,
                                           item->group - PN_NATIVE_FIRST_GROUPS));
    if (item->family) {
        range_write(out, item);
    } else if (item->fallback) {
        pn_buffer_add_text(out, "*");
    } else {
        if (item->name != PN_NAME_ANY)
            name = pn_intern_text(&d->decoded->names, item->name);
        pn_buffer_add_text(out, "=");
        pn_buffer_add(out, name.ptr, name.len);
    }
}

/* Puts as many targets on a line as fit. */
static void
targets_write(struct dump *d, const struct item *items, size_t count)
{
    size_t line = d->out->size;

    for (size_t i = 0; i < count; i++) {
        if (i && d->out->size - line > LINE_MAX - POSTERN_ADDR_TEXT_SIZE) {
            pn_buffer_add_text(d->out, ",\n    ");
            line = d->out->size;
        } else if (i) {
            pn_buffer_add_text(d->out, ", ");
        }
        target_write(d, &items[i]);
    }
}

static void
text_write(struct pn_buffer *out, const char *word, struct postern_str text)
{
    if (!text.ptr)
        return;
    pn_buffer_add_format(out, ", %s ", word);
    pn_value_write(out, (struct pn_str){ text.ptr, text.len });
}

static void
terms_write(struct pn_buffer *out, const struct postern_decision *d,
            const struct postern_origin *origin)
{
    pn_admission_write(out, d);
    if (origin->until)
        pn_buffer_add_format(out, ", until %04u-%02u-%02u", origin->until / 10000,
                             origin->until / 100 % 100, origin->until % 100);
    text_write(out, "owner", origin->owner);
    text_write(out, "ticket", origin->ticket);
}

/* Writes where a rule comes from as a comment, which stays on one line whatever the
 * names hold. */
static void
origin_write(struct pn_buffer *out, const struct postern_origin *origin)
{
    if (!origin->line)
        return;
    pn_buffer_add_text(out, "# ");
    for (size_t i = 0; i < origin->file.len; i++)
        pn_buffer_add(
            out, (unsigned char)origin->file.ptr[i] < ' ' ? "?" : origin->file.ptr + i,
            1);
    pn_buffer_add_format(out, ":%" PRIu32 "\n", origin->line);
}

static enum pn_dump_result
rule_write(struct dump *d, const struct item *items, size_t count)
{
    struct postern_decision decision = POSTERN_DECISION_INIT;
    struct postern_origin origin = POSTERN_ORIGIN_INIT;
    const char *verdict;

    if (postern_rules_outcome(d->rules, items->rule, &decision) != POSTERN_OK ||
        postern_rules_origin(d->rules, items->rule, &origin) != POSTERN_OK)
        return PN_DUMP_DAMAGED;
    verdict = decision.verdict == POSTERN_ALLOW ? "allow" : "deny";
    if (items->group == PN_GROUP_BLOCKS)
        verdict = "block";
    origin_write(d->out, &origin);
    targets_write(d, items, count);
    pn_buffer_add_format(d->out, " : %s", verdict);
    pn_env_write(d->out, decision.env);
    terms_write(d->out, &decision, &origin);
    pn_buffer_add_text(d->out, "\n");
    return PN_DUMP_OK;
}

/* Finds a rule that decides in one zone where another one does in the first zone. */
static uint32_t
spelt_rule(const struct pn_decoded *decoded)
{
    const struct pn_decoded_group *g = &decoded->groups[PN_GROUP_NO_IDENT];

    for (unsigned z = 1; z < decoded->zones.count; z++)
        for (size_t i = 0, k = 0; i < g->pieces[PN_V6][z].count; i++) {
            uint32_t here = pn_pieces_entry(&g->pieces[PN_V6][z], i).prefix, there;

            while (k + 1 < g->pieces[PN_V6][0].count &&
                   g->pieces[PN_V6][0].items[k + 1].start <=
                       g->pieces[PN_V6][z].items[i].start)
                k++;
            there = pn_pieces_entry(&g->pieces[PN_V6][0], k).prefix;
            if (here != there)
                return here != PN_RULE_NONE ? here : there;
        }
    return PN_RULE_NONE;
}

enum pn_dump_result
pn_dump_native(const struct postern_rules *rules, const struct pn_decoded *decoded,
               struct pn_buffer *out, struct pn_buffer *what)
{
    struct dump d = { .rules = rules, .decoded = decoded, .out = out };
    struct postern_origin origin = POSTERN_ORIGIN_INIT;
    enum pn_dump_result result = PN_DUMP_OK;

    if (decoded->zones.count > 1) { /* the language cannot say this */
        if (postern_rules_origin(rules, spelt_rule(decoded), &origin) == POSTERN_OK)
            pn_buffer_add(what, origin.target.ptr, origin.target.len);
        return PN_DUMP_SPELT;
    }

    for (uint32_t i = 0; i < decoded->group_count; i++)
        group_add(&d, i);
    if (d.count)
        qsort(d.items, d.count, sizeof(*d.items), compare_items);
    pn_buffer_add_text(out, "postern: 1\n\n");
    for (size_t i = 0, end; i < d.count && result == PN_DUMP_OK; i = end) {
        for (end = i + 1; end < d.count && d.items[end].rule == d.items[i].rule; end++)
            continue;
        result = rule_write(&d, d.items + i, end - i);
    }
    pn_free(d.items);
    return d.failed || out->failed ? PN_DUMP_MEMORY : result;
}
