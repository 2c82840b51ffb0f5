/* An open image: its bytes, their owner, and one probe of them. */
#ifndef PN_RUNTIME_STORE_H
#define PN_RUNTIME_STORE_H

#include "postern/rules.h"
#include "runtime/format/native.h"

#define PN_STORE_FLAGS ((uint32_t)POSTERN_OPEN_COPY | (uint32_t)POSTERN_OPEN_CHECK)

/* Constant once it is open: any number of threads may look things up in it. */
struct postern_rules {
    struct pn_container container;
    struct pn_native native; /* bytes is NULL for a classic image */
    void *owned;             /* by close(), which gives it to `release` */
    void (*release)(struct postern_rules *rules); /* NULL when the bytes are borrowed */
    size_t size;
    uint32_t classic_needs; /* of a classic image: enum postern_need */
};

/* Memory of its own for `size` bytes; false when there is none. */
bool
pn_store_heap(struct postern_rules *rules);

/* Are the bytes in memory of the handle's own? */
bool
pn_store_is_copy(const struct postern_rules *rules);

/* Which of the two formats it is; `head` as of pn_native_open(). */
enum postern_status
pn_store_identify(struct postern_rules *rules, const uint8_t *head);

/* The container, and which format it is. */
enum postern_status
pn_store_open(struct postern_rules *rules, const void *bytes);

/* The last step of every open: the full check, if asked for; *out, or closed. */
enum postern_status
pn_store_end(struct postern_rules *rules, enum postern_status status, uint32_t flags,
             struct postern_rules **out);

#endif
