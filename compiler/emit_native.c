/* The value is laid out in one buffer: header, rules, groups, indexes, entries, text.
 */
#define _DEFAULT_SOURCE /* htole64 */
#include "compiler/emit_native.h"

#include <cdb.h>
#include <endian.h>
#include <errno.h>
#include <string.h>

#include "base/memory.h"
#include "base/side_by_side.h"
#include "base/sizes.h"
#include "compiler/emit_fine.h"
#include "compiler/emit_index.h"
#include "compiler/emit_penalties.h"
#include "compiler/identities.h"
#include "compiler/image.h"
#include "compiler/lookups_needed.h"

_Static_assert(PN_RULE_NONE == PN_NATIVE_NONE && PN_TERMS_NONE == PN_NATIVE_NONE,
               "images hold numbers of rules and terms as they are");

#define NUMBER sizeof(uint32_t)

enum {
    HEADER_NUMBERS = PN_NATIVE_HEADER_SIZE / 4,
    SIDE_BY_SIDE_FROM = 1 << 15 /* rules: what a thread costs is nothing then */
};

struct image {
    struct pn_policy *policy;
    struct pn_buffer value;
    struct pn_intern entries; /* equal entries are stored once */
    struct pn_intern texts;   /* of a stripped image: what remains of the policy's */
    struct pn_lookups_needed lookups;
    uint32_t all_lookups;
    uint32_t requires;    /* of enum pn_native_feature */
    uint64_t *identities; /* of the rules; NULL without memory */
    bool strip;
};

static void
add_number(struct image *image, uint32_t number)
{
    pn_index_add_number(&image->value, number);
}

static void
header_set(struct image *image, enum pn_native_header column, uint64_t number)
{
    pn_index_set_number(&image->value, (size_t)column * NUMBER, (uint32_t)number);
}

/* A whole row at once: there are many. */
static void
add_row(struct image *image, const uint32_t *numbers, size_t count)
{
    uint8_t *at;

    if (!pn_buffer_reserve(&image->value, count * NUMBER))
        return;
    at = (uint8_t *)image->value.bytes + image->value.size;
    for (size_t i = 0; i < count; i++)
        pn_native_put(at + i * NUMBER, numbers[i]);
    image->value.size += count * NUMBER;
}

/* The offset, in the image, of a text of the policy. */
static uint32_t
text_at(struct image *image, uint32_t at, uint32_t size)
{
    uint32_t number = 0;

    if (image->strip && at != PN_NATIVE_NONE) {
        if (!pn_intern_add(&image->texts, image->policy->text.bytes + at, size,
                           &number))
            image->value.failed = true;
        else
            at = (uint32_t)pn_intern_offset(&image->texts, number);
    }
    return at;
}

static void
text_add(struct image *image, uint32_t at, uint32_t size)
{
    add_number(image, text_at(image, at, size));
    add_number(image, size);
}

static void
add_rules(struct image *image)
{
    const struct pn_policy *policy = image->policy;

    header_set(image, PN_HEADER_RULES_AT, image->value.size);
    header_set(image, PN_HEADER_RULES, policy->count);
    for (size_t i = 0; i < policy->count; i++) {
        const struct pn_policy_rule *rule = &policy->rules[i];
        /* a denial sets nothing, whatever was written */
        uint32_t env_size = rule->verdict == POSTERN_ALLOW ? rule->env_size : 0;
        uint32_t row[] = { rule->verdict,
                           text_at(image, rule->env, env_size),
                           env_size,
                           rule->target,
                           rule->target_size,
                           policy->files[rule->file].offset,
                           policy->files[rule->file].size,
                           rule->line,
                           rule->terms };

        for (size_t k = 3; image->strip && k < PN_COUNT_OF(row) - 1; k++)
            row[k] = 0; /* where it was written */
        add_row(image, row, PN_COUNT_OF(row));
    }
}

static void
add_terms(struct image *image)
{
    const struct pn_policy *policy = image->policy;

    header_set(image, PN_HEADER_TERMS_AT, image->value.size);
    header_set(image, PN_HEADER_TERMS, policy->term_count);
    for (size_t i = 0; i < policy->term_count; i++) {
        const uint32_t *columns = policy->terms[i].columns;

        for (size_t k = 0; k < PN_TERM_REJECT_AT; k++)
            add_number(image, columns[k]);
        if (pn_terms_more(columns))
            image->requires |= PN_NATIVE_TIERS;
        text_add(image, columns[PN_TERM_REJECT_AT], columns[PN_TERM_REJECT_SIZE]);
        add_number(image, image->strip ? 0 : columns[PN_TERM_UNTIL_DATE]);
        for (size_t k = PN_TERM_OWNER_AT; k < PN_TERM_COLUMNS; k++)
            add_number(image, image->strip ? PN_NATIVE_NONE : columns[k]);
    }
}

static void
add_penalties(struct image *image)
{
    if (!image->policy->penalty_count)
        return;
    image->requires |= PN_NATIVE_PENALTIES;
    header_set(image, PN_HEADER_PENALTIES_AT, image->value.size);
    header_set(image, PN_HEADER_PENALTIES, image->policy->penalty_count);
    if (pn_penalties_emit(image->policy, &image->value))
        image->all_lookups |= PN_NEEDS_EXEMPT;
}

static void
add_fine(struct image *image, const struct pn_pieces *pieces, uint8_t family,
         size_t row)
{
    enum pn_native_header column =
        family == 4 ? PN_HEADER_FINE4_AT : PN_HEADER_FINE6_AT;
    uint32_t at, nodes;

    pn_fine_emit(&image->value, pieces, family, row, &at, &nodes);
    header_set(image, column, at);
    header_set(image, column + 1, nodes);
}

/* `row` is where the index row stands in the value. */
static void
add_index(struct image *image, uint32_t group, uint8_t family, unsigned zone,
          size_t row)
{
    struct pn_pieces pieces = { 0 };

    pn_space_flatten(&image->policy->space, group, family, zone, &pieces);
    if (group == PN_GROUP_NO_IDENT && !image->policy->space.failed)
        image->all_lookups |= pn_lookups_needed_mark(
            &image->lookups, &image->policy->space, family, &pieces);
    if (image->policy->space.failed)
        image->value.failed = true;
    else
        pn_index_emit(&image->value, &image->entries, &pieces, family, row);
    if (group == PN_GROUP_NO_IDENT &&
        (family == 4 || image->policy->space.zones.count == 1))
        add_fine(image, &pieces, family, row);
    pn_pieces_clear(&pieces);
}

static bool
is_suffix(const struct pn_space *space, const struct pn_host *host)
{
    return pn_name_is_suffix(space->names.bytes.bytes +
                                 pn_intern_offset(&space->names, host->name),
                             pn_intern_size(&space->names, host->name));
}

static void
add_groups(struct image *image)
{
    const struct pn_space *space = &image->policy->space;

    header_set(image, PN_HEADER_GROUPS_AT, image->value.size);
    header_set(image, PN_HEADER_GROUPS, space->group_count);
    for (size_t i = 0; i < space->group_count; i++) {
        const struct pn_group *group = &space->groups[i];
        uint32_t suffixes = 0;

        for (size_t k = 0; k < group->host_count; k++)
            suffixes += is_suffix(space, &group->hosts[k]);
        add_number(image, group->any_host);
        add_number(image, group->fallback);
        add_number(image, (uint32_t)group->host_count - suffixes);
        add_number(image, suffixes);
        for (int k = PN_GROUP_COL_INDEX4; k < PN_GROUP_COLUMNS; k++)
            add_number(image, 0);
    }
}

static void
add_indexes(struct image *image)
{
    size_t rows = PN_NATIVE_HEADER_SIZE;

    for (size_t i = 0; i < image->policy->space.group_count; i++) {
        size_t row = rows + i * PN_GROUP_COLUMNS * NUMBER;

        add_index(image, (uint32_t)i, 4, 0, row + PN_GROUP_COL_INDEX4 * NUMBER);
        add_index(image, (uint32_t)i, 6, 0, row + PN_GROUP_COL_INDEX6 * NUMBER);
    }
}

/* The row of zone 0 repeats that of the group. */
static void
add_zone(struct image *image, unsigned zone, size_t rows)
{
    for (size_t i = 0; i < image->policy->space.group_count; i++) {
        size_t row = rows + i * PN_INDEX_COLUMNS * NUMBER;
        size_t own = PN_NATIVE_HEADER_SIZE + i * PN_GROUP_COLUMNS * NUMBER +
                     PN_GROUP_COL_INDEX6 * NUMBER;

        if (zone)
            add_index(image, (uint32_t)i, 6, zone, row);
        else if (!image->value.failed)
            memcpy(image->value.bytes + row, image->value.bytes + own,
                   PN_INDEX_COLUMNS * NUMBER);
    }
}

/* Only where keys distinguish addresses by how they are written. */
static void
add_zones(struct image *image)
{
    const struct pn_zones *zones = &image->policy->space.zones;
    size_t each = image->policy->space.group_count * PN_INDEX_COLUMNS, rows;

    if (zones->count == 1)
        return;
    image->requires |= PN_NATIVE_ZONES;
    header_set(image, PN_HEADER_ZONES_AT, image->value.size);
    header_set(image, PN_HEADER_ZONES, zones->count);
    pn_buffer_add(&image->value, zones->of, sizeof(zones->of));
    rows = image->value.size;
    for (size_t i = 0; i < zones->count * each; i++)
        add_number(image, 0);
    for (unsigned z = 0; z < zones->count; z++)
        add_zone(image, z, rows + z * each * NUMBER);
}

/* The required features, with their names for readers that do not know them. */
static void
add_features(struct image *image)
{
    size_t from = image->value.size;

    header_set(image, PN_HEADER_REQUIRES, image->requires);
    header_set(image, PN_HEADER_FEATURES_AT, from);
    for (uint32_t bit = 1; bit && bit <= image->requires; bit <<= 1)
        if (image->requires & bit) {
            const char *name = pn_native_feature_name((enum pn_native_feature)bit);

            pn_buffer_add(&image->value, name, strlen(name) + 1);
        }
    header_set(image, PN_HEADER_FEATURES_SIZE,
               image->value.failed ? 0 : image->value.size - from);
}

static void
add_identities(struct image *image)
{
    const struct pn_policy *policy = image->policy;
    uint64_t *identities = image->identities;

    header_set(image, PN_HEADER_IDENTITIES_AT, image->value.size);
    header_set(image, PN_HEADER_IDENTITIES, policy->count);
    for (size_t i = 0; identities && i < policy->count; i++)
        identities[i] = htole64(identities[i]);
    pn_buffer_add(&image->value, identities, identities ? policy->count * 8 : 0);
    image->value.failed |= !identities;
}

/* The target of name records: first a checksum, then the file. */
struct names {
    struct cdb_make *cdb; /* NULL: only compute the checksum */
    struct pn_buffer key;
    uint64_t sum;
};

static bool
name_add(struct names *names, enum pn_name_kind kind, uint32_t group,
         struct pn_str name, uint32_t number)
{
    uint8_t value[NUMBER];
    size_t size;

    names->key.size = 0;
    if (!pn_buffer_reserve(&names->key, name.len + PN_NAME_KEY_FRONT)) {
        errno = ENOMEM;
        return false;
    }
    size = pn_native_name_key(names->key.bytes, kind, group, name.ptr, name.len);
    names->sum = pn_native_name_sum(names->sum, names->key.bytes, size, number);
    pn_native_put(value, number);
    return !names->cdb || cdb_make_add(names->cdb, names->key.bytes, (unsigned)size,
                                       value, sizeof(value)) == 0;
}

static bool
names_add(const struct pn_space *space, struct names *names)
{
    for (uint32_t i = 0; i < space->idents.count; i++)
        if (!name_add(names, PN_NAME_IDENT, 0, pn_intern_text(&space->idents, i),
                      i + PN_NATIVE_FIRST_GROUPS))
            return false;
    for (size_t i = 0; i < space->group_count; i++) {
        const struct pn_group *group = &space->groups[i];

        for (size_t k = 0; k < group->host_count; k++)
            if (!name_add(names, PN_NAME_HOST, (uint32_t)i,
                          pn_intern_text(&space->names, group->hosts[k].name),
                          group->hosts[k].rule))
                return false;
    }
    return true;
}

static void
names_sum_set(struct image *image)
{
    struct names names = { 0 };

    if (!names_add(&image->policy->space, &names))
        image->value.failed = true;
    header_set(image, PN_HEADER_NAMES_CHECK, names.sum);
    header_set(image, PN_HEADER_NAMES_CHECK + 1, names.sum >> 32);
    pn_buffer_free(&names.key);
}

/* Everything before the identities. */
static void
build_front(struct image *image)
{
    for (int i = 0; i < HEADER_NUMBERS; i++)
        add_number(image, 0);
    if (image->value.failed)
        return;
    memcpy(image->value.bytes, pn_native_magic, PN_NATIVE_MAGIC_SIZE);
    header_set(image, PN_HEADER_VERSION, (uint32_t)PN_NATIVE_MAJOR << 16);
    add_groups(image); /* the first of them are read with the header */
    add_rules(image);
    add_terms(image);
    add_penalties(image);
    if (!pn_lookups_needed_begin(&image->lookups, image->policy)) {
        image->value.failed = true;
        return;
    }
    add_indexes(image);
    add_zones(image);
}

static void
identities_make(struct image *image)
{
    image->identities = pn_identities_make(image->policy);
}

/* A part of an image that needs nothing of the others. */
struct part {
    void (*make)(struct image *image);
    struct image *image;
};

static void
part_make(void *payload)
{
    const struct part *part = payload;

    part->make(part->image);
}

static void
build_parts(struct image *image)
{
    struct part parts[] = { { build_front, image }, { identities_make, image } };

    if (image->policy->count >= SIDE_BY_SIDE_FROM)
        pn_side_by_side(part_make, parts, sizeof(*parts), PN_COUNT_OF(parts));
    else
        for (size_t i = 0; i < PN_COUNT_OF(parts); i++)
            part_make(&parts[i]);
}

static void
build_value(struct image *image)
{
    const struct pn_buffer *text =
        image->strip ? &image->texts.bytes : &image->policy->text;
    uint64_t sum;

    build_parts(image);
    if (image->value.failed)
        return;
    add_identities(image);
    add_features(image);
    header_set(image, PN_HEADER_NEEDS, image->all_lookups);
    header_set(image, PN_HEADER_ENTRIES_AT, image->value.size);
    header_set(image, PN_HEADER_ENTRIES, image->entries.count);
    pn_buffer_add(&image->value, image->entries.bytes.bytes, image->entries.bytes.size);
    header_set(image, PN_HEADER_TEXT_AT, image->value.size);
    header_set(image, PN_HEADER_TEXT_SIZE, text->size);
    pn_buffer_add(&image->value, text->bytes, text->size);
    header_set(image, PN_HEADER_SIZE, image->value.size);
    names_sum_set(image);
    if (image->value.failed)
        return;
    sum = pn_native_checksum((const uint8_t *)image->value.bytes, image->value.size);
    header_set(image, PN_HEADER_CHECK, sum);
    header_set(image, PN_HEADER_CHECK + 1, sum >> 32);
}

/* The size of the records with their slots, an upper bound for names. */
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
           names_add(&image->policy->space, &names);
    good = pn_cdb_finish(&cdb, good);
    saved_errno = errno;
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
    pn_lookups_needed_clear(&image.lookups);
    pn_free(image.identities);
    return good;
}
