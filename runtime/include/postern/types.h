/**
 * @file
 * What every part of the runtime speaks of: statuses, addresses, queries, decisions.
 *
 * Structs that begin with struct_size grow at their end in later versions: initialise
 * them with their _INIT macro, and old programs go on working with new libraries.
 */
#ifndef POSTERN_TYPES_H
#define POSTERN_TYPES_H

#include "postern/version.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif

/** How a call ended. Every status but POSTERN_OK means: deny the connection. */
enum postern_status {
    POSTERN_OK = 0,
    POSTERN_E_ARG = 1,    /**< the caller passed something unusable */
    POSTERN_E_NOMEM = 2,  /**< out of memory */
    POSTERN_E_IO = 3,     /**< the system refused; errno says why */
    POSTERN_E_FORMAT = 4, /**< not a compiled rule file, or a damaged one */
    POSTERN_E_BUSY = 5,   /**< the file kept changing while it was read; or: not now */
    POSTERN_E_VERSION =
        6, /**< a file of a newer version, or that requires what is not known here */
    /* of compiler.h alone: */
    POSTERN_E_REFUSED = 7,  /**< the source has errors: there is a report of them */
    POSTERN_E_LIMIT = 8,    /**< it takes more memory or work than it may */
    POSTERN_E_CANCELLED = 9 /**< it was to stop */
};

/**
 * A status in words, for a message: "out of memory".
 * A constant string for every value, known or not. Any thread, any time.
 */
const char *
postern_status_text(enum postern_status status);

/**
 * The version of the library that runs, as "1.2.3"; that of the headers is in
 * version.h.
 */
const char *
postern_version(void);

/** Bytes that belong to someone else; not NUL-terminated. ptr is NULL for "none". */
struct postern_str {
    const char *ptr;
    size_t len; /**< bytes */
};

/** An address by its bytes. */
struct postern_addr {
    uint8_t family;    /**< 4, 6, or 0 for "none" */
    uint8_t bytes[16]; /**< network order; bytes past the family's width are 0 */
};

/** Room for any address as text, with its final NUL. */
#define POSTERN_ADDR_TEXT_SIZE 46

/**
 * Reads an IPv4 or IPv6 address (RFC 4291, section 2.2). No zone, no brackets, no
 * leading zeros in IPv4. An IPv4-mapped IPv6 address is the IPv4 address it maps.
 *
 * @param text  len bytes, no NUL needed.
 * @param out   Untouched unless true is returned.
 * @return false when the text is no address. No allocation; any thread.
 */
bool
postern_addr_parse(const char *text, size_t len, struct postern_addr *out);

/**
 * Writes the canonical text: dotted quad, or RFC 5952 without its dotted forms. This is
 * for people and for files of other formats; see postern_addr_spell().
 *
 * @param text  At least POSTERN_ADDR_TEXT_SIZE bytes; ends in NUL.
 * @return the length without the NUL; 0 and an empty text for family 0.
 */
size_t
postern_addr_print(const struct postern_addr *addr, char *text);

/**
 * Writes the text that tcpserver puts into TCPREMOTEIP, and that a classic file is
 * looked up with: as postern_addr_print(), but that "::" stands for a single group of
 * zeros too (2001:db8:1::a:b:c:d), as the patched ucspi-tcp of distributions writes it.
 * Arguments and result as there; no allocation, any thread.
 */
size_t
postern_addr_spell(const struct postern_addr *addr, char *text);

/** What the rules decide. */
enum postern_verdict { POSTERN_DENY = 0, POSTERN_ALLOW = 1 };

/** The ladder, from the step that outranks all to the one that anything takes. */
enum postern_step {
    POSTERN_STEP_BLOCK = 0,    /**< a rule that denies whatever else would match */
    POSTERN_STEP_ADDRESS = 1,  /**< this exact address */
    POSTERN_STEP_HOST = 2,     /**< this exact host */
    POSTERN_STEP_PREFIX = 3,   /**< the longest address prefix */
    POSTERN_STEP_SUFFIX = 4,   /**< the longest host suffix */
    POSTERN_STEP_ANY_HOST = 5, /**< any resolved host */
    POSTERN_STEP_DEFAULT = 6,  /**< anything */
    POSTERN_STEP_NONE = 7      /**< no rule matched */
};

/** The step's name as tools print it: "any-host". Never NULL. */
const char *
postern_step_text(enum postern_step step);

/**
 * One connection. host and ident are absent while their ptr is NULL; an empty one with
 * a ptr is an answer that happens to be empty.
 */
struct postern_query {
    uint32_t struct_size; /**< set by POSTERN_QUERY_INIT */
    uint32_t reserved;    /**< 0 */
    struct postern_addr remote;
    /**
     * The address as the server prints it. A classic file is looked up with this text,
     * byte for byte, where there is one; else with what postern_addr_spell() writes.
     */
    struct postern_str remote_text;
    struct postern_str host;  /**< reverse name, lower case, no final dot */
    struct postern_str ident; /**< what the ident server (RFC 1413) said */
    /**
     * Memory for building keys; may be NULL. Needed only when texts, host and ident
     * together pass POSTERN_TEXT_MAX bytes; then their sum and 8 bytes more. Used
     * during the call only, and by that call alone.
     */
    char *scratch;
    size_t scratch_size; /**< bytes */
};

/** Address text, host and ident together may be this long without scratch memory. */
#define POSTERN_TEXT_MAX 1022

/*
 * Initialisers name every member, in order: C and C++ of any year take that without a
 * word, as constants. NULL is a plain 0 in some C++, which others warn of.
 */
#if defined(__cplusplus) && __cplusplus >= 201103L
#define POSTERN_NULL_ nullptr
#else
#define POSTERN_NULL_ NULL
#endif
/** No text. */
#define POSTERN_STR_INIT \
    {                    \
        POSTERN_NULL_, 0 \
    }
/** No address. */
#define POSTERN_ADDR_INIT \
    {                     \
        0,                \
        {                 \
            0             \
        }                 \
    }

/** Initialises a struct postern_query with nothing known. */
#define POSTERN_QUERY_INIT                                                    \
    {                                                                         \
        sizeof(struct postern_query), 0, POSTERN_ADDR_INIT, POSTERN_STR_INIT, \
            POSTERN_STR_INIT, POSTERN_STR_INIT, POSTERN_NULL_, 0              \
    }

/** Walks the environment of a decision; copy it to walk again. Opaque. */
struct postern_env_iter {
    const uint8_t *at, *end;
};

/** One assignment of a decision. All three point into the open file. */
struct postern_env {
    struct postern_str name;
    struct postern_str value; /**< ptr NULL when a name stands without its sign */
    const char *assignment;   /**< "NAME=value" and a NUL, fit for execve(2) */
};

/** "No rule matched", as a rule number. */
#define POSTERN_RULE_NONE UINT32_MAX

/** What counts as one source: a network of so many bits, for each family. */
struct postern_per {
    uint8_t v4, v6;
};

/** At most n live connections from one source; n is 0 for no limit. */
struct postern_limit {
    uint32_t n;
    struct postern_per per;
};

/** A rule has at most so many limits, the first of them included. */
#define POSTERN_LIMITS_MAX 8

/** Walks the further limits of a decision; copy it to walk again. Opaque. */
struct postern_limit_iter {
    const uint8_t *at, *end;
};

/** The status of a program that a signal has ended, of a penalty. */
#define POSTERN_STATUS_SIGNAL 256

/** A rule has at most so many penalties. */
#define POSTERN_PENALTIES_MAX 8

/**
 * A program that ends with a status from `first` to `last`, 1 to 255 or
 * POSTERN_STATUS_SIGNAL, has its client's source refused for so many seconds. All is 0
 * of a rule that is exempt: whoever it allows is never refused for that.
 */
struct postern_penalty {
    uint32_t first, last;
    uint32_t seconds;
};

/** Walks the penalties of a decision; copy it to walk again. Opaque. */
struct postern_penalty_iter {
    const uint8_t *at, *end;
};

/** A token bucket of n that fills in so many seconds; n is 0 for no rate. */
struct postern_rate {
    uint32_t n, seconds;
    struct postern_per per;
};

/** The answer to a query. Nothing in it is to be freed. */
struct postern_decision {
    uint32_t struct_size; /**< set by POSTERN_DECISION_INIT */
    uint32_t rule;        /**< for postern_rules_origin(); or POSTERN_RULE_NONE */
    uint8_t verdict;      /**< enum postern_verdict */
    uint8_t step;         /**< enum postern_step */
    uint8_t ident_rule;   /**< 1 when the rule names this ident, else 0 */
    uint8_t reserved;
    struct postern_env_iter env; /**< valid until the rules are closed */
    /**
     * Limit and rate of an allowing rule. Its counters belong to the rule, whose number
     * is `rule`: however many prefixes it became, they share them.
     */
    struct postern_limit limit;
    struct postern_rate rate;
    /**
     * What to send before closing, when denied or over the limit or rate; NULL for
     * nothing. Valid until the rules are closed.
     */
    struct postern_str reject;
    /**
     * The limits of the rule behind the first, for postern_limit_next(): a client is
     * let in where each of them has room. Valid until the rules are closed.
     */
    struct postern_limit_iter more_limits;
    /**
     * The penalties of the rule, for postern_penalty_next(); or that it is exempt.
     * Valid until the rules are closed.
     */
    struct postern_penalty_iter penalties;
};

/** Initialises a struct postern_decision: a denial. */
#define POSTERN_DECISION_INIT                                                      \
    {                                                                              \
        sizeof(struct postern_decision), 0, 0, 0, 0, 0,                            \
            { POSTERN_NULL_, POSTERN_NULL_ }, { 0, { 0, 0 } }, { 0, 0, { 0, 0 } }, \
            POSTERN_STR_INIT, { POSTERN_NULL_, POSTERN_NULL_ },                    \
        {                                                                          \
            POSTERN_NULL_, POSTERN_NULL_                                           \
        }                                                                          \
    }

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif

#endif
