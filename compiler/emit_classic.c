/*
 * Makes records of one statement at a time: keys from its address, one value for all.
 */
#include "compiler/emit_classic.h"

#include <cdb.h>
#include <errno.h>

#include "base/vector.h"
#include "compiler/env_item.h"
#include "compiler/expand.h"
#include "compiler/image.h"
#include "runtime/format/container.h"
#include "runtime/format/record.h"

void
pn_emit_begin(struct pn_emit *emit, int fd, struct pn_diags *diags,
              const struct pn_compile_options *options)
{
    *emit = (struct pn_emit){
        .diags = diags,
        .origins = options->origins,
        .watch = { .diags = diags },
        .warn = options->warn,
        .startable = options->startable,
        .size = PN_CDB_HEADER_SIZE,
        .size_limit = options->size_limit ? options->size_limit : UINT32_MAX,
    };
    emit->begun = cdb_make_start(&emit->cdb, fd) == 0;
    if (!emit->begun)
        emit->error = errno;
}

/* The value of a rule: D for a denial, then its assignments in order. */
static bool
value_encode(struct pn_emit *emit, const struct pn_tree *tree,
             const struct pn_node *rule)
{
    struct pn_buffer *value = &emit->value;

    value->size = 0;
    if (!pn_buffer_reserve(value, PN_RECORD_DENY_SIZE))
        return false;
    if (rule->action == PN_DENY)
        value->size = (size_t)(pn_record_put_deny(value->bytes) - value->bytes);
    for (const struct pn_node *n = rule->children.head; n; n = n->next)
        if (!pn_env_item_add(value, pn_tree_name(tree, n), pn_tree_value(tree, n)))
            return false;
    return true;
}

static bool
record_add(struct pn_emit *emit, size_t key_size)
{
    const char *key = emit->key.bytes, *value = emit->value.bytes;

    if (cdb_make_add(&emit->cdb, key, (unsigned)key_size, value,
                     (unsigned)emit->value.size) != 0)
        return false;
    emit->digest =
        pn_record_digest(emit->digest, key, key_size, value, emit->value.size);
    emit->records++;
    return true;
}

static bool
origin_add(struct pn_origins *origins, uint32_t position, struct pn_span key)
{
    if (!pn_vector_reserve(&origins->items, &origins->capacity, origins->count + 1,
                           sizeof(*origins->items))) {
        errno = ENOMEM;
        return false;
    }
    origins->items[origins->count++] =
        (struct pn_origin){ position, key.offset, key.size - 1 };
    return true;
}

static bool
records_add(struct pn_emit *emit, const struct pn_expansion *expansion,
            struct pn_span key)
{
    size_t count = pn_expansion_count(expansion);

    for (size_t i = 0; i < count; i++) {
        if (emit->origins && !origin_add(emit->origins, emit->cdb.cdb_dpos, key))
            return false;
        if (!record_add(emit, pn_expansion_key(expansion, i, emit->key.bytes)))
            return false;
    }
    return true;
}

/* Counted before anything is written: tinycdb would cut a longer file silently. */
static bool
fits(struct pn_emit *emit, const struct pn_expansion *expansion)
{
    uint64_t one = pn_container_cost(pn_expansion_size(expansion), emit->value.size);

    /* at most 256 keys of two 32-bit sizes: no overflow */
    emit->size += one * pn_expansion_count(expansion);
    return emit->size <= emit->size_limit;
}

static bool
rule_emit(struct pn_emit *emit, const struct pn_tree *tree, const struct pn_node *rule)
{
    struct pn_span key = pn_token_span(tree->tokens[rule->token]);
    struct pn_span address = { key.offset, key.size - 1 };
    struct pn_expansion expansion;

    if (!pn_expand(pn_tree_key(tree, rule), &expansion)) {
        pn_diags_add(emit->diags, PN_DIAG_BAD_RANGE, tree->source, address);
        return true;
    }
    if (emit->diags->errors) /* there are errors: only look for more */
        return true;
    emit->key.size = 0;
    if (!value_encode(emit, tree, rule) ||
        !pn_buffer_reserve(&emit->key, pn_expansion_size(&expansion) + 1)) {
        errno = ENOMEM;
        return false;
    }
    if (emit->startable && rule->action == PN_ALLOW) {
        enum pn_diag_id id = pn_env_items_fault(emit->value.bytes, emit->value.size);

        if (id != PN_DIAG_NONE) {
            pn_diags_add(emit->diags, id, tree->source, address);
            return true;
        }
    }
    if (!fits(emit, &expansion)) {
        pn_diags_add(emit->diags, PN_DIAG_TOO_LARGE, tree->source, address);
        errno = EFBIG;
        return false;
    }
    return records_add(emit, &expansion, key);
}

bool
pn_emit_statement(void *payload, const struct pn_tree *tree,
                  const struct pn_node *statement)
{
    struct pn_emit *emit = payload;

    if (emit->warn)
        pn_classic_watch_statement(&emit->watch, tree, statement);
    if (statement->kind != PN_NODE_RULE)
        return true;
    if (!rule_emit(emit, tree, statement))
        emit->error = errno;
    return !emit->error;
}

bool
pn_emit_end(struct pn_emit *emit, bool keep)
{
    bool good = keep && !emit->error;

    if (emit->begun && !pn_cdb_finish(&emit->cdb, good) && good)
        emit->error = errno;
    pn_classic_watch_clear(&emit->watch);
    pn_buffer_free(&emit->key);
    pn_buffer_free(&emit->value);
    return !emit->error;
}
