/* A line may stand there several times: so often is its finding known. */
#include "tools/lint_baseline.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/intern.h"
#include "base/vector.h"
#include "compiler/atomic.h"

static void
line_write(const struct pn_report *report, const struct pn_finding *f,
           struct pn_buffer *out)
{
    struct pn_str target = pn_finding_target(report, f);

    pn_buffer_add_text(out, pn_check_info[f->check].code);
    pn_buffer_add_text(out, " ");
    for (size_t i = 0; i < target.len; i++) {
        unsigned char c = (unsigned char)target.ptr[i];

        if (c < 0x20 || c == 0x7f)
            pn_buffer_add_format(out, "\\x%02x", c);
        else
            pn_buffer_add(out, &target.ptr[i], 1);
    }
}

/* How often each line stands there, and where first. */
struct known {
    struct pn_intern lines;
    size_t *counts;
    struct pn_span *spans;
    size_t capacity, span_capacity;
};

static bool
known_add(struct known *known, const struct pn_source *source, struct pn_span span)
{
    size_t before = known->lines.count;
    uint32_t number;

    if (!pn_intern_add(&known->lines, source->text + span.offset, span.size, &number) ||
        !pn_vector_reserve(&known->counts, &known->capacity, known->lines.count,
                           sizeof(*known->counts)) ||
        !pn_vector_reserve(&known->spans, &known->span_capacity, known->lines.count,
                           sizeof(*known->spans)))
        return false;
    if (number == before) {
        known->counts[number] = 0;
        known->spans[number] = span;
    }
    known->counts[number]++;
    return true;
}

static bool
known_read(struct known *known, const struct pn_source *source)
{
    for (size_t at = 0; at < source->size;) {
        const char *newline = memchr(source->text + at, '\n', source->size - at);
        size_t len =
            newline ? (size_t)(newline - source->text) - at : source->size - at;

        if (len && source->text[at] != '#' &&
            !known_add(known, source, (struct pn_span){ (uint32_t)at, (uint32_t)len }))
            return false;
        at += len + 1;
    }
    return true;
}

static bool
findings_mark(struct known *known, struct pn_report *report)
{
    struct pn_buffer line = { 0 };

    for (size_t i = 0; i < report->count && !line.failed; i++) {
        struct pn_finding *f = &report->items[i];
        uint32_t number;

        if (f->state != PN_FINDING_NEW)
            continue;
        line.size = 0;
        line_write(report, f, &line);
        if (!line.failed &&
            pn_intern_find(&known->lines, line.bytes, line.size, &number) &&
            known->counts && known->counts[number]) {
            known->counts[number]--;
            f->state = PN_FINDING_KNOWN;
        }
    }
    pn_buffer_free(&line);
    return !line.failed;
}

int
pn_baseline_apply(struct pn_tool *tool, const char *name, struct pn_report *report)
{
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    struct pn_source source = { 0 };
    struct known known = { 0 };
    bool good = fd >= 0 && pn_source_read(&source, name, fd, PN_SOURCE_SIZE_MAX) &&
                pn_source_index(&source);

    if (fd >= 0)
        close(fd);
    good = good && known_read(&known, &source) && findings_mark(&known, report);
    for (size_t i = 0; i < known.lines.count && good; i++)
        if (known.counts[i])
            pn_report_add(report, PN_CHECK_STALE_BASELINE, &source, known.spans[i]);
    pn_intern_clear(&known.lines);
    free(known.counts);
    free(known.spans);
    pn_source_clear(&source);
    if (good)
        return PN_EXIT_OK;
    return pn_tool_fail(tool, fd < 0 ? PN_EXIT_USAGE : PN_EXIT_SYSTEM,
                        (const char *const[]){ name, ": ", strerror(errno), NULL });
}

static int
by_text(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

static bool
lines_collect(const struct pn_report *report, bool keep_known, char ***out,
              size_t *count)
{
    size_t capacity = 0;

    for (size_t i = 0; i < report->count; i++) {
        const struct pn_finding *f = &report->items[i];
        struct pn_buffer line = { 0 };

        if (f->check == PN_CHECK_STALE_BASELINE || f->state == PN_FINDING_IGNORED ||
            (keep_known && f->state != PN_FINDING_KNOWN))
            continue;
        line_write(report, f, &line);
        pn_buffer_add(&line, "", 1);
        if (line.failed ||
            !pn_vector_reserve(out, &capacity, *count + 1, sizeof(**out))) {
            pn_buffer_free(&line);
            return false;
        }
        (*out)[(*count)++] = line.bytes;
    }
    if (*count)
        qsort(*out, *count, sizeof(**out), by_text);
    return true;
}

static bool
lines_write(const char *name, char **lines, size_t count)
{
    struct pn_output output;
    struct pn_atomic atomic;
    bool good;

    if (pn_atomic_open_unique(&atomic, name) != PN_ATOMIC_OK)
        return false;
    pn_output_begin(&output, atomic.fd);
    for (size_t i = 0; i < count; i++) {
        pn_output_text(&output, lines[i]);
        pn_output_text(&output, "\n");
    }
    good = pn_output_end(&output) && pn_atomic_sync(&atomic) &&
           pn_atomic_rename(&atomic, name);
    pn_atomic_close(&atomic, !good);
    return good;
}

int
pn_baseline_write(struct pn_tool *tool, const char *name,
                  const struct pn_report *report, bool keep_known)
{
    char **lines = NULL;
    size_t count = 0;
    bool good = lines_collect(report, keep_known, &lines, &count) &&
                lines_write(name, lines, count);
    int status = PN_EXIT_OK;

    if (!good)
        status =
            pn_tool_fail(tool, PN_EXIT_SYSTEM,
                         (const char *const[]){ name, ": ", strerror(errno), NULL });
    for (size_t i = 0; i < count; i++)
        free(lines[i]);
    free(lines);
    return status;
}
