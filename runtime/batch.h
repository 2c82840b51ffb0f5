/* Looking up many addresses at once: the ways there are, each for a kind of machine. */
#ifndef PN_RUNTIME_BATCH_H
#define PN_RUNTIME_BATCH_H

#include "postern/rules.h"
#include "runtime/format/native.h"

/*
 * So many addresses go through a stage together: enough that none waits for memory
 * alone, and few enough that what is known of them stays in the nearest cache.
 */
enum { PN_BATCH = PN_NATIVE_SOME };

/*
 * A way has two stages. `find` tells the numbers of the entries, as
 * pn_native_find_numbers() does; `take` tells what an entry says. Both take any image
 * that could be opened: whatever they read by is checked before, and what is damaged
 * is answered as such. The index is of the family.
 */
struct pn_batch_way {
    const char *name;
    void (*find)(const struct pn_native_index *index, unsigned family,
                 const uint8_t *addresses, size_t count, uint32_t *numbers);
    void (*take)(const struct pn_native *native, const uint32_t *numbers, size_t count,
                 struct postern_brief *out);
};

/* What a processor has. */
enum pn_batch_feature { PN_BATCH_AVX2 = 1, PN_BATCH_AVX512 = 2 };

/* That of this machine; of enum pn_batch_feature. */
uint32_t
pn_batch_features(void);

/* The best way for a processor with these features. */
const struct pn_batch_way *
pn_batch_way_for(uint32_t features);

/* The ways. Those with vectors are there where the compiler can make them. */
extern const struct pn_batch_way pn_batch_scalar, pn_batch_avx2, pn_batch_avx512;

/* postern_rules_decide_addresses() of a native image by one way. */
void
pn_batch_decide(const struct pn_batch_way *way, const struct pn_native *native,
                unsigned family, const uint8_t *addresses, size_t count,
                struct postern_brief *out);

#endif
