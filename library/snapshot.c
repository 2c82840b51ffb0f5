/* Reads by the caller's reader, or files, and keeps what came of it: errors too. */
#include "library/snapshot.h"

#include <errno.h>
#include <string.h>

#include "base/str.h"
#include "base/vector.h"

bool
postern_sink_add(struct postern_sink *sink, const void *bytes, size_t size)
{
    if (size > sink->limit - sink->text.size)
        sink->is_too_long = true;
    if (sink->is_too_long)
        return false;
    pn_buffer_add(&sink->text, bytes, size);
    return !sink->text.failed;
}

int
postern_sink_file(struct postern_sink *sink, const char *path)
{
    struct pn_source source;
    int error = 0;

    if (!pn_read_file(NULL, path, sink->limit, &source))
        return errno;
    if (!postern_sink_add(sink, source.text, source.size))
        error = sink->is_too_long ? EFBIG : ENOMEM;
    pn_source_clear(&source);
    return error;
}

static void
file_free(struct pn_snapshot_file *file)
{
    if (!file)
        return;
    pn_free(file->path);
    pn_buffer_free(&file->text);
    pn_free(file);
}

/* A file of a path that is new; NULL without memory. */
static struct pn_snapshot_file *
file_new(struct pn_snapshot *snapshot, const char *path)
{
    struct pn_snapshot_file *file = pn_calloc(1, sizeof(*file));
    uint32_t number;

    if (file)
        file->path = pn_strdup(path);
    if (!file || !file->path ||
        !pn_vector_reserve(&snapshot->files, &snapshot->capacity,
                           snapshot->paths.count + 1,
                           sizeof(struct pn_snapshot_file *)) ||
        !pn_intern_add(&snapshot->paths, path, strlen(path), &number)) {
        file_free(file);
        return NULL;
    }
    snapshot->files[number] = file;
    return file;
}

/* What was read of a file, or why nothing was. */
static void
file_settle(struct pn_snapshot_file *file, struct pn_buffer text, int error)
{
    file->text = text;
    file->shown = (struct postern_file){
        .name = pn_public_text(file->path),
        .text = { text.bytes ? text.bytes : "", text.size },
        .error = error,
    };
}

bool
pn_snapshot_add(struct pn_snapshot *snapshot, const char *path, const void *text,
                size_t size)
{
    struct pn_buffer copy = { 0 };
    struct pn_snapshot_file *file;

    if (!pn_buffer_reserve(&copy, size + 1))
        return false;
    pn_buffer_add(&copy, text, size);
    copy.bytes[size] = '\0';
    file = file_new(snapshot, path);
    if (file)
        file_settle(file, copy, 0);
    else
        pn_buffer_free(&copy);
    return file != NULL;
}

/* The error, or 0: what is in the sink is its text then. */
static int
sink_fill(struct pn_snapshot *snapshot, const char *path, struct postern_sink *sink)
{
    const struct postern_compiler_options *options = &snapshot->compiler->options;
    int error = options->read ? options->read(options->payload, path, sink)
                              : postern_sink_file(sink, path);

    if (sink->text.failed || !pn_buffer_reserve(&sink->text, 1))
        return ENOMEM;
    if (sink->is_too_long)
        return EFBIG;
    sink->text.bytes[sink->text.size] = '\0';
    return error < 0 ? EIO : error; /* no errno is negative */
}

static bool
file_read(struct pn_snapshot *snapshot, const char *path)
{
    struct postern_sink sink = { .limit = PN_SOURCE_SIZE_MAX };
    int error = sink_fill(snapshot, path, &sink);
    struct pn_snapshot_file *file;

    if (error)
        pn_buffer_free(&sink.text);
    if (error == ENOMEM) { /* that may be another time */
        errno = error;
        return false;
    }
    file = file_new(snapshot, path);
    if (file)
        file_settle(file, sink.text, error);
    else
        pn_buffer_free(&sink.text);
    errno = ENOMEM;
    return file != NULL;
}

bool
pn_snapshot_read(void *payload, const char *path, size_t limit, struct pn_source *out)
{
    struct pn_snapshot *snapshot = payload;
    const struct postern_file *shown;
    uint32_t number;

    if (!pn_intern_find(&snapshot->paths, path, strlen(path), &number)) {
        if (!file_read(snapshot, path))
            return false;
        number = (uint32_t)snapshot->paths.count - 1;
    }
    shown = &snapshot->files[number]->shown;
    errno = shown->error;
    if (errno)
        return false;
    errno = shown->text.len > limit ? EFBIG : ENOMEM;
    return shown->text.len <= limit &&
           pn_source_from_text(out, path,
                               (struct pn_str){ shown->text.ptr, shown->text.len });
}

/* Files are known by what they are; what a reader of the caller's has, by its name,
 * with no "./" and "x/../" in it. */
static bool
snapshot_identify(void *payload, const char *path, struct pn_buffer *out)
{
    const struct pn_snapshot *snapshot = payload;
    size_t before = out->size;

    if (!snapshot->compiler->options.read)
        return pn_identify_file(NULL, path, out);
    pn_buffer_add_text(out, path);
    pn_buffer_add(out, "", 1);
    if (out->failed)
        return true; /* which is asked once, at the end */
    pn_path_tidy(out->bytes + before);
    out->size = before + strlen(out->bytes + before);
    return true;
}

struct pn_reading
pn_snapshot_reading(struct pn_snapshot *snapshot)
{
    return (struct pn_reading){ pn_snapshot_read, snapshot, snapshot_identify, 0 };
}

void
pn_snapshot_clear(struct pn_snapshot *snapshot)
{
    for (size_t i = 0; i < snapshot->paths.count; i++)
        file_free(snapshot->files[i]);
    pn_free(snapshot->files);
    pn_intern_clear(&snapshot->paths);
}
