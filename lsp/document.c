/* Open texts, by their names and by what these lead to. */
#include "lsp/document.h"

#include <errno.h>
#include <string.h>

#include "base/files.h"
#include "base/memory.h"
#include "base/vector.h"
#include "grammar/parse.h"

static void
tree_clear(struct pn_document *document)
{
    pn_free(document->tree.tokens);
    pn_free(document->source.line_starts);
    pn_arena_free(document->arena);
    document->tree = (struct pn_tree){ 0 };
    document->source = (struct pn_source){ 0 };
    document->arena = NULL;
}

static void
document_free(struct pn_document *document)
{
    tree_clear(document);
    pn_lines_clear(&document->lines);
    pn_buffer_free(&document->text);
    pn_free(document->uri);
    pn_free(document->path);
    pn_free(document->real);
    pn_free(document->owner);
    pn_free(document);
}

static struct pn_document *
document_new(const char *uri, const char *path, struct pn_str text)
{
    struct pn_document *made = pn_calloc(1, sizeof(*made));

    if (!made)
        return NULL;
    made->uri = pn_strdup(uri);
    made->path = pn_strdup(path);
    made->real = pn_files_real(path);
    if (pn_buffer_reserve(&made->text, text.len + 1)) {
        pn_buffer_add_str(&made->text, text);
        made->text.bytes[made->text.size] = '\0';
    }
    if (made->uri && made->path && !made->text.failed &&
        pn_lines_make(&made->lines, pn_document_text(made)))
        return made;
    document_free(made);
    return NULL;
}

struct pn_document *
pn_documents_open(struct pn_documents *documents, const char *uri, const char *path,
                  struct pn_str text)
{
    struct pn_document *before = pn_documents_find(documents, pn_str_of_text(uri));
    struct pn_document *made =
        text.len <= PN_SOURCE_SIZE_MAX ? document_new(uri, path, text) : NULL;

    if (made &&
        !pn_vector_add(&documents->items, &documents->count, &documents->capacity,
                       &made, sizeof(struct pn_document *))) {
        document_free(made);
        return NULL;
    }
    if (made)
        made->number = ++documents->opened;
    if (made && before)
        pn_documents_close(documents, before);
    return made;
}

void
pn_documents_close(struct pn_documents *documents, struct pn_document *document)
{
    for (size_t i = 0; i < documents->count; i++)
        if (documents->items[i] == document) {
            memmove(documents->items + i, documents->items + i + 1,
                    (documents->count - i - 1) * sizeof(struct pn_document *));
            documents->count--;
            document_free(document);
            return;
        }
}

struct pn_document *
pn_documents_find(const struct pn_documents *documents, struct pn_str uri)
{
    for (size_t i = 0; i < documents->count; i++)
        if (pn_str_is(uri, documents->items[i]->uri))
            return documents->items[i];
    return NULL;
}

/* A file that is there is known by its place, another one by its name. */
static bool
is_at(const struct pn_document *document, const char *tidy, const char *real)
{
    if (real && document->real)
        return strcmp(document->real, real) == 0;
    return strcmp(document->path, tidy) == 0;
}

struct pn_document *
pn_documents_at(const struct pn_documents *documents, const char *path)
{
    struct pn_document *found = NULL;
    char *tidy, *real;

    if (path[0] != '/' || !documents->count)
        return NULL;
    tidy = pn_strdup(path);
    if (!tidy)
        return NULL;
    pn_path_tidy(tidy + 1);
    real = pn_files_real(path);
    for (size_t i = 0; i < documents->count && !found; i++)
        if (is_at(documents->items[i], tidy, real))
            found = documents->items[i];
    pn_free(real);
    pn_free(tidy);
    return found;
}

bool
pn_document_replace(struct pn_document *document, struct pn_span span,
                    struct pn_str put)
{
    struct pn_buffer *text = &document->text;
    size_t tail = text->size - span.offset - span.size;
    size_t size = text->size - span.size;

    if (put.len > PN_SOURCE_SIZE_MAX - size)
        return false;
    if (put.len > span.size && !pn_buffer_reserve(text, put.len - span.size + 1)) {
        text->failed = false;
        return false;
    }
    /* room for the lines, so that nothing fails behind the change */
    if (!pn_vector_reserve(&document->lines.starts, &document->lines.capacity,
                           document->lines.count + put.len + 1, sizeof(uint32_t)))
        return false;
    tree_clear(document);
    document->edits++;
    memmove(text->bytes + span.offset + put.len, text->bytes + span.offset + span.size,
            tail);
    if (put.len)
        memcpy(text->bytes + span.offset, put.ptr, put.len);
    text->size = size + put.len;
    text->bytes[text->size] = '\0';
    if (pn_lines_replace(&document->lines, pn_document_text(document), span.offset,
                         span.size, (uint32_t)put.len))
        return true;
    return pn_lines_make(&document->lines, pn_document_text(document));
}

bool
pn_document_parse(struct pn_document *document)
{
    struct pn_diags none = { 0 }; /* what is wrong is told elsewhere */
    bool good;

    if (document->arena)
        return true;
    document->source = (struct pn_source){ .name = document->path,
                                           .text = document->text.bytes,
                                           .size = document->text.size };
    document->arena = pn_arena_new();
    document->dialect = pn_dialect_of(&document->source, NULL);
    good = document->arena && pn_source_index(&document->source) &&
           pn_parse_tree(&document->source, document->dialect, &none, document->arena,
                         &document->tree);
    pn_diags_clear(&none);
    if (!good)
        tree_clear(document);
    return good;
}

void
pn_document_disown(struct pn_document *document)
{
    pn_free(document->owner);
    document->owner = NULL;
    document->is_searched = false;
}

char *
pn_documents_place(const char *path)
{
    char *real = pn_files_real(path), *tidy;

    if (real)
        return real;
    tidy = pn_strdup(path);
    if (tidy && tidy[0] == '/')
        pn_path_tidy(tidy + 1);
    return tidy;
}

void
pn_documents_clear(struct pn_documents *documents)
{
    for (size_t i = 0; i < documents->count; i++)
        document_free(documents->items[i]);
    pn_free(documents->items);
    *documents = (struct pn_documents){ .opened = documents->opened };
}

bool
pn_documents_read(void *payload, const char *path, size_t limit, struct pn_source *out)
{
    const struct pn_document *document = pn_documents_at(payload, path);

    if (!document)
        return pn_read_file(NULL, path, limit, out);
    errno = document->text.size > limit ? EFBIG : ENOMEM;
    return document->text.size <= limit &&
           pn_source_from_text(out, path, pn_document_text(document));
}

bool
pn_documents_stamp(void *payload, const char *path, struct pn_list_stamp *out)
{
    const struct pn_document *document = pn_documents_at(payload, path);

    if (!document)
        return pn_stamp_file(NULL, path, out);
    *out = (struct pn_list_stamp){ { UINT64_MAX, document->number, document->edits } };
    return true;
}

/* One that is open is itself by all of its names, whether its file is there or not. */
static bool
document_identify(void *payload, const char *path, struct pn_buffer *out)
{
    const struct pn_document *document = pn_documents_at(payload, path);

    if (!document)
        return pn_identify_file(NULL, path, out);
    if (pn_identify_file(NULL, document->path, out))
        return true;
    pn_buffer_add_text(out, document->path);
    return true;
}

struct pn_reading
pn_documents_reading(struct pn_documents *documents)
{
    return (struct pn_reading){ pn_documents_read, documents, document_identify, 0 };
}
