/* Rules of tcpserver as statements of ours: keys, and the values of their records. */
#ifndef PN_INTEROP_CLASSIC_RULES_H
#define PN_INTEROP_CLASSIC_RULES_H

#include "base/intern.h"
#include "interop/import.h"

/* What a key is of the classic language. */
enum pn_classic_meaning {
    PN_CLASSIC_TARGET,
    PN_CLASSIC_NOBODY, /* no look-up asks for it */
    PN_CLASSIC_SPELT,  /* it matches IPv6 addresses by how they are written */
    PN_CLASSIC_UNSAID, /* the root, or a name with bytes written as \ooo */
    PN_CLASSIC_MEMORY
};

/* Appends the target that a key is in the extended language. */
enum pn_classic_meaning
pn_classic_target_write(struct pn_str key, struct pn_buffer *out);

/* Appends an address, or a prefix with its length. */
void
pn_classic_prefix_write(struct pn_buffer *out, pn_number first, uint8_t family,
                        unsigned length, bool is_address);

/*
 * Appends the range of an address or a prefix that a classic address is: false when it
 * is none, or none that ours has.
 */
bool
pn_classic_range_write(struct pn_str address, struct pn_buffer *out);

/* An import of such rules under way. All zero but for the first. */
struct pn_classic_rules {
    struct pn_import *import;
    struct pn_intern seen; /* keys: of equal ones the first counts */
    bool has_default;
};

/* Is it the first record of its key? Else a note says that nobody comes to it. */
bool
pn_classic_key_is_new(struct pn_classic_rules *rules, struct pn_str key, uint32_t file,
                      size_t line);

/*
 * Writes the rule of a key, at its place, with the value that its record has or would
 * have; `ranged` are the targets, where they are a range of keys of which this is the
 * first, else empty.
 */
void
pn_classic_rule_write(struct pn_classic_rules *rules, uint32_t file, size_t line,
                      struct pn_str key, struct pn_str ranged, struct pn_str value);

/* Writes a statement of targets. */
void
pn_classic_targets_write(struct pn_classic_rules *rules, uint32_t file, size_t line,
                         struct pn_str targets, struct pn_str value);

/* Who is not named is allowed: writes that, unless a rule has said otherwise. */
void
pn_classic_rules_end(struct pn_classic_rules *rules, uint32_t file);

#endif
