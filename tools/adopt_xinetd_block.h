/* A block of xinetd.conf: a service, or the defaults. */
#ifndef PN_TOOLS_ADOPT_XINETD_BLOCK_H
#define PN_TOOLS_ADOPT_XINETD_BLOCK_H

#include "interop/xinetd_words.h"

/* The attributes of a block; their texts point into the file. */
struct pn_xinetd_block {
    const struct pn_source *file;
    struct pn_str name;
    size_t first, last; /* lines, from 1; 0: there is no such block */
    struct pn_xinetd_line *items;
    size_t count, capacity;
};

/* The value that counts: the block's last, or else that of the defaults; or nothing. */
struct pn_str
pn_xinetd_value(const struct pn_xinetd_block *service,
                const struct pn_xinetd_block *defaults, const char *name);

/* Is a word among the values of an attribute of the block? */
bool
pn_xinetd_has(const struct pn_xinetd_block *block, const char *name, const char *word);

#endif
