/*
 * Commands: what a client is answered, with the way to it, and whom a statement decides
 * for. They change nothing.
 */
#include <string.h>

#include "analysis/block_text.h"
#include "analysis/extent_text.h"
#include "base/sizes.h"
#include "compiler/query_text.h"
#include "lsp/asked.h"
#include "lsp/names.h"
#include "lsp/root.h"

enum { EXTENTS_MAX = 64, BLOCKS_MAX = 64, SAID_MAX = 300, INFO = 3 };

/* A command at work: its argument, and the policy that it is asked of. */
struct command {
    struct pn_lsp *server;
    struct pn_rpc_call *call;
    const json_t *argument;
    struct pn_document *document;
    struct pn_lsp_root *root;
    struct pn_asked *asked;
    struct pn_buffer said; /* what a person is shown, if they want it */
};

/* The document of the argument, with its root compiled. */
static bool
command_begin(struct command *command)
{
    struct pn_str uri = pn_json_read_text(json_object_get(command->argument, "uri"));

    command->document =
        uri.ptr ? pn_documents_find(&command->server->documents, uri) : NULL;
    if (!command->document) {
        pn_call_refuse(command->call, PN_RPC_INVALID_PARAMS,
                       "the uri of a document that is open is wanted");
        return false;
    }
    command->root = pn_lsp_root_for(command->server, command->document, command->call);
    command->asked =
        command->root ? pn_asked_decoded(command->server, command->root, command->call)
                      : NULL;
    return command->asked != NULL;
}

/* The client of an argument: in one text, or in parts. */
static bool
query_read(const struct command *command, struct pn_buffer *scratch,
           struct postern_query *out)
{
    struct pn_str client =
        pn_json_read_text(json_object_get(command->argument, "client"));
    struct pn_str address =
        pn_json_read_text(json_object_get(command->argument, "address"));
    struct pn_str host = pn_json_read_text(json_object_get(command->argument, "host"));
    struct pn_str ident =
        pn_json_read_text(json_object_get(command->argument, "ident"));
    bool good = client.ptr ? pn_client_read(client, scratch, out)
                           : address.ptr && postern_addr_parse(address.ptr, address.len,
                                                               &out->remote);

    if (host.ptr)
        out->host = (struct postern_str){ host.ptr, host.len };
    if (ident.ptr)
        out->ident = (struct postern_str){ ident.ptr, ident.len };
    if (!good)
        pn_call_refuse(command->call, PN_RPC_INVALID_PARAMS,
                       "a client is wanted: \"192.0.2.7 =mx.example.com\"");
    return good;
}

/* A postern_trace_fn whose payload is an array. */
static void
trace_take(void *payload, const struct postern_trace_event *event)
{
    (void)pn_json_add(
        payload,
        json_pack("{s:s, s:o, s:b, s:b}", "step", postern_step_text(event->step), "key",
                  pn_json_text((struct pn_str){ event->key.ptr, event->key.len }),
                  "identRule", (int)event->ident_rule, "found", (int)event->found));
}

/* A line of a file of the policy, without its end. */
static json_t *
line_location(const struct command *command, struct postern_str file, size_t line)
{
    struct pn_buffer name = { 0 };
    struct pn_lsp_view view;
    json_t *made = NULL;
    bool good;

    if (!file.ptr || !line)
        return NULL;
    pn_buffer_add(&name, file.ptr, file.len);
    pn_buffer_add(&name, "", 1);
    good = !name.failed &&
           pn_lsp_root_text(command->server, command->root, name.bytes, &view) &&
           line <= view.lines->count;
    if (good) {
        uint32_t from = view.lines->starts[line - 1], to = from;

        while (to < view.text.len && view.text.ptr[to] != '\n' &&
               view.text.ptr[to] != '\r')
            to++;
        made = json_pack("{s:o, s:o}", "uri", pn_lsp_uri(command->server, name.bytes),
                         "range",
                         pn_json_range(&view, (struct pn_span){ from, to - from }));
    }
    pn_buffer_free(&name);
    return made;
}

static void
place_add(json_t *result, const char *name, json_t *location)
{
    if (!location)
        return;
    (void)pn_json_add(json_object_get(result, "ranges"), json_incref(location));
    (void)pn_json_set(result, name, location);
}

/* The answer: in words, in parts, and where it comes from. */
static json_t *
answer_json(const struct command *command, const struct pn_answer *answer,
            const struct pn_buffer *words, json_t *trace)
{
    bool nobody = answer->decision.rule == POSTERN_RULE_NONE || answer->nobody;
    json_t *made =
        json_pack("{s:s, s:o, s:s, s:o, s:o}", "verdict",
                  answer->decision.verdict == POSTERN_ALLOW ? "allow" : "deny",
                  "answer", pn_json_text(pn_str_of(words)), "step",
                  postern_step_text(answer->decision.step), "trace", trace, "ranges",
                  json_array());

    if (made && !nobody) {
        if (answer->target.ptr)
            (void)pn_json_set(made, "target",
                              pn_json_text((struct pn_str){ answer->target.ptr,
                                                            answer->target.len }));
        place_add(made, "rule", line_location(command, answer->file, answer->line));
        if (answer->entry.ptr)
            place_add(made, "entry",
                      line_location(command, answer->list, answer->entry_line));
    }
    return made;
}

static void
check(struct command *command)
{
    struct postern_query query = POSTERN_QUERY_INIT;
    struct pn_buffer scratch = { 0 }, words = { 0 };
    struct pn_answer answer;
    json_t *trace = json_array();

    if (!query_read(command, &scratch, &query))
        json_decref(trace);
    else if (!trace ||
             !pn_asked_decide(command->asked, &query, trace_take, trace, &answer)) {
        json_decref(trace);
        pn_call_refuse(command->call, PN_RPC_REQUEST_FAILED,
                       "this client cannot be asked about: its host or ident is too "
                       "long, or there is no memory");
    } else {
        pn_answer_write(&words, &answer);
        command->call->result = answer_json(command, &answer, &words, trace);
        pn_query_write(&command->said, &query);
        pn_buffer_add_text(&command->said, ": ");
        pn_buffer_add_str(&command->said, pn_str_of(&words));
        if (answer.line)
            pn_buffer_add_format(&command->said, ", by line %zu", answer.line);
    }
    pn_buffer_free(&scratch);
    pn_buffer_free(&words);
}

/* The statement that is asked about. */
struct statement {
    const struct pn_rules_file *file;
    const char *name;
    size_t line;
};

/* A pn_class_fn: 1 for rules of the statement. */
static uint32_t
is_of(void *payload, uint32_t rule)
{
    const struct statement *statement = payload;
    struct pn_answer answer = { .decision = POSTERN_DECISION_INIT };

    answer.decision.rule = rule;
    return rule != POSTERN_RULE_NONE &&
           pn_rules_file_place(statement->file, &answer) == POSTERN_OK &&
           answer.line == statement->line &&
           answer.file.len == strlen(statement->name) &&
           memcmp(answer.file.ptr, statement->name, answer.file.len) == 0;
}

/* Patterns of hosts or idents as rules write them; NULL for everybody. */
static json_t *
patterns_json(const struct pn_blocks *blocks, const struct pn_patterns *patterns,
              bool is_ident)
{
    json_t *made = json_array();

    if (patterns->everything) {
        json_decref(made);
        return json_null();
    }
    for (size_t i = 0; i < patterns->count && i < EXTENTS_MAX; i++) {
        struct pn_buffer text = { 0 };

        pn_pattern_write(&text, blocks, &patterns->items[i], is_ident);
        if (!text.failed)
            (void)pn_json_add(made, pn_json_text(pn_str_of(&text)));
        pn_buffer_free(&text);
    }
    return made;
}

static json_t *
block_json(struct command *command, const struct pn_blocks *blocks,
           const struct pn_block *block)
{
    struct postern_query witness = pn_block_witness(blocks, block);
    struct pn_buffer text = { 0 }, one = { 0 }, count = { 0 };
    json_t *addresses = json_array(), *made;

    for (size_t i = 0; i < block->extent_count && i < EXTENTS_MAX; i++) {
        text.size = 0;
        pn_extent_write(&text, &block->extents[i]);
        (void)pn_json_add(addresses, pn_json_text(pn_str_of(&text)));
        if (command->said.size < SAID_MAX) {
            pn_buffer_add_text(&command->said, command->said.size ? ", " : "");
            pn_buffer_add_str(&command->said, pn_str_of(&text));
        }
    }
    pn_query_write(&one, &witness);
    pn_block_count_write(&count, blocks, block, "");
    made = json_pack("{s:o, s:o, s:o, s:o, s:o}", "addresses", addresses, "count",
                     pn_json_text(pn_str_of(&count)), "hosts",
                     patterns_json(blocks, &block->hosts, false), "idents",
                     patterns_json(blocks, &block->idents, true), "client",
                     pn_json_text(pn_str_of(&one)));
    pn_buffer_free(&text);
    pn_buffer_free(&one);
    pn_buffer_free(&count);
    return made;
}

static void
blocks_give(struct command *command, const struct pn_blocks *blocks)
{
    json_t *clients = json_array();

    for (size_t i = 0; i < blocks->count && json_array_size(clients) < BLOCKS_MAX; i++)
        if (blocks->items[i].class == 1)
            (void)pn_json_add(clients, block_json(command, blocks, &blocks->items[i]));
    command->call->result = json_pack("{s:o}", "clients", clients);
    if (!command->said.size)
        pn_buffer_add_text(&command->said, "nobody");
}

static void
who(struct command *command)
{
    struct pn_cursor cursor = { .document = command->document,
                                .view =
                                    pn_lsp_view(command->server, command->document) };
    struct statement statement = { &command->asked->file, command->document->path, 0 };
    struct pn_work work = pn_work_for(command->root->source.size);
    struct pn_blocks blocks = { 0 };
    struct pn_regions regions = {
        .sides = { { command->asked->file.rules, &command->asked->decoded, is_of,
                     &statement } },
        .side_count = 1,
        .host = PN_ASK_ALL,
        .ident = PN_ASK_ALL,
        .prefer_global = true,
        .work = &work,
    };
    const struct pn_node *node;
    struct pn_place place;

    if (!pn_json_read_place(json_object_get(command->argument, "position"), &place) ||
        !pn_document_parse(command->document)) {
        pn_call_refuse(command->call, PN_RPC_INVALID_PARAMS, "a position is wanted");
        return;
    }
    pn_cursor_move(&cursor, pn_lines_offset(cursor.view.lines, cursor.view.text,
                                            cursor.view.encoding, place));
    node = pn_cursor_statement(&cursor);
    if (node)
        statement.line =
            pn_source_position(&command->document->source,
                               pn_node_span(&command->document->tree, node).offset)
                .line;
    if (pn_blocks_collect(&blocks, &regions) == POSTERN_OK)
        blocks_give(command, &blocks);
    else
        pn_call_refuse(command->call, PN_RPC_REQUEST_FAILED,
                       "this is too much to ask, or there is no memory");
    pn_blocks_clear(&blocks);
    pn_regions_clear(&regions);
}

static const struct {
    const char *name;
    void (*run)(struct command *command);
} commands[] = { { "postern.check", check }, { "postern.who", who } };

/* A lens has no other way to show what it found. */
static void
show(struct command *command)
{
    if (command->said.failed || !command->said.size)
        return;
    pn_peer_notify(&command->server->peer, "window/showMessage",
                   json_pack("{s:i, s:o}", "type", INFO, "message",
                             pn_json_text(pn_str_of(&command->said))));
}

void
pn_lsp_command(void *payload, struct pn_rpc_call *call)
{
    struct pn_str name = pn_json_read_text(json_object_get(call->params, "command"));
    struct command command = { .server = payload,
                               .call = call,
                               .argument = json_array_get(
                                   json_object_get(call->params, "arguments"), 0) };

    for (size_t i = 0; name.ptr && i < PN_COUNT_OF(commands); i++)
        if (pn_str_is(name, commands[i].name)) {
            if (command_begin(&command))
                commands[i].run(&command);
            if (!call->code && pn_json_is_true(command.argument, "show"))
                show(&command);
            pn_buffer_free(&command.said);
            return;
        }
    pn_call_refuse(call, PN_RPC_INVALID_PARAMS,
                   "a command is wanted: postern.check, postern.who");
}
