/* How large the policies of a verb are, for a message that a comparison is too much. */
#ifndef PN_TOOLS_POLICY_SIZE_H
#define PN_TOOLS_POLICY_SIZE_H

#include <stddef.h>

struct pn_buffer;
struct pn_decoded;

/* Counts, over all images that were added. */
struct pn_policy_size {
    size_t ranges, hosts, idents;
};

void
pn_policy_size_add(struct pn_policy_size *size, const struct pn_decoded *decoded);

/* Appends the counts that are not 0, and what would make it less for this verb. */
void
pn_policy_size_write(const struct pn_policy_size *size, const char *verb,
                     struct pn_buffer *out);

/* What would make it less, without the counts; static. */
const char *
pn_policy_size_advice(const char *verb);

#endif
