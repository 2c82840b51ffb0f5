/* A row for each tool, and of each argument; the schemas are made from them. */
#include "mcp/tools.h"

#include "base/sizes.h"
#include "rpc/json.h"

enum { SOME = 100, ALL = 100000 };

static const char *const verdicts[] = { "allow", "deny", NULL };
static const char *const unknowns[] = { "host", "ident", NULL };
static const char *const assumptions[] = { "no-host", "no-ident", NULL };

#define POLICY_HELP                                                                    \
    "A policy: {\"path\": ...}, a file below the folder of the server, or {\"text\": " \
    "..., \"name\": ...}, which stands as if it were that file: what it includes is "  \
    "looked for beside that name."
#define POLICY                                                                   \
    {                                                                            \
        "policy", PN_MCP_POLICY, true, NULL, NULL, "{\"path\": \"smtp.rules\"}", \
            POLICY_HELP                                                          \
    }
#define LIMIT                                                                     \
    {                                                                             \
        "limit", PN_MCP_LIMIT, false, NULL, NULL, "100",                          \
            "How many items of a list are answered; `omitted` counts the others." \
    }

static const struct pn_mcp_argument check_arguments[] = {
    POLICY,
    { "address", PN_MCP_WORD, false, NULL, NULL, "\"192.0.2.7\"",
      "The client's address; or a prefix, as 192.0.2.0/24, for all outcomes in it." },
    { "host", PN_MCP_WORD, false, NULL, NULL, "\"mx.example.com\"",
      "The client's host name, as a look-up confirmed it; without it there is none." },
    { "ident", PN_MCP_WORD, false, "--ident=", NULL, "\"ann\"",
      "What the client's ident server said; without it nobody asked." },
    { "unknown", PN_MCP_CHOICES, false, "--unknown=", unknowns, "[\"host\"]",
      "What is not known of the client: all outcomes are answered." },
    { "trace", PN_MCP_FLAG, false, "--trace", NULL, "true",
      "Answer each look-up on the way to the decision, too." },
    { "why_not", PN_MCP_WORD, false, "--why-not=", NULL, "\"smtp.rules:5\"",
      "FILE:LINE of a rule: why does it not decide for this client?" },
    { "clients", PN_MCP_CLIENTS, false, "--batch", NULL,
      "[{\"address\": \"192.0.2.7\"}]",
      "Many clients, in the place of one: an answer each, in their order." },
    LIMIT,
};

static const struct pn_mcp_argument who_arguments[] = {
    POLICY,
    { "variable", PN_MCP_WORD, false, NULL, NULL, "\"RELAYCLIENT\"",
      "NAME or NAME=VALUE of an environment variable that rules set." },
    { "verdict", PN_MCP_CHOICE, false, "--verdict=", verdicts, "\"allow\"",
      "allow or deny, in the place of a variable." },
    LIMIT,
};

static const struct pn_mcp_argument lint_arguments[] = { POLICY, LIMIT };

static const struct pn_mcp_argument diff_arguments[] = {
    { "old", PN_MCP_POLICY, true, NULL, NULL, "{\"path\": \"smtp.rules\"}",
      POLICY_HELP },
    { "new", PN_MCP_POLICY, true, NULL, NULL, "{\"text\": \":deny\\n\"}",
      "The same, as it is to become. Two texts need two names." },
    { "assume", PN_MCP_CHOICES, false, "--assume=", assumptions, "[\"no-ident\"]",
      "What no server looks up: regions that need it are left out." },
    LIMIT,
};

static const struct pn_mcp_argument test_arguments[] = {
    POLICY,
    { "expectations", PN_MCP_CLAIMS, false, NULL, NULL,
      "[\"expect 192.0.2.7 : allow\"]",
      "Statements, expect or always, in the place of the file of tests beside the "
      "policy; those of the policy itself are run in any case." },
    { "coverage", PN_MCP_FLAG, false, "--coverage", NULL, "true",
      "Answer how much of the policy they speak of, too." },
    { "mutate", PN_MCP_FLAG, false, "--mutate", NULL, "true",
      "Answer which faults they would not notice, too." },
    LIMIT,
};

static const struct pn_mcp_argument explain_arguments[] = {
    { "codes", PN_MCP_WORDS, false, NULL, NULL, "[\"P202\", \"no-verdict\"]",
      "Codes or names of findings; without any, the list of all, without pages." },
    LIMIT,
};

static const struct pn_mcp_argument propose_arguments[] = {
    POLICY,
    { "wish", PN_MCP_CLAIMS, true, "--wish=", NULL,
      "[\"expect 192.0.2.7 : allow\", \"expect 192.0.2.8 : deny\"]",
      "Expectations that are to hold together, each: expect ADDRESS [=HOST] : allow "
      "or deny." },
    LIMIT,
};

static const char *
one_of(const json_t *arguments, const char *one, const char *other, const char *why)
{
    return !json_object_get(arguments, one) == !json_object_get(arguments, other)
               ? why
               : NULL;
}

static const char *
check_together(const json_t *arguments)
{
    static const char *const of_one[] = { "host", "ident", "unknown", "why_not" };
    const char *why =
        one_of(arguments, "address", "clients",
               "either an address is wanted, or clients; and not both of them");

    for (size_t i = 0; i < PN_COUNT_OF(of_one) && !why; i++)
        if (json_object_get(arguments, "clients") &&
            json_object_get(arguments, of_one[i]))
            why = "with clients, a host and an ident are members of each of them, and "
                  "unknown and why_not are asked of one address";
    if (!why && json_object_get(arguments, "unknown") &&
        json_object_get(arguments, "why_not"))
        why = "unknown and why_not do not go together";
    return why;
}

static const char *
who_together(const json_t *arguments)
{
    return one_of(arguments, "variable", "verdict",
                  "either a variable is wanted, or a verdict; and not both of them");
}

#define WORDS(...) ((const char *const[]){ __VA_ARGS__, "--format=json", NULL })
#define ROWS(rows) rows, PN_COUNT_OF(rows)

const struct pn_mcp_tool pn_mcp_tools[] = {
    { "check",
      "What a policy decides for a client",
      "Tells the verdict, the rule with its file and line, and the environment that a "
      "client gets; or every outcome of a prefix; or why another rule does not decide.",
      WORDS("check"),
      ROWS(check_arguments),
      PN_MCP_DECISION,
      "answers",
      SOME,
      { "decision", "outcomes", "why-not" },
      check_together,
      false },
    { "who",
      "Everyone who gets a variable or a verdict",
      "Tells exactly which clients are allowed or denied, or get an environment "
      "variable, as regions with a client of each.",
      WORDS("who"),
      ROWS(who_arguments),
      PN_MCP_OBJECT,
      NULL,
      SOME,
      { "regions" },
      who_together,
      false },
    { "lint",
      "What a policy says that its author may not mean",
      "Finds errors, and rules that decide nothing, surprise or are unsafe, each with "
      "a "
      "client that shows it and a mend; explain has a page for each code.",
      WORDS("lint"),
      ROWS(lint_arguments),
      PN_MCP_OBJECT,
      NULL,
      SOME,
      { "findings" },
      NULL,
      true },
    { "diff",
      "Whom a change of policy changes",
      "Tells exactly which clients are answered otherwise by the new policy, and by "
      "which rules. To be asked before any edit is made for good.",
      WORDS("diff"),
      ROWS(diff_arguments),
      PN_MCP_OBJECT,
      NULL,
      SOME,
      { "difference" },
      NULL,
      false },
    { "test",
      "The expectations and proofs of a policy",
      "Runs every expect and always, and tells for those that fail which client shows "
      "it, and by which rule.",
      WORDS("test"),
      ROWS(test_arguments),
      PN_MCP_LINES,
      "results",
      SOME,
      { "expectation" },
      NULL,
      false },
    { "explain",
      "The page of a finding or of an error",
      "Answers what a code or name of a finding means, with a wrong example and its "
      "mend.",
      WORDS("explain"),
      ROWS(explain_arguments),
      PN_MCP_OBJECT,
      NULL,
      ALL,
      { "explanations" },
      NULL,
      false },
    { "propose",
      "The smallest edits that fulfil a wish",
      "Given expectations that are to hold, answers edits of the policy that make all "
      "of them true, the smallest first, each with the policy then and with everyone "
      "whom it changes. Nothing is written.",
      WORDS("propose"),
      ROWS(propose_arguments),
      PN_MCP_OBJECT,
      NULL,
      SOME,
      { "proposals" },
      NULL,
      false },
};

const size_t pn_mcp_tool_count = PN_COUNT_OF(pn_mcp_tools);

const struct pn_mcp_tool *
pn_mcp_tool_find(struct pn_str name)
{
    for (size_t i = 0; i < pn_mcp_tool_count; i++)
        if (name.ptr && pn_str_is(name, pn_mcp_tools[i].name))
            return &pn_mcp_tools[i];
    return NULL;
}

const struct pn_mcp_argument *
pn_mcp_argument_find(const struct pn_mcp_tool *tool, const char *name)
{
    for (size_t i = 0; i < tool->count; i++)
        if (strcmp(tool->arguments[i].name, name) == 0)
            return &tool->arguments[i];
    return NULL;
}
