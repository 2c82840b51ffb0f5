/* Decodes words of the extended dialect: targets, and values of settings. */
#ifndef PN_COMPILER_LITERAL_H
#define PN_COMPILER_LITERAL_H

#include "base/buffer.h"
#include "base/diagnostic.h"
#include "compiler/number.h"

enum pn_target_kind {
    PN_TARGET_ADDRESSES, /* `count` exact addresses from `first` on */
    PN_TARGET_PREFIXES,  /* `count` prefixes of `length` from `first` on */
    PN_TARGET_RANGE,     /* from `first` to `last`, by the fewest prefixes */
    PN_TARGET_LIST,      /* not of a word: the addresses of a list file */
    PN_TARGET_HOST,      /* `name`; a suffix begins with its dot, any host is empty */
    PN_TARGET_DEFAULT,
    PN_TARGET_SET /* `name`, without its $ */
};

struct pn_target {
    enum pn_target_kind kind;
    bool has_ident;
    uint8_t family, length;
    unsigned count;
    pn_number first, last;
    struct pn_str name; /* of a host: lower case, no final dot; in the scratch buffer */
    struct pn_str ident; /* likewise */
};

/*
 * Reads the word of a target. Names are decoded into `scratch`, which must live as long
 * as *out. PN_DIAG_NONE when it is well, else what is wrong with it; a failed
 * allocation is remembered in scratch.
 */
enum pn_diag_id
pn_literal_target(struct pn_str word, struct pn_buffer *scratch, struct pn_target *out);

/*
 * The same for a plain IPv4 address or prefix, which most words of long files are, at a
 * tenth of the cost. False for every other word, faulty ones among them: nothing is
 * known of those.
 */
struct pn_plain {
    uint32_t first;
    uint8_t length;  /* 32 of an address */
    bool is_address; /* without a length */
};

bool
pn_literal_plain(struct pn_str word, struct pn_plain *out);

/*
 * Cuts the ident off the front of a word, "joe@" or "\"odd name\"@", and decodes it
 * into `scratch`. PN_DIAG_NONE when it is well; the ident's ptr is NULL when
 * there is none.
 */
enum pn_diag_id
pn_literal_ident(struct pn_str *word, struct pn_buffer *scratch, struct pn_str *ident);

/*
 * Can the language name this host? DNS has names that it cannot, but classic files can:
 * the root, and names with bytes written as \ooo.
 */
bool
pn_host_is_sayable(struct pn_str name);

/*
 * Decodes a value with its quotes: "..." has escapes, '...' has none. Appends to `out`.
 * PN_DIAG_NONE when it is well.
 */
enum pn_diag_id
pn_literal_value(struct pn_str quoted, struct pn_buffer *out);

/*
 * Recognises 10.2.*, 10.2.x.x and the like: one to three octets and wildcards. *front
 * is the part before the wildcards, with its last dot: the intended prefix.
 */
bool
pn_literal_wildcard(struct pn_str word, struct pn_str *front);

/* Is it a word that other tools have for everybody: all, any, 0/0? */
bool
pn_literal_anything(struct pn_str word);

#endif
