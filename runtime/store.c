/* Opening an image in memory, what every open ends with, and closing. No system call.
 */
#include "runtime/store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void
postern_rules_close(struct postern_rules *rules)
{
    int saved_errno = errno;

    if (rules) {
        if (rules->release)
            rules->release(rules);
        free(rules);
    }
    errno = saved_errno;
}

static void
heap_release(struct postern_rules *rules)
{
    free(rules->owned);
}

bool
pn_store_heap(struct postern_rules *rules)
{
    rules->owned = malloc(rules->size);
    rules->release = rules->owned ? heap_release : NULL;
    return rules->owned;
}

bool
pn_store_is_copy(const struct postern_rules *rules)
{
    return rules->release == heap_release;
}

enum postern_status
pn_store_identify(struct postern_rules *rules, const uint8_t *head)
{
    switch (pn_native_open(&rules->container, head, &rules->native)) {
    case PN_NATIVE_IS:
    case PN_NATIVE_IS_NOT:
        return POSTERN_OK;
    case PN_NATIVE_DAMAGED:
        return POSTERN_E_FORMAT;
    case PN_NATIVE_NEWER:
        return POSTERN_E_VERSION;
    }
    return POSTERN_E_FORMAT;
}

enum postern_status
pn_store_open(struct postern_rules *rules, const void *bytes)
{
    if (!pn_container_open(&rules->container, bytes, rules->size))
        return POSTERN_E_FORMAT;
    return pn_store_identify(rules, bytes);
}

struct postern_str
postern_rules_image(const struct postern_rules *rules)
{
    return (struct postern_str){ (const char *)rules->container.bytes, rules->size };
}

/*
 * Does a classic image have keys with a host, or with an ident? Only a full check walks
 * the records; otherwise the answer is that it may have both.
 */
static uint32_t
classic_needs(const struct pn_container *container, bool walk)
{
    const uint32_t all = (uint32_t)POSTERN_NEEDS_HOST | POSTERN_NEEDS_IDENT;
    uint32_t needs = walk ? 0 : all, position = PN_CDB_HEADER_SIZE;
    struct pn_record record;

    while (needs != all && pn_container_next(container, &position, &record)) {
        if (memchr(record.key, '=', record.key_size))
            needs |= POSTERN_NEEDS_HOST;
        if (memchr(record.key, '@', record.key_size))
            needs |= POSTERN_NEEDS_IDENT;
    }
    return needs;
}

/* The last step of every open: the full check, if asked for. */
enum postern_status
pn_store_end(struct postern_rules *rules, enum postern_status status, uint32_t flags,
             struct postern_rules **out)
{
    bool check = flags & POSTERN_OPEN_CHECK;

    /* next to a copy, verifying the checksums of a native image costs nothing */
    if (status == POSTERN_OK &&
        ((rules->native.bytes && (check || flags & POSTERN_OPEN_COPY) &&
          !pn_native_check(&rules->native)) ||
         (check && !pn_container_check(&rules->container))))
        status = POSTERN_E_FORMAT;
    if (status == POSTERN_OK && !rules->native.bytes)
        rules->classic_needs = classic_needs(&rules->container, check);
    if (status == POSTERN_OK)
        *out = rules;
    else
        postern_rules_close(rules);
    return status;
}

static enum postern_status
take_memory(struct postern_rules *rules, const void *bytes, uint32_t flags)
{
    if (flags & POSTERN_OPEN_COPY) {
        if (!pn_store_heap(rules))
            return POSTERN_E_NOMEM;
        memcpy(rules->owned, bytes, rules->size);
        bytes = rules->owned;
    }
    return pn_store_open(rules, bytes);
}

enum postern_status
postern_rules_open_memory(const void *bytes, size_t size, uint32_t flags,
                          struct postern_rules **out)
{
    struct postern_rules *rules;
    enum postern_status status;

    if (flags & ~PN_STORE_FLAGS || (!bytes && size))
        return POSTERN_E_ARG;
    if (size < PN_CDB_HEADER_SIZE || size > UINT32_MAX)
        return POSTERN_E_FORMAT;
    rules = calloc(1, sizeof(*rules));
    if (!rules)
        return POSTERN_E_NOMEM;
    rules->size = size;
    status = take_memory(rules, bytes, flags);
    return pn_store_end(rules, status, flags, out);
}
