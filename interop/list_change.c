/* Sets of addresses are compared, and shares of them with 2^128 addresses and no fewer.
 */
#include "interop/list_change.h"

bool
pn_list_change_find(struct pn_list_change *out, const struct pn_address_set *before,
                    const struct pn_address_set *after)
{
    *out = (struct pn_list_change){ 0 };
    return pn_address_set_without(&out->came, after, before) &&
           pn_address_set_without(&out->went, before, after);
}

void
pn_list_change_clear(struct pn_list_change *change)
{
    pn_address_set_clear(&change->came);
    pn_address_set_clear(&change->went);
}

static bool
intervals_meet(struct pn_intervals *out, const struct pn_intervals *a,
               const struct pn_intervals *b)
{
    bool good = true;

    for (size_t i = 0, k = 0; i < a->count && k < b->count && good;) {
        const struct pn_interval *x = &a->items[i], *y = &b->items[k];
        pn_number first = x->first > y->first ? x->first : y->first;
        pn_number last = x->last < y->last ? x->last : y->last;

        if (first <= last)
            good = pn_intervals_add(out, first, last);
        if (x->last < y->last)
            i++;
        else
            k++;
    }
    return good;
}

bool
pn_address_set_meet(struct pn_address_set *out, const struct pn_address_set *a,
                    const struct pn_address_set *b)
{
    bool good = true;

    *out = (struct pn_address_set){ 0 };
    for (unsigned f = 0; f < PN_FAMILIES && good; f++)
        good = intervals_meet(&out->families[f], &a->families[f], &b->families[f]);
    return good;
}

/* A number of up to 128 + 32 bits. */
struct wide {
    pn_number high, low; /* low: the last 64 bits */
};

/* The addresses of a list, 2^128 among them, times a factor. */
static struct wide
wide_of(const struct pn_intervals *list, uint32_t factor)
{
    pn_number size = pn_intervals_size(list), low = (uint64_t)size, high = size >> 64;

    if (list->count && !size)
        high = (pn_number)1 << 64;
    low *= factor;
    return (struct wide){ high * factor + (low >> 64), (uint64_t)low };
}

bool
pn_share_is_more(const struct pn_intervals *part, const struct pn_intervals *whole,
                 uint32_t share)
{
    struct wide left = wide_of(part, PN_SHARE_WHOLE), right = wide_of(whole, share);

    return left.high != right.high ? left.high > right.high : left.low > right.low;
}

static pn_number
width(const struct pn_interval *at)
{
    return at->last - at->first;
}

size_t
pn_intervals_largest(const struct pn_intervals *list, struct pn_interval *out,
                     size_t most)
{
    size_t count = 0;

    for (size_t i = 0; i < list->count; i++) {
        size_t at = count;

        while (at && width(&out[at - 1]) < width(&list->items[i]))
            at--;
        if (at == most)
            continue;
        if (count < most)
            count++;
        for (size_t k = count - 1; k > at; k--)
            out[k] = out[k - 1];
        out[at] = list->items[i];
    }
    return count;
}
