/* What is in a file of counts, and what is not one. */
#include "counts/counts.h"

#include <string.h>

#include "base/crc32c.h"

static const char magic[PN_COUNTS_MAGIC] = "postern counts\n";

/* As the machine that wrote it has this number, so it has all others. */
enum { ORDER = 0x01020304 };

_Static_assert(sizeof(struct pn_counts_row) == 64, "a row is a line of the cache");
_Static_assert(sizeof(struct pn_counts_header) <= PN_COUNTS_HEADER, "it has its room");

const char *const pn_counts_total_names[PN_COUNTS_TOTALS] = {
    [PN_COUNTS_ACCEPTED] = "accepted",   [PN_COUNTS_SERVED] = "served",
    [PN_COUNTS_DENIED] = "denied",       [PN_COUNTS_LIMITED] = "limited",
    [PN_COUNTS_RATED] = "rated",         [PN_COUNTS_DROPPED] = "dropped",
    [PN_COUNTS_PENALISED] = "penalised",
};

const char *const pn_counts_difference_words[PN_COUNTS_DIFFERENCES] = {
    "verdict", "variables", "limit", "rate", "undecided", "penalty"
};

size_t
pn_counts_bucket(uint64_t ns)
{
    unsigned power;

    if (ns < (uint64_t)1 << PN_COUNTS_FIRST_POWER)
        return 0;
    if (ns >= (uint64_t)1 << PN_COUNTS_LAST_POWER)
        return PN_COUNTS_BUCKETS - 1;
    power = 63 - (unsigned)__builtin_clzll(ns);
    return 1 + (power - PN_COUNTS_FIRST_POWER) * PN_COUNTS_PARTS +
           (ns >> (power - 2) & (PN_COUNTS_PARTS - 1));
}

uint64_t
pn_counts_bucket_bound(size_t bucket)
{
    uint64_t part = bucket % PN_COUNTS_PARTS;
    size_t power = PN_COUNTS_FIRST_POWER + bucket / PN_COUNTS_PARTS;

    if (bucket >= PN_COUNTS_BUCKETS - 1)
        return UINT64_MAX;
    return (PN_COUNTS_PARTS + part) << (power - 2);
}

static uint32_t
check_of(const struct pn_counts_fixed *fixed)
{
    return pn_crc32c(0, (const uint8_t *)fixed,
                     offsetof(struct pn_counts_fixed, check));
}

void
pn_counts_header_make(struct pn_counts_header *header, uint64_t now_s)
{
    memset(header, 0, sizeof(*header));
    memcpy(header->fixed.magic, magic, sizeof(magic));
    header->fixed.order = ORDER;
    header->fixed.version = PN_COUNTS_VERSION;
    header->fixed.header_size = PN_COUNTS_HEADER;
    header->fixed.row_size = sizeof(struct pn_counts_row);
    header->fixed.created_s = now_s;
}

static void
name_set(char *out, const char *name)
{
    size_t len = name ? strlen(name) : 0;

    memset(out, 0, PN_COUNTS_PATH);
    if (len < PN_COUNTS_PATH)
        memcpy(out, name ? name : "", len);
}

void
pn_counts_header_seal(struct pn_counts_header *header, const char *rules,
                      const char *shadow)
{
    name_set(header->fixed.rules, rules);
    name_set(header->fixed.shadow, shadow);
    header->fixed.check = check_of(&header->fixed);
}

const char *
pn_counts_header_fault(const struct pn_counts_header *header, uint64_t file_size)
{
    const struct pn_counts_fixed *fixed = &header->fixed;

    if (file_size < sizeof(magic) || memcmp(fixed->magic, magic, sizeof(magic)) != 0)
        return "it holds no counts";
    if (file_size < PN_COUNTS_HEADER)
        return "it is cut short";
    if (fixed->order == __builtin_bswap32(ORDER))
        return "it is of a machine with another byte order";
    if (fixed->order != ORDER)
        return "it is damaged";
    if (fixed->version > PN_COUNTS_VERSION)
        return "it is of a newer version";
    if (fixed->version != PN_COUNTS_VERSION || fixed->header_size != PN_COUNTS_HEADER ||
        fixed->row_size != sizeof(struct pn_counts_row) ||
        fixed->check != check_of(fixed) || fixed->rules[PN_COUNTS_PATH - 1] ||
        fixed->shadow[PN_COUNTS_PATH - 1])
        return "it is damaged";
    if (header->used > PN_COUNTS_ROWS_MOST)
        return "it is damaged";
    return header->used > pn_counts_room(file_size) ? "it is cut short" : NULL;
}

const char *
pn_counts_rows_fault(const struct pn_counts_row *rows, uint64_t used)
{
    for (uint64_t i = 0; i < used; i++) {
        bool pair = rows[i].kind == PN_COUNTS_PAIR;

        if ((!pair && rows[i].kind != PN_COUNTS_RULE) ||
            rows[i].identity < PN_COUNTS_NO_RULE ||
            (pair && (rows[i].pair.shadow < PN_COUNTS_NO_RULE ||
                      (rows[i].family != 4 && rows[i].family != 6))))
            return "it is damaged";
    }
    return NULL;
}
