/* What a verb of postern is given, and the statuses it leaves with. */
#ifndef PN_TOOLS_TOOL_H
#define PN_TOOLS_TOOL_H

#include <stdint.h>

#include "base/options.h"
#include "base/output.h"
#include "base/work.h"
#include "compiler/compile.h"
#include "postern/types.h"
#include "tools/policy_size.h"
#include "tools/progress.h"
#include "tools/render/diagnostics.h"

enum pn_exit {
    PN_EXIT_OK = 0,
    PN_EXIT_FINDINGS = 1, /* differences, failed expectations */
    PN_EXIT_USAGE = 2,    /* bad usage, or input that cannot be opened or parsed */
    PN_EXIT_SYSTEM = 111  /* the system refused */
};

struct pn_common;

struct pn_tool {
    const struct pn_verb *verb; /* the one that runs; static */
    struct pn_output out, err;
    bool out_is_terminal, err_is_terminal;
    int color;                /* enum pn_color: what the environment wants */
    bool terminal_is_dumb;    /* TERM is dumb or empty: it prints, and obeys nothing */
    const char *pager;        /* PAGER, or NULL */
    size_t columns;           /* COLUMNS, or that of the terminal; 0: not known */
    const char *options;      /* POSTERN_OPTS, or NULL */
    const char *step_summary; /* GITHUB_STEP_SUMMARY, or NULL */
    /* Takes diagnostics in the place of printing them; NULL: they are printed. */
    void (*take_diags)(void *payload, const struct pn_diags *diags);
    void *take_payload;

    struct pn_progress progress;    /* of long work, for a terminal */
    const struct pn_common *common; /* the verb's, when its options were read */
    struct pn_work work;            /* what it may take */
    struct pn_policy_size size;     /* of what it compares, for when that is spent */
};

/* Options that every verb has; each verb's own struct begins with it. */
struct pn_common {
    bool help;
    int color;        /* enum pn_color */
    int format;       /* enum pn_format */
    const char *root; /* --root: nothing is opened that does not lie beneath */
    uint32_t as_of; /* YYYYMMDD, of rules that are read; 0: none is left out. Verbs with
                       an option for it set it. */
};

enum pn_color { PN_COLOR_AUTO, PN_COLOR_ALWAYS, PN_COLOR_NEVER };

extern const char *const pn_color_choices[];
extern const char *const pn_format_choices[];
extern const char *const pn_text_choices[];

/* The rows of struct pn_common, to stand first in each table of options. */
#define PN_COMMON_OPTIONS PN_COMMON_OPTIONS_OF(pn_format_choices, "text or json")

/* The same for a verb whose answer has one form. */
#define PN_TEXT_OPTIONS PN_COMMON_OPTIONS_OF(pn_text_choices, "text, and no other")

/* The same for a verb that has formats of its own besides. */
#define PN_COMMON_OPTIONS_OF(choices, choices_text)                                  \
    { "help", 'h',  PN_OPTION_FLAG,  offsetof(struct pn_common, help),               \
      NULL,   NULL, "show this text" },                                              \
        { "color",                                                                   \
          0,                                                                         \
          PN_OPTION_CHOICE,                                                          \
          offsetof(struct pn_common, color),                                         \
          "WHEN",                                                                    \
          pn_color_choices,                                                          \
          "auto, always or never" },                                                 \
    {                                                                                \
        "format", 0, PN_OPTION_CHOICE, offsetof(struct pn_common, format), "FORMAT", \
            choices, choices_text                                                    \
    }

/* The row of verbs that read rules, behind those. */
#define PN_ROOT_OPTION                                                            \
    {                                                                             \
        "root", 0, PN_OPTION_TEXT, offsetof(struct pn_common, root), "DIR", NULL, \
            "open and write nothing outside of DIR"                               \
    }

/* Is this value of TERM, NULL for none, one of a terminal that obeys nothing? */
bool
pn_terminal_is_dumb(const char *term);

/* What of the environment says whether there is colour; NULL for what is not set. */
struct pn_color_environment {
    const char *no_color, *force, *clicolor, *term;
};

/*
 * The first that is so: NO_COLOR is not empty: never; CLICOLOR_FORCE is neither empty
 * nor 0: always; CLICOLOR is 0, or TERM is dumb or empty: never. Else on a terminal
 * only.
 */
enum pn_color
pn_color_wanted(const struct pn_color_environment *environment);

struct pn_verb {
    const char *name;
    const char *operands; /* for the usage line */
    const char *summary;
    const struct pn_option_table *options;
    int (*run)(struct pn_tool *tool, int argc, char **argv);
};

/*
 * Parses the verb's options into `config`, which begins with a struct pn_common, and
 * answers --help. True when the verb is to go on; else *status is what to leave with.
 */
bool
pn_tool_options(struct pn_tool *tool, int argc, char **argv, void *config,
                int *operands, int *status);

/*
 * Prints "postern VERB: " and the text, a line, on standard error. Returns `status`. A
 * failure of the system when tool->work is spent is reported as pn_tool_too_much().
 */
__attribute__((format(printf, 3, 4))) int
pn_tool_failf(struct pn_tool *tool, int status, const char *format, ...);

/* "NAME: WHY". */
int
pn_tool_fail_of(struct pn_tool *tool, int status, const char *name, const char *why);

/* The same of a name that nothing has; `near`, perhaps NULL, is what was likely meant.
 * Returns PN_EXIT_USAGE. */
int
pn_tool_fail_unknown(struct pn_tool *tool, struct pn_str name, const char *why,
                     const char *near);

/* The same of a word of a list that ends in NULL. */
int
pn_tool_fail_unknown_of(struct pn_tool *tool, const char *name, const char *why,
                        const char *const *words);

/* The same, and errno says why. */
int
pn_tool_fail_system(struct pn_tool *tool, int status, const char *name);

/* The same: there is no memory. Returns PN_EXIT_SYSTEM. */
int
pn_tool_fail_memory(struct pn_tool *tool, const char *name);

/* The same of what the library answers; a damaged file is bad input. */
int
pn_tool_fail_status(struct pn_tool *tool, const char *name, enum postern_status status);

/*
 * The enum pn_exit of a compilation, and a message unless diagnostics say it. errno is
 * that of pn_compile().
 */
int
pn_tool_fail_compile(struct pn_tool *tool, enum pn_compile_result result,
                     const char *source, const char *image);

/*
 * A question whose struct pn_work was spent: "too much to compare: " and what it is of,
 * with what would make it less. In JSON it is said on standard output too, as
 * {"error": ..., "reason": "too-much"}. Returns PN_EXIT_USAGE: it is no answer.
 */
int
pn_tool_too_much(struct pn_tool *tool, const struct pn_common *common, const char *why);

/* What is wrong with the usage, and where to look. Returns PN_EXIT_USAGE. */
int
pn_tool_usage(struct pn_tool *tool, const char *problem);

/* --color when it says always or never, else what the environment wants. */
bool
pn_tool_color(const struct pn_tool *tool, const struct pn_common *common,
              bool is_terminal);

/* The style of a stream: tool->out, or tool->err. */
struct pn_style
pn_tool_style(const struct pn_tool *tool, const struct pn_common *common,
              const struct pn_output *stream);

/* Diagnostics, in the format and color that the options ask for. */
void
pn_tool_diagnostics(struct pn_tool *tool, const struct pn_common *common,
                    const struct pn_diags *diags);

/* GITHUB_STEP_SUMMARY, opened to be added to; -1 when there is none. */
int
pn_tool_summary(const struct pn_tool *tool);

/* The usage text of a verb: what --help shows. */
void
pn_tool_help(struct pn_output *out, const struct pn_verb *verb);

#endif
