/* Deciding from a native image. */
#ifndef PN_RUNTIME_DECIDE_NATIVE_H
#define PN_RUNTIME_DECIDE_NATIVE_H

#include "postern/rules.h"
#include "runtime/format/native.h"

/* The input of a walk: texts of the public query, scratch memory, a trace. */
struct pn_native_walk {
    const struct pn_native *native;
    const struct postern_addr *remote;       /* family 0: a text that is no address */
    struct postern_str address, host, ident; /* the address for a trace only */
    char *keys; /* room for the longest of host and ident, and 8 bytes */
    postern_trace_fn trace;
    void *payload;
};

/* POSTERN_OK and *out, or POSTERN_E_FORMAT. */
enum postern_status
pn_native_decide(struct pn_native_walk *walk, struct postern_decision *out);

/* Is there nothing to look up but an address, as bytes, in structs of today? */
static inline bool
pn_query_is_plain(const struct postern_query *query, const struct postern_decision *out)
{
    return query->remote.family && !query->host.ptr && !query->ident.ptr &&
           query->struct_size >= sizeof(*query) && out->struct_size >= sizeof(*out);
}

/*
 * pn_native_decide() for a client without host and ident. The entry holds the rule, so
 * there are no unpredictable branches.
 */
enum postern_status
pn_native_decide_plain(const struct pn_native *native,
                       const struct postern_addr *remote, struct postern_decision *out);

/* Fills in the outcome of a rule, independent of a query. Statuses as of an origin. */
enum postern_status
pn_native_outcome(const struct pn_native *native, uint32_t rule,
                  struct postern_decision *out);

/* POSTERN_E_ARG when there is no such rule, POSTERN_E_FORMAT for damage. */
enum postern_status
pn_native_origin(const struct pn_native *native, uint32_t rule,
                 struct postern_origin *out);

#endif
