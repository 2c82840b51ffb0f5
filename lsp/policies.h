/* Policies that are looked at: each root with what it comes to, and what is found. */
#ifndef PN_LSP_POLICIES_H
#define PN_LSP_POLICIES_H

#include "analysis/lint/lint.h"
#include "compiler/kept_files.h"
#include "lsp/document.h"
#include "lsp/facts.h"

struct pn_asked;

/* What was told of a file, last: of all roots. */
struct pn_lsp_told {
    char *path;
    json_t *items;   /* diagnostics; NULL: none yet */
    uint64_t result; /* a number for them: another one when they are others */
};

/* The diagnostics of a file, as one root has them. */
struct pn_lsp_found {
    char *path;
    json_t *items;
    size_t more; /* that are not shown */
};

/* A text of a policy by its number: files of the unit, then lists; and its lines, once
 * they were asked for. */
struct pn_lsp_text {
    const struct pn_source *source;
    struct pn_lines lines;
};

/* A text that is no part of the policy, but of its settings: what is wrong has a place
 * in it. */
struct pn_lsp_aside {
    char *path;
    struct pn_source source; /* all zero: it cannot be read */
    struct pn_lsp_text text;
};

/*
 * A policy. It stays where it is. What was loaded is thrown away before it is loaded
 * again, so that there is never twice of it.
 */
struct pn_lsp_root {
    char *path;
    bool is_current; /* nothing has changed since it was loaded */
    bool is_loaded;  /* the parts below are there: */
    struct pn_source source;
    struct pn_loaded_policy loaded;
    struct pn_report report;
    struct pn_facts facts;     /* of its targets */
    struct pn_kept_lists kept; /* between two loads: lists that may be as they were */
    struct pn_kept_files kept_files; /* likewise */
    char *tests;                     /* the file of claims beside it, or NULL */
    struct pn_asked *asked;          /* compiled, once it was asked; or NULL */
    struct pn_lsp_text *texts;       /* of files and lists that were asked for */
    size_t text_count;
    struct pn_lsp_aside **asides;
    size_t aside_count, aside_capacity;
    char **paths; /* of all that it reads, as it was loaded last; absolute */
    size_t path_count, path_capacity;
    struct pn_lsp_found *found; /* what is wrong with it, by files */
    size_t found_count, found_capacity;
    bool is_wanted; /* while roots are chosen */
};

struct pn_lsp_roots {
    struct pn_lsp_root **items;
    size_t count, capacity;
    struct pn_lsp_told *told;
    size_t told_count, told_capacity;
    uint64_t results;
    bool is_chosen;      /* nothing was opened or closed since */
    bool others_changed; /* a text that is open may come to something else by a file
                            that was not changed in its own editor */
};

#endif
