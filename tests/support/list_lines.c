/*
 * Reads lists from standard input, each behind its size and a newline, and writes a
 * line for each: its entries as FAMILY:FIRST-LAST in hexadecimal, or "!" and the faults
 * of its lines. For a slow reader to compare with.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "compiler/list_faults.h"
#include "compiler/list_line.h"

static void
number_print(pn_number number)
{
    printf("%" PRIx64 "%016" PRIx64, (uint64_t)(number >> 64), (uint64_t)number);
}

static void
line_print(const struct pn_list_line *line)
{
    if (!line->has_entry) {
        printf(" !%s", pn_diag_info[line->fault].slug);
        return;
    }
    printf(" %u:", line->target.family);
    number_print(line->target.first);
    printf("-");
    number_print(pn_list_line_last(&line->target));
}

static bool
list_print(struct pn_source *source)
{
    enum pn_diag_id id =
        pn_list_file_fault((struct pn_str){ source->text, source->size });
    struct pn_buffer scratch = { 0 };
    struct pn_list_reader reader;
    struct pn_list_line line;
    bool good;

    if (id != PN_DIAG_NONE)
        printf(" !%s", pn_diag_info[id].slug);
    pn_list_newlines(source);
    reader = pn_list_begin(source, &scratch);
    while (id == PN_DIAG_NONE && pn_list_next(&reader, &line))
        line_print(&line);
    printf("\n");
    good = !scratch.failed;
    pn_buffer_free(&scratch);
    return good;
}

int
main(void)
{
    struct pn_source source;
    char line[32];
    bool good = true;

    while (good && fgets(line, sizeof(line), stdin)) {
        size_t size = strtoul(line, NULL, 10);
        char *text = malloc(size + 1);

        good = text && fread(text, 1, size, stdin) == size &&
               pn_source_from_text(&source, "list", (struct pn_str){ text, size });
        if (good) {
            good = list_print(&source);
            pn_source_clear(&source);
        }
        free(text);
    }
    return good && !ferror(stdout) ? EXIT_SUCCESS : EXIT_FAILURE;
}
