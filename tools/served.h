/* A source compiled in memory, and what it answers. */
#ifndef PN_TOOLS_SERVED_H
#define PN_TOOLS_SERVED_H

#include "compiler/equal.h"
#include "compiler/lift.h"
#include "compiler/program.h"
#include "tools/rules_file.h"

/* How a source is compiled. All zero: by itself, from files, as servers ask it. */
struct pn_serving {
    struct pn_reading
        reading;            /* of what the source names; outlives what is made by it */
    const char *tests;      /* a file of more claims, as in pn_program_load() */
    struct pn_diags *diags; /* what is wrong with it; NULL: nobody wants to know */
};

/* Stays where it is: what is asked of it leads into it. */
struct pn_served {
    enum pn_compile_result result;
    struct pn_program program;
    struct postern_rules *rules; /* NULL: it does not compile, or could not be made */
    struct pn_lifted lifted;
    int image; /* a descriptor of them, or -1 */
};

#define PN_SERVED_NONE \
    (struct pn_served) \
    {                  \
        .image = -1    \
    }

/*
 * Compiles a source, which must stay as it is as long as the program is of use. False
 * when the system fails, with errno set; a source that does not compile is no failure.
 * Clear it in any case.
 */
bool
pn_served_make(struct pn_served *out, const struct pn_source *source,
               const struct pn_serving *how);

/* Its claims, and what they are held to. */
struct pn_prover
pn_served_prover(struct pn_served *served);

/* Holds its claims to what is decided, as pn_program_prove(). */
enum postern_status
pn_served_prove(struct pn_served *served, pn_proof_fn take, void *payload);

/* Gives the program back, and so all that names the source. */
void
pn_served_settle(struct pn_served *served);

/* Leaves errno as it is. */
void
pn_served_clear(struct pn_served *served);

/* What is asked with pn_images_compare(). */
static inline struct pn_image
pn_served_image(const struct pn_served *served)
{
    return (struct pn_image){ served->rules, &served->lifted };
}

/* Decides, and finds the rule. */
enum postern_status
pn_served_decide(const struct pn_served *served, const struct postern_query *query,
                 struct pn_answer *out);

#endif
