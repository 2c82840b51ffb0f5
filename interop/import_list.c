/* A list of addresses as they are published, as one set: compiler/list_line.h reads it.
 */
#include "analysis/extent_text.h"
#include "base/diagnostic.h"
#include "compiler/list_faults.h"
#include "compiler/list_line.h"
#include "interop/table.h"

/* A set is one statement over many lines: a comma stands behind all but the last. */
struct set {
    struct pn_import *import;
    struct pn_buffer element; /* the one before, which is yet to be written */
    size_t line, count;       /* of that one */
    struct {
        enum pn_diag_id id;
        size_t count;
    } form; /* a fault of the whole file, told once */
};

static void
element_write(struct set *set, bool is_last)
{
    if (!set->count)
        return;
    if (!is_last)
        pn_buffer_add_text(&set->element, ",");
    set->import->failed |= set->element.failed;
    if (!set->import->failed)
        pn_import_statement(set->import, 0, set->line, pn_str_of(&set->element));
    set->element.size = 0;
}

static void
entry_add(struct set *set, const struct pn_list_line *line, size_t number)
{
    const struct pn_target *target = &line->target;
    const struct pn_interval range = { target->first, pn_list_line_last(target) };

    element_write(set, false);
    if (line->is_masked)
        pn_import_note(set->import, 0, number,
                       "bits are set behind the length: they are left out");
    pn_buffer_add_text(&set->element, set->count++ ? "    " : "set list = ");
    pn_interval_write(&set->element, &range, target->family);
    set->line = number;
}

static void
fault_tell(struct set *set, const struct pn_list_line *line, size_t number)
{
    const struct pn_diag_info *info = &pn_diag_info[line->fault];

    if (pn_list_fault_scope(line->fault) != PN_LIST_LINE) {
        if (set->form.count++ && set->form.id == line->fault)
            return;
        set->form.id = line->fault;
    }
    pn_import_error(set->import, 0, number, "\"%.*s\": %s",
                    (int)(line->at.len < 80 ? line->at.len : 80), line->at.ptr,
                    info->text);
}

static void
lines_read(struct set *set, const struct pn_source *source)
{
    struct pn_buffer scratch = { 0 };
    struct pn_list_reader reader = pn_list_begin(source, &scratch);
    const char *counted = source->text;
    struct pn_list_line line;
    size_t number = 1;

    while (!set->import->failed && pn_list_next(&reader, &line)) {
        const char *newline;

        while (counted < line.at.ptr &&
               (newline = memchr(counted, '\n', (size_t)(line.at.ptr - counted)))) {
            counted = newline + 1;
            number++;
        }
        if (line.fault != PN_DIAG_NONE && !line.has_entry)
            fault_tell(set, &line, number);
        else if (line.has_entry)
            entry_add(set, &line, number);
    }
    set->import->failed |= scratch.failed;
    pn_buffer_free(&scratch);
}

void
pn_import_list(struct pn_import *import)
{
    const struct pn_source *file = &import->files[0];
    const struct pn_str text = { file->text, file->size };
    enum pn_diag_id fault = pn_list_file_fault(text);
    bool allow = import->wants.listed_allow;
    struct set set = { .import = import };
    struct pn_source copy = { 0 };

    if (fault != PN_DIAG_NONE) {
        pn_import_error(import, 0, 0, "%s", pn_diag_info[fault].text);
        return;
    }
    if (!pn_source_from_text(&copy, file->name, text)) {
        import->failed = true;
        return;
    }
    pn_list_newlines(&copy);
    lines_read(&set, &copy);
    element_write(&set, true);
    if (set.count)
        pn_import_statement(import, 0, 0,
                            pn_str_of_text(allow ? "$list : allow" : "$list : deny"));
    else if (!import->has_errors)
        pn_import_note(import, 0, 0, "the list is empty");
    pn_table_others_write(import, 0, 0, !allow);
    pn_source_clear(&copy);
    pn_buffer_free(&set.element);
}
