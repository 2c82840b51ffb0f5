/* A list that was fetched, and what it would change: what `postern feed` judges. */
#ifndef PN_TOOLS_FEED_H
#define PN_TOOLS_FEED_H

#include "interop/list_change.h"
#include "tools/tool.h"

/* A list as it was read, whole. */
struct pn_feed_list {
    const char *name;
    bool exists;
    struct pn_source text; /* byte by byte what the file has */
    struct pn_list_read read;
    struct pn_diags diags;
};

/* Why the new list is refused. */
enum pn_feed_bound {
    PN_BOUND_LOSS,
    PN_BOUND_GAIN,
    PN_BOUND_MIN,
    PN_BOUND_CLAIMS,
    PN_BOUND_GUARD,
    PN_BOUND_SETS,
    PN_BOUND_COUNT
};

/* One that breaks; of a family, or 0. */
struct pn_feed_reason {
    enum pn_feed_bound bound;
    uint8_t family;
    struct pn_buffer text; /* a clause, not ended by NUL */
};

enum { PN_FEED_REASONS_MAX = PN_BOUND_COUNT + 2 };

/* A set of the policy that allows, and has addresses of the new list. */
struct pn_feed_met {
    char *set;                   /* its name, without the $ */
    char *file;                  /* where it is defined */
    size_t line;                 /* from 1 */
    struct pn_address_set where; /* finished */
    uint8_t family;              /* of a client: */
    pn_number client;
    bool is_denied; /* whom the new list brings, and the policy denies with it */
};

/* Stays where it is. */
struct pn_feed {
    struct pn_tool *tool;
    const struct pn_common *common;
    struct pn_feed_list before, after;
    const char *out;     /* OUT as it was named, */
    char *place;         /* and where it is, links followed */
    const char *protect; /* a policy, or NULL */
    uint32_t loss, gain; /* bounds, as pn_share_is_more() takes them, or */
    size_t min;          /* PN_FEED_UNBOUND; 0: none */
    struct pn_list_change change;
    struct pn_feed_met *met;
    size_t met_count, met_capacity;
    struct pn_diags claims; /* of the policy, that do not hold */
    struct pn_feed_reason reasons[PN_FEED_REASONS_MAX];
    size_t reason_count;
};

#define PN_FEED_UNBOUND UINT32_MAX

/* A bound that breaks; what is said of it goes into the buffer. */
struct pn_buffer *
pn_feed_break(struct pn_feed *feed, enum pn_feed_bound bound, uint8_t family);

/*
 * Reports what keeps a list or the policy from being read: for a cron's mail why, in
 * its first line, and all of it below; or as findings. Returns PN_EXIT_USAGE.
 */
int
pn_feed_unread(struct pn_feed *feed, const struct pn_diags *diags);

/*
 * Holds the policy to the new list, in the place of the file that is OUT: claims,
 * guards and sets that allow. Returns an enum pn_exit, PN_EXIT_OK also where something
 * breaks.
 */
int
pn_feed_protect(struct pn_feed *feed);

/* What became of it. */
enum pn_feed_end { PN_FEED_REPLACED, PN_FEED_EQUAL, PN_FEED_REFUSED };

/* The report, for a person on `out`. */
void
pn_feed_text(const struct pn_feed *feed, enum pn_feed_end end, struct pn_output *out);

/* The same as one document on standard output. */
void
pn_feed_json(const struct pn_feed *feed, enum pn_feed_end end);

#endif
