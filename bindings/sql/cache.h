/*
 * The policies of a folder for an engine of SQL: opened by name and never outside of
 * the folder, kept in memory that the engine counts, and read again when replaced.
 * Nothing is mapped: whoever truncates a file in place must not end a database.
 */
#ifndef PN_SQL_CACHE_H
#define PN_SQL_CACHE_H

#include <postern/postern.h>

/* What the engine around gives. */
struct pn_engine {
    void *(*take)(size_t size); /* memory; NULL when there is none */
    void (*give)(void *memory); /* takes back what `take` gave */
    bool (*stop)(void);         /* is the work to end? NULL: never */
};

/* Why there are no rules. */
enum pn_fault {
    PN_FAULT_NONE,
    PN_FAULT_MISSING,  /* no such file */
    PN_FAULT_OUTSIDE,  /* the name leads out of the folder */
    PN_FAULT_DENIED,   /* the system does not let us read it */
    PN_FAULT_DAMAGED,  /* no compiled rule file, or a damaged one */
    PN_FAULT_NEWER,    /* of a format that is not known here */
    PN_FAULT_MEMORY,   /* out of memory */
    PN_FAULT_SHORTAGE, /* out of descriptors */
    PN_FAULT_BUSY,     /* it kept changing while it was read */
    PN_FAULT_IO,       /* the system refused otherwise: errno says why */
    PN_FAULT_STOPPED,  /* stop() said so */
    PN_FAULT_COUNT
};

/* What a fault is in words, for a message; of PN_FAULT_IO errno says more. */
const char *
pn_fault_text(enum pn_fault fault);

/* One file, as it was read. */
struct pn_cached;

/*
 * At most 16 policies, and at most so many bytes of them but for one that is larger;
 * those asked for least recently are given up first.
 */
struct pn_cache;

/* NULL when out of memory. */
struct pn_cache *
pn_cache_new(const struct pn_engine *engine);

/* Forgets all policies; those that are held live on until they are released. */
void
pn_cache_drop(struct pn_cache *cache);

/* NULL is fine. */
void
pn_cache_free(struct pn_cache *cache);

/* Which policy, and how much may be kept. */
struct pn_wanted {
    const char *folder; /* from "/", or "." */
    const char *name;   /* relative to it */
    size_t bytes_most;
};

/*
 * The policy as its file is now: *out is valid until the next call for this cache, or
 * as long as it is held. Not for several threads at once.
 */
enum pn_fault
pn_cache_get(struct pn_cache *cache, const struct pn_wanted *wanted,
             struct pn_cached **out);

const struct postern_rules *
pn_cached_rules(const struct pn_cached *cached);

/* Keeps it until pn_cached_release() is called as often. */
void
pn_cached_hold(struct pn_cached *cached);

void
pn_cached_release(struct pn_cached *cached);

#endif
