/* Each piece behind a head with its size, by which it is given back. */
#define _DEFAULT_SOURCE
#include "server/resolver_memory.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <ares.h>

enum { LARGE = 32 * 1024 };

union head {
    size_t size;
    max_align_t align;
};

static void *
memory_alloc(size_t size)
{
    union head *head;

    if (size > SIZE_MAX - sizeof(*head))
        return NULL;
    if (size < LARGE) {
        head = malloc(size + sizeof(*head));
    } else {
        head = mmap(NULL, size + sizeof(*head), PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (head == MAP_FAILED)
            return NULL;
    }
    if (!head)
        return NULL;
    head->size = size;
    return head + 1;
}

static void
memory_free(void *bytes)
{
    union head *head = bytes;

    if (!head)
        return;
    head--;
    if (head->size < LARGE)
        free(head);
    else
        munmap(head, head->size + sizeof(*head));
}

static void *
memory_realloc(void *bytes, size_t size)
{
    void *fresh = memory_alloc(size);
    size_t before = bytes ? ((union head *)bytes - 1)->size : 0;

    if (!fresh)
        return NULL;
    if (bytes)
        memcpy(fresh, bytes, before < size ? before : size);
    memory_free(bytes);
    return fresh;
}

bool
srv_resolver_memory_init(void)
{
    return ares_library_init_mem(ARES_LIB_INIT_NONE, memory_alloc, memory_free,
                                 memory_realloc) == ARES_SUCCESS;
}
