/*
 * Which policies are in memory. A file with the identity of the one that was read is
 * taken for the same; but times of files are rounded, on some file systems to two
 * seconds, so that one which was changed that shortly before it was read is compared
 * with what was read of it.
 */
#include "bindings/sql/cache.h"

#include <string.h>

#include "bindings/sql/image.h"

enum { POLICIES_MOST = 16 };

struct pn_cached {
    const struct pn_engine *engine;
    struct pn_image image;
    char *name;
    uint64_t used;  /* the higher, the more recently */
    size_t holders; /* the cache is one of them */
};

struct pn_cache {
    const struct pn_engine *engine;
    uint64_t clock;
    struct pn_cached *policies[POLICIES_MOST]; /* NULL: a free place */
};

const char *
pn_fault_text(enum pn_fault fault)
{
    static const char *const texts[PN_FAULT_COUNT] = {
        [PN_FAULT_NONE] = "no fault",
        [PN_FAULT_MISSING] = "there is no such file",
        [PN_FAULT_OUTSIDE] = "it is outside of the folder of policies",
        [PN_FAULT_DENIED] = "it may not be read",
        [PN_FAULT_DAMAGED] = "it is not a compiled rule file, or damaged",
        [PN_FAULT_NEWER] = "it is of a newer format",
        [PN_FAULT_MEMORY] = "out of memory",
        [PN_FAULT_SHORTAGE] = "out of file descriptors",
        [PN_FAULT_BUSY] = "it kept changing while it was read",
        [PN_FAULT_IO] = "it cannot be read",
        [PN_FAULT_STOPPED] = "interrupted",
    };

    return texts[fault < PN_FAULT_COUNT ? fault : PN_FAULT_IO];
}

const struct postern_rules *
pn_cached_rules(const struct pn_cached *cached)
{
    return cached->image.rules;
}

void
pn_cached_hold(struct pn_cached *cached)
{
    cached->holders++;
}

void
pn_cached_release(struct pn_cached *cached)
{
    const struct pn_engine *engine = cached->engine;

    if (--cached->holders)
        return;
    pn_image_clear(&cached->image, engine);
    engine->give(cached->name);
    engine->give(cached);
}

struct pn_cache *
pn_cache_new(const struct pn_engine *engine)
{
    struct pn_cache *cache = engine->take(sizeof(*cache));

    if (cache) {
        memset(cache, 0, sizeof(*cache));
        cache->engine = engine;
    }
    return cache;
}

static void
give_up(struct pn_cached **place)
{
    pn_cached_release(*place);
    *place = NULL;
}

void
pn_cache_drop(struct pn_cache *cache)
{
    for (size_t i = 0; i < POLICIES_MOST; i++)
        if (cache->policies[i])
            give_up(&cache->policies[i]);
}

void
pn_cache_free(struct pn_cache *cache)
{
    if (!cache)
        return;
    pn_cache_drop(cache);
    cache->engine->give(cache);
}

/* Where a policy is; NULL when it is not in memory. */
static struct pn_cached **
place_of(struct pn_cache *cache, const char *name)
{
    for (size_t i = 0; i < POLICIES_MOST; i++)
        if (cache->policies[i] && strcmp(cache->policies[i]->name, name) == 0)
            return &cache->policies[i];
    return NULL;
}

static size_t
bytes_of(const struct pn_cache *cache)
{
    size_t sum = 0;

    for (size_t i = 0; i < POLICIES_MOST; i++)
        if (cache->policies[i])
            sum += cache->policies[i]->image.size;
    return sum;
}

/* A free place, and room for so many bytes: what was used least recently goes. */
static struct pn_cached **
place_make(struct pn_cache *cache, size_t size, size_t bytes_most)
{
    for (;;) {
        struct pn_cached **oldest = NULL, **empty = NULL;

        for (size_t i = 0; i < POLICIES_MOST; i++) {
            struct pn_cached **at = &cache->policies[i];

            if (!*at)
                empty = at;
            else if (!oldest || (*at)->used < (*oldest)->used)
                oldest = at;
        }
        if (!oldest)
            return empty;
        if (empty && bytes_of(cache) <= bytes_most &&
            size <= bytes_most - bytes_of(cache))
            return empty;
        give_up(oldest);
    }
}

static struct pn_cached *
cached_new(const struct pn_engine *engine, const char *name)
{
    size_t size = strlen(name) + 1;
    struct pn_cached *cached = engine->take(sizeof(*cached));
    char *copy = cached ? engine->take(size) : NULL;

    if (!copy) {
        if (cached)
            engine->give(cached);
        return NULL;
    }
    memcpy(copy, name, size);
    *cached = (struct pn_cached){ .engine = engine, .name = copy, .holders = 1 };
    return cached;
}

static enum pn_fault
load(struct pn_cache *cache, const struct pn_wanted *wanted,
     const struct pn_opened *opened, struct pn_cached **out)
{
    struct pn_cached **place = place_make(cache, opened->size, wanted->bytes_most);
    struct pn_cached *cached = cached_new(cache->engine, wanted->name);
    enum pn_fault fault;

    if (!cached)
        return PN_FAULT_MEMORY;
    fault = pn_image_read(&cached->image, opened, cache->engine);
    if (fault == PN_FAULT_NONE)
        *out = *place = cached;
    else
        pn_cached_release(cached);
    return fault;
}

enum pn_fault
pn_cache_get(struct pn_cache *cache, const struct pn_wanted *wanted,
             struct pn_cached **out)
{
    struct pn_cached **place = place_of(cache, wanted->name), *found = NULL;
    struct pn_opened opened;
    enum pn_fault fault = pn_opened_open(&opened, wanted->folder, wanted->name);

    if (fault == PN_FAULT_NONE && place && pn_image_is(&(*place)->image, &opened))
        found = *place;
    else if (place)
        give_up(place); /* before another is read in its place */
    if (fault == PN_FAULT_NONE && !found)
        fault = load(cache, wanted, &opened, &found);
    pn_opened_close(&opened);
    if (fault == PN_FAULT_NONE) {
        found->used = ++cache->clock;
        *out = found;
    }
    return fault;
}
