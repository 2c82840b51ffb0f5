/*
 * The stages of a batch in vectors of any width: included once for each kind of
 * vectors, behind what names their operations (batch_avx2.c, batch_avx512.c):
 *
 *   quads, quads_mask    LANES numbers of 32 bits, and a choice of them
 *   octets, octets_mask  LANES / 2 numbers of 64 bits, and a choice of them
 *
 * What is read of an image is checked as in native_find.c: a lane whose run is not
 * within the pieces, or whose entry or rule is not there, reads nothing more.
 */
enum { HALF_LANES = LANES / 2, NEAR_BYTES = 1 << 20 };

/* Where the runs of a block of addresses begin, and how many pieces they have. */
struct runs {
    uint32_t low[PN_BATCH], count[PN_BATCH]; /* count 0: damage */
};

/* Numbers of rows of 2^bits + 1 numbers, as places in steps of 4 bytes. */
static inline octets
octets_steps(octets rows, unsigned bits)
{
    return octets_add(octets_left(rows, bits), rows);
}

/* Asks for the middles of the runs, which are looked at first. */
static inline void
runs_prefetch(const struct pn_native_index *index, const struct runs *runs,
              size_t count, uint32_t each)
{
    if ((size_t)index->count * each < NEAR_BYTES)
        return;
    for (size_t i = 0; i < count; i++)
        __builtin_prefetch(index->pieces +
                           (size_t)(runs->low[i] + runs->count[i] / 2) * each);
}

/* The runs of slots; of what is not sound nothing is left. */
static inline void
runs_store4(const struct pn_native_index *index, quads slot, struct runs *runs,
            size_t at)
{
    const quads one = quads_set(1), place = quads_set(PN_INDEX_BEGINS - 1);
    quads first = quads_gather4(index->table, slot);
    quads next = quads_gather4(index->table + 4, slot), last;
    quads_mask sound;

    first = quads_and(first, place);
    last = quads_sub(quads_and(next, place), quads_shift(next, 31));
    sound =
        quads_both(quads_le(first, last), quads_le(last, quads_set(index->count - 1)));
    quads_store(runs->low + at, quads_kept(sound, first));
    quads_store(runs->count + at,
                quads_kept(sound, quads_add(quads_sub(last, first), one)));
}

static inline void
runs_find4(const struct pn_native_index *index, const uint8_t *addresses, size_t count,
           struct runs *runs)
{
    const quads base = quads_set((uint32_t)index->base), one = quads_set(1);
    const quads last = quads_set(index->slots - 1);

    for (size_t at = 0; at < count; at += LANES) {
        quads key = quads_network(addresses + at * 4), slot;

        slot = quads_add(quads_shift(quads_sub(key, base), index->shift), one);
        slot = quads_kept(quads_le(base, key), quads_least(slot, last));
        runs_store4(index, slot, runs, at);
    }
}

/* Without a table there is one run: all of the pieces. */
static inline void
runs_whole(const struct pn_native_index *index, size_t count, struct runs *runs)
{
    for (size_t at = 0; at < count; at++) {
        runs->low[at] = 0;
        runs->count[at] = index->count;
    }
}

/* The last piece of a run that begins at or below its key, as in piece_find(). */
static inline void
search4(const struct pn_native_index *index, bool compact, const uint8_t *addresses,
        const struct runs *runs, size_t at, uint32_t *numbers)
{
    const quads low_bits = quads_set(compact ? 0xffff : UINT32_MAX), one = quads_set(1);
    quads key = quads_network(addresses), low = quads_load(runs->low + at);
    quads count = quads_load(runs->count + at), number;
    quads_mask sound = quads_le(one, count), more;

    if (compact)
        key = quads_and(key, quads_set((UINT32_C(1) << index->shift) - 1));
    while (more = quads_le(quads_set(2), count), quads_any(more)) {
        quads half = quads_shift(count, 1), middle = quads_add(low, half);
        quads start = compact ? quads_gather4_some(more, index->pieces, middle)
                              : quads_gather8_some(more, index->pieces, middle);
        quads_mask below = quads_le(quads_and(start, low_bits), key);

        low = quads_chosen(quads_both(more, below), middle, low);
        count = quads_sub(count, half);
    }
    number = compact ? quads_shift(quads_gather4_some(sound, index->pieces, low), 16)
                     : quads_gather8_some(sound, index->pieces + 4, low);
    quads_store(numbers + at, quads_chosen(sound, number, quads_set(UINT32_MAX)));
}

static inline void
find4(const struct pn_native_index *index, bool compact, const uint8_t *addresses,
      size_t count, uint32_t *numbers)
{
    struct runs runs;

    if (index->slots)
        runs_find4(index, addresses, count, &runs);
    else
        runs_whole(index, count, &runs);
    pn_native_refine(index, 4, addresses, count, runs.low, runs.count);
    runs_prefetch(index, &runs, count, compact ? 4 : 8);
    for (size_t at = 0; at < count; at += LANES)
        search4(index, compact, addresses + at * 4, &runs, at, numbers);
}

static inline void
runs_find6(const struct pn_native_index *index, const uint8_t *addresses, size_t count,
           struct runs *runs)
{
    const octets base = octets_set(index->base), one = octets_set(1);
    const octets end = octets_set(index->slots - 1);
    const octets place = octets_set(PN_INDEX_BEGINS - 1);

    for (size_t at = 0; at < count; at += HALF_LANES) {
        octets key, low_key, slot, pair, first, next, last;
        octets_mask sound;

        octets_network(addresses + at * 16, &key, &low_key);
        slot = octets_shift(octets_sub(key, base), index->shift);
        slot = octets_chosen(octets_gt(end, slot), octets_add(slot, one), end);
        slot = octets_kept(octets_le(base, key), slot);
        pair = octets_gather4(index->table, slot); /* this slot and the next */
        next = octets_shift(pair, 32);
        first = octets_and(pair, place);
        last = octets_sub(octets_and(next, place), octets_shift(next, 31));
        sound = octets_both(octets_le(first, last),
                            octets_gt(octets_set(index->count), last));
        octets_store_low(runs->low + at, octets_kept(sound, first));
        octets_store_low(runs->count + at,
                         octets_kept(sound, octets_add(octets_sub(last, first), one)));
    }
}

/* Pieces of 12 bytes, or of 20 with `whole` starts. */
static inline void
search6(const struct pn_native_index *index, bool whole, const uint8_t *addresses,
        const struct runs *runs, size_t at, uint32_t *numbers)
{
    const octets one = octets_set(1);
    octets key, low_key, low = octets_load_low(runs->low + at);
    octets count = octets_load_low(runs->count + at), number;
    octets_mask sound = octets_le(one, count), more;

    octets_network(addresses, &key, &low_key);
    while (more = octets_gt(count, one), octets_any(more)) {
        octets half = octets_shift(count, 1), middle = octets_add(low, half);
        octets quad = whole ? octets_steps(middle, 2) : octets_steps(middle, 1), start;
        octets_mask below;

        start = octets_gather4_some(more, index->pieces, quad);
        below = octets_le(start, key);
        if (whole) {
            octets_mask equal = octets_both(more, octets_equal(start, key));

            start = octets_gather4_some(equal, index->pieces + 8, quad);
            below = octets_but(below, octets_both(equal, octets_gt(start, low_key)));
        }
        low = octets_chosen(octets_both(more, below), middle, low);
        count = octets_sub(count, half);
    }
    number = octets_gather4_some(sound, index->pieces + (whole ? 12 : 4),
                                 whole ? octets_steps(low, 2) : octets_steps(low, 1));
    number = octets_chosen(sound, octets_shift(number, 32), octets_set(UINT32_MAX));
    octets_store_low(numbers + at, number);
}

static inline void
find6(const struct pn_native_index *index, bool whole, const uint8_t *addresses,
      size_t count, uint32_t *numbers)
{
    struct runs runs;

    if (index->slots)
        runs_find6(index, addresses, count, &runs);
    else
        runs_whole(index, count, &runs);
    pn_native_refine(index, 16, addresses, count, runs.low, runs.count);
    runs_prefetch(index, &runs, count, whole ? 20 : 12);
    for (size_t at = 0; at < count; at += HALF_LANES)
        search6(index, whole, addresses + at * 16, &runs, at, numbers);
}

/* What does not fill a vector goes the way of every machine. */
static void
find(const struct pn_native_index *index, unsigned family, const uint8_t *addresses,
     size_t count, uint32_t *numbers)
{
    const size_t width = family == 6 ? 16 : 4;
    size_t whole = count / LANES * LANES;

    if (family == 4 && index->base > UINT32_MAX) /* below it are all addresses */
        whole = 0;
    else if (family == 4 && index->start_size == PN_INDEX_COMPACT)
        find4(index, true, addresses, whole, numbers);
    else if (family == 4)
        find4(index, false, addresses, whole, numbers);
    else if (index->start_size == 16)
        find6(index, true, addresses, whole, numbers);
    else
        find6(index, false, addresses, whole, numbers);
    pn_native_find_numbers(index, (unsigned)width, addresses + whole * width,
                           count - whole, numbers + whole);
}

static inline octets
briefs(const struct pn_native *native, octets numbers)
{
    const struct postern_brief denial = { .rule = POSTERN_RULE_NONE,
                                          .step = POSTERN_STEP_NONE,
                                          .status = POSTERN_E_FORMAT };
    octets_mask sound = octets_gt(octets_set(native->entries.count), numbers);
    octets entry = octets_gather4_some(sound, native->entries.bytes + 12,
                                       octets_steps(numbers, 2));
    octets rule = octets_shift(entry, 32), step, verdict, damaged, row;
    uint64_t bits;

    entry = octets_and(entry, octets_set(UINT32_MAX));
    step = octets_shift(entry, 8);
    sound = octets_both(sound, octets_gt(octets_set(native->rules.count), rule));
    sound = octets_both(sound, octets_gt(octets_set(POSTERN_STEP_NONE), step));
    row = octets_gather4_some(sound, native->rules.bytes, octets_steps(rule, 3));
    verdict = octets_and(row, octets_set(UINT32_MAX));
    verdict = octets_kept(octets_equal(verdict, octets_set(POSTERN_ALLOW)),
                          octets_set(UINT64_C(1) << 32));
    entry = octets_or(octets_left(octets_and(entry, octets_set(0xff)), 48),
                      octets_left(step, 40));
    memcpy(&bits, &denial, sizeof(bits));
    damaged = octets_set(bits);
    return octets_chosen(sound, octets_or(octets_or(rule, verdict), entry), damaged);
}

static void
take(const struct pn_native *native, const uint32_t *numbers, size_t count,
     struct postern_brief *out)
{
    const struct pn_native_rows *entries = &native->entries;
    size_t at = 0;

    if ((size_t)entries->count * PN_ENTRY_SIZE >= NEAR_BYTES)
        for (size_t i = 0; i < count; i++)
            __builtin_prefetch(entries->bytes + (size_t)numbers[i] * PN_ENTRY_SIZE);
    for (; at + HALF_LANES <= count; at += HALF_LANES)
        octets_store(out + at, briefs(native, octets_load_low(numbers + at)));
    pn_batch_scalar.take(native, numbers + at, count - at, out + at);
}
