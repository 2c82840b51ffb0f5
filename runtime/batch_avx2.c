/* Eight addresses of IPv4 at a time, or four of IPv6: vectors of 256 bits. */
#include "runtime/batch.h"

#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

/* Whoever calls has asked whether the processor has them. */
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2")
#endif

enum { LANES = 8 };

typedef __m256i quads, octets;
typedef __m256i quads_mask;
typedef __m256i octets_mask;

#include "runtime/batch_names.h"

OF_ONE(quads, quads_set, uint32_t, _mm256_set1_epi32((int)a))
OF_ONE(quads, quads_load, const uint32_t *, _mm256_loadu_si256((const __m256i *)a))
OF_TWO(quads, quads_add, quads, _mm256_add_epi32(a, b))
OF_TWO(quads, quads_sub, quads, _mm256_sub_epi32(a, b))
OF_TWO(quads, quads_and, quads, _mm256_and_si256(a, b))
OF_TWO(quads, quads_least, quads, _mm256_min_epu32(a, b))
OF_TWO(quads_mask, quads_le, quads, _mm256_cmpeq_epi32(_mm256_min_epu32(a, b), a))
OF_TWO(quads_mask, quads_both, quads_mask, _mm256_and_si256(a, b))
OF_ONE(bool, quads_any, quads_mask, !_mm256_testz_si256(a, a))
SHIFT(quads_shift, quads, _mm256_srl_epi32(a, by))
CHOICE(quads_chosen, quads, _mm256_blendv_epi8(no, yes, mask))
KEEP(quads_kept, quads, _mm256_and_si256(mask, a))

OF_ONE(octets, octets_set, uint64_t, _mm256_set1_epi64x((long long)a))
OF_TWO(octets, octets_add, octets, _mm256_add_epi64(a, b))
OF_TWO(octets, octets_sub, octets, _mm256_sub_epi64(a, b))
OF_TWO(octets, octets_and, octets, _mm256_and_si256(a, b))
OF_TWO(octets, octets_or, octets, _mm256_or_si256(a, b))
OF_TWO(octets_mask, octets_equal, octets, _mm256_cmpeq_epi64(a, b))
OF_TWO(octets_mask, octets_both, octets_mask, _mm256_and_si256(a, b))
OF_TWO(octets_mask, octets_but, octets_mask, _mm256_andnot_si256(b, a))
OF_ONE(bool, octets_any, octets_mask, !_mm256_testz_si256(a, a))
SHIFT(octets_shift, octets, _mm256_srl_epi64(a, by))
SHIFT(octets_left, octets, _mm256_sll_epi64(a, by))
CHOICE(octets_chosen, octets, _mm256_blendv_epi8(no, yes, mask))
KEEP(octets_kept, octets, _mm256_and_si256(mask, a))

/* There is a comparison of signed numbers alone. */
static inline octets_mask
octets_gt(octets a, octets b)
{
    const octets sign = octets_set(UINT64_C(1) << 63);

    return _mm256_cmpgt_epi64(_mm256_xor_si256(a, sign), _mm256_xor_si256(b, sign));
}

OF_TWO(octets_mask, octets_le, octets,
       _mm256_xor_si256(octets_gt(a, b), octets_set(UINT64_MAX)))

static inline void
quads_store(uint32_t *to, quads a)
{
    _mm256_storeu_si256((__m256i *)to, a);
}

static inline void
octets_store(void *to, octets a)
{
    _mm256_storeu_si256(to, a);
}

/* Numbers of 32 bits, which fit. */
OF_ONE(octets, octets_load_low, const uint32_t *,
       _mm256_cvtepu32_epi64(_mm_loadu_si128((const __m128i *)a)))

static inline void
octets_store_low(uint32_t *to, octets a)
{
    const __m256i evens = _mm256_setr_epi32(0, 2, 4, 6, 0, 2, 4, 6);

    _mm_storeu_si128((__m128i *)to,
                     _mm256_castsi256_si128(_mm256_permutevar8x32_epi32(a, evens)));
}

/* Addresses of IPv4, as numbers. */
static inline quads
quads_network(const uint8_t *bytes)
{
    const __m128i swap =
        _mm_setr_epi8(3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12);

    return _mm256_shuffle_epi8(_mm256_loadu_si256((const __m256i *)bytes),
                               _mm256_broadcastsi128_si256(swap));
}

/* Addresses of IPv6, as two numbers each. */
static inline void
octets_network(const uint8_t *bytes, octets *high, octets *low)
{
    enum { ORDER = 0xd8 }; /* unpacking has them as 0, 2, 1, 3 */
    const __m128i swap =
        _mm_setr_epi8(7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8);
    const __m256i each = _mm256_broadcastsi128_si256(swap);
    __m256i front =
        _mm256_shuffle_epi8(_mm256_loadu_si256((const __m256i *)bytes), each);
    __m256i back =
        _mm256_shuffle_epi8(_mm256_loadu_si256((const __m256i *)(bytes + 32)), each);

    *high = _mm256_permute4x64_epi64(_mm256_unpacklo_epi64(front, back), ORDER);
    *low = _mm256_permute4x64_epi64(_mm256_unpackhi_epi64(front, back), ORDER);
}

/* Numbers at places that are counted in steps of so many bytes; of some lanes. */
OF_GATHER(quads_gather4, quads, _mm256_i32gather_epi32((const int *)base, at, 4))
OF_GATHER(octets_gather4, octets,
          _mm256_i64gather_epi64((const long long *)base, at, 4))
OF_GATHER_SOME(quads_gather4_some, quads,
               _mm256_mask_i32gather_epi32(quads_set(0), (const int *)base, at, mask,
                                           4))
OF_GATHER_SOME(quads_gather8_some, quads,
               _mm256_mask_i32gather_epi32(quads_set(0), (const int *)base, at, mask,
                                           8))
OF_GATHER_SOME(octets_gather4_some, octets,
               _mm256_mask_i64gather_epi64(octets_set(0), (const long long *)base, at,
                                           mask, 4))

#include "runtime/batch_lanes.h"

const struct pn_batch_way pn_batch_avx2 = { "AVX2", find, take };

#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#endif
