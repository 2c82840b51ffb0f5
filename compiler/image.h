/* An image: the file that it is written to, what is read back, and its answers. */
#ifndef PN_COMPILER_IMAGE_H
#define PN_COMPILER_IMAGE_H

#include <stdbool.h>

#include "base/memory_file.h" /* what an image is written to */
#include "compiler/image_decode.h"
#include "postern/rules.h"

/* tinycdb's, of <cdb.h>. */
struct cdb_make;

/*
 * Finishes a cdb when all went well so far, and frees what tinycdb holds in any case.
 * False with errno set: of what went wrong before, or now.
 */
bool
pn_cdb_finish(struct cdb_make *cdb, bool good);

/* An image as it is asked and as it is decoded: borrowed for the length of a call. */
struct pn_image {
    const struct postern_rules *rules;
    const struct pn_decoded *decoded;
};

/* An image that was opened: both are its own. All zero: none. */
struct pn_opened_image {
    struct postern_rules *rules;
    struct pn_decoded decoded;
};

/*
 * Opens and decodes the image that fd holds; the position of fd is not used. What is
 * not POSTERN_OK leaves nothing open, and errno says why for POSTERN_E_IO and _NOMEM.
 */
enum postern_status
pn_image_open(struct pn_opened_image *out, int fd);

void
pn_image_close(struct pn_opened_image *image);

static inline struct pn_image
pn_image_view(const struct pn_opened_image *image)
{
    return (struct pn_image){ image->rules, &image->decoded };
}

/* Asks the runtime, with memory for texts that are too long to do without. */
enum postern_status
pn_image_decide(const struct postern_rules *rules, const struct postern_query *query,
                struct postern_decision *out);

/*
 * Which rules decide many queries: briefs of whole queries, those of addresses alone
 * all at once. POSTERN_OK, or the status of one that could not be decided; `out` may be
 * filled in part then. A query with names has no needs in its brief.
 */
enum { PN_IMAGE_MANY = 128 }; /* queries, at most */

enum postern_status
pn_image_briefs(const struct postern_rules *rules,
                const struct postern_query *const *queries, size_t count,
                struct postern_brief *out);

#endif
