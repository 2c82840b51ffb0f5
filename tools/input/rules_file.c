/* Opening rules of either kind, and saying what is wrong with them. */
#include "tools/input/rules_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/files.h"
#include "base/process.h"
#include "compiler/image.h"
#include "compiler/list_faults.h"
#include "tools/policy_size.h"

enum { LEAST = 8, SNIFF = 16, LACKING_MOST = 256 };

/*
 * A cdb begins with a position and a count, both little-endian: the high byte of the
 * count is 0 in any file with fewer than 16 million records in one table, and no text
 * holds a NUL there, but other files that are none do. The name decides for what is too
 * short to look at.
 */
static bool
is_compiled(const char *name, const char *bytes, size_t size)
{
    static const char elf[] = "\x7f"
                              "ELF";
    size_t len = strlen(name);
    enum pn_diag_id kind;

    if (len > 4 && strcmp(name + len - 4, ".cdb") == 0)
        return true;
    if (size > SNIFF)
        size = SNIFF;
    if (size < LEAST || !memchr(bytes, '\0', LEAST))
        return false;
    kind = pn_list_file_fault((struct pn_str){ bytes, size });
    return kind != PN_DIAG_LIST_UTF16 && kind != PN_DIAG_LIST_PACKED &&
           (size < sizeof(elf) - 1 || memcmp(bytes, elf, sizeof(elf) - 1) != 0);
}

enum pn_input
pn_input_kind(const char *name, int fd)
{
    char head[SNIFF];
    struct stat st;
    ssize_t got;

    if (fstat(fd, &st) < 0)
        return PN_INPUT_UNKNOWN;
    if (S_ISDIR(st.st_mode))
        return PN_INPUT_FOLDER;
    got = pread(fd, head, sizeof(head), 0); /* none of a pipe, a terminal, /dev/null */
    if (S_ISREG(st.st_mode) && got >= 0 && is_compiled(name, head, (size_t)got))
        return PN_INPUT_COMPILED;
    if ((S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode)) && got > 0)
        return PN_INPUT_DEVICE;
    return PN_INPUT_SOURCE;
}

/* A compiled file of a newer postern: what of it is not known here. */
static int
fail_newer(struct pn_tool *tool, const char *name)
{
    char lacking[LACKING_MOST];
    size_t size = postern_rules_lacking(name, lacking, sizeof(lacking));

    return pn_tool_failf(tool, PN_EXIT_USAGE, "%s: %s%s%s", name,
                         postern_status_text(POSTERN_E_VERSION), size ? ": " : "",
                         lacking);
}

static int
fail_status(struct pn_tool *tool, const char *name, enum postern_status status)
{
    if (status == POSTERN_E_VERSION)
        return fail_newer(tool, name);
    if (status == POSTERN_E_IO)
        return pn_tool_fail_system(tool, PN_EXIT_SYSTEM, name);
    return pn_tool_fail_status(tool, name, status);
}

static int
open_source(struct pn_rules_file *file, struct pn_tool *tool,
            const struct pn_common *common)
{
    struct pn_compile_options options = { .as_of = common->as_of };
    struct pn_diags diags = { .limit = PN_DIAGS_LIMIT };
    int status = pn_tool_fail_compile(
        tool, pn_rules_file_compile(file, &options, &diags), file->name, file->name);

    pn_tool_diagnostics(tool, common, &diags);
    pn_diags_clear(&diags);
    return status;
}

/* Standard input can be read once: its bytes are kept where they can be read again. */
static bool
image_keep(struct pn_rules_file *file)
{
    file->image = pn_memory_file();
    return file->image >= 0 &&
           pn_write_all(file->image, file->source.text, file->source.size);
}

/* Opens bytes that were read whole, by what they begin with. */
static int
open_bytes(struct pn_rules_file *file, struct pn_tool *tool,
           const struct pn_common *common)
{
    enum postern_status status;

    if (!is_compiled(file->name, file->source.text, file->source.size))
        return open_source(file, tool, common);
    status = POSTERN_E_IO;
    if (image_keep(file))
        status = postern_rules_open_fd(file->image, 0, &file->rules);
    pn_source_clear(&file->source);
    return status == POSTERN_OK ? PN_EXIT_OK : fail_status(tool, file->name, status);
}

static int
open_stream(struct pn_rules_file *file, struct pn_tool *tool,
            const struct pn_common *common, int fd)
{
    if (!pn_source_read(&file->source, file->name, fd, PN_SOURCE_SIZE_MAX))
        return pn_tool_fail_system(
            tool, errno == EFBIG ? PN_EXIT_USAGE : PN_EXIT_SYSTEM, file->name);
    return open_bytes(file, tool, common);
}

static void
revision_free(void *payload)
{
    struct pn_git_revision *revision = payload;

    pn_buffer_free(&revision->strays);
    free(revision);
}

/* git says itself what is wrong with a REV:FILE. */
static int
fail_git(const struct pn_git_revision *revision, struct pn_tool *tool)
{
    const char *said = revision->said;

    return pn_tool_fail_of(tool, errno == ENOMEM ? PN_EXIT_SYSTEM : PN_EXIT_USAGE,
                           revision->name, *said ? said : pn_files_error(errno));
}

/* What the commit lacks: taken as it is now, or why it could not be read. */
static int
strays_report(struct pn_git_revision *revision, struct pn_tool *tool, int status)
{
    struct pn_buffer *strays = &revision->strays;
    size_t front = (size_t)(strchr(revision->name, ':') - revision->name);

    for (size_t at = 0; at < strays->size; at += strlen(strays->bytes + at) + 1) {
        pn_output_text(&tool->err, strays->bytes + at);
        pn_output_text(&tool->err, ": note: ");
        pn_output_add(&tool->err, revision->name, front);
        pn_output_text(&tool->err,
                       " does not have it, and git does not follow it: it is "
                       "taken as it is now\n");
    }
    if (status != PN_EXIT_OK && revision->said[0])
        (void)pn_tool_failf(tool, status, "git: %s", revision->said);
    if (strays->failed)
        status = pn_tool_failf(tool, PN_EXIT_SYSTEM, "%s", strerror(ENOMEM));
    pn_buffer_free(strays);
    return status;
}

static int
open_revision(struct pn_rules_file *file, struct pn_tool *tool,
              const struct pn_common *common)
{
    struct pn_git_revision *revision = calloc(1, sizeof(*revision));

    if (!revision)
        return pn_tool_fail_memory(tool, file->name);
    revision->name = file->name;
    file->reading =
        (struct pn_reading){ pn_git_read_named, revision, pn_git_identify,
                             (size_t)(pn_git_path(file->name) - file->name) };
    file->reading_free = revision_free;
    if (!pn_git_read(revision, file->name, PN_SOURCE_SIZE_MAX, &file->source))
        return fail_git(revision, tool);
    return strays_report(revision, tool, open_bytes(file, tool, common));
}

/* A compiled file is mapped, so that opening a large one costs nothing. */
static int
open_input(struct pn_rules_file *file, struct pn_tool *tool,
           const struct pn_common *common, int fd)
{
    enum postern_status status;

    switch (pn_input_kind(file->name, fd)) {
    case PN_INPUT_SOURCE:
        return open_stream(file, tool, common, fd);
    case PN_INPUT_COMPILED:
        status = POSTERN_E_IO;
        file->image = fcntl(fd, F_DUPFD_CLOEXEC, 3);
        if (file->image >= 0)
            status = postern_rules_open_fd(fd, 0, &file->rules);
        return status == POSTERN_OK ? PN_EXIT_OK
                                    : fail_status(tool, file->name, status);
    case PN_INPUT_FOLDER:
        errno = EISDIR;
        return pn_tool_fail_system(tool, PN_EXIT_USAGE, file->name);
    case PN_INPUT_DEVICE:
        return pn_tool_failf(tool, PN_EXIT_USAGE, "%s: is a device", file->name);
    case PN_INPUT_UNKNOWN:
        break;
    }
    return pn_tool_fail_system(tool, PN_EXIT_SYSTEM, file->name);
}

int
pn_rules_file_open(struct pn_rules_file *out, struct pn_tool *tool,
                   const struct pn_common *common, const char *name)
{
    int fd, status;

    *out = (struct pn_rules_file){ .name = name, .image = -1 };
    if (strcmp(name, "-") == 0)
        return open_input(out, tool, common, STDIN_FILENO);
    if (pn_git_is_both(name))
        return pn_tool_fail_of(tool, PN_EXIT_USAGE, name, PN_GIT_BOTH);
    if (pn_git_is_revision(name))
        return open_revision(out, tool, common);
    fd = pn_files_open(name, O_RDONLY | O_CLOEXEC, 0);
    if (fd < 0)
        return pn_tool_fail_system(tool, PN_EXIT_USAGE, name);
    status = open_input(out, tool, common, fd);
    close(fd);
    return status;
}

int
pn_rules_file_decode(const struct pn_rules_file *file, struct pn_tool *tool,
                     struct pn_decoded *out)
{
    switch (pn_image_decode(out, file->image)) {
    case PN_DECODE_OK:
        pn_policy_size_add(&tool->size, out);
        break;
    case PN_DECODE_SYSTEM:
        return pn_tool_fail_system(tool, PN_EXIT_SYSTEM, file->name);
    case PN_DECODE_DAMAGED:
        return fail_status(tool, file->name, POSTERN_E_FORMAT);
    }
    return PN_EXIT_OK;
}

bool
pn_input_is_plain(const char *path)
{
    int fd = pn_files_open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0);
    struct stat st;
    bool is = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
              !pn_files_is_of_kernel(fd);

    if (fd >= 0)
        close(fd);
    return is;
}

bool
pn_rules_file_try(struct pn_rules_file *file, struct pn_decoded *decoded,
                  const struct pn_tool *tool, const char *name)
{
    struct pn_tool quiet = *tool; /* what it says goes nowhere */
    const struct pn_common common = { 0 };
    bool good;

    *file = (struct pn_rules_file){ .image = -1 };
    *decoded = (struct pn_decoded){ 0 };
    pn_output_begin(&quiet.out, -1);
    pn_output_begin(&quiet.err, -1);
    good = pn_rules_file_open(file, &quiet, &common, name) == PN_EXIT_OK &&
           pn_rules_file_decode(file, &quiet, decoded) == PN_EXIT_OK;
    pn_buffer_free(&quiet.out.pending);
    pn_buffer_free(&quiet.err.pending);
    return good;
}

bool
pn_text_read(const char *name, struct pn_source *out, char said[PN_GIT_SAID_SIZE])
{
    struct pn_git_revision revision = { .name = name };
    int fd, saved_errno;
    bool good;

    said[0] = '\0';
    if (pn_git_is_both(name)) {
        memcpy(said, PN_GIT_BOTH, sizeof(PN_GIT_BOTH));
        errno = EINVAL;
        return false;
    }
    if (pn_git_is_revision(name)) {
        good = pn_git_read(&revision, name, PN_SOURCE_SIZE_MAX, out);
        memcpy(said, revision.said, PN_GIT_SAID_SIZE);
        return good;
    }
    fd = pn_files_open(name, O_RDONLY | O_NOCTTY | O_CLOEXEC, 0);
    good = fd >= 0 && pn_source_read(out, name, fd, PN_SOURCE_SIZE_MAX);
    saved_errno = errno;
    if (fd >= 0)
        close(fd);
    errno = saved_errno;
    return good;
}

int
pn_text_open(struct pn_tool *tool, const char *name, struct pn_source *out)
{
    char said[PN_GIT_SAID_SIZE];

    if (pn_text_read(name, out, said))
        return PN_EXIT_OK;
    return pn_tool_fail_of(tool, errno == ENOMEM ? PN_EXIT_SYSTEM : PN_EXIT_USAGE, name,
                           *said ? said : pn_files_error(errno));
}

int
pn_source_open(struct pn_tool *tool, const char *name, const char *compiled,
               struct pn_source *out)
{
    bool is_stdin = strcmp(name, "-") == 0;
    int fd = is_stdin ? STDIN_FILENO : pn_files_open(name, O_RDONLY | O_CLOEXEC, 0);
    int status = PN_EXIT_OK;

    if (fd < 0)
        return pn_tool_fail_system(tool, PN_EXIT_USAGE, name);
    if (pn_input_kind(name, fd) == PN_INPUT_COMPILED)
        status = pn_tool_failf(tool, PN_EXIT_USAGE, "%s%s", name, compiled);
    else if (!pn_source_read(out, name, fd, PN_SOURCE_SIZE_MAX))
        status = pn_tool_fail_system(
            tool, errno == EFBIG || errno == EISDIR ? PN_EXIT_USAGE : PN_EXIT_SYSTEM,
            name);
    if (!is_stdin)
        close(fd);
    return status;
}
