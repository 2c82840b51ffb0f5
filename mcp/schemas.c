/* Schemas: of arguments by their rows, of answers by those that docs/schema/ has. */
#include "mcp/schemas.h"

#include "base/sizes.h"
#include "mcp/tools.h"
#include "rpc/json.h"

/* A schema of a type, with what is said of it. */
static json_t *
typed(const char *type, const char *help)
{
    return json_pack("{s:s, s:s*}", "type", type, "description", help);
}

static json_t *
policy_schema(const char *help)
{
    return json_pack(
        "{s:s, s:s, s:{s:o, s:o, s:o}, s:b}", "type", "object", "description", help,
        "properties", "path", typed("string", "Of a file, source or compiled."), "text",
        typed("string", "The policy itself, in the place of a path."), "name",
        typed("string", "Of a text: the path of the file that it stands for."),
        "additionalProperties", 0);
}

static json_t *
choices_make(const char *const *choices)
{
    json_t *made = json_array();

    for (; made && *choices; choices++)
        if (!pn_json_add(made, json_string(*choices))) {
            json_decref(made);
            return NULL;
        }
    return made;
}

static json_t *
array_of(json_t *items, const char *help)
{
    return json_pack("{s:s, s:s, s:o}", "type", "array", "description", help, "items",
                     items);
}

static json_t *
client_schema(void)
{
    return json_pack("{s:s, s:{s:o, s:o, s:o}, s:[s], s:b}", "type", "object",
                     "properties", "address", typed("string", NULL), "host",
                     typed("string", NULL), "ident", typed("string", NULL), "required",
                     "address", "additionalProperties", 0);
}

static json_t *
argument_schema(const struct pn_mcp_argument *argument)
{
    const char *help = argument->help;

    switch (argument->kind) {
    case PN_MCP_POLICY:
        return policy_schema(help);
    case PN_MCP_WORD:
        return typed("string", help);
    case PN_MCP_FLAG:
        return typed("boolean", help);
    case PN_MCP_CHOICE:
        return json_pack("{s:s, s:s, s:o}", "type", "string", "description", help,
                         "enum", choices_make(argument->choices));
    case PN_MCP_CHOICES:
        return array_of(json_pack("{s:s, s:o}", "type", "string", "enum",
                                  choices_make(argument->choices)),
                        help);
    case PN_MCP_WORDS:
    case PN_MCP_CLAIMS:
        return array_of(typed("string", NULL), help);
    case PN_MCP_CLIENTS:
        return array_of(client_schema(), help);
    case PN_MCP_LIMIT:
        return json_pack("{s:s, s:s, s:i, s:i}", "type", "integer", "description", help,
                         "minimum", 1, "maximum", 100000);
    }
    return NULL;
}

static json_t *
input_schema(const struct pn_mcp_tool *tool)
{
    json_t *properties = json_object(), *required = json_array();
    bool good = properties && required;

    for (size_t i = 0; i < tool->count && good; i++) {
        const struct pn_mcp_argument *a = &tool->arguments[i];

        good = pn_json_set(properties, a->name, argument_schema(a)) &&
               (!a->is_required || pn_json_add(required, json_string(a->name)));
    }
    if (good)
        return json_pack("{s:s, s:o, s:o, s:b}", "type", "object", "properties",
                         properties, "required", required, "additionalProperties", 0);
    json_decref(properties);
    json_decref(required);
    return NULL;
}

static json_t *
schema_load(const char *name)
{
    for (const struct pn_schema *schema = pn_schemas; schema->name; schema++)
        if (strcmp(schema->name, name) == 0)
            return json_loadb((const char *)schema->text, schema->size, 0, NULL);
    return NULL;
}

/* Sentences that may have words of the file in them are apart: see mcp/answer.c. */
static bool
finding_alter(json_t *properties)
{
    static const char *const quoting[] = { "help", "note", "answer" };

    for (size_t i = 0; i < PN_COUNT_OF(quoting); i++)
        (void)json_object_del(properties, quoting[i]);
    return properties &&
           pn_json_set(properties, "said",
                       json_pack("{s:s, s:s, s:{s:s}}", "type", "object", "description",
                                 "What is said of this very place, by what it is: "
                                 "message, note, help, answer. It may quote the file.",
                                 "additionalProperties", "type", "string"));
}

/*
 * What each of them defines, and either its members, or, where it is of one item of a
 * list, the list. Nothing is required: an error has none of it.
 */
static bool
schema_merge(json_t *out, const struct pn_mcp_tool *tool, const char *name, bool first)
{
    json_t *from = schema_load(name), *properties = json_object_get(out, "properties");
    json_t *defined = json_object_get(from, "definitions");
    bool good =
        from && (!defined || json_object_update_missing(
                                 json_object_get(out, "definitions"), defined) == 0);

    (void)json_object_del(from, "definitions");
    (void)json_object_del(from, "$schema");
    (void)json_object_del(from, "title");
    if (good && first && tool->list) {
        json_t *answer = json_array_get(json_object_get(from, "oneOf"), 2);

        if (answer) /* a decision, with its trace */
            good = json_object_update(properties,
                                      json_object_get(answer, "properties")) == 0;
        good = good &&
               pn_json_set(properties, tool->list,
                           json_pack("{s:s, s:O}", "type", "array", "items", from));
    } else if (good)
        good = json_object_update(properties, json_object_get(from, "properties")) == 0;
    if (good && tool->answers_faults)
        good = finding_alter(json_object_get(
            json_object_get(json_object_get(properties, "findings"), "items"),
            "properties"));
    if (good && tool->shape == PN_MCP_LINES)
        good = pn_json_set(properties, "coverage",
                           typed("object", "How much they speak of.")) &&
               pn_json_set(properties, "mutation",
                           typed("object", "How many faults they notice.")) &&
               pn_json_set(properties, "mutants",
                           array_of(typed("object", NULL), "Faults that survive."));
    json_decref(from);
    return good;
}

/* What every answer may have besides. */
static bool
common_add(json_t *properties)
{
    return pn_json_set(properties, "omitted",
                       json_pack("{s:s, s:s, s:{s:s}}", "type", "object", "description",
                                 "Items that a limit has left out, by their lists.",
                                 "additionalProperties", "type", "integer")) &&
           pn_json_set(properties, "said",
                       array_of(typed("string", NULL),
                                "Warnings and notes; they may quote the files.")) &&
           pn_json_set(
               properties, "error",
               json_pack(
                   "{s:s, s:s, s:{s:o, s:o, s:o, s:o, s:o, s:o, s:o}, s:[s, s]}",
                   "type", "object", "description",
                   "Why there is no answer, and what to send instead.", "properties",
                   "reason", typed("string", NULL), "message", typed("string", NULL),
                   "at", typed("string", "The argument that it is about."), "near",
                   typed("string", "What was likely meant."), "send",
                   json_pack("{s:s}", "description",
                             "An example of what to send there."),
                   "findings", array_of(typed("object", NULL), "As of lint."), "said",
                   array_of(typed("string", NULL),
                            "What the verb says; it may quote the files."),
                   "required", "reason", "message"));
}

json_t *
pn_mcp_schema_of(const struct pn_mcp_tool *tool)
{
    json_t *out =
        json_pack("{s:s, s:{}, s:{}}", "type", "object", "properties", "definitions");
    bool good = out && common_add(json_object_get(out, "properties"));

    for (size_t i = 0; i < PN_COUNT_OF(tool->schemas) && tool->schemas[i] && good; i++)
        good = schema_merge(out, tool, tool->schemas[i], i == 0);
    if (good)
        return out;
    json_decref(out);
    return NULL;
}

json_t *
pn_mcp_tools_list(void)
{
    json_t *list = json_array();

    for (size_t i = 0; i < pn_mcp_tool_count && list; i++) {
        const struct pn_mcp_tool *tool = &pn_mcp_tools[i];

        if (!pn_json_add(
                list, json_pack("{s:s, s:s, s:s, s:o, s:o, s:{s:b, s:b, s:b, s:b}}",
                                "name", tool->name, "title", tool->title, "description",
                                tool->help, "inputSchema", input_schema(tool),
                                "outputSchema", pn_mcp_schema_of(tool), "annotations",
                                "readOnlyHint", 1, "destructiveHint", 0,
                                "idempotentHint", 1, "openWorldHint", 0))) {
            json_decref(list);
            return NULL;
        }
    }
    return list ? json_pack("{s:o}", "tools", list) : NULL;
}
