/* Reads the lists of a rule once more: their lines are not kept. */
#include "compiler/listed.h"

#include <string.h>

#include "compiler/gather.h"
#include "compiler/list_line.h"

/* The rank of an entry: the length of its prefix that covers an address. */
enum { RANK_NONE = -1, RANK_EXACT = 129 };

struct search {
    struct pn_policy *policy;
    uint8_t family;
    pn_number address;
    int wanted; /* RANK_NONE: the highest there is */
    struct pn_str ident;
    int best;
    struct pn_listed_entry found; /* list NULL: not from a list */
};

/* Each prefix of a range ranks by its own length. */
static int
range_rank(const struct pn_target *range, pn_number address)
{
    pn_number first = range->first;

    for (;;) {
        uint8_t length = pn_prefix_at(range->family, first, range->last);
        pn_number last = first | pn_host_mask(range->family, length);

        if (address <= last)
            return length;
        first = last + 1;
    }
}

static int
rank_of(const struct pn_target *target, const struct search *s)
{
    if (target->family != s->family || s->address < target->first ||
        s->address > pn_list_line_last(target))
        return RANK_NONE;
    if (target->kind == PN_TARGET_ADDRESSES)
        return RANK_EXACT;
    return target->kind == PN_TARGET_PREFIXES ? target->length
                                              : range_rank(target, s->address);
}

static bool
is_better(const struct search *s, int rank)
{
    return rank > s->best && (s->wanted == RANK_NONE || rank == s->wanted);
}

static void
lines_search(struct search *s, const struct pn_list_file *list)
{
    struct pn_buffer scratch = { 0 };
    struct pn_list_reader reader = pn_list_begin(&list->source, &scratch);
    struct pn_list_line line;

    while (pn_list_next(&reader, &line)) {
        int rank = line.has_entry ? rank_of(&line.target, s) : RANK_NONE;

        if (!is_better(s, rank))
            continue;
        s->best = rank;
        s->found.list = list;
        s->found.at = (struct pn_span){ (uint32_t)(line.at.ptr - list->source.text),
                                        (uint32_t)line.at.len };
    }
    s->policy->failed |= scratch.failed;
    pn_buffer_free(&scratch);
}

static void
element_search(struct search *s, const struct pn_element *element)
{
    const struct pn_names *names = &s->policy->names;
    const struct pn_target target = { .kind = element->kind,
                                      .family = element->family,
                                      .length = element->length,
                                      .count = element->count,
                                      .first = element->first,
                                      .last = element->last };

    if (pn_set_pool_has(&names->pool, element->excluded, s->family, s->address))
        return;
    if (element->kind == PN_TARGET_LIST) {
        for (size_t i = 0; i < names->lists.count; i++)
            if (names->lists.items[i].element.count == element->count &&
                names->lists.items[i].source.text)
                lines_search(s, &names->lists.items[i]);
    } else if (element->kind < PN_TARGET_LIST && s->wanted == RANK_NONE &&
               is_better(s, rank_of(&target, s))) {
        s->best = rank_of(&target, s);
        s->found.list = NULL;
    }
}

static void
gathered_search(void *payload, const struct pn_node *node,
                const struct pn_gathered *gathered)
{
    struct search *s = payload;
    bool same = gathered->has_ident == (s->ident.ptr != NULL) &&
                (!gathered->has_ident ||
                 (gathered->ident.size == s->ident.len &&
                  (!s->ident.len ||
                   memcmp(gathered->ident.bytes, s->ident.ptr, s->ident.len) == 0)));

    (void)node;
    for (size_t i = 0; same && i < gathered->elements.count; i++)
        element_search(s, &gathered->elements.items[i]);
}

static enum pn_diag_id
accept_all(const struct pn_target *target)
{
    (void)target;
    return PN_DIAG_NONE;
}

static bool
search_end(const struct search *s, struct pn_listed_entry *out)
{
    if (s->found.list)
        *out = s->found;
    return s->found.list != NULL;
}

bool
pn_policy_listed(struct pn_policy *policy, uint32_t rule, struct pn_str ident,
                 const struct postern_addr *addr, struct pn_listed_entry *out)
{
    const struct pn_rule_node *at = &policy->nodes[rule];
    struct search search = { .policy = policy,
                             .family = addr->family,
                             .address = pn_number_from(addr),
                             .wanted = RANK_NONE,
                             .ident = ident,
                             .best = RANK_NONE };
    struct pn_place place = { .file = at->file,
                              .accept = accept_all,
                              .take = gathered_search,
                              .payload = &search };

    if (!at->node)
        return false;
    place.nodes = at->node->children.head;
    pn_targets_each(&policy->names, &place);
    return search_end(&search, out);
}

bool
pn_policy_listed_as(struct pn_policy *policy, const struct pn_listed_of *of,
                    struct pn_listed_entry *out)
{
    struct search search = { .policy = policy,
                             .family = of->family,
                             .address = of->entry.start,
                             .wanted = of->entry.is_address ? RANK_EXACT
                                                            : of->entry.rank_length,
                             .best = RANK_NONE };
    struct pn_gathered gathered = { 0 };

    pn_target_gather(&policy->names, of->target, accept_all, &gathered);
    for (size_t i = 0; gathered.good && i < gathered.elements.count; i++)
        element_search(&search, &gathered.elements.items[i]);
    pn_gathered_clear(&gathered);
    return search_end(&search, out);
}
