/**
 * @file
 * Compilers and policies: load one, ask it, and compile it. See compiler.h.
 */
#ifndef POSTERN_POLICY_H
#define POSTERN_POLICY_H

#include "postern/report.h"

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
 * A thread that the reader waits for must not call it either: that would wait for the
 * call that it runs in.
 *
 * @param path  What the policy names, behind the folder of the file that names it, as
 *              both are written: "rules/../lists/a.txt".
 * @return 0, or an errno value that says why there is no text, which is an error of the
 *         policy: ENOENT. ENOMEM ends the call with POSTERN_E_NOMEM instead. What is
 *         negative is taken for EIO.
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
 * POSTERN_E_CANCELLED as soon as they look, after some milliseconds, or a tenth of a
 * second with hundreds of thousands of rules, and leave everything as it was. The only
 * call that waits for no other, from any thread; for a signal handler too.
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
 * @retval POSTERN_E_ARG        No path, or an empty one.
 * @retval POSTERN_E_IO         The root could not be read, or the system refused; errno
 *                              says why.
 * @retval POSTERN_E_NOMEM      Out of memory.
 * @retval POSTERN_E_LIMIT      The memory limit was reached.
 * @retval POSTERN_E_CANCELLED  It was cancelled.
 * @retval POSTERN_E_BUSY       It is called within another call of the compiler, by a
 *                              reader, or by what takes claims.
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
    POSTERN_EMIT_UNPROVEN = 1u << 3 /**< also if claims of it do not hold */
};

/**
 * The compiled policy as bytes, for a file or for postern_rules_open_memory(). Without
 * a flag it is what `postern compile` writes, in the language of the source, and only
 * if its claims hold. The same source makes the same bytes.
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
 *
 * @retval POSTERN_E_ARG  Or: the path leads to one of the files of the policy.
 */
enum postern_status
postern_policy_emit_file(struct postern_policy *policy, uint32_t flags,
                         const char *path, struct postern_report **report_out);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif

#endif
