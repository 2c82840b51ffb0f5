/* Line by line: a name, whether it may stand there, and a path that stays in the
 * folder. */
#define _GNU_SOURCE /* O_PATH */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/beneath.h"
#include "base/files.h"
#include "base/nearest.h"
#include "base/option_faults.h"
#include "base/sizes.h"
#include "compiler/terms.h"
#include "tools/config_file.h"
#include "tools/input/git.h"
#include "tools/lint_config.h"
#include "tools/verbs.h"

enum key_kind {
    KEY_CHOOSES,
    KEY_FINDINGS, /* names of findings */
    KEY_DATE,
    KEY_NETWORKS,
    KEY_PATH,
    KEY_FLAGS_OR_PATH,
    KEY_ACTS
};

/* What may stand in a .postern, and what would be done by it: the rest is unknown. */
static const struct {
    const char *name;
    enum key_kind kind;
} keys[] = {
    { "only", KEY_FINDINGS },      { "ignore", KEY_FINDINGS },
    { "no-ignores", KEY_CHOOSES }, { "strict", KEY_CHOOSES },
    { "fail-level", KEY_CHOOSES }, { "max", KEY_CHOOSES },
    { "trusted", KEY_NETWORKS },   { "privileged", KEY_CHOOSES },
    { "as-of", KEY_DATE },         { "server", KEY_FLAGS_OR_PATH },
    { "baseline", KEY_PATH },      { "against", KEY_PATH },
    { "fix", KEY_ACTS },           { "unsafe", KEY_ACTS },
    { "all-users", KEY_ACTS },     { "diff", KEY_ACTS },
    { "watch", KEY_ACTS },         { "write-baseline", KEY_ACTS },
};

/* A line, cut into a name and what stands behind its sign. */
struct line {
    struct pn_span name, value;
    bool has_value;
};

struct reading {
    const struct pn_config_file *file;
    struct pn_diags diags;
    pn_config_word_fn take;
    void *payload;
    bool failed; /* out of memory */
};

static struct pn_span
trim(const char *text, struct pn_span span)
{
    while (span.size && text[span.offset] && strchr(" \t\r", text[span.offset])) {
        span.offset++;
        span.size--;
    }
    while (span.size && text[span.offset + span.size - 1] &&
           strchr(" \t\r", text[span.offset + span.size - 1]))
        span.size--;
    return span;
}

static struct line
line_cut(const char *text, struct pn_span span)
{
    const char *sign = memchr(text + span.offset, '=', span.size);
    struct line line = { .name = span, .has_value = sign != NULL };
    uint32_t at = sign ? (uint32_t)(sign - text) : 0;

    if (sign) {
        line.name.size = at - span.offset;
        line.value =
            trim(text, (struct pn_span){ at + 1, span.offset + span.size - at - 1 });
    }
    line.name = trim(text, line.name);
    return line;
}

static bool
key_find(const struct reading *r, const struct line *line, enum key_kind *out)
{
    struct pn_str name = pn_source_slice(&r->file->source, line->name);

    for (size_t i = 0; i < PN_COUNT_OF(keys); i++)
        if (strlen(keys[i].name) == name.len &&
            memcmp(keys[i].name, name.ptr, name.len) == 0) {
            *out = keys[i].kind;
            return true;
        }
    return false;
}

/* Where the name of the file ends and its folder does: how many bytes. */
static size_t
folder_size(const char *name)
{
    return (size_t)(pn_git_base(name) - name);
}

/* Does a path stay in the folder, links and all? What is not there leads nowhere. */
static bool
stays_in(const char *folder, const char *path)
{
    int fd = pn_files_open(*folder ? folder : ".", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
    struct pn_buffer real = { 0 };
    bool stays = fd >= 0;

    if (stays && !pn_beneath_real(fd, path, &real))
        stays = errno != EXDEV && errno != ELOOP;
    pn_buffer_free(&real);
    if (fd >= 0)
        close(fd);
    return stays;
}

/* Is nothing there, or a file that one does not wait for? */
static bool
may_be_read(const char *path)
{
    struct stat st;

    return !pn_files_stat(path, &st) || S_ISREG(st.st_mode);
}

/* A path in a commit: it holds no links that are followed. */
static bool
stays_in_commit(char *path)
{
    if (path[0] == '/')
        return false;
    pn_path_tidy(path);
    return strncmp(path, "../", 3) != 0 && strcmp(path, "..") != 0;
}

/* The path of a line as it is from where we are; false when it may not be one. */
static bool
path_resolve(struct reading *r, struct pn_str value, struct pn_buffer *out)
{
    const char *name = r->file->name;
    size_t size = folder_size(name), front = out->size;
    char *folder = strndup(name, size), *path = strndup(value.ptr, value.len);
    bool good = false;

    errno = 0;
    if (folder && path)
        good = pn_git_is_revision(name) ? stays_in_commit(path)
                                        : path[0] != '/' && stays_in(folder, path);
    if (good) {
        /* it is a file, whatever its name looks like */
        if (!pn_git_is_revision(name) && name[0] != '/' && (name[0] != '.' || !size) &&
            (path[0] == '-' || strchr(path, ':')))
            pn_buffer_add_text(out, "./");
        pn_buffer_add_text(out, folder);
        pn_buffer_add_text(out, path);
        r->failed |= out->failed;
    }
    if (good && !r->failed && !pn_git_is_revision(name)) {
        pn_buffer_add(out, "", 1);
        out->size--;
        good = !out->failed && may_be_read(out->bytes + front);
    }
    r->failed |= !folder || !path || (!good && errno == ENOMEM);
    free(folder);
    free(path);
    return good;
}

/* A note of one line, indented as notes are. */
static void
note_add(struct reading *r, struct pn_diag *diag, const char *text, size_t size)
{
    struct pn_buffer note = { 0 };

    pn_buffer_add_text(&note, "  ");
    pn_buffer_add(&note, text, size);
    pn_buffer_add_text(&note, "\n");
    r->failed |= note.failed;
    if (!note.failed)
        pn_diag_note(&r->diags, diag, pn_str_of(&note));
    pn_buffer_free(&note);
}

/* No key has this name: which was meant? */
static void
unknown_report(struct reading *r, const struct line *line)
{
    const struct pn_source *source = &r->file->source;
    struct pn_diag *diag =
        pn_diags_add(&r->diags, PN_DIAG_CONFIG_UNKNOWN, source, line->name);
    struct pn_nearest nearest;

    pn_nearest_begin(&nearest, pn_source_slice(source, line->name));
    for (size_t i = 0; i < PN_COUNT_OF(keys); i++)
        if (keys[i].kind != KEY_ACTS)
            pn_nearest_offer(&nearest, pn_str_of_text(keys[i].name));
    if (nearest.best.ptr)
        pn_diag_fix(&r->diags, diag, source, line->name, nearest.best);
}

/* Would the command line take the word? Else reports what it would say. */
static bool
is_word_good(struct reading *r, const char *word, struct pn_span span)
{
    struct pn_lint_config config = pn_lint_config_default();
    char *copy = strdup(word), *argv[] = { copy, NULL };
    struct pn_option_result result = { .fault = PN_OPTION_FINE };
    struct pn_buffer text = { 0 };

    r->failed |= !copy;
    if (copy)
        result = pn_options_parse(pn_options_lint, 1, argv, &config);
    if (result.fault != PN_OPTION_FINE) {
        pn_option_fault_write(pn_options_lint, &result, &text);
        r->failed |= text.failed;
        note_add(r,
                 pn_diags_add(&r->diags, PN_DIAG_CONFIG_VALUE, &r->file->source, span),
                 text.bytes, text.size);
    }
    pn_buffer_free(&text);
    free(copy);
    return copy && result.fault == PN_OPTION_FINE;
}

/* Are these names of findings? Else reports each that is not. */
static bool
are_findings(struct reading *r, struct pn_str value)
{
    static const char text[] = "no finding has this name (see postern explain)";
    const struct pn_source *source = &r->file->source;
    struct pn_str word, rest = value;
    bool good = true;

    while (pn_checks_word(&rest, &word)) {
        struct pn_span span = { (uint32_t)(word.ptr - source->text),
                                (uint32_t)word.len };
        struct pn_diag *diag;
        const char *near;

        if (pn_check_named(word, NULL, NULL))
            continue;
        good = false;
        diag = pn_diags_add(&r->diags, PN_DIAG_CONFIG_VALUE, source, span);
        near = pn_check_near(word);
        note_add(r, diag, text, sizeof(text) - 1);
        if (near)
            pn_diag_fix(&r->diags, diag, source, span, pn_str_of_text(near));
    }
    return good;
}

static bool
are_networks(struct reading *r, const char *value)
{
    struct pn_trusted trusted = { 0 };
    bool good = pn_trusted_add(&trusted, value);

    r->failed |= trusted.failed;
    pn_trusted_clear(&trusted);
    return good || trusted.failed;
}

/* Is the value of the kind that its key wants? Else reports what is wanted. */
static bool
is_value_good(struct reading *r, enum key_kind kind, const struct line *line,
              const char *word)
{
    struct pn_str value = pn_source_slice(&r->file->source, line->value);
    const char *wanted = NULL, *sign = strchr(word, '=');

    if (memchr(value.ptr, '\0', value.len))
        wanted = "a NUL stands in no value";
    else if (kind == KEY_DATE && line->has_value && !pn_date_read(value))
        wanted = "a date is wanted, YYYY-MM-DD";
    else if (kind == KEY_NETWORKS && sign && !are_networks(r, sign + 1))
        wanted = "addresses and networks are wanted, with commas between";
    if (wanted) {
        note_add(r,
                 pn_diags_add(&r->diags, PN_DIAG_CONFIG_VALUE, &r->file->source,
                              line->value),
                 wanted, strlen(wanted));
        return false;
    }
    return is_word_good(r, word, line->value.size ? line->value : line->name) &&
           (kind != KEY_FINDINGS || are_findings(r, value));
}

/* The word that a line is; false when what it names may not be named there. */
static bool
word_make(struct reading *r, enum key_kind kind, const struct line *line,
          struct pn_buffer *word)
{
    const struct pn_source *source = &r->file->source;
    struct pn_str name = pn_source_slice(source, line->name),
                  value = pn_source_slice(source, line->value);
    bool good = true;

    pn_buffer_add_text(word, "--");
    pn_buffer_add(word, name.ptr, name.len);
    pn_buffer_add_text(word, line->has_value ? "=" : "");
    if (kind == KEY_PATH ||
        (kind == KEY_FLAGS_OR_PATH && value.len && value.ptr[0] != '-'))
        good = !line->has_value || (value.len && path_resolve(r, value, word));
    else
        pn_buffer_add(word, value.ptr, value.len);
    pn_buffer_add(word, "", 1);
    r->failed |= word->failed;
    return good;
}

static void
line_take(struct reading *r, const struct line *line)
{
    const struct pn_source *source = &r->file->source;
    enum key_kind kind = KEY_CHOOSES;
    struct pn_buffer word = { 0 };

    if (!key_find(r, line, &kind)) {
        unknown_report(r, line);
        return;
    }
    if (kind == KEY_ACTS) {
        (void)pn_diags_add(&r->diags, PN_DIAG_CONFIG_ACTS, source, line->name);
        return;
    }
    if (!word_make(r, kind, line, &word) && !r->failed)
        (void)pn_diags_add(&r->diags, PN_DIAG_CONFIG_PATH, source,
                           line->value.size ? line->value : line->name);
    else if (!r->failed && is_value_good(r, kind, line, word.bytes))
        r->failed |= !r->take(r->payload, word.bytes, word.size - 1);
    pn_buffer_free(&word);
}

static void
lines_take(struct reading *r)
{
    const struct pn_source *source = &r->file->source;

    for (size_t at = 0; at < source->size && !r->failed;) {
        const char *newline = memchr(source->text + at, '\n', source->size - at);
        size_t len =
            newline ? (size_t)(newline - source->text) - at : source->size - at;
        struct pn_span span =
            trim(source->text, (struct pn_span){ (uint32_t)at, (uint32_t)len });
        struct line line = line_cut(source->text, span);

        if (span.size && source->text[span.offset] != '#')
            line_take(r, &line);
        at += len + 1;
    }
}

int
pn_config_words(const struct pn_config_file *file, struct pn_tool *tool,
                const struct pn_common *common, pn_config_word_fn take, void *payload)
{
    struct reading r = { .file = file,
                         .diags = { .limit = PN_DIAGS_LIMIT },
                         .take = take,
                         .payload = payload };
    struct pn_common as_text = { .color = common->color };
    int status = PN_EXIT_OK;

    lines_take(&r);
    pn_tool_diagnostics(tool, &as_text, &r.diags);
    if (r.diags.errors)
        status = PN_EXIT_USAGE;
    if (r.failed || r.diags.failed) {
        status = pn_tool_fail_memory(tool, file->name);
    }
    pn_diags_clear(&r.diags);
    return status;
}
