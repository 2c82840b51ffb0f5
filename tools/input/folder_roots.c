/* Includes as edges between files; what no other reaches is a root. */
#include "tools/input/folder_roots.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/intern.h"
#include "base/memory.h"
#include "base/vector.h"
#include "compiler/unit.h"
#include "tools/input/drafts.h"
#include "tools/test_name.h"

enum { SIZE_MOST = 1 << 24 }; /* a larger file is a root, and told of by its reader */

struct edge {
    uint32_t from, to;
};

struct graph {
    struct pn_intern places; /* of each file once, in the order of the names */
    struct edge *edges;
    size_t edge_count, edge_capacity;
    bool failed;
};

/* The number of the file that a path leads to, if it is one of the files. */
static bool
file_find(struct graph *g, const char *path, uint32_t *number)
{
    char *place = pn_drafts_place(path);
    bool found = place && pn_intern_find(&g->places, place, strlen(place), number);

    g->failed |= !place;
    free(place);
    return found;
}

static void
edge_add(struct graph *g, uint32_t from, const char *path)
{
    struct edge edge = { from, 0 };

    if (file_find(g, path, &edge.to) && edge.to != from)
        g->failed |= !pn_vector_add(&g->edges, &g->edge_count, &g->edge_capacity, &edge,
                                    sizeof(edge));
}

/* What a line includes: the name between its quotes; none for other lines. */
static struct pn_str
included(struct pn_str line)
{
    static const char word[] = "include";
    struct pn_str none = { NULL, 0 };
    char quote;

    while (line.len && strchr(" \t", line.ptr[0]))
        line = pn_str_from(line, 1);
    if (!pn_str_begins(line, word))
        return none;
    line = pn_str_from(line, sizeof(word) - 1);
    while (line.len && strchr(" \t", line.ptr[0]))
        line = pn_str_from(line, 1);
    if (!line.len || (line.ptr[0] != '"' && line.ptr[0] != '\''))
        return none;
    quote = line.ptr[0];
    line = pn_str_from(line, 1);
    return pn_str_has(line, quote) ? pn_str_cut(&line, quote) : none;
}

static void
include_add(struct graph *g, uint32_t number, const char *file, struct pn_str name)
{
    const char *slash = strrchr(file, '/');
    struct pn_buffer path = { 0 };

    if (slash && name.ptr[0] != '/')
        pn_buffer_add(&path, file, (size_t)(slash - file) + 1);
    pn_buffer_add_str(&path, name);
    pn_buffer_add(&path, "", 1);
    g->failed |= path.failed;
    if (!path.failed)
        edge_add(g, number, path.bytes);
    pn_buffer_free(&path);
}

static void
file_scan(struct graph *g, uint32_t number, const char *file)
{
    struct pn_source source;
    struct pn_str rest;
    uint32_t root;
    char *policy;

    if (pn_name_ends_in(file, PN_TESTS_END)) {
        policy = pn_name_renamed(file, PN_TESTS_END, PN_RULES_END);
        g->failed |= !policy;
        if (policy && file_find(g, policy, &root))
            edge_add(g, root, file); /* as if it included its tests */
        free(policy);
    }
    if (!pn_read_file(NULL, file, SIZE_MOST, &source))
        return;
    rest = (struct pn_str){ source.text, source.size };
    while (rest.len) {
        struct pn_str name = included(pn_str_cut(&rest, '\n'));

        if (name.len)
            include_add(g, number, file, name);
    }
    pn_source_clear(&source);
}

static int
by_from(const void *left, const void *right)
{
    const struct edge *a = left, *b = right;

    return (a->from > b->from) - (a->from < b->from);
}

/* Marks what a file reaches; the edges are sorted by where they begin. */
static void
reach(const struct graph *g, uint32_t number, bool *reached, uint32_t *stack)
{
    size_t depth = 0;

    stack[depth++] = number;
    while (depth) {
        const struct edge wanted = { stack[--depth], 0 };
        size_t at = pn_lower_bound(&wanted, g->edges, g->edge_count, sizeof(*g->edges),
                                   by_from);

        for (; at < g->edge_count && g->edges[at].from == wanted.from; at++)
            if (!reached[g->edges[at].to]) {
                reached[g->edges[at].to] = true;
                stack[depth++] = g->edges[at].to;
            }
    }
}

/* Which are roots: those that nothing includes, and of what is left, in rings, the
 * first. */
static void
roots_mark(const struct graph *g, bool *root, bool *reached, uint32_t *stack)
{
    size_t count = g->places.count;

    for (size_t i = 0; i < g->edge_count; i++)
        root[g->edges[i].to] = false;
    for (uint32_t i = 0; i < count; i++)
        if (root[i])
            reach(g, i, reached, stack);
    for (uint32_t i = 0; i < count; i++)
        if (!root[i] && !reached[i]) {
            root[i] = true;
            reach(g, i, reached, stack);
        }
}

/* Names of one file after another are one name. */
static bool
names_number(struct graph *g, char **names, size_t from, size_t *count)
{
    size_t kept = from;

    for (size_t i = from; i < *count; i++) {
        char *place = pn_drafts_place(names[i]);
        size_t before = g->places.count;
        uint32_t number;

        g->failed |=
            !place || !pn_intern_add(&g->places, place, strlen(place), &number);
        free(place);
        if (g->failed || g->places.count > before)
            names[kept++] = names[i];
        else
            free(names[i]);
    }
    *count = kept;
    return !g->failed;
}

bool
pn_roots_keep(char **names, size_t from, size_t *count)
{
    struct graph g = { 0 };
    bool good = names_number(&g, names, from, count);
    size_t files = *count - from, kept = from;
    bool *root = calloc(files + 1, sizeof(*root)),
         *reached = calloc(files + 1, sizeof(*reached));
    uint32_t *stack = calloc(files + 1, sizeof(*stack));

    good = good && root && reached && stack;
    for (size_t i = 0; i < files && good; i++) {
        root[i] = true;
        file_scan(&g, (uint32_t)i, names[from + i]);
    }
    good = good && !g.failed;
    if (good) {
        if (g.edge_count)
            qsort(g.edges, g.edge_count, sizeof(*g.edges), by_from);
        roots_mark(&g, root, reached, stack);
        for (size_t i = 0; i < files; i++)
            if (root[i])
                names[kept++] = names[from + i];
            else
                free(names[from + i]);
        *count = kept;
    }
    free(root);
    free(reached);
    free(stack);
    pn_free(g.edges);
    pn_intern_clear(&g.places);
    return good;
}
