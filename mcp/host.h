/* What the server is given by the program that it is a part of. */
#ifndef PN_MCP_HOST_H
#define PN_MCP_HOST_H

#include "base/output.h"

/* A text that belongs to the program, and is known by its name. */
struct pn_mcp_page {
    const char *kind; /* "page" of a finding, "manual" of a verb */
    const char *name;
    const char *type; /* its media type */
};

struct pn_mcp_host {
    void *payload;
    const char *version;
    /*
     * Runs a verb, words[0], with its options and operands, which it may move. What it
     * prints gathers in both outputs. Its exit status. It is called once, in a process
     * of its own that ends then.
     */
    int (*run)(void *payload, int count, char **words, struct pn_output *out,
               struct pn_output *err);
    /* The name of the file of claims beside a rule file, to be freed; NULL when its
     * name allows of none, or without memory. */
    char *(*tests_of)(void *payload, const char *name);
    /* The text that a finding of this name or kind has in general; NULL: none does. */
    const char *(*text_of)(void *payload, const char *name);
    /* The page of this number; false behind the last one. */
    bool (*page)(void *payload, size_t number, struct pn_mcp_page *out);
    /* Appends the text of that page. */
    void (*page_text)(void *payload, size_t number, struct pn_buffer *out);
};

/*
 * Serves a client at two descriptors until its input ends or nobody reads the answers.
 * The process is confined to a folder before (base/files.h). Returns an exit status.
 */
int
pn_mcp_serve(const struct pn_mcp_host *host, int in, int out);

#endif
