/* What a server has counted: for people, for programs, and for Prometheus. */
#ifndef PN_TOOLS_RENDER_HITS_H
#define PN_TOOLS_RENDER_HITS_H

#include "base/output.h"
#include "tools/render/hit_list.h"
#include "tools/render/style.h"

struct pn_hits_view {
    const char *name;   /* of the file of counts */
    const char *policy; /* of the rules; NULL when they are not known */
    const char *label;  /* NAME=VALUE, for each metric; NULL for none */
    bool unused;        /* only rules that nobody was decided by in so many seconds */
    uint64_t seconds;
    bool pairs; /* what the shadow decides otherwise, in their place */
    const struct pn_hits *shadow; /* rules of the shadow, for their places; or NULL */
};

/* The file that is looked at, at the time of its last change. Says how many rules. */
typedef void (*pn_hits_renderer)(struct pn_output *out, const struct pn_hits *hits,
                                 const struct pn_hits_view *view,
                                 const struct pn_style *style);

void
pn_hits_text(struct pn_output *out, const struct pn_hits *hits,
             const struct pn_hits_view *view, const struct pn_style *style);

void
pn_hits_json(struct pn_output *out, const struct pn_hits *hits,
             const struct pn_hits_view *view, const struct pn_style *style);

/* The text format of Prometheus, version 0.0.4. */
void
pn_hits_prometheus(struct pn_output *out, const struct pn_hits *hits,
                   const struct pn_hits_view *view, const struct pn_style *style);

/* Is it shown? */
bool
pn_hits_shows(const struct pn_hits *hits, const struct pn_hits_view *view,
              const struct pn_hit *hit);

#endif
