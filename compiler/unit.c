/* Breadth first: each file is parsed once, and its includes are queued behind it. */
#include "compiler/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/files.h"
#include "base/memory.h"
#include "base/vector.h"
#include "compiler/alternatives.h"
#include "compiler/file_kind.h"
#include "compiler/hidden.h"
#include "compiler/kept_files.h"
#include "compiler/literal.h"
#include "grammar/parse.h"

bool
pn_read_file(void *payload, const char *path, size_t limit, struct pn_source *out)
{
    int fd = pn_files_open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0);
    int saved_errno;
    struct stat st;
    bool good;

    (void)payload;
    if (fd < 0)
        return false;
    good = fstat(fd, &st) == 0;
    if (good && !S_ISREG(st.st_mode)) {
        errno = S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
        good = false;
    }
    if (good && pn_files_is_of_kernel(fd)) {
        errno = PN_EKERNEL;
        good = false;
    }
    good = good && pn_source_read(out, path, fd, limit);
    saved_errno = errno;
    close(fd);
    errno = saved_errno;
    return good;
}

bool
pn_identify_file(void *payload, const char *path, struct pn_buffer *out)
{
    uint64_t key[2];
    struct stat st;

    (void)payload;
    if (!pn_files_stat(path, &st))
        return false;
    key[0] = (uint64_t)st.st_dev;
    key[1] = (uint64_t)st.st_ino;
    pn_buffer_add(out, key, sizeof(key));
    return true;
}

void
pn_reading_identify(const struct pn_reading *reading, const char *path,
                    struct pn_buffer *out)
{
    size_t before = out->size;

    pn_buffer_add_text(out, "="); /* no path equals the key of another file */
    if (reading->identify && reading->identify(reading->payload, path, out))
        return;
    out->size = before;
    pn_buffer_add_text(out, ":");
    pn_buffer_add_text(out, path);
}

static struct pn_file *
file_add(struct pn_unit *unit)
{
    struct pn_file *file = pn_arena_zalloc(unit->arena, sizeof(*file));

    if (!file || !pn_vector_reserve(&unit->files, &unit->capacity, unit->count + 1,
                                    sizeof(struct pn_file *))) {
        unit->failed = true;
        return NULL;
    }
    return unit->files[unit->count++] = file;
}

char *
pn_unit_path(const struct pn_unit *unit, uint32_t file, struct pn_str written)
{
    const char *name = unit->files[file]->source.name;
    bool fronted = strncmp(name, unit->files[0]->source.name, unit->reading.front) == 0;
    const char *slash = strrchr(name + (fronted ? unit->reading.front : 0), '/');
    struct pn_buffer path = { 0 };

    if (slash && written.len && written.ptr[0] != '/')
        pn_buffer_add(&path, name, (size_t)(slash - name) + 1);
    pn_buffer_add(&path, written.ptr, written.len);
    pn_buffer_add(&path, "", 1);
    if (path.failed)
        pn_buffer_free(&path);
    return path.bytes;
}

uint32_t
pn_unit_identity(struct pn_unit *unit, const char *path)
{
    struct pn_buffer key = { 0 };
    uint32_t number = UINT32_MAX;

    pn_reading_identify(&unit->reading, path, &key);
    if (key.failed || !pn_intern_add(&unit->known, key.bytes, key.size, &number))
        unit->failed = true;
    pn_buffer_free(&key);
    return number;
}

static enum pn_diag_id
fault_of(int error)
{
    switch (error) {
    case EFBIG:
        return PN_DIAG_UNIT_SIZE;
    case PN_EKERNEL:
        return PN_DIAG_KERNEL_FILE;
    default:
        return pn_files_is_outside(error) ? PN_DIAG_OUTSIDE_ROOT : PN_DIAG_CANNOT_READ;
    }
}

enum pn_diag_id
pn_unit_read(struct pn_unit *unit, const char *path, struct pn_source *out, int *error)
{
    const struct pn_reading *reading = &unit->reading;

    *out = (struct pn_source){ 0 };
    *error = errno = 0; /* a caller's reader may not say why */
    if (reading->read(reading->payload, path, PN_UNIT_SIZE_MAX - unit->size, out)) {
        unit->size += out->size;
        out->hidden |= pn_file_is_hidden(path, unit->files[0]->source.name);
        return PN_DIAG_NONE;
    }
    *error = errno;
    unit->failed |= *error == ENOMEM;
    return fault_of(*error);
}

void
pn_unit_report_unread(const struct pn_unit *unit, uint32_t file, enum pn_diag_id id,
                      struct pn_span span, int error)
{
    struct pn_diag *diag = pn_unit_report(unit, file, id, span);
    struct pn_buffer text = { 0 };

    if (id != PN_DIAG_CANNOT_READ || !error || !diag)
        return;
    pn_buffer_add_format(&text, "%s: %s", pn_diag_info[id].text,
                         error == EINVAL ? "Not a regular file" : strerror(error));
    pn_diags_fail(unit->diags, text.failed);
    if (!text.failed)
        pn_diag_say(unit->diags, diag, pn_str_of(&text), NULL);
    pn_buffer_free(&text);
}

void
pn_target_report(const struct pn_unit *unit, uint32_t file, enum pn_diag_id id,
                 struct pn_span span)
{
    const struct pn_source *source = pn_unit_source(unit, file);
    struct pn_buffer fixes[PN_DIAG_FIXES_MAX] = { { 0 } };
    struct pn_diag *diag = pn_unit_report(unit, file, id, span);
    size_t count = pn_target_alternatives(id, pn_source_slice(source, span), fixes);

    for (size_t i = 0; i < PN_DIAG_FIXES_MAX; i++) {
        pn_diags_fail(unit->diags, fixes[i].failed);
        if (i < count && !fixes[i].failed)
            pn_diag_fix(unit->diags, diag, source, span, pn_str_of(&fixes[i]));
        pn_buffer_free(&fixes[i]);
    }
}

/* Is a file one of those that lead to the other? */
static bool
is_cycle(const struct pn_unit *unit, uint32_t file, uint32_t identity)
{
    for (;;) {
        const struct pn_file *f = unit->files[file];

        if (f->identity == identity)
            return true;
        if (f->parent == file)
            return false;
        file = f->parent;
    }
}

static enum pn_diag_id
include_fault(const struct pn_unit *unit, uint32_t file, uint32_t identity)
{
    if (is_cycle(unit, file, identity))
        return PN_DIAG_INCLUDE_CYCLE;
    if (unit->files[file]->depth >= PN_UNIT_DEPTH_MAX)
        return PN_DIAG_INCLUDE_DEPTH;
    if (unit->count >= PN_UNIT_FILES_MAX)
        return PN_DIAG_INCLUDE_COUNT;
    return PN_DIAG_NONE;
}

/* Takes over a valid path, and reads the file into its slot. */
static enum pn_diag_id
include_read(struct pn_unit *unit, uint32_t file, const struct pn_node *node,
             char *path, int *error)
{
    uint32_t identity = pn_unit_identity(unit, path);
    struct pn_file *parent = unit->files[file], *f = NULL;
    struct pn_source source = { 0 };
    enum pn_diag_id id = include_fault(unit, file, identity);

    if (id == PN_DIAG_NONE)
        id = pn_unit_read(unit, path, &source, error);
    if (id == PN_DIAG_NONE &&
        pn_vector_reserve(&parent->includes, &parent->include_capacity,
                          parent->include_count + 1, sizeof(*parent->includes)))
        f = file_add(unit);
    if (!f) {
        unit->failed |= id == PN_DIAG_NONE;
        pn_source_clear(&source);
        pn_free(path);
        return id;
    }
    f->path = path;
    f->identity = identity;
    f->source = source;
    f->parent = file;
    f->depth = parent->depth + 1;
    f->is_test = parent->is_test;
    parent->includes[parent->include_count++] =
        (struct pn_included){ node, (uint32_t)unit->count - 1 };
    return PN_DIAG_NONE;
}

static void
include_follow(struct pn_unit *unit, uint32_t file, const struct pn_node *node)
{
    const struct pn_tree *tree = pn_unit_tree(unit, file);
    struct pn_span span = pn_tree_behind(tree, node);
    struct pn_buffer written = { 0 };
    enum pn_diag_id id =
        pn_literal_value(pn_source_slice(tree->source, span), &written);
    char *path = NULL;
    int error = 0;

    if (id == PN_DIAG_NONE && !written.failed)
        path = pn_unit_path(unit, file, (struct pn_str){ written.bytes, written.size });
    pn_buffer_free(&written);
    if (id == PN_DIAG_NONE && !path)
        unit->failed = true;
    else if (id == PN_DIAG_NONE)
        id = include_read(unit, file, node, path, &error);
    if (id != PN_DIAG_NONE && !unit->failed) {
        pn_unit_report_unread(unit, file, id, span, error);
        unit->incomplete |= id != PN_DIAG_INCLUDE_CYCLE; /* which has been read */
    }
}

/*
 * Reports a text that is no rule file and cannot be read as classic, in one error; it
 * has an empty tree then. False without memory.
 */
static bool
kind_report(struct pn_unit *unit, struct pn_file *file, bool *reported)
{
    struct pn_diags whole = { .limit = 1 }, seen = { 0 };
    struct pn_tree tree = { 0 };
    bool good = true;

    *reported = false;
    if (file->dialect == PN_CLASSIC)
        pn_file_kind_tell(&file->source, &whole);
    if (whole.total)
        good = pn_parse_tree(&file->source, PN_CLASSIC, &seen, unit->arena, &tree);
    pn_free(tree.tokens);
    /* only of a root the original has a word in what is accepted */
    if (good && whole.total &&
        (seen.errors || file != unit->files[0] || pn_file_kind_is_no_text(&whole))) {
        pn_file_kind_tell(&file->source, unit->diags);
        unit->incomplete = true;
        file->tree = (struct pn_tree){ .source = &file->source, .file = tree.file };
        file->tree.file->children.head = NULL;
        *reported = file->is_foreign = true;
    }
    good = good && !whole.failed;
    pn_diags_clear(&whole);
    pn_diags_clear(&seen);
    return good;
}

/* Is there a tree of the same text? Of a classic one its kind is to be told, too. */
static bool
file_take(struct pn_unit *unit, struct pn_file *file)
{
    struct pn_kept_file kept;

    if (!unit->parsing.kept || file->dialect != PN_EXTENDED ||
        !pn_kept_files_take(unit->parsing.kept, file->source.name, &file->source,
                            &kept))
        return false;
    if (!file->source.line_starts) {
        file->source.line_starts = kept.source.line_starts;
        file->source.line_count = kept.source.line_count;
        file->indexed = kept.source.line_starts != NULL;
        kept.source.line_starts = NULL;
    }
    file->tree = kept.tree;
    file->tree.source = &file->source;
    file->arena = kept.arena;
    kept.tree.tokens = NULL;
    kept.arena = NULL;
    pn_kept_file_clear(&kept);
    return true;
}

/* A tree without a fault is for the unit that comes behind this one. */
static void
file_give(struct pn_unit *unit, struct pn_file *file)
{
    struct pn_kept_file kept = { .tree = file->tree, .arena = file->arena };
    struct pn_str text = { file->source.text, file->source.size };

    if (pn_source_from_text(&kept.source, NULL, text))
        kept.path = pn_strdup(file->source.name);
    if (file->indexed) {
        kept.source.line_starts = file->source.line_starts;
        kept.source.line_count = file->source.line_count;
        file->source.line_starts = NULL;
    }
    file->tree.tokens = NULL;
    file->arena = NULL;
    pn_kept_files_give(unit->parsing.kept, &kept);
}

/* The tree of a file, in an arena of its own while it may be kept. False without
 * memory. */
static bool
tree_make(struct pn_unit *unit, struct pn_file *file)
{
    size_t before = unit->diags->total;

    if (unit->parsing.kept && file->dialect == PN_EXTENDED) {
        file->arena = pn_arena_new();
        if (!file->arena)
            return false;
    }
    if (!pn_parse_tree_of(
            &file->source, file->dialect,
            file->is_test || file->arena ? PN_DETAIL_WHOLE : unit->parsing.detail,
            unit->diags, file->arena ? file->arena : unit->arena, &file->tree))
        return false;
    file->is_faultless = unit->diags->total == before;
    return true;
}

static bool
file_read(struct pn_unit *unit, struct pn_file *file)
{
    bool reported = false;

    file->dialect = pn_dialect_of(&file->source, NULL);
    file->is_faultless = file_take(unit, file);
    if (!file->source.line_starts)
        file->indexed = pn_source_index(&file->source);
    if (!file->source.line_starts)
        return false;
    return file->is_faultless ||
           (kind_report(unit, file, &reported) && (reported || tree_make(unit, file)));
}

static void
file_parse(struct pn_unit *unit, uint32_t number)
{
    struct pn_file *file = unit->files[number];
    const struct pn_node *node;

    if (!file_read(unit, file)) {
        unit->failed = true;
        return;
    }
    for (node = file->tree.file->children.head; node && !unit->failed;
         node = node->next)
        if (node->kind == PN_NODE_INCLUDE)
            include_follow(unit, number, node);
}

void
pn_unit_load(struct pn_unit *unit, const struct pn_source *root, struct pn_diags *diags,
             struct pn_reading reading)
{
    pn_unit_load_by(unit, root, diags, reading, (struct pn_parsing){ 0 });
}

void
pn_unit_load_by(struct pn_unit *unit, const struct pn_source *root,
                struct pn_diags *diags, struct pn_reading reading,
                struct pn_parsing parsing)
{
    struct pn_file *file;

    *unit = (struct pn_unit){ .diags = diags, .reading = reading, .parsing = parsing };
    unit->arena = pn_arena_new();
    file = unit->arena ? file_add(unit) : NULL;
    if (!file) {
        unit->failed = true;
        return;
    }
    file->source = *root;
    file->identity = pn_unit_identity(unit, root->name);
    unit->size = root->size;
    for (uint32_t i = 0; i < unit->count && !unit->failed; i++)
        file_parse(unit, i);
}

bool
pn_unit_add_test(struct pn_unit *unit, const char *path)
{
    uint32_t number = (uint32_t)unit->count;
    enum pn_diag_id id = PN_DIAG_NONE;
    struct pn_source source;
    struct pn_file *file;

    if (unit->failed)
        return true; /* already reported */
    if (!unit->reading.read(unit->reading.payload, path, PN_UNIT_SIZE_MAX - unit->size,
                            &source)) {
        id = fault_of(errno);
        if (id != PN_DIAG_OUTSIDE_ROOT && id != PN_DIAG_KERNEL_FILE)
            return false;
        if (!pn_source_from_text(&source, path, (struct pn_str){ "", 0 })) {
            unit->failed = true;
            return true;
        }
    }
    unit->size += source.size;
    source.hidden |= pn_file_is_hidden(path, unit->files[0]->source.name);
    file = file_add(unit);
    if (!file) {
        pn_source_clear(&source);
        return true;
    }
    file->source = source;
    file->identity = pn_unit_identity(unit, path);
    file->parent = number;
    file->is_test = true;
    if (id != PN_DIAG_NONE) /* there is one, and it is none to be read */
        pn_unit_report(unit, number, id, (struct pn_span){ 0, 0 });
    for (uint32_t i = number; i < unit->count && !unit->failed; i++)
        file_parse(unit, i);
    return true;
}

void
pn_unit_clear(struct pn_unit *unit)
{
    for (size_t i = 0; i < unit->count; i++) {
        struct pn_file *file = unit->files[i];

        if (file->arena && file->is_faultless)
            file_give(unit, file);
        pn_arena_free(file->arena);
        pn_free(file->tree.tokens);
        pn_free(file->includes);
        if (i)
            pn_source_clear(&file->source);
        else if (file->indexed) /* the root's text is the caller's */
            pn_free(file->source.line_starts);
        pn_free(file->path);
    }
    pn_free(unit->files);
    pn_intern_clear(&unit->known);
    pn_arena_free(unit->arena);
    *unit = (struct pn_unit){ 0 };
}
