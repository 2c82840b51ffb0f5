/* Parses each file that it is given: for the coverage of the grammar. */
#include <stdio.h>
#include <stdlib.h>

#include "compiler/unit.h"
#include "grammar/parse.h"

static bool
file_parse(const char *name)
{
    struct pn_diags diags = { .limit = PN_DIAGS_LIMIT };
    struct pn_arena *arena = pn_arena_new();
    struct pn_tree tree = { 0 };
    struct pn_source source;
    bool good;

    if (!arena || !pn_read_file(NULL, name, PN_SOURCE_SIZE_MAX, &source)) {
        pn_arena_free(arena);
        return false;
    }
    good = pn_parse_tree(&source, pn_dialect_of(&source, NULL), &diags, arena, &tree);
    free(tree.tokens);
    pn_arena_free(arena);
    pn_diags_clear(&diags);
    pn_source_clear(&source);
    return good;
}

int
main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (!file_parse(argv[i])) {
            perror(argv[i]);
            return 1;
        }
    return 0;
}
