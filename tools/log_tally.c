/* Counts lines, and says at the end of the file whether it is a log. */
#include "tools/log_tally.h"

#include <inttypes.h>
#include <string.h>

#include "base/sizes.h"

void
pn_log_tally_line(struct pn_log_tally *tally, const struct pn_query_line *line,
                  uint64_t number)
{
    tally->is_log |= line->is_log;
    if (line->kind != PN_QUERY_FAULTY)
        return;
    if (!tally->unread++) {
        tally->first = number;
        tally->fault = line->fault;
    }
}

void
pn_log_tally_add(struct pn_log_tally *tally, const struct pn_log_tally *more,
                 uint64_t lines)
{
    if (!tally->unread && more->unread) {
        tally->first = lines + more->first;
        tally->fault = more->fault;
    }
    tally->unread += more->unread;
    tally->is_log |= more->is_log;
}

int
pn_log_tally_end(const struct pn_log_tally *tally, struct pn_tool *tool,
                 const char *name)
{
    struct pn_output *err = &tool->err;

    if (!tally->unread)
        return PN_EXIT_OK;
    if (tally->is_log) {
        pn_output_text(err, name);
        pn_output_format(err,
                         ": note: %" PRIu64 " line%s that tell%s of no connection ",
                         tally->unread, tally->unread == 1 ? "" : "s",
                         tally->unread == 1 ? "s" : "");
        pn_output_format(err, "passed over, the first at line %" PRIu64 "\n",
                         tally->first);
        return PN_EXIT_OK;
    }
    pn_output_text(err, name);
    pn_output_format(err, ":%" PRIu64 ":1: error: %s\n", tally->first, tally->fault);
    if (tally->unread > 1)
        pn_output_format(err, "... and %" PRIu64 " more\n", tally->unread - 1);
    return PN_EXIT_USAGE;
}

bool
pn_log_is_packed(struct pn_tool *tool, const char *name, const char *bytes, size_t size)
{
    static const struct {
        const char *magic, *program, *unpack;
    } packers[] = {
        { "\x1f\x8b", "gzip", "zcat" },
        { "\xfd"
          "7zXZ",
          "xz", "xzcat" },
        { "BZh", "bzip2", "bzcat" },
        { "\x28\xb5\x2f\xfd", "zstd", "zstdcat" },
        { "\x04\x22\x4d\x18", "lz4", "lz4cat" },
    };

    for (size_t i = 0; i < PN_COUNT_OF(packers); i++)
        if (size >= strlen(packers[i].magic) &&
            memcmp(bytes, packers[i].magic, strlen(packers[i].magic)) == 0) {
            (void)pn_tool_failf(tool, PN_EXIT_USAGE,
                                "%s: packed by %s; unpack it, and read the log from "
                                "standard input: %s %s | ...",
                                name, packers[i].program, packers[i].unpack, name);
            return true;
        }
    return false;
}
