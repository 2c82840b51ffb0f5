/* Parse, emit, read back. */
#include "compiler/compile.h"

#include <errno.h>
#include <stdlib.h>

#include "compiler/emit_classic.h"
#include "compiler/readback.h"
#include "grammar/parse.h"

static bool
parse_pieces(struct pn_reader *reader, struct pn_diags *diags, struct pn_emit *emit)
{
    while (pn_reader_next(reader))
        if (!pn_parse_stream(&reader->piece, diags, pn_emit_statement, emit))
            return false;
    return !reader->error;
}

/* Diagnostics come first: they were found before a read failed. */
static enum pn_compile_result
outcome(const struct pn_emit *emit, const struct pn_diags *diags,
        const struct pn_reader *reader)
{
    if (emit->error == ENOMEM || reader->error == ENOMEM || diags->failed)
        return PN_COMPILE_MEMORY;
    if (diags->total)
        return PN_COMPILE_REFUSED;
    errno = reader->error ? reader->error : emit->error;
    if (reader->error)
        return PN_COMPILE_READ;
    if (emit->error)
        return PN_COMPILE_WRITE;
    return PN_COMPILE_MEMORY; /* the parser's own */
}

enum pn_compile_result
pn_compile(struct pn_reader *reader, int fd, const struct pn_compile_options *options,
           struct pn_diags *diags)
{
    struct pn_emit emit;
    bool good;

    pn_emit_begin(&emit, fd, diags, options);
    good = !emit.error && parse_pieces(reader, diags, &emit) && !diags->total;
    if (!pn_emit_end(&emit, good) || !good)
        return outcome(&emit, diags, reader);
    errno = 0;
    if (pn_readback(fd, emit.records, emit.digest))
        return PN_COMPILE_OK;
    if (errno == ENOMEM)
        return PN_COMPILE_MEMORY;
    return errno ? PN_COMPILE_WRITE : PN_COMPILE_MISMATCH;
}

static int
compare_position(const void *key, const void *item)
{
    uint32_t wanted = *(const uint32_t *)key;
    uint32_t position = ((const struct pn_origin *)item)->position;

    return (wanted > position) - (wanted < position);
}

const struct pn_origin *
pn_origins_find(const struct pn_origins *origins, uint32_t position)
{
    if (!origins->count)
        return NULL;
    return bsearch(&position, origins->items, origins->count, sizeof(*origins->items),
                   compare_position);
}
