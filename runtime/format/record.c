/* Encoding and decoding of classic values. */
#define _DEFAULT_SOURCE /* le64toh */
#include "runtime/format/record.h"

#include <endian.h>
#include <string.h>

char *
pn_record_put_deny(char *at)
{
    *at++ = 'D';
    *at++ = '\0';
    return at;
}

char *
pn_record_put_env(char *at, const char *name, size_t name_len, const char *value,
                  size_t value_len)
{
    *at++ = '+';
    if (name_len)
        memcpy(at, name, name_len);
    at += name_len;
    *at++ = '=';
    if (value_len) /* it may be NULL then */
        memcpy(at, value, value_len);
    at += value_len;
    *at++ = '\0';
    return at;
}

size_t
pn_record_env_size(size_t name_len, size_t value_len)
{
    return name_len + value_len + sizeof("+=");
}

bool
pn_record_next(const uint8_t **at, const uint8_t *end, struct pn_item *out)
{
    const uint8_t *nul = NULL;

    if (*at < end)
        nul = memchr(*at, '\0', (size_t)(end - *at));
    if (!nul)
        return false;
    *out = (struct pn_item){ *at, (size_t)(nul - *at) };
    *at = nul + 1;
    return true;
}

bool
pn_record_denies(struct pn_item item)
{
    return item.size > 0 && item.bytes[0] == 'D';
}

static uint64_t
mix(uint64_t digest, uint64_t word)
{
    digest = (digest ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    return digest ^ digest >> 29;
}

/* Of eight bytes, the same on every machine. */
static uint64_t
word_at(const unsigned char *bytes)
{
    uint64_t word;

    memcpy(&word, bytes, sizeof(word));
    return le64toh(word);
}

/* The last word may overlap the one before: cheaper than a loop over its bytes. */
static uint64_t
mix_bytes(uint64_t digest, const unsigned char *bytes, size_t size)
{
    const unsigned char *end = bytes + size;
    uint64_t word = 0;

    if (size < sizeof(word)) {
        while (bytes < end)
            word = word << 8 | *bytes++;
        return mix(digest, word);
    }
    for (; end - bytes > (ptrdiff_t)sizeof(word); bytes += sizeof(word))
        digest = mix(digest, word_at(bytes));
    return mix(digest, word_at(end - sizeof(word)));
}

uint64_t
pn_record_digest(uint64_t digest, const void *key, size_t key_size, const void *value,
                 size_t value_size)
{
    digest = mix(digest, (uint64_t)key_size << 32 ^ (uint64_t)value_size);
    digest = mix_bytes(digest, key, key_size);
    return mix_bytes(digest, value, value_size);
}
