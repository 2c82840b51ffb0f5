/* Reading a native image: every offset is checked before it is followed. */
#include "runtime/format/native.h"

#include <string.h>

#include "runtime/format/record.h"

enum { NUMBER = 4, IDENTITY_SIZE = 8, MAGIC_LOW = 0x55524e50, MAGIC_HIGH = 0x0053454c };

const char pn_native_magic[PN_NATIVE_MAGIC_SIZE] = "PNRULES";

const char pn_native_key[PN_NATIVE_KEY_SIZE] = "\0postern native image";

static uint32_t
column(const uint8_t *row, unsigned number)
{
    return pn_container_number(row + (size_t)number * NUMBER);
}

void
pn_native_put(uint8_t *at, uint32_t number)
{
    for (int i = 0; i < NUMBER; i++)
        at[i] = (uint8_t)(number >> 8 * i);
}

void
pn_native_put_entry(uint8_t *at, const struct pn_native_entry *entry)
{
    const uint32_t columns[] = { entry->block, entry->exact, entry->prefix,
                                 entry->lookups, entry->plain };

    for (size_t i = 0; i < PN_ENTRY_SIZE / NUMBER; i++)
        pn_native_put(at + i * NUMBER, columns[i]);
}

static char
lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

size_t
pn_native_name_key(char *at, enum pn_name_kind kind, uint32_t group, const char *name,
                   size_t size)
{
    at[0] = '\0';
    at[1] = (char)kind;
    pn_native_put((uint8_t *)at + 2, group);
    for (size_t i = 0; i < size; i++)
        at[i + PN_NAME_KEY_FRONT] = kind == PN_NAME_HOST ? lower(name[i]) : name[i];
    return size + PN_NAME_KEY_FRONT;
}

int
pn_native_name_find(const struct pn_native *native, const char *key, size_t size,
                    uint32_t *out)
{
    struct pn_record record;
    int found = pn_container_find(&native->container, key, size,
                                  pn_container_hash(key, size), &record);

    if (found > 0 && record.value_size != NUMBER)
        return -1;
    if (found > 0)
        *out = pn_container_number(record.value);
    return found;
}

uint32_t
pn_native_header_at(const struct pn_native *native, enum pn_native_header number)
{
    return column(native->bytes, number);
}

/* Do `count` items of `each` bytes at `at` lie within the value? */
static bool
fits(const struct pn_native *native, uint32_t at, uint32_t count, uint32_t each)
{
    return at >= PN_NATIVE_HEADER_SIZE && at <= native->size &&
           (native->size - at) / each >= count;
}

/* A part that the header names by its place and its count. */
static bool
rows_open(const struct pn_native *native, const uint8_t *header,
          enum pn_native_header at, uint32_t each, struct pn_native_rows *out)
{
    uint32_t place = column(header, at), count = column(header, at + 1);

    *out = (struct pn_native_rows){ native->bytes + place, count };
    return fits(native, place, count, each);
}

/* How many bytes a piece has whose start has so many. */
static inline uint32_t
piece_size(uint32_t start_size)
{
    return start_size + (start_size == PN_INDEX_COMPACT ? 2 : NUMBER);
}

static bool
size_is_known(unsigned family, uint32_t size)
{
    return family == 4 ? size == 4 || size == PN_INDEX_COMPACT
                       : size == 8 || size == 16;
}

static bool
index_open(const struct pn_native *native, const uint8_t *row, unsigned family,
           struct pn_native_index *out)
{
    uint32_t pieces = column(row, PN_INDEX_PIECES_AT);
    uint32_t table = column(row, PN_INDEX_TABLE_AT);
    uint32_t size = column(row, PN_INDEX_START_SIZE),
             shift = column(row, PN_INDEX_SHIFT);

    out->count = column(row, PN_INDEX_PIECES);
    out->slots = column(row, PN_INDEX_SLOTS);
    out->base = column(row, PN_INDEX_BASE) | (uint64_t)column(row, PN_INDEX_BASE + 1)
                                                 << 32;
    if (!out->count || !size_is_known(family, size) || shift > 63 ||
        out->slots == UINT32_MAX ||
        (size == PN_INDEX_COMPACT &&
         (out->base || !out->slots || shift > PN_INDEX_COMPACT_SHIFT)) ||
        !fits(native, pieces, out->count, piece_size(size)) ||
        (out->slots && !fits(native, table, out->slots + 1, NUMBER)))
        return false;
    out->pieces = native->bytes + pieces;
    out->table = native->bytes + table;
    out->start_size = (uint8_t)size;
    out->shift = (uint8_t)shift;
    out->node_count = 0;
    return true;
}

/* What divides the long runs of an index, which the header names by place and count. */
static bool
fine_open(const struct pn_native *native, const uint8_t *header,
          enum pn_native_header at, struct pn_native_index *index)
{
    uint32_t place = column(header, at), roots = pn_fine_roots(index->count);

    index->node_count = column(header, at + 1);
    index->roots = native->bytes + place;
    index->nodes = index->roots + (size_t)roots * PN_FINE_NODE_SIZE;
    return !index->node_count ||
           (index->slots && index->node_count <= UINT32_MAX - roots &&
            fits(native, place, roots + index->node_count, PN_FINE_NODE_SIZE));
}

static bool
group_open(const struct pn_native *native, const uint8_t *row,
           struct pn_native_group *out)
{
    out->any_host = column(row, PN_GROUP_COL_ANY_HOST);
    out->fallback = column(row, PN_GROUP_COL_FALLBACK);
    out->hosts = column(row, PN_GROUP_COL_HOSTS);
    out->suffixes = column(row, PN_GROUP_COL_SUFFIXES);
    return index_open(native, row + (size_t)PN_GROUP_COL_INDEX4 * NUMBER, 4,
                      &out->v4) &&
           index_open(native, row + (size_t)PN_GROUP_COL_INDEX6 * NUMBER, 6, &out->v6);
}

/* The zones of an image: bytes for patterns, and index rows. */
static bool
zones_open(struct pn_native *n, const uint8_t *header)
{
    uint32_t place = column(header, PN_HEADER_ZONES_AT);
    uint32_t row = PN_INDEX_COLUMNS * NUMBER;

    n->zone_count = 0;
    if (!(column(header, PN_HEADER_REQUIRES) & PN_NATIVE_ZONES))
        return true;
    n->zone_count = column(header, PN_HEADER_ZONES);
    n->zones = n->bytes + place;
    return n->zone_count > 1 && n->zone_count <= PN_NATIVE_PATTERNS &&
           fits(n, place, PN_NATIVE_PATTERNS, 1) &&
           fits(n, place + PN_NATIVE_PATTERNS, n->groups.count, row * n->zone_count);
}

/* Only what the file requires is looked for: without it the columns may hold anything.
 */
static bool
penalties_open(struct pn_native *n, const uint8_t *header)
{
    n->penalties = (struct pn_native_rows){ NULL, 0 };
    return !(column(header, PN_HEADER_REQUIRES) & PN_NATIVE_PENALTIES) ||
           rows_open(n, header, PN_HEADER_PENALTIES_AT, PN_PENALTY_ROW_SIZE,
                     &n->penalties);
}

/* `header` is what was read of the value: the header itself, and the first groups. */
static bool
parts_open(struct pn_native *n, const uint8_t *header)
{
    const uint8_t *rows = header + PN_NATIVE_HEADER_SIZE;

    n->has_tiers = column(header, PN_HEADER_REQUIRES) & PN_NATIVE_TIERS;
    return column(header, PN_HEADER_SIZE) == n->size &&
           rows_open(n, header, PN_HEADER_RULES_AT, PN_RULE_COLUMNS * NUMBER,
                     &n->rules) &&
           rows_open(n, header, PN_HEADER_GROUPS_AT, PN_GROUP_COLUMNS * NUMBER,
                     &n->groups) &&
           rows_open(n, header, PN_HEADER_TERMS_AT, PN_TERM_COLUMNS * NUMBER,
                     &n->terms) &&
           rows_open(n, header, PN_HEADER_ENTRIES_AT, PN_ENTRY_SIZE, &n->entries) &&
           rows_open(n, header, PN_HEADER_TEXT_AT, 1, &n->text) &&
           rows_open(n, header, PN_HEADER_IDENTITIES_AT, IDENTITY_SIZE,
                     &n->identities) &&
           n->identities.count == n->rules.count &&
           n->groups.count >= PN_NATIVE_FIRST_GROUPS &&
           column(header, PN_HEADER_GROUPS_AT) == PN_NATIVE_HEADER_SIZE &&
           zones_open(n, header) && penalties_open(n, header) &&
           group_open(n, rows, &n->first[PN_GROUP_BLOCKS]) &&
           group_open(n, rows + (size_t)PN_GROUP_COLUMNS * NUMBER,
                      &n->first[PN_GROUP_NO_IDENT]) &&
           fine_open(n, header, PN_HEADER_FINE4_AT, &n->first[PN_GROUP_NO_IDENT].v4) &&
           fine_open(n, header, PN_HEADER_FINE6_AT, &n->first[PN_GROUP_NO_IDENT].v6);
}

/* Does this build know every feature that the file requires? */
static bool
is_newer(const uint8_t *header)
{
    return column(header, PN_HEADER_VERSION) >> 16 > PN_NATIVE_MAJOR ||
           column(header, PN_HEADER_REQUIRES) & ~PN_NATIVE_FEATURES;
}

enum pn_native_state
pn_native_open(const struct pn_container *container, const uint8_t *head,
               struct pn_native *out)
{
    struct pn_native native = { .container = *container };
    struct pn_container front = *container;
    struct pn_record record;

    front.bytes = head; /* everything read here is within PN_NATIVE_HEAD_SIZE */
    if (!pn_container_record(&front, PN_CDB_HEADER_SIZE, &record) ||
        record.key_size != PN_NATIVE_KEY_SIZE ||
        memcmp(record.key, pn_native_key, PN_NATIVE_KEY_SIZE) != 0)
        return PN_NATIVE_IS_NOT;
    native.size = record.value_size;
    if (container->size < PN_NATIVE_HEAD_SIZE ||
        native.size < PN_NATIVE_HEADER_SIZE + PN_NATIVE_FIRST_ROWS ||
        memcmp(record.value, pn_native_magic, PN_NATIVE_MAGIC_SIZE) != 0 ||
        column(record.value, PN_HEADER_VERSION) >> 16 < PN_NATIVE_MAJOR)
        return PN_NATIVE_DAMAGED;
    if (is_newer(record.value))
        return PN_NATIVE_NEWER;
    native.bytes = container->bytes + (record.value - head);
    if (!parts_open(&native, record.value))
        return PN_NATIVE_DAMAGED;
    *out = native;
    return PN_NATIVE_IS;
}

const char *
pn_native_feature_name(enum pn_native_feature feature)
{
    switch (feature) {
    case PN_NATIVE_ZONES:
        return "keys by spelling";
    case PN_NATIVE_TIERS:
        return "several limits";
    case PN_NATIVE_PENALTIES:
        return "penalties";
    }
    return "";
}

static size_t
add_char(char *out, size_t used, size_t out_size, char c)
{
    if (used + 1 < out_size)
        out[used++] = c;
    return used;
}

/* Adds a name to a list of names: what is printable of it, behind a comma if it is not
 * the first. */
static size_t
add_name(char *out, size_t used, size_t out_size, const uint8_t *name, size_t size)
{
    bool begun = used == 0;

    for (size_t i = 0; i < size; i++) {
        if (name[i] < ' ' || name[i] > '~')
            continue;
        if (!begun) {
            used = add_char(out, used, out_size, ',');
            used = add_char(out, used, out_size, ' ');
        }
        begun = true;
        used = add_char(out, used, out_size, (char)name[i]);
    }
    return used;
}

bool
pn_native_features(const uint8_t *head, size_t size, uint32_t *requires, size_t *at,
                   size_t *features_size)
{
    const size_t value_at =
        PN_CDB_HEADER_SIZE + PN_CDB_RECORD_HEAD + PN_NATIVE_KEY_SIZE;
    const uint8_t *header = head + value_at;

    if (size < PN_NATIVE_HEAD_SIZE ||
        column(header, PN_HEADER_VERSION) >> 16 != PN_NATIVE_MAJOR)
        return false;
    *requires = column(header, PN_HEADER_REQUIRES);
    *at = value_at + column(header, PN_HEADER_FEATURES_AT);
    *features_size = column(header, PN_HEADER_FEATURES_SIZE);
    return true;
}

size_t
pn_native_lacking(uint32_t requires, const uint8_t *names, size_t size, char *out,
                  size_t out_size)
{
    const uint8_t *end = names + size;
    size_t used = 0;

    for (uint32_t bit = 1; bit && names < end; bit <<= 1) {
        const uint8_t *nul = memchr(names, '\0', (size_t)(end - names));

        if (!(requires & bit))
            continue;
        if (!nul)
            break;
        if (bit & ~PN_NATIVE_FEATURES)
            used = add_name(out, used, out_size, names, (size_t)(nul - names));
        names = nul + 1;
    }
    out[used] = '\0';
    return used;
}

bool
pn_native_identity(const struct pn_native *native, uint32_t rule, uint64_t *out)
{
    const uint8_t *row = native->identities.bytes + (size_t)rule * IDENTITY_SIZE;

    if (rule >= native->identities.count)
        return false;
    *out = column(row, 0) | (uint64_t)column(row, 1) << 32;
    return true;
}

uint64_t
pn_native_checksum(const uint8_t *bytes, size_t size)
{
    return pn_record_digest(0, "", 0, bytes + PN_NATIVE_CHECKED_FROM,
                            size - PN_NATIVE_CHECKED_FROM);
}

uint64_t
pn_native_name_sum(uint64_t sum, const char *key, size_t size, uint32_t number)
{
    uint8_t value[NUMBER];

    pn_native_put(value, number);
    return pn_record_digest(sum, key, size, value, sizeof(value));
}

static bool
sum_is(const struct pn_native *native, enum pn_native_header at, uint64_t sum)
{
    return column(native->bytes, at) == (uint32_t)sum &&
           column(native->bytes, at + 1) == (uint32_t)(sum >> 32);
}

/* The records behind that of the value: one for foreign readers, and the names. */
static bool
names_check(const struct pn_native *native)
{
    const struct pn_container *container = &native->container;
    uint32_t position =
        PN_CDB_HEADER_SIZE + PN_CDB_RECORD_HEAD + PN_NATIVE_KEY_SIZE + native->size;
    struct pn_record record;
    uint64_t sum = 0;

    if (!pn_container_next(container, &position, &record) || record.key_size ||
        record.value_size != 2 || memcmp(record.value, "D", 2) != 0)
        return false;
    while (pn_container_next(container, &position, &record)) {
        if (record.value_size != NUMBER)
            return false;
        sum = pn_native_name_sum(sum, (const char *)record.key, record.key_size,
                                 pn_container_number(record.value));
    }
    return sum_is(native, PN_HEADER_NAMES_CHECK, sum);
}

bool
pn_native_check(const struct pn_native *native)
{
    return sum_is(native, PN_HEADER_CHECK,
                  pn_native_checksum(native->bytes, native->size)) &&
           names_check(native);
}

bool
pn_native_group(const struct pn_native *native, uint32_t number,
                struct pn_native_group *out)
{
    if (number < PN_NATIVE_FIRST_GROUPS) {
        *out = native->first[number];
        return true;
    }
    return number < native->groups.count &&
           group_open(native,
                      native->groups.bytes + (size_t)number * PN_GROUP_COLUMNS * NUMBER,
                      out);
}

bool
pn_native_zone(const struct pn_native *native, uint32_t group, uint32_t zone,
               struct pn_native_index *out)
{
    size_t row = (size_t)zone * native->groups.count + group;

    return zone < native->zone_count && group < native->groups.count &&
           index_open(native,
                      native->zones + PN_NATIVE_PATTERNS +
                          row * PN_INDEX_COLUMNS * NUMBER,
                      6, out);
}

const uint8_t *
pn_native_rule_row(const struct pn_native *native, uint32_t row)
{
    return row < native->rules.count
               ? native->rules.bytes + (size_t)row * PN_RULE_COLUMNS * NUMBER
               : NULL;
}

const uint8_t *
pn_native_terms_row(const struct pn_native *native, uint32_t row)
{
    return row < native->terms.count
               ? native->terms.bytes + (size_t)row * PN_TERM_COLUMNS * NUMBER
               : NULL;
}

const uint8_t *
pn_native_text(const struct pn_native *native, uint32_t at, uint32_t size)
{
    if (at > native->text.count || size > native->text.count - at)
        return NULL;
    return native->text.bytes + at;
}
