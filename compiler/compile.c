/* Parse, emit, read back. */
#include "compiler/compile.h"

#include <errno.h>
#include <stdlib.h>

#include "compiler/emit_classic.h"
#include "compiler/emit_native.h"
#include "compiler/readback.h"
#include "grammar/dialect.h"
#include "grammar/parse.h"
#include "postern/rules.h"

static bool
parse_pieces(struct pn_reader *reader, struct pn_diags *diags, struct pn_emit *emit)
{
    /* the first piece is at hand, or there is none */
    while (reader->piece.size) {
        if (!pn_parse_stream(&reader->piece, diags, pn_emit_statement, emit))
            return false;
        if (!pn_reader_next(reader))
            break;
    }
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

static enum pn_compile_result
compile_classic(struct pn_reader *reader, int fd,
                const struct pn_compile_options *options, struct pn_diags *diags)
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

/* The image, and one more look at it through the runtime. */
static enum pn_compile_result
emit_policy(struct pn_policy *policy, int fd)
{
    struct postern_rules *rules = NULL;
    enum postern_status status;

    if (!pn_emit_native(policy, fd))
        return errno == ENOMEM ? PN_COMPILE_MEMORY : PN_COMPILE_WRITE;
    status = postern_rules_open_fd(fd, POSTERN_OPEN_COPY | POSTERN_OPEN_CHECK, &rules);
    postern_rules_close(rules);
    if (status == POSTERN_OK)
        return PN_COMPILE_OK;
    if (status == POSTERN_E_NOMEM)
        return PN_COMPILE_MEMORY;
    return status == POSTERN_E_IO ? PN_COMPILE_WRITE : PN_COMPILE_MISMATCH;
}

static enum pn_compile_result
compile_extended(const struct pn_source *source, int fd, struct pn_diags *diags)
{
    enum pn_compile_result result = PN_COMPILE_MEMORY;
    struct pn_policy policy;
    struct pn_unit unit;

    pn_unit_load(&unit, source, diags, pn_read_file, NULL);
    pn_policy_build(&policy, &unit);
    if (!policy.failed && !diags->failed)
        result = diags->total ? PN_COMPILE_REFUSED : emit_policy(&policy, fd);
    pn_policy_clear(&policy);
    pn_unit_clear(&unit);
    return result;
}

/* The first piece tells the dialect; an extended text is then read whole. */
enum pn_compile_result
pn_compile(struct pn_reader *reader, int fd, const struct pn_compile_options *options,
           struct pn_diags *diags)
{
    struct pn_header header;

    if (pn_reader_next(reader) &&
        pn_dialect_of(&reader->piece, &header) == PN_EXTENDED) {
        if (options->classic_only) {
            pn_diags_add(diags, PN_DIAG_NOT_CLASSIC, &reader->piece, header.span);
            return diags->failed ? PN_COMPILE_MEMORY : PN_COMPILE_REFUSED;
        }
        if (pn_reader_rest(reader))
            return compile_extended(&reader->piece, fd, diags);
        errno = reader->error;
        return errno == ENOMEM ? PN_COMPILE_MEMORY : PN_COMPILE_READ;
    }
    return compile_classic(reader, fd, options, diags);
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
