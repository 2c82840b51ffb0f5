/*
 * Fuzz: which text causes most work for each of its bytes? Counts comparisons, whose
 * hooks the fuzzer calls anyway. The count for a byte is a feature, so that a text with
 * more of them than any before is kept and grown. No text may exceed the limits of
 * base/work.h.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "compiler/compile.h"
#include "compiler/image.h"
#include "tests/fuzz/check.h"

/* The limits leave so many comparisons of any text, and a linear part so many a byte.
 */
#define MOST UINT64_C(600000000)

enum { MOST_A_BYTE = 20000, BUCKETS = 512, A_DOUBLING = 8 };

__attribute__((section("__libfuzzer_extra_counters"))) static uint8_t features[BUCKETS];

static uint64_t comparisons;

#define COUNTED(name, type)                    \
    void __real_##name(type left, type right); \
    void __wrap_##name(type left, type right); \
    void __wrap_##name(type left, type right)  \
    {                                          \
        comparisons++;                         \
        __real_##name(left, right);            \
    }

COUNTED(__sanitizer_cov_trace_cmp1, uint8_t)
COUNTED(__sanitizer_cov_trace_cmp2, uint16_t)
COUNTED(__sanitizer_cov_trace_cmp4, uint32_t)
COUNTED(__sanitizer_cov_trace_cmp8, uint64_t)
COUNTED(__sanitizer_cov_trace_const_cmp1, uint8_t)
COUNTED(__sanitizer_cov_trace_const_cmp2, uint16_t)
COUNTED(__sanitizer_cov_trace_const_cmp4, uint32_t)
COUNTED(__sanitizer_cov_trace_const_cmp8, uint64_t)

enum { READS_MAX = 8 };

static struct pn_str whole;
static int reads;

/* A file that is included is the text itself, a few times; a list has a few lines. */
static bool
read_again(void *payload, const char *path, size_t limit, struct pn_source *out)
{
    static const char list[] = "10.0.0.0/9\n10.0.0.1\n2001:db8::/40\n10.64.0.0/10\n";
    const struct pn_str lines = { list, sizeof(list) - 1 };

    (void)payload;
    errno = ENOENT;
    if (path[0] == 'l')
        return pn_source_from_text(out, path, lines);
    return reads++ < READS_MAX && whole.len <= limit &&
           pn_source_from_text(out, path, whole);
}

/* How many eighths of a doubling there are up to a number. */
static size_t
bucket_of(uint64_t number)
{
    size_t bucket = 0;

    for (; number >= 2 * A_DOUBLING; number /= 2)
        bucket += A_DOUBLING;
    return bucket + (size_t)number;
}

static void
compile(const struct pn_source *source)
{
    const struct pn_compile_options options = { .prove = true,
                                                .as_native = true,
                                                .reading = { .read = read_again } };
    struct pn_diags diags = { .limit = 20 };
    struct pn_reader reader;
    int fd = pn_memory_file();

    CHECK(fd >= 0);
    pn_reader_begin_source(&reader, source);
    (void)pn_compile(&reader, fd, &options, &diags); /* whatever it is */
    pn_reader_end(&reader);
    CHECK(!diags.failed);
    pn_diags_clear(&diags);
    close(fd);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pn_source source;
    size_t bucket;

    reads = 0;
    whole = (struct pn_str){ (const char *)data, size };
    CHECK(pn_source_from_text(&source, "fuzz", whole));
    comparisons = 0;
    compile(&source);
    CHECK(comparisons <= MOST + MOST_A_BYTE * size);
    bucket = bucket_of(comparisons / (size + 64)); /* short ones begin with less */
    features[bucket < BUCKETS ? bucket : BUCKETS - 1] = 1;
    pn_source_clear(&source);
    return 0;
}
