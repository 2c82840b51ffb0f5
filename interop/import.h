/* The rules of other programs as a policy of ours: importers.def has a row for each. */
#ifndef PN_INTEROP_IMPORT_H
#define PN_INTEROP_IMPORT_H

#include "base/buffer.h"
#include "base/source.h"
#include "compiler/number.h"

/* In the place of the number of a file: all that was read. */
#define PN_IMPORT_WHOLE UINT32_MAX

/* What is told of a line: what has no equivalent, or an error. */
struct pn_import_note {
    uint32_t file;
    size_t line; /* from 1; 0: of the whole file */
    size_t text; /* in pn_import.texts, with a NUL behind it */
    size_t key;  /* likewise, of the record that it is of; SIZE_MAX: of none */
    bool is_error;
};

/* What is known of a file that is one of a folder: its path in there, and its mode. */
struct pn_import_entry {
    const char *path;
    unsigned mode;
};

/* What the caller chooses. */
struct pn_import_wants {
    const char *daemon; /* hosts.allow: of which one; NULL: of ALL */
    const char *name;   /* of the set, service or chain that is meant; or NULL */
    bool listed_allow;  /* who is in a set or list is allowed, and not denied */
    bool native;        /* pn_import.native is wanted */
};

/* An import under way. All zero but for the first rows; the files are the caller's.
 */
struct pn_import {
    const struct pn_source *files;
    size_t file_count;
    struct pn_import_wants wants;
    const struct pn_import_entry *entries; /* by file, of a folder; else NULL */
    struct pn_str at;     /* the key of the record that is read; ptr NULL: of none */
    struct pn_buffer out; /* the policy, without its header */
    struct pn_import_note *notes;
    size_t note_count, note_capacity;
    struct pn_buffer texts;
    struct pn_buffer
        native; /* what was read, as its own program reads it; see --prove */
    bool has_errors, failed; /* failed: out of memory */
};

/* What the files of an importer are. */
enum pn_import_input {
    PN_IMPORT_TEXT,
    PN_IMPORT_BYTES, /* whatever bytes there are */
    PN_IMPORT_BANS,  /* a text that the caller makes of the database of fail2ban */
    PN_IMPORT_FOLDER /* the files of a folder, or whatever bytes a file has */
};

struct pn_importer {
    const char *name, *summary;
    enum pn_import_input input;
    void (*run)(struct pn_import *import);
};

extern const struct pn_importer pn_importers[];
extern const size_t pn_importer_count;

/* NULL for none of that name. */
const struct pn_importer *
pn_importer_find(const char *name);

/* Runs it, unless a file is no text where one is wanted, which is an error then. */
void
pn_import_run(const struct pn_importer *importer, struct pn_import *import);

/* An error when a file is no text. */
void
pn_import_text_check(struct pn_import *import, uint32_t file);

/* Is there one file? More are an error, since nobody says which of two rules counts. */
bool
pn_import_is_one(struct pn_import *import);

/* Frees what the import has made. */
void
pn_import_clear(struct pn_import *import);

/* What has no equivalent at a line. */
__attribute__((format(printf, 4, 5))) void
pn_import_note(struct pn_import *import, uint32_t file, size_t line, const char *format,
               ...);

/* What cannot be read at a line: nothing is written then. */
__attribute__((format(printf, 4, 5))) void
pn_import_error(struct pn_import *import, uint32_t file, size_t line,
                const char *format, ...);

/* A statement, and the place it comes from behind it in a remark: the key of the record
 * import->at, or a line. */
void
pn_import_statement(struct pn_import *import, uint32_t file, size_t line,
                    struct pn_str statement);

/*
 * A line of what was read, as the program reads it whose file it is, if that is wanted:
 * only words that were understood, so that nothing else of the file comes to it.
 */
__attribute__((format(printf, 2, 3))) void
pn_import_native(struct pn_import *import, const char *format, ...);

/* The same of a record of a database, whatever bytes it has: "+SIZE,SIZE:KEY->VALUE".
 */
void
pn_import_native_record(struct pn_import *import, struct pn_str key,
                        struct pn_str value);

/* A text as an argument of "%.*s". */
#define PN_IMPORT_TEXT_OF(text) (int)(text).len, (text).ptr

/* Adds a value in quotes, as a rule has it. */
void
pn_import_value(struct pn_buffer *out, struct pn_str value);

/* Can a rule set a variable of this name? */
bool
pn_import_variable_is(struct pn_str name);

/* A text that is quoted in a note is cut to this many bytes. */
#define PN_IMPORT_QUOTED(text) (int)((text).len < 80 ? (text).len : 80), (text).ptr

/* The lines of a file, for importers that read by lines. */
struct pn_import_lines {
    struct pn_str rest;
    size_t number;      /* of the line at hand, from 1 */
    struct pn_str line; /* without its newline, and a return before that */
};

struct pn_import_lines
pn_import_lines_of(const struct pn_source *file);

bool
pn_import_line_next(struct pn_import_lines *lines);

/*
 * The first word of a text, cut by blanks and tabs; what is behind it is left in *rest,
 * without blanks in front. Empty at the end.
 */
struct pn_str
pn_import_word(struct pn_str *rest);

/* Is this a word, in whatever case? */
bool
pn_import_is(struct pn_str text, const char *word);

/* An address or a prefix, "A", "A/N" or "A/MASK", bits behind its length set or not. */
struct pn_import_prefix {
    uint8_t family;
    unsigned length;
    pn_number first, last;
    bool had_host_bits; /* which are 0 in `first` */
    bool has_mask;      /* in the place of a length */
};

bool
pn_import_prefix_read(struct pn_str text, struct pn_import_prefix *out);

/* One for each row of importers.def. */
#define X(id, name, input, summary) void pn_import_##id(struct pn_import *import);
#include "interop/importers.def"
#undef X

#endif
