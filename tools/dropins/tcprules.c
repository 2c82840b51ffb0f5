/* tcprules CDB TMP < RULES: the drop-in compiler, with the original's words and
 * statuses. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/errno_text.h"
#include "base/output.h"
#include "base/process.h"
#include "compiler/atomic.h"
#include "compiler/compile.h"
#include "tools/render/text.h"

enum { EXIT_PERMANENT = 100, EXIT_TEMPORARY = 111 };

struct tcprules_run {
    const char *target, *temporary;
    struct pn_reader reader;
    struct pn_diags diags;
    struct pn_atomic atomic;
};

/* "tcprules: fatal: " and the parts, in one write. Returns the status to leave with. */
static int
fatal(int status, const char *const parts[])
{
    struct pn_output err;

    pn_output_begin(&err, STDERR_FILENO);
    pn_output_guard_terminal(&err);
    pn_output_text(&err, "tcprules: fatal: ");
    for (; *parts; parts++)
        pn_output_text(&err, *parts);
    pn_output_text(&err, "\n");
    (void)pn_output_end(&err); /* there is nowhere left to say it */
    return status;
}

static int
fatal_write(const struct tcprules_run *run, const char *reason)
{
    return fatal(EXIT_TEMPORARY,
                 (const char *const[]){ "unable to write to ", run->temporary, ": ",
                                        reason, NULL });
}

static int
fatal_memory(void)
{
    return fatal(EXIT_TEMPORARY, (const char *const[]){ "out of memory", NULL });
}

static int
open_temporary(struct tcprules_run *run)
{
    const char *reason = NULL;

    switch (
        pn_atomic_open_named(&run->atomic, run->target, run->temporary, STDIN_FILENO)) {
    case PN_ATOMIC_OK:
        return 0;
    case PN_ATOMIC_SYSTEM:
        reason = pn_errno_text(errno);
        break;
    case PN_ATOMIC_INPUT:
        reason = "it is the file that standard input reads from";
        break;
    case PN_ATOMIC_SPECIAL:
        reason = "it is not a regular file";
        break;
    }
    return fatal(EXIT_TEMPORARY,
                 (const char *const[]){ "unable to create ", run->temporary, ": ",
                                        reason, NULL });
}

/* The line as the original shows it: up to a NUL, without blanks at its end. */
static struct pn_str
shown_line(const struct pn_excerpt *at)
{
    struct pn_str line = { at->line_text, at->line_len };
    const char *nul;

    while (line.len &&
           (line.ptr[line.len - 1] == ' ' || line.ptr[line.len - 1] == '\t'))
        line.len--;
    nul = memchr(line.ptr, '\0', line.len);
    if (nul)
        line.len = (size_t)(nul - line.ptr);
    return line;
}

/* The place of what the original refuses first. */
static const struct pn_excerpt *
first_place(const struct pn_diags *diags, const struct pn_diag *first)
{
    return diags->refused.name ? &diags->refused : &first->at;
}

static const struct pn_diag *
first_error(const struct pn_diags *diags)
{
    for (size_t i = 0; i < diags->count; i++)
        if (pn_diag_info[diags->items[i].id].severity == PN_ERROR)
            return &diags->items[i];
    return NULL;
}

/* Nobody but scripts looks on, most of the time. */
static const struct pn_style plain = { 0 };

/* Warnings of a text that is compiled all the same. */
static void
warn(const struct tcprules_run *run)
{
    struct pn_output err;

    if (!run->diags.count)
        return;
    pn_output_begin(&err, STDERR_FILENO);
    pn_output_guard_terminal(&err);
    pn_render_text(&err, &run->diags, &plain);
    (void)pn_output_end(&err);
}

static int
refuse(const struct tcprules_run *run)
{
    const struct pn_diag *first = first_error(&run->diags);
    int status = EXIT_PERMANENT;
    struct pn_output err;

    if (!first)
        return fatal_memory();
    pn_output_begin(&err, STDERR_FILENO);
    pn_output_guard_terminal(&err);
    if (first->id == PN_DIAG_TOO_LARGE) { /* the original is out of (32-bit) room */
        status = fatal_write(run, pn_errno_text(ENOMEM));
    } else {
        struct pn_str line = shown_line(first_place(&run->diags, first));

        pn_output_text(&err, "tcprules: fatal: unable to parse this line: ");
        pn_output_add(&err, line.ptr, line.len);
        pn_output_text(&err, "\n");
    }
    pn_render_text(&err, &run->diags, &plain);
    (void)pn_output_end(&err);
    return status;
}

static int
compile(struct tcprules_run *run)
{
    static const struct pn_compile_options options = { .warn = true, .prove = true };

    switch (pn_compile(&run->reader, run->atomic.fd, &options, &run->diags)) {
    case PN_COMPILE_OK:
        warn(run);
        return 0;
    case PN_COMPILE_REFUSED:
        return refuse(run);
    case PN_COMPILE_READ:
        return fatal(EXIT_TEMPORARY,
                     (const char *const[]){
                         "unable to read input: ", pn_errno_text(errno), NULL });
    case PN_COMPILE_WRITE:
        return fatal_write(run, pn_errno_text(errno));
    case PN_COMPILE_MEMORY:
        return fatal_memory();
    case PN_COMPILE_MISMATCH:
        return fatal_write(run, "what was read back is not what was written");
    }
    return EXIT_TEMPORARY;
}

static int
install(struct tcprules_run *run)
{
    if (!pn_atomic_sync(&run->atomic))
        return fatal_write(run, pn_errno_text(errno));
    if (!pn_atomic_rename(&run->atomic, run->target))
        return fatal(EXIT_TEMPORARY,
                     (const char *const[]){ "unable to move ", run->temporary, " to ",
                                            run->target, ": ", pn_errno_text(errno),
                                            NULL });
    return 0;
}

static int
tcprules(struct tcprules_run *run)
{
    int status = open_temporary(run);

    if (status)
        return status;
    pn_reader_begin(&run->reader, "-", STDIN_FILENO);
    status = compile(run);
    return status ? status : install(run);
}

int
main(int argc, char **argv)
{
    struct tcprules_run run = { .reader = { .fd = -1 },
                                .diags = { .limit = PN_DIAGS_LIMIT },
                                .atomic = { .fd = -1, .at = -1 } };
    int status;

    if (argc < 3) {
        static const char usage[] = "tcprules: usage: tcprules rules.cdb rules.tmp\n";

        (void)pn_write_all(STDERR_FILENO, usage, sizeof(usage) - 1);
        return EXIT_PERMANENT;
    }
    pn_process_spare_memory();
    if (!pn_process_begin())
        return EXIT_TEMPORARY; /* and nowhere to say so */
    run.target = argv[1];
    run.temporary = argv[2];
    status = tcprules(&run);
    pn_atomic_close(&run.atomic, false);
    pn_reader_end(&run.reader);
    pn_diags_clear(&run.diags);
    return status;
}
