/*
 * Fuzz: arbitrary bytes as an image, before a page that nobody may read, so that a read
 * beyond it is seen in tinycdb too. The first bytes of the input are the query.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/output.h"
#include "compiler/image.h"
#include "compiler/image_decode.h"
#include "postern/postern.h"
#include "tests/fuzz/check.h"
#include "tests/support/batch.h"

enum { QUERY_SIZE = 48, LARGEST = 1 << 20, ADDRESSES = 35 };

static uint8_t *guarded; /* the first byte that may not be read */

static void
guard(void)
{
    uint8_t *map = mmap(NULL, LARGEST + 4096, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    CHECK(map != MAP_FAILED);
    guarded = map + LARGEST;
    CHECK(mprotect(guarded, 4096, PROT_NONE) == 0);
}

struct seen {
    const struct postern_rules *rules;
    size_t events, found;
};

static void
see(void *payload, const struct postern_trace_event *event)
{
    struct seen *seen = payload;

    seen->events++;
    seen->found += event->found;
    CHECK(event->step < POSTERN_STEP_NONE);
}

/* In an intact image, decide and trace agree; in a damaged one either may be wrong. */
static void
walk(const struct postern_rules *rules, const struct postern_query *query, bool sound)
{
    struct postern_decision traced = POSTERN_DECISION_INIT;
    struct postern_decision decided = POSTERN_DECISION_INIT;
    struct postern_origin origin = POSTERN_ORIGIN_INIT;
    struct seen seen = { rules, 0, 0 };
    enum postern_status status = postern_rules_trace(rules, query, see, &seen, &traced);
    struct postern_limit_iter more;
    struct postern_limit limit;
    struct postern_env env;

    if (postern_rules_decide(rules, query, &decided) != status ||
        status != POSTERN_OK) {
        CHECK(!sound || status != POSTERN_OK);
        return;
    }
    CHECK(!sound || memcmp(&traced, &decided, sizeof(traced)) == 0);
    CHECK(seen.found == (traced.rule != POSTERN_RULE_NONE));
    if (traced.rule != POSTERN_RULE_NONE)
        CHECK(postern_rules_origin(rules, traced.rule, &origin) != POSTERN_E_ARG);
    more = traced.more_limits;
    for (limit = traced.limit; postern_limit_next(&more, &limit);)
        CHECK(limit.n && limit.per.v4 <= 32 && limit.per.v6 <= 128);
    while (postern_env_next(&traced.env, &env))
        CHECK(strlen(env.assignment) >= env.name.len);
}

static struct postern_query
query_from(const char *text)
{
    struct postern_query query = POSTERN_QUERY_INIT;

    query.remote_text = (struct postern_str){ text + 3, (unsigned char)text[0] % 16 };
    if (text[0] & 0x10) /* by its bytes */
        (void)postern_addr_parse(query.remote_text.ptr, query.remote_text.len,
                                 &query.remote);
    if (text[1] & 1)
        query.host = (struct postern_str){ text + 19, (unsigned char)text[1] % 20 };
    if (text[2] & 1)
        query.ident = (struct postern_str){ text + 39, (unsigned char)text[2] % 9 };
    return query;
}

struct alone {
    const uint8_t *addresses;
    const struct postern_rules *rules;
    unsigned family;
    bool sound;
};

/* An intact image says the same of many as of one; a damaged one may say anything. */
static void
check_briefs(void *payload, const char *way, const struct postern_brief *briefs)
{
    const struct alone *alone = payload;

    (void)way;
    for (size_t i = 0; i < ADDRESSES && alone->sound; i++) {
        struct postern_brief want =
            pn_test_brief(alone->rules, alone->family,
                          alone->addresses + i * (alone->family == 6 ? 16 : 4));

        CHECK(want.status != POSTERN_OK ||
              memcmp(&want, &briefs[i], sizeof(want)) == 0);
    }
}

/* Addresses from the bytes of the image itself, where its starts are too. */
static void
walk_many(const struct postern_rules *rules, const uint8_t *bytes, size_t size,
          bool sound)
{
    uint8_t addresses[ADDRESSES * 16];

    for (size_t i = 0; i < sizeof(addresses); i++)
        addresses[i] = size ? bytes[(i * 7 + PN_NATIVE_HEAD_SIZE) % size] : 0;
    for (unsigned family = 4; family <= 6; family += 2) {
        struct alone alone = { addresses, rules, family, sound };

        pn_test_batch(rules, family, addresses, ADDRESSES, check_briefs, &alone);
    }
}

/* Whatever the image holds, it is decoded or refused. */
static void
decode(const uint8_t *bytes, size_t size)
{
    struct pn_decoded decoded;
    int fd = pn_memory_file();

    CHECK(fd >= 0 && pn_write_all(fd, (const char *)bytes, size));
    (void)pn_image_decode(&decoded, fd);
    pn_decoded_clear(&decoded);
    close(fd);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct postern_rules *rules, *checked;
    struct postern_query query;
    uint32_t needs;
    bool sound;

    if (!guarded)
        guard();
    if (size < QUERY_SIZE || size - QUERY_SIZE > LARGEST)
        return 0;
    query = query_from((const char *)data);
    size -= QUERY_SIZE;
    memcpy(guarded - size, data + QUERY_SIZE, size);
    if (postern_rules_open_memory(guarded - size, size, 0, &rules) != POSTERN_OK)
        return 0;
    sound = postern_rules_open_memory(guarded - size, size, POSTERN_OPEN_CHECK,
                                      &checked) == POSTERN_OK;
    if (sound)
        postern_rules_close(checked);
    walk(rules, &query, sound);
    walk_many(rules, guarded - size, size, sound);
    if (query.remote.family)
        (void)postern_rules_needs(rules, &query.remote, &needs);
    if (data[0] & 0x20)
        decode(guarded - size, size);
    postern_rules_close(rules);
    return 0;
}
