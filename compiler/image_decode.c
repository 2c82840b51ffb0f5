/* A native image holds pieces; the keys of a classic one are put into a space first. */
#include "compiler/image_decode.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "base/vector.h"
#include "compiler/classic_rule.h"

static enum pn_decode_result
no_memory(void)
{
    errno = ENOMEM;
    return PN_DECODE_SYSTEM;
}

/* The zones are known. */
static bool
groups_make(struct pn_decoded *out, size_t count)
{
    bool good;

    out->groups = pn_calloc(count, sizeof(*out->groups));
    out->group_count = out->groups ? count : 0;
    good = out->groups != NULL;
    for (size_t i = 0; i < out->group_count; i++) {
        out->groups[i].any_host = out->groups[i].fallback = PN_RULE_NONE;
        for (unsigned f = 0; f < PN_FAMILIES; f++) {
            out->groups[i].pieces[f] = pn_calloc(
                pn_zone_count(&out->zones, pn_family_at(f)), sizeof(struct pn_pieces));
            good = good && out->groups[i].pieces[f];
        }
    }
    return good;
}

static enum pn_decode_result
pieces_decode(const struct pn_native *native, const struct pn_native_index *index,
              struct pn_pieces *out)
{
    pn_number last = 0;

    for (uint32_t i = 0; i < index->count; i++) {
        struct pn_native_entry entry;
        uint64_t high, low;
        pn_number start;

        if (!pn_native_piece(native, index, i, &high, &low, &entry))
            return PN_DECODE_DAMAGED;
        start = index->start_size <= 4 ? high : (pn_number)high << 64 | low;
        if (i ? start <= last : start != 0)
            return PN_DECODE_DAMAGED;
        if (!pn_pieces_add(out, start, &entry))
            return no_memory();
        last = start;
    }
    return PN_DECODE_OK;
}

static enum pn_decode_result
host_decode(struct pn_decoded *out, uint32_t group, struct pn_str name, uint32_t rule)
{
    struct pn_decoded_group *g;
    uint32_t number;

    if (group >= out->group_count)
        return PN_DECODE_DAMAGED;
    g = &out->groups[group];
    if (!pn_intern_add(&out->names, name.ptr, name.len, &number) ||
        !pn_vector_reserve(&g->hosts, &g->host_capacity, g->host_count + 1,
                           sizeof(*g->hosts)))
        return no_memory();
    g->hosts[g->host_count++] = (struct pn_host){ number, rule };
    return PN_DECODE_OK;
}

/* Idents come in the order of their groups. */
static enum pn_decode_result
ident_decode(struct pn_decoded *out, struct pn_str name, uint32_t group)
{
    uint32_t number;

    if (!pn_intern_add(&out->idents, name.ptr, name.len, &number))
        return no_memory();
    return number + PN_NATIVE_FIRST_GROUPS == group ? PN_DECODE_OK : PN_DECODE_DAMAGED;
}

static enum pn_decode_result
names_decode(const struct pn_native *native, struct pn_decoded *out)
{
    uint32_t position = PN_CDB_HEADER_SIZE;
    enum pn_decode_result result = PN_DECODE_OK;
    struct pn_record record;

    while (result == PN_DECODE_OK &&
           pn_container_next(&native->container, &position, &record)) {
        const char *key = (const char *)record.key;
        struct pn_str name = { key + PN_NAME_KEY_FRONT,
                               record.key_size - PN_NAME_KEY_FRONT };

        if (record.key_size < PN_NAME_KEY_FRONT ||
            record.value_size != sizeof(uint32_t))
            continue; /* records of the image itself, and those for foreign readers */
        if (key[1] == PN_NAME_HOST)
            result = host_decode(out, pn_container_number(record.key + 2), name,
                                 pn_container_number(record.value));
        else
            result = ident_decode(out, name, pn_container_number(record.value));
    }
    if (result == PN_DECODE_OK &&
        (position != native->container.records_end ||
         out->idents.count + PN_NATIVE_FIRST_GROUPS != out->group_count))
        return PN_DECODE_DAMAGED;
    return result;
}

static int
compare_hosts(const void *left, const void *right)
{
    const struct pn_host *a = left, *b = right;

    return (a->name > b->name) - (a->name < b->name);
}

/* So that pn_decoded_host() can search. */
static void
hosts_sort(struct pn_decoded *decoded)
{
    for (size_t i = 0; i < decoded->group_count; i++)
        if (decoded->groups[i].host_count)
            qsort(decoded->groups[i].hosts, decoded->groups[i].host_count,
                  sizeof(*decoded->groups[i].hosts), compare_hosts);
}

enum pn_decode_result
pn_image_decode_names(struct pn_decoded *out, const struct pn_native *native)
{
    enum pn_decode_result result;

    pn_zones_begin(&out->zones);
    for (unsigned p = 0; native->zone_count && p < PN_ZERO_PATTERNS; p++)
        if (native->zones[p] >= native->zone_count)
            return PN_DECODE_DAMAGED;
    if (native->zone_count) {
        memcpy(out->zones.of, native->zones, sizeof(out->zones.of));
        out->zones.count = native->zone_count;
    }
    if (!groups_make(out, native->groups.count))
        return no_memory();
    result = names_decode(native, out);
    hosts_sort(out);
    return result;
}

static enum pn_decode_result
native_decode(const struct pn_native *native, struct pn_decoded *out)
{
    enum pn_decode_result result = pn_image_decode_names(out, native);

    for (uint32_t i = 0; result == PN_DECODE_OK && i < out->group_count; i++) {
        struct pn_native_group rules;

        if (!pn_native_group(native, i, &rules))
            return PN_DECODE_DAMAGED;
        out->groups[i].any_host = rules.any_host;
        out->groups[i].fallback = rules.fallback;
        result = pieces_decode(native, &rules.v4, out->groups[i].pieces[PN_V4]);
        for (unsigned z = 0; z < out->zones.count && result == PN_DECODE_OK; z++) {
            struct pn_native_index index = rules.v6;

            if (native->zone_count && !pn_native_zone(native, i, z, &index))
                return PN_DECODE_DAMAGED;
            result = pieces_decode(native, &index, &out->groups[i].pieces[PN_V6][z]);
        }
    }
    return result;
}

/* Keys that no look-up asks for add nothing. */
static enum pn_decode_result
keys_decode(const struct pn_container *container, struct pn_space *space)
{
    uint32_t position = PN_CDB_HEADER_SIZE;
    struct pn_record record;

    while (pn_container_next(container, &position, &record))
        (void)pn_classic_key_add(
            space, (struct pn_str){ (const char *)record.key, record.key_size },
            record.position);
    return position == container->records_end ? PN_DECODE_OK : PN_DECODE_DAMAGED;
}

/* The space's parts move into the lifted one. */
static void
space_take(struct pn_space *space, struct pn_decoded *out)
{
    for (uint32_t i = 0; i < space->group_count; i++) {
        struct pn_group *from = &space->groups[i];
        struct pn_decoded_group *to = &out->groups[i];

        pn_space_flatten(space, i, 4, 0, to->pieces[PN_V4]);
        for (unsigned z = 0; z < space->zones.count; z++)
            pn_space_flatten(space, i, 6, z, &to->pieces[PN_V6][z]);
        to->hosts = from->hosts;
        to->host_count = from->host_count;
        to->any_host = from->any_host;
        to->fallback = from->fallback;
        from->hosts = NULL;
    }
    out->names = space->names;
    out->idents = space->idents;
    space->names = space->idents = (struct pn_intern){ 0 };
}

static enum pn_decode_result
classic_decode(const struct pn_container *container, struct pn_decoded *out)
{
    enum pn_decode_result result = PN_DECODE_OK;
    struct pn_space space;

    pn_space_begin(&space);
    if (!space.failed)
        result = keys_decode(container, &space);
    if (!space.failed)
        pn_space_finish(&space);
    out->zones = space.zones;
    if (space.failed ||
        (result == PN_DECODE_OK && !groups_make(out, space.group_count)))
        result = no_memory();
    else if (result == PN_DECODE_OK)
        space_take(&space, out);
    if (space.failed && result == PN_DECODE_OK) /* while it was flattened */
        result = no_memory();
    pn_space_clear(&space);
    return result;
}

static enum pn_decode_result
bytes_decode(const void *bytes, size_t size, struct pn_decoded *out)
{
    struct pn_container container;
    struct pn_native native;
    enum pn_decode_result result = PN_DECODE_DAMAGED;

    if (!pn_container_open(&container, bytes, size))
        return PN_DECODE_DAMAGED;
    switch (pn_native_open(&container, bytes, &native)) {
    case PN_NATIVE_IS:
        result = native_decode(&native, out);
        break;
    case PN_NATIVE_IS_NOT:
        result = classic_decode(&container, out);
        hosts_sort(out);
        break;
    case PN_NATIVE_DAMAGED:
    case PN_NATIVE_NEWER:
        break;
    }
    return result;
}

enum pn_decode_result
pn_image_decode(struct pn_decoded *out, int fd)
{
    enum pn_decode_result result;
    struct stat st;
    void *map;

    *out = (struct pn_decoded){ 0 };
    if (fstat(fd, &st) < 0)
        return PN_DECODE_SYSTEM;
    if (st.st_size < PN_CDB_HEADER_SIZE || (uintmax_t)st.st_size > UINT32_MAX)
        return PN_DECODE_DAMAGED;
    map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (map == MAP_FAILED)
        return PN_DECODE_SYSTEM;
    result = bytes_decode(map, (size_t)st.st_size, out);
    munmap(map, (size_t)st.st_size);
    return result;
}

static void
pieces_clear(const struct pn_decoded *decoded, struct pn_pieces *pieces, uint8_t family)
{
    for (unsigned z = 0; pieces && z < pn_zone_count(&decoded->zones, family); z++)
        pn_pieces_clear(&pieces[z]);
    pn_free(pieces);
}

void
pn_decoded_clear(struct pn_decoded *decoded)
{
    for (size_t i = 0; i < decoded->group_count; i++) {
        for (unsigned f = 0; f < PN_FAMILIES; f++)
            pieces_clear(decoded, decoded->groups[i].pieces[f], pn_family_at(f));
        pn_free(decoded->groups[i].hosts);
    }
    pn_free(decoded->groups);
    pn_intern_clear(&decoded->names);
    pn_intern_clear(&decoded->idents);
    *decoded = (struct pn_decoded){ 0 };
}

const struct pn_decoded_group *
pn_decoded_ident(const struct pn_decoded *decoded, struct pn_str ident)
{
    uint32_t number;

    if (!pn_intern_find(&decoded->idents, ident.ptr, ident.len, &number))
        return NULL;
    return &decoded->groups[number + PN_NATIVE_FIRST_GROUPS];
}

uint32_t
pn_decoded_host(const struct pn_decoded *decoded, const struct pn_decoded_group *group,
                struct pn_str name)
{
    struct pn_host wanted = { 0 }, *found;

    if (!group->host_count ||
        !pn_intern_find(&decoded->names, name.ptr, name.len, &wanted.name))
        return PN_RULE_NONE;
    found = bsearch(&wanted, group->hosts, group->host_count, sizeof(wanted),
                    compare_hosts);
    return found ? found->rule : PN_RULE_NONE;
}
