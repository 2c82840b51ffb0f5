/* Classic records, through tinycdb, in the bytes of the original. */
#ifndef PN_COMPILER_EMIT_CLASSIC_H
#define PN_COMPILER_EMIT_CLASSIC_H

#include <cdb.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/diagnostic.h"
#include "compiler/classic_watch.h"
#include "compiler/compile.h"
#include "grammar/tree.h"

/* Diagnostics and origins are the caller's, and outlive it. */
struct pn_emit {
    struct cdb_make cdb;
    struct pn_diags *diags;
    struct pn_origins *origins; /* NULL when origins are not needed */
    uint64_t size, size_limit;  /* size of the finished file */
    uint64_t digest, records;
    struct pn_buffer key, value;   /* of the current record, reused */
    struct pn_classic_watch watch; /* while options->warn */
    bool warn, startable;          /* as the options say */
    int error;                     /* errno of the first failure, or 0 */
    bool begun;
};

void
pn_emit_begin(struct pn_emit *emit, int fd, struct pn_diags *diags,
              const struct pn_compile_options *options);

/* A pn_statement_fn: `payload` is the struct pn_emit. False after a failure. */
bool
pn_emit_statement(void *payload, const struct pn_tree *tree,
                  const struct pn_node *statement);

/*
 * Writes the tables and frees everything. When `keep` is false nothing more is written.
 * False, with the reason in emit->error, when any step failed.
 */
bool
pn_emit_end(struct pn_emit *emit, bool keep);

#endif
