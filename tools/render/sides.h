/* How clients were answered, and how they are now: as a diff shows it. */
#ifndef PN_TOOLS_RENDER_SIDES_H
#define PN_TOOLS_RENDER_SIDES_H

#include "analysis/answer.h"
#include "analysis/difference.h"
#include "base/output.h"
#include "tools/render/style.h"

extern const char *const pn_effect_names[]; /* by enum pn_effect */

/* The name of an effect and a colon; the width of that. */
size_t
pn_effect_text(struct pn_output *out, const struct pn_style *style,
               enum pn_effect effect);

/*
 * "- was deny" and "+ now allow", red and green where there is colour, with the rule,
 * its place and what else it says below each. Lines begin with `indent`.
 */
void
pn_sides_text(struct pn_output *out, const struct pn_style *style,
              const struct pn_answer answers[2], const char *indent);

#endif
