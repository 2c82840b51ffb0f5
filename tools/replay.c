/* One worker: lines to queries, queries to pairs of rules, and the pairs are counted.
 */
#include "tools/replay.h"

#include <stdlib.h>
#include <string.h>

#include "base/vector.h"
#include "tools/render/changes.h"
#include "tools/render/text.h"

/* Of host and ident together, in bytes. */
#define TEXT_MAX ((size_t)2 * PN_REPLAY_HOST_SIZE)

bool
pn_replay_begin(struct pn_replay_worker *worker, const struct pn_rules_pair *pair,
                bool emit)
{
    *worker = (struct pn_replay_worker){ .pair = pair, .emit = emit };
    worker->text.fd = -1;
    worker->talkers = calloc(PN_REPLAY_TALKERS, sizeof(*worker->talkers));
    for (size_t i = 0; i < 2; i++)
        worker->outcomes[i] = (struct pn_outcomes){ .rules = pair->files[i].rules,
                                                    .shared = &worker->shared };
    return worker->talkers != NULL;
}

void
pn_replay_clear(struct pn_replay_worker *worker)
{
    pn_outcomes_clear(&worker->outcomes[0]);
    pn_outcomes_clear(&worker->outcomes[1]);
    pn_intern_clear(&worker->shared);
    free(worker->pairs.items);
    pn_intern_clear(&worker->pairs.keys);
    free(worker->talkers);
    pn_buffer_free(&worker->line.decoded);
    pn_buffer_free(&worker->text.pending);
}

static void
text_keep(char *to, bool *has, struct postern_str text)
{
    size_t len =
        text.len < PN_REPLAY_HOST_SIZE - 1 ? text.len : PN_REPLAY_HOST_SIZE - 1;

    *has = text.ptr != NULL;
    if (text.ptr)
        memcpy(to, text.ptr, len);
    to[len * (text.ptr != NULL)] = '\0';
}

/* The pair of two statements; NULL without memory. */
static struct pn_replay_pair *
pair_get(struct pn_replay_pairs *pairs, const uint32_t key[2])
{
    uint32_t number = pairs->last;

    if (number < pairs->count && pairs->last_key[0] == key[0] &&
        pairs->last_key[1] == key[1])
        return &pairs->items[number];
    if (!pn_intern_add(&pairs->keys, key, 2 * sizeof(*key), &number) ||
        !pn_vector_reserve(&pairs->items, &pairs->capacity, pairs->keys.count,
                           sizeof(*pairs->items)))
        return NULL;
    if (number == pairs->count)
        pairs->items[pairs->count++] = (struct pn_replay_pair){ .known = false };
    pairs->last = number;
    memcpy(pairs->last_key, key, sizeof(pairs->last_key));
    return &pairs->items[number];
}

static void
pair_learn(struct pn_replay_worker *w, struct pn_replay_pair *pair,
           const struct postern_decision d[2])
{
    pair->known = true;
    pair->rules[0] = d[0].rule;
    pair->rules[1] = d[1].rule;
    pair->changed = pn_outcome_of(&w->outcomes[0], d[0].rule) !=
                    pn_outcome_of(&w->outcomes[1], d[1].rule);
    pair->effect = pn_effect_of(d);
    pair->address = w->line.query.remote;
    text_keep(pair->host, &pair->has_host, w->line.query.host);
    text_keep(pair->ident, &pair->has_ident, w->line.query.ident);
}

static size_t
set_of(const struct postern_addr *address)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325) ^ address->family, word;

    for (size_t i = 0; i < sizeof(address->bytes); i += sizeof(word)) {
        memcpy(&word, address->bytes + i, sizeof(word));
        hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
        hash ^= hash >> 32;
    }
    return (size_t)(hash % PN_REPLAY_SETS) * PN_REPLAY_WAYS;
}

/*
 * A talker that is not there takes the place of the one in its set that was heard
 * least, and its count (after space-saving; Metwally, Agrawal, El Abbadi 2005): counts
 * are never too small, and `error` is how much too large they may be.
 */
static void
talker_add(struct pn_talker *talkers, const struct postern_addr *address,
           uint64_t count, uint64_t error)
{
    struct pn_talker *set = talkers + set_of(address), *least = set;

    for (size_t i = 0; i < PN_REPLAY_WAYS; i++) {
        if (set[i].count && memcmp(&set[i].address, address, sizeof(*address)) == 0) {
            set[i].count += count;
            set[i].error += error;
            return;
        }
        if (set[i].count < least->count)
            least = &set[i];
    }
    *least = (struct pn_talker){ *address, least->count + count, least->count + error };
}

static void
emit(struct pn_replay_worker *w, const struct pn_replay_pair *pair,
     const struct postern_decision d[2])
{
    const struct postern_query *q = &w->line.query;
    char address[POSTERN_ADDR_TEXT_SIZE];

    postern_addr_print(&q->remote, address);
    pn_output_format(&w->text, "%s\t%s\t%s\t%s\t",
                     pair->changed ? pn_effect_names[pair->effect] : "same",
                     d[0].verdict == POSTERN_ALLOW ? "allow" : "deny",
                     d[1].verdict == POSTERN_ALLOW ? "allow" : "deny", address);
    if (q->host.ptr)
        pn_render_bytes(&w->text, (struct pn_str){ q->host.ptr, q->host.len });
    else
        pn_output_text(&w->text, "-");
    pn_output_text(&w->text, "\t");
    if (q->ident.ptr)
        pn_render_bytes(&w->text, (struct pn_str){ q->ident.ptr, q->ident.len });
    else
        pn_output_text(&w->text, "-");
    pn_output_text(&w->text, "\n");
}

static void
connection(struct pn_replay_worker *w)
{
    struct postern_decision d[2] = { POSTERN_DECISION_INIT, POSTERN_DECISION_INIT };
    struct postern_query *q = &w->line.query;
    char scratch[2 * PN_REPLAY_HOST_SIZE + 2 * POSTERN_ADDR_TEXT_SIZE];
    struct pn_replay_pair *pair;
    uint32_t key[2];

    q->scratch = scratch;
    q->scratch_size = sizeof(scratch);
    for (size_t i = 0; i < 2; i++) {
        w->status = postern_rules_decide(w->pair->files[i].rules, q, &d[i]);
        if (w->status != POSTERN_OK)
            return;
        key[i] = pn_side_class(&w->pair->sides[i], d[i].rule);
    }
    pair = pair_get(&w->pairs, key);
    if (!pair) {
        w->status = POSTERN_E_NOMEM;
        return;
    }
    if (!pair->known)
        pair_learn(w, pair, d);
    pair->count++;
    w->connections++;
    if (pair->changed)
        talker_add(w->talkers, &q->remote, 1, 0);
    if (w->emit)
        emit(w, pair, d);
}

static void
line_take(struct pn_replay_worker *w, struct pn_str text, size_t number)
{
    pn_query_parse(&w->line, text);
    if (w->line.kind == PN_QUERY_READ &&
        w->line.query.host.len + w->line.query.ident.len >= TEXT_MAX) {
        w->line.kind = PN_QUERY_FAULTY;
        w->line.fault = "the host or the ident is too long";
    }
    if (w->line.kind == PN_QUERY_READ)
        connection(w);
    if (w->line.kind != PN_QUERY_FAULTY)
        return;
    w->faulty++;
    if (!w->first_fault) {
        w->first_fault = number;
        w->fault = w->line.fault;
    }
}

void
pn_replay_block(struct pn_replay_worker *worker)
{
    const char *at = worker->block, *end = at + worker->size;
    size_t number = 0;

    worker->first_fault = 0;
    while (at < end && worker->status == POSTERN_OK) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t len = (size_t)((newline ? newline : end) - at);

        line_take(worker, (struct pn_str){ at, len }, ++number);
        at += len + 1;
    }
    worker->lines = number;
    if (worker->outcomes[0].failed || worker->outcomes[1].failed ||
        worker->text.pending.failed)
        worker->status = POSTERN_E_NOMEM;
}

void
pn_replay_merge(struct pn_replay_worker *into, const struct pn_replay_worker *from)
{
    for (uint32_t i = 0; i < from->pairs.count; i++) {
        const struct pn_replay_pair *other = &from->pairs.items[i];
        uint32_t key[2];
        struct pn_replay_pair *pair;

        memcpy(key,
               from->pairs.keys.bytes.bytes + pn_intern_offset(&from->pairs.keys, i),
               sizeof(key));
        pair = pair_get(&into->pairs, key);
        if (!pair) {
            into->status = POSTERN_E_NOMEM;
            return;
        }
        if (pair->known)
            pair->count += other->count;
        else
            *pair = *other;
    }
    for (size_t i = 0; i < PN_REPLAY_TALKERS; i++)
        if (from->talkers[i].count)
            talker_add(into->talkers, &from->talkers[i].address, from->talkers[i].count,
                       from->talkers[i].error);
    into->connections += from->connections;
    into->faulty += from->faulty;
}
