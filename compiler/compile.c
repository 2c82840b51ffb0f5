/* Parse, emit, read back. */
#include "compiler/compile.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "compiler/as_classic.h"
#include "compiler/emit_classic.h"
#include "compiler/file_kind.h"
#include "compiler/image.h"
#include "compiler/loaded_policy.h"
#include "compiler/readback.h"
#include "grammar/dialect.h"
#include "grammar/parse.h"

static bool
parse_pieces(struct pn_reader *reader, struct pn_diags *diags, struct pn_emit *emit)
{
    /* the first piece is at hand, or there is none */
    while (reader->piece.size) {
        if (!pn_parse_stream(&reader->piece, PN_CLASSIC, diags, pn_emit_statement,
                             emit))
            return false;
        if (emit->warn)
            pn_classic_watch_text(&emit->watch, &reader->piece);
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
    if (diags->errors)
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
    const char *name = reader->piece.name;
    struct pn_diags whole = { .limit = 1 };
    struct pn_emit emit;
    bool good;

    if (reader->piece.size)
        pn_file_kind_tell(&reader->piece, &whole);
    pn_emit_begin(&emit, fd, diags, options);
    good = !emit.error && parse_pieces(reader, diags, &emit) && !diags->errors;
    diags->failed |= whole.failed;
    if (diags->errors || (options->only_text && pn_file_kind_is_no_text(&whole)))
        pn_diags_become(diags, &whole);
    pn_diags_clear(&whole);
    good = good && !diags->errors;
    if (good && options->warn)
        pn_classic_watch_end(&emit.watch, name);
    if (!pn_emit_end(&emit, good) || !good)
        return outcome(&emit, diags, reader);
    errno = 0;
    if (pn_readback(fd, emit.records, emit.digest))
        return PN_COMPILE_OK;
    if (errno == ENOMEM)
        return PN_COMPILE_MEMORY;
    return errno ? PN_COMPILE_WRITE : PN_COMPILE_MISMATCH;
}

static void
proof_report(void *payload, const struct pn_prover *prover,
             const struct pn_proof *proof)
{
    if (!proof->holds)
        pn_proof_diagnose(prover, proof, payload);
}

/* The native image is what is proven, whichever is wanted. */
static enum pn_compile_result
emit_program(struct pn_loaded_policy *loaded, int fd,
             const struct pn_compile_options *options, struct pn_diags *diags)
{
    int native_fd = options->as_classic ? pn_memory_file() : fd;
    bool prove = options->prove && loaded->assertions.count;
    enum pn_compile_result result;

    if (native_fd < 0)
        return PN_COMPILE_WRITE;
    if (!prove && !options->as_classic)
        pn_unit_clear(
            &loaded->unit); /* the largest part, which is not needed any more */
    result = pn_loaded_policy_emit(loaded, native_fd, options->strip);
    if (result == PN_COMPILE_OK && prove)
        result = pn_loaded_policy_prove(loaded, native_fd, proof_report, diags);
    if (result == PN_COMPILE_OK && options->as_classic)
        result = pn_as_classic(loaded, native_fd, fd, diags);
    if (result == PN_COMPILE_OK && diags->errors)
        result = PN_COMPILE_REFUSED;
    if (native_fd != fd)
        close(native_fd);
    pn_diags_sort(diags);
    return diags->failed ? PN_COMPILE_MEMORY : result;
}

/* The classic files of a policy; the root is one when it is to be a native image. */
static void
classic_watch(const struct pn_unit *unit, struct pn_diags *diags)
{
    for (size_t i = 0; i < unit->count; i++) {
        const struct pn_file *file = unit->files[i];
        struct pn_classic_watch watch = { .diags = diags };
        const struct pn_node *node = file->tree.file->children.head;

        for (; node && file->dialect == PN_CLASSIC && !file->is_test; node = node->next)
            pn_classic_watch_statement(&watch, &file->tree, node);
        pn_classic_watch_text(&watch, &file->source);
        if (!i && file->dialect == PN_CLASSIC)
            pn_classic_watch_end(&watch, file->source.name);
        pn_classic_watch_clear(&watch);
    }
}

static enum pn_compile_result
compile_extended(const struct pn_source *source, int fd,
                 const struct pn_compile_options *options, struct pn_diags *diags)
{
    struct pn_policy_options wanted = { .as_of = options->as_of,
                                        .bounded = options->prove,
                                        .no_nodes = !options->as_classic };
    struct pn_reading reading = options->reading;
    struct pn_loaded_policy loaded;
    enum pn_compile_result result;

    if (!reading.read)
        reading = PN_READING_FILES;
    result = pn_loaded_policy_load_by(&loaded, source, NULL, &wanted, diags, reading);
    if (result == PN_COMPILE_OK && options->warn)
        classic_watch(&loaded.unit, diags);
    if (result == PN_COMPILE_OK)
        result = emit_program(&loaded, fd, options, diags);
    pn_loaded_policy_clear(&loaded);
    return result;
}

/* A file without a line is the classic policy that decides nothing. */
static enum pn_compile_result
compile_empty(const struct pn_reader *reader, int fd,
              const struct pn_compile_options *options, struct pn_diags *diags)
{
    struct pn_source nothing;
    enum pn_compile_result result = PN_COMPILE_MEMORY;

    if (pn_source_from_text(&nothing, reader->piece.name, (struct pn_str){ "", 0 })) {
        result = compile_extended(&nothing, fd, options, diags);
        pn_source_clear(&nothing);
    }
    return result;
}

/*
 * The first piece shows the dialect. For a native image the text is read whole, also a
 * classic one, and compiled as a policy.
 */
enum pn_compile_result
pn_compile(struct pn_reader *reader, int fd, const struct pn_compile_options *options,
           struct pn_diags *diags)
{
    bool any = pn_reader_next(reader);

    if (!any && options->as_native && !reader->error)
        return compile_empty(reader, fd, options, diags);
    if (any &&
        (options->as_native || pn_dialect_of(&reader->piece, NULL) == PN_EXTENDED)) {
        if (pn_reader_rest(reader))
            return compile_extended(&reader->piece, fd, options, diags);
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
