/* What the thing under the pointer is, in numbers that a person can read. */
#include <string.h>

#include "analysis/lint/variables.h"
#include "base/ascii.h"
#include "compiler/number_text.h"
#include "compiler/query_text.h"
#include "grammar/parser.h"
#include "lsp/asked.h"
#include "lsp/names.h"
#include "lsp/root.h"
#include "lsp/terms.h"

/* So many others are told of, and sets of more parts are not looked through. */
enum { OTHERS_MAX = 5, PARTS_MAX = 4096 };

/* A hover at work. */
struct hover {
    struct pn_lsp *server;
    struct pn_rpc_call *call;
    struct pn_cursor cursor;
    struct pn_lsp_root *root;
    uint32_t file; /* of the document in the unit */
    struct pn_buffer text;
};

/* The number of the document among the files of the unit; false when it is none. */
static bool
file_find(struct hover *hover)
{
    const struct pn_unit *unit = &hover->root->loaded.unit;

    for (uint32_t i = 0; i < unit->count; i++)
        if (pn_documents_at(&hover->server->documents, unit->files[i]->source.name) ==
            hover->cursor.document) {
            hover->file = i;
            return true;
        }
    return false;
}

static const struct pn_fact *
fact_at(const struct hover *hover, uint32_t *item)
{
    const struct pn_facts *facts = &hover->root->facts;

    for (*item = 0; *item < facts->count; (*item)++) {
        const struct pn_fact *fact = &facts->items[*item];

        if (fact->file == hover->file && fact->span.offset <= hover->cursor.offset &&
            hover->cursor.offset <= fact->span.offset + fact->span.size)
            return fact;
    }
    return NULL;
}

/* The addresses that an item names: how many, and as a set if these are few. */
static bool
covered(const struct hover *hover, uint32_t item, pn_number *size,
        struct pn_address_set *set)
{
    const struct pn_space *space = &hover->root->loaded.policy.space;
    size_t parts = 0;
    bool good = true;

    *size = 0;
    for (size_t g = 0; g < space->group_count; g++)
        for (unsigned f = 0; f < PN_FAMILIES; f++) {
            const struct pn_prefixes *list = &space->groups[g].prefixes[f];
            uint8_t family = pn_family_at(f);

            for (size_t i = 0; i < list->count; i++) {
                const struct pn_prefix *prefix = &list->items[i];
                pn_number last = pn_prefix_last(prefix, family);

                if (prefix->rule != item)
                    continue;
                *size += last - prefix->start + 1;
                if (++parts <= PARTS_MAX)
                    good = good &&
                           pn_intervals_add(&set->families[f], prefix->start, last);
            }
        }
    pn_address_set_finish(set);
    return good && parts && parts <= PARTS_MAX;
}

/* One that takes a part of what an item covers: a line for it. */
static void
other_write(struct hover *hover, const struct pn_blocks *blocks,
            const struct pn_block *block, const struct pn_answer *answer)
{
    struct postern_query witness = pn_block_witness(blocks, block);
    struct pn_buffer *out = &hover->text;

    pn_buffer_add_text(out, "- ");
    pn_number_write_people(out, pn_block_size(blocks, block));
    if (answer->decision.rule == POSTERN_RULE_NONE || answer->nobody)
        pn_buffer_add_text(out, " by no rule");
    else {
        pn_buffer_add_text(out, " by `");
        pn_buffer_add(out, answer->target.ptr, answer->target.len);
        pn_buffer_add_format(out, "`, line %zu", answer->line);
    }
    pn_buffer_add_text(out, ", for one `");
    pn_query_write(out, &witness);
    pn_buffer_add_text(out, "`: ");
    pn_buffer_add_text(out, answer->decision.verdict == POSTERN_ALLOW ? "allow\n"
                                                                      : "deny\n");
}

static bool
is_same_file(const struct hover *hover, struct postern_str name)
{
    const char *ours = pn_unit_source(&hover->root->loaded.unit, hover->file)->name;

    return name.len == strlen(ours) && memcmp(name.ptr, ours, name.len) == 0;
}

/* Who decides what an item covers, besides itself, for clients without a host, who
 * answer its ident where it has one. */
static void
others_write(struct hover *hover, const struct pn_fact *fact,
             const struct pn_address_set *within)
{
    struct pn_asked *asked = pn_asked_decoded(hover->server, hover->root, NULL);
    struct pn_work work = pn_work_for(hover->root->source.size);
    struct pn_blocks blocks = { 0 };
    struct pn_regions regions = { .side_count = 1,
                                  .within = within,
                                  .host = PN_ASK_NONE,
                                  .ident = PN_ASK_NONE,
                                  .work = &work };
    size_t line =
        pn_source_position(pn_unit_source(&hover->root->loaded.unit, hover->file),
                           fact->statement)
            .line;
    size_t told = 0;

    if (!asked)
        return;
    if (fact->ident_size) { /* its clients are those who answer it */
        regions.ident = PN_ASK_GIVEN;
        regions.given_ident =
            (struct pn_str){ hover->root->facts.text.bytes + fact->ident,
                             fact->ident_size };
    }
    regions.sides[0] = (struct pn_side){ asked->file.rules, &asked->decoded,
                                         pn_rules_file_statement, &asked->file };
    if (pn_blocks_collect(&blocks, &regions) == POSTERN_OK)
        for (size_t i = 0; i < blocks.count && told < OTHERS_MAX; i++) {
            struct postern_query witness = pn_block_witness(&blocks, &blocks.items[i]);
            struct pn_answer answer;

            if (!pn_asked_decide(asked, &witness, NULL, NULL, &answer) ||
                (answer.line == line && is_same_file(hover, answer.file)))
                continue;
            if (!told++)
                pn_buffer_add_text(&hover->text, "\nThe rest is decided\n\n");
            other_write(hover, &blocks, &blocks.items[i], &answer);
        }
    pn_blocks_clear(&blocks);
    pn_regions_clear(&regions);
}

/* What a target of a rule covers, how much of it it decides, and a client of it. */
static void
target_write(struct hover *hover)
{
    struct pn_address_set within = { 0 };
    struct pn_buffer *out = &hover->text;
    uint32_t item;
    const struct pn_fact *fact = fact_at(hover, &item);
    pn_number size;
    bool is_small;

    if (!fact)
        return;
    is_small = covered(hover, item, &size, &within);
    if (fact->has_addresses) {
        pn_buffer_add_text(out, "Covers ");
        pn_number_write_people(out, size);
        pn_buffer_add_format(out, " address%s, ", size == 1 ? "" : "es");
        (void)pn_decides_write(out, fact->decided);
        pn_buffer_add_text(out, ".\n");
    } else if (fact->is_default)
        pn_buffer_add_text(out, "Decides what no other rule does.\n");
    if (!fact->is_live)
        pn_buffer_add_text(out, "\nIt decides nobody.\n");
    if (fact->query) {
        pn_buffer_add_text(out, "\nA client of it: `");
        pn_buffer_add_text(out, hover->root->facts.text.bytes + fact->query);
        pn_buffer_add_text(out, "`\n");
    }
    if (fact->has_addresses && is_small && fact->decided != size)
        others_write(hover, fact, &within);
    for (unsigned f = 0; f < PN_FAMILIES; f++)
        pn_intervals_clear(&within.families[f]);
}

/* Lists that a definition names. */
static void
lists_write(struct hover *hover, const struct pn_definition *definition)
{
    const struct pn_lists *lists = &hover->root->loaded.policy.names.lists;

    for (const struct pn_node *node = definition->node->children.head; node;
         node = node->next)
        for (size_t i = 0; i < lists->use_count; i++)
            if (lists->uses[i].node == node) {
                const struct pn_list_file *list = &lists->items[lists->uses[i].list];
                const char *slash = strrchr(list->path, '/');

                pn_buffer_add_text(&hover->text, "\n- list `");
                pn_buffer_add_text(&hover->text, slash ? slash + 1 : list->path);
                pn_buffer_add_text(&hover->text, "`: ");
                pn_number_write(&hover->text, list->covered);
                pn_buffer_add_format(&hover->text, " entr%s\n",
                                     list->covered == 1 ? "y" : "ies");
            }
}

/* The size of a set in elements and addresses. */
static void
set_write(struct hover *hover, const struct pn_definition *definition)
{
    struct pn_names *names = &hover->root->loaded.policy.names;
    struct pn_address_set set = { 0 };
    struct pn_buffer *out = &hover->text;
    size_t hosts = 0;

    if (definition->state != PN_NAME_DONE) {
        pn_buffer_add_text(out, "No rule names it.\n");
        return;
    }
    for (size_t i = 0; i < definition->elements.count; i++)
        hosts +=
            !pn_element_collect(&definition->elements.items[i], &names->pool, &set);
    pn_address_set_finish(&set);
    pn_number_write_people(out, pn_intervals_size(&set.families[PN_V4]));
    pn_buffer_add_text(out, " addresses of IPv4, ");
    pn_number_write_people(out, pn_intervals_size(&set.families[PN_V6]));
    pn_buffer_add_format(out, " of IPv6, %zu host%s.\n", hosts, pn_plural(hosts));
    for (unsigned f = 0; f < PN_FAMILIES; f++)
        pn_intervals_clear(&set.families[f]);
}

/* A set or a group, as it is defined. */
static void
name_write(struct hover *hover, struct pn_str name)
{
    enum { SHOWN = 400 };
    const struct pn_definition *definition = pn_name_definition(hover->root, name);
    const struct pn_unit *unit = &hover->root->loaded.unit;
    struct pn_str text;

    if (!definition)
        return;
    text = pn_source_slice(
        pn_unit_source(unit, definition->file),
        pn_node_span(pn_unit_tree(unit, definition->file), definition->node));
    pn_buffer_add_text(&hover->text, "```postern\n");
    pn_buffer_add(&hover->text, text.ptr, text.len < SHOWN ? text.len : SHOWN);
    pn_buffer_add_text(&hover->text, text.len < SHOWN ? "\n```\n\n" : "...\n```\n\n");
    if (definition->node->kind == PN_NODE_SET) {
        set_write(hover, definition);
        lists_write(hover, definition);
        pn_buffer_add_text(&hover->text, "\n");
    }
}

/* What a variable does to a client. */
static void
variable_write(struct hover *hover, struct pn_str name)
{
    static const char *const effects[] = {
        [PN_EFFECT_UNKNOWN] = "A variable of the program that is started.",
        [PN_EFFECT_GRANTS] = "Set, the client may do more.",
        [PN_EFFECT_RESTRICTS] = "Set, the client may do less.",
        [PN_EFFECT_REFUSAL] =
            "Empty, the client is spared checks; with a text, it is refused.",
        [PN_EFFECT_CEILING] = "A maximum for the client; 0 is no limit.",
        [PN_EFFECT_BOUND] = "A maximum for the client.",
        [PN_EFFECT_REQUIREMENT] = "A number that makes it harder for the client.",
        [PN_EFFECT_NARROWS] = "The client may have these parts alone.",
        [PN_EFFECT_OTHER] = "It changes how the client is treated.",
        [PN_EFFECT_NOTHING] = "Other servers obey it; this one does not.",
    };

    pn_buffer_add_text(&hover->text, "`");
    pn_buffer_add_str(&hover->text, name);
    pn_buffer_add_format(&hover->text, "`: %s\n", effects[pn_variable_effect(name)]);
}

/* A code or a name of a finding in a comment: its page. */
static void
code_write(struct hover *hover)
{
    struct pn_str all = hover->cursor.view.text;
    uint32_t from = hover->cursor.offset, to = from;
    struct pn_str page;
    char word[64];

    while (from && (pn_is_letter(all.ptr[from - 1]) || pn_is_digit(all.ptr[from - 1]) ||
                    all.ptr[from - 1] == '-'))
        from--;
    while (to < all.len && (pn_is_letter(all.ptr[to]) || pn_is_digit(all.ptr[to]) ||
                            all.ptr[to] == '-'))
        to++;
    if (to == from || to - from >= sizeof(word))
        return;
    memcpy(word, all.ptr + from, to - from);
    word[to - from] = '\0';
    for (size_t c = 0; c < PN_CHECK_NONE; c++)
        if (strcmp(word, pn_check_info[c].name) == 0)
            memcpy(word, pn_check_info[c].code, strlen(pn_check_info[c].code) + 1);
    page = hover->server->host->page(hover->server->host->payload, word);
    if (page.ptr)
        pn_buffer_add_str(&hover->text, page);
}

static void
list_write(struct hover *hover)
{
    const struct pn_lists *lists = &hover->root->loaded.policy.names.lists;

    for (size_t i = 0; i < lists->use_count; i++) {
        const struct pn_list_use *use = &lists->uses[i];
        struct pn_span span =
            pn_node_span(pn_unit_tree(&hover->root->loaded.unit, use->file), use->node);

        if (use->file != hover->file || hover->cursor.offset < span.offset ||
            hover->cursor.offset > span.offset + span.size)
            continue;
        pn_number_write(&hover->text, lists->items[use->list].covered);
        pn_buffer_add_format(&hover->text, " entr%s in the list.\n\n",
                             lists->items[use->list].covered == 1 ? "y" : "ies");
        return;
    }
}

/* What stands at the token, as far as the policy knows. */
static void
token_write(struct hover *hover)
{
    const struct pn_tree *tree = &hover->cursor.document->tree;
    struct pn_token token = tree->tokens[hover->cursor.token];
    struct pn_str text = pn_token_text(tree, hover->cursor.token), name;
    struct pn_span span;

    if (token.kind == PN_TOK_SETTING || token.kind == PN_TOK_NAME) {
        size_t comma = token.kind == PN_TOK_NAME;

        if (text.len > comma + 1)
            variable_write(hover, pn_str_from(pn_str_to(text, text.len - 1), comma));
        return;
    }
    pn_term_write(&hover->text, text);
    hover->root = pn_lsp_root_for(hover->server, hover->cursor.document, hover->call);
    if (!hover->root || !file_find(hover))
        return;
    if (pn_name_at(&hover->cursor, &name, &span))
        name_write(hover, name);
    list_write(hover);
    target_write(hover);
}

void
pn_lsp_hover(void *payload, struct pn_rpc_call *call)
{
    struct pn_lsp *server = payload;
    struct hover hover = { .server = server, .call = call };

    if (!pn_cursor_read(payload, call, &hover.cursor))
        return;
    if (hover.cursor.token == PN_NO_TOKEN)
        code_write(&hover);
    else
        token_write(&hover);
    if (!call->code && hover.text.size && !hover.text.failed)
        call->result = json_pack("{s:{s:s, s:o}}", "contents", "kind",
                                 server->client.has_markdown ? "markdown" : "plaintext",
                                 "value", pn_json_text(pn_str_of(&hover.text)));
    if (call->code == PN_RPC_REQUEST_FAILED)
        call->code = 0; /* nothing is known of a file that nobody reads */
    pn_buffer_free(&hover.text);
}
