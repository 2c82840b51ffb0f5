/* grammar/parse, build and tree: the whole tree, and the stream */
#include "tests/support/harness.h"

#include <stdlib.h>

#include "grammar/parse.h"

static const char text[] = "# c\n10.:allow,A=\"b\",C=/d/\nskipped\nbad:line\n:deny\n"
                           "x:allow,Y\nz:deny";

static const struct {
    enum pn_node_kind kind;
    enum pn_action action;
    const char *token; /* the bytes of the token that names it */
    size_t children;
} statements[] = {
    { PN_NODE_RULE, PN_ALLOW, "10.:", 2 },
    { PN_NODE_SKIPPED, PN_ALLOW, "skipped", 0 },
    { PN_NODE_ERROR, PN_ALLOW, "bad:line", 0 },
    { PN_NODE_RULE, PN_DENY, ":", 0 },
    { PN_NODE_ERROR, PN_ALLOW, "x:", 0 },
    { PN_NODE_RULE, PN_DENY, "z:", 0 },
};

static void
check_statement(const struct pn_tree *tree, const struct pn_node *node, size_t number)
{
    struct pn_str token =
        pn_source_slice(tree->source, pn_token_span(tree->tokens[node->token]));
    size_t children = 0;

    for (const struct pn_node *n = node->children.head; n; n = n->next)
        children++;
    if (node->kind != statements[number].kind ||
        node->action != statements[number].action ||
        children != statements[number].children)
        fail_msg("statement %zu: kind %d, %zu children", number, node->kind, children);
    if (node->kind != PN_NODE_ERROR) {
        assert_int_equal(token.len, strlen(statements[number].token));
        assert_memory_equal(token.ptr, statements[number].token, token.len);
    }
}

static void
a_tree_holds_every_statement_though_some_are_wrong(void **state)
{
    struct pn_diags diags = { .limit = PN_DIAGS_LIMIT };
    struct pn_arena *arena = pn_arena_new();
    struct pn_source source;
    struct pn_tree tree;
    size_t count = 0;

    (void)state;
    assert_true(pn_source_from_text(&source, "s", PN_STR(text)));
    assert_true(pn_parse_tree(&source, PN_CLASSIC, &diags, arena, &tree));
    for (struct pn_node *n = tree.file->children.head; n; n = n->next)
        check_statement(&tree, n, count++);
    assert_int_equal(count, PN_COUNT_OF(statements));
    assert_int_equal(diags.total, 2);
    assert_int_equal(diags.items[0].id, PN_DIAG_NO_VERDICT);
    assert_int_equal(diags.items[1].id, PN_DIAG_NO_EQUALS_SIGN);
    free(tree.tokens);
    pn_arena_free(arena);
    pn_source_clear(&source);
    pn_diags_clear(&diags);
}

static bool
take(void *payload, const struct pn_tree *tree, const struct pn_node *statement)
{
    size_t *count = payload;

    check_statement(tree, statement, (*count)++);
    return *count < 4;
}

static void
a_stream_gives_the_same_statements_until_it_is_stopped(void **state)
{
    struct pn_diags diags = { .limit = PN_DIAGS_LIMIT };
    struct pn_source source;
    size_t count = 0;

    (void)state;
    assert_true(pn_source_from_text(&source, "s", PN_STR(text)));
    assert_false(pn_parse_stream(&source, PN_CLASSIC, &diags, take, &count));
    assert_int_equal(count, 4);
    assert_int_equal(diags.total, 1);
    pn_source_clear(&source);
    pn_diags_clear(&diags);
}

static void
names_and_values_lose_their_marks(void **state)
{
    struct pn_diags diags = { .limit = PN_DIAGS_LIMIT };
    struct pn_arena *arena = pn_arena_new();
    const struct pn_node *rule, *last;
    struct pn_source source;
    struct pn_tree tree;
    struct pn_span span;

    (void)state;
    assert_true(pn_source_from_text(&source, "s", PN_STR(text)));
    assert_true(pn_parse_tree(&source, PN_CLASSIC, &diags, arena, &tree));
    rule = tree.file->children.head;
    last = rule->children.tail;
    assert_int_equal(pn_tree_key(&tree, rule).len, 3);
    assert_memory_equal(pn_tree_name(&tree, last).ptr, "C", 1);
    assert_int_equal(pn_tree_name(&tree, last).len, 1);
    assert_memory_equal(pn_tree_value(&tree, last).ptr, "d", 1);
    assert_int_equal(pn_tree_value(&tree, last).len, 1);
    span = pn_tree_span(&tree, rule->range);
    assert_int_equal(span.offset, 4);
    assert_int_equal(span.size, sizeof("10.:allow,A=\"b\",C=/d/\n") - 1);
    free(tree.tokens);
    pn_arena_free(arena);
    pn_source_clear(&source);
    pn_diags_clear(&diags);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tree_holds_every_statement_though_some_are_wrong),
        cmocka_unit_test(a_stream_gives_the_same_statements_until_it_is_stopped),
        cmocka_unit_test(names_and_values_lose_their_marks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
