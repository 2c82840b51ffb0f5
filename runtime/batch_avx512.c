/* Sixteen addresses of IPv4 at a time, or eight of IPv6: vectors of 512 bits. */
#include "runtime/batch.h"

#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

/* Whoever calls has asked whether the processor has them. */
#if defined(__clang__)
#pragma clang attribute push(                                      \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl"))), \
    apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl")
#endif

enum { LANES = 16 };

typedef __m512i quads, octets;
typedef __mmask16 quads_mask;
typedef __mmask8 octets_mask;

#include "runtime/batch_names.h"

OF_ONE(quads, quads_set, uint32_t, _mm512_set1_epi32((int)a))
OF_ONE(quads, quads_load, const uint32_t *, _mm512_loadu_si512(a))
OF_TWO(quads, quads_add, quads, _mm512_add_epi32(a, b))
OF_TWO(quads, quads_sub, quads, _mm512_sub_epi32(a, b))
OF_TWO(quads, quads_and, quads, _mm512_and_si512(a, b))
OF_TWO(quads, quads_least, quads, _mm512_min_epu32(a, b))
OF_TWO(quads_mask, quads_le, quads, _mm512_cmple_epu32_mask(a, b))
OF_TWO(quads_mask, quads_both, quads_mask, a &b)
OF_ONE(bool, quads_any, quads_mask, a != 0)
SHIFT(quads_shift, quads, _mm512_srl_epi32(a, by))
CHOICE(quads_chosen, quads, _mm512_mask_mov_epi32(no, mask, yes))
KEEP(quads_kept, quads, _mm512_maskz_mov_epi32(mask, a))

OF_ONE(octets, octets_set, uint64_t, _mm512_set1_epi64((long long)a))
OF_TWO(octets, octets_add, octets, _mm512_add_epi64(a, b))
OF_TWO(octets, octets_sub, octets, _mm512_sub_epi64(a, b))
OF_TWO(octets, octets_and, octets, _mm512_and_si512(a, b))
OF_TWO(octets, octets_or, octets, _mm512_or_si512(a, b))
OF_TWO(octets_mask, octets_le, octets, _mm512_cmple_epu64_mask(a, b))
OF_TWO(octets_mask, octets_gt, octets, _mm512_cmpgt_epu64_mask(a, b))
OF_TWO(octets_mask, octets_equal, octets, _mm512_cmpeq_epu64_mask(a, b))
OF_TWO(octets_mask, octets_both, octets_mask, a &b)
OF_TWO(octets_mask, octets_but, octets_mask, a & ~b)
OF_ONE(bool, octets_any, octets_mask, a != 0)
SHIFT(octets_shift, octets, _mm512_srl_epi64(a, by))
SHIFT(octets_left, octets, _mm512_sll_epi64(a, by))
CHOICE(octets_chosen, octets, _mm512_mask_mov_epi64(no, mask, yes))
KEEP(octets_kept, octets, _mm512_maskz_mov_epi64(mask, a))

static inline void
quads_store(uint32_t *to, quads a)
{
    _mm512_storeu_si512(to, a);
}

static inline void
octets_store(void *to, octets a)
{
    _mm512_storeu_si512(to, a);
}

/* Numbers of 32 bits, which fit. */
OF_ONE(octets, octets_load_low, const uint32_t *,
       _mm512_cvtepu32_epi64(_mm256_loadu_si256((const __m256i *)a)))

static inline void
octets_store_low(uint32_t *to, octets a)
{
    _mm256_storeu_si256((__m256i *)to, _mm512_cvtepi64_epi32(a));
}

/* Addresses of IPv4, as numbers. */
static inline quads
quads_network(const uint8_t *bytes)
{
    const __m128i swap =
        _mm_setr_epi8(3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12);

    return _mm512_shuffle_epi8(_mm512_loadu_si512(bytes), _mm512_broadcast_i32x4(swap));
}

/* Addresses of IPv6, as two numbers each. */
static inline void
octets_network(const uint8_t *bytes, octets *high, octets *low)
{
    const __m128i swap =
        _mm_setr_epi8(7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8);
    const __m512i each = _mm512_broadcast_i32x4(swap);
    const __m512i evens = _mm512_setr_epi64(0, 2, 4, 6, 8, 10, 12, 14);
    __m512i front = _mm512_shuffle_epi8(_mm512_loadu_si512(bytes), each);
    __m512i back = _mm512_shuffle_epi8(_mm512_loadu_si512(bytes + 64), each);

    *high = _mm512_permutex2var_epi64(front, evens, back);
    *low =
        _mm512_permutex2var_epi64(front, _mm512_add_epi64(evens, octets_set(1)), back);
}

/* Numbers at places that are counted in steps of so many bytes; of some lanes. */
OF_GATHER(quads_gather4, quads, _mm512_i32gather_epi32(at, base, 4))
OF_GATHER(octets_gather4, octets, _mm512_i64gather_epi64(at, base, 4))
OF_GATHER_SOME(quads_gather4_some, quads,
               _mm512_mask_i32gather_epi32(quads_set(0), mask, at, base, 4))
OF_GATHER_SOME(quads_gather8_some, quads,
               _mm512_mask_i32gather_epi32(quads_set(0), mask, at, base, 8))
OF_GATHER_SOME(octets_gather4_some, octets,
               _mm512_mask_i64gather_epi64(octets_set(0), mask, at, base, 4))

#include "runtime/batch_lanes.h"

const struct pn_batch_way pn_batch_avx512 = { "AVX-512", find, take };

#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#endif
