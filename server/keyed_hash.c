/* SipHash-2-4. getrandom(2) is Linux's. */
#define _GNU_SOURCE
#include "server/keyed_hash.h"

#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "server/clock.h"

struct state {
    uint64_t v0, v1, v2, v3;
};

void
srv_hash_key_make(struct srv_hash_key *out)
{
    if (getrandom(out, sizeof(*out), GRND_NONBLOCK) == (ssize_t)sizeof(*out))
        return;
    out->k0 = (uint64_t)srv_now_ns();
    out->k1 = (uint64_t)(uintptr_t)out ^ (uint64_t)getpid();
}

static uint64_t
rotate(uint64_t x, int by)
{
    return x << by | x >> (64 - by);
}

static void
rounds(struct state *s, int count)
{
    while (count--) {
        s->v0 += s->v1;
        s->v1 = rotate(s->v1, 13) ^ s->v0;
        s->v0 = rotate(s->v0, 32);
        s->v2 += s->v3;
        s->v3 = rotate(s->v3, 16) ^ s->v2;
        s->v0 += s->v3;
        s->v3 = rotate(s->v3, 21) ^ s->v0;
        s->v2 += s->v1;
        s->v1 = rotate(s->v1, 17) ^ s->v2;
        s->v2 = rotate(s->v2, 32);
    }
}

static void
word_add(struct state *s, uint64_t word)
{
    s->v3 ^= word;
    rounds(s, 2);
    s->v0 ^= word;
}

/* Up to eight bytes, the first of them lowest. */
static uint64_t
word_read(const uint8_t *bytes, size_t count)
{
    uint64_t word = 0;

    for (size_t i = 0; i < count; i++)
        word |= (uint64_t)bytes[i] << (8 * i);
    return word;
}

uint64_t
srv_hash(const struct srv_hash_key *key, const void *bytes, size_t size)
{
    struct state s = {
        key->k0 ^ 0x736f6d6570736575,
        key->k1 ^ 0x646f72616e646f6d,
        key->k0 ^ 0x6c7967656e657261,
        key->k1 ^ 0x7465646279746573,
    };
    const uint8_t *at = bytes;
    size_t left = size;

    for (; left >= 8; left -= 8, at += 8)
        word_add(&s, word_read(at, 8));
    word_add(&s, word_read(at, left) | (uint64_t)size << 56);
    s.v2 ^= 0xff;
    rounds(&s, 4);
    return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}
