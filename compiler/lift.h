/* An image, of either format, as what is true of every query: pieces, hosts, idents. */
#ifndef PN_COMPILER_LIFT_H
#define PN_COMPILER_LIFT_H

#include "base/source.h"
#include "compiler/space.h"

/* One ident's rules, those without, or the blocks. Rules are numbered as decisions do.
 */
struct pn_lifted_group {
    struct pn_pieces v4, *v6; /* of each zone */
    struct pn_host *hosts;    /* names are numbers in pn_lifted.names; ascending */
    size_t host_count, host_capacity;
    uint32_t any_host, fallback;
};

struct pn_lifted {
    struct pn_intern names;
    struct pn_intern idents; /* number n is group PN_NATIVE_FIRST_GROUPS + n */
    struct pn_lifted_group *groups;
    size_t group_count;
    struct pn_zones zones;
};

enum pn_lift_result {
    PN_LIFT_OK,
    PN_LIFT_SYSTEM, /* errno says why */
    PN_LIFT_DAMAGED
};

/*
 * Reads the image that fd holds, from its start; the position of fd is not used. Clear
 * it in any case.
 */
enum pn_lift_result
pn_lift(struct pn_lifted *out, int fd);

/* The hosts and idents of a native image alone, without its pieces. */
enum pn_lift_result
pn_lift_names(struct pn_lifted *out, const struct pn_native *native);

void
pn_lifted_clear(struct pn_lifted *lifted);

/* The pieces of a family; of IPv6, those of a zone. */
static inline const struct pn_pieces *
pn_lifted_pieces(const struct pn_lifted_group *group, uint8_t family, unsigned zone)
{
    return family == 6 ? &group->v6[zone] : &group->v4;
}

static inline struct pn_str
pn_lifted_name(const struct pn_intern *intern, uint32_t number)
{
    return (struct pn_str){ intern->bytes.bytes + pn_intern_offset(intern, number),
                            pn_intern_size(intern, number) };
}

/* The group of an ident; NULL when no rule names it. */
const struct pn_lifted_group *
pn_lifted_ident(const struct pn_lifted *lifted, struct pn_str ident);

/* The rule of a name in a group, or PN_NATIVE_NONE. */
uint32_t
pn_lifted_host(const struct pn_lifted *lifted, const struct pn_lifted_group *group,
               struct pn_str name);

#endif
