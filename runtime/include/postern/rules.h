/**
 * @file
 * Compiled rule files: open one, and ask what it decides.
 *
 * A handle is immutable: any number of threads may decide on one at once, without
 * locks. For a file that is replaced while the program runs, see watch.h.
 */
#ifndef POSTERN_RULES_H
#define POSTERN_RULES_H

#include "postern/types.h"

#ifdef __cplusplus
extern "C" {
#endif
#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif

/** An open compiled rule file. */
struct postern_rules;

/** Flags of the open calls, to be or-ed. */
enum postern_open_flag {
    /**
     * Read the file into memory of the handle's own. Without it the file is mapped,
     * and a program that truncates it in place (cp, rsync --inplace) ends yours by
     * SIGBUS: copy where others may do that. The checksums of a native file are
     * checked too, as all of it is read.
     */
    POSTERN_OPEN_COPY = 1u << 0,
    /**
     * Check every record and table now, in time proportional to the file. Without it
     * only the header is checked, in constant time, and damage further in shows as
     * POSTERN_E_FORMAT of the decision that meets it.
     */
    POSTERN_OPEN_CHECK = 1u << 1
};

/**
 * Opens a compiled rule file.
 *
 * Cost      Constant for a mapped open without POSTERN_OPEN_CHECK; one allocation.
 * Threads   Any.
 * Lifetime  *out is the caller's, for postern_rules_close().
 *
 * @param flags  Of enum postern_open_flag.
 * @param out    Untouched unless POSTERN_OK is returned.
 *
 * @retval POSTERN_OK        *out is open.
 * @retval POSTERN_E_ARG     Unknown flags.
 * @retval POSTERN_E_NOMEM   Out of memory.
 * @retval POSTERN_E_IO      The system refused; errno says why.
 * @retval POSTERN_E_FORMAT  No regular file, not a cdb, damaged, or over 4 GiB.
 * @retval POSTERN_E_VERSION A native file of a newer major version, or one that
 * requires what this library does not know: postern_rules_lacking().
 */
enum postern_status
postern_rules_open(const char *path, uint32_t flags, struct postern_rules **out);

/** postern_rules_open(), with a relative path taken from a folder (openat(2)). */
enum postern_status
postern_rules_open_at(int folder_fd, const char *path, uint32_t flags,
                      struct postern_rules **out);

/**
 * postern_rules_open() on a descriptor opened for reading, which stays the caller's and
 * may be closed at once. Its file position is neither used nor moved.
 */
enum postern_status
postern_rules_open_fd(int fd, uint32_t flags, struct postern_rules **out);

/**
 * postern_rules_open() on an image in memory. Without POSTERN_OPEN_COPY the bytes are
 * borrowed, and must neither move nor change until the handle is closed.
 */
enum postern_status
postern_rules_open_memory(const void *bytes, size_t size, uint32_t flags,
                          struct postern_rules **out);

/** Ends a handle and every view into it. NULL is fine. errno is kept. */
void
postern_rules_close(struct postern_rules *rules);

/**
 * Decides what happens to one connection.
 *
 * The first step of the ladder that has a rule decides, first among the rules for this
 * ident (if there is an ident answer), then among the others. Classic files are looked
 * up by text, as ucspi-tcp does: nothing is folded or normalised. When nothing matches
 * a classic file, the answer is allow, step POSTERN_STEP_NONE. A native file is looked
 * up by bytes, and by host without regard to case; a text that is no address is denied.
 *
 * Cost      For a classic file one probe for each step, one for each dot or colon in
 *           the address and for each dot in the host. No allocation, no system call,
 *           no lock.
 * Threads   Any number may decide on one handle at once.
 * Lifetime  out->env points into the file: valid until postern_rules_close().
 *
 * @param query  From POSTERN_QUERY_INIT. It needs `remote` or `remote_text`.
 * @param out    From POSTERN_DECISION_INIT. Untouched unless POSTERN_OK is returned.
 *
 * @retval POSTERN_OK        *out is filled in.
 * @retval POSTERN_E_ARG     A struct_size this library does not know, no address, or
 *                           texts too long for the scratch memory.
 * @retval POSTERN_E_FORMAT  The file is damaged. Deny: nothing can be trusted.
 * @retval POSTERN_E_VERSION The rule has several limits, and *out is of a program from
 *                           before there were such: it has no room for them. Deny.
 */
enum postern_status
postern_rules_decide(const struct postern_rules *rules,
                     const struct postern_query *query, struct postern_decision *out);

/** What a server may still have to find out about a client. */
enum postern_need {
    POSTERN_NEEDS_HOST = 1, /**< its host name, */
    POSTERN_NEEDS_IDENT = 2 /**< its ident answer */
};

/**
 * Tells, before anything is looked up, whether a host name or an ident could still
 * change what an address is answered: without POSTERN_NEEDS_HOST no host can, whatever
 * the ident, and the reverse. It may say yes where neither can, never no where one can.
 * A classic file has no index of its hosts and idents: opened with POSTERN_OPEN_CHECK
 * it tells whether it has any at all, else that it may have both.
 *
 * Cost      As one decision, or less.
 * Threads   Any number may ask one handle at once.
 *
 * @param needs_out  Of enum postern_need, or-ed. Untouched unless POSTERN_OK is
 *                   returned.
 * @retval POSTERN_OK        *needs_out is set.
 * @retval POSTERN_E_ARG     The address has no family.
 * @retval POSTERN_E_FORMAT  The file is damaged. Deny.
 */
enum postern_status
postern_rules_needs(const struct postern_rules *rules,
                    const struct postern_addr *remote, uint32_t *needs_out);

/** What the rules say of an address without a host and an ident. */
struct postern_brief {
    uint32_t rule;   /**< for postern_rules_outcome(); or POSTERN_RULE_NONE */
    uint8_t verdict; /**< enum postern_verdict */
    uint8_t step;    /**< enum postern_step */
    uint8_t needs;   /**< enum postern_need: what could still change it */
    uint8_t status;  /**< enum postern_status; the rest is a denial unless it is OK */
};

/**
 * Decides many addresses at once: for each what postern_rules_decide() says of it alone
 * and postern_rules_needs() of its needs. From a native file this takes a fraction of
 * the time: one look-up does not wait for another, and where the processor has vectors
 * of 256 or 512 bits (AVX2, AVX-512) they are used. The answers are the same.
 *
 * Damage of a rule's variables, texts and limits is told by postern_rules_outcome().
 *
 * Cost      No allocation, no system call, no lock; 2 KiB of stack.
 * Threads   Any number may decide on one handle at once.
 *
 * @param family     4 or 6, of all of them.
 * @param addresses  count times 4 or 16 bytes in network order, as struct in_addr and
 *                   struct in6_addr are; at any alignment.
 * @param out        Room for count. Untouched unless POSTERN_OK is returned.
 *
 * @retval POSTERN_OK     out[0] to out[count - 1] are filled in, each with a status.
 * @retval POSTERN_E_ARG  No such family.
 */
enum postern_status
postern_rules_decide_addresses(const struct postern_rules *rules, unsigned family,
                               const void *addresses, size_t count,
                               struct postern_brief *out);

/**
 * Decides many queries at once: each as postern_rules_decide() does. Those without a
 * host and an ident go by way of postern_rules_decide_addresses().
 *
 * Cost      As the sum of both; 4 KiB of stack.
 * Threads   Any number may decide on one handle at once.
 *
 * @param queries  Where count queries are, each from POSTERN_QUERY_INIT; they may share
 *                 scratch memory.
 * @param out      Where the decisions go, each from POSTERN_DECISION_INIT.
 * @param decided  How many were decided: all, or those before the first that has a
 *                 fault. Decisions from there on may be filled in or not.
 *
 * @return POSTERN_OK, or the status of the first query that could not be decided.
 */
enum postern_status
postern_rules_decide_many(const struct postern_rules *rules,
                          const struct postern_query *const *queries, size_t count,
                          struct postern_decision *const *out, size_t *decided);

/** One look-up on the way to a decision. */
struct postern_trace_event {
    struct postern_str key; /**< what was looked for; valid during the callback */
    uint8_t step;           /**< enum postern_step */
    uint8_t ident_rule;     /**< 1 while the rules for this ident are asked */
    uint8_t found;          /**< 1 on the last event of a decision, else 0 */
    uint8_t reserved;
};

typedef void (*postern_trace_fn)(void *payload,
                                 const struct postern_trace_event *event);

/**
 * postern_rules_decide(), telling of each look-up in order. There is no second
 * matcher: what it tells is what a decision does. `trace` may be NULL.
 */
enum postern_status
postern_rules_trace(const struct postern_rules *rules,
                    const struct postern_query *query, postern_trace_fn trace,
                    void *payload, struct postern_decision *out);

/**
 * What a rule decides wherever it decides: verdict, environment, limit, rate and reject
 * text. `step` is POSTERN_STEP_NONE, for no query was asked.
 *
 * @param rule  decision.rule, from the same handle.
 * @param out   From POSTERN_DECISION_INIT. Untouched unless POSTERN_OK is returned.
 * @retval POSTERN_OK        *out is filled in; views live until the rules are closed.
 * @retval POSTERN_E_ARG     A struct_size this library does not know, or no such rule.
 * @retval POSTERN_E_FORMAT  The file is damaged.
 * @retval POSTERN_E_VERSION As of a decision.
 */
enum postern_status
postern_rules_outcome(const struct postern_rules *rules, uint32_t rule,
                      struct postern_decision *out);

/** Where a rule comes from. */
struct postern_origin {
    uint32_t struct_size; /**< set by POSTERN_ORIGIN_INIT */
    uint32_t line;        /**< from 1; 0 when the file does not tell */
    /** The rule as written; of a classic file, its key. NULL when it was left out. */
    struct postern_str target;
    /**
     * NULL when the file does not tell. With a file, and neither line nor target,
     * nobody wrote the rule: it is what a classic source without a default does.
     */
    struct postern_str file;
    struct postern_str owner;  /**< as written; NULL for none */
    struct postern_str ticket; /**< likewise */
    uint32_t until; /**< the last day it is meant for, YYYYMMDD; 0 for none */
    /**
     * Which rule it is: the same in the next version of the file as long as its place
     * (the file it is written in), its targets as they are meant, and its verdict are,
     * whatever stands around it, stripped or not. Of a classic file: which key.
     */
    uint64_t identity;
};

/** Initialises a struct postern_origin. */
#define POSTERN_ORIGIN_INIT                                                   \
    {                                                                         \
        sizeof(struct postern_origin), 0, POSTERN_STR_INIT, POSTERN_STR_INIT, \
            POSTERN_STR_INIT, POSTERN_STR_INIT, 0, 0                          \
    }

/**
 * Tells where the rule of a decision comes from. Views live until the rules are closed.
 * A native file tells file and line, a classic one its keys only.
 *
 * @param rule  decision.rule, from the same handle.
 * @retval POSTERN_OK        *out is filled in.
 * @retval POSTERN_E_ARG     A struct_size this library does not know, or no such rule.
 * @retval POSTERN_E_FORMAT  The file is damaged.
 */
enum postern_status
postern_rules_origin(const struct postern_rules *rules, uint32_t rule,
                     struct postern_origin *out);

/**
 * What a file requires that this library does not know, after POSTERN_E_VERSION: names
 * of features, with commas between, in printable bytes. Empty when it does not tell.
 *
 * @param out   Where the text goes, with its NUL; cut off where it has no room.
 * @param size  Of `out`, at least 1.
 * @return The length of the text.
 */
size_t
postern_rules_lacking(const char *path, char *out, size_t size);

/** What a file is made of. */
enum postern_format { POSTERN_FORMAT_CLASSIC = 1, POSTERN_FORMAT_NATIVE = 2 };

/** Facts about an open file. */
struct postern_info {
    uint32_t struct_size; /**< set by POSTERN_INFO_INIT */
    uint32_t format;      /**< enum postern_format */
    uint64_t size;        /**< of the file, in bytes */
    uint64_t records;     /**< in a classic file; the rules of a native one */
    /**
     * What any address needs, of enum postern_need; of a classic file that was not
     * opened with POSTERN_OPEN_CHECK, both.
     */
    uint32_t needs;
    uint32_t exempts; /**< 1 when a host or an ident may lead to a rule that is exempt
                           from penalties */
};

/** Initialises a struct postern_info. */
#define POSTERN_INFO_INIT                          \
    {                                              \
        sizeof(struct postern_info), 0, 0, 0, 0, 0 \
    }

/**
 * Tells facts about the file, in constant time.
 * @retval POSTERN_OK     *out is filled in.
 * @retval POSTERN_E_ARG  A struct_size this library does not know.
 */
enum postern_status
postern_rules_info(const struct postern_rules *rules, struct postern_info *out);

/**
 * The bytes of the open file, all that its decisions are made of: to be hashed, or
 * compared with another. Of a mapped file they are what the file has at the time.
 *
 * Cost      Constant.
 * Threads   Any.
 * Lifetime  A view: valid until postern_rules_close().
 */
struct postern_str
postern_rules_image(const struct postern_rules *rules);

/**
 * The next assignment of a decision, in the order of the file. Of two with one name the
 * later counts. A denial may have some too: they were written before its verdict.
 *
 * @param iter  decision.env, or a copy of it; moved on.
 * @param out   Untouched when false is returned.
 * @return false at the end. No allocation, no system call; never leaves the record,
 *         whatever the file holds.
 */
bool
postern_env_next(struct postern_env_iter *iter, struct postern_env *out);

/**
 * The next of the limits that a decision has behind decision.limit, in the order of the
 * rule. They count different networks; a client is let in where each of them, and
 * decision.limit, has room. At most POSTERN_LIMITS_MAX - 1.
 *
 * @param iter  decision.more_limits, or a copy of it; moved on.
 * @param out   Untouched when false is returned.
 * @return false at the end. No allocation, no system call; any thread.
 */
bool
postern_limit_next(struct postern_limit_iter *iter, struct postern_limit *out);

/**
 * The next of the penalties of a decision, ascending by status; they do not overlap. At
 * most POSTERN_PENALTIES_MAX. A rule that has none leaves it to the server whether its
 * clients are penalised.
 *
 * @param iter  decision.penalties, or a copy of it; moved on.
 * @param out   Untouched when false is returned.
 * @return false at the end. No allocation, no system call; any thread.
 */
static inline bool
postern_penalty_next(struct postern_penalty_iter *iter, struct postern_penalty *out)
{
    const uint8_t *row = iter->at;

    if (row == iter->end)
        return false;
    /* sums in the place of casts, of which C and C++ have kinds of their own */
    out->first = row[4] + row[5] * 256U;
    out->last = row[6] + row[7] * 256U;
    out->seconds = row[8] + row[9] * 256U + row[10] * 65536U;
    iter->at = row + 12;
    return true;
}

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif

#endif
