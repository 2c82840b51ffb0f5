/* Equal byte strings become equal numbers. */
#ifndef PN_BASE_INTERN_H
#define PN_BASE_INTERN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/str.h"

/* The hash rules out most other strings without comparing bytes. */
struct pn_intern_slot {
    uint32_t number; /* of the string, plus 1; 0 for none */
    uint32_t hash;   /* the low half of it */
};

enum { PN_INTERN_ROWS = 32 };

/* A zeroed struct is empty. Numbers are dense, from 0, in the order of insertion. */
struct pn_intern {
    struct pn_buffer bytes; /* all strings, one behind the other */
    size_t *ends;           /* of each string in it */
    size_t count, capacity;
    struct pn_intern_slot *slots;
    size_t slot_count; /* a power of two */
};

/* The number of these bytes; false when out of memory. */
bool
pn_intern_add(struct pn_intern *intern, const void *bytes, size_t size, uint32_t *out);

/* Room for so many more strings of so many bytes each; false when out of memory. */
bool
pn_intern_reserve(struct pn_intern *intern, size_t more, size_t size);

/*
 * Adds up to PN_INTERN_ROWS strings of one size that lie one behind the other: the same
 * as adding each, but places of a table that no cache holds are fetched side by side.
 */
bool
pn_intern_add_rows(struct pn_intern *intern, const void *rows, size_t size,
                   size_t count, uint32_t *out);

/* The number of these bytes if they have one. */
bool
pn_intern_find(const struct pn_intern *intern, const void *bytes, size_t size,
               uint32_t *out);

/* The offset of string `number` in intern->bytes; its size is pn_intern_size(). */
size_t
pn_intern_offset(const struct pn_intern *intern, uint32_t number);

size_t
pn_intern_size(const struct pn_intern *intern, uint32_t number);

/* The bytes of string `number`, as long as none is added. */
static inline struct pn_str
pn_intern_text(const struct pn_intern *intern, uint32_t number)
{
    return (struct pn_str){ intern->bytes.bytes + pn_intern_offset(intern, number),
                            pn_intern_size(intern, number) };
}

void
pn_intern_clear(struct pn_intern *intern);

#endif
