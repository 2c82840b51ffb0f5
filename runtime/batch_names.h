/*
 * Names for what is one instruction or two: batch_lanes.h is written in them. Included
 * behind the types of batch_avx2.c or batch_avx512.c.
 */
#define OF_ONE(result, name, type, call) \
    static inline result name(type a)    \
    {                                    \
        return call;                     \
    }
#define OF_TWO(result, name, type, call)      \
    static inline result name(type a, type b) \
    {                                         \
        return call;                          \
    }
#define SHIFT(name, type, call)                          \
    static inline type name(type a, unsigned bits)       \
    {                                                    \
        const __m128i by = _mm_cvtsi32_si128((int)bits); \
                                                         \
        return call;                                     \
    }
#define CHOICE(name, type, call)                                 \
    static inline type name(type##_mask mask, type yes, type no) \
    {                                                            \
        return call;                                             \
    }
#define KEEP(name, type, call)                        \
    static inline type name(type##_mask mask, type a) \
    {                                                 \
        return call;                                  \
    }

#define OF_GATHER(name, type, call)                       \
    static inline type name(const uint8_t *base, type at) \
    {                                                     \
        return call;                                      \
    }
#define OF_GATHER_SOME(name, type, call)                                    \
    static inline type name(type##_mask mask, const uint8_t *base, type at) \
    {                                                                       \
        return call;                                                        \
    }
