/* Lints one file with all that it includes: the passes, and what they share. */
#ifndef PN_ANALYSIS_LINT_LINT_H
#define PN_ANALYSIS_LINT_LINT_H

#include "analysis/entries.h"
#include "analysis/lint/finding.h"
#include "analysis/on_lists.h"
#include "analysis/survey.h"
#include "base/work.h"
#include "compiler/image_decode.h"
#include "compiler/loaded_policy.h"

/* A network that counts as trusted, or whose like is told apart. */
struct pn_network {
    pn_number first, last;
    uint8_t family;
};

/* For qsort(3): by family, then by where they begin. */
int
pn_network_compare(const void *left, const void *right);

/* The items are the caller's. */
struct pn_networks {
    const struct pn_network *items;
    size_t count;
};

/* What it points to is the caller's, and outlives the linting. */
struct pn_lint_options {
    struct pn_profile profile;
    bool profile_known; /* else the server may do anything */
    /* the line of a run script that says it; of no use without its source */
    const struct pn_source *profile_source;
    struct pn_span profile_span;
    uint32_t today, as_of;         /* YYYYMMDD; as_of 0: today */
    const char *const *privileged; /* names of variables, NULL at the end */
    struct pn_networks trusted;
    /* a compiled policy of before, to compare lists with; NULL for none */
    const struct postern_rules *against;
    const struct pn_decoded *against_decoded;
    struct pn_reading reading; /* what the policy names is read by it */
    /* of a file of the policy: days since it was written, or -1; may be NULL */
    int (*age_of)(void *payload, const char *path);
    void *payload;
    struct pn_work *work; /* what it may take; NULL: no end */
};

/* The same policy with all of its lists empty: what it says, hand-written rules say. */
struct pn_listless {
    struct pn_loaded_policy loaded;
    uint32_t *classes;
    struct pn_survey survey;
    bool good; /* its items are the policy's, and lists take from them alone */
};

/* Lives as long as pn_lint_run(), and so does what it borrows: all pointers to structs.
 */
struct pn_lint {
    const struct pn_lint_options *options;
    struct pn_report *report;
    struct pn_loaded_policy *loaded;
    struct pn_unit *unit; /* the program's, */
    struct pn_policy *policy;
    struct pn_diags *diags; /* what the compiler says */
    uint32_t *classes;
    struct pn_survey survey; /* with the flags that are known, */
    struct pn_survey full;   /* and with all steps, where that is another */
    bool has_full;
    bool has_classic;   /* a file of the policy is */
    size_t *use_counts; /* of each definition: how often it is named */
    struct pn_entries entries;
    struct pn_duplicate
        *duplicates; /* the space's own, by item and then by the first one */
    size_t duplicate_count;
    bool *listed; /* items that a list has a part in; NULL: there is no list */
    uint32_t *list_classes; /* by group: the classes of those of it, joined */
    struct pn_on_lists lists;
    struct pn_listless listless; /* where there is one */
    size_t first_finding;        /* of this run, in the report */
    bool assumes_all;            /* a finding depends on flags that are not known */
    bool failed;
};

/*
 * Lints a root, which stays the caller's; `tests` as in pn_loaded_policy_load(). False
 * without memory, or when the work is spent. The program is loaded for this and stays
 * valid, for fixes, until the caller clears it.
 */
bool
pn_lint_run(const struct pn_lint_options *options, const struct pn_source *root,
            const char *tests, struct pn_loaded_policy *loaded, struct pn_diags *diags,
            struct pn_report *report);

/* The same in steps: begin, each pass in whatever order, end. Begin is true when there
 * is a whole policy to run passes over; end it in any case, for what pn_lint_run()
 * returns. */
bool
pn_lint_begin(struct pn_lint *lint, const struct pn_source *root, const char *tests);

bool
pn_lint_end(struct pn_lint *lint);

/* One family of checks. No pass reads what another one made. */
struct pn_lint_pass {
    void (*run)(struct pn_lint *lint);
    bool whole; /* it needs a policy without errors */
};

enum { PN_LINT_PASSES = 9 };

extern const struct pn_lint_pass pn_lint_passes[PN_LINT_PASSES];

/* Runs it, unless it needs a policy without errors and there are some. */
void
pn_lint_pass_run(struct pn_lint *lint, const struct pn_lint_pass *pass);

/* What the passes share. */

static inline const struct pn_source *
pn_lint_source(const struct pn_lint *lint, uint32_t file)
{
    return &lint->unit->files[file]->source;
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

/* Did somebody write it? The default of a classic file without one nobody did. */
static inline bool
pn_lint_is_written(const struct pn_lint *lint, uint32_t item)
{
    return lint->policy->items[item].node != NULL;
}

uint32_t
pn_lint_file(const struct pn_lint *lint, uint32_t item);

bool
pn_lint_is_classic(const struct pn_lint *lint, uint32_t item);

/* Of an item as it is written, and its text. */
struct pn_span
pn_lint_span(const struct pn_lint *lint, uint32_t item);

struct pn_str
pn_lint_text(const struct pn_lint *lint, uint32_t item);

/* A finding about an item; NULL when nobody asks for it. */
struct pn_finding *
pn_lint_add(struct pn_lint *lint, enum pn_check check, uint32_t item);

struct pn_finding *
pn_lint_add_node(struct pn_lint *lint, enum pn_check check, uint32_t file,
                 const struct pn_node *node);

struct pn_finding *
pn_lint_add_span(struct pn_lint *lint, enum pn_check check, uint32_t file,
                 struct pn_span span);

/* Another item that has to do with it. */
__attribute__((format(printf, 4, 5))) void
pn_lint_link(struct pn_lint *lint, struct pn_finding *finding, uint32_t item,
             const char *format, ...);

/* "line 14", or "common.rules:14" of another file; "no rule" for what nobody wrote. */
size_t
pn_lint_line(struct pn_lint *lint, const struct pn_finding *finding, uint32_t item);

/*
 * Shows a query, and what becomes of it. `candidate` is of the survey's hosts, `group`
 * gives the ident.
 */
void
pn_lint_query(struct pn_lint *lint, struct pn_finding *finding,
              const struct pn_witness *witness, uint32_t candidate, uint32_t group);

/* The same with a host's and an ident's text; ptr NULL for none. */
void
pn_lint_query_text(struct pn_lint *lint, struct pn_finding *finding,
                   const struct pn_witness *witness, struct pn_str host,
                   struct pn_str ident);

/* The query by which an item lives: one that it decides. */
void
pn_lint_query_of(struct pn_lint *lint, struct pn_finding *finding, uint32_t item);

/* The text of a candidate as a host to ask with; false when it is none. */
bool
pn_lint_host(const struct pn_lint *lint, uint32_t candidate, struct pn_buffer *out);

/* The ident of a group; ptr NULL for none. */
struct pn_str
pn_lint_ident(const struct pn_lint *lint, uint32_t group);

/* Takes an item out of its rule, or the whole rule. */
void
pn_lint_delete(struct pn_lint *lint, struct pn_finding *finding, uint32_t item);

/* Takes the statement of a node out of its file. */
void
pn_lint_delete_statement(struct pn_lint *lint, struct pn_finding *finding,
                         uint32_t file, const struct pn_node *node);

void
pn_lint_replace(struct pn_lint *lint, struct pn_finding *finding, uint32_t file,
                struct pn_span span, struct pn_str text, unsigned reading);

/* Offers what the author of a faulty classic key may have meant. */
void
pn_lint_key_edits(struct pn_lint *lint, struct pn_finding *finding, uint32_t item,
                  enum pn_check check);

/* A number as people group its digits: offset of the text. */
size_t
pn_lint_number(struct pn_lint *lint, pn_number number);

/* An assignment of a rule or of a group: NAME and value as they are written. Its nodes
 * and texts are the unit's. */
struct pn_assignment {
    uint32_t file;
    const struct pn_node *node;   /* the ASSIGN */
    const struct pn_node *around; /* the RULE or ENV that it stands in */
    struct pn_str name;
    struct pn_span name_span, value_span; /* the value without its quotes */
};

typedef void (*pn_assignment_fn)(struct pn_lint *lint, const struct pn_assignment *a);

/* Goes through all of them, in the order of the files. */
void
pn_lint_assignments(struct pn_lint *lint, pn_assignment_fn take);

/* Every item and group that a file names, wherever it stands. */
typedef void (*pn_use_fn)(void *payload, struct pn_lint *lint, uint32_t file,
                          const struct pn_node *node);

void
pn_lint_uses(struct pn_lint *lint, pn_use_fn take, void *payload);

/* Counts how often each definition is named; false without memory. */
bool
pn_lint_count_uses(struct pn_lint *lint);

/* How many prefixes and addresses an item has in the space. */
static inline size_t
pn_lint_entry_count(const struct pn_lint *lint, uint32_t item)
{
    return lint->entries.firsts[item + 1] - lint->entries.firsts[item];
}

static inline const struct pn_prefix *
pn_lint_entry(const struct pn_lint *lint, uint32_t item, size_t number, uint8_t *family)
{
    struct pn_entry_at at = lint->entries.items[lint->entries.firsts[item] + number];
    uint32_t group = lint->survey.infos[item].group;

    *family = at.family;
    return pn_entry(&lint->policy->space.groups[group], at);
}

/* Those addresses of an entry that are meant, by their zero groups; NULL: all of them.
 */
static inline const struct pn_zeros *
pn_lint_entry_zeros(const struct pn_lint *lint, uint32_t item, size_t number)
{
    struct pn_entry_at at = lint->entries.items[lint->entries.firsts[item] + number];
    uint32_t group = lint->survey.infos[item].group;

    return at.spelt ? &lint->policy->space.groups[group].spelt[at.index].zeros : NULL;
}

/* How many addresses an entry has; 2^128 is 0. */
pn_number
pn_lint_entry_size(const struct pn_lint *lint, uint32_t item, size_t number);

/* Of an entry, less what is in the covers; mapped addresses are in those of IPv6. */
pn_number
pn_lint_entry_open(const struct pn_lint *lint, uint32_t item, size_t number,
                   const struct pn_covers *covers);

/* An address of an entry that a person would choose for an example. */
struct pn_witness
pn_lint_entry_witness(const struct pn_lint *lint, uint32_t item, size_t number);

/* The names of an item: how many, and each. */
static inline size_t
pn_lint_name_count(const struct pn_lint *lint, uint32_t item)
{
    return lint->entries.name_firsts[item + 1] - lint->entries.name_firsts[item];
}

static inline uint32_t
pn_lint_name(const struct pn_lint *lint, uint32_t item, size_t number)
{
    return lint->entries.names[lint->entries.name_firsts[item] + number];
}

static inline const struct pn_prefixes *
pn_lint_list(const struct pn_lint *lint, uint32_t group, uint8_t family)
{
    const struct pn_group *g = &lint->policy->space.groups[group];

    return family == 6 ? &g->v6 : &g->v4;
}

/* The families of checks, by the files they are in. */
void
pn_lint_lines(struct pn_lint *lint);
void
pn_lint_keys(struct pn_lint *lint);
void
pn_lint_reach(struct pn_lint *lint);
void
pn_lint_redundancy(struct pn_lint *lint);
void
pn_lint_surprises(struct pn_lint *lint);
void
pn_lint_security(struct pn_lint *lint);
void
pn_lint_environment(struct pn_lint *lint);
void
pn_lint_form(struct pn_lint *lint);
void
pn_lint_definitions(struct pn_lint *lint);

#endif
