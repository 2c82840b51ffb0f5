/* The value is laid out in one buffer: header, rules, groups, indexes, entries, text.
 */
#include "compiler/emit_native.h"

#include <cdb.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/needs.h"

#define NUMBER sizeof(uint32_t)

enum {
    HEADER_NUMBERS = PN_NATIVE_HEADER_SIZE / 4,
    TABLE_FROM = 32, /* pieces; fewer are searched without a table */
    TABLE_MOST = 1 << 18,
    COMPACT_FROM = 65536,  /* pieces, for a table of so many slots */
    COMPACT_FINE = 500000, /* and for one of four times as many */
    EDGE = 64              /* one in so many pieces, at either end, is not counted on */
};

struct image {
    struct pn_policy *policy;
    struct pn_buffer value;
    struct pn_intern entries; /* equal entries are stored once */
    struct pn_intern texts;   /* of a stripped image: what is left of the policy's */
    struct pn_needs needs;
    uint32_t all_needs;
    bool strip;
};

static void
add_number(struct image *image, uint32_t number)
{
    uint8_t bytes[NUMBER];

    pn_native_put(bytes, number);
    pn_buffer_add(&image->value, bytes, sizeof(bytes));
}

static void
set_number(struct image *image, size_t at, uint32_t number)
{
    if (!image->value.failed)
        pn_native_put((uint8_t *)image->value.bytes + at, number);
}

static void
set_header(struct image *image, enum pn_native_header column, uint64_t number)
{
    set_number(image, (size_t)column * NUMBER, (uint32_t)number);
}

/* A text of the policy that the image has, stripped or not: where it stands there. */
static void
add_text(struct image *image, uint32_t at, uint32_t size)
{
    uint32_t number = 0;

    if (image->strip && at != PN_NATIVE_NONE) {
        if (!pn_intern_add(&image->texts, image->policy->text.bytes + at, size,
                           &number))
            image->value.failed = true;
        else
            at = (uint32_t)pn_intern_offset(&image->texts, number);
    }
    add_number(image, at);
    add_number(image, size);
}

static void
add_rules(struct image *image)
{
    const struct pn_policy *policy = image->policy;

    set_header(image, PN_HEADER_RULES_AT, image->value.size);
    set_header(image, PN_HEADER_RULES, policy->count);
    for (size_t i = 0; i < policy->count; i++) {
        const struct pn_policy_rule *rule = &policy->rules[i];

        add_number(image, rule->verdict);
        /* a denial sets nothing, whatever was written */
        add_text(image, rule->env, rule->verdict == POSTERN_ALLOW ? rule->env_size : 0);
        add_number(image, image->strip ? 0 : rule->target);
        add_number(image, image->strip ? 0 : rule->target_size);
        add_number(image, image->strip ? 0 : rule->file);
        add_number(image, image->strip ? 0 : rule->file_size);
        add_number(image, image->strip ? 0 : rule->line);
        add_number(image, rule->terms);
    }
}

static void
add_terms(struct image *image)
{
    const struct pn_policy *policy = image->policy;

    set_header(image, PN_HEADER_TERMS_AT, image->value.size);
    set_header(image, PN_HEADER_TERMS, policy->term_count);
    for (size_t i = 0; i < policy->term_count; i++) {
        const uint32_t *columns = policy->terms[i].columns;

        for (size_t k = 0; k < PN_TERM_REJECT_AT; k++)
            add_number(image, columns[k]);
        add_text(image, columns[PN_TERM_REJECT_AT], columns[PN_TERM_REJECT_SIZE]);
        add_number(image, image->strip ? 0 : columns[PN_TERM_UNTIL_DATE]);
        for (size_t k = PN_TERM_OWNER_AT; k < PN_TERM_COLUMNS; k++)
            add_number(image, image->strip ? PN_NATIVE_NONE : columns[k]);
    }
}

/* What the table is over: the address, or the first 64 bits of one. */
static uint64_t
key_of(pn_number start, uint8_t family)
{
    return (uint64_t)(family == 6 ? start >> 64 : start);
}

/* The table of an index: where it begins, how far apart its slots are, how many. */
struct table {
    uint64_t base;
    unsigned shift;
    uint32_t slots;
};

/*
 * About a slot for two pieces, over where most of them are: a few that are far from the
 * rest fall into the first slot or the last.
 */
static struct table
table_plan(const struct pn_pieces *pieces, uint8_t family)
{
    struct table table = { 0 };
    size_t edge = pieces->count / EDGE, count = pieces->count;
    uint64_t span;

    if (count < TABLE_FROM)
        return table;
    if (count > TABLE_MOST)
        count = TABLE_MOST;
    table.base = key_of(pieces->items[edge + 1].start, family);
    span = key_of(pieces->items[pieces->count - 1 - edge].start, family) - table.base;
    while (span >> table.shift >= count)
        table.shift++;
    table.slots = (uint32_t)(span >> table.shift) + 2;
    return table;
}

/* A compact index has slots for all addresses, so that half of a start is enough. */
static struct table
table_compact(const struct pn_pieces *pieces)
{
    struct table table = { .shift = PN_INDEX_COMPACT_SHIFT };

    if (pieces->count >= COMPACT_FINE)
        table.shift -= 2;
    table.slots = (UINT32_C(1) << (32 - table.shift)) + 1;
    return table;
}

/* For each slot the piece that holds its first address; the last entry ends the last.
 */
static void
add_table(struct image *image, const struct pn_pieces *pieces, uint8_t family,
          struct table table)
{
    size_t piece = 0;

    add_number(image, PN_INDEX_BEGINS);
    for (uint32_t slot = 1; slot < table.slots; slot++) {
        uint64_t key = table.base + ((uint64_t)(slot - 1) << table.shift);
        pn_number first = family == 6 ? (pn_number)key << 64 : key;

        while (piece + 1 < pieces->count && pieces->items[piece + 1].start <= first)
            piece++;
        add_number(image,
                   (uint32_t)piece |
                       (pieces->items[piece].start == first ? PN_INDEX_BEGINS : 0));
    }
    add_number(image, (uint32_t)pieces->count - 1);
}

/* `numbers` are those of the entries of the pieces. */
static unsigned
start_size(const struct pn_pieces *pieces, uint8_t family, const uint32_t *numbers)
{
    if (family == 4) {
        if (pieces->count < COMPACT_FROM)
            return 4;
        for (size_t i = 0; i < pieces->entries.count; i++)
            if (numbers[i] >= PN_INDEX_COMPACT_ENTRIES)
                return 4;
        return PN_INDEX_COMPACT;
    }
    for (size_t i = 0; i < pieces->count; i++)
        if ((uint64_t)pieces->items[i].start)
            return 16;
    return 8;
}

static uint32_t
entry_number(struct image *image, const struct pn_native_entry *entry)
{
    uint8_t bytes[5 * NUMBER];
    uint32_t number = 0;

    pn_native_put(bytes, entry->block);
    pn_native_put(bytes + NUMBER, entry->exact);
    pn_native_put(bytes + 2 * NUMBER, entry->prefix);
    pn_native_put(bytes + 3 * NUMBER, entry->needs);
    pn_native_put(bytes + 4 * NUMBER, entry->plain);
    if (!pn_intern_add(&image->entries, bytes, sizeof(bytes), &number))
        image->value.failed = true;
    return number;
}

/* The numbers that the entries of some pieces have in the image; NULL without memory.
 */
static uint32_t *
entry_numbers(struct image *image, const struct pn_pieces *pieces)
{
    uint32_t *numbers = malloc((pieces->entries.count + 1) * sizeof(*numbers));

    for (uint32_t i = 0; numbers && i < pieces->entries.count; i++) {
        struct pn_native_entry entry;

        memcpy(&entry, pieces->entries.bytes.bytes + i * sizeof(entry), sizeof(entry));
        numbers[i] = entry_number(image, &entry);
    }
    return numbers;
}

static void
add_half(struct image *image, uint32_t number)
{
    uint8_t bytes[2] = { (uint8_t)number, (uint8_t)(number >> 8) };

    pn_buffer_add(&image->value, bytes, sizeof(bytes));
}

static void
add_pieces(struct image *image, const struct pn_pieces *pieces, unsigned size,
           const uint32_t *numbers, unsigned shift)
{
    if (!pn_buffer_reserve(&image->value, pieces->count * (size + NUMBER))) {
        image->value.failed = true;
        return;
    }
    for (size_t i = 0; i < pieces->count; i++) {
        pn_number start = pieces->items[i].start;
        uint32_t number = numbers[pieces->items[i].entry];

        if (size == PN_INDEX_COMPACT) {
            add_half(image, (uint32_t)start & ((UINT32_C(1) << shift) - 1));
            add_half(image, number);
            continue;
        }
        if (size == 4) {
            add_number(image, (uint32_t)start);
        } else {
            add_number(image, (uint32_t)(start >> 64));
            add_number(image, (uint32_t)(start >> 96));
        }
        if (size == 16) {
            add_number(image, (uint32_t)start);
            add_number(image, (uint32_t)(start >> 32));
        }
        add_number(image, number);
    }
}

/* What many look at is not to lie across two lines of the cache. */
static void
align(struct image *image)
{
    while (image->value.size % 8 && !image->value.failed)
        pn_buffer_add(&image->value, "", 1);
}

/* Table and pieces, and where they are into the row at `row`. */
static void
add_parts(struct image *image, const struct pn_pieces *pieces, uint8_t family,
          const uint32_t *numbers, size_t row)
{
    unsigned size = start_size(pieces, family, numbers);
    struct table table =
        size == PN_INDEX_COMPACT ? table_compact(pieces) : table_plan(pieces, family);

    align(image);
    set_number(image, row + PN_INDEX_TABLE_AT * NUMBER, (uint32_t)image->value.size);
    if (table.slots)
        add_table(image, pieces, family, table);
    align(image);
    set_number(image, row + PN_INDEX_PIECES_AT * NUMBER, (uint32_t)image->value.size);
    add_pieces(image, pieces, size, numbers, table.shift);
    set_number(image, row + PN_INDEX_PIECES * NUMBER, (uint32_t)pieces->count);
    set_number(image, row + PN_INDEX_START_SIZE * NUMBER, size);
    set_number(image, row + PN_INDEX_SLOTS * NUMBER, table.slots);
    set_number(image, row + PN_INDEX_SHIFT * NUMBER, table.shift);
    set_number(image, row + PN_INDEX_BASE * NUMBER, (uint32_t)table.base);
    set_number(image, row + (PN_INDEX_BASE + 1) * NUMBER, (uint32_t)(table.base >> 32));
}

/* `row` is where the index row stands in the value. */
static void
add_index(struct image *image, uint32_t group, uint8_t family, size_t row)
{
    struct pn_pieces pieces = { 0 };
    uint32_t *numbers = NULL;

    pn_space_flatten(&image->policy->space, group, family, &pieces);
    if (group == PN_GROUP_NO_IDENT && !image->policy->space.failed)
        image->all_needs |=
            pn_needs_mark(&image->needs, &image->policy->space, family, &pieces);
    if (!image->policy->space.failed)
        numbers = entry_numbers(image, &pieces);
    if (numbers)
        add_parts(image, &pieces, family, numbers, row);
    else
        image->value.failed = true;
    free(numbers);
    pn_pieces_clear(&pieces);
}

static bool
is_suffix(const struct pn_space *space, const struct pn_host *host)
{
    return space->names.bytes.bytes[pn_intern_offset(&space->names, host->name)] == '.';
}

static void
add_groups(struct image *image)
{
    const struct pn_space *space = &image->policy->space;

    set_header(image, PN_HEADER_GROUPS_AT, image->value.size);
    set_header(image, PN_HEADER_GROUPS, space->group_count);
    for (size_t i = 0; i < space->group_count; i++) {
        const struct pn_group *group = &space->groups[i];
        uint32_t suffixes = 0;

        for (size_t k = 0; k < group->host_count; k++)
            suffixes += is_suffix(space, &group->hosts[k]);
        add_number(image, group->any_host);
        add_number(image, group->fallback);
        add_number(image, (uint32_t)group->host_count - suffixes);
        add_number(image, suffixes);
        for (int k = PN_GROUP_INDEX4; k < PN_GROUP_COLUMNS; k++)
            add_number(image, 0);
    }
}

static void
add_indexes(struct image *image)
{
    size_t rows = PN_NATIVE_HEADER_SIZE;

    for (size_t i = 0; i < image->policy->space.group_count; i++) {
        size_t row = rows + i * PN_GROUP_COLUMNS * NUMBER;

        add_index(image, (uint32_t)i, 4, row + PN_GROUP_INDEX4 * NUMBER);
        add_index(image, (uint32_t)i, 6, row + PN_GROUP_INDEX6 * NUMBER);
    }
}

static struct pn_str
interned(const struct pn_intern *intern, uint32_t number)
{
    return (struct pn_str){ intern->bytes.bytes + pn_intern_offset(intern, number),
                            pn_intern_size(intern, number) };
}

/* Where the records of names go: into a sum first, and then into the file. */
struct names {
    struct cdb_make *cdb; /* NULL: only the sum is made */
    struct pn_buffer key;
    uint64_t sum;
};

static bool
add_name(struct names *names, char letter, uint32_t group, struct pn_str name,
         uint32_t number)
{
    uint8_t value[NUMBER];
    size_t size;

    names->key.size = 0;
    if (!pn_buffer_reserve(&names->key, name.len + 6)) {
        errno = ENOMEM;
        return false;
    }
    size = pn_native_name_key(names->key.bytes, letter, group, name.ptr, name.len);
    names->sum = pn_native_name_sum(names->sum, names->key.bytes, size, number);
    pn_native_put(value, number);
    return !names->cdb || cdb_make_add(names->cdb, names->key.bytes, (unsigned)size,
                                       value, sizeof(value)) == 0;
}

static bool
add_names(const struct pn_space *space, struct names *names)
{
    for (uint32_t i = 0; i < space->idents.count; i++)
        if (!add_name(names, 'i', 0, interned(&space->idents, i),
                      i + PN_NATIVE_FIRST_GROUPS))
            return false;
    for (size_t i = 0; i < space->group_count; i++) {
        const struct pn_group *group = &space->groups[i];

        for (size_t k = 0; k < group->host_count; k++)
            if (!add_name(names, 'h', (uint32_t)i,
                          interned(&space->names, group->hosts[k].name),
                          group->hosts[k].rule))
                return false;
    }
    return true;
}

static void
set_names_sum(struct image *image)
{
    struct names names = { 0 };

    if (!add_names(&image->policy->space, &names))
        image->value.failed = true;
    set_header(image, PN_HEADER_NAMES_CHECK, names.sum);
    set_header(image, PN_HEADER_NAMES_CHECK + 1, names.sum >> 32);
    pn_buffer_free(&names.key);
}

static void
build_value(struct image *image)
{
    const struct pn_buffer *text =
        image->strip ? &image->texts.bytes : &image->policy->text;
    uint64_t sum;

    for (int i = 0; i < HEADER_NUMBERS; i++)
        add_number(image, 0);
    if (image->value.failed)
        return;
    memcpy(image->value.bytes, "PNRULES", 8);
    set_header(image, PN_HEADER_VERSION, (uint32_t)PN_NATIVE_MAJOR << 16);
    add_groups(image); /* the first of them are read with the header */
    add_rules(image);
    add_terms(image);
    if (!pn_needs_begin(&image->needs, image->policy)) {
        image->value.failed = true;
        return;
    }
    add_indexes(image);
    set_header(image, PN_HEADER_NEEDS, image->all_needs);
    set_header(image, PN_HEADER_ENTRIES_AT, image->value.size);
    set_header(image, PN_HEADER_ENTRIES, image->entries.count);
    pn_buffer_add(&image->value, image->entries.bytes.bytes, image->entries.bytes.size);
    set_header(image, PN_HEADER_TEXT_AT, image->value.size);
    set_header(image, PN_HEADER_TEXT_SIZE, text->size);
    pn_buffer_add(&image->value, text->bytes, text->size);
    set_header(image, PN_HEADER_SIZE, image->value.size);
    set_names_sum(image);
    if (image->value.failed)
        return;
    sum = pn_native_checksum((const uint8_t *)image->value.bytes, image->value.size);
    set_header(image, PN_HEADER_CHECK, sum);
    set_header(image, PN_HEADER_CHECK + 1, sum >> 32);
}

/* What the records and their slots take; names are counted with room to spare. */
static bool
is_too_large(const struct image *image)
{
    const struct pn_space *space = &image->policy->space;
    uint64_t names = space->idents.count, size;

    for (size_t i = 0; i < space->group_count; i++)
        names += space->groups[i].host_count;
    size = PN_CDB_HEADER_SIZE + image->value.size + names * 320 +
           space->idents.bytes.size + 4096;
    return size > UINT32_MAX;
}

static bool
write_records(const struct image *image, int fd)
{
    struct cdb_make cdb;
    struct names names = { .cdb = &cdb };
    int saved_errno;
    bool good;

    if (cdb_make_start(&cdb, fd) != 0)
        return false;
    good = cdb_make_add(&cdb, pn_native_key, PN_NATIVE_KEY_SIZE, image->value.bytes,
                        (unsigned)image->value.size) == 0 &&
           cdb_make_add(&cdb, "", 0, "D", 2) == 0 && /* a classic reader denies */
           add_names(&image->policy->space, &names);
    saved_errno = errno;
    if (!good)
        cdb.cdb_fd = -1; /* tinycdb frees its lists only where it finishes */
    errno = 0;
    if (cdb_make_finish(&cdb) != 0 && good) {
        good = false;
        saved_errno = errno == ENOENT ? ENOMEM : errno; /* its word for no memory */
    }
    pn_buffer_free(&names.key);
    errno = saved_errno;
    return good;
}

bool
pn_emit_native(struct pn_policy *policy, bool strip, int fd)
{
    struct image image = { .policy = policy, .strip = strip };
    bool good = false;

    build_value(&image);
    if (image.value.failed)
        errno = ENOMEM;
    else if (is_too_large(&image))
        errno = EFBIG;
    else
        good = write_records(&image, fd);
    pn_buffer_free(&image.value);
    pn_intern_clear(&image.entries);
    pn_intern_clear(&image.texts);
    pn_needs_clear(&image.needs);
    return good;
}
