/**
 * @file
 * What can be said of a whole policy: proofs, findings, differences, layout, and what
 * stands where. See compiler.h.
 */
#ifndef POSTERN_REVIEW_H
#define POSTERN_REVIEW_H

#include "postern/policy.h"

#ifdef __cplusplus
extern "C" {
#endif
#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif

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
 * @param tests    The path of a file of further claims, read as all files are, or none
 *                 when it is not there; NULL for none.
 * @param holds_out  Whether all hold, of those that `take` was told of. Untouched
 * unless POSTERN_OK is returned.
 * @retval POSTERN_OK         All were decided, or `take` ended it.
 * @retval POSTERN_E_REFUSED  The policy or the tests have errors: *report_out.
 * @retval POSTERN_E_LIMIT    Deciding one would take too much: `take` was told which.
 * @retval others             As postern_policy_load_file().
 */
enum postern_status
postern_policy_prove(struct postern_policy *policy, const char *tests,
                     postern_claim_fn take, void *payload, bool *holds_out,
                     struct postern_report **report_out);

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
    const char *tests; /**< a file of claims beside the policy, as above; or NULL */
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
    struct postern_str text; /**< "10.0.0.0/8", or "192.0.2.4-192.0.2.9" */
    /**
     * A key of a classic file matches by how addresses are written, and so perhaps not
     * all of the range: `text` says which, in words behind it.
     */
    bool is_partial;
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
