/* From a source text to an image in a file: the one sequence of passes. */
#ifndef PN_COMPILER_COMPILE_H
#define PN_COMPILER_COMPILE_H

#include "base/diagnostic.h"
#include "base/source.h"
#include "compiler/unit.h"

/* Where a record of an image comes from; sorted by position, as the file is. */
struct pn_origin {
    uint32_t position; /* of the record in the image */
    uint32_t offset;   /* of its rule's key in the source */
    uint32_t size;     /* of the key, without the colon */
};

struct pn_origins {
    struct pn_origin *items;
    size_t count, capacity;
};

struct pn_compile_options {
    struct pn_origins
        *origins; /* filled when not NULL, for a text of one piece; free() items */
    uint64_t size_limit; /* of the image; 0 for what a cdb can hold */
    bool as_classic;     /* an extended text becomes a classic image too, */
    bool as_native;      /* a classic text a native one */
    bool prove;          /* a text whose proofs fail is refused */
    bool warn;           /* warn about a classic text that may not be what is meant, */
    bool startable;      /* and refuse one whose variables no program starts with */
    bool only_text; /* refuse a classic file that is packed, UTF-16 or compiled, also
                       where 0.88 would skip all its lines */
    bool strip;     /* leave the origins of rules out of a native image */
    struct pn_reading reading; /* who reads what an extended text names; all zero:
                                  from files */
    uint32_t as_of; /* YYYYMMDD: what has expired by then is left out; 0: nothing */
};

enum pn_compile_result {
    PN_COMPILE_OK,
    PN_COMPILE_REFUSED, /* the diagnostics say why */
    PN_COMPILE_READ,    /* errno says why the text could not be read */
    PN_COMPILE_WRITE,   /* errno says why the image could not be written */
    PN_COMPILE_MEMORY,
    PN_COMPILE_MISMATCH, /* what was read back is not what was meant */
};

/*
 * Compiles a text, a classic one piece by piece, into fd, which is open for reading and
 * writing, empty and at its start. The image is read back and compared before
 * PN_COMPILE_OK is returned; it is not synced to disk. After any other result the bytes
 * in fd are worth nothing.
 */
enum pn_compile_result
pn_compile(struct pn_reader *reader, int fd, const struct pn_compile_options *options,
           struct pn_diags *diags);

/* The rule that made the record at this position, or NULL. */
const struct pn_origin *
pn_origins_find(const struct pn_origins *origins, uint32_t position);

#endif
