/*
 * A baseline lists known findings, one a line. A line covers as many equal findings as
 * the times that it occurs.
 */
#include "tools/lint_baseline.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/files.h"
#include "base/intern.h"
#include "base/vector.h"
#include "compiler/atomic.h"
#include "tools/input/rules_file.h"
#include "tools/input/seen.h"

enum { CODE_SIZE = 4 };

static void
text_write(struct pn_str text, bool is_file, struct pn_buffer *out)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];

        if (c < 0x20 || c == 0x7f || (is_file && c == ':'))
            pn_buffer_add_format(out, "\\x%02x", c);
        else
            pn_buffer_add(out, &text.ptr[i], 1);
    }
}

/* Makes an absolute path relative to a folder, which ends in a slash. */
static void
relative_write(const char *folder, const char *path, struct pn_buffer *out)
{
    size_t common = 0;

    for (size_t i = 0; folder[i] && folder[i] == path[i]; i++)
        if (folder[i] == '/')
            common = i + 1;
    for (const char *rest = folder + common; *rest; rest++)
        if (*rest == '/')
            pn_buffer_add_text(out, "../");
    text_write((struct pn_str){ path + common, strlen(path + common) }, true, out);
}

/*
 * The folder of a file, whole, with a slash at its end; of one in a commit as it is in
 * the working tree. False when there is none.
 */
static bool
folder_write(const char *name, struct pn_buffer *out)
{
    struct pn_buffer here = { 0 };
    const char *slash;
    char *whole;

    if (pn_git_is_revision(name) && pn_git_here(name, &here))
        name = here.bytes;
    slash = strrchr(name, '/');
    pn_buffer_add(out, name, slash ? (size_t)(slash - name) + 1 : 0);
    pn_buffer_add(out, ".", 2);
    whole = out->failed ? NULL : pn_files_real(out->bytes);
    pn_buffer_free(&here);
    if (!whole)
        return false;
    out->size = 0;
    pn_buffer_add_text(out, whole);
    pn_buffer_add(out, "/", strcmp(whole, "/") == 0 ? 0 : 1);
    pn_buffer_add(out, "", 1);
    free(whole);
    return !out->failed;
}

/* The name of a file in a baseline: relative to the baseline, however it was given. */
static void
file_write(const struct pn_baseline *b, uint32_t operand, struct pn_buffer *out)
{
    const char *name = operand < b->count ? b->files[operand].name : b->name;
    struct pn_buffer folder = { 0 };
    char *path = pn_files_real(name);

    if (path && folder_write(b->name, &folder))
        relative_write(folder.bytes, path, out);
    else
        text_write((struct pn_str){ name, strlen(name) }, true, out);
    pn_buffer_add_text(out, ": ");
    out->failed |= folder.failed;
    pn_buffer_free(&folder);
    free(path);
}

static void
finding_write(const struct pn_report *report, const struct pn_finding *f,
              struct pn_buffer *out)
{
    pn_buffer_add_text(out, pn_check_info[f->check].code);
    pn_buffer_add_text(out, " ");
    text_write(pn_finding_subject(report, f), false, out);
}

/*
 * For each line: how often it occurs, how often no finding has matched it yet, and its
 * first place.
 */
struct known {
    struct pn_source source;
    struct pn_intern lines;
    size_t *counts, *left;
    struct pn_span *spans;
    size_t count_capacity, left_capacity, span_capacity;
    char said[PN_GIT_SAID_SIZE]; /* by git, of one that cannot be read */
    bool read;
};

static void
known_clear(struct known *known)
{
    pn_intern_clear(&known->lines);
    free(known->counts);
    free(known->left);
    free(known->spans);
    pn_source_clear(&known->source);
}

static bool
known_add(struct known *known, struct pn_span span)
{
    size_t before = known->lines.count;
    uint32_t number;

    if (!pn_intern_add(&known->lines, known->source.text + span.offset, span.size,
                       &number) ||
        !pn_vector_reserve(&known->counts, &known->count_capacity, known->lines.count,
                           sizeof(*known->counts)) ||
        !pn_vector_reserve(&known->left, &known->left_capacity, known->lines.count,
                           sizeof(*known->left)) ||
        !pn_vector_reserve(&known->spans, &known->span_capacity, known->lines.count,
                           sizeof(*known->spans)))
        return false;
    if (number == before) {
        known->counts[number] = known->left[number] = 0;
        known->spans[number] = span;
    }
    known->counts[number]++;
    known->left[number]++;
    return true;
}

/* False with errno set. */
static bool
line_read(struct known *known, const char *name)
{
    struct pn_source *source = &known->source;
    bool good;

    if (!pn_text_read(name, source, known->said))
        return false;
    good = pn_source_index(source);
    for (size_t at = 0; at < source->size && good;) {
        const char *newline = memchr(source->text + at, '\n', source->size - at);
        size_t len =
            newline ? (size_t)(newline - source->text) - at : source->size - at;

        if (len && source->text[at] != '#')
            good = known_add(known, (struct pn_span){ (uint32_t)at, (uint32_t)len });
        at += len + 1;
    }
    if (!good)
        errno = ENOMEM;
    return good;
}

static struct pn_str
known_line(const struct known *known, uint32_t number)
{
    return (struct pn_str){ known->source.text + known->spans[number].offset,
                            known->spans[number].size };
}

/* Uses up one unmatched occurrence of a line. */
static bool
known_take(struct known *known, const char *line, size_t size)
{
    uint32_t number;

    if (!pn_intern_find(&known->lines, line, size, &number) || !known->left[number])
        return false;
    known->left[number]--;
    return true;
}

static bool
findings_mark(const struct pn_baseline *b, struct known *known,
              struct pn_report *report)
{
    struct pn_buffer line = { 0 };

    for (size_t i = 0; i < report->count && !line.failed && known->lines.count; i++) {
        struct pn_finding *f = &report->items[i];
        size_t front;

        if (f->state != PN_FINDING_NEW)
            continue;
        line.size = 0;
        file_write(b, f->operand, &line);
        front = line.size;
        finding_write(report, f, &line);
        if (!line.failed && (known_take(known, line.bytes, line.size) ||
                             known_take(known, line.bytes + front, line.size - front)))
            f->state = PN_FINDING_KNOWN;
    }
    pn_buffer_free(&line);
    return !line.failed;
}

/* Does it begin with a code, as lines without a file? */
static bool
is_bare(struct pn_str line)
{
    if (line.len <= CODE_SIZE || line.ptr[0] != 'P' || line.ptr[CODE_SIZE] != ' ')
        return false;
    for (size_t i = 1; i < CODE_SIZE; i++)
        if (line.ptr[i] < '0' || line.ptr[i] > '9')
            return false;
    return true;
}

static bool
is_of(const struct pn_baseline *b, struct pn_str line, uint32_t operand, bool *failed)
{
    struct pn_buffer front = { 0 };
    bool is;

    file_write(b, operand, &front);
    *failed |= front.failed;
    is = !front.failed && line.len > front.size &&
         memcmp(line.ptr, front.bytes, front.size) == 0;
    pn_buffer_free(&front);
    return is;
}

/*
 * Does a line belong to an operand that was (or was not) read? A line without a file
 * belongs to all.
 */
static bool
is_line_of(const struct pn_baseline *b, struct pn_str line, bool read, bool *failed)
{
    bool all = true;

    for (uint32_t i = 0; i < b->count; i++) {
        if (b->files[i].read == read && is_of(b, line, i, failed))
            return true;
        all &= b->files[i].read;
    }
    return is_bare(line) && all == read;
}

static int
by_text(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

/* Lines to be written, each allocated by itself. */
struct lines {
    char **items;
    size_t count, capacity;
    bool failed;
};

static void
line_add(struct lines *lines, struct pn_buffer *line)
{
    pn_buffer_add(line, "", 1);
    if (line->failed || !pn_vector_reserve(&lines->items, &lines->capacity,
                                           lines->count + 1, sizeof(*lines->items))) {
        lines->failed = true;
        pn_buffer_free(line);
        return;
    }
    lines->items[lines->count++] = line->bytes;
}

static void
line_add_times(struct lines *lines, struct pn_str text, size_t times)
{
    for (size_t i = 0; i < times && !lines->failed; i++) {
        struct pn_buffer line = { 0 };

        pn_buffer_add(&line, text.ptr, text.len);
        line_add(lines, &line);
    }
}

/* Writes the baseline, unless the file has changed since it was read. */
static bool
lines_write(const struct pn_baseline *b, const struct known *known, struct lines *lines)
{
    struct pn_seen seen = { known->read, { known->source.text, known->source.size } };
    struct pn_buffer text = { 0 };
    bool good;

    if (lines->count)
        qsort(lines->items, lines->count, sizeof(*lines->items), by_text);
    for (size_t i = 0; i < lines->count; i++) {
        pn_buffer_add_text(&text, lines->items[i]);
        pn_buffer_add_text(&text, "\n");
    }
    if (lines->failed || text.failed)
        errno = ENOMEM;
    else
        pn_links_report(b->tool, b->name, 1);
    good = !lines->failed && !text.failed &&
           pn_atomic_put_if(b->name, text.bytes, text.size, pn_seen_is_still, &seen);
    pn_buffer_free(&text);
    return good;
}

static void
lines_clear(struct lines *lines)
{
    for (size_t i = 0; i < lines->count; i++)
        free(lines->items[i]);
    free(lines->items);
}

/*
 * Reports lines that match no finding any more, or leaves them out of the new baseline.
 */
static bool
stale_handle(const struct pn_baseline *b, const struct known *known,
             struct pn_report *report, bool fix)
{
    struct lines kept = { 0 };
    bool any = false, good;

    for (uint32_t i = 0; i < known->lines.count; i++) {
        struct pn_str line = known_line(known, i);
        size_t times = known->counts[i];

        if (known->left[i] && is_line_of(b, line, true, &kept.failed)) {
            any = true;
            times -= known->left[i];
            if (!fix)
                pn_report_add(
                    report, PN_CHECK_STALE_BASELINE,
                    (struct pn_source_span){ &known->source, known->spans[i], 0 });
        }
        if (fix)
            line_add_times(&kept, line, times);
    }
    good = !kept.failed && (!fix || !any || lines_write(b, known, &kept));
    lines_clear(&kept);
    return good;
}

static int
status_report(const struct pn_baseline *b, const struct known *known, bool good,
              int failure)
{
    if (!good && known->said[0])
        return pn_tool_fail_of(b->tool, failure, b->name, known->said);
    if (!good && errno == ECANCELED)
        return pn_tool_fail_of(b->tool, failure, b->name, PN_SEEN_CHANGED);
    return good ? PN_EXIT_OK : pn_tool_fail_system(b->tool, failure, b->name);
}

int
pn_baseline_apply(const struct pn_baseline *b, struct pn_report *report, bool fix)
{
    struct known known = { 0 };
    bool read = known.read = line_read(&known, b->name);
    bool good = read && findings_mark(b, &known, report) &&
                stale_handle(b, &known, report, fix && !pn_git_is_revision(b->name));
    int status = status_report(
        b, &known, good, read || errno == ENOMEM ? PN_EXIT_SYSTEM : PN_EXIT_USAGE);

    known_clear(&known);
    return status;
}

int
pn_baseline_write(const struct pn_baseline *b, const struct pn_report *report)
{
    struct known known = { 0 };
    struct lines lines = { 0 };
    bool good;
    int status;

    known.read = line_read(&known, b->name);
    good = known.read || errno == ENOENT;

    for (uint32_t i = 0; i < known.lines.count && good; i++)
        if (!is_bare(known_line(&known, i)) &&
            is_line_of(b, known_line(&known, i), false, &lines.failed))
            line_add_times(&lines, known_line(&known, i), known.counts[i]);
    for (size_t i = 0; i < report->count && good && !lines.failed; i++) {
        const struct pn_finding *f = &report->items[i];
        struct pn_buffer line = { 0 };

        if (f->check == PN_CHECK_STALE_BASELINE || f->state == PN_FINDING_IGNORED)
            continue;
        file_write(b, f->operand, &line);
        finding_write(report, f, &line);
        line_add(&lines, &line);
    }
    good = good && lines_write(b, &known, &lines);
    lines_clear(&lines);
    status = status_report(b, &known, good, PN_EXIT_SYSTEM);
    known_clear(&known);
    return status;
}
