/* The arena: a list of blocks, each twice the one before, cut from the front. */
#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <string.h>

#include "base/memory.h"
#include "base/sizes.h"

enum { FIRST_BLOCK = 4096, LARGEST_BLOCK = 8 << 20 };

struct block {
    struct block *next;
    size_t size, used;
    alignas(max_align_t) unsigned char bytes[];
};

struct pn_arena {
    struct block *newest, *first;
    bool failed;
};

static struct block *
block_new(size_t size)
{
    size_t whole;
    struct block *block = NULL;

    if (pn_size_add(sizeof(struct block), size, &whole))
        block = pn_malloc(whole);
    if (block) {
        block->next = NULL;
        block->size = size;
        block->used = 0;
    }
    return block;
}

struct pn_arena *
pn_arena_new(void)
{
    struct pn_arena *arena = pn_calloc(1, sizeof(*arena));

    if (!arena)
        return NULL;
    arena->first = arena->newest = block_new(FIRST_BLOCK);
    if (!arena->first) {
        pn_free(arena);
        return NULL;
    }
    return arena;
}

static void
blocks_free(struct block *block, const struct block *end)
{
    while (block != end) {
        struct block *next = block->next;
        pn_free(block);
        block = next;
    }
}

void
pn_arena_free(struct pn_arena *arena)
{
    if (!arena)
        return;
    blocks_free(arena->newest, NULL);
    pn_free(arena);
}

static struct block *
block_add(struct pn_arena *arena, size_t size)
{
    size_t want = arena->newest->size;
    struct block *block;

    if (want < LARGEST_BLOCK)
        want *= 2;
    block = block_new(size > want ? size : want);
    if (!block)
        return NULL;
    block->next = arena->newest;
    arena->newest = block;
    return block;
}

void *
pn_arena_zalloc(struct pn_arena *arena, size_t size)
{
    const size_t unit = alignof(max_align_t);
    struct block *block = arena->newest;
    size_t rounded;
    void *object;

    if (!pn_size_add(size, unit - 1, &rounded)) {
        arena->failed = true;
        return NULL;
    }
    rounded -= rounded % unit;
    if (rounded > block->size - block->used)
        block = block_add(arena, rounded);
    if (!block) {
        arena->failed = true;
        return NULL;
    }
    object = block->bytes + block->used;
    block->used += rounded;
    memset(object, 0, size);
    return object;
}

void
pn_arena_clear(struct pn_arena *arena)
{
    if (arena->newest != arena->first) {
        blocks_free(arena->newest, arena->first);
        arena->newest = arena->first;
    }
    arena->first->used = 0;
}

bool
pn_arena_failed(const struct pn_arena *arena)
{
    return arena->failed;
}
