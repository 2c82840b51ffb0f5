/*
 * Counts what a program does: this stands in a program all of whose objects call it for
 * each edge that they take (-fsanitize-coverage=trace-pc), and whose library calls over
 * bytes and for memory come by here. At the end the counts go into the file that
 * PN_COUNTS names, a line a process: work, and the most memory that was held.
 */
#include <fcntl.h>
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/counted.h"

enum { BYTES_AN_EDGE = 16, FLUSH = 4096 };

static uint64_t all_work;
static int64_t held, most;
static _Thread_local uint64_t own_work; /* of a thread, which gives it away in parts */

static void
work_add(uint64_t work)
{
    own_work += work;
    if (own_work < FLUSH)
        return;
    __atomic_fetch_add(&all_work, own_work, __ATOMIC_RELAXED);
    own_work = 0;
}

void
__sanitizer_cov_trace_pc(void)
{
    work_add(1);
}

static void
held_add(int64_t size)
{
    int64_t now = __atomic_add_fetch(&held, size, __ATOMIC_RELAXED);
    int64_t before = __atomic_load_n(&most, __ATOMIC_RELAXED);

    while (now > before &&
           !__atomic_compare_exchange_n(&most, &before, now, true, __ATOMIC_RELAXED,
                                        __ATOMIC_RELAXED))
        continue;
}

void *
__wrap_malloc(size_t size)
{
    void *memory = __real_malloc(size);

    if (memory)
        held_add((int64_t)malloc_usable_size(memory));
    return memory;
}

void *
__wrap_calloc(size_t count, size_t size)
{
    void *memory = __real_calloc(count, size);

    if (memory)
        held_add((int64_t)malloc_usable_size(memory));
    work_add(count * size / BYTES_AN_EDGE);
    return memory;
}

void *
__wrap_realloc(void *memory, size_t size)
{
    int64_t before = memory ? (int64_t)malloc_usable_size(memory) : 0;
    void *moved = __real_realloc(memory, size);

    if (moved)
        held_add((int64_t)malloc_usable_size(moved) - before);
    work_add((uint64_t)before / BYTES_AN_EDGE);
    return moved;
}

void
__wrap_free(void *memory)
{
    if (memory)
        held_add(-(int64_t)malloc_usable_size(memory));
    __real_free(memory);
}

void *
__wrap_memcpy(void *to, const void *from, size_t size)
{
    work_add(size / BYTES_AN_EDGE);
    return __real_memcpy(to, from, size);
}

void *
__wrap_memmove(void *to, const void *from, size_t size)
{
    work_add(size / BYTES_AN_EDGE);
    return __real_memmove(to, from, size);
}

void *
__wrap_memset(void *to, int byte, size_t size)
{
    work_add(size / BYTES_AN_EDGE);
    return __real_memset(to, byte, size);
}

int
__wrap_memcmp(const void *left, const void *right, size_t size)
{
    work_add(size / BYTES_AN_EDGE);
    return __real_memcmp(left, right, size);
}

void *
__wrap_memchr(const void *text, int byte, size_t size)
{
    void *found = __real_memchr(text, byte, size);
    size_t seen = found ? (size_t)((char *)found - (const char *)text) : size;

    work_add(seen / BYTES_AN_EDGE);
    return found;
}

size_t
__wrap_strlen(const char *text)
{
    size_t size = __real_strlen(text);

    work_add(size / BYTES_AN_EDGE);
    return size;
}

__attribute__((destructor)) static void
counts_write(void)
{
    const char *path = getenv("PN_COUNTS");
    int fd = path ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666) : -1;
    char line[64];
    int size = snprintf(line, sizeof(line), "%llu %lld\n",
                        (unsigned long long)(all_work + own_work), (long long)most);

    if (fd >= 0 && write(fd, line, (size_t)size) != size)
        abort(); /* a test would read what is not there */
    if (fd >= 0)
        close(fd);
}
