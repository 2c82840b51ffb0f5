/* What became of expectations and proofs, in four formats. */
#ifndef PN_TOOLS_RENDER_PROOFS_H
#define PN_TOOLS_RENDER_PROOFS_H

#include "base/output.h"
#include "compiler/prove.h"
#include "tools/render/style.h"

enum pn_proof_format { PN_PROOF_TEXT, PN_PROOF_JSON, PN_PROOF_TAP, PN_PROOF_JUNIT };

/* One run, over any number of files. */
struct pn_proof_report {
    struct pn_output *out; /* the tool's */
    enum pn_proof_format format;
    struct pn_style style;
    size_t total, broken;
    struct pn_buffer cases;    /* of JUnit, whose counts stand before them */
    struct pn_buffer too_much; /* where there were more claims than are looked at; a
                                  text, the caller's to clear */
};

void
pn_proof_report_begin(struct pn_proof_report *report);

/* A pn_proof_fn, whose payload is the report. */
void
pn_proof_report_add(void *payload, const struct pn_prover *prover,
                    const struct pn_proof *proof);

void
pn_proof_report_end(struct pn_proof_report *report);

#endif
