/* One assignment of an environment, appended to a buffer as images hold it. */
#ifndef PN_COMPILER_ENV_ITEM_H
#define PN_COMPILER_ENV_ITEM_H

#include "base/buffer.h"
#include "base/diagnostic.h"
#include "base/source.h"

/* False when there is no memory, which the buffer remembers. */
bool
pn_env_item_add(struct pn_buffer *out, struct pn_str name, struct pn_str value);

/*
 * Why no program starts with the items of a rule: PN_DIAG_ENV_LONG or _LARGE;
 * PN_DIAG_NONE when one does. What a server adds of its own is not in it.
 */
enum pn_diag_id
pn_env_items_fault(const char *items, size_t size);

#endif
