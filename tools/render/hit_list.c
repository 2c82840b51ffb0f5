/* Rules by their identities. Of a classic file those count that can decide anything. */
#include "tools/render/hit_list.h"

#include <stdlib.h>
#include <string.h>

#include "base/vector.h"

struct making {
    struct pn_hits *hits;
    const struct pn_rules_file *file;
    bool failed;
};

static void
item_add(struct making *m, const struct pn_hit *hit)
{
    m->failed |= m->failed || !pn_vector_add(&m->hits->items, &m->hits->count,
                                             &m->hits->capacity, hit, sizeof(*hit));
}

static void
rule_add(struct making *m, uint32_t rule)
{
    struct pn_hit hit = { .rule = { .decision = POSTERN_DECISION_INIT } };
    struct postern_origin origin = POSTERN_ORIGIN_INIT;

    hit.rule.decision.rule = rule;
    if (postern_rules_origin(m->file->rules, rule, &origin) != POSTERN_OK ||
        postern_rules_outcome(m->file->rules, rule, &hit.rule.decision) != POSTERN_OK ||
        pn_rules_file_place(m->file, &hit.rule) != POSTERN_OK)
        return;
    hit.identity = pn_counts_identity(origin.identity);
    item_add(m, &hit);
}

static int
by_number(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

    return left < right ? -1 : left > right;
}

struct numbers {
    uint32_t *items;
    size_t count, capacity;
    bool failed;
};

static void
number_add(struct numbers *n, uint32_t rule)
{
    if (rule != PN_RULE_NONE)
        n->failed |= n->failed || !pn_vector_add(&n->items, &n->count, &n->capacity,
                                                 &rule, sizeof(rule));
}

static void
group_numbers(struct numbers *n, const struct pn_decoded *decoded,
              const struct pn_decoded_group *group)
{
    for (unsigned family = 0; family < PN_FAMILIES; family++)
        for (unsigned zone = 0; zone < (family ? decoded->zones.count : 1); zone++) {
            const struct pn_pieces *pieces = &group->pieces[family][zone];

            for (size_t i = 0; i < pieces->entry_count; i++) {
                number_add(n, pieces->entries[i].block);
                number_add(n, pieces->entries[i].exact);
                number_add(n, pieces->entries[i].prefix);
            }
        }
    for (size_t i = 0; i < group->host_count; i++)
        number_add(n, group->hosts[i].rule);
    number_add(n, group->any_host);
    number_add(n, group->fallback);
}

/* Of a classic image rules are the places of records: those that anything names. */
static void
classic_add(struct making *m, const struct pn_decoded *decoded)
{
    struct numbers n = { .items = NULL };

    for (size_t i = 0; i < decoded->group_count; i++)
        group_numbers(&n, decoded, &decoded->groups[i]);
    if (n.count)
        qsort(n.items, n.count, sizeof(*n.items), by_number);
    for (size_t i = 0; i < n.count && !n.failed; i++)
        if (!i || n.items[i] != n.items[i - 1])
            rule_add(m, n.items[i]);
    m->failed |= n.failed;
    free(n.items);
}

static int
by_identity(const void *a, const void *b)
{
    uint64_t left = ((const struct pn_hit *)a)->identity;
    uint64_t right = ((const struct pn_hit *)b)->identity;

    return left < right ? -1 : left > right;
}

static int
by_hits(const void *a, const void *b)
{
    const struct pn_hit *left = a, *right = b;

    if (left->gone != right->gone)
        return left->gone ? 1 : -1;
    if (left->hits != right->hits)
        return left->hits > right->hits ? -1 : 1;
    if (left->rule.line != right->rule.line)
        return left->rule.line < right->rule.line ? -1 : 1;
    return by_identity(a, b);
}

/* Sorted by identity, with `count` of them. */
static struct pn_hit *
find_sorted(struct pn_hit *items, size_t count, uint64_t identity)
{
    const struct pn_hit wanted = { .identity = identity };

    return count ? bsearch(&wanted, items, count, sizeof(*items), by_identity) : NULL;
}

static void
row_take(struct making *m, size_t known, const struct pn_counts_row *row)
{
    struct pn_hits *hits = m->hits;
    struct pn_hit gone = { .identity = row->identity,
                           .gone = row->identity != PN_COUNTS_NO_RULE };
    struct pn_hit *hit = find_sorted(hits->items, known, row->identity);

    if (!hit) {
        item_add(m, &gone);
        if (m->failed)
            return;
        hit = &hits->items[hits->count - 1];
    }
    hit->hits += row->rule.hits;
    hit->limited += row->rule.limited;
    hit->rated += row->rule.rated;
    hit->penalised += row->rule.penalised;
    if (row->rule.last_s > hit->last_s)
        hit->last_s = row->rule.last_s;
}

static int
by_identity_of(const void *a, const void *b)
{
    return by_identity(*(const struct pn_hit *const *)a,
                       *(const struct pn_hit *const *)b);
}

/* Once the items stay where they are. */
static bool
index_make(struct pn_hits *hits)
{
    hits->by_identity =
        malloc((hits->count ? hits->count : 1) * sizeof(struct pn_hit *));
    if (!hits->by_identity)
        return false;
    for (size_t i = 0; i < hits->count; i++)
        hits->by_identity[i] = &hits->items[i];
    if (hits->count)
        qsort(hits->by_identity, hits->count, sizeof(struct pn_hit *), by_identity_of);
    return true;
}

static int
by_clients(const void *a, const void *b)
{
    const struct pn_counts_row *left = a, *right = b;

    if (left->pair.count != right->pair.count)
        return left->pair.count > right->pair.count ? -1 : 1;
    if (left->identity != right->identity)
        return left->identity < right->identity ? -1 : 1;
    return left->pair.shadow < right->pair.shadow ? -1 : 1;
}

/* The pairs, which stand behind the rules, with the most clients first. */
static void
pairs_sort(struct pn_counts *counts)
{
    uint64_t rules = 0;

    while (rules < counts->header.used && counts->rows[rules].kind == PN_COUNTS_RULE)
        rules++;
    if (rules < counts->header.used)
        qsort(counts->rows + rules, (size_t)(counts->header.used - rules),
              sizeof(*counts->rows), by_clients);
}

bool
pn_hits_make(struct pn_hits *hits, const struct pn_rules_file *file,
             const struct pn_decoded *decoded)
{
    struct making m = { .hits = hits, .file = file };
    struct postern_info info = POSTERN_INFO_INIT;
    size_t known;

    if (file && postern_rules_info(file->rules, &info) == POSTERN_OK &&
        info.format == POSTERN_FORMAT_NATIVE)
        for (uint32_t i = 0; i < info.records; i++)
            rule_add(&m, i);
    else if (file)
        classic_add(&m, decoded);
    known = hits->count;
    if (known)
        qsort(hits->items, known, sizeof(*hits->items), by_identity);
    for (uint64_t i = 0; i < hits->counts.header.used && !m.failed; i++)
        if (hits->counts.rows[i].kind == PN_COUNTS_RULE)
            row_take(&m, known, &hits->counts.rows[i]);
    if (hits->count)
        qsort(hits->items, hits->count, sizeof(*hits->items), by_hits);
    pairs_sort(&hits->counts);
    return !m.failed && index_make(hits);
}

void
pn_hits_clear(struct pn_hits *hits)
{
    pn_counts_clear(&hits->counts);
    free(hits->items);
    free(hits->by_identity);
    *hits = (struct pn_hits){ .items = NULL };
}

const struct pn_hit *
pn_hits_find(const struct pn_hits *hits, uint64_t identity)
{
    const struct pn_hit wanted = { .identity = identity }, *key = &wanted;
    const struct pn_hit *const *found =
        hits->count ? bsearch(&key, hits->by_identity, hits->count,
                              sizeof(struct pn_hit *), by_identity_of)
                    : NULL;

    return found ? *found : NULL;
}

bool
pn_hit_is_unused(const struct pn_hit *hit, uint64_t seconds, uint64_t now_s)
{
    return !hit->gone && hit->identity != PN_COUNTS_NO_RULE &&
           (!hit->last_s || (hit->last_s < now_s && now_s - hit->last_s > seconds));
}

uint64_t
pn_hits_quantile(const struct pn_counts_histogram *histogram, unsigned in_thousand)
{
    uint64_t all = 0, seen = 0;

    for (size_t i = 0; i < PN_COUNTS_BUCKETS; i++)
        all += histogram->buckets[i];
    for (size_t i = 0; all && i < PN_COUNTS_BUCKETS; i++) {
        seen += histogram->buckets[i];
        if (seen >= all / 1000 * in_thousand + all % 1000 * in_thousand / 1000 && seen)
            return pn_counts_bucket_bound(i);
    }
    return 0;
}
