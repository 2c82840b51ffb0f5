/* Makes nodes and lists of nodes, and the messages for tokens that fit nowhere. */
#include "grammar/build.h"

#include "base/buffer.h"
#include "base/sizes.h"
#include "base/vector.h"
#include "grammar/habits.h"
#include "grammar/mends.h"
#include "grammar/parser.h"

enum { MENDED_MAX = 256 }; /* each takes parses: a hostile file has a fault a line */

int
pn_build_token(struct pn_build *b, uint32_t *out)
{
    struct pn_tree *tree = &b->tree;

    if (tree->token_count == b->token_capacity &&
        !pn_vector_reserve(&tree->tokens, &b->token_capacity, tree->token_count + 1,
                           sizeof(*tree->tokens)))
        b->failed = true;
    if (b->failed || b->stopped) {
        *out = 0;
        return PN_TOK_END;
    }
    tree->tokens[tree->token_count] = pn_lexer_next(&b->lexer);
    *out = (uint32_t)tree->token_count++;
    return tree->tokens[*out].kind;
}

struct pn_list
pn_list_append(struct pn_list list, struct pn_node *node)
{
    if (!node) /* out of memory is remembered by the arena */
        return list;
    if (list.tail)
        list.tail->next = node;
    else
        list.head = node;
    list.tail = node;
    return list;
}

struct pn_node *
pn_build_leaf(struct pn_build *b, enum pn_node_kind kind, struct pn_range range)
{
    struct pn_node *node = pn_arena_zalloc(b->arena, sizeof(*node));

    if (!node)
        return NULL;
    node->kind = (uint8_t)kind;
    node->range = range;
    node->token = range.first;
    return node;
}

static struct pn_node *
leaf_of(struct pn_build *b, enum pn_node_kind kind, struct pn_range range,
        unsigned action)
{
    struct pn_node *node = pn_build_leaf(b, kind, range);

    if (node)
        node->action = (uint8_t)action;
    return node;
}

struct pn_node *
pn_build_list(struct pn_build *b, struct pn_range range)
{
    b->tree.has_bounds |= range.last > range.first + 1;
    return pn_build_leaf(b, PN_NODE_LIST, range);
}

struct pn_node *
pn_build_term(struct pn_build *b, struct pn_range range, enum pn_term term)
{
    return leaf_of(b, PN_NODE_TERM, range, term);
}

struct pn_node *
pn_build_verdict(struct pn_build *b, struct pn_range range, enum pn_action action)
{
    return leaf_of(b, PN_NODE_VERDICT, range, action);
}

struct pn_node *
pn_build_assume(struct pn_build *b, struct pn_range range, enum pn_assumption what)
{
    return leaf_of(b, PN_NODE_ASSUME, range, what);
}

struct pn_node *
pn_build_rule(struct pn_build *b, struct pn_range range, enum pn_action action,
              struct pn_list assigns)
{
    struct pn_node *rule = pn_build_leaf(b, PN_NODE_RULE, range);

    if (!rule)
        return NULL;
    rule->action = (uint8_t)action;
    rule->children.head = assigns.head;
    return rule;
}

static struct pn_list
join(struct pn_list front, struct pn_list back)
{
    if (!front.tail)
        return back;
    front.tail->next = back.head;
    front.tail = back.tail ? back.tail : front.tail;
    return front;
}

struct pn_node *
pn_build_policy_rule(struct pn_build *b, struct pn_range range, enum pn_action action,
                     struct pn_list targets, struct pn_list settings)
{
    return pn_build_rule(b, range, action, join(targets, settings));
}

struct pn_node *
pn_build_assertion(struct pn_build *b, enum pn_node_kind kind, struct pn_range range,
                   struct pn_list about, struct pn_list conditions)
{
    struct pn_node *node = pn_build_leaf(b, kind, range);

    if (node)
        node->children.head = join(about, conditions).head;
    return node;
}

struct pn_node *
pn_build_outside(struct pn_build *b, struct pn_range range, struct pn_list about,
                 struct pn_list conditions)
{
    struct pn_node *node =
        pn_build_assertion(b, PN_NODE_ALWAYS, range, about, conditions);

    if (node)
        node->action = 1;
    return node;
}

struct pn_node *
pn_build_named(struct pn_build *b, enum pn_node_kind kind, struct pn_range range,
               struct pn_list children)
{
    struct pn_node *node = pn_build_leaf(b, kind, range);

    if (!node)
        return NULL;
    node->token = range.first + 1;
    node->children.head = children.head;
    return node;
}

struct pn_node *
pn_build_broken(struct pn_build *b, struct pn_range range)
{
    return pn_build_named(b, PN_NODE_BROKEN, range, (struct pn_list){ NULL, NULL });
}

struct pn_node *
pn_build_except(struct pn_build *b, struct pn_range range, struct pn_list children)
{
    struct pn_node *node = pn_build_leaf(b, PN_NODE_EXCEPT, range);

    if (node)
        node->children.head = children.head;
    return node;
}

/* A statement read as a stream leaves nothing behind. */
static void
hand_over(struct pn_build *b, const struct pn_node *statement)
{
    if (pn_arena_failed(b->arena))
        b->failed = true;
    else if (!b->stopped && !b->take(b->payload, &b->tree, statement))
        b->stopped = true;
    pn_arena_clear(b->arena);
    b->tree.token_count = 0;
}

void
pn_build_statement(struct pn_build *b, struct pn_node *statement)
{
    if (b->take && statement)
        hand_over(b, statement);
    else if (b->tree.file) {
        b->statements = pn_list_append(b->statements, statement);
        b->tree.file->children.head = b->statements.head;
    }
}

/* The elements that stand before an offset: what follows was taken for some by mistake.
 */
static struct pn_list
elements_before(const struct pn_tree *tree, struct pn_list elements, uint32_t offset)
{
    struct pn_list before = { NULL, NULL };

    for (struct pn_node *n = elements.head, *next; n; n = next) {
        next = n->next;
        if (tree->tokens[n->range.first].offset >= offset)
            break;
        n->next = NULL;
        before = pn_list_append(before, n);
    }
    return before;
}

struct pn_list
pn_build_unclosed(struct pn_build *b, struct pn_range range, struct pn_list elements)
{
    struct pn_token token = b->tree.tokens[range.first];

    pn_diags_add(b->diags, PN_DIAG_NO_CLOSING_BRACE, b->tree.source,
                 pn_token_span(token));
    return elements_before(&b->tree, elements, token.offset);
}

/* The address, a blank, and the colon that it ends with. */
static void
fix_blank(struct pn_build *b, struct pn_diag *diag, struct pn_token token)
{
    struct pn_str word = pn_source_slice(b->tree.source, pn_token_span(token));
    struct pn_buffer text = { 0 };

    pn_buffer_add(&text, word.ptr, word.len - 1);
    pn_buffer_add_text(&text, " :");
    if (!text.failed)
        pn_diag_fix(b->diags, diag, b->tree.source, pn_token_span(token),
                    (struct pn_str){ text.bytes, text.size });
    b->failed |= text.failed;
    pn_buffer_free(&text);
}

/* Reports wrong line ends once for a file, not for each line. */
static bool
is_told(struct pn_build *b, enum pn_diag_id id)
{
    bool before = b->told_return;

    b->told_return |= id == PN_DIAG_CARRIAGE_RETURN;
    return before && id == PN_DIAG_CARRIAGE_RETURN;
}

/* Reports what was recognised; without an id of its own, as `id`. */
static void
habit_tell(struct pn_build *b, const struct pn_fault *fault, enum pn_diag_id id,
           const struct pn_habit *habit)
{
    struct pn_buffer words = { 0 };
    struct pn_diag *diag;
    bool own = habit->id != PN_DIAG_NONE;

    id = own ? habit->id : id;
    diag = pn_diags_add(b->diags, id, b->tree.source, own ? habit->at : fault->span);
    if (id == PN_DIAG_UNEXPECTED && diag) {
        if (!habit->message.size)
            pn_expected_text(fault, &words);
        pn_diag_say(b->diags, diag, pn_str_of(&words), pn_expected_help(fault));
    }
    if (habit->message.size || habit->help)
        pn_diag_say(b->diags, diag, pn_str_of(&habit->message),
                    habit->help ? habit->help : pn_expected_help(fault));
    if (habit->has_fix)
        pn_diag_fix(b->diags, diag, b->tree.source, habit->mended,
                    pn_str_of(&habit->fix));
    if (id == PN_DIAG_NO_BLANK)
        fix_blank(b, diag, b->tree.tokens[fault->token]);
    b->failed |= words.failed;
    pn_buffer_free(&words);
}

/* What a token of this kind that fits nowhere is by itself. */
static enum pn_diag_id
fault_id(int kind, bool classic)
{
    static const struct {
        int kind;
        enum pn_diag_id id;
    } faults[] = {
        { PN_TOK_NO_VERDICT, PN_DIAG_NO_VERDICT },
        { PN_TOK_NO_SIGN, PN_DIAG_NO_EQUALS_SIGN },
        { PN_TOK_NO_VALUE, PN_DIAG_NO_VALUE },
        { PN_TOK_NO_END_QUOTE, PN_DIAG_NO_END_QUOTE },
        { PN_TOK_NO_BLANK, PN_DIAG_NO_BLANK },
    };

    for (size_t i = 0; i < PN_COUNT_OF(faults); i++)
        if (faults[i].kind == kind)
            return faults[i].id;
    return classic ? PN_DIAG_NO_COMMA : PN_DIAG_UNEXPECTED;
}

void
pn_build_syntax_error(struct pn_build *b, struct pn_range range,
                      struct pn_expected expected)
{
    bool classic = b->lexer.mode < PN_LEX_EXTENDED_HEADER;
    struct pn_fault fault;
    struct pn_habit habit;
    enum pn_diag_id id;

    if (b->failed || b->stopped) /* the artificial end that stops the parser */
        return;
    b->faulty = true;
    fault = pn_fault_of(&b->tree, range.first, expected);
    id = fault_id(fault.kind, classic);
    if (!pn_habit_of(&fault, classic ? PN_CLASSIC : PN_EXTENDED, &habit) && !classic &&
        id == PN_DIAG_UNEXPECTED && pn_diags_has_room(b->diags) && b->trial &&
        b->mended++ < MENDED_MAX)
        pn_mend_find(&fault, b->trial, &habit);
    b->failed |= habit.fix.failed || habit.message.failed;
    if (!is_told(b, habit.id))
        habit_tell(b, &fault, id, &habit);
    pn_habit_clear(&habit);
}
