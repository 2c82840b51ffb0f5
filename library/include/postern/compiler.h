/**
 * @file
 * libpostern-compiler: rule files as sources. Load one, see what is wrong with it, ask
 * it, prove it, lint it, compare it, lay it out, and compile it.
 *
 * Everything is data: nothing is printed, no signal is handled, no file is read or
 * written but those that are named, and there is no state outside of what you hold.
 * Whatever a text holds, a call ends with a status, within the memory that it was
 * given, and until it is cancelled.
 *
 * Threads. Calls for one compiler, and for the policies, reports and differences that
 * were made with it, are made one after the other: the library holds a lock meanwhile,
 * so that they may come from any thread. Different compilers share nothing. What is
 * said to be another's (postern_policy_rules(), texts, items of reports) is constant:
 * any number of threads may read it, until what owns it is closed.
 *
 * Lifetime. A compiler may be freed before what was made with it: it goes when the last
 * of it does. Texts end in a NUL that their length does not count, and may hold others.
 */
#ifndef POSTERN_COMPILER_H
#define POSTERN_COMPILER_H

#include "postern/rules.h"

#ifdef __cplusplus
extern "C" {
#endif
#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif

/** What is worked with: who reads files, how much memory there is, what day it is. */
struct postern_compiler;

/** Where a reader puts the text of a file. */
struct postern_sink;

/**
 * Reads a file that a policy names, and hands its text to postern_sink_add(), in one
 * piece or in many. It may fall back on postern_sink_file(). It is called for the root
 * of postern_policy_load_file() and for everything that is included or listed, once for
 * each path and policy: what was read stays as it was for all later questions.
 *
 * It runs inside the call that needs the file, in the same thread. Of the library it
 * may call the functions for sinks, libpostern's, and those of other compilers; a call
 * for the same compiler is POSTERN_E_BUSY.
 *
 * @param path  As the policy names it, relative to the file that does: "lists/a.txt".
 * @return 0, or an errno value that says why there is no text: ENOENT.
 */
typedef int (*postern_read_fn)(void *payload, const char *path,
                               struct postern_sink *sink);

/** Adds bytes to a text; false without memory or when the text is too long: end then.
 */
bool
postern_sink_add(struct postern_sink *sink, const void *bytes, size_t size);

/**
 * Adds the content of a file, as the library reads files by itself: regular ones only,
 * and none of /proc or /sys. 0, or an errno value.
 */
int
postern_sink_file(struct postern_sink *sink, const char *path);

/** How a compiler works. All zero is fine. */
struct postern_compiler_options {
    uint32_t struct_size; /**< set by POSTERN_COMPILER_OPTIONS_INIT */
    /** YYYYMMDD: rules that end before this day are left out; 0: none is. */
    uint32_t as_of;
    /**
     * How many bytes the texts, policies and answers of this compiler may take
     * together; 0: as many as there are. What needs more ends with POSTERN_E_LIMIT.
     */
    uint64_t memory_limit;
    /** Who reads; NULL: files are opened, relative paths from the working directory. */
    postern_read_fn read;
    void *payload; /**< for `read` */
};

/** Initialises a struct postern_compiler_options. */
#define POSTERN_COMPILER_OPTIONS_INIT                                               \
    {                                                                               \
        sizeof(struct postern_compiler_options), 0, 0, POSTERN_NULL_, POSTERN_NULL_ \
    }

/**
 * Makes a compiler.
 *
 * @param options  Copied; NULL for all zero.
 * @param out      Untouched unless POSTERN_OK is returned; for postern_compiler_free().
 * @retval POSTERN_OK       *out is made.
 * @retval POSTERN_E_ARG    A struct_size this library does not know, or no date.
 * @retval POSTERN_E_NOMEM  Out of memory.
 */
enum postern_status
postern_compiler_new(const struct postern_compiler_options *options,
                     struct postern_compiler **out);

/** Gives a compiler back. NULL is fine. */
void
postern_compiler_free(struct postern_compiler *compiler);

/**
 * Cancels the call that is running, and every later one: they end with
 * POSTERN_E_CANCELLED as soon as they look, some milliseconds for what takes long, and
 * leave everything as it was. The only call that waits for no other, from any thread;
 * for a signal handler too.
 */
void
postern_compiler_cancel(struct postern_compiler *compiler);

/** Takes a cancellation back: later calls work again. */
void
postern_compiler_resume(struct postern_compiler *compiler);

/** What a compiler, and all that was made with it, takes now, and took at most: bytes.
 */
void
postern_compiler_memory(struct postern_compiler *compiler, uint64_t *used_out,
                        uint64_t *peak_out);

/* ---- reports ---- */

/** No place. */
#define POSTERN_PLACE_INIT                                \
    {                                                     \
        POSTERN_STR_INIT, 0, 0, 0, 0, POSTERN_STR_INIT, 0 \
    }

/** A place in a text. */
struct postern_place {
    struct postern_str file; /**< as it was named; ptr NULL for no place */
    uint32_t line, column;   /**< from 1; a column counts bytes; 0 for not known */
    uint32_t offset, size;   /**< bytes, from the beginning of the file */
    /**
     * Its line, or a part of it, for showing; ptr NULL when the text is confidential.
     * What the place is of begins at byte `excerpt_at` of it.
     */
    struct postern_str excerpt;
    uint32_t excerpt_at;
};

/** How much a finding matters. */
enum postern_severity {
    POSTERN_ERROR = 0,   /**< nothing is compiled, or something is surely wrong */
    POSTERN_WARNING = 1, /**< it is not what its author means, most likely */
    POSTERN_NOTE = 2     /**< it could be better */
};

/** What is wrong with a policy, or could be better. */
struct postern_finding {
    uint32_t severity; /**< enum postern_severity */
    bool is_ignored;   /**< a comment of the source silences it; see `reason` */
    /** Its edits change no decision, which is proven: they may be made unasked. */
    bool is_safe;
    struct postern_str code; /**< "P301"; "P000" for what has no page of its own */
    struct postern_str name; /**< "shadowed-rule": a promise, as the code is */
    struct postern_str kind; /**< of an error of the compiler, its own name; or NULL */
    struct postern_str message; /**< a sentence */
    struct postern_str label;   /**< what stands at the place; or NULL */
    struct postern_str help;    /**< what to do; or NULL */
    struct postern_str reason;  /**< why it is ignored, as its author wrote; or NULL */
    struct postern_place at;
    uint32_t related_count, edit_count;
    const struct postern_query *query; /**< an example of it; or NULL */
    struct postern_str answer;         /**< what decides the query, in words */
};

/** Another place that belongs to a finding. */
struct postern_related {
    struct postern_place at;
    struct postern_str message;
};

/** A replacement of bytes in a file: of `at.size` bytes at `at.offset` by `text`. */
struct postern_edit {
    struct postern_place at;
    struct postern_str text;
    /**
     * The edits of one finding with the same number are made together; those with
     * another are an alternative to them.
     */
    uint32_t alternative;
};

/** Findings, in the order of the files and of their lines. */
struct postern_report;

/** How many findings there are. */
size_t
postern_report_count(const struct postern_report *report);

/** A finding by its number, from 0; NULL past the last. It is the report's. */
const struct postern_finding *
postern_report_finding(const struct postern_report *report, size_t finding);

/** A related place of a finding; NULL past the last. It is the report's. */
const struct postern_related *
postern_report_related(const struct postern_report *report, size_t finding,
                       size_t related);

/** An edit of a finding; NULL past the last. It is the report's. */
const struct postern_edit *
postern_report_edit(const struct postern_report *report, size_t finding, size_t edit);

/** Gives a report back. NULL is fine. */
void
postern_report_free(struct postern_report *report);

/* ---- policies ---- */

/** A root, with all that it includes and lists, as it was read, and compiled. */
struct postern_policy;

/**
 * Loads a policy from a file, extended or classic: reads, parses, resolves, compiles
 * into memory, and reads that back.
 *
 * A policy with errors is loaded too: postern_policy_diagnostics() has them, and what
 * needs a compiled policy ends with POSTERN_E_REFUSED.
 *
 * Cost      In proportion to the texts; sets of sets, by what they come to.
 *
 * @param out  Untouched unless POSTERN_OK is returned; for postern_policy_close().
 * @retval POSTERN_OK           *out is loaded.
 * @retval POSTERN_E_IO         The root could not be read, or the system refused; errno
 *                              says why.
 * @retval POSTERN_E_NOMEM      Out of memory.
 * @retval POSTERN_E_LIMIT      The memory limit was reached.
 * @retval POSTERN_E_CANCELLED  It was cancelled.
 * @retval POSTERN_E_BUSY       The compiler is reading a file for another call.
 * @retval POSTERN_E_FORMAT     What was read back is not what was compiled: a fault of
 *                              this library, or of the machine.
 */
enum postern_status
postern_policy_load_file(struct postern_compiler *compiler, const char *path,
                         struct postern_policy **out);

/**
 * postern_policy_load_file() of a text that is at hand, such as an editor's buffer; it
 * is copied. What it includes is read as `name` was the path of it.
 */
enum postern_status
postern_policy_load_text(struct postern_compiler *compiler, const char *name,
                         const void *text, size_t size, struct postern_policy **out);

/** Ends a policy, and all views into it. NULL is fine. errno is kept. */
void
postern_policy_close(struct postern_policy *policy);

/** The errors and warnings of the compiler. The report is the policy's. */
const struct postern_report *
postern_policy_diagnostics(const struct postern_policy *policy);

/**
 * The compiled policy, for libpostern's functions: whoever decides often asks this. It
 * is the policy's, and NULL when there are errors.
 */
const struct postern_rules *
postern_policy_rules(const struct postern_policy *policy);

/** A file that was read for a policy. */
struct postern_file {
    struct postern_str name; /**< as the policy names it; the root's as it was given */
    struct postern_str text;
    int32_t error; /**< errno of a file that could not be read, else 0 */
};

/** A file of a policy by its number, 0 is the root; NULL past the last. */
const struct postern_file *
postern_policy_file(const struct postern_policy *policy, size_t file);

/** A decision, and where the rule stands that made it. */
struct postern_answer {
    uint32_t struct_size; /**< set by POSTERN_ANSWER_INIT */
    uint32_t until;       /**< the rule's last day, YYYYMMDD; 0 for none */
    struct postern_decision decision;
    struct postern_str
        target;              /**< of the rule, as written; ptr NULL: no rule decided */
    struct postern_str file; /**< of the rule; ptr NULL: nobody wrote it */
    uint32_t line,
        column; /**< from 1; the column is 0 for a rule of an extended file */
    struct postern_str owner, ticket; /**< as written; ptr NULL for none */
    /** Where an entry of a list decides: the entry, its file and its line; or NULL, 0.
     */
    struct postern_str entry, list;
    uint32_t list_line;
    uint32_t reserved;
};

/** Initialises a struct postern_answer: a denial. */
#define POSTERN_ANSWER_INIT                                                        \
    {                                                                              \
        sizeof(struct postern_answer), 0, POSTERN_DECISION_INIT, POSTERN_STR_INIT, \
            POSTERN_STR_INIT, 0, 0, POSTERN_STR_INIT, POSTERN_STR_INIT,            \
            POSTERN_STR_INIT, POSTERN_STR_INIT, 0, 0                               \
    }

/**
 * Decides, and finds the rule in its source. One matcher decides: libpostern's.
 *
 * Cost      Of a decision, and where a list decides, once of a load.
 * Lifetime  Views in *out are valid until the policy is closed.
 *
 * @param out  From POSTERN_ANSWER_INIT. Untouched unless POSTERN_OK is returned.
 * @retval POSTERN_OK         *out is filled in.
 * @retval POSTERN_E_REFUSED  The policy has errors: deny.
 * @retval others             As postern_rules_decide(), and as
 *                            postern_policy_load_file(): deny.
 */
enum postern_status
postern_policy_decide(struct postern_policy *policy, const struct postern_query *query,
                      struct postern_answer *out);

/* ---- compiled ---- */

/** Bytes that were made. */
struct postern_text;

/** The bytes of a text, and their number in *size_out (may be NULL). They are the
 * text's. */
const char *
postern_text_bytes(const struct postern_text *text, size_t *size_out);

/** Gives a text back. NULL is fine. */
void
postern_text_free(struct postern_text *text);

/** Flags of emitting, to be or-ed. */
enum postern_emit_flag {
    POSTERN_EMIT_CLASSIC = 1u << 0, /**< an extended policy for readers of ucspi-tcp */
    POSTERN_EMIT_NATIVE = 1u << 1,  /**< a classic one as an extended one */
    POSTERN_EMIT_STRIP = 1u << 2,   /**< without where rules come from */
    POSTERN_EMIT_PROVEN = 1u << 3   /**< only if its claims hold */
};

/**
 * The compiled policy as bytes, for a file or for postern_rules_open_memory(). Without
 * a flag it is what `postern compile` writes, in the language of the source. The same
 * source makes the same bytes.
 *
 * @param flags       Of enum postern_emit_flag.
 * @param report_out  Untouched unless POSTERN_E_REFUSED is returned: what is wrong, to
 *                    be freed. May be NULL.
 * @retval POSTERN_OK         *out is the caller's.
 * @retval POSTERN_E_ARG      Unknown flags, or classic and native at once.
 * @retval POSTERN_E_REFUSED  There are errors, or a claim does not hold, or the policy
 *                            cannot be said so: nobody gets a part of it.
 * @retval others             As postern_policy_load_file().
 */
enum postern_status
postern_policy_emit(struct postern_policy *policy, uint32_t flags,
                    struct postern_text **out, struct postern_report **report_out);

/**
 * postern_policy_emit() into a file, which is replaced whole and synced, or not at all.
 * A fresh file gets mode 0666 less the umask, another keeps its own.
 */
enum postern_status
postern_policy_emit_file(struct postern_policy *policy, uint32_t flags,
                         const char *path, struct postern_report **report_out);

/* ---- proofs ---- */

/** A claim of a policy: `expect` or `always`, and whether it holds. */
struct postern_claim {
    struct postern_place at;
    bool is_always;
    bool holds;
    /** It is undecided: it would take too much. It is the last one then. */
    bool is_too_much;
    /** It fails only for clients with a host, or with an ident. */
    bool only_with_host, only_with_ident;
    /** Of an expect its own, of a broken always one that breaks it; or NULL. */
    const struct postern_query *query;
    const struct postern_decision *decision; /**< of the query; or NULL */
};

/** Takes a claim, whose views are valid until it returns; false ends the proving. */
typedef bool (*postern_claim_fn)(void *payload, const struct postern_claim *claim);

/**
 * Proves all claims of a policy, in the order of its files, over every address, host
 * and ident that there can be.
 *
 * @param tests    The path of a file of further claims, read as all files are; NULL for
 *                 none.
 * @param holds_out  Whether all of them hold. Untouched unless POSTERN_OK is returned.
 * @retval POSTERN_OK         All were decided, or `take` ended it.
 * @retval POSTERN_E_REFUSED  The policy or the tests have errors: *report_out.
 * @retval POSTERN_E_LIMIT    Deciding one would take too much: `take` was told which.
 * @retval others             As postern_policy_load_file().
 */
enum postern_status
postern_policy_prove(struct postern_policy *policy, const char *tests,
                     postern_claim_fn take, void *payload, bool *holds_out,
                     struct postern_report **report_out);

/* ---- lint ---- */

/** What the server behind a policy does not do, to be or-ed. */
enum postern_server_flag {
    POSTERN_SERVER_KNOWN = 1u << 0,   /**< it is known: what is not said here it does */
    POSTERN_SERVER_NO_HOST = 1u << 1, /**< looks up no host: tcpserver -H */
    POSTERN_SERVER_NO_IDENT = 1u << 2, /**< asks for no ident: -R */
    POSTERN_SERVER_PARANOID = 1u << 3, /**< drops names that do not lead back: -p */
    POSTERN_SERVER_NO_IPV4 = 1u << 4,  /**< has no clients with IPv4, */
    POSTERN_SERVER_NO_IPV6 = 1u << 5   /**< or none with IPv6 */
};

/** What the linter is told. All zero is fine. */
struct postern_lint_options {
    uint32_t struct_size; /**< set by POSTERN_LINT_OPTIONS_INIT */
    uint32_t server;      /**< of enum postern_server_flag */
    uint32_t today;     /**< YYYYMMDD: what has ended by then is found; 0: nothing is */
    bool strict;        /**< look for what is off by default too */
    bool no_ignores;    /**< do not obey comments that silence findings */
    const char *only;   /**< names or codes, with commas between; NULL: all */
    const char *ignore; /**< likewise; NULL: none */
    /** Variables that give a client rights, likewise; NULL: "RELAYCLIENT". */
    const char *privileged;
    /** Networks that may have them, besides the private ones; NULL: none. */
    const char *trusted;
    /** An earlier version, from which lists are expected to differ little; or NULL. */
    struct postern_policy *against;
    const char *tests; /**< a file of claims beside the policy; or NULL */
};

/** Initialises a struct postern_lint_options. */
#define POSTERN_LINT_OPTIONS_INIT                                                     \
    {                                                                                 \
        sizeof(struct postern_lint_options), 0, 0, false, false, POSTERN_NULL_,       \
            POSTERN_NULL_, POSTERN_NULL_, POSTERN_NULL_, POSTERN_NULL_, POSTERN_NULL_ \
    }

/**
 * Lints a policy: what its author may not mean, exactly. A policy with errors has them
 * among its findings.
 *
 * @param options  NULL for all zero.
 * @param out      Untouched unless POSTERN_OK is returned; for postern_report_free().
 * @retval POSTERN_OK       *out has the findings, perhaps none.
 * @retval POSTERN_E_ARG    An option that means nothing: a name of no finding, networks
 *                          that are none, `against` of another compiler or with errors.
 * @retval POSTERN_E_LIMIT  It would take too much memory, or work.
 * @retval others           As postern_policy_load_file().
 */
enum postern_status
postern_policy_lint(struct postern_policy *policy,
                    const struct postern_lint_options *options,
                    struct postern_report **out);

/* ---- differences ---- */

/** What a change means for whom it is for. */
enum postern_effect {
    POSTERN_LOSES = 0, /**< was allowed, is denied */
    POSTERN_GAINS = 1, /**< was denied, is allowed */
    POSTERN_OTHER = 2  /**< is answered otherwise, with the same verdict */
};

/** What a change is altogether. */
enum postern_direction {
    POSTERN_SAME = 0,     /**< every client is answered alike: a proof */
    POSTERN_STRICTER = 1, /**< all of them lose */
    POSTERN_LOOSER = 2,   /**< all of them gain */
    POSTERN_MIXED = 3     /**< or some are answered otherwise, with the same verdict */
};

/** Clients that a change is for, all alike: addresses by hosts by idents. */
struct postern_region {
    uint32_t effect; /**< enum postern_effect */
    uint32_t range_count;
    /** 0 of either: whoever it is. */
    uint32_t host_count, ident_count;
    struct postern_str addresses;        /**< how many, in digits: up to 2^128 */
    const struct postern_query *witness; /**< one of them; its address is given */
    const struct postern_answer *before; /**< what it was answered, */
    const struct postern_answer *after;  /**< and is; without the entry of a list */
};

/** Addresses of a region. */
struct postern_range {
    struct postern_addr first, last;
    /** "10.0.0.0/8", and of IPv6, where not all is meant, which: docs/classic.md. */
    struct postern_str text;
};

/** All that two policies answer differently. */
struct postern_diff;

/**
 * Compares two policies of one compiler: exactly whom the change is for, over every
 * address, host and ident.
 *
 * @param server  Of enum postern_server_flag: NO_HOST and NO_IDENT are of a server that
 *                looks up neither.
 * @param out     Untouched unless POSTERN_OK is returned; for postern_diff_free(). It
 *                may outlive the policies, its views too.
 * @retval POSTERN_OK         *out is made.
 * @retval POSTERN_E_ARG      The policies are of different compilers, or unknown flags.
 * @retval POSTERN_E_REFUSED  One of them has errors.
 * @retval POSTERN_E_LIMIT    It would take too much memory, or work.
 * @retval others             As postern_policy_load_file().
 */
enum postern_status
postern_policy_diff(struct postern_policy *before, struct postern_policy *after,
                    uint32_t server, struct postern_diff **out);

/** What the change is altogether. */
enum postern_direction
postern_diff_direction(const struct postern_diff *diff);

/** A region by its number: gains first, then losses, the largest first; NULL past the
 * last. It is the difference's. */
const struct postern_region *
postern_diff_region(const struct postern_diff *diff, size_t region);

/** Addresses of a region; NULL past the last. */
const struct postern_range *
postern_diff_range(const struct postern_diff *diff, size_t region, size_t range);

/**
 * A host pattern of a region, "=mx.example" or "=.example", with "!" before what is
 * left out; an empty text is "no host". Of those that match a name the longest counts.
 * NULL past the last.
 */
const char *
postern_diff_host(const struct postern_diff *diff, size_t region, size_t host);

/** An ident of a region, likewise: "joe@", "*@" for any other, empty for none. */
const char *
postern_diff_ident(const struct postern_diff *diff, size_t region, size_t ident);

/** Gives a difference back. NULL is fine. */
void
postern_diff_free(struct postern_diff *diff);

/* ---- texts ---- */

/**
 * Lays out a text of either language. What the compiler reads of it stays the same,
 * which is checked.
 *
 * @param name        For the report.
 * @param report_out  As of postern_policy_emit().
 * @retval POSTERN_OK         *out is the caller's: the text, changed or not.
 * @retval POSTERN_E_REFUSED  It does not parse.
 * @retval others             As postern_policy_load_file().
 */
enum postern_status
postern_format(struct postern_compiler *compiler, const char *name, const void *text,
               size_t size, struct postern_text **out,
               struct postern_report **report_out);

/** What stands at a position of a source. */
enum postern_symbol_kind {
    POSTERN_SYMBOL_NONE = 0,   /**< nothing: blanks, a comment, what has errors */
    POSTERN_SYMBOL_RULE = 1,   /**< of a rule, and of no smaller part of it */
    POSTERN_SYMBOL_TARGET = 2, /**< an address, prefix, host or ident */
    POSTERN_SYMBOL_SET = 3,    /**< a set: its definition, or where it is named */
    POSTERN_SYMBOL_ENV = 4,    /**< a group of variables, likewise */
    POSTERN_SYMBOL_VARIABLE = 5,
    POSTERN_SYMBOL_TERM = 6,    /**< limit, rate, reject, until, owner, ticket */
    POSTERN_SYMBOL_LIST = 7,    /**< file "...": `definition` is the file */
    POSTERN_SYMBOL_INCLUDE = 8, /**< likewise */
    POSTERN_SYMBOL_CLAIM = 9,   /**< expect, always */
    POSTERN_SYMBOL_HEADER = 10
};

/** What stands at a position: views into the policy. */
struct postern_symbol {
    uint32_t struct_size;    /**< set by POSTERN_SYMBOL_INIT */
    uint32_t kind;           /**< enum postern_symbol_kind */
    struct postern_place at; /**< of the symbol */
    struct postern_str text; /**< as it is written */
    /** Of a set, a group or a file: where it is defined; file.ptr NULL: it is not. */
    struct postern_place definition;
    struct postern_place statement; /**< that it stands in */
    /** Of what is in a rule: its number for postern_rules_outcome() of the policy's
     * rules; else, and when there are errors, POSTERN_RULE_NONE. */
    uint32_t rule;
    uint32_t reserved;
};

/** Initialises a struct postern_symbol. */
#define POSTERN_SYMBOL_INIT                                                     \
    {                                                                           \
        sizeof(struct postern_symbol), 0, POSTERN_PLACE_INIT, POSTERN_STR_INIT, \
            POSTERN_PLACE_INIT, POSTERN_PLACE_INIT, 0, 0                        \
    }

/**
 * Tells what stands at a position of a file of the policy, also of one with errors.
 *
 * @param file    The name of one of its rule files; NULL: the root.
 * @param offset  In bytes; one past the end of a word is of the word too.
 * @param out     From POSTERN_SYMBOL_INIT. Untouched unless POSTERN_OK is returned.
 * @retval POSTERN_OK     *out is filled in, perhaps with POSTERN_SYMBOL_NONE.
 * @retval POSTERN_E_ARG  No such file, or an offset past its end.
 * @retval others         As postern_policy_load_file().
 */
enum postern_status
postern_policy_at(struct postern_policy *policy, const char *file, uint32_t offset,
                  struct postern_symbol *out);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif

#endif
