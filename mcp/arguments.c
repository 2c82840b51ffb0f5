/* The arguments of a call become the words of a verb: nothing else is taken. */
#include <stdio.h>

#include "base/memory.h"
#include "base/nearest.h"
#include "base/sizes.h"
#include "base/vector.h"
#include "mcp/job.h"
#include "rpc/json.h"

enum { ITEMS_MAX = 10000, CODES_MAX = 40, LIMIT_MAX = 100000 };

/* A call that is being read. */
struct reading {
    struct pn_mcp_job *job;
    const struct pn_mcp_argument *argument;
    struct pn_mcp_fault *fault;
};

static bool
refuse(struct reading *r, const char *message)
{
    *r->fault = (struct pn_mcp_fault){ .reason = "bad-arguments",
                                       .message = message,
                                       .send = r->argument->example };
    (void)snprintf(r->fault->place, sizeof(r->fault->place), "%s", r->argument->name);
    return false;
}

static bool
refuse_at(struct reading *r, const char *member, const char *message)
{
    (void)refuse(r, message);
    (void)snprintf(r->fault->place, sizeof(r->fault->place), "%s.%s", r->argument->name,
                   member);
    return false;
}

/* Adds a word, which is taken over. */
static bool
word_give(struct pn_mcp_job *job, char *word)
{
    if (word && pn_vector_add(&job->words, &job->word_count, &job->word_capacity, &word,
                              sizeof(word)))
        return true;
    pn_free(word);
    job->failed = true;
    return true; /* that there is no memory is told once, in the end */
}

static bool
word_add(struct pn_mcp_job *job, const char *front, struct pn_str text)
{
    struct pn_buffer word = { 0 };

    pn_buffer_add_text(&word, front ? front : "");
    pn_buffer_add_str(&word, text);
    pn_buffer_add(&word, "", 1);
    if (word.failed)
        pn_buffer_free(&word);
    return word_give(job, word.bytes);
}

static bool
is_word(struct pn_str text)
{
    return text.ptr && text.len && !pn_str_has(text, '\0');
}

/* A path never is standard input. */
static bool
path_add(struct reading *r, struct pn_str path)
{
    struct pn_mcp_job *job = r->job;

    job->paths[job->path_count++] =
        (struct pn_mcp_path){ job->word_count, r->argument->name };
    return word_add(job, pn_str_is(path, "-") ? "./" : NULL, path);
}

static bool
text_add(struct reading *r, const json_t *value, struct pn_str name)
{
    struct pn_mcp_job *job = r->job;
    struct pn_mcp_text *text = &job->texts[job->text_count++];

    *text = (struct pn_mcp_text){ .value = value, .place = r->argument->name };
    text->name = pn_strndup(name.ptr, name.len);
    job->failed |= !text->name;
    return word_add(job, pn_str_is(name, "-") ? "./" : NULL, name);
}

static bool
policy_read(struct reading *r, const json_t *value)
{
    static const char *const members[] = { "path", "text", "name" };
    const json_t *text = json_object_get(value, "text");
    struct pn_str path = pn_json_read_text(json_object_get(value, "path")),
                  name = pn_json_read_text(json_object_get(value, "name"));
    char own[PN_MCP_PLACE_MAX];
    size_t known = 0;

    if (!json_is_object(value))
        return refuse(r, "a policy is an object: with a path, or with a text");
    for (size_t i = 0; i < PN_COUNT_OF(members); i++)
        known += json_object_get(value, members[i]) != NULL;
    if (known != json_object_size(value))
        return refuse(r, "a policy has the members path, or text and name; and no "
                         "other");
    if (!json_object_get(value, "path") == !text)
        return refuse(r, "a policy has either a path, or a text; and not both");
    if (text && !json_is_string(text))
        return refuse_at(r, "text", "this is a text: the policy itself");
    if (json_object_get(value, "path")) {
        if (json_object_get(value, "name"))
            return refuse_at(r, "name", "a name is for a text: a path has its own");
        if (!is_word(path))
            return refuse_at(r, "path",
                             "a path is a text without a NUL, and not empty");
        return path_add(r, path);
    }
    if (!json_object_get(value, "name")) {
        (void)snprintf(own, sizeof(own), "%s.rules", r->argument->name);
        return text_add(r, text, pn_str_of_text(own));
    }
    if (!is_word(name))
        return refuse_at(r, "name", "a name is a text without a NUL, and not empty");
    return text_add(r, text, name);
}

static bool
word_read(struct reading *r, const json_t *value)
{
    struct pn_str text = pn_json_read_text(value);

    if (!is_word(text))
        return refuse(r, "this is a text without a NUL, and not empty");
    return word_add(r->job, r->argument->option, text);
}

static bool
flag_read(struct reading *r, const json_t *value)
{
    if (!json_is_boolean(value))
        return refuse(r, "this is true or false");
    return json_is_false(value) || word_add(r->job, r->argument->option, PN_STR(""));
}

static bool
is_choice(const struct pn_mcp_argument *argument, const json_t *value)
{
    struct pn_str text = pn_json_read_text(value);

    for (const char *const *choice = argument->choices; *choice && text.ptr; choice++)
        if (pn_str_is(text, *choice))
            return true;
    return false;
}

static bool
choice_read(struct reading *r, const json_t *value)
{
    if (!is_choice(r->argument, value))
        return refuse(r, "this is none of the words that it may be");
    return word_add(r->job, r->argument->option, pn_json_read_text(value));
}

static bool
choices_read(struct reading *r, const json_t *value)
{
    struct pn_buffer joined = { 0 };
    const json_t *item;
    size_t i;
    bool good = json_is_array(value) && json_array_size(value) &&
                json_array_size(value) <= CODES_MAX;

    json_array_foreach(value, i, item)
    {
        good = good && is_choice(r->argument, item);
        if (!good)
            break;
        pn_buffer_add_text(&joined, i ? "," : "");
        pn_buffer_add_str(&joined, pn_json_read_text(item));
    }
    r->job->failed |= joined.failed;
    if (good)
        (void)word_add(r->job, r->argument->option, pn_str_of(&joined));
    pn_buffer_free(&joined);
    return good || refuse(r, "this is an array of the words that it may be, and not "
                             "empty");
}

static bool
words_read(struct reading *r, const json_t *value)
{
    const json_t *item;
    size_t i;

    if (!json_is_array(value) || json_array_size(value) > CODES_MAX)
        return refuse(r, "this is an array of texts, 40 at most");
    json_array_foreach(value, i, item)
    {
        if (!is_word(pn_json_read_text(item)))
            return refuse(r, "each of these is a text without a NUL, and not empty");
        (void)word_add(r->job, NULL, pn_json_read_text(item));
    }
    return true;
}

static bool
is_client(const json_t *value)
{
    static const char *const members[] = { "address", "host", "ident" };
    size_t count = 0;

    for (size_t i = 0; i < PN_COUNT_OF(members); i++) {
        const json_t *member = json_object_get(value, members[i]);

        if (member && !pn_json_read_text(member).ptr)
            return false;
        count += member != NULL;
    }
    return json_is_object(value) && json_object_get(value, "address") &&
           count == json_object_size(value);
}

static bool
clients_read(struct reading *r, const json_t *value)
{
    const json_t *item;
    size_t i;

    if (!json_is_array(value) || !json_array_size(value) ||
        json_array_size(value) > ITEMS_MAX)
        return refuse(r, "this is an array of clients, 10,000 at most, and not empty");
    json_array_foreach(value, i, item) if (!is_client(item)) return refuse(
        r, "a client is an object with an address, and perhaps a host "
           "and an ident, all texts");
    r->job->clients = value;
    return word_add(r->job, r->argument->option, PN_STR(""));
}

static bool
claims_read(struct reading *r, const json_t *value)
{
    const json_t *item;
    size_t i;

    if (!json_is_array(value) || !json_array_size(value) ||
        json_array_size(value) > ITEMS_MAX)
        return refuse(r, "this is an array of statements, and not empty");
    json_array_foreach(value, i, item) if (
        !is_word(
            pn_json_read_text(item))) return refuse(r, "each of these is a text "
                                                       "without a NUL, and not empty");
    r->job->texts[r->job->text_count++] =
        (struct pn_mcp_text){ .value = value,
                              .place = r->argument->name,
                              .is_claims = true,
                              .option = r->argument->option,
                              .word = r->job->word_count };
    /* what names it is not known before the policy is */
    return !r->argument->option || word_add(r->job, r->argument->option, PN_STR(""));
}

static bool
limit_read(struct reading *r, const json_t *value)
{
    json_int_t number = json_integer_value(value);

    if (!json_is_integer(value) || number < 1 || number > LIMIT_MAX)
        return refuse(r, "this is a whole number, from 1 to 100,000");
    r->job->limit = (size_t)number;
    return true;
}

static bool (*const readers[])(struct reading *r, const json_t *value) = {
    [PN_MCP_POLICY] = policy_read,   [PN_MCP_WORD] = word_read,
    [PN_MCP_FLAG] = flag_read,       [PN_MCP_CHOICE] = choice_read,
    [PN_MCP_CHOICES] = choices_read, [PN_MCP_WORDS] = words_read,
    [PN_MCP_CLIENTS] = clients_read, [PN_MCP_CLAIMS] = claims_read,
    [PN_MCP_LIMIT] = limit_read,
};

/* No argument may be there that is not known: it would be thought to count. */
static bool
names_look(const struct pn_mcp_tool *tool, json_t *arguments,
           struct pn_mcp_fault *fault)
{
    struct pn_nearest nearest;
    const json_t *value;
    const char *name;

    json_object_foreach(arguments, name, value)
    {
        if (pn_mcp_argument_find(tool, name))
            continue;
        *fault = (struct pn_mcp_fault){ .reason = "bad-arguments",
                                        .message = "there is no such argument" };
        (void)snprintf(fault->place, sizeof(fault->place), "%s", name);
        pn_nearest_begin(&nearest, pn_str_of_text(name));
        for (size_t i = 0; i < tool->count; i++)
            pn_nearest_offer(&nearest, pn_str_of_text(tool->arguments[i].name));
        fault->near = nearest.best.ptr;
        return false;
    }
    return true;
}

/* Options first, and the operands behind "--", in the order of the rows. */
static bool
rows_read(struct reading *r, const json_t *arguments, bool operands)
{
    const struct pn_mcp_tool *tool = r->job->tool;

    for (size_t i = 0; i < tool->count; i++) {
        const json_t *value = json_object_get(arguments, tool->arguments[i].name);

        r->argument = &tool->arguments[i];
        if (!r->argument->option != operands)
            continue;
        if (!value && r->argument->is_required)
            return refuse(r, "this argument is wanted");
        if (value && !readers[r->argument->kind](r, value))
            return false;
    }
    return true;
}

bool
pn_mcp_job_read(struct pn_mcp_job *job, const struct pn_mcp_tool *tool,
                json_t *arguments, struct pn_mcp_fault *fault)
{
    struct reading reading = { .job = job, .fault = fault };

    *job = (struct pn_mcp_job){ .tool = tool, .limit = tool->limit };
    if (arguments && !json_is_object(arguments)) {
        *fault = (struct pn_mcp_fault){ .reason = "bad-arguments",
                                        .message = "arguments are an object" };
        return false;
    }
    job->params = json_incref(arguments);
    for (const char *const *word = tool->words; *word; word++)
        (void)word_add(job, NULL, pn_str_of_text(*word));
    if (!names_look(tool, arguments, fault) || !rows_read(&reading, arguments, false))
        return false;
    (void)word_add(job, NULL, PN_STR("--"));
    if (!rows_read(&reading, arguments, true))
        return false;
    *fault = (struct pn_mcp_fault){ .reason = "bad-arguments" };
    fault->message = tool->together ? tool->together(arguments) : NULL;
    if (job->failed)
        *fault = (struct pn_mcp_fault){ .reason = "memory",
                                        .message = "there is no memory for the call" };
    return !fault->message;
}

void
pn_mcp_job_clear(struct pn_mcp_job *job)
{
    for (size_t i = 0; i < job->word_count; i++)
        pn_free(job->words[i]);
    pn_free(job->words);
    for (size_t i = 0; i < job->text_count; i++)
        pn_free(job->texts[i].name);
    pn_free(job->path);
    json_decref(job->params);
    *job = (struct pn_mcp_job){ 0 };
}
