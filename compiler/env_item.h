/* One assignment of an environment, appended to a buffer as images hold it. */
#ifndef PN_COMPILER_ENV_ITEM_H
#define PN_COMPILER_ENV_ITEM_H

#include "base/buffer.h"
#include "base/source.h"

/* False when there is no memory, which the buffer remembers. */
bool
pn_env_item_add(struct pn_buffer *out, struct pn_str name, struct pn_str value);

#endif
