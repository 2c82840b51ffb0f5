/* A service of xinetd, with what it has of the defaults. */
#ifndef PN_TOOLS_ADOPT_XINETD_H
#define PN_TOOLS_ADOPT_XINETD_H

#include "interop/xinetd_words.h"
#include "tools/adopt.h"

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

/* Adds the item of a service, with its policy and run script, or why it stays. */
void
pn_adopt_xinetd_service(struct pn_adopt *adopt, const struct pn_xinetd_block *service,
                        const struct pn_xinetd_block *defaults);

#endif
