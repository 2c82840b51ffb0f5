/* What the passes of a run share: the policy, its surveys, and the report. */
#ifndef PN_ANALYSIS_LINT_CONTEXT_H
#define PN_ANALYSIS_LINT_CONTEXT_H

#include "analysis/entries.h"
#include "analysis/lint/finding.h"
#include "analysis/lint/options.h"
#include "analysis/on_lists.h"
#include "compiler/loaded_policy.h"

/* The same policy with all of its lists empty: what hand-written rules decide alone. */
struct pn_listless {
    struct pn_loaded_policy loaded;
    uint32_t *classes;
    struct pn_survey survey;
    bool good; /* it has the same items, and lists only add entries to them */
};

/* Lives as long as a run. What it borrows must live as long: all pointers to structs.
 */
struct pn_lint {
    const struct pn_lint_options *options;
    struct pn_report *report;
    struct pn_loaded_policy *loaded;
    struct pn_unit *unit; /* of the loaded policy */
    struct pn_policy *policy;
    struct pn_diags *diags;  /* what the compiler reports */
    uint32_t *classes;       /* of rules */
    struct pn_survey survey; /* for the server's profile */
    struct pn_survey full; /* for a server that looks everything up, if that differs */
    bool has_full;
    bool has_classic;   /* a file of the policy is classic */
    size_t *use_counts; /* of each definition: how often it is named */
    struct pn_entries entries;
    struct pn_duplicate *duplicates; /* by item, then by the first one; our own copy */
    size_t duplicate_count;
    bool *listed; /* of each item: a list has a part in it; NULL: there is no list */
    uint32_t *list_classes; /* of each group: the classes of its listed items, merged */
    struct pn_on_lists lists;
    struct pn_listless listless; /* where there are lists */
    size_t first_finding;        /* of this run, in the report */
    bool assumes_all;            /* a finding depends on flags that are not known */
    int tests_error; /* errno of a file of tests that cannot be read; else 0 */
    bool failed;
};

static inline const struct pn_source *
pn_lint_source(const struct pn_lint *lint, uint32_t file)
{
    return pn_unit_source(lint->unit, file);
}

static inline const struct pn_policy_rule *
pn_lint_rule(const struct pn_lint *lint, uint32_t item)
{
    return &lint->policy->rules[lint->policy->items[item].rule];
}

static inline bool
pn_lint_allows(const struct pn_lint *lint, uint32_t item)
{
    return pn_lint_rule(lint, item)->verdict == POSTERN_ALLOW;
}

/* Is it in the source? The default of a classic file without one is not. */
static inline bool
pn_lint_is_written(const struct pn_lint *lint, uint32_t item)
{
    return lint->policy->items[item].node != NULL;
}

uint32_t
pn_lint_file(const struct pn_lint *lint, uint32_t item);

bool
pn_lint_is_classic(const struct pn_lint *lint, uint32_t item);

/* The span of an item as it is written, and its text. */
struct pn_span
pn_lint_span(const struct pn_lint *lint, uint32_t item);

struct pn_str
pn_lint_text(const struct pn_lint *lint, uint32_t item);

enum { PN_LINT_STAGES = 4 };

/*
 * Fetches what a finding reads of an item into the caches: for each item the stages one
 * after another, from 0, with some time between them.
 */
void
pn_lint_fetch(const struct pn_lint *lint, uint32_t item, unsigned stage);

/* Adds a finding about an item; NULL when the check is off, or without memory. */
struct pn_finding *
pn_lint_add(struct pn_lint *lint, enum pn_check check, uint32_t item);

struct pn_finding *
pn_lint_add_node(struct pn_lint *lint, enum pn_check check, uint32_t file,
                 const struct pn_node *node);

struct pn_finding *
pn_lint_add_span(struct pn_lint *lint, enum pn_check check, uint32_t file,
                 struct pn_span span);

/* Links another item to a finding, with a message. */
__attribute__((format(printf, 4, 5))) void
pn_lint_link(struct pn_lint *lint, struct pn_finding *finding, uint32_t item,
             const char *format, ...);

/* "line 14", or "common.rules:14" for another file; "no rule" for what is not written.
 * */
size_t
pn_lint_line(struct pn_lint *lint, const struct pn_finding *finding, uint32_t item);

/*
 * Adds a query to a finding, and its answer. `candidate` is one of the survey's hosts;
 * the ident is that of `group`.
 */
void
pn_lint_query(struct pn_lint *lint, struct pn_finding *finding,
              const struct pn_witness *witness, uint32_t candidate, uint32_t group);

/* The same with the texts of a host and an ident; ptr NULL for none. */
void
pn_lint_query_text(struct pn_lint *lint, struct pn_finding *finding,
                   const struct pn_witness *witness, struct pn_str host,
                   struct pn_str ident);

/* Adds a query that the item decides: its witness. */
void
pn_lint_query_of(struct pn_lint *lint, struct pn_finding *finding, uint32_t item);

/* Writes a host name for a candidate; false when it stands for no host. */
bool
pn_lint_host(const struct pn_lint *lint, uint32_t candidate, struct pn_buffer *out);

/* The ident of a group; ptr NULL for none. */
struct pn_str
pn_lint_ident(const struct pn_lint *lint, uint32_t group);

/* Adds an edit that deletes an item from its rule, or its rule when it is the only one.
 * */
void
pn_lint_delete(struct pn_lint *lint, struct pn_finding *finding, uint32_t item);

/* Adds an edit that deletes the statement of a node. */
void
pn_lint_delete_statement(struct pn_lint *lint, struct pn_finding *finding,
                         uint32_t file, const struct pn_node *node);

void
pn_lint_replace(struct pn_lint *lint, struct pn_finding *finding, uint32_t file,
                struct pn_span span, struct pn_str text, unsigned alternative);

/* A number with its digits grouped; the offset of its text in the report. */
size_t
pn_lint_number(struct pn_lint *lint, pn_number number);

static inline const struct pn_prefixes *
pn_lint_list(const struct pn_lint *lint, uint32_t group, uint8_t family)
{
    const struct pn_group *g = &lint->policy->space.groups[group];

    return &g->prefixes[pn_family_index(family)];
}

/* Names the line that starts the server, where there is one. `finding` may be NULL. */
void
pn_lint_link_profile(struct pn_lint *lint, struct pn_finding *finding);

#endif
