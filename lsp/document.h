/* The texts that an editor has open: they stand in the place of files. */
#ifndef PN_LSP_DOCUMENT_H
#define PN_LSP_DOCUMENT_H

#include "base/arena.h"
#include "base/buffer.h"
#include "compiler/kept_lists.h"
#include "compiler/unit.h"
#include "lsp/json.h"

/* A text, and what it parses to. */
struct pn_document {
    char *uri;    /* as the editor spells it */
    char *path;   /* absolute */
    char *real;   /* without links; NULL: there is no such file yet */
    bool is_list; /* the editor says so: it is no rule file */
    json_int_t version;
    char *owner;      /* the path of the policy that reads it; NULL: none is known */
    bool is_searched; /* for that */
    uint64_t number, edits; /* of all that were opened; of its own changes */
    struct pn_buffer text;  /* and a NUL behind it */
    struct pn_lines lines;
    /* by pn_document_parse(): */
    struct pn_source source;
    enum pn_dialect dialect;
    struct pn_arena *arena; /* NULL: it was not parsed since it changed */
    struct pn_tree tree;
};

/* All zero is none open. Each stays where it is until it is closed. */
struct pn_documents {
    struct pn_document **items;
    size_t count, capacity;
    uint64_t opened; /* so many, in all */
};

static inline struct pn_str
pn_document_text(const struct pn_document *document)
{
    return (struct pn_str){ document->text.bytes, document->text.size };
}

/* What an editor opens; a document that is open is replaced. NULL without memory. */
struct pn_document *
pn_documents_open(struct pn_documents *documents, const char *uri, const char *path,
                  struct pn_str text);

void
pn_documents_close(struct pn_documents *documents, struct pn_document *document);

/* By what the editor calls it; NULL when it is not open. */
struct pn_document *
pn_documents_find(const struct pn_documents *documents, struct pn_str uri);

/* By any path that leads to it. */
struct pn_document *
pn_documents_at(const struct pn_documents *documents, const char *path);

/* Replaces bytes; false without memory, or when it would be too long: it is as it was.
 */
bool
pn_document_replace(struct pn_document *document, struct pn_span span,
                    struct pn_str text);

/* Its tree, whatever errors it has; false without memory. */
bool
pn_document_parse(struct pn_document *document);

/* Forgets the policy that reads it: it is searched anew. */
void
pn_document_disown(struct pn_document *document);

/* The place of a file, links followed, or its name where there is none; to be freed. */
char *
pn_documents_place(const char *path);

void
pn_documents_clear(struct pn_documents *documents);

/* A pn_read_fn whose payload is a struct pn_documents: those, and files. */
bool
pn_documents_read(void *payload, const char *path, size_t limit, struct pn_source *out);

/* A pn_stamp_fn with such a payload. */
bool
pn_documents_stamp(void *payload, const char *path, struct pn_list_stamp *out);

/* Reads by the documents, which outlive what is read. */
struct pn_reading
pn_documents_reading(struct pn_documents *documents);

#endif
