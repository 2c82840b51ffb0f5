/*
 * The module: its settings, and the policies that a backend has in memory.
 *
 * bindings/sql knows nothing of ereport(): it returns, and nothing is lost when an
 * error leaves from here. Its memory is a context of its own, so that
 * pg_backend_memory_contexts tells how much the policies take.
 */
#include "bindings/postgresql/module.h"

#include <access/xact.h>
#include <fmgr.h>
#include <miscadmin.h>
#include <storage/proc.h>
#include <utils/builtins.h>
#include <utils/guc.h>
#include <utils/memutils.h>

#include "bindings/sql/cache.h"

PG_MODULE_MAGIC;

enum { CACHE_KB = 256 * 1024, KB = 1024 };

static char *policy_folder;
static int cache_kb;
static struct pn_cache *cache;
static MemoryContext context;

/* The policy of the last call, while the command and its transaction are the same. */
static struct {
    struct pn_cached *policy; /* NULL: none */
    char *name;               /* in `context` */
    TimestampTz command;
    LocalTransactionId transaction;
} last;

static void *
take(size_t size)
{
    if (!AllocHugeSizeIsValid(size))
        return NULL;
    return MemoryContextAllocExtended(context, size,
                                      MCXT_ALLOC_HUGE | MCXT_ALLOC_NO_OOM);
}

static void
give(void *memory)
{
    pfree(memory);
}

static bool
stop(void)
{
    return InterruptPending && INTERRUPTS_CAN_BE_PROCESSED();
}

static const struct pn_engine engine = { take, give, stop };

static bool
folder_check(char **value, void **extra, GucSource source)
{
    (void)extra;
    (void)source;
    if (!**value || **value == '/')
        return true;
    GUC_check_errdetail("The folder of policies is an absolute path, or empty.");
    return false;
}

/* May be called anywhere, also while an error is handled: so it only forgets. */
static void
folder_assign(const char *value, void *extra)
{
    (void)value;
    (void)extra;
    last.policy = NULL;
    if (cache)
        pn_cache_drop(cache);
}

void
_PG_init(void);

PGDLLEXPORT void
_PG_init(void)
{
    DefineCustomStringVariable(
        "postern.policy_folder", "The folder of compiled policies.",
        "While it is empty, every call of postern's functions is refused.",
        &policy_folder, "", PGC_SUSET, GUC_SUPERUSER_ONLY, folder_check, folder_assign,
        NULL);
    DefineCustomIntVariable(
        "postern.cache_size", "How much of policies a backend keeps in memory.",
        "One policy that is larger is kept too.", &cache_kb, CACHE_KB, 0, INT_MAX / KB,
        PGC_SUSET, GUC_UNIT_KB, NULL, NULL, NULL);
    MarkGUCPrefixReserved("postern");
}

static int
sqlstate_of(enum pn_fault fault)
{
    static const int states[PN_FAULT_COUNT] = {
        [PN_FAULT_MISSING] = ERRCODE_UNDEFINED_FILE,
        [PN_FAULT_OUTSIDE] = ERRCODE_INSUFFICIENT_PRIVILEGE,
        [PN_FAULT_DENIED] = ERRCODE_INSUFFICIENT_PRIVILEGE,
        [PN_FAULT_DAMAGED] = ERRCODE_DATA_CORRUPTED,
        [PN_FAULT_NEWER] = ERRCODE_FEATURE_NOT_SUPPORTED,
        [PN_FAULT_MEMORY] = ERRCODE_OUT_OF_MEMORY,
        [PN_FAULT_SHORTAGE] = ERRCODE_INSUFFICIENT_RESOURCES,
        [PN_FAULT_BUSY] = ERRCODE_OBJECT_IN_USE,
        [PN_FAULT_IO] = ERRCODE_IO_ERROR,
        [PN_FAULT_STOPPED] = ERRCODE_QUERY_CANCELED,
    };

    return states[fault];
}

/* The policy as its file is now, kept as the last one. */
static void
look_up(const char *name)
{
    struct pn_wanted wanted = { policy_folder, name, (size_t)cache_kb * KB };
    struct pn_cached *policy = NULL;
    enum pn_fault fault;

    last.policy = NULL;
    if (last.name)
        pfree(last.name);
    last.name = NULL;
    do {
        CHECK_FOR_INTERRUPTS();
        fault = pn_cache_get(cache, &wanted, &policy);
    } while (fault == PN_FAULT_STOPPED);
    if (fault == PN_FAULT_IO)
        ereport(ERROR, (errcode(sqlstate_of(fault)),
                        errmsg("policy \"%s\": %s: %m", name, pn_fault_text(fault))));
    if (fault != PN_FAULT_NONE)
        ereport(ERROR, (errcode(sqlstate_of(fault)),
                        errmsg("policy \"%s\": %s", name, pn_fault_text(fault))));
    last.name = MemoryContextStrdup(context, name);
    last.command = GetCurrentStatementStartTimestamp();
    last.transaction = MyProc->lxid;
    last.policy = policy;
}

static bool
is_last(text *name)
{
    size_t len = VARSIZE_ANY_EXHDR(name);

    return last.policy && last.command == GetCurrentStatementStartTimestamp() &&
           last.transaction == MyProc->lxid &&
           strncmp(last.name, VARDATA_ANY(name), len) == 0 && !last.name[len];
}

const struct postern_rules *
pn_policy_rules(text *name)
{
    if (is_last(name))
        return pn_cached_rules(last.policy);
    if (!policy_folder || !*policy_folder)
        ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
                        errmsg("no policy may be read"),
                        errhint("A superuser sets postern.policy_folder.")));
    if (!context)
        context = AllocSetContextCreate(TopMemoryContext, "postern policies",
                                        ALLOCSET_DEFAULT_SIZES);
    if (!cache)
        cache = pn_cache_new(&engine);
    if (!cache)
        ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
    look_up(text_to_cstring(name));
    return pn_cached_rules(last.policy);
}
