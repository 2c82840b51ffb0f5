/* The words of a list's line, and the addresses among them. */
#ifndef PN_COMPILER_LIST_WORDS_H
#define PN_COMPILER_LIST_WORDS_H

#include "compiler/literal.h"

enum { PN_LIST_WORDS = 4 }; /* no form of a line needs more */

/*
 * A line cut into words, by blanks and commas, or semicolons that stand for commas. All
 * of it leads into the line.
 */
struct pn_list_words {
    struct pn_str line; /* without the blanks at its ends */
    struct pn_str text; /* the part of it before a remark, likewise */
    struct pn_str items[PN_LIST_WORDS];
    char apart[PN_LIST_WORDS]; /* the separator before each: '\0', ' ' or ',' */
    unsigned count;
    bool is_front; /* only remarks are above this line */
};

/* Cuts a line; *out keeps its `is_front`. */
void
pn_list_words_cut(struct pn_str line, struct pn_list_words *out);

/* The text behind a word, up to a remark. */
struct pn_str
pn_list_words_behind(const struct pn_list_words *words, unsigned number);

/* The first `count` words with what is between them. */
struct pn_str
pn_list_words_span(const struct pn_list_words *words, unsigned count);

/* The text with the blanks at its ends left out. */
struct pn_str
pn_list_trim(struct pn_str text);

/*
 * The first address that a text holds, with its prefix length: one that stands by
 * itself or between signs, and not one that is part of a name. A wildcard, or octets
 * that end in a dot, count too, and octets with leading zeros.
 */
bool
pn_list_address_find(struct pn_str text, struct pn_str *found);

/* A whole address, perhaps in brackets; not an IPv4 address written as IPv6. */
bool
pn_list_address_read(struct pn_str text, struct postern_addr *out);

/* The prefix length of a netmask: ones, then zeros. */
bool
pn_list_mask_length(const struct postern_addr *mask, unsigned *length);

/* A number of at most three digits without leading zeros: a prefix length, perhaps. */
bool
pn_list_number_read(struct pn_str digits, unsigned *out);

/*
 * Reads a word as an entry. PN_DIAG_HOST_BITS when bits beyond the length were set,
 * which are cleared in *out; PN_DIAG_BAD_TARGET for what a list cannot hold.
 */
enum pn_diag_id
pn_list_entry_read(struct pn_str word, struct pn_buffer *scratch,
                   struct pn_target *out);

/* Some words as one, without what is between them; false when it gets too long. */
enum { PN_LIST_JOINED_MAX = 120 };

bool
pn_list_words_join(const struct pn_list_words *words, unsigned count,
                   char text[PN_LIST_JOINED_MAX], struct pn_str *out);

/* How many words from the first on are A - B, with blanks beside the dash; or 0. */
unsigned
pn_list_range_words(const struct pn_list_words *words);

static inline bool
pn_list_is(struct pn_str text, const char *word, size_t len)
{
    return text.len == len && __builtin_memcmp(text.ptr, word, len) == 0;
}

#endif
