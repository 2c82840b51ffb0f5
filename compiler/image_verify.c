/* Group by group: pieces, hosts, the rest. */
#include "compiler/image_verify.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

/* The image may be cut finer, where only what is needed besides differs. */
static bool
same_pieces(const struct pn_native *native, const struct pn_native_index *index,
            const struct pn_pieces *meant)
{
    struct pn_native_entry wanted = pn_pieces_entry(meant, 0), entry;
    size_t at = 0;

    for (uint32_t i = 0; i < index->count; i++) {
        uint64_t high, low;
        pn_number start;

        if (!pn_native_piece(native, index, i, &high, &low, &entry))
            return false;
        start = index->start_size <= 4 ? high : (pn_number)high << 64 | low;
        if (at + 1 < meant->count && meant->items[at + 1].start <= start)
            wanted = pn_pieces_entry(meant, ++at);
        if ((at + 1 < meant->count && meant->items[at + 1].start <= start) ||
            start < meant->items[at].start || entry.block != wanted.block ||
            entry.exact != wanted.exact || entry.prefix != wanted.prefix)
            return false;
    }
    return at + 1 == meant->count;
}

static bool
family_is(const struct pn_native *native, const struct pn_native_index *index,
          struct pn_space *space, uint32_t group, uint8_t family, unsigned zone)
{
    struct pn_pieces pieces = { 0 };
    bool same;

    pn_space_flatten(space, group, family, zone, &pieces);
    same = !space->failed && same_pieces(native, index, &pieces);
    pn_pieces_clear(&pieces);
    return same;
}

static bool
hosts_are(const struct pn_decoded *decoded, const struct pn_decoded_group *group,
          const struct pn_space *space, const struct pn_group *meant)
{
    if (group->host_count != meant->host_count)
        return false;
    for (size_t i = 0; i < meant->host_count; i++)
        if (pn_decoded_host(decoded, group,
                            pn_intern_text(&space->names, meant->hosts[i].name)) !=
            meant->hosts[i].rule)
            return false;
    return true;
}

static bool
same_idents(const struct pn_intern *a, const struct pn_intern *b)
{
    if (a->count != b->count)
        return false;
    for (uint32_t i = 0; i < a->count; i++) {
        struct pn_str left = pn_intern_text(a, i), right = pn_intern_text(b, i);

        if (left.len != right.len ||
            (left.len && memcmp(left.ptr, right.ptr, left.len) != 0))
            return false;
    }
    return true;
}

static bool
groups_are(const struct pn_native *native, struct pn_space *space)
{
    for (uint32_t i = 0; i < space->group_count; i++) {
        struct pn_native_group rules;

        if (!pn_native_group(native, i, &rules) ||
            rules.any_host != space->groups[i].any_host ||
            rules.fallback != space->groups[i].fallback ||
            !family_is(native, &rules.v4, space, i, 4, 0) ||
            !family_is(native, &rules.v6, space, i, 6, 0))
            return false;
    }
    for (unsigned z = 0; z < native->zone_count; z++)
        for (uint32_t i = 0; i < space->group_count; i++) {
            struct pn_native_index index;

            if (!pn_native_zone(native, i, z, &index) ||
                !family_is(native, &index, space, i, 6, z))
                return false;
        }
    return true;
}

static bool
names_are(const struct pn_decoded *decoded, const struct pn_space *space)
{
    if (decoded->group_count != space->group_count ||
        !same_idents(&decoded->idents, &space->idents))
        return false;
    for (size_t i = 0; i < space->group_count; i++)
        if (!hosts_are(decoded, &decoded->groups[i], space, &space->groups[i]))
            return false;
    return true;
}

static enum pn_verify_result
bytes_compare(const void *bytes, size_t size, struct pn_space *space)
{
    enum pn_verify_result result = PN_VERIFY_OTHER;
    struct pn_container container;
    struct pn_decoded names = { 0 };
    struct pn_native native;

    if (!pn_container_open(&container, bytes, size) ||
        pn_native_open(&container, bytes, &native) != PN_NATIVE_IS ||
        native.groups.count != space->group_count ||
        native.zone_count != (space->zones.count > 1 ? space->zones.count : 0) ||
        (native.zone_count &&
         memcmp(native.zones, space->zones.of, sizeof(space->zones.of)) != 0))
        return PN_VERIFY_OTHER;
    switch (pn_image_decode_names(&names, &native)) {
    case PN_DECODE_OK:
        if (names_are(&names, space) && groups_are(&native, space))
            result = PN_VERIFY_SAME;
        break;
    case PN_DECODE_SYSTEM:
        result = PN_VERIFY_SYSTEM;
        break;
    case PN_DECODE_DAMAGED:
        break;
    }
    pn_decoded_clear(&names);
    return result;
}

enum pn_verify_result
pn_image_verify(int fd, struct pn_space *space)
{
    enum pn_verify_result result;
    struct stat st;
    void *map;

    if (fstat(fd, &st) < 0)
        return PN_VERIFY_SYSTEM;
    map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (map == MAP_FAILED)
        return PN_VERIFY_SYSTEM;
    result = bytes_compare(map, (size_t)st.st_size, space);
    munmap(map, (size_t)st.st_size);
    if (space->failed) {
        errno = ENOMEM;
        return PN_VERIFY_SYSTEM;
    }
    return result;
}
