/* A policy: its texts, what they compile to, and what is wrong with them. */
#ifndef PN_LIBRARY_POLICY_H
#define PN_LIBRARY_POLICY_H

#include "analysis/rules_entry.h"
#include "analysis/rules_file.h"
#include "library/report.h"
#include "library/snapshot.h"

enum { PN_LIBRARY_DIAGS_MAX = 1000 };

/* Owns all of it; the file reads by the snapshot. */
struct postern_policy {
    struct postern_compiler *compiler;
    struct pn_snapshot snapshot; /* file 0 is the root */
    struct pn_rules_file file;   /* rules NULL: there are errors */
    size_t image_size;           /* as the budget counts it */
    struct pn_rules_lists lists;
    struct pn_decoded decoded; /* of the image, once it was asked for */
    bool is_decoded;
    struct postern_report *diagnostics;
};

/* The image as what is true of every query. POSTERN_E_REFUSED when there is none. */
enum postern_status
pn_policy_decode(struct postern_policy *policy);

/* A compiled answer as the public face has it; its texts are the policy's. */
struct postern_answer
pn_public_answer(const struct pn_answer *answer);

#endif
