/*
 * What a verb prints is JSON for programs already: it becomes the answer as it is, but
 * for what is too long and for bytes that are no UTF-8. Words of files stand in it as
 * values of members, and in no sentence of ours.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/sizes.h"
#include "mcp/job.h"
#include "rpc/json.h"
#include "rpc/message.h"

enum { SAID_LINES = 40, ESCAPE = 6 };

json_t *
pn_mcp_error(const struct pn_mcp_fault *fault)
{
    json_t *inner =
        json_pack("{s:s, s:s}", "reason", fault->reason, "message", fault->message);
    bool good = inner != NULL;

    if (good && fault->place[0])
        good = pn_json_set(inner, "at", pn_json_words(fault->place));
    if (good && fault->near)
        good = pn_json_set(inner, "near", pn_json_words(fault->near));
    if (good && fault->send)
        good =
            pn_json_set(inner, "send", json_loads(fault->send, JSON_DECODE_ANY, NULL));
    if (good)
        return json_pack("{s:o}", "error", inner);
    json_decref(inner);
    return NULL;
}

json_t *
pn_mcp_rpc_error(const struct pn_mcp_fault *fault)
{
    bool is_missing = strcmp(fault->reason, "not-found") == 0 ||
                      strcmp(fault->reason, "outside") == 0;

    return json_pack("{s:i, s:s, s:{s:s}}", "code",
                     is_missing ? (int)PN_RPC_NOT_INITIALIZED : /* the same number */
                         (int)PN_RPC_INTERNAL_ERROR,
                     "message", fault->message, "data", "reason", fault->reason);
}

json_t *
pn_mcp_result(json_t *answer, bool is_error)
{
    char *text = answer ? json_dumps(answer, JSON_COMPACT) : NULL;
    json_t *result = NULL;

    if (text)
        result =
            json_pack("{s:[{s:s, s:s}], s:O, s:b}", "content", "type", "text", "text",
                      text, "structuredContent", answer, "isError", (int)is_error);
    free(text);
    json_decref(answer);
    return result;
}

/*
 * Bytes that are no UTF-8 are lone surrogates in what verbs print, which is no text for
 * most of those that read JSON: here each is U+FFFD.
 */
static void
surrogates_mend(struct pn_buffer *text)
{
    bool quoted = false;

    for (size_t i = 0; i < text->size; i++) {
        char *at = text->bytes + i;

        if (!quoted || *at != '\\') {
            quoted ^= *at == '"';
            continue;
        }
        if (text->size - i >= ESCAPE && memcmp(at, "\\udc", 4) == 0)
            memcpy(at, "\\ufffd", ESCAPE);
        i++;
    }
}

static json_t *
object_read(struct pn_str text)
{
    return json_loadb(text.len ? text.ptr : "", text.len, JSON_ALLOW_NUL, NULL);
}

/* The lines of a text as a list; what is no object in it makes it NULL. */
static json_t *
lines_read(struct pn_str text)
{
    json_t *list = json_array();

    while (list && text.ptr && text.len) {
        struct pn_str line = pn_str_cut(&text, '\n');

        if (line.len && !pn_json_add(list, object_read(line))) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

/*
 * Lines of other kinds than those of the list are members of their own: coverage and
 * mutation are one each, mutants several.
 */
static bool
kinds_part(json_t *made, const char *list)
{
    json_t *lines = json_object_get(made, list), *mutants = json_array(), *line;
    bool good = mutants != NULL;
    size_t i = 0;

    while (good && (line = json_array_get(lines, i))) {
        const char *kind = json_string_value(json_object_get(line, "kind"));

        if (!kind || strcmp(kind, "expect") == 0 || strcmp(kind, "always") == 0) {
            i++;
            continue;
        }
        good = (strcmp(kind, "mutant") == 0
                    ? pn_json_add(mutants, json_incref(line))
                    : pn_json_set(made, kind, json_incref(line))) &&
               json_array_remove(lines, i) == 0;
    }
    if (good && json_array_size(mutants))
        good = pn_json_set(made, "mutants", json_incref(mutants));
    json_decref(mutants);
    return good;
}

/* Many clients are answered a line each, whatever the shape of one answer. */
static json_t *
printed_read(const struct pn_mcp_job *job, struct pn_str text)
{
    const struct pn_mcp_tool *tool = job->tool;
    json_t *read, *wrapped;

    if (tool->shape == PN_MCP_LINES || job->clients) {
        read = lines_read(text);
        if (!read) /* in the place of lines: why there are none */
            return object_read(text);
        wrapped = json_pack("{s:o}", tool->list, read);
        if (!wrapped || job->clients || kinds_part(wrapped, tool->list))
            return wrapped;
        json_decref(wrapped);
        return NULL;
    }
    read = object_read(text);
    if (!read || tool->shape != PN_MCP_DECISION || !json_object_get(read, "verdict"))
        return read;
    wrapped = json_pack("{s:o}", "decision", read);
    return wrapped;
}

/* What is cut when it is long. Patterns of hosts and idents are not: of these, a part
 * means something else. */
static bool
is_cut(const char *name)
{
    static const char *const lists[] = { "addresses", "answers", "claims",
                                         "findings",  "mutants", "outcomes",
                                         "proposals", "regions", "related",
                                         "results" };

    for (size_t i = 0; i < PN_COUNT_OF(lists); i++)
        if (strcmp(name, lists[i]) == 0)
            return true;
    return false;
}

/* Cuts lists down to a limit; what is left out is counted by the lists' names. */
static bool
cut(json_t *value, size_t limit, json_t *omitted)
{
    const char *name;
    json_t *member;
    size_t i;
    void *next;

    json_array_foreach(value, i, member) if (!cut(member, limit, omitted)) return false;
    json_object_foreach_safe(value, next, name, member)
    {
        size_t count = json_array_size(member);

        if (count > limit && is_cut(name)) {
            json_int_t before = json_integer_value(json_object_get(omitted, name));

            if (!pn_json_set(omitted, name,
                             json_integer(before + (json_int_t)(count - limit))))
                return false;
            while (json_array_size(member) > limit)
                (void)json_array_remove(member, json_array_size(member) - 1);
        }
        if (!cut(member, limit, omitted))
            return false;
    }
    return true;
}

/* What stands on standard error: warnings and notes, or why there is no answer. */
static json_t *
said_make(const struct pn_buffer *err)
{
    struct pn_str rest = pn_str_of(err);
    json_t *lines = json_array();

    while (lines && rest.ptr && rest.len && json_array_size(lines) < SAID_LINES) {
        struct pn_str line = pn_str_cut(&rest, '\n');

        if (line.len && !pn_json_add(lines, pn_json_text(line))) {
            json_decref(lines);
            return NULL;
        }
    }
    return lines;
}

/* Has the verb said that the kernel gave no more? What the budget of base/memory.c has
 * not counted, the limit of the process has. */
static bool
lacked_memory(const struct pn_buffer *err)
{
    struct pn_str rest = pn_str_of(err), why = pn_str_of_text(strerror(ENOMEM));

    while (rest.ptr && rest.len) {
        struct pn_str line = pn_str_cut(&rest, '\n');

        if (line.len >= why.len &&
            pn_str_equal(pn_str_from(line, line.len - why.len), why))
            return true;
    }
    return false;
}

/* Why a verb did not answer, by what it printed and how it ended. */
static struct pn_mcp_fault
fault_of(const json_t *printed, const struct pn_mcp_printed *by_verb)
{
    const json_t *first = json_array_get(json_object_get(printed, "results"), 0);
    const char *reason = json_string_value(json_object_get(printed, "reason"));

    if (!reason)
        reason = json_string_value(json_object_get(first, "reason"));
    if (reason && strcmp(reason, "too-much") == 0)
        return (struct pn_mcp_fault){
            .reason = "too-much",
            .message = "this is too much to compare: ask of a smaller policy"
        };
    if (json_array_size(json_object_get(printed, "findings")) ||
        json_object_get(first, "error"))
        return (struct pn_mcp_fault){ .reason = "does-not-compile",
                                      .message = "a policy does not compile: lint has "
                                                 "what is wrong with it" };
    if (by_verb->status == 2)
        return (struct pn_mcp_fault){ .reason = "refused",
                                      .message = "this cannot be answered: `said` has "
                                                 "what the verb says of it" };
    if (lacked_memory(&by_verb->err))
        return (struct pn_mcp_fault){ .reason = "memory", .message = PN_MCP_NO_MEMORY };
    return (struct pn_mcp_fault){ .reason = "system",
                                  .message = "the system refused: `said` has what the "
                                             "verb says of it" };
}

/* An error, with what the verb printed as values of its members. */
static json_t *
refusal_make(const json_t *printed, const struct pn_mcp_printed *by_verb)
{
    struct pn_mcp_fault fault = fault_of(printed, by_verb);
    json_t *made = pn_mcp_error(&fault), *inner = json_object_get(made, "error");
    json_t *findings = json_object_get(printed, "findings"),
           *said = said_make(&by_verb->err);
    bool good = made && said;

    if (good && json_array_size(findings))
        good = pn_json_set(inner, "findings", json_incref(findings));
    if (good && json_array_size(said))
        good = pn_json_set(inner, "said", json_incref(said));
    json_decref(said);
    if (good)
        return made;
    json_decref(made);
    return NULL;
}

static bool
is_answer(const struct pn_mcp_job *job, const json_t *printed, int status)
{
    if (!printed)
        return false;
    if (status == 2 && job->tool->answers_faults)
        return json_array_size(json_object_get(printed, "findings")) > 0;
    /* a client among many that is none has an error in its place */
    return status == 0 || status == 1 ||
           (status == 2 && job->clients &&
            json_array_size(json_object_get(printed, job->tool->list)) ==
                json_array_size(job->clients));
}

/* A member becomes one of `said`: a sentence that may have words of the file in it. */
static bool
said_move(json_t *finding, json_t *said, const char *name)
{
    json_t *value = json_object_get(finding, name);

    return !value || (pn_json_set(said, name, json_incref(value)) &&
                      json_object_del(finding, name) == 0);
}

/*
 * The message of a finding is what its kind has in general; what is said of this very
 * place, which may quote it, is apart.
 */
static bool
finding_part(const struct pn_mcp_host *host, json_t *finding)
{
    static const char *const quoting[] = { "help", "note", "answer" };
    const char *kind = json_string_value(json_object_get(finding, "kind")),
               *name = json_string_value(json_object_get(finding, "name")),
               *text = host->text_of(host->payload, kind   ? kind
                                                    : name ? name
                                                           : "");
    const char *message = json_string_value(json_object_get(finding, "message"));
    json_t *said = json_object();
    bool good = said != NULL;

    if (good && (!text || !message || strcmp(text, message) != 0))
        good = said_move(finding, said, "message") &&
               pn_json_set(finding, "message",
                           pn_json_words(text ? text : "a finding of this kind"));
    for (size_t i = 0; i < PN_COUNT_OF(quoting) && good; i++)
        good = said_move(finding, said, quoting[i]);
    if (good && json_object_size(said))
        good = pn_json_set(finding, "said", json_incref(said));
    json_decref(said);
    return good;
}

static bool
findings_part(const struct pn_mcp_host *host, const json_t *printed)
{
    json_t *finding;
    size_t i;

    json_array_foreach(json_object_get(printed, "findings"), i,
                       finding) if (json_object_get(finding, "file") &&
                                    !finding_part(host, finding)) return false;
    return true;
}

/* Lists are cut, and what is said besides stands with them. */
static bool
answer_finish(const struct pn_mcp_job *job, json_t *answer, const struct pn_buffer *err,
              bool is_error)
{
    json_t *omitted = json_object(), *said = said_make(err);
    bool good = omitted && said && cut(answer, job->limit, omitted);

    if (good && json_object_size(omitted))
        good = pn_json_set(answer, "omitted", json_incref(omitted));
    if (good && !is_error && json_array_size(said))
        good = pn_json_set(answer, "said", json_incref(said));
    json_decref(said);
    json_decref(omitted);
    return good;
}

json_t *
pn_mcp_answer(const struct pn_mcp_host *host, const struct pn_mcp_job *job,
              const struct pn_mcp_printed *by_verb, bool *is_error)
{
    struct pn_buffer text = { 0 };
    json_t *printed, *answer;

    pn_buffer_add_str(&text, pn_str_of(&by_verb->out));
    surrogates_mend(&text);
    printed = text.failed ? NULL : printed_read(job, pn_str_of(&text));
    pn_buffer_free(&text);
    *is_error = !is_answer(job, printed, by_verb->status);
    if (!findings_part(host, printed))
        answer = NULL;
    else if (*is_error)
        answer = refusal_make(printed, by_verb);
    else
        answer = json_incref(printed);
    json_decref(printed);
    if (answer && answer_finish(job, answer, &by_verb->err, *is_error))
        return answer;
    json_decref(answer);
    return NULL;
}
