/* postern feed: a customs office for lists. */
#define _GNU_SOURCE /* O_PATH */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/files.h"
#include "base/sizes.h"
#include "compiler/atomic.h"
#include "compiler/number_text.h"
#include "compiler/unit.h"
#include "tools/feed.h"
#include "tools/input/seen.h"
#include "tools/render/json.h"
#include "tools/verbs.h"

struct feed_config {
    struct pn_common common; /* first: see pn_tool_options() */
    const char *protect, *loss, *gain, *output;
    size_t min;
    bool verbose;
};

static const struct pn_option rows[] = {
    PN_COMMON_OPTIONS,
    PN_ROOT_OPTION,
    { "protect", 0, PN_OPTION_TEXT, offsetof(struct feed_config, protect), "PATH", NULL,
      "a policy that has the list, and must still hold" },
    { "max-loss", 0, PN_OPTION_TEXT, offsetof(struct feed_config, loss), "SHARE", NULL,
      "of OLD's addresses that may go (20%), or none" },
    { "max-gain", 0, PN_OPTION_TEXT, offsetof(struct feed_config, gain), "SHARE", NULL,
      "of as many that may come (20%), or none" },
    { "min", 0, PN_OPTION_COUNT, offsetof(struct feed_config, min), "N", NULL,
      "entries that NEW has at least" },
    { "output", 'o', PN_OPTION_TEXT, offsetof(struct feed_config, output), "FILE", NULL,
      "what NEW replaces (OLD)" },
    { "verbose", 'v', PN_OPTION_FLAG, offsetof(struct feed_config, verbose), NULL, NULL,
      "tell what came and went, also when all is fine" },
};

const struct pn_option_table pn_options_feed = { rows, PN_COUNT_OF(rows) };

enum { SHARE_USUAL = 20 * 100, SHARE_MOST = 1000000, DECIMALS = 2 };

/* "20%", "12.5" or "none". False when it is none of them. */
static bool
share_read(const char *text, uint32_t *out)
{
    uint64_t whole = 0, part = 0, unit = 100;
    const char *at = text;

    if (strcmp(text, "none") == 0) {
        *out = PN_FEED_UNBOUND;
        return true;
    }
    for (; *at >= '0' && *at <= '9' && whole <= SHARE_MOST; at++)
        whole = whole * 10 + (uint64_t)(*at - '0');
    if (at == text || whole > SHARE_MOST)
        return false;
    if (*at == '.') {
        for (at++; *at >= '0' && *at <= '9' && unit > 1; at++) {
            unit /= 10;
            part += (uint64_t)(*at - '0') * unit;
        }
        if (unit == 100)
            return false;
    }
    if (*at == '%')
        at++;
    *out = (uint32_t)(whole * 100 + part);
    return !*at;
}

static void
share_write(struct pn_buffer *out, uint32_t share)
{
    pn_buffer_add_format(out, "%u", share / 100);
    if (share % 100)
        pn_buffer_add_format(out, ".%02u", share % 100);
    pn_buffer_add_text(out, " %");
}

static void
loss_break(struct pn_feed *feed, uint8_t family, pn_number part, pn_number whole)
{
    struct pn_buffer *text = pn_feed_break(feed, PN_BOUND_LOSS, family);

    pn_share_write(text, part, whole);
    pn_buffer_add_format(text, " of its IPv%u addresses would go, and ", family);
    share_write(text, feed->loss);
    pn_buffer_add_text(text, " may");
}

static void
gain_break(struct pn_feed *feed, uint8_t family, pn_number part, pn_number whole)
{
    struct pn_buffer *text = pn_feed_break(feed, PN_BOUND_GAIN, family);

    if (!whole) {
        pn_buffer_add_format(text, "IPv%u addresses would come, and it has none",
                             family);
        return;
    }
    if (part > whole && part / whole > 1) {
        pn_number_write(text, part / whole);
        pn_buffer_add_format(
            text, " times as many IPv%u addresses would come as it has", family);
    } else if (part > whole) {
        pn_buffer_add_format(text, "more IPv%u addresses would come than it has",
                             family);
    } else {
        pn_share_write(text, part, whole);
        pn_buffer_add_format(text, " of as many IPv%u addresses as it has would come",
                             family);
    }
    pn_buffer_add_text(text, ", and ");
    share_write(text, feed->gain);
    pn_buffer_add_text(text, " may");
}

/* Shares of nothing are none: of a list that is not there or is empty they bind not. */
static void
shares_hold(struct pn_feed *feed)
{
    const struct pn_address_set *had = &feed->before.read.set;
    /* 2^128 addresses are told of as one fewer */
    const pn_number all = ~(pn_number)0;

    if (pn_address_set_is_empty(had))
        return;
    for (unsigned f = 0; f < PN_FAMILIES; f++) {
        const struct pn_intervals *whole = &had->families[f],
                                  *went = &feed->change.went.families[f],
                                  *came = &feed->change.came.families[f];
        pn_number size = pn_intervals_size(whole);

        if (whole->count && !size)
            size = all;
        if (feed->loss != PN_FEED_UNBOUND && pn_share_is_more(went, whole, feed->loss))
            loss_break(feed, pn_family_at(f),
                       pn_intervals_size(went) ? pn_intervals_size(went) : all, size);
        if (feed->gain != PN_FEED_UNBOUND && pn_share_is_more(came, whole, feed->gain))
            gain_break(feed, pn_family_at(f),
                       pn_intervals_size(came) ? pn_intervals_size(came) : all, size);
    }
}

static void
bounds_hold(struct pn_feed *feed)
{
    struct pn_buffer *text;

    shares_hold(feed);
    if (feed->after.read.entries >= feed->min)
        return;
    text = pn_feed_break(feed, PN_BOUND_MIN, 0);
    pn_buffer_add_format(text, "it would have %zu entr%s, and at least %zu are wanted",
                         feed->after.read.entries,
                         feed->after.read.entries == 1 ? "y" : "ies", feed->min);
}

/* Nobody waits for what has no end, and what the kernel makes up is no list. */
static int
text_read(struct pn_tool *tool, struct pn_feed_list *list)
{
    bool good;

    if (strcmp(list->name, "-") == 0)
        good = pn_source_read(&list->text, list->name, STDIN_FILENO, PN_UNIT_SIZE_MAX);
    else
        good = pn_read_file(NULL, list->name, PN_UNIT_SIZE_MAX, &list->text);
    list->exists = good;
    if (good)
        return PN_EXIT_OK;
    list->text = (struct pn_source){ 0 };
    if (errno == EINVAL || errno == PN_EKERNEL)
        return pn_tool_fail_of(tool, PN_EXIT_USAGE, list->name, "Not a regular file");
    return pn_tool_fail_of(tool, errno == ENOMEM ? PN_EXIT_SYSTEM : PN_EXIT_USAGE,
                           list->name, pn_files_error(errno));
}

static bool
has_finding(const struct pn_diags *diags, enum pn_diag_id id)
{
    for (size_t i = 0; i < diags->count; i++)
        if (diags->items[i].id == id)
            return true;
    return false;
}

static int
list_parse(struct pn_feed *feed, struct pn_feed_list *list)
{
    struct pn_diags *diags = &list->diags;
    enum pn_list_result result = pn_list_text_read(&list->read, &list->text, diags);
    bool is_new = list == &feed->after;

    if (result == PN_LIST_MEMORY)
        return pn_tool_fail_memory(feed->tool, list->name);
    if (result == PN_LIST_REFUSED || (is_new && has_finding(diags, PN_DIAG_LIST_CUT)))
        return pn_feed_unread(feed, diags);
    if (is_new && !list->read.entries)
        return pn_tool_failf(
            feed->tool, PN_EXIT_USAGE,
            "%s stays as it was: %s has no entry: did a download fail?", feed->out,
            list->name);
    return PN_EXIT_OK;
}

static int
list_open(struct pn_feed *feed, struct pn_feed_list *list)
{
    int status = text_read(feed->tool, list);

    return status == PN_EXIT_OK ? list_parse(feed, list) : status;
}

/* A list that is not there yet is an empty one. */
static int
before_open(struct pn_feed *feed)
{
    struct stat st;

    if (!pn_files_stat(feed->before.name, &st) && errno == ENOENT)
        return PN_EXIT_OK;
    return list_open(feed, &feed->before);
}

/* Where OUT is: a link stays, and what it leads to is replaced. */
static int
place_find(struct pn_feed *feed)
{
    struct stat st = { 0 };
    int fd;

    feed->place = pn_files_real(feed->out);
    if (!feed->place && errno == ENOENT) {
        fd = pn_files_open(feed->out, O_PATH | O_NOFOLLOW | O_CLOEXEC, 0);
        if (fd >= 0) {
            close(fd);
            return pn_tool_fail_of(feed->tool, PN_EXIT_SYSTEM, feed->out,
                                   "is a link that leads nowhere");
        }
        feed->place = strdup(feed->out);
    }
    if (!feed->place)
        return pn_tool_fail_system(feed->tool, PN_EXIT_SYSTEM, feed->out);
    if (pn_files_stat(feed->place, &st) && S_ISDIR(st.st_mode))
        return pn_tool_fail_of(feed->tool, PN_EXIT_USAGE, feed->out,
                               "is a folder, and a file is wanted");
    if (st.st_mode && !S_ISREG(st.st_mode))
        return pn_tool_fail_of(feed->tool, PN_EXIT_USAGE, feed->out,
                               "Not a regular file");
    return PN_EXIT_OK;
}

/* What OUT has now: OLD itself, or another file that need not be a list. */
static int
out_read(struct pn_feed *feed, struct pn_source *text, bool *exists)
{
    char *old = pn_files_real(feed->before.name);
    bool is_old =
        feed->out == feed->before.name || (old && strcmp(old, feed->place) == 0);

    free(old);
    *exists = feed->before.exists;
    if (is_old)
        return pn_source_from_text(
                   text, feed->out,
                   (struct pn_str){ feed->before.text.text, feed->before.text.size })
                   ? PN_EXIT_OK
                   : pn_tool_fail_memory(feed->tool, feed->out);
    *exists = pn_read_file(NULL, feed->place, PN_SOURCE_SIZE_MAX, text);
    if (*exists || errno == ENOENT)
        return PN_EXIT_OK;
    return pn_tool_fail_system(feed->tool, PN_EXIT_SYSTEM, feed->out);
}

static int
out_replace(struct pn_feed *feed, enum pn_feed_end *end)
{
    const struct pn_source *text = &feed->after.text;
    struct pn_source had = { 0 };
    struct pn_seen seen = { 0 };
    int status = out_read(feed, &had, &seen.existed);

    seen.text = (struct pn_str){ had.text, had.size };
    *end = PN_FEED_REPLACED;
    if (status == PN_EXIT_OK && seen.existed && had.size == text->size &&
        (!text->size || memcmp(had.text, text->text, text->size) == 0)) {
        *end = PN_FEED_EQUAL;
    } else if (status == PN_EXIT_OK) {
        pn_links_report(feed->tool, feed->place, 1);
        if (!pn_atomic_put_if(feed->place, text->text, text->size, pn_seen_is_still,
                              &seen))
            status = errno == ECANCELED
                         ? pn_tool_fail_of(feed->tool, PN_EXIT_SYSTEM, feed->out,
                                           PN_SEEN_CHANGED)
                         : pn_tool_fail_system(feed->tool, PN_EXIT_SYSTEM, feed->out);
    }
    pn_source_clear(&had);
    return status;
}

/* The same of bounds: all that break, in one line. */
static void
refusal_tell(struct pn_feed *feed)
{
    struct pn_buffer why = { 0 };

    for (size_t i = 0; i < feed->reason_count; i++) {
        pn_buffer_add_text(&why, i ? "; " : "");
        pn_buffer_add_str(&why, pn_str_of(&feed->reasons[i].text));
    }
    pn_buffer_add(&why, "", 1);
    (void)pn_tool_failf(feed->tool, 0, "%s stays as it was: %s", feed->out,
                        why.failed ? "a bound breaks" : why.bytes);
    pn_buffer_free(&why);
}

/*
 * What is odd in the new list is shown with a report, and without one where nobody has
 * seen it yet: an entry that takes in half of the world.
 */
static void
warnings_show(struct pn_feed *feed, bool verbose)
{
    if (feed->common->format != PN_FORMAT_JSON &&
        (verbose || (has_finding(&feed->after.diags, PN_DIAG_LIST_WIDE) &&
                     !has_finding(&feed->before.diags, PN_DIAG_LIST_WIDE))))
        pn_tool_diagnostics(feed->tool, feed->common, &feed->after.diags);
}

static int
feed_end(struct pn_feed *feed, bool verbose)
{
    bool json = feed->common->format == PN_FORMAT_JSON;
    enum pn_feed_end end = PN_FEED_REFUSED;
    int status = PN_EXIT_FINDINGS;

    if (feed->reason_count && !json)
        refusal_tell(feed);
    if (!feed->reason_count)
        status = out_replace(feed, &end);
    if (status > PN_EXIT_FINDINGS)
        return status;
    if (json)
        pn_feed_json(feed, end);
    else if (end == PN_FEED_REFUSED)
        pn_feed_text(feed, end, &feed->tool->err);
    else if (verbose)
        pn_feed_text(feed, end, &feed->tool->out);
    warnings_show(feed, verbose || end == PN_FEED_REFUSED);
    if (end == PN_FEED_REFUSED && !json)
        pn_tool_diagnostics(feed->tool, feed->common, &feed->claims);
    return status;
}

static int
feed_judge(struct pn_feed *feed, bool verbose)
{
    int status = place_find(feed);

    if (status == PN_EXIT_OK)
        status = before_open(feed);
    if (status == PN_EXIT_OK)
        status = list_open(feed, &feed->after);
    if (status == PN_EXIT_OK &&
        !pn_list_change_find(&feed->change, &feed->before.read.set,
                             &feed->after.read.set))
        status = pn_tool_fail_memory(feed->tool, feed->after.name);
    if (status == PN_EXIT_OK)
        bounds_hold(feed);
    if (status == PN_EXIT_OK && feed->protect)
        status = pn_feed_protect(feed);
    return status == PN_EXIT_OK ? feed_end(feed, verbose) : status;
}

static void
feed_clear(struct pn_feed *feed)
{
    struct pn_feed_list *lists[] = { &feed->before, &feed->after };

    for (size_t i = 0; i < PN_COUNT_OF(lists); i++) {
        pn_source_clear(&lists[i]->text);
        pn_list_read_clear(&lists[i]->read);
        pn_diags_clear(&lists[i]->diags);
    }
    for (size_t i = 0; i < feed->met_count; i++) {
        free(feed->met[i].set);
        free(feed->met[i].file);
        pn_address_set_clear(&feed->met[i].where);
    }
    free(feed->met);
    for (size_t i = 0; i < feed->reason_count; i++)
        pn_buffer_free(&feed->reasons[i].text);
    pn_list_change_clear(&feed->change);
    pn_diags_clear(&feed->claims);
    free(feed->place);
}

/* Every word that is no option has to be a file. */
static int
words_check(struct pn_feed *feed, const struct feed_config *config, int operands,
            char **argv)
{
    if (operands != 2)
        return pn_tool_usage(feed->tool, "two lists are wanted, OLD and NEW");
    feed->before.name = argv[0];
    feed->after.name = argv[1];
    feed->out = config->output ? config->output : argv[0];
    feed->protect = config->protect;
    feed->min = config->min;
    if (!*argv[0] || !*argv[1] || !*feed->out)
        return pn_tool_usage(feed->tool, "the name of a list is empty");
    if (strcmp(argv[0], "-") == 0 || strcmp(feed->out, "-") == 0)
        return pn_tool_usage(feed->tool, "only NEW may be -");
    if (config->protect && (!*config->protect || strcmp(config->protect, "-") == 0))
        return pn_tool_usage(feed->tool, "--protect takes the name of a policy");
    if ((config->loss && !share_read(config->loss, &feed->loss)) ||
        (config->gain && !share_read(config->gain, &feed->gain)))
        return pn_tool_usage(feed->tool,
                             "--max-loss and --max-gain take a share, 20% or 12.5%, "
                             "or none");
    return PN_EXIT_OK;
}

int
pn_verb_feed(struct pn_tool *tool, int argc, char **argv)
{
    struct feed_config config = { 0 };
    struct pn_feed feed = { .tool = tool,
                            .common = &config.common,
                            .loss = SHARE_USUAL,
                            .gain = SHARE_USUAL,
                            .before.diags = { .limit = PN_DIAGS_LIMIT },
                            .after.diags = { .limit = PN_DIAGS_LIMIT },
                            .claims = { .limit = PN_DIAGS_LIMIT } };
    int status, operands;

    if (!pn_tool_options(tool, argc, argv, &config, &operands, &status))
        return status;
    status = words_check(&feed, &config, operands, argv);
    if (status == PN_EXIT_OK)
        status = feed_judge(&feed, config.verbose);
    feed_clear(&feed);
    return status;
}
