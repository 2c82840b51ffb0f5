/* Targets are decoded once more, from what the image keeps of them as text. */
#define _DEFAULT_SOURCE /* htole64 */
#include "compiler/identities.h"

#include <endian.h>
#include <string.h>

#include "base/memory.h"
#include "compiler/literal.h"
#include "runtime/format/record.h"

/* How many rules with one digest there were. */
struct seen {
    uint64_t digest;
    uint32_t count; /* 0: a free place */
};

enum { BATCH = 32, PREFIX = 0xff };

struct identities {
    const struct pn_policy *policy;
    struct pn_buffer meant;   /* of the rule at hand */
    struct pn_buffer scratch; /* names of the target at hand */
    struct seen *seen;
    size_t places; /* a power of two */
};

static void
put_number(struct pn_buffer *out, uint64_t number)
{
    char bytes[sizeof(number)];

    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (char)(number >> 8 * i);
    pn_buffer_add(out, bytes, sizeof(bytes));
}

static void
put_text(struct pn_buffer *out, struct pn_str text)
{
    put_number(out, text.len);
    pn_buffer_add(out, text.ptr, text.len);
}

static void
put_address(struct pn_buffer *out, pn_number number)
{
    put_number(out, (uint64_t)number);
    put_number(out, (uint64_t)(number >> 64));
}

/* What a target of one address or prefix comes to, however it is spelt. */
static void
put_prefix(struct pn_buffer *out, uint8_t family, uint8_t length, pn_number first)
{
    uint64_t words[3] = { htole64((uint64_t)family | (uint64_t)length << 8 |
                                  (uint64_t)PREFIX << 16),
                          htole64((uint64_t)first), htole64((uint64_t)(first >> 64)) };

    pn_buffer_add(out, words, sizeof(words));
}

/* One word of a rule's left side: decoded, or as it stands where it is none. */
static void
put_target(struct identities *ids, struct pn_str word)
{
    struct pn_buffer *out = &ids->meant;
    struct pn_target target;
    struct pn_plain plain;

    if (pn_literal_plain(word, &plain)) {
        put_prefix(out, 4, plain.length, plain.first);
        return;
    }
    ids->scratch.size = 0;
    if (pn_literal_target(word, &ids->scratch, &target) != PN_DIAG_NONE) {
        put_text(out, word);
        return;
    }
    if (!target.has_ident && target.count == 1 &&
        (target.kind == PN_TARGET_ADDRESSES || target.kind == PN_TARGET_PREFIXES)) {
        put_prefix(out, target.family, target.length, target.first);
        return;
    }
    put_number(out, (uint64_t)target.kind | (uint64_t)target.family << 8 |
                        (uint64_t)target.length << 16 |
                        (uint64_t)target.has_ident << 24 |
                        (uint64_t)target.count << 32);
    if (target.has_ident)
        put_text(out, target.ident);
    if (target.kind == PN_TARGET_HOST || target.kind == PN_TARGET_SET) {
        put_text(out, target.name);
    } else if (target.kind != PN_TARGET_DEFAULT) {
        put_address(out, target.first);
        put_address(out, target.last);
    }
}

/* To the next word outside of quotes: words have ", " or " except " between them. */
static size_t
word_size(struct pn_str text)
{
    bool quoted = false;

    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '"')
            quoted = !quoted;
        else if (text.ptr[i] == '\\' && quoted && i + 1 < text.len)
            i++;
        else if (text.ptr[i] == ' ' && !quoted)
            return i;
    }
    return text.len;
}

static void
put_targets(struct identities *ids, struct pn_str text)
{
    while (text.len) {
        size_t size = word_size(text), next = size < text.len ? size + 1 : size;
        struct pn_str word = { text.ptr, size };

        if (word.len && word.ptr[word.len - 1] == ',')
            word.len--;
        put_target(ids, word);
        text.ptr += next;
        text.len -= next;
    }
}

static struct pn_str
text_at(const struct pn_policy *policy, uint32_t at, uint32_t size)
{
    return (struct pn_str){ policy->text.bytes + at, size };
}

/* The name of a rule's file as the folder of the root sees it; empty for the root. */
static struct pn_str
file_name(const struct pn_policy *policy, const struct pn_policy_rule *rule)
{
    struct pn_span at = policy->files[0];
    struct pn_str root = text_at(policy, at.offset, at.size);
    struct pn_str name = pn_policy_file(policy, rule);

    if (name.len == root.len && memcmp(name.ptr, root.ptr, root.len) == 0)
        return (struct pn_str){ "", 0 };
    while (root.len && root.ptr[root.len - 1] != '/')
        root.len--;
    if (root.len && name.len > root.len && memcmp(name.ptr, root.ptr, root.len) == 0) {
        name.ptr += root.len;
        name.len -= root.len;
    }
    return name;
}

/* All but the number among equals. */
static uint64_t
digest_of(struct identities *ids, const struct pn_policy_rule *rule)
{
    const struct pn_policy *policy = ids->policy;
    struct pn_str file = file_name(policy, rule);

    ids->meant.size = 0;
    put_number(&ids->meant, rule->block ? 2 : rule->verdict == POSTERN_ALLOW);
    put_targets(ids, text_at(policy, rule->target, rule->target_size));
    return pn_record_digest(0, file.ptr, file.len, ids->meant.bytes, ids->meant.size);
}

/* Where a digest has its place: there is always one that is free. */
static struct seen *
place_of(const struct identities *ids, uint64_t digest)
{
    size_t at = (size_t)digest & (ids->places - 1);

    while (ids->seen[at].count && ids->seen[at].digest != digest)
        at = (at + 1) & (ids->places - 1);
    return &ids->seen[at];
}

/* The rule's number among those with its digest makes its identity. */
static uint64_t
identity_of(struct identities *ids, uint64_t digest)
{
    struct seen *seen = place_of(ids, digest);
    unsigned char number[4];

    seen->digest = digest;
    pn_native_put(number, seen->count++);
    return pn_record_digest(digest, "", 0, number, sizeof(number));
}

/* The places of a table that no cache holds are fetched while others are made. */
static void
identities_fill(struct identities *ids, uint64_t *out)
{
    size_t count = ids->policy->count;

    for (size_t from = 0; from < count; from += BATCH) {
        size_t end = count - from < BATCH ? count : from + BATCH;

        for (size_t i = from; i < end; i++) {
            out[i] = digest_of(ids, &ids->policy->rules[i]);
            __builtin_prefetch(&ids->seen[(size_t)out[i] & (ids->places - 1)], 1);
        }
        for (size_t i = from; i < end; i++)
            out[i] = identity_of(ids, out[i]);
    }
}

uint64_t *
pn_identities_make(const struct pn_policy *policy)
{
    struct identities ids = { .policy = policy, .places = 1 };
    uint64_t *out = pn_calloc(policy->count + 1, sizeof(*out));
    bool good;

    while (ids.places < policy->count * 2 + 1)
        ids.places *= 2;
    ids.seen = pn_calloc(ids.places, sizeof(*ids.seen));
    if (out && ids.seen && pn_buffer_reserve(&ids.meant, sizeof(uint64_t)))
        identities_fill(&ids, out);
    good = ids.seen && !ids.meant.failed && !ids.scratch.failed;
    pn_free(ids.seen);
    pn_buffer_free(&ids.meant);
    pn_buffer_free(&ids.scratch);
    if (good)
        return out;
    pn_free(out);
    return NULL;
}
