/*
 * The function answers as `check --batch`; the dictionary, of the layout ip_trie, has
 * every prefix with its answer, and `depends` where a host or an ident could change it:
 * only those rows have to go through the function.
 */
#include "tools/export_clickhouse.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/files.h"
#include "interop/written.h"
#include "tools/columns.h"
#include "tools/fresh_folder.h"

struct writing {
    const struct pn_exported *exported;
    const char *name;
    char *place; /* where the folder will be: an absolute path */
    struct pn_fresh_folder folder;
    struct pn_output table; /* of the dictionary */
    struct pn_columns columns;
};

/* What both of them tell; the function tells of what is no client too. */
#define TOLD "verdict,target,file,line"

static bool
file_put(struct writing *w, const char *ending, struct pn_str text)
{
    struct pn_buffer path = { 0 };
    bool put;

    pn_buffer_add_format(&path, "%s%s", w->name, ending);
    pn_buffer_add(&path, "", 1);
    if (path.failed)
        errno = ENOMEM;
    put = !path.failed && pn_fresh_folder_put(&w->folder, path.bytes, text, 0666);
    pn_buffer_free(&path);
    return put;
}

/* The compiled policy, as it is asked here. */
static bool
image_put(struct writing *w)
{
    const struct pn_rules_file *file = pn_exported_native(w->exported);
    int fd = file->image >= 0 ? dup(file->image)
                              : pn_files_open(file->name, O_RDONLY | O_CLOEXEC, 0);
    struct pn_source image = { .name = NULL };
    bool put = fd >= 0 && lseek(fd, 0, SEEK_SET) >= 0 &&
               pn_source_read(&image, file->name, fd, PN_SOURCE_SIZE_MAX) &&
               file_put(w, ".cdb", (struct pn_str){ image.text, image.size });

    if (fd >= 0)
        close(fd);
    pn_source_clear(&image);
    return put;
}

/* A row: a prefix, and what is told of it. */
static void
row_write(struct writing *w, const struct pn_span_answer *span, pn_number first,
          unsigned length, const struct pn_answer *answer)
{
    /* Nobody has an address that is IPv4 written as IPv6: the dictionary has both in
     * one tree, where those of IPv4 stand. */
    if (span->family == 6 && length >= 96 && pn_number_is_mapped(first))
        return;
    pn_written_address(&w->table, first, span->family);
    pn_output_format(&w->table, "/%u\t%d\t", length,
                     (span->beyond & PN_BEYOND_NAMES) != 0);
    pn_columns_answer(&w->columns, &w->table, answer);
}

static enum postern_status
span_write(struct writing *w, const struct pn_span_answer *span)
{
    struct pn_answer answer = { .decision = POSTERN_DECISION_INIT };
    enum postern_status status = POSTERN_OK;
    pn_number at = span->first, next;
    unsigned length;
    bool more;

    answer.decision.rule = span->rule;
    if (span->rule != POSTERN_RULE_NONE)
        status = pn_exported_place(w->exported, &answer);
    answer.decision.verdict = span->allows ? POSTERN_ALLOW : POSTERN_DENY;
    do {
        more = pn_range_cut(at, span->last, span->family, &length, &next);
        row_write(w, span, at, length, &answer);
        at = next;
    } while (more && status == POSTERN_OK);
    return status;
}

static enum postern_status
table_make(struct writing *w)
{
    const struct pn_spans *spans = &w->exported->spans;
    enum postern_status status = POSTERN_OK;
    struct pn_str wrong;

    (void)pn_columns_read(TOLD, &w->columns, &wrong);
    for (size_t i = 0; i < spans->count && status == POSTERN_OK; i++)
        status = span_write(w, &spans->items[i]);
    return status == POSTERN_OK && w->table.pending.failed ? POSTERN_E_NOMEM : status;
}

/* The pool keeps its processes: --follow has them see a policy that replaces this. */
static bool
function_put(struct writing *w)
{
    struct pn_buffer text = { 0 };
    bool put;

    pn_buffer_add_format(
        &text,
        "<functions>\n  <function>\n    <type>executable_pool</type>\n"
        "    <name>%s</name>\n"
        "    <argument><name>address</name><type>String</type></argument>\n"
        "    <argument><name>host</name><type>String</type></argument>\n"
        "    <argument><name>ident</name><type>String</type></argument>\n"
        "    <return_type>Tuple(verdict String, target Nullable(String), file "
        "Nullable(String), line Nullable(UInt32), error Nullable(String))"
        "</return_type>\n"
        "    <format>TabSeparated</format>\n"
        "    <execute_direct>0</execute_direct>\n"
        "    <command>exec postern check --batch --follow --input tsv --columns "
        "'(" TOLD ",error)' %s/%s.cdb 2&gt;/dev/null</command>\n"
        "    <pool_size>16</pool_size>\n"
        "  </function>\n</functions>\n",
        w->name, w->place, w->name);
    put = !text.failed && file_put(w, "_function.xml", pn_str_of(&text));
    pn_buffer_free(&text);
    return put;
}

static bool
sql_put(struct writing *w)
{
    struct pn_buffer text = { 0 };
    bool put;

    pn_buffer_add_format(
        &text,
        "-- What an address alone decides; depends is 1 where a host or an ident "
        "could change it.\n"
        "CREATE DICTIONARY IF NOT EXISTS %s_prefixes\n"
        "(\n    prefix String,\n    depends UInt8,\n    verdict String,\n"
        "    target String,\n    file String,\n    line UInt32\n)\n"
        "PRIMARY KEY prefix\n"
        "SOURCE(FILE(path '%s/%s.tsv' format 'TabSeparated'))\n"
        "LAYOUT(IP_TRIE)\nLIFETIME(MIN 30 MAX 60);\n\n"
        "CREATE FUNCTION IF NOT EXISTS %s_prefix AS (address) ->\n"
        "    dictGet('%s_prefixes', ('depends', 'verdict', 'target', 'file', 'line'), "
        "toIPv6(address));\n\n"
        "-- Of a table with columns address, host and ident ('-' for none):\n"
        "--   SELECT address, %s(address, host, ident).verdict FROM connections;\n"
        "-- and, by the function only where it is wanted:\n"
        "--   SELECT address, %s_prefix(address).2 FROM connections\n"
        "--       WHERE %s_prefix(address).1 = 0\n"
        "--   UNION ALL SELECT address, %s(address, host, ident).verdict\n"
        "--       FROM connections WHERE %s_prefix(address).1 = 1;\n",
        w->name, w->place, w->name, w->name, w->name, w->name, w->name, w->name,
        w->name, w->name);
    put = !text.failed && file_put(w, ".sql", pn_str_of(&text));
    pn_buffer_free(&text);
    return put;
}

/* An absolute path that needs no quotes for a shell, XML or SQL; NULL with errno. */
static char *
place_find(const char *dir)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "0123456789/._-+";
    struct pn_buffer path = { 0 };
    size_t size = strlen(dir), front;
    char *parent = NULL, *above;

    while (size > 1 && dir[size - 1] == '/')
        size--;
    for (front = size; front && dir[front - 1] != '/'; front--)
        continue;
    pn_buffer_add(&path, front ? dir : ".", front ? front : 1);
    pn_buffer_add(&path, "", 1);
    above = path.failed ? NULL : pn_files_real(path.bytes);
    path.size = 0;
    if (above) {
        pn_buffer_add_format(&path, "%s/%.*s", strcmp(above, "/") == 0 ? "" : above,
                             (int)(size - front), dir + front);
        pn_buffer_add(&path, "", 1);
    }
    free(above);
    errno = path.failed ? ENOMEM : errno;
    if (path.size && !path.failed) {
        errno = EINVAL;
        if (strspn(path.bytes, plain) == path.size - 1) {
            parent = path.bytes;
            path.bytes = NULL;
        }
    }
    pn_buffer_free(&path);
    return parent;
}

static int
folder_write(struct pn_tool *tool, struct writing *w, const char *dir)
{
    enum postern_status status;

    w->place = place_find(dir);
    if (!w->place && errno == EINVAL)
        return pn_tool_fail_of(tool, PN_EXIT_USAGE, dir,
                               "a shell, XML and SQL have to take its whole path as it "
                               "is: letters, digits and /._-+");
    if (!w->place || !pn_fresh_folder_begin(&w->folder, dir))
        return pn_tool_fail_system(
            tool, errno == EEXIST ? PN_EXIT_USAGE : PN_EXIT_SYSTEM, dir);
    status = table_make(w);
    if (status != POSTERN_OK)
        return pn_tool_fail_status(tool, w->exported->name, status);
    if (!image_put(w) || !file_put(w, ".tsv", pn_str_of(&w->table.pending)) ||
        !function_put(w) || !sql_put(w) || !pn_fresh_folder_end(&w->folder))
        return pn_tool_fail_system(tool, PN_EXIT_SYSTEM, dir);
    return PN_EXIT_OK;
}

int
pn_export_clickhouse(struct pn_tool *tool, const struct pn_common *common,
                     const char *file, const char *dir, const char *name)
{
    struct pn_exported exported = PN_EXPORTED_NONE;
    struct writing w = { .exported = &exported,
                         .name = name,
                         .folder = PN_FRESH_FOLDER_NONE };
    int status;

    exported.spans.by_rule = true;
    pn_output_begin(&w.table, -1);
    status = pn_exported_open(&exported, tool, common, file);
    if (status == PN_EXIT_OK)
        status = folder_write(tool, &w, dir);
    pn_fresh_folder_clear(&w.folder);
    pn_buffer_free(&w.table.pending);
    free(w.place);
    pn_exported_close(&exported);
    return status;
}
