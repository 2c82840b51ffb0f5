/* The address sets and lists that the elements of a policy refer to, by number. */
#ifndef PN_COMPILER_SET_POOL_H
#define PN_COMPILER_SET_POOL_H

#include "base/intern.h"
#include "base/work.h"
#include "compiler/interval.h"
#include "compiler/literal.h"

/* An address or a prefix of a list: there are millions of them. */
struct pn_listed {
    pn_number start;
    uint8_t length;
    bool exact; /* an address by itself */
} __attribute__((packed, aligned(1)));

/* The addresses of a list file, by family, in the order of its lines. */
struct pn_list_addresses {
    struct pn_listed4 {
        uint32_t start;
        uint8_t length;
        bool exact;
    } __attribute__((packed, aligned(2))) * v4;
    struct pn_listed *v6;
    size_t v4_count, v4_capacity, v6_count, v6_capacity;
};

/*
 * Address sets, of which number 0 is the empty one and not kept; and the addresses of
 * list files. Equal small sets have one number, and a union is made once.
 */
struct pn_set_pool {
    struct pn_address_set *items;
    size_t count, capacity;
    struct pn_list_addresses *lists;
    size_t list_count, list_capacity;
    struct pn_intern known; /* small sets: number n is that of set known_at[n] */
    uint32_t *known_at;
    size_t known_capacity;
    struct pn_intern pairs; /* pairs of sets whose union was made */
    uint32_t *unions;       /* by pair: the number of its union */
    size_t union_capacity;
    struct pn_work *work; /* what unions take steps of; NULL: no end */
    bool failed;          /* out of memory, in any of these functions */
};

/* The set of a number, also of 0. */
const struct pn_address_set *
pn_set_pool_get(const struct pn_set_pool *pool, uint32_t number);

/* Is an address in the set of a number? */
bool
pn_set_pool_has(const struct pn_set_pool *pool, uint32_t number, uint8_t family,
                pn_number address);

/* Takes over a finished set; its number, 0 for an empty one. */
uint32_t
pn_set_pool_add(struct pn_set_pool *pool, struct pn_address_set *set);

/* The number of the union of two sets; of one of them when the steps are spent. */
uint32_t
pn_set_pool_union(struct pn_set_pool *pool, uint32_t left, uint32_t right);

/* Adds what a line of a list stands for; false without memory. */
bool
pn_list_add(struct pn_list_addresses *list, const struct pn_target *target);

/* Takes over the addresses of a list; their number in pool->lists. */
uint32_t
pn_set_pool_add_list(struct pn_set_pool *pool, struct pn_list_addresses *list);

void
pn_list_addresses_clear(struct pn_list_addresses *list);

void
pn_set_pool_clear(struct pn_set_pool *pool);

#endif
