/* An ident is decided like no ident wherever neither image has a rule for it. */
#include "analysis/difference_where.h"

#include "base/memory.h"
#include "base/sizes.h"
#include "base/vector.h"

/* Candidates without a name have this pattern. */
static const struct pn_str nothing = { "", 0 };

static bool
host_key(struct pn_buffer *out, enum pn_candidate_kind kind, struct pn_str pattern)
{
    out->size = 0;
    pn_buffer_add_format(out, "%c", (char)('0' + kind));
    pn_buffer_add(out, pattern.ptr, pattern.len);
    return !out->failed;
}

static bool
extents_add(struct pn_address_set *where, const struct pn_area *area)
{
    bool good = true;

    for (size_t i = 0; i < area->extent_count && good; i++) {
        const struct pn_extent *e = &area->extents[i];

        good = pn_intervals_add(&where->families[pn_family_index(e->family)], e->first,
                                e->last);
    }
    return good;
}

/* Adds each suffix of a name, from each dot on, and the name itself. */
static bool
tails_add(struct pn_where *w, struct pn_str pattern)
{
    uint32_t number;
    bool good = pn_intern_add(&w->tails, pattern.ptr, pattern.len, &number);

    for (size_t i = 0; i < pattern.len && good; i++)
        if (pattern.ptr[i] == '.')
            good = pn_intern_add(&w->tails, pattern.ptr + i, pattern.len - i, &number);
    return good;
}

static bool
hosts_add(struct pn_where *w, struct pn_ident_where *item, const struct pn_regions *r,
          const bool *differs)
{
    struct pn_buffer key = { 0 };
    bool good = true;

    for (size_t c = 0; c < r->candidate_count && good; c++) {
        struct pn_str pattern = pn_intern_text(&r->hosts, r->candidates[c].pattern);
        char byte = (char)differs[c];
        uint32_t number;

        good = host_key(&key, r->candidates[c].kind, pattern) &&
               pn_intern_add(&item->hosts, key.bytes, key.size, &number) &&
               (!byte || item->ident || tails_add(w, pattern));
        pn_buffer_add(&item->differs, &byte, 1);
    }
    pn_buffer_free(&key);
    return good && !item->differs.failed;
}

bool
pn_where_add(void *payload, const struct pn_regions *r,
             const struct pn_differing *differing)
{
    struct pn_where *w = payload;
    struct pn_ident_where *item;

    if (!differing->any)
        return true;
    if (!pn_vector_reserve(&w->items, &w->capacity, w->count + 1, sizeof(*w->items))) {
        w->failed = true;
        return false;
    }
    item = &w->items[w->count++];
    *item = (struct pn_ident_where){ .ident = r->next_ident };
    for (size_t a = 0; a < r->area_count && !w->failed; a++)
        if (differing->areas[a])
            w->failed = !extents_add(&item->where, &r->areas[a]);
    w->failed |= !hosts_add(w, item, r, differing->hosts);
    pn_address_set_finish(&item->where);
    return !w->failed;
}

static const struct pn_ident_where *
where_of(const struct pn_where *w, size_t ident)
{
    size_t low = 0, high = w->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (w->items[middle].ident < ident)
            low = middle + 1;
        else
            high = middle;
    }
    return low < w->count && w->items[low].ident == ident ? &w->items[low] : NULL;
}

static bool
pieces_overlap(struct pn_regions *r, const struct pn_pieces *pieces, uint8_t family,
               const struct pn_address_set *where)
{
    const struct pn_intervals *ranges = &where->families[pn_family_index(family)];

    for (size_t i = 0; i < pieces->count && pn_regions_take(r, 1); i++) {
        struct pn_native_entry entry = pn_pieces_entry(pieces, i);
        pn_number last = i + 1 < pieces->count ? pieces->items[i + 1].start - 1
                                               : pn_host_mask(family, 0);

        if ((entry.exact != PN_RULE_NONE || entry.prefix != PN_RULE_NONE) &&
            pn_intervals_overlap(ranges, pieces->items[i].start, last))
            return true;
    }
    return false;
}

/* Does a host differ, by itself or by one of its suffixes? */
static bool
host_differs(const struct pn_ident_where *item, enum pn_candidate_kind kind,
             struct pn_str name)
{
    struct pn_buffer key = { 0 };
    uint32_t number = 0;
    bool found;

    found = host_key(&key, kind, name) &&
            pn_intern_find(&item->hosts, key.bytes, key.size, &number);
    for (size_t i = kind == PN_HOST_SUFFIX; !found && i + 1 < name.len; i++)
        found = name.ptr[i] == '.' &&
                host_key(&key, PN_HOST_SUFFIX,
                         (struct pn_str){ name.ptr + i, name.len - i }) &&
                pn_intern_find(&item->hosts, key.bytes, key.size, &number);
    if (!found && kind != PN_HOST_ABSENT)
        found = host_key(&key, PN_HOST_OTHER, nothing) &&
                pn_intern_find(&item->hosts, key.bytes, key.size, &number);
    if (key.failed)
        found = true, number = UINT32_MAX;
    pn_buffer_free(&key);
    return found && (number >= item->differs.size || item->differs.bytes[number]);
}

/* Has a group a rule where clients without ident are decided differently? */
static bool
group_overlaps(const struct pn_where *w, struct pn_regions *r, size_t side,
               const struct pn_decoded_group *g, const struct pn_ident_where *none)
{
    const struct pn_decoded *decoded = r->sides[side].decoded;
    uint32_t number;

    if (g->any_host != PN_RULE_NONE || g->fallback != PN_RULE_NONE ||
        pieces_overlap(r, g->pieces[PN_V4], 4, &none->where))
        return true;
    for (unsigned z = 0; z < decoded->zones.count; z++)
        if (pieces_overlap(r, &g->pieces[PN_V6][z], 6, &none->where))
            return true;
    for (size_t h = 0; h < g->host_count && pn_regions_take(r, PN_STEPS_LABEL); h++) {
        struct pn_str name = pn_intern_text(&decoded->names, g->hosts[h].name);
        bool suffix = pn_name_is_suffix(name.ptr, name.len);

        if (host_differs(none, suffix ? PN_HOST_SUFFIX : PN_HOST_EXACT, name) ||
            pn_intern_find(&w->tails, name.ptr, name.len, &number))
            return true;
    }
    return false;
}

/* The union of what differs without ident and what differs with this one. */
static bool
within_make(struct pn_where *w, const struct pn_ident_where *none)
{
    pn_address_set_clear(&w->within);
    if ((none && !pn_address_set_add(&w->within, &none->where)) ||
        (w->at && w->at != none && !pn_address_set_add(&w->within, &w->at->where)))
        return false;
    pn_address_set_finish(&w->within);
    return true;
}

enum pn_ident_part
pn_where_ident(void *payload, struct pn_regions *r)
{
    struct pn_where *w = payload;
    size_t ident = r->ident_text.ptr ? r->next_ident : 0;
    const struct pn_ident_where *none = where_of(w, 0);
    bool overlaps = none && !ident;

    w->at = where_of(w, ident);
    for (size_t i = 0; none && ident && !overlaps && i < r->side_count; i++) {
        const struct pn_decoded_group *g = pn_regions_group(r, i);

        overlaps = g && group_overlaps(w, r, i, g, none);
    }
    if (!w->at && !overlaps)
        return none ? PN_IDENT_AS_NONE : PN_IDENT_NOTHING;
    if (!within_make(w, none))
        r->failed = true;
    (void)pn_regions_take(r, pn_address_set_count(&w->within));
    r->within = &w->within;
    return PN_IDENT_WHOLE;
}

bool
pn_where_host(void *payload, const struct pn_regions *r, size_t candidate)
{
    const struct pn_where *where = payload;
    const struct pn_candidate *c = &r->candidates[candidate];
    struct pn_str pattern = pn_intern_text(&r->hosts, c->pattern);
    const struct pn_ident_where *none = where_of(where, 0);

    return (none && host_differs(none, c->kind, pattern)) ||
           (where->at && where->at != none &&
            host_differs(where->at, c->kind, pattern));
}

void
pn_where_clear(struct pn_where *where)
{
    for (size_t i = 0; i < where->count; i++) {
        pn_address_set_clear(&where->items[i].where);
        pn_intern_clear(&where->items[i].hosts);
        pn_buffer_free(&where->items[i].differs);
    }
    pn_free(where->items);
    pn_intern_clear(&where->tails);
    pn_address_set_clear(&where->within);
    *where = (struct pn_where){ 0 };
}
