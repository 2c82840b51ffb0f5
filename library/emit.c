/* What a policy compiles to, as bytes and as a file. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/files.h"
#include "compiler/atomic.h"
#include "compiler/image.h"
#include "library/policy.h"
#include "library/text.h"

enum {
    EVERY_FLAG = POSTERN_EMIT_CLASSIC | POSTERN_EMIT_NATIVE | POSTERN_EMIT_STRIP |
                 POSTERN_EMIT_UNPROVEN
};

/* Where the image goes, and what happens to what is wrong with it. */
struct emission {
    struct postern_policy *policy;
    uint32_t flags;
    struct postern_report **report_out;
};

static bool
flags_are_known(uint32_t flags)
{
    uint32_t both = POSTERN_EMIT_CLASSIC | POSTERN_EMIT_NATIVE;

    return !(flags & ~(uint32_t)EVERY_FLAG) && (flags & both) != both;
}

/* Compiles the texts of the policy once more, into a file that is empty. */
static enum postern_status
compile_into(const struct emission *e, int fd)
{
    struct postern_compiler *compiler = e->policy->compiler;
    const struct pn_compile_options options = {
        .only_text = true,
        .as_classic = e->flags & POSTERN_EMIT_CLASSIC,
        .as_native = e->flags & POSTERN_EMIT_NATIVE,
        .strip = e->flags & POSTERN_EMIT_STRIP,
        .prove = !(e->flags & POSTERN_EMIT_UNPROVEN),
        .startable = true,
        .as_of = compiler->options.as_of,
        .reading = e->policy->file.reading,
    };
    struct pn_diags diags = { .limit = PN_LIBRARY_DIAGS_MAX };
    struct pn_reader reader;
    enum postern_status status;

    pn_reader_begin_source(&reader, &e->policy->file.source);
    status = pn_status_of_compile(pn_compile(&reader, fd, &options, &diags));
    pn_reader_end(&reader);
    if (status == POSTERN_E_REFUSED)
        status = pn_public_report_refuse(compiler, &diags, e->report_out);
    pn_diags_clear(&diags);
    return status;
}

/* Reads a file from its beginning; false with errno set. */
static bool
file_bytes(int fd, struct pn_buffer *out)
{
    off_t size = lseek(fd, 0, SEEK_END);

    if (size < 0)
        return false;
    errno = ENOMEM;
    if (!pn_buffer_reserve(out, (size_t)size + 1))
        return false;
    while (out->size < (size_t)size) {
        ssize_t got = pread(fd, out->bytes + out->size, (size_t)size - out->size,
                            (off_t)out->size);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        out->size += (size_t)got;
    }
    return true;
}

static enum postern_status
emit_bytes(const struct emission *e, struct postern_text **out)
{
    int fd = pn_memory_file();
    struct pn_buffer bytes = { 0 };
    struct postern_text *text = NULL;
    enum postern_status status;

    if (fd < 0)
        return pn_status_of_errno();
    status = compile_into(e, fd);
    if (status == POSTERN_OK && !file_bytes(fd, &bytes))
        status = pn_status_of_errno();
    if (status == POSTERN_OK) {
        text = pn_public_bytes(e->policy->compiler, &bytes);
        status = text ? POSTERN_OK : POSTERN_E_NOMEM;
    }
    pn_buffer_free(&bytes);
    close(fd);
    if (status == POSTERN_OK)
        *out = text;
    return status;
}

enum postern_status
postern_policy_emit(struct postern_policy *policy, uint32_t flags,
                    struct postern_text **out, struct postern_report **report_out)
{
    const struct emission e = { policy, flags, report_out };
    struct pn_call call;
    enum postern_status status;

    if (!policy || !out || !flags_are_known(flags))
        return POSTERN_E_ARG;
    status = pn_call_begin(&call, policy->compiler);
    if (status != POSTERN_OK)
        return status;
    return pn_call_end(&call, emit_bytes(&e, out));
}

/* Would a text be written over by what it compiles to? */
static bool
is_own_source(const struct postern_policy *policy, const char *path)
{
    struct stat target, source;
    bool there = pn_files_stat(path, &target);

    for (size_t i = 0; i < policy->snapshot.paths.count; i++) {
        const char *name = policy->snapshot.files[i]->path;

        if (strcmp(name, path) == 0 ||
            (there && pn_files_stat(name, &source) && source.st_dev == target.st_dev &&
             source.st_ino == target.st_ino))
            return true;
    }
    return false;
}

static enum postern_status
emit_file(const struct emission *e, const char *path)
{
    struct pn_atomic atomic;
    enum postern_status status;

    if (is_own_source(e->policy, path))
        return POSTERN_E_ARG;
    if (pn_atomic_open_unique(&atomic, path) != PN_ATOMIC_OK)
        return pn_status_of_errno();
    status = compile_into(e, atomic.fd);
    if (status == POSTERN_OK &&
        (!pn_atomic_sync(&atomic) || !pn_atomic_rename(&atomic, path)))
        status = pn_status_of_errno();
    pn_atomic_close(&atomic, status != POSTERN_OK);
    return status;
}

enum postern_status
postern_policy_emit_file(struct postern_policy *policy, uint32_t flags,
                         const char *path, struct postern_report **report_out)
{
    const struct emission e = { policy, flags, report_out };
    struct pn_call call;
    enum postern_status status;

    if (!policy || !path || !*path || !flags_are_known(flags))
        return POSTERN_E_ARG;
    status = pn_call_begin(&call, policy->compiler);
    if (status != POSTERN_OK)
        return status;
    return pn_call_end(&call, emit_file(&e, path));
}
