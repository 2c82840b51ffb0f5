/* One lock and one budget a compiler; the last who holds it frees it. */
#include "library/session.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "compiler/terms.h"

bool
pn_is_date(uint32_t date)
{
    char text[16];
    int size = snprintf(text, sizeof(text), "%04u-%02u-%02u", date / 10000,
                        date / 100 % 100, date % 100);

    return !date ||
           (size > 0 && pn_date_read((struct pn_str){ text, (size_t)size }) == date);
}

static bool
lock_make(pthread_mutex_t *lock)
{
    pthread_mutexattr_t attributes;
    int error = pthread_mutexattr_init(&attributes);

    if (error)
        return false;
    error = pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ERRORCHECK);
    if (!error)
        error = pthread_mutex_init(lock, &attributes);
    pthread_mutexattr_destroy(&attributes);
    return !error;
}

enum postern_status
postern_compiler_new(const struct postern_compiler_options *options,
                     struct postern_compiler **out)
{
    struct postern_compiler *compiler;

    if (!out || (options && (!PN_IS_KNOWN(options) || !pn_is_date(options->as_of))))
        return POSTERN_E_ARG;
    compiler = calloc(1, sizeof(*compiler));
    if (!compiler || !lock_make(&compiler->lock)) {
        free(compiler);
        return POSTERN_E_NOMEM;
    }
    if (options)
        compiler->options = *options;
    compiler->budget.limit = compiler->options.memory_limit > SIZE_MAX
                                 ? SIZE_MAX
                                 : (size_t)compiler->options.memory_limit;
    atomic_init(&compiler->holders, 1);
    *out = compiler;
    return POSTERN_OK;
}

void
pn_compiler_hold(struct postern_compiler *compiler)
{
    atomic_fetch_add(&compiler->holders, 1);
}

void
pn_compiler_drop(struct postern_compiler *compiler)
{
    if (atomic_fetch_sub(&compiler->holders, 1) != 1)
        return;
    pthread_mutex_destroy(&compiler->lock);
    free(compiler);
}

void
postern_compiler_free(struct postern_compiler *compiler)
{
    if (compiler)
        pn_compiler_drop(compiler);
}

void
postern_compiler_cancel(struct postern_compiler *compiler)
{
    atomic_store(&compiler->budget.cancelled, true);
}

void
postern_compiler_resume(struct postern_compiler *compiler)
{
    atomic_store(&compiler->budget.cancelled, false);
}

/* Takes the lock; false when this thread has it. */
static bool
lock_take(struct postern_compiler *compiler)
{
    return pthread_mutex_lock(&compiler->lock) != EDEADLK;
}

void
pn_call_begin_free(struct pn_call *call, struct postern_compiler *compiler)
{
    call->compiler = compiler;
    pn_compiler_hold(compiler);
    call->is_nested = !lock_take(compiler);
    call->before = pn_budget_enter(&compiler->budget);
}

enum postern_status
pn_call_begin(struct pn_call *call, struct postern_compiler *compiler)
{
    pn_call_begin_free(call, compiler);
    if (call->is_nested) {
        (void)pn_call_end(call, POSTERN_OK);
        return POSTERN_E_BUSY;
    }
    compiler->budget.exceeded = false;
    return pn_budget_goes_on() ? POSTERN_OK : pn_call_end(call, POSTERN_E_CANCELLED);
}

enum postern_status
pn_call_end(struct pn_call *call, enum postern_status status)
{
    struct postern_compiler *compiler = call->compiler;
    int saved_errno = errno;

    if (status != POSTERN_OK && status != POSTERN_E_ARG) {
        if (!pn_budget_goes_on())
            status = POSTERN_E_CANCELLED;
        else if (compiler->budget.exceeded)
            status = POSTERN_E_LIMIT;
    }
    (void)pn_budget_enter(call->before);
    if (!call->is_nested)
        pthread_mutex_unlock(&compiler->lock);
    pn_compiler_drop(compiler);
    errno = saved_errno;
    return status;
}

void
postern_compiler_memory(struct postern_compiler *compiler, uint64_t *used_out,
                        uint64_t *peak_out)
{
    struct pn_call call;

    pn_call_begin_free(&call, compiler);
    if (used_out)
        *used_out = compiler->budget.used;
    if (peak_out)
        *peak_out = compiler->budget.peak;
    (void)pn_call_end(&call, POSTERN_OK);
}

enum postern_status
pn_status_of_errno(void)
{
    return errno == ENOMEM ? POSTERN_E_NOMEM : POSTERN_E_IO;
}

enum postern_status
pn_status_of_compile(enum pn_compile_result result)
{
    switch (result) {
    case PN_COMPILE_OK:
        return POSTERN_OK;
    case PN_COMPILE_REFUSED:
        return POSTERN_E_REFUSED;
    case PN_COMPILE_READ:
    case PN_COMPILE_WRITE:
        return pn_status_of_errno();
    case PN_COMPILE_MEMORY:
        return POSTERN_E_NOMEM;
    case PN_COMPILE_MISMATCH:
        break;
    }
    return POSTERN_E_FORMAT;
}
