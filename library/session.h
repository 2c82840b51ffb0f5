/* A compiler, and the frame that every call of the public face runs in. */
#ifndef PN_LIBRARY_SESSION_H
#define PN_LIBRARY_SESSION_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/memory.h"
#include "base/str.h"
#include "compiler/compile.h"
#include "postern/compiler.h"

/* Everything that was made with it holds it: it goes with the last of them. */
struct postern_compiler {
    struct pn_budget budget;
    pthread_mutex_t lock;
    atomic_size_t holders;
    struct postern_compiler_options options;
};

/* A call that is running: the lock is held, and memory is counted. */
struct pn_call {
    struct postern_compiler *compiler;
    struct pn_budget *before; /* of this thread */
    bool is_nested;           /* within another call of the compiler, by its reader */
};

/*
 * Begins a call. What is not POSTERN_OK ends it: POSTERN_E_BUSY within another call,
 * POSTERN_E_CANCELLED.
 */
enum postern_status
pn_call_begin(struct pn_call *call, struct postern_compiler *compiler);

/*
 * Ends a call that was begun. Returns the status, or why memory or work was short, if
 * that is what it says. Leaves errno as it is.
 */
enum postern_status
pn_call_end(struct pn_call *call, enum postern_status status);

/* A call that only gives back, which is never refused. pn_call_end() it. */
void
pn_call_begin_free(struct pn_call *call, struct postern_compiler *compiler);

/* For what is made with a compiler, and lives on its own. */
void
pn_compiler_hold(struct postern_compiler *compiler);

/* Outside of a call that was begun by the same function. */
void
pn_compiler_drop(struct postern_compiler *compiler);

/* What a compilation comes to; of PN_COMPILE_REFUSED, POSTERN_E_REFUSED. */
enum postern_status
pn_status_of_compile(enum pn_compile_result result);

/* Of a failed call of the system: errno says why. */
enum postern_status
pn_status_of_errno(void);

/* Is it YYYYMMDD of the calendar? 0 is no day, and fine. */
bool
pn_is_date(uint32_t date);

static inline struct postern_str
pn_public_str(struct pn_str text)
{
    return (struct postern_str){ text.ptr, text.len };
}

/* A text that ends in a NUL; NULL is none. */
static inline struct postern_str
pn_public_text(const char *text)
{
    return text ? pn_public_str(pn_str_of_text(text)) : (struct postern_str){ NULL, 0 };
}

/*
 * Does a struct of the caller's have a size that is known here? It grows at its end, so
 * that it is that of this version.
 */
#define PN_IS_KNOWN(object) ((object)->struct_size == sizeof(*(object)))

#endif
