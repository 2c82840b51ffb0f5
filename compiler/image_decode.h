/* An image, of either format, as what is true of every query: pieces, hosts, idents. */
#ifndef PN_COMPILER_IMAGE_DECODE_H
#define PN_COMPILER_IMAGE_DECODE_H

#include "base/source.h"
#include "compiler/space.h"

/* One ident's rules, those without, or the blocks. Rules are numbered as decisions do.
 */
struct pn_decoded_group {
    struct pn_pieces *pieces[PN_FAMILIES]; /* IPv4, and of IPv6 those of each zone */
    struct pn_host *hosts; /* names are numbers in pn_decoded.names; ascending */
    size_t host_count, host_capacity;
    uint32_t any_host, fallback;
};

struct pn_decoded {
    struct pn_intern names;
    struct pn_intern idents; /* number n is group PN_NATIVE_FIRST_GROUPS + n */
    struct pn_decoded_group *groups;
    size_t group_count;
    struct pn_zones zones;
};

enum pn_decode_result {
    PN_DECODE_OK,
    PN_DECODE_SYSTEM, /* errno says why */
    PN_DECODE_DAMAGED
};

/*
 * Reads the image that fd holds, from its start; the position of fd is not used. Clear
 * it in any case.
 */
enum pn_decode_result
pn_image_decode(struct pn_decoded *out, int fd);

/* The hosts and idents of a native image alone, without its pieces. */
enum pn_decode_result
pn_image_decode_names(struct pn_decoded *out, const struct pn_native *native);

void
pn_decoded_clear(struct pn_decoded *decoded);

/* The pieces of a family; of IPv6, those of a zone. */
static inline const struct pn_pieces *
pn_decoded_pieces(const struct pn_decoded_group *group, uint8_t family, unsigned zone)
{
    return &group->pieces[pn_family_index(family)][zone];
}

/* The group of an ident; NULL when no rule names it. */
const struct pn_decoded_group *
pn_decoded_ident(const struct pn_decoded *decoded, struct pn_str ident);

/* The rule of a name in a group, or PN_RULE_NONE. */
uint32_t
pn_decoded_host(const struct pn_decoded *decoded, const struct pn_decoded_group *group,
                struct pn_str name);

#endif
