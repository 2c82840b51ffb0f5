/* One worker: lines to queries, queries to pairs of rules, and the pairs are counted.
 */
#include "tools/replay.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/vector.h"
#include "compiler/image.h"
#include "tools/render/answer.h"
#include "tools/render/changes.h"
#include "tools/render/text.h"

bool
pn_replay_begin(struct pn_replay_worker *worker, const struct pn_rules_pair *pair,
                bool emit, const char *service)
{
    *worker =
        (struct pn_replay_worker){ .pair = pair, .emit = emit, .service = service };
    worker->text.fd = -1;
    worker->talkers = calloc(PN_REPLAY_TALKERS, sizeof(*worker->talkers));
    worker->queries = calloc(PN_REPLAY_MANY, sizeof(*worker->queries));
    for (size_t i = 0; i < 2; i++)
        worker->outcomes[i] = (struct pn_outcomes){ .rules = pair->files[i].rules,
                                                    .shared = &worker->shared };
    return worker->talkers && worker->queries;
}

void
pn_replay_clear(struct pn_replay_worker *worker)
{
    pn_outcomes_clear(&worker->outcomes[0]);
    pn_outcomes_clear(&worker->outcomes[1]);
    pn_intern_clear(&worker->shared);
    for (size_t i = 0; i < worker->pairs.count; i++)
        free(worker->pairs.items[i].text);
    free(worker->pairs.items);
    pn_intern_clear(&worker->pairs.keys);
    free(worker->talkers);
    for (size_t i = 0; worker->queries && i < PN_REPLAY_MANY; i++)
        pn_buffer_free(&worker->queries[i].decoded);
    free(worker->queries);
    pn_buffer_free(&worker->text.pending);
}

/* Copies a text of a query behind those that were. */
static void
text_keep(struct postern_str *text, char **at)
{
    if (!text->ptr)
        return;
    memcpy(*at, text->ptr, text->len);
    text->ptr = *at;
    *at += text->len;
}

/* A copy of the query, whose texts are its own. False without memory. */
static bool
query_keep(struct pn_replay_pair *pair, const struct postern_query *query)
{
    char *at = malloc(query->remote_text.len + query->host.len + query->ident.len + 1);

    pair->query = *query;
    pair->query.scratch = NULL;
    pair->query.scratch_size = 0;
    pair->text = at;
    if (!at)
        return false;
    text_keep(&pair->query.remote_text, &at);
    text_keep(&pair->query.host, &at);
    text_keep(&pair->query.ident, &at);
    return true;
}

/* The pair of two statements, with `first` if it is new; NULL without memory. */
static struct pn_replay_pair *
pair_get(struct pn_replay_pairs *pairs, const uint32_t key[2],
         const struct pn_replay_pair *first)
{
    struct pn_replay_pair pair = *first;
    uint32_t number;

    if (!pn_intern_add(&pairs->keys, key, 2 * sizeof(*key), &number) ||
        !pn_vector_reserve(&pairs->items, &pairs->capacity, pairs->keys.count,
                           sizeof(*pairs->items)))
        return NULL;
    if (number < pairs->count)
        return &pairs->items[number];
    pair.count = 0;
    if (!query_keep(&pair, &first->query))
        return NULL;
    pairs->items[pairs->count++] = pair;
    return &pairs->items[number];
}

static size_t
set_of(const struct postern_addr *address)
{
    uint64_t hash =
        pn_hash_bytes(address->family, address->bytes, sizeof(address->bytes));

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
field_emit(struct pn_output *out, struct postern_str text)
{
    if (text.ptr)
        pn_render_bytes(out, (struct pn_str){ text.ptr, text.len });
    else
        pn_output_text(out, "-");
}

static void
emit(struct pn_replay_worker *w, const struct postern_query *q,
     const struct postern_brief sides[2], const char *effect)
{
    char address[POSTERN_ADDR_TEXT_SIZE];

    postern_addr_print(&q->remote, address);
    pn_output_format(&w->text, "%s\t%s\t%s\t%s\t", effect,
                     pn_verdict_text(sides[0].verdict),
                     pn_verdict_text(sides[1].verdict), address);
    field_emit(&w->text, q->host);
    pn_output_text(&w->text, "\t");
    field_emit(&w->text, q->ident);
    pn_output_text(&w->text, "\n");
}

/* What the change means for a client: that needs the whole decisions. */
static enum pn_effect
effect_of(struct pn_replay_worker *w, const struct postern_query *query)
{
    struct postern_decision d[2];

    for (size_t i = 0; i < 2 && w->status == POSTERN_OK; i++)
        w->status = pn_image_decide(w->pair->files[i].rules, query, &d[i]);
    return w->status == POSTERN_OK ? pn_effect_of(d) : PN_EFFECT_OTHER;
}

static enum pn_effect
change_count(struct pn_replay_worker *w, const struct postern_query *query,
             const struct postern_brief sides[2])
{
    const struct pn_replay_pair first = { .rules = { sides[0].rule, sides[1].rule },
                                          .effect = effect_of(w, query),
                                          .query = *query };
    struct pn_replay_pair *pair;
    uint32_t key[2];

    for (size_t i = 0; i < 2; i++)
        key[i] = pn_side_class(&w->pair->sides[i], first.rules[i]);
    pair = pair_get(&w->pairs, key, &first);
    if (!pair) {
        w->status = POSTERN_E_NOMEM;
        return first.effect;
    }
    pair->count++;
    talker_add(w->talkers, &query->remote, 1, 0);
    return first.effect;
}

static void
connection(struct pn_replay_worker *w, const struct postern_query *query,
           const struct postern_brief sides[2])
{
    bool changed = pn_outcome_of(&w->outcomes[0], sides[0].rule) !=
                   pn_outcome_of(&w->outcomes[1], sides[1].rule);
    const char *effect = "same";

    w->connections++;
    if (changed)
        effect = pn_effect_names[change_count(w, query, sides)];
    if (w->emit)
        emit(w, query, sides, effect);
}

/* Decides the queries that were gathered under both policies. */
static void
queries_decide(struct pn_replay_worker *w)
{
    const struct postern_query *queries[PN_REPLAY_MANY];
    struct postern_brief briefs[2][PN_REPLAY_MANY];
    size_t count = w->query_count;

    w->query_count = 0;
    if (!count)
        return;
    for (size_t i = 0; i < count; i++)
        queries[i] = &w->queries[i].query;
    for (size_t i = 0; i < 2 && w->status == POSTERN_OK; i++)
        w->status = pn_image_briefs(w->pair->files[i].rules, queries, count, briefs[i]);
    for (size_t i = 0; i < count && w->status == POSTERN_OK; i++)
        for (size_t k = 0; k < 2; k++)
            pn_outcome_prefetch(&w->outcomes[k], briefs[k][i].rule);
    for (size_t i = 0; i < count && w->status == POSTERN_OK; i++) {
        const struct postern_brief sides[] = { briefs[0][i], briefs[1][i] };

        connection(w, queries[i], sides);
    }
}

static void
line_take(struct pn_replay_worker *w, struct pn_str text, size_t number)
{
    struct pn_query_line *line = &w->queries[w->query_count];

    line->no_objects = w->no_objects;
    pn_query_parse(line, text);
    if (w->service && line->service.len && !pn_str_is(line->service, w->service))
        line->kind = PN_QUERY_NONE;
    pn_log_tally_line(&w->tally, line, number);
    if (line->kind == PN_QUERY_READ && ++w->query_count == PN_REPLAY_MANY)
        queries_decide(w);
}

void
pn_replay_block(struct pn_replay_worker *worker)
{
    const char *at = worker->block, *end = at + worker->size;
    size_t number = 0;

    worker->tally = (struct pn_log_tally){ 0 };
    worker->no_objects = !memchr(at, '{', worker->size);
    while (at < end && worker->status == POSTERN_OK) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t len = (size_t)((newline ? newline : end) - at);

        line_take(worker, (struct pn_str){ at, len }, ++number);
        at += len + 1;
    }
    if (worker->status == POSTERN_OK)
        queries_decide(worker);
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
        pair = pair_get(&into->pairs, key, other);
        if (!pair) {
            into->status = POSTERN_E_NOMEM;
            return;
        }
        pair->count += other->count;
    }
    for (size_t i = 0; i < PN_REPLAY_TALKERS; i++)
        if (from->talkers[i].count)
            talker_add(into->talkers, &from->talkers[i].address, from->talkers[i].count,
                       from->talkers[i].error);
    into->connections += from->connections;
}
