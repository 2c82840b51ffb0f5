/* Each form that is read is a row, its reading a function that takes the line or not.
 */
#include "compiler/list_line.h"

#include <string.h>

#include "base/sizes.h"
#include "compiler/list_faults.h"
#include "compiler/list_signs.h"

enum { OCTETS = 4, OCTET_MAX = 255, LENGTH4_MAX = 32 };

/* Says what the first words mean, and returns how many they are; 0: it is no such line.
 */
typedef unsigned (*reading_fn)(const struct pn_list_words *words,
                               struct pn_buffer *scratch, struct pn_list_line *out);

/* A - B, A -B, A- B. */
static unsigned
range_apart(const struct pn_list_words *words, struct pn_buffer *scratch,
            struct pn_list_line *out)
{
    unsigned count = pn_list_range_words(words);
    char text[PN_LIST_JOINED_MAX];
    struct pn_str joined;

    if (!count || !pn_list_words_join(words, count, text, &joined) ||
        pn_list_entry_read(joined, scratch, &out->target) != PN_DIAG_NONE ||
        out->target.kind != PN_TARGET_RANGE)
        return 0;
    return count;
}

static void
prefix_set(struct pn_target *target, const struct postern_addr *addr, unsigned length)
{
    *target = (struct pn_target){ .kind = PN_TARGET_PREFIXES,
                                  .family = addr->family,
                                  .length = (uint8_t)length,
                                  .count = 1,
                                  .first = pn_number_from(addr) };
}

/* A B LENGTH, as tables have it: B is the last address of A under the length. */
static unsigned
bounds_and_length(const struct pn_list_words *words, struct pn_buffer *scratch,
                  struct pn_list_line *out)
{
    struct postern_addr first, last;
    struct pn_str digits = words->items[2];
    pn_number below;
    unsigned length;

    (void)scratch;
    if (words->count < 3 || !pn_list_address_read(words->items[0], &first) ||
        !pn_list_address_read(words->items[1], &last) || first.family != last.family)
        return 0;
    if (digits.len && *digits.ptr == '/')
        digits = (struct pn_str){ digits.ptr + 1, digits.len - 1 };
    if (!pn_list_number_read(digits, &length) || length > pn_family_bits(first.family))
        return 0;
    below = pn_host_mask(first.family, length);
    if (pn_number_from(&first) & below ||
        pn_number_from(&last) != (pn_number_from(&first) | below))
        return 0;
    prefix_set(&out->target, &first, length);
    return 3;
}

/* An address and its mask; false of what has bits beyond it. */
static bool
mask_read(struct pn_str address, struct pn_str mask, struct pn_target *out)
{
    struct postern_addr addr, ones;
    unsigned length;

    if (!pn_list_address_read(address, &addr) || !pn_list_address_read(mask, &ones) ||
        addr.family != ones.family || !pn_list_mask_length(&ones, &length) ||
        pn_number_from(&addr) & pn_host_mask(addr.family, length))
        return false;
    prefix_set(out, &addr, length);
    return true;
}

/*
 * A MASK. All ones are the last address of a range as well, where that is a block: a
 * mask is what the other addresses cannot be.
 */
static unsigned
mask_apart(const struct pn_list_words *words, struct pn_buffer *scratch,
           struct pn_list_line *out)
{
    pn_number first, ones, size;

    (void)scratch;
    if (words->count < 2 || words->apart[1] != ' ' ||
        !mask_read(words->items[0], words->items[1], &out->target))
        return 0;
    ones = pn_host_mask(out->target.family, 0);
    first = out->target.first;
    size = ones - first; /* less one */
    if (out->target.length == pn_family_bits(out->target.family) && first != ones &&
        !(size & (size + 1)) && !(first & size))
        return 0;
    return 2;
}

/* A/MASK. */
static unsigned
mask_behind_slash(const struct pn_list_words *words, struct pn_buffer *scratch,
                  struct pn_list_line *out)
{
    struct pn_str word = words->items[0];
    const char *slash = memchr(word.ptr, '/', word.len);

    (void)scratch;
    if (!slash)
        return 0;
    return mask_read(
               (struct pn_str){ word.ptr, (size_t)(slash - word.ptr) },
               (struct pn_str){ slash + 1, (size_t)(word.ptr + word.len - slash) - 1 },
               &out->target)
               ? 1
               : 0;
}

/* A /24, A / 24. */
static unsigned
length_apart(const struct pn_list_words *words, struct pn_buffer *scratch,
             struct pn_list_line *out)
{
    char text[PN_LIST_JOINED_MAX];
    struct pn_str joined;
    unsigned count = 2;
    enum pn_diag_id id;

    if (words->count < 2 || words->apart[1] != ' ' || !words->items[1].len ||
        *words->items[1].ptr != '/')
        return 0;
    if (words->items[1].len == 1)
        count = 3;
    if (words->count < count || (count == 3 && words->apart[2] != ' ') ||
        !pn_list_words_join(words, count, text, &joined))
        return 0;
    id = pn_list_entry_read(joined, scratch, &out->target);
    out->is_masked = id == PN_DIAG_HOST_BITS;
    return id == PN_DIAG_NONE || out->is_masked ? count : 0;
}

/* An address, prefix or range, and words behind it that go on in none of these. */
static unsigned
one_entry(const struct pn_list_words *words, struct pn_buffer *scratch,
          struct pn_list_line *out)
{
    struct pn_str word = words->items[0];
    enum pn_diag_id id = pn_list_entry_read(word, scratch, &out->target);
    bool slash = memchr(word.ptr, '/', word.len) != NULL;

    if ((id != PN_DIAG_NONE && id != PN_DIAG_HOST_BITS) ||
        pn_list_is_length(words, &out->target))
        return 0;
    out->is_masked = id == PN_DIAG_HOST_BITS;
    out->is_octets =
        out->target.count > 1 || (out->target.kind == PN_TARGET_PREFIXES && !slash);
    return 1;
}

static const reading_fn readings[] = {
    range_apart,       bounds_and_length, mask_apart,
    mask_behind_slash, length_apart,      one_entry,
};

/*
 * Is there an address behind the first words, or what goes on with them? Then they do
 * not say all of the line.
 */
static bool
holds_more(const struct pn_list_words *words, unsigned count)
{
    struct pn_str behind = pn_list_words_behind(words, count - 1), found;

    return behind.len &&
           (pn_list_is_range_sign(words, count) || pn_list_is_slash(words, count) ||
            pn_list_address_find(behind, &found));
}

static void
words_read(const struct pn_list_words *words, struct pn_buffer *scratch,
           struct pn_list_line *out)
{
    for (size_t i = 0; i < PN_COUNT_OF(readings); i++) {
        struct pn_list_line line = { .fault = PN_DIAG_NONE };
        unsigned count = readings[i](words, scratch, &line);

        if (!count || holds_more(words, count))
            continue;
        line.has_entry = true;
        line.at = pn_list_words_span(words, count);
        *out = line;
        return;
    }
    *out = (struct pn_list_line){ .fault = PN_DIAG_NONE };
    out->fault = pn_list_fault_find(words, scratch, &out->at);
}

void
pn_list_newlines(struct pn_source *source)
{
    char *at = source->text, *end = source->text + source->size;

    while ((at = memchr(at, '\r', (size_t)(end - at)))) {
        if (at + 1 == end || at[1] != '\n')
            *at = '\n';
        if (++at == end)
            return;
    }
}

struct pn_list_reader
pn_list_begin(const struct pn_source *source, struct pn_buffer *scratch)
{
    return (struct pn_list_reader){ .at = source->text,
                                    .end = source->text + source->size,
                                    .scratch = scratch,
                                    .is_front = true };
}

/* A number up to `max` without leading zeros; NULL when there is none. The text ends in
 * a NUL. */
static inline const char *
number_scan(const char *at, unsigned max, unsigned *out)
{
    unsigned value = (unsigned)(*at - '0');

    if (value > 9)
        return NULL;
    at++;
    if (value)
        while ((unsigned)(*at - '0') <= 9) {
            value = value * 10 + (unsigned)(*at++ - '0');
            if (value > max)
                return NULL;
        }
    *out = value;
    return at;
}

/*
 * The form that lists have millions of, without a look at anything else: an IPv4
 * address or prefix, and the end of the line or a remark sign. One with bits beyond its
 * length, or whatever else there is, is for the readings.
 */
static bool
common_read(struct pn_list_reader *reader, struct pn_list_line *out)
{
    const char *start = reader->at, *at = start, *stop;
    uint32_t address = 0;
    unsigned number, length = LENGTH4_MAX;
    bool slash;

    for (unsigned i = 0; i < OCTETS; i++) {
        if (i && *at++ != '.')
            return false;
        at = number_scan(at, OCTET_MAX, &number);
        if (!at)
            return false;
        address = address << 8 | number;
    }
    slash = *at == '/';
    if (slash) {
        at = number_scan(at + 1, LENGTH4_MAX, &length);
        if (!at || address & (uint32_t)pn_host_mask(4, length))
            return false;
    }
    for (stop = at; *at == ' ' || *at == '\t' || *at == '\r'; at++)
        continue;
    if (*at == ';' && at == stop) /* a comma, perhaps */
        return false;
    if (*at == '#' || *at == ';')
        at = memchr(at, '\n', (size_t)(reader->end - at));
    else if (*at != '\n' && at != reader->end)
        return false;
    out->has_entry = true;
    out->fault = PN_DIAG_NONE;
    out->at = (struct pn_str){ start, (size_t)(stop - start) };
    out->target.kind = slash ? PN_TARGET_PREFIXES : PN_TARGET_ADDRESSES;
    out->target.has_ident = false;
    out->target.family = 4;
    out->target.length = slash ? (uint8_t)length : 0;
    out->target.count = 1;
    out->target.first = address;
    out->is_masked = out->is_octets = false;
    out->is_last = !at || at == reader->end;
    reader->at = out->is_last ? reader->end : at + 1;
    return true;
}

/* A byte order mark, where a file begins or one that was put behind another. */
static struct pn_str
mark_drop(struct pn_str line)
{
    static const char mark[] = "\xef\xbb\xbf";

    if (line.len >= sizeof(mark) - 1 && memcmp(line.ptr, mark, sizeof(mark) - 1) == 0)
        return (struct pn_str){ line.ptr + sizeof(mark) - 1,
                                line.len - (sizeof(mark) - 1) };
    return line;
}

static void
line_read(struct pn_list_reader *reader, struct pn_list_line *out)
{
    size_t left = (size_t)(reader->end - reader->at);
    const char *newline = memchr(reader->at, '\n', left);
    struct pn_list_words words = { .is_front = reader->is_front };

    pn_list_words_cut(
        mark_drop((struct pn_str){ reader->at,
                                   newline ? (size_t)(newline - reader->at) : left }),
        &words);
    *out = (struct pn_list_line){ .fault = PN_DIAG_NONE };
    if (words.text.len)
        words_read(&words, reader->scratch, out);
    out->is_last = !newline;
    reader->at = newline ? newline + 1 : reader->end;
}

bool
pn_list_next(struct pn_list_reader *reader, struct pn_list_line *out)
{
    while (reader->at < reader->end) {
        if (!common_read(reader, out))
            line_read(reader, out);
        if (out->has_entry || out->fault != PN_DIAG_NONE) {
            reader->is_front = false;
            return true;
        }
    }
    return false;
}
