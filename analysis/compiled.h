/* A source compiled in memory, and what it answers. */
#ifndef PN_ANALYSIS_COMPILED_H
#define PN_ANALYSIS_COMPILED_H

#include "analysis/answer.h"
#include "compiler/image_decode.h"
#include "compiler/images_equivalent.h"
#include "compiler/loaded_policy.h"

/* How a source is compiled. All zero: by itself, from files, as servers ask it. */
struct pn_compiled_options {
    struct pn_reading
        reading;       /* of what the source names; outlives what is made by it */
    const char *tests; /* a file of more claims, as in pn_loaded_policy_load() */
    uint32_t as_of;    /* YYYYMMDD: what has expired by then is left out; 0: nothing */
    struct pn_diags *diags; /* receives its diagnostics; NULL: dropped */
};

/* Stays where it is: what is asked of it leads into it. */
struct pn_compiled {
    enum pn_compile_result result;
    struct pn_loaded_policy loaded;
    struct postern_rules *rules; /* NULL: it does not compile, or could not be made */
    struct pn_decoded decoded;
    int image; /* a descriptor of them, or -1 */
};

#define PN_COMPILED_NONE \
    (struct pn_compiled) \
    {                    \
        .image = -1      \
    }

/*
 * Compiles a source, which must not change as long as the policy is used. False with
 * errno set when the system fails; a source that does not compile is no failure. Clear
 * *out in any case.
 */
bool
pn_compiled_make(struct pn_compiled *out, const struct pn_source *source,
                 const struct pn_compiled_options *how);

/* Its claims, and what they are held to. */
struct pn_prover
pn_compiled_prover(struct pn_compiled *compiled);

/* Holds its claims to what is decided, as pn_loaded_policy_prove(). */
enum postern_status
pn_compiled_prove(struct pn_compiled *compiled, pn_proof_fn take, void *payload);

/* Gives the program back, and so all that names the source. */
void
pn_compiled_drop_source(struct pn_compiled *compiled);

/* Leaves errno as it is. */
void
pn_compiled_clear(struct pn_compiled *compiled);

/* What is asked with pn_images_equivalent(). */
static inline struct pn_image
pn_compiled_image(const struct pn_compiled *compiled)
{
    return (struct pn_image){ compiled->rules, &compiled->decoded };
}

/* Decides, and finds the rule. */
enum postern_status
pn_compiled_decide(const struct pn_compiled *compiled,
                   const struct postern_query *query, struct pn_answer *out);

#endif
