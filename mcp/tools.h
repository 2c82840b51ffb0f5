/* The tools: what each is asked with, what its verb is told, and what it answers. */
#ifndef PN_MCP_TOOLS_H
#define PN_MCP_TOOLS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

enum pn_mcp_kind {
    PN_MCP_POLICY,  /* a path, or a text with a name */
    PN_MCP_WORD,    /* a text without a NUL */
    PN_MCP_FLAG,    /* true or false */
    PN_MCP_CHOICE,  /* one of `choices` */
    PN_MCP_CHOICES, /* some of them */
    PN_MCP_WORDS,   /* texts, each an operand */
    PN_MCP_CLIENTS, /* queries, which the verb reads */
    PN_MCP_CLAIMS,  /* statements, which stand in the file of tests */
    PN_MCP_LIMIT    /* how many items of a list are answered */
};

struct pn_mcp_argument {
    const char *name;
    enum pn_mcp_kind kind;
    bool is_required;
    const char *option; /* what stands before the word, "--ident="; NULL: an operand */
    const char *const *choices;
    const char *example; /* of its value, as JSON */
    const char *help;
};

/* How the JSON of a verb becomes an object. */
enum pn_mcp_shape {
    PN_MCP_OBJECT,   /* it is one */
    PN_MCP_DECISION, /* but for a decision, which is a member of its own then */
    PN_MCP_LINES     /* one a line: the items of the list */
};

struct pn_mcp_tool {
    const char *name, *title, *help;
    const char *const *words; /* of the verb: its name, and what it is always told */
    const struct pn_mcp_argument *arguments;
    size_t count;
    enum pn_mcp_shape shape;
    const char *list;       /* of PN_MCP_LINES */
    size_t limit;           /* of items of a list, unless another is asked for */
    const char *schemas[3]; /* of docs/schema/, of what it answers */
    /* What is wrong with arguments that are fine one by one; NULL for nothing. */
    const char *(*together)(const json_t *arguments);
    bool answers_faults; /* what does not compile is an answer, and no error */
};

extern const struct pn_mcp_tool pn_mcp_tools[];
extern const size_t pn_mcp_tool_count;

/* NULL when there is none. */
const struct pn_mcp_tool *
pn_mcp_tool_find(struct pn_str name);

const struct pn_mcp_argument *
pn_mcp_argument_find(const struct pn_mcp_tool *tool, const char *name);

/* All of them, for tools/list; NULL without memory. */
json_t *
pn_mcp_tools_list(void);

/* The schema of what a tool answers; NULL without memory. */
json_t *
pn_mcp_schema_of(const struct pn_mcp_tool *tool);

#endif
